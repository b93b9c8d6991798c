package import Domain
import Statistics

/// Where each column of a version's windows lies among the cells of a range.
package struct RangeLayout: Sendable {
    private struct Column: Sendable {
        let name: String
        let content: ColumnBaseline.Content
        let cells: Range<Int>
    }

    let task: ModelTask
    private let baseline: Baseline
    /// The features, and last the scores.
    private let columns: [Column]

    package init(baseline: Baseline, task: ModelTask) {
        self.baseline = baseline
        self.task = task
        var columns: [Column] = []
        var start = 0
        for column in baseline.columns + [baseline.scores] {
            let size =
                switch column.content {
                case .numeric(let layout, _): NumericSketch.cellCount(layout)
                case .category(let layout, _): CategorySketch.cellCount(layout)
                }
            columns.append(
                Column(name: column.name, content: column.content, cells: start..<start + size)
            )
            start += size
        }
        self.columns = columns
    }

    var columnCount: Int { columns.count }

    /// Cells of all columns, and one for the number of rows.
    package var size: Int { (columns.last?.cells.upperBound ?? 0) + 1 }

    package func cells(of window: WindowSketch) throws -> RangeCells {
        var (counts, sums): ([Int], [Double]) = ([], [])
        for (position, column) in columns.enumerated() {
            switch sketch(of: column, at: position, in: window) {
            case .numeric(let sketch):
                counts += sketch.cells.counts
                sums += sketch.cells.sums
            case .category(let sketch):
                counts += sketch.cells
                sums += Array(repeating: 0, count: sketch.cells.count)
            case nil: throw MonitoringError.otherBaseline(column: column.name)
            }
            guard counts.count == column.cells.upperBound else {
                throw MonitoringError.otherBaseline(column: column.name)
            }
        }
        return RangeCells(counts: counts + [window.rows], sums: sums + [0])
    }

    package func rest(of window: WindowSketch) throws -> RangeRest {
        var extremes: [SketchExtremes] = []
        var runs: [RunLength?] = []
        var newValues: [FrequentValues] = []
        var unlisted: [DistinctSketch?] = []
        for (position, column) in columns.enumerated() {
            switch sketch(of: column, at: position, in: window) {
            case .numeric(let sketch):
                extremes.append(sketch.extremes)
                runs.append(window.runs?[column.name])
                newValues.append(FrequentValues())
                unlisted.append(nil)
            case .category(let sketch):
                extremes.append(SketchExtremes())
                runs.append(nil)
                newValues.append(sketch.newValues)
                unlisted.append(sketch.unlisted)
            case nil: throw MonitoringError.otherBaseline(column: column.name)
            }
        }
        return RangeRest(
            extremes: extremes,
            runs: runs,
            newValues: newValues,
            unlisted: unlisted,
            performance: window.performance
        )
    }

    package var emptyRest: RangeRest {
        RangeRest(
            extremes: Array(repeating: SketchExtremes(), count: columns.count),
            runs: columns.map { runsAreCounted(of: $0) ? RunLength() : nil },
            newValues: Array(repeating: FrequentValues(), count: columns.count),
            unlisted: Array(repeating: nil, count: columns.count),
            performance: PerformanceSketch(task: task)
        )
    }

    /// The sketch of a range, as if its windows had been merged.
    package func window(_ cells: RangeCells, _ rest: RangeRest) throws -> WindowSketch {
        guard cells.counts.count == size, let rows = cells.counts.last else {
            throw MonitoringError.otherBaseline(column: Baseline.scoreColumn)
        }
        var sketches: [WindowSketch.Column] = []
        for (position, column) in columns.enumerated() {
            let counts = cells.counts[column.cells]
            switch column.content {
            case .numeric(let layout, _):
                sketches.append(
                    .numeric(
                        sketch: try NumericSketch(
                            layout: layout,
                            counts: counts,
                            sums: cells.sums[column.cells],
                            extremes: rest.extremes[position]
                        )
                    )
                )
            case .category(let layout, _):
                sketches.append(
                    .category(
                        sketch: try CategorySketch(
                            layout: layout,
                            cells: counts,
                            newValues: rest.newValues[position],
                            unlisted: rest.unlisted[position]
                        )
                    )
                )
            }
        }
        guard case .numeric(let scores)? = sketches.popLast() else {
            throw MonitoringError.kindDiffers(column: Baseline.scoreColumn)
        }
        return WindowSketch(
            rows: rows,
            columns: Dictionary(
                zip(columns.map(\.name), sketches),
                uniquingKeysWith: { first, _ in first }
            ),
            scores: scores,
            performance: rest.performance,
            runs: runs(rest)
        )
    }

    /// By feature; nil where one of them has windows that counted none.
    private func runs(_ rest: RangeRest) -> [String: RunLength]? {
        var found: [String: RunLength] = [:]
        for (column, runs) in zip(columns, rest.runs) where runsAreCounted(of: column) {
            guard let runs else { return nil }
            found[column.name] = runs
        }
        return found
    }

    /// Of numeric features; not of the scores.
    private func runsAreCounted(of column: Column) -> Bool {
        guard case .numeric = column.content else { return false }
        return column.name != Baseline.scoreColumn
    }

    private func sketch(
        of column: Column,
        at position: Int,
        in window: WindowSketch
    ) -> WindowSketch.Column? {
        position == columns.count - 1
            ? .numeric(sketch: window.scores) : window.columns[column.name]
    }
}
