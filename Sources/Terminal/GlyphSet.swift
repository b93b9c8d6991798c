/// The characters that the program draws its own marks with.
package struct GlyphSet: Hashable, Sendable {
    /// Whether only ASCII may reach the terminal.
    package let isASCII: Bool

    package static let unicode = GlyphSet(isASCII: false)
    package static let ascii = GlyphSet(isASCII: true)

    private init(isASCII: Bool) {
        self.isASCII = isASCII
    }

    package var topLeft: Character { isASCII ? "+" : "╭" }
    package var topRight: Character { isASCII ? "+" : "╮" }
    package var bottomLeft: Character { isASCII ? "+" : "╰" }
    package var bottomRight: Character { isASCII ? "+" : "╯" }
    package var horizontal: Character { isASCII ? "-" : "─" }
    package var vertical: Character { isASCII ? "|" : "│" }
    package var dashed: Character { isASCII ? "-" : "╌" }
    package var verticalDashed: Character { isASCII ? ":" : "┊" }
    package var cross: Character { isASCII ? "+" : "┼" }
    package var axisLeft: Character { isASCII ? "|" : "┤" }
    package var axisDown: Character { isASCII ? "+" : "┬" }
    package var axisCorner: Character { isASCII ? "+" : "└" }
    package var branch: Character { isASCII ? "|" : "├" }
    package var branchEnd: Character { isASCII ? "`" : "└" }

    package var ok: Character { isASCII ? "*" : "●" }
    package var warning: Character { isASCII ? "!" : "▲" }
    package var bad: Character { isASCII ? "x" : "✖" }
    package var pending: Character { isASCII ? "?" : "◆" }
    package var idle: Character { isASCII ? "-" : "○" }
    package var node: Character { isASCII ? "o" : "○" }
    package var running: Character { isASCII ? ">" : "▶" }
    package var done: Character { isASCII ? "+" : "✔" }
    package var rowMark: Character { isASCII ? ">" : "›" }
    package var marked: Character { isASCII ? "#" : "✓" }
    package var ascending: Character { isASCII ? "^" : "▲" }
    package var descending: Character { isASCII ? "v" : "▼" }
    package var arrowRight: Character { isASCII ? ">" : "→" }
    package var arrowHead: Character { isASCII ? ">" : "▶" }
    package var ellipsis: Character { isASCII ? "~" : "…" }
    package var barFull: Character { isASCII ? "#" : "█" }
    package var barEmpty: Character { isASCII ? "." : "░" }
    package var barReference: Character { isASCII ? "=" : "▒" }

    /// Heights of a one-row chart, lowest first.
    package var levels: [Character] {
        isASCII ? Array("_.-=+*#@") : Array("▁▂▃▄▅▆▇█")
    }

    /// The mark that stands for a status role beside its colour.
    package func mark(for role: Role) -> Character {
        switch role {
        case .ok: ok
        case .warning: warning
        case .bad: bad
        case .pending: pending
        default: idle
        }
    }

    /// The nearest ASCII character of the same width; a question mark for what has none.
    package static func asciiFallback(for character: Character) -> Character {
        if character.isASCII { return character }
        if let found = fallbacks[character] { return found }
        guard let scalar = character.unicodeScalars.first else { return "?" }
        switch scalar.value {
        case 0x2400...0x2421: return "?"
        case 0x2500...0x257F: return "+"
        case 0x2581...0x2588: return Array("_.-=+*#@")[Int(scalar.value - 0x2581)]
        case 0x2800...0x28FF: return scalar.value == 0x2800 ? " " : "*"
        default: return "?"
        }
    }

    private static let fallbacks: [Character: Character] = {
        let pairs: [(String, String)] = [
            ("╭╮╰╯┌┐└┘├┤┬┴┼", "+++++++++++++"), ("─━╌┄═", "-----"), ("│┃┊║", "||:|"),
            ("●▲✖◆○▶✔›✓▼◀•◇", "*!x?->+>#v<*o"), ("→←↑↓↔⇄", "><^v=="), ("…·—–⋮−×÷±", "~---:-x/~"),
            ("“”‘’«»", "\"\"''<>"), ("░▒▓█▏▎▍▌▋▊▉", ".=##||||###"), ("≥≤≈≠µσΔ", "><~!usd"),
            ("⏎↵␣", "<<_"),
        ]
        var table: [Character: Character] = [:]
        for (from, to) in pairs {
            for (one, other) in zip(from, to) { table[one] = other }
        }
        return table
    }()
}
