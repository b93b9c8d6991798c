package import Domain

/// Numbers of some rows that follow each other, column by column in one array.
package struct NumberBatch {
    /// Column `c` lies in `range(of: c)`; NaN is missing or no number.
    package fileprivate(set) var numbers: [Double]
    package fileprivate(set) var rowCount = 0

    /// Small enough that some tens of columns stay in the processor's second cache; no power of
    /// two, so that the columns do not compete for the same places of the first.
    fileprivate static let capacity = 2_008

    fileprivate init(columns: Int) {
        numbers = [Double](repeating: .nan, count: columns * Self.capacity)
    }

    package func range(of column: Int) -> Range<Int> {
        column * Self.capacity..<column * Self.capacity + rowCount
    }
}

/// What is known of a file's columns after its rows went by.
package struct StreamReading: Sendable, Equatable {
    /// Cells that are there but are no numbers, in a column wanted as numbers.
    package struct Misfits: Sendable, Equatable {
        package fileprivate(set) var count = 0
        /// The first of them, shortened.
        package fileprivate(set) var example = ""
    }

    /// A column wanted as numbers.
    package struct Numbers: Sendable, Equatable {
        package let name: String
        /// Rows at equal distances, in their order; all rows where they are few.
        package fileprivate(set) var sample: [Double] = []
        package fileprivate(set) var misfits = Misfits()
    }

    /// A column wanted as texts.
    package struct Texts: Sendable, Equatable {
        package let name: String
        /// Rows of each different text.
        package fileprivate(set) var counts: [String: Int] = [:]
        package fileprivate(set) var missing = 0
    }

    /// The file's columns in its order.
    package fileprivate(set) var names: [String] = []
    package fileprivate(set) var numbers: [Numbers] = []
    package fileprivate(set) var texts: [Texts] = []
    package fileprivate(set) var rows = 0
    package fileprivate(set) var badRows = 0
    /// A sentence each with file, line, column and value, for the first 20 bad rows.
    package fileprivate(set) var badRowMessages: [String] = []
}

/// Reads the wanted columns of a CSV or JSON Lines file, plain or gzip, without holding its rows.
///
/// A wanted column that the file does not have is missing in every row and not among the names.
/// Memory is one block, one batch, the sample and the different texts, whatever the file's length.
///
/// - Parameters:
///   - numbers: Names of the columns read as numbers; what is no number is counted as a misfit.
///   - texts: Names of the columns read as texts.
///   - sampleRows: At most how many rows are kept as a sample, and at least half as many.
///   - badRowLimit: How many rows that cannot be read at all are passed over.
///   - onBatch: Takes the numbers of all rows, in their order; nil reads the rows of the sample
///     and, where it can, passes over the others unread, so that texts and rows are not counted.
package func readStream(
    fileAt path: String,
    numbers: [String],
    texts: [String] = [],
    sampleRows: Int = 50_000,
    badRowLimit: Int = 100,
    onBatch: ((borrowing NumberBatch) throws(Refusal) -> Void)? = nil
) throws(Refusal) -> StreamReading {
    var reader = try RowReader(path: path, format: nil, badRowLimit: badRowLimit)
    var sink = StreamSink(numbers: numbers, texts: texts, sampleRows: sampleRows, onBatch: onBatch)
    try reader.readAll(into: &sink)
    var reading = try sink.finished()
    reading.badRows = reader.badRows.count
    reading.badRowMessages = reader.badRows.messages
    guard reading.rows > 0 else {
        let first = reading.badRowMessages.first.map { " The first bad row: \($0)" } ?? ""
        throw Refusal(.invalid, "The file \"\(path)\" has no rows that can be read.\(first)")
    }
    return reading
}

/// Fills batches of numbers and counts texts.
private struct StreamSink: RowSink {
    /// What a column of the file is read as, with its position among those of its kind.
    private enum Use {
        case number(Int)
        case text(Int)
        case unused
    }

    private let onBatch: ((borrowing NumberBatch) throws(Refusal) -> Void)?
    private let sampleRows: Int
    private var reading = StreamReading()
    private var uses: [Use] = []
    /// Where each column of the file goes in a batch, -1 for nowhere; nil where one holds texts.
    private var plainPlaces: [Int]? = []
    private var batch: NumberBatch
    private var levels: [ByteDictionary]
    private var levelCounts: [[Int]]
    private let powers = PowersOfTen()
    /// Every so-manieth row is in the sample.
    private var stride = 1
    /// Rows taken or passed over until the current batch began, and since.
    private var rowsBefore = 0
    private var rowsInBatch = 0

    init(
        numbers: [String],
        texts: [String],
        sampleRows: Int,
        onBatch: ((borrowing NumberBatch) throws(Refusal) -> Void)?
    ) {
        self.onBatch = onBatch
        self.sampleRows = sampleRows
        reading.numbers = numbers.map { StreamReading.Numbers(name: $0) }
        reading.texts = texts.map { StreamReading.Texts(name: $0) }
        batch = NumberBatch(columns: numbers.count)
        levels = texts.map { _ in ByteDictionary() }
        levelCounts = texts.map { _ in [] }
    }

    mutating func addColumn(_ name: String) {
        reading.names.append(name)
        if let place = reading.numbers.firstIndex(where: { $0.name == name }) {
            uses.append(.number(place))
            plainPlaces?.append(place)
        } else if let place = reading.texts.firstIndex(where: { $0.name == name }) {
            uses.append(.text(place))
            plainPlaces = nil
        } else {
            uses.append(.unused)
            plainPlaces?.append(-1)
        }
    }

    mutating func finishHeader() {}

    /// Only where no batch is asked for and the sample is thin already.
    var rowsToSkip: Int {
        guard onBatch == nil, stride > 1 else { return 0 }
        let past = (rowsBefore + rowsInBatch) % stride
        return past == 0 ? 0 : stride - past
    }

    mutating func skipped(_ rows: Int) { rowsInBatch += rows }

    mutating func addRow(
        _ bytes: Span<UInt8>,
        _ cells: borrowing [Cell]
    ) throws(Refusal) -> CellProblem? {
        // A row that could not be passed over unread, such as one with quotes.
        if rowsToSkip > 0 {
            skipped(1)
            return nil
        }
        let row = batch.rowCount
        for (place, use) in uses.enumerated() {
            let (start, end) = (Int(cells[place].start), Int(cells[place].end))
            switch use {
            case .number(let column):
                let position = column * NumberBatch.capacity + row
                batch.numbers[position] = number(bytes, start, end, column)
            case .text(let column): addText(bytes, start, end, column)
            case .unused: break
            }
        }
        try finishRows(1)
        return nil
    }

    private mutating func number(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ column: Int
    ) -> Double {
        if let number = parseNumber(bytes, start, end) { return number.value }
        if !isMissing(bytes, start, end) {
            if reading.numbers[column].misfits.count == 0 {
                let cell = bytes.extracting(start..<end)
                reading.numbers[column].misfits.example = shortened(cell)
            }
            reading.numbers[column].misfits.count += 1
        }
        return .nan
    }

    private mutating func addText(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ column: Int
    ) {
        if isMissing(bytes, start, end) { return }
        let level = levels[column].insert(bytes, start, end)
        if level == levelCounts[column].count { levelCounts[column].append(0) }
        levelCounts[column][level] += 1
    }

    /// Rows of plain numbers as long as they come; the others take the road of `addRow`.
    mutating func addPlainRows(
        _ bytes: Span<UInt8>,
        from position: Int,
        to limit: Int
    ) throws(Refusal) -> (rows: Int, next: Int) {
        guard let places = plainPlaces, !places.isEmpty else { return (0, position) }
        var (rows, next) = (0, position)
        while rowsToSkip == 0 {
            let room = NumberBatch.capacity - batch.rowCount
            let most = stride > 1 && onBatch == nil ? 1 : room
            let taken = readPlainRows(bytes, from: next, to: limit, most: most, places: places)
            guard taken.rows > 0 else { break }
            rows += taken.rows
            next = taken.next
            try finishRows(taken.rows)
        }
        return (rows, next)
    }

    private mutating func readPlainRows(
        _ bytes: Span<UInt8>,
        from start: Int,
        to limit: Int,
        most: Int,
        places: [Int]
    ) -> (rows: Int, next: Int) {
        let raw = unsafe bytes.bytes
        // Out of self: a span into it and one that writes to it would overlap.
        let powers = self.powers
        let (numbers, wholes) = (powers.numbers.span, powers.wholes.span)
        let last = limit - plainNumberReach
        let first = batch.rowCount
        let places = places.span
        var values = batch.numbers.mutableSpan
        var (rows, next) = (0, start)
        var decimals = 0
        while rows < most {
            var cursor = next
            for column in places.indices {
                guard cursor < last,
                    let value = parsePlainNumber(raw, &cursor, &decimals, numbers, wholes)
                else { return (rows, next) }
                let isLast = column == places.count - 1
                var end = unsafe raw.unsafeLoad(fromUncheckedByteOffset: cursor, as: UInt8.self)
                cursor += 1
                if end == 13 {
                    end = unsafe raw.unsafeLoad(fromUncheckedByteOffset: cursor, as: UInt8.self)
                    cursor += 1
                }
                guard end == (isLast ? 10 : 44) else { return (rows, next) }
                let place = places[column]
                if place >= 0 { values[place * NumberBatch.capacity + first + rows] = value }
            }
            // An empty line of a file with one column is no row.
            if places.count == 1, cursor - next < 3 { return (rows, next) }
            rows += 1
            next = cursor
        }
        return (rows, next)
    }

    private mutating func finishRows(_ rows: Int) throws(Refusal) {
        batch.rowCount += rows
        rowsInBatch += rows
        reading.rows += rows
        if batch.rowCount == NumberBatch.capacity { try flush() }
    }

    private mutating func flush() throws(Refusal) {
        if let onBatch {
            try onBatch(batch)
            // From the first row of the batch that is at the right distance.
            let first = (stride - rowsBefore % stride) % stride
            keep(Swift.stride(from: first, to: batch.rowCount, by: stride))
        } else {
            keep(Swift.stride(from: 0, to: batch.rowCount, by: 1))
        }
        rowsBefore += rowsInBatch
        rowsInBatch = 0
        batch.rowCount = 0
    }

    private mutating func keep(_ rows: StrideTo<Int>) {
        for column in reading.numbers.indices {
            let start = column * NumberBatch.capacity
            for row in rows { reading.numbers[column].sample.append(batch.numbers[start + row]) }
        }
        while let count = reading.numbers.first?.sample.count, count > sampleRows {
            stride *= 2
            for column in reading.numbers.indices {
                let sample = reading.numbers[column].sample
                reading.numbers[column].sample = Swift.stride(from: 0, to: count, by: 2).map {
                    sample[$0]
                }
            }
        }
    }

    mutating func finished() throws(Refusal) -> StreamReading {
        if batch.rowCount > 0 { try flush() }
        for column in reading.texts.indices {
            let counts = levelCounts[column]
            for (level, text) in levels[column].texts.enumerated() {
                reading.texts[column].counts[text] = counts[level]
            }
            reading.texts[column].missing = reading.rows - counts.reduce(0, +)
        }
        return reading
    }
}
