import Terminal

/// The forms in which a list leaves the control room.
enum ExportFormat: String, Sendable, CaseIterable {
    case csv, json, markdown

    /// The end of the file's name.
    var suffix: String { self == .markdown ? "md" : rawValue }

    /// The key that picks it.
    var key: Character {
        switch self {
        case .csv: "c"
        case .json: "j"
        case .markdown: "m"
        }
    }
}

extension Listing {
    /// The whole list; CSV and Markdown have the columns shown, JSON the rows as the engine sent
    /// them.
    func text(_ format: ExportFormat) -> String {
        switch format {
        case .csv:
            let lines =
                [columns.map(Self.quoted)] + rows().map { $0.map { Self.quoted($0.exported) } }
            return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
        case .json:
            let lines = records()
            return lines.isEmpty ? "[]\n" : "[\n" + lines.joined(separator: ",\n") + "\n]\n"
        case .markdown: return markdown
        }
    }

    /// RFC 4180: quoted where the field holds a comma, a quote or a line break.
    private static func quoted(_ field: String) -> String {
        let isPlain = field.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != 10 && byte != 13
        }
        guard !isPlain else { return field }
        return "\""
            + field.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        func safe(_ text: String) -> String {
            text.map { $0 == "|" ? "\\|" : $0.isNewline ? " " : String($0) }.joined()
        }
        let all = rows()
        let isNumber = columns.indices.map { column in
            all.contains { $0[column] != .none }
                && all.allSatisfy { row in
                    switch row[column] {
                    case .number, .none: true
                    default: false
                    }
                }
        }
        return line(columns.map(safe)) + line(isNumber.map { $0 ? "---:" : "---" })
            + all.map { line($0.map { safe($0.exported) }) }.joined()
    }
}
