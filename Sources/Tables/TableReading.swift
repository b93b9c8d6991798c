package import Domain

/// A table and what its file lost on the way.
package struct TableReading: Sendable, Equatable {
    package let table: Table
    package let badRows: Int
    /// A sentence each with file, line, column and value, for the first 20 bad rows.
    package let badRowMessages: [String]
}

/// Reads the wanted columns of a CSV or JSON Lines file, plain or gzip, into memory.
///
/// - Parameters:
///   - format: As recorded for these bytes; nil finds it out.
///   - schema: The types to read, such as a dataset version's.
///   - columns: The names wanted, in the order they get; nil takes the whole schema.
///   - badRowLimit: How many rows that do not fit are passed over; 0 tolerates none.
package func readTable(
    fileAt path: String,
    format: DataFormat? = nil,
    schema: [ColumnSchema],
    columns: [String]? = nil,
    badRowLimit: Int = 100
) throws(Refusal) -> TableReading {
    var builders: [ColumnBuilder] = []
    for name in columns ?? schema.map(\.name) {
        guard let found = schema.first(where: { $0.name == name }) else {
            throw Refusal(.invalid, absenceMessage(of: name, among: schema.map(\.name)))
        }
        builders.append(ColumnBuilder(name: name, type: found.type))
    }
    var reader = try RowReader(path: path, format: format, badRowLimit: badRowLimit)
    var sink = TableSink(path: path, builders: builders)
    try reader.readAll(into: &sink)
    return try TableReading(sink, reader.badRows)
}

extension TableReading {
    fileprivate init(_ sink: TableSink, _ badRows: BadRows) throws(Refusal) {
        table = try Table(columns: sink.builders.map { $0.column })
        self.badRows = badRows.count
        badRowMessages = badRows.messages
    }
}

/// Fills the wanted columns row by row.
private struct TableSink: RowSink {
    let path: String
    private(set) var builders: [ColumnBuilder]
    private var fileColumns: [String] = []
    /// Where in a row the cells of each builder lie; nil while the file has not shown the column.
    private var places: [Int?]

    init(path: String, builders: [ColumnBuilder]) {
        self.path = path
        self.builders = builders
        places = builders.map { _ in nil }
    }

    mutating func addColumn(_ name: String) {
        if let index = builders.firstIndex(where: { $0.name == name }) {
            places[index] = fileColumns.count
        }
        fileColumns.append(name)
    }

    mutating func finishHeader() throws(Refusal) {
        for (index, place) in places.enumerated() where place == nil {
            throw Refusal(
                .invalid,
                "In \"\(path)\": " + absenceMessage(of: builders[index].name, among: fileColumns)
            )
        }
    }

    mutating func addRow(_ bytes: Span<UInt8>, _ cells: borrowing [Cell]) -> CellProblem? {
        for index in builders.indices {
            guard let place = places[index] else {
                builders[index].appendMissing()
                continue
            }
            let (start, end) = (Int(cells[place].start), Int(cells[place].end))
            if builders[index].append(bytes, start, end) { continue }
            for earlier in 0..<index { builders[earlier].removeLast() }
            return CellProblem(column: place, wanted: builders[index].type)
        }
        return nil
    }
}

/// One column as it grows.
private struct ColumnBuilder {
    let name: String
    let type: ColumnType
    private var numbers: [Double] = []
    private var times: [Int64] = []
    private var codes: [Int32] = []
    private var levels = ByteDictionary()

    init(name: String, type: ColumnType) {
        self.name = name
        self.type = type
    }

    var column: NamedColumn {
        let cells: Column =
            switch type {
            case .integer, .decimal, .boolean: .numbers(numbers)
            case .timestamp: .times(times)
            case .text: .texts(TextColumn(levels: levels.texts, codes: codes))
            }
        return NamedColumn(name: name, type: type, cells: cells)
    }

    mutating func appendMissing() {
        switch type {
        case .integer, .decimal, .boolean: numbers.append(.nan)
        case .timestamp: times.append(Column.missingTime)
        case .text: codes.append(-1)
        }
    }

    mutating func removeLast() {
        switch type {
        case .integer, .decimal, .boolean: numbers.removeLast()
        case .timestamp: times.removeLast()
        case .text: codes.removeLast()
        }
    }

    /// Takes a cell; returns false, and takes nothing, where it does not fit the type.
    mutating func append(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        if type != .text, let number = parseNumber(bytes, start, end) {
            guard type == .decimal || type == .integer && number.isInteger else { return false }
            numbers.append(number.value)
            return true
        }
        if isMissing(bytes, start, end) {
            appendMissing()
            return true
        }
        switch type {
        case .integer, .decimal: return false
        case .boolean:
            guard let value = parseBoolean(bytes, start, end) else { return false }
            numbers.append(value ? 1 : 0)
        case .timestamp:
            guard let value = parseTime(bytes, start, end) else { return false }
            times.append(value)
        case .text: codes.append(Int32(levels.insert(bytes, start, end)))
        }
        return true
    }
}
