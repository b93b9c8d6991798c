import Domain
import Monitoring
import Statistics
import Tables

/// One of two files that are compared, after its rows streamed by.
struct FileSide {
    /// A column of the reference with its frozen bins.
    struct Column {
        let name: String
        let baseline: ColumnBaseline
    }

    /// Rows kept to freeze bins and to look for causes: quantiles are then off by a quarter of a
    /// hundredth of the rows at most times, and the counts stay those of all rows.
    static let sampleRows = 50_000

    let reading: StreamReading
    /// In the order of the file; of the reference only, since it decides what is compared.
    private(set) var columns: [Column] = []
    /// Every column's counts in the reference's bins.
    private(set) var sketches: [String: WindowSketch.Column] = [:]
    /// Every column as the search for a cause takes it.
    private(set) var sides: [String: CauseQuestion.Side] = [:]

    /// Finds out the columns' types from the first rows, and from all where those mislead.
    init(reference path: String, sampleRows: Int) throws {
        let first = try profile(fileAt: path, rowLimit: 5_000)
        if !first.columns.contains(where: { $0.missing == $0.rows }) {
            let side = try FileSide(path, schema: first.schema, sampleRows: sampleRows)
            let isAsFirst = side.reading.numbers.allSatisfy { $0.misfits.count == 0 }
            if isAsFirst, side.reading.names == first.schema.map(\.name) {
                self = side
                return
            }
        }
        self = try FileSide(
            path,
            schema: try profile(fileAt: path).schema,
            sampleRows: sampleRows
        )
    }

    private init(_ path: String, schema: [ColumnSchema], sampleRows: Int) throws {
        let numbers = schema.filter(\.type.isNumeric).map(\.name)
        let texts = schema.filter { $0.type == .text || $0.type == .boolean }.map(\.name)
        let sample = try readStream(fileAt: path, numbers: numbers, sampleRows: sampleRows)
        let sided = sample.numbers.map { NumericSide(values: $0.sample) }
        let layouts = sided.map { BinLayout(baseline: $0.sorted) }
        var stream = ColumnStream(
            layouts: layouts,
            scans: sided.map { NumericScan(ignoring: $0.masses) }
        )
        reading = try readStream(
            fileAt: path,
            numbers: numbers,
            texts: texts,
            sampleRows: sampleRows,
            onBatch: { (batch) throws(Refusal) in try stream.take(batch) }
        )
        for (position, name) in numbers.enumerated() {
            let counted = stream.sketches[position]
            guard let (layout, sketch) = counted.frozen(layouts[position]) else {
                throw Refusal(.fault, "The bins of \(quoted(name)) do not fit its counts.")
            }
            let whole = NumericSide.Whole(sketch, scan: stream.scans[position])
            sides[name] = .numbers(NumericSide(values: sided[position].values, whole: whole))
            let content = ColumnBaseline.Content.numeric(layout: layout, sketch: sketch)
            columns.append(Column(name, content))
        }
        for column in reading.texts {
            let counts = CategoryCounts(of: column, isBoolean: column.holdsBooleans)
            let layout = CategoryLayout(counts: counts.rows)
            sides[column.name] = .categories(counts)
            let sketch = CategorySketch(
                layout: layout,
                counts: counts.rows,
                missing: counts.missing
            )
            columns.append(Column(column.name, .category(layout: layout, sketch: sketch)))
        }
        let order = schema.map(\.name)
        columns.sort { one, other in
            order.firstIndex(of: one.name) ?? 0 < order.firstIndex(of: other.name) ?? 0
        }
    }

    /// Reads the columns of the reference as its types are; what does not fit is counted.
    init(current path: String, like reference: FileSide, sampleRows: Int) throws {
        let numbers = reference.reading.numbers.map(\.name)
        var layouts: [BinLayout] = []
        var scans: [NumericScan] = []
        for name in numbers {
            guard case .numbers(let side)? = reference.sides[name],
                case .numeric(let layout, _)? = reference.content(of: name)
            else { continue }
            layouts.append(layout)
            scans.append(NumericSide.scan(after: side))
        }
        var stream = ColumnStream(layouts: layouts, scans: scans)
        reading = try readStream(
            fileAt: path,
            numbers: numbers,
            texts: reference.reading.texts.map(\.name),
            sampleRows: sampleRows,
            onBatch: { (batch) throws(Refusal) in try stream.take(batch) }
        )
        for (position, column) in reading.numbers.enumerated() {
            let sketch = stream.sketches[position]
            sketches[column.name] = .numeric(sketch: sketch)
            let whole = NumericSide.Whole(sketch, scan: stream.scans[position])
            sides[column.name] = .numbers(NumericSide(values: column.sample, whole: whole))
        }
        for (position, column) in reading.texts.enumerated() {
            guard case .category(let layout, _)? = reference.content(of: column.name) else {
                continue
            }
            let isBoolean = reference.reading.texts[position].holdsBooleans
            let counts = CategoryCounts(of: column, isBoolean: isBoolean && column.holdsBooleans)
            sides[column.name] = .categories(counts)
            sketches[column.name] = .category(
                sketch: CategorySketch(
                    layout: layout,
                    counts: counts.rows,
                    missing: counts.missing
                )
            )
        }
    }

    /// What does not fit the reference's type; nil where everything does.
    func unreadable(in column: String) -> CauseQuestion.Unreadable? {
        guard let misfits = reading.numbers.first(where: { $0.name == column })?.misfits,
            misfits.count > 0
        else { return nil }
        return CauseQuestion.Unreadable(count: misfits.count, example: misfits.example)
    }

    /// The sampled numbers of a column, or its categories, whose order says nothing.
    func values(of column: String) -> ColumnValues {
        switch sides[column] {
        case .numbers(let side): .numbers(side.values)
        case .categories(let counts):
            .categories(
                counts.rows.sorted { $0.key < $1.key }.flatMap { category, rows in
                    [String?](repeating: category, count: rows)
                } + [String?](repeating: nil, count: counts.missing)
            )
        case nil: .numbers([])
        }
    }

    private func content(of column: String) -> ColumnBaseline.Content? {
        columns.first { $0.name == column }?.baseline.content
    }
}

extension FileSide.Column {
    fileprivate init(_ name: String, _ content: ColumnBaseline.Content) {
        self.init(name: name, baseline: ColumnBaseline(name: name, content: content))
    }
}

/// The counts of the numeric columns while their rows stream by.
private struct ColumnStream {
    private let searches: [BinSearch]
    private(set) var sketches: [NumericSketch]
    private(set) var scans: [NumericScan]

    init(layouts: [BinLayout], scans: [NumericScan]) {
        searches = layouts.map { BinSearch($0) }
        self.scans = scans
        sketches = layouts.map { NumericSketch(layout: $0) }
    }

    mutating func take(_ batch: borrowing NumberBatch) throws(Refusal) {
        for column in searches.indices {
            let values = batch.numbers.span.extracting(batch.range(of: column))
            do {
                try sketches[column].add(values, search: searches[column])
            } catch {
                throw Refusal(.fault, error.description)
            }
            scans[column].observe(values)
        }
    }
}

extension StreamReading.Texts {
    /// Whether every text is true or false, in any case.
    fileprivate var holdsBooleans: Bool {
        counts.keys.allSatisfy { ["true", "false"].contains($0.lowercased()) }
    }
}

extension CategoryCounts {
    /// - Parameter isBoolean: `TRUE` and `true` are then one category.
    fileprivate init(of column: StreamReading.Texts, isBoolean: Bool) {
        var rows: [String: Int] = [:]
        for (text, count) in column.counts {
            rows[isBoolean ? text.lowercased() : text, default: 0] += count
        }
        self.init(rows: rows, missing: column.missing)
    }
}
