import Domain
import Glibc

/// Where one cell's bytes lie in the block they were read into.
struct Cell {
    var start: Int32 = 0
    var end: Int32 = 0
    /// A JSON string: text, or a time, but never a number.
    var isString = false
    /// Holds doubled quotes or JSON escapes that are still to be undone.
    var isEscaped = false
}

/// Why one cell does not fit the type its column has.
struct CellProblem {
    let column: Int
    let wanted: ColumnType
}

/// What a reader hands its rows to.
protocol RowSink {
    /// Takes the next column of the file; JSON Lines finds columns as their first row comes.
    mutating func addColumn(_ name: String) throws(Refusal)
    /// Hears that no column will follow, before the first row; only where a header says so.
    mutating func finishHeader() throws(Refusal)
    /// Takes a row, one cell a column; where a cell is wrong, nothing of the row may be kept.
    mutating func addRow(
        _ bytes: Span<UInt8>,
        _ cells: borrowing [Cell]
    ) throws(Refusal) -> CellProblem?
    /// How many of the next rows may be passed over unread.
    var rowsToSkip: Int { get }
    mutating func skipped(_ rows: Int)
    /// Takes rows of plain numbers on a short road, as far as they go, and says where they end.
    mutating func addPlainRows(
        _ bytes: Span<UInt8>,
        from position: Int,
        to limit: Int
    ) throws(Refusal) -> (rows: Int, next: Int)
}

extension RowSink {
    var rowsToSkip: Int { 0 }
    mutating func skipped(_ rows: Int) {}
    mutating func addPlainRows(
        _ bytes: Span<UInt8>,
        from position: Int,
        to limit: Int
    ) throws(Refusal) -> (rows: Int, next: Int) {
        (0, position)
    }
}

/// Reads a file row by row; holds one block, or one row where that is longer.
struct RowReader: ~Copyable {
    /// A row longer than this is refused: without a limit one open quote would read the whole file.
    static let longestRow = 4 * 1024 * 1024
    static let mostColumns = 10_000

    private var source: ByteSource
    var buffer: [UInt8]
    /// Where the next row begins, and where the read bytes end.
    var position = 0
    var limit = 0
    /// Where the current line of JSON ends, without its line end.
    var lineEnd = 0
    private(set) var isAtEnd = false
    /// The line number of the next row, from 1.
    var line = 1
    let format: DataFormat
    var badRows: BadRows
    var columns: [String] = []
    var cells: [Cell] = []
    /// How many more rows are read.
    var rowsLeft = Int.max

    /// - Parameter format: What the bytes are; nil finds out from the bytes and the file's name.
    init(
        path: String,
        format: DataFormat?,
        badRowLimit: Int,
        onBlock: BlockHandler? = nil
    ) throws(Refusal) {
        var source = try ByteSource(path: path, onBlock: onBlock)
        var buffer = [UInt8](repeating: 0, count: ByteSource.blockBytes)
        let count = try source.read(into: &buffer, at: 0)
        let found = try recognize(
            buffer.span.extracting(0..<count),
            isCompressed: source.isCompressed,
            path: path
        )
        if let format, format.isCompressed != found.isCompressed {
            throw Refusal(
                .corrupt,
                "The file \"\(path)\" was recorded as \(format.rawValue), "
                    + "but is \(found.isCompressed ? "" : "not ")compressed."
            )
        }
        self.format = format ?? found
        self.source = source
        self.buffer = buffer
        limit = count
        isAtEnd = count == 0
        badRows = BadRows(path: path, limit: badRowLimit)
        if count >= 3 && buffer[0] == 0xEF && buffer[1] == 0xBB && buffer[2] == 0xBF {
            position = 3
        }
    }

    var path: String { source.path }
    var bytesRead: Int { source.bytesRead }

    /// Reads every row into the sink, or as many as are left to read.
    mutating func readAll(into sink: inout some RowSink) throws(Refusal) {
        switch format {
        case .csv, .csvGzip: try readCSV(into: &sink)
        case .jsonLines, .jsonLinesGzip: try readJSONLines(into: &sink)
        }
    }

    /// Brings in more bytes behind those of the unfinished row.
    ///
    /// - Returns: Whether there was room and something to read.
    mutating func refill() throws(Refusal) -> Bool {
        if isAtEnd { return false }
        if position > 0 {
            let rest = limit - position
            for index in 0..<rest { buffer[index] = buffer[position + index] }
            position = 0
            limit = rest
        }
        if limit == buffer.count {
            guard buffer.count < RowReader.longestRow else { return false }
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
        }
        let count = try source.read(into: &buffer, at: limit)
        limit += count
        isAtEnd = count == 0
        return count > 0
    }

    /// Moves over the next lines, empty ones not counted, as far as they end in the block and hold
    /// no quote, inside which a line could end.
    ///
    /// - Returns: How many lines were passed over, at most `most`.
    mutating func skipPlainLines(_ most: Int) -> Int {
        var count = 0
        while count < most {
            let start = position
            let end = firstByte(10, start, limit)
            guard end < limit, firstByte(34, start, end) == end else { break }
            position = end + 1
            line += 1
            let isEmpty = end == start || (end == start + 1 && buffer[start] == 13)
            if !isEmpty { count += 1 }
        }
        return count
    }

    /// Where this byte comes first; the end where it does not come.
    private func firstByte(_ byte: UInt8, _ start: Int, _ end: Int) -> Int {
        unsafe buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), end - start)
            else { return end }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Moves to the next line after the row that begins here, reading on where needed.
    mutating func skipLine() throws(Refusal) {
        var index = position
        while true {
            while index < limit {
                if buffer[index] == 10 {
                    position = index + 1
                    line += 1
                    return
                }
                index += 1
            }
            let searched = limit - position
            guard try refill() else { break }
            index = position + searched
        }
        position = limit
        line += 1
    }

    /// Refuses a file whose line cannot be held.
    func refuseLongLine() -> Refusal {
        Refusal(
            .invalid,
            "\"\(path)\", line \(line): the line is longer than 4 MB. Is this a text file?"
        )
    }

    /// Notes that a cell did not fit its column.
    mutating func noteProblem(_ problem: CellProblem) throws(Refusal) {
        let cell = cells[problem.column]
        let value = quoted(buffer.span.extracting(Int(cell.start)..<Int(cell.end)))
        try badRows.add(
            line: line,
            column: columns[problem.column],
            "\(value) is not \(problem.wanted.article)."
        )
    }

    /// Whether the bytes of a row are UTF-8.
    func isUnicode(_ start: Int, _ end: Int) -> Bool {
        (try? UTF8Span(validating: buffer.span.extracting(start..<end))) != nil
    }
}

extension ColumnType {
    /// For sentences: `a whole number`.
    var article: String {
        switch self {
        case .integer: "a whole number"
        case .decimal: "a number"
        case .boolean: "true or false"
        case .timestamp: "an ISO 8601 time"
        case .text: "text"
        }
    }
}

extension DataFormat {
    fileprivate var isCompressed: Bool { self == .csvGzip || self == .jsonLinesGzip }
}

/// Finds out what a file is from its first bytes and its name.
private func recognize(
    _ bytes: Span<UInt8>,
    isCompressed: Bool,
    path: String
) throws(Refusal) -> DataFormat {
    try refuseOtherFormats(bytes, path: path)
    if looksLikeJSONLines(bytes, path: path) {
        return isCompressed ? .jsonLinesGzip : .jsonLines
    }
    return isCompressed ? .csvGzip : .csv
}

private func looksLikeJSONLines(_ bytes: Span<UInt8>, path: String) -> Bool {
    var index = 0
    if bytes.count >= 3 && bytes[0] == 0xEF { index = 3 }
    while index < bytes.count
        && (bytes[index] == 32 || bytes[index] == 9 || bytes[index] == 10 || bytes[index] == 13)
    {
        index += 1
    }
    if index < bytes.count && bytes[index] == 123 { return true }
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    return [".jsonl", ".ndjson", ".json"].contains { name.hasSuffix($0) }
}

/// Says in words what a file is that cannot be read here.
private func refuseOtherFormats(_ bytes: Span<UInt8>, path: String) throws(Refusal) {
    func starts(_ magic: [UInt8]) -> Bool {
        guard bytes.count >= magic.count else { return false }
        return magic.indices.allSatisfy { bytes[$0] == magic[$0] }
    }
    let found: String? =
        if bytes.count == 0 {
            "is empty. It needs a header and rows"
        } else if starts([0x50, 0x41, 0x52, 0x31]) {
            "is a Parquet file. Convert it to CSV"
        } else if starts([0x50, 0x4B, 3, 4]) {
            "is a zip archive or a spreadsheet. Save it as CSV"
        } else if starts([0x28, 0xB5, 0x2F, 0xFD]) {
            "is compressed with zstd. Use gzip or no compression"
        } else if starts([0xFF, 0xFE]) || starts([0xFE, 0xFF]) {
            "is UTF-16 text. Convert it with \"iconv -f utf-16 -t utf-8\""
        } else if starts([91]) {
            "is a JSON array. Write one object a line (\"jq -c '.[]'\")"
        } else {
            nil
        }
    if let found { throw Refusal(.invalid, "The file \"\(path)\" \(found).") }
}
