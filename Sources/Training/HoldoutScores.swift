package import Domain
import FoundationEssentials
import Tables

/// What the gate judges by: scores of candidate and champion on the very same rows.
///
/// The file is one line of JSON with the counts and then 64-bit little-endian numbers, because a
/// holdout of a million rows as JSON takes minutes to read in a debug build and 60 MB of disk.
package struct HoldoutScores: Sendable, Equatable {
    /// 0 or 1 for classification.
    package var labels: [Double]
    package var candidate: [Double]
    /// nil for a first model.
    package var champion: [Double]?
    package var championVersion: Int?
    /// The times of the earliest and the latest row; nil without a time column.
    package var start: Timestamp?
    package var end: Timestamp?
    /// A sample of the training rows, at most `trainingSampleMaximum`, for the over-fitting gap.
    package var trainingLabels: [Double]
    package var trainingScores: [Double]

    /// Groups of the rows by columns of words, in which the gate looks for one that got worse.
    package var slices: [HoldoutSlices]

    package static let trainingSampleMaximum = 20_000

    package init(
        labels: [Double],
        candidate: [Double],
        champion: [Double]?,
        championVersion: Int?,
        start: Timestamp?,
        end: Timestamp?,
        trainingLabels: [Double],
        trainingScores: [Double],
        slices: [HoldoutSlices] = []
    ) {
        self.labels = labels
        self.candidate = candidate
        self.champion = champion
        self.championVersion = championVersion
        self.start = start
        self.end = end
        self.trainingLabels = trainingLabels
        self.trainingScores = trainingScores
        self.slices = slices
    }

    private struct Header: Codable {
        var rows: Int
        var trainingRows: Int
        var championVersion: Int?
        var start: Timestamp?
        var end: Timestamp?
        var slices: [Slice]?

        struct Slice: Codable {
            var column: String
            var values: [String]
        }
    }

    package init(fileAt path: String) throws(Refusal) {
        let bytes = try readWhole(path)
        let newline = bytes.firstIndex(of: 10) ?? bytes.endIndex
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[..<newline])),
            header.rows >= 0, header.trainingRows >= 0
        else {
            throw Refusal(.corrupt, "The file \"\(path)\" holds no holdout scores.")
        }
        let lists = header.championVersion == nil ? 2 : 3
        let columns = header.slices ?? []
        let numbers = header.rows * (lists + columns.count) + header.trainingRows * 2
        guard bytes.count - newline - 1 == numbers * 8 else {
            throw Refusal(
                .corrupt,
                "The file \"\(path)\" should hold \(numbers) numbers, but has "
                    + "\(max(0, bytes.count - newline - 1)) bytes of them."
            )
        }
        var position = newline + 1
        func take(_ count: Int) -> [Double] {
            (0..<count).map { _ in
                var pattern: UInt64 = 0
                for place in 0..<8 { pattern |= UInt64(bytes[position + place]) << (8 * place) }
                position += 8
                return Double(bitPattern: pattern)
            }
        }
        labels = take(header.rows)
        candidate = take(header.rows)
        champion = header.championVersion == nil ? nil : take(header.rows)
        championVersion = header.championVersion
        trainingLabels = take(header.trainingRows)
        trainingScores = take(header.trainingRows)
        slices = columns.map { column in
            let codes = take(header.rows).map { code in
                column.values.indices.contains(where: { Double($0) == code }) ? Int(code) : -1
            }
            return HoldoutSlices(column: column.column, values: column.values, codes: codes)
        }
        start = header.start
        end = header.end
    }

    package func write(to path: String) throws(Refusal) {
        let header = Header(
            rows: labels.count,
            trainingRows: trainingLabels.count,
            championVersion: champion == nil ? nil : championVersion,
            start: start,
            end: end,
            slices: slices.isEmpty
                ? nil : slices.map { Header.Slice(column: $0.column, values: $0.values) }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let line = try? encoder.encode(header) else {
            throw Refusal(.fault, "The holdout's counts cannot be written as JSON.")
        }
        var bytes = Array(line) + [10]
        let lists =
            [labels, candidate, champion ?? [], trainingLabels, trainingScores]
            + slices.map { $0.codes.map(Double.init) }
        bytes.reserveCapacity(bytes.count + lists.reduce(0) { $0 + $1.count } * 8)
        for list in lists {
            for number in list {
                let pattern = number.bitPattern
                for place in 0..<8 {
                    bytes.append(UInt8(truncatingIfNeeded: pattern >> UInt64(8 * place)))
                }
            }
        }
        try writeWhole(bytes, to: path)
    }
}

/// Which of a column's most frequent values each row of the holdout has.
package struct HoldoutSlices: Sendable, Equatable {
    package let column: String
    package let values: [String]
    /// A position in `values` for every row; -1 is missing or another value.
    package let codes: [Int]

    /// Limits that keep the report readable: columns, values of each, and the fewest rows that a
    /// metric says something about.
    package static let columnsMaximum = 6
    package static let valuesMaximum = 8
    package static let rowsMinimum = 30

    package init(column: String, values: [String], codes: [Int]) {
        self.column = column
        self.values = values
        self.codes = codes
    }

    /// The frequent values of each column of words that the model uses.
    static func of(_ table: Table, columns names: [String]) -> [HoldoutSlices] {
        var found: [HoldoutSlices] = []
        for column in table.columns where names.contains(column.name) {
            guard found.count < columnsMaximum, case .texts(let texts) = column.cells else {
                continue
            }
            var counts = [Int](repeating: 0, count: texts.levels.count)
            for code in texts.codes where code >= 0 { counts[Int(code)] += 1 }
            let frequent = counts.indices.filter { counts[$0] >= rowsMinimum }
                .sorted { (counts[$1], $0) < (counts[$0], $1) }
                .prefix(valuesMaximum)
            // One group alone is the whole, which the report has already.
            guard frequent.count > 1 else { continue }
            let places = Dictionary(uniqueKeysWithValues: frequent.enumerated().map { ($1, $0) })
            found.append(
                HoldoutSlices(
                    column: column.name,
                    values: frequent.map { texts.levels[$0] },
                    codes: texts.codes.map { places[Int($0)] ?? -1 }
                )
            )
        }
        return found
    }
}
