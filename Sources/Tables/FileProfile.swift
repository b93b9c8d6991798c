package import Domain

/// Receives every block of a file's bytes as they lie on the disk, still compressed where they are.
package typealias BlockHandler = (Span<UInt8>) throws(Refusal) -> Void

/// What one pass over a file found.
package struct FileProfile: Sendable, Equatable {
    package let format: DataFormat
    /// Rows that were read; bad rows are not among them.
    package let rows: Int
    package let badRows: Int
    /// A sentence each with file, line, column and value, for the first 20 bad rows.
    package let badRowMessages: [String]
    /// The file's length on the disk.
    package let bytes: Int
    package let columns: [ColumnProfile]

    package init(
        format: DataFormat,
        rows: Int,
        badRows: Int,
        badRowMessages: [String],
        bytes: Int,
        columns: [ColumnProfile]
    ) {
        self.format = format
        self.rows = rows
        self.badRows = badRows
        self.badRowMessages = badRowMessages
        self.bytes = bytes
        self.columns = columns
    }

    package var schema: [ColumnSchema] {
        columns.map { ColumnSchema(name: $0.name, type: $0.type) }
    }
}

/// Reads a CSV or JSON Lines file, plain or gzip, once, and says what its columns hold.
///
/// - Parameters:
///   - path: The file; its format is found from its bytes and then from its name.
///   - schema: Where given, a cell that does not fit its column's type makes its row a bad one.
///   - badRowLimit: How many bad rows are passed over; 0 tolerates none.
///   - rowLimit: Rows after so many are not looked at.
///   - onBlock: Receives the bytes as they lie on the disk, to file them in the same pass.
/// - Throws: A file that cannot be read, has no header or rows, or has too many bad rows.
package func profile(
    fileAt path: String,
    schema: [ColumnSchema] = [],
    badRowLimit: Int = 100,
    rowLimit: Int = .max,
    onBlock: BlockHandler? = nil
) throws(Refusal) -> FileProfile {
    var reader = try RowReader(
        path: path,
        format: nil,
        badRowLimit: badRowLimit,
        onBlock: onBlock
    )
    reader.rowsLeft = rowLimit
    var sink = ProfileSink(schema: schema)
    try reader.readAll(into: &sink)
    guard sink.rows > 0 else {
        let first = reader.badRows.messages.first.map { " The first bad row: \($0)" } ?? ""
        throw Refusal(.invalid, "The file \"\(path)\" has no rows that can be read.\(first)")
    }
    return FileProfile(
        format: reader.format,
        rows: sink.rows,
        badRows: reader.badRows.count,
        badRowMessages: reader.badRows.messages,
        bytes: reader.bytesRead,
        columns: sink.columns.map { $0.profile(rows: sink.rows) }
    )
}

/// Gives every column its cells.
private struct ProfileSink: RowSink {
    private let types: [String: ColumnType]
    private(set) var columns: [ColumnAccumulator] = []
    private var wanted: [ColumnType?] = []
    private(set) var rows = 0

    init(schema: [ColumnSchema]) {
        types = Dictionary(schema.map { ($0.name, $0.type) }) { first, _ in first }
    }

    mutating func addColumn(_ name: String) {
        columns.append(ColumnAccumulator(name: name))
        wanted.append(types[name])
    }

    mutating func finishHeader() {}

    mutating func addRow(_ bytes: Span<UInt8>, _ cells: borrowing [Cell]) -> CellProblem? {
        if !types.isEmpty, let problem = check(bytes, cells) { return problem }
        for index in columns.indices {
            let cell = cells[index]
            columns[index].add(bytes, Int(cell.start), Int(cell.end), isString: cell.isString)
        }
        rows += 1
        return nil
    }

    private func check(_ bytes: Span<UInt8>, _ cells: borrowing [Cell]) -> CellProblem? {
        for index in columns.indices {
            guard let type = wanted[index] else { continue }
            let (start, end) = (Int(cells[index].start), Int(cells[index].end))
            if !fits(bytes, start, end, type) { return CellProblem(column: index, wanted: type) }
        }
        return nil
    }
}

/// Whether a cell can be read as this type.
private func fits(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ type: ColumnType) -> Bool {
    if type == .text || isMissing(bytes, start, end) { return true }
    return switch type {
    case .integer: parseNumber(bytes, start, end)?.isInteger == true
    case .decimal: parseNumber(bytes, start, end) != nil
    case .boolean: parseBoolean(bytes, start, end) != nil
    case .timestamp: parseTime(bytes, start, end) != nil
    case .text: true
    }
}
