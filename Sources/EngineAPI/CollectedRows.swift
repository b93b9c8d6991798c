package import Domain

/// One scored row on its way from a scoring process to the engine.
package struct CollectedRow: Sendable, Equatable {
    package var id: String
    package var version: Int
    package var row: String?
    package var time: Timestamp
    package var score: Double
    /// In the signature's feature order; nil is missing.
    package var cells: [String?]

    package init(
        id: String,
        version: Int,
        row: String?,
        time: Timestamp,
        score: Double,
        cells: [String?]
    ) {
        self.id = id
        self.version = version
        self.row = row
        self.time = time
        self.score = score
        self.cells = cells
    }
}

/// A batch of rows as PostgreSQL's COPY text format: tabs between cells, a newline a row, `\N` for
/// missing, and `\t`, `\n`, `\r`, `\\` escaped. Far smaller and faster than JSON arrays of strings.
///
/// Cells stay the bytes they came as until a row or a column of them is asked for, because half a
/// million rows a second pass here and most cells are numbers that only a count needs.
package struct CollectedRows: Sendable {
    package let versions: [Int]
    package let times: [Timestamp]
    package let scores: [Double]
    private let bytes: [UInt8]
    /// Where each cell begins; a cell ends one byte before the next one, at a tab or newline.
    private let starts: [Int32]
    /// Each row's first place in `starts`; its last is where its line ends.
    private let firsts: [Int]

    /// The id, version, row, time and score before the features.
    private static let leading = 5

    /// Reads all rows, or refuses the batch with the number of the line that is malformed.
    package init(_ text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        let (starts, firsts) = Self.cells(of: bytes.span)
        var versions: [Int] = []
        var times: [Timestamp] = []
        var scores: [Double] = []
        for row in firsts.indices {
            let cells = firsts[row]..<(row + 1 < firsts.count ? firsts[row + 1] : starts.count)
            let lead = starts[cells].prefix(Self.leading + 1)
            let bounds = zip(lead, lead.dropFirst()).map { Int($0)..<Int($1) - 1 }
            guard bounds.count == Self.leading, CopyCell.text(bytes.span, bounds[0]) != nil,
                let version = CopyCell.text(bytes.span, bounds[1]).flatMap({ Int($0) }),
                let microseconds = CopyCell.text(bytes.span, bounds[3]).flatMap({ Int64($0) }),
                let score = CopyCell.number(bytes.span, bounds[4])
            else {
                throw Refusal(
                    .invalid,
                    "Line \(row + 1) of a batch of collected rows is malformed."
                )
            }
            versions.append(version)
            times.append(Timestamp(microseconds: microseconds))
            scores.append(score)
        }
        (self.bytes, self.starts, self.firsts) = (bytes, starts, firsts)
        (self.versions, self.times, self.scores) = (versions, times, scores)
    }

    package var count: Int { scores.count }

    package func id(_ row: Int) -> String { text(row, 0) ?? "" }

    /// The caller's name of a row; nil where it has none.
    package func name(_ row: Int) -> String? { text(row, 2) }

    /// One row, its cells in the signature's feature order.
    package subscript(_ row: Int) -> CollectedRow {
        CollectedRow(
            id: id(row),
            version: versions[row],
            row: name(row),
            time: times[row],
            score: scores[row],
            cells: (Self.leading..<cellCount(row)).map { text(row, $0) }
        )
    }

    package var all: [CollectedRow] { (0..<count).map { self[$0] } }

    /// A feature of some rows as numbers.
    ///
    /// - Parameter read: Reads the few cells that are not written as plain decimals; nil is missing.
    package func numbers(
        _ feature: Int,
        of rows: [Int],
        otherwise read: (String?) -> Double
    ) -> [Double] {
        let (bytes, place) = (bytes.span, Self.leading + feature)
        return rows.map { row in
            guard place < cellCount(row) else { return read(nil) }
            let bounds = bounds(row, place)
            return CopyCell.decimal(bytes, bounds) ?? read(CopyCell.text(bytes, bounds))
        }
    }

    /// A feature of some rows as categories; nil is missing.
    package func categories(_ feature: Int, of rows: [Int]) -> [String?] {
        let place = Self.leading + feature
        return rows.map { place < cellCount($0) ? text($0, place) : nil }
    }

    private func cellCount(_ row: Int) -> Int {
        let end = row + 1 < firsts.count ? firsts[row + 1] : starts.count
        return end - firsts[row] - 1
    }

    private func bounds(_ row: Int, _ place: Int) -> Range<Int> {
        let start = firsts[row] + place
        return Int(starts[start])..<Int(starts[start + 1]) - 1
    }

    private func text(_ row: Int, _ place: Int) -> String? {
        CopyCell.text(bytes.span, bounds(row, place))
    }

    /// Where cells begin and rows end; a line without a byte is no row.
    private static func cells(of bytes: Span<UInt8>) -> (starts: [Int32], firsts: [Int]) {
        var starts: [Int32] = []
        var firsts: [Int] = []
        starts.reserveCapacity(bytes.count / 8)
        var lineStart = 0
        var isOpen = false
        for index in 0...bytes.count {
            let byte = index < bytes.count ? bytes[unchecked: index] : 10
            guard byte == 9 || byte == 10 else { continue }
            if !isOpen, byte == 9 || index > lineStart {
                firsts.append(starts.count)
                starts.append(Int32(lineStart))
                isOpen = true
            }
            if isOpen { starts.append(Int32(index + 1)) }
            if byte == 10 {
                isOpen = false
                lineStart = index + 1
            }
        }
        return (starts, firsts)
    }

    // MARK: - Writing

    /// Appends one row.
    package static func append(_ row: CollectedRow, to bytes: inout [UInt8]) {
        append(row.id, to: &bytes)
        bytes.append(9)
        bytes.append(contentsOf: String(row.version).utf8)
        bytes.append(9)
        append(row.row, to: &bytes)
        bytes.append(9)
        bytes.append(contentsOf: String(row.time.microseconds).utf8)
        bytes.append(9)
        bytes.append(contentsOf: String(row.score).utf8)
        for cell in row.cells {
            bytes.append(9)
            append(cell, to: &bytes)
        }
        bytes.append(10)
    }

    private static func append(_ cell: String?, to bytes: inout [UInt8]) {
        guard let cell else {
            bytes.append(92)
            bytes.append(78)
            return
        }
        for byte in cell.utf8 {
            switch byte {
            case 9: bytes.append(contentsOf: [92, 116])
            case 10: bytes.append(contentsOf: [92, 110])
            case 13: bytes.append(contentsOf: [92, 114])
            case 92: bytes.append(contentsOf: [92, 92])
            default: bytes.append(byte)
            }
        }
    }
}

/// One cell of PostgreSQL's COPY text format.
private enum CopyCell {
    /// Powers of ten that a Double holds exactly.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// The cell's text; nil is missing.
    static func text(_ bytes: Span<UInt8>, _ bounds: Range<Int>) -> String? {
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(bounds.count)
        var isEscaped = false
        for index in bounds {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
                switch byte {
                case 78 where bounds.count == 2: return nil
                case 116: unescaped.append(9)
                case 110: unescaped.append(10)
                case 114: unescaped.append(13)
                default: unescaped.append(byte)
                }
            } else if byte == 92 {
                isEscaped = true
            } else {
                unescaped.append(byte)
            }
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// The cell as a number, the same as the standard library reads; nil is missing or no number.
    static func number(_ bytes: Span<UInt8>, _ bounds: Range<Int>) -> Double? {
        decimal(bytes, bounds) ?? text(bytes, bounds).flatMap { Double($0) }
    }

    /// A cell of at most 15 digits and a point as a number; nil for all else.
    ///
    /// Such digits over a power of ten are two exact values, whose quotient is the nearest Double
    /// (W. Clinger, "How to read floating point numbers accurately").
    static func decimal(_ bytes: Span<UInt8>, _ bounds: Range<Int>) -> Double? {
        var index = bounds.lowerBound
        let end = bounds.upperBound
        let isNegative = index < end && bytes[unchecked: index] == 45
        if isNegative { index &+= 1 }
        var mantissa: Int64 = 0
        var digits = 0
        var fraction = 0
        var isFraction = false
        while index < end, digits <= 15 {
            let byte = bytes[unchecked: index]
            let digit = byte &- 48
            if digit <= 9 {
                mantissa = mantissa &* 10 &+ Int64(digit)
                digits &+= 1
                if isFraction { fraction &+= 1 }
            } else if byte == 46, !isFraction, digits > 0 {
                isFraction = true
            } else {
                break
            }
            index &+= 1
        }
        guard index == end, 1...15 ~= digits, !isFraction || fraction > 0 else {
            return nil
        }
        let size = Double(mantissa) / powers[fraction]
        return isNegative ? -size : size
    }
}
