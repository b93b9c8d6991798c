import Domain
import Statistics

extension Baseline {
    /// The same bins over the rows of a range of production instead of the training rows.
    ///
    /// - Throws: `MonitoringError.otherBaseline` when the range was cut into other bins.
    package func replaced(by range: WindowSketch) throws -> Baseline {
        let columns = try columns.map { column in
            try column.replaced(by: range.columns[column.name])
        }
        return Baseline(
            columns: columns,
            scores: try scores.replaced(by: .numeric(sketch: range.scores)),
            rows: range.rows
        )
    }

    /// The same rows with these features only.
    package func keeping(_ names: Set<String>) -> Baseline {
        Baseline(columns: columns.filter { names.contains($0.name) }, scores: scores, rows: rows)
    }

    /// The training rows of one calendar month (1...12) as far as their history tells: each bar
    /// has the month's rows, spread inside the bar as all training rows are.
    ///
    /// nil where no training row lies in that month. PSI is exact; what depends on the shape inside
    /// a bar, a tenth of the rows, is not.
    package func trainingRows(ofMonth month: Int) -> Baseline? {
        guard let history else { return nil }
        let windows = history.windows.filter {
            SeasonPeriod.monthOfYear.index(unixSeconds: $0.start) == month - 1
        }
        guard !windows.isEmpty else { return nil }
        var rows = 0
        var replaced: [ColumnBaseline] = []
        for column in columns {
            let layout = GroupLayout(column)
            var sums = GroupSums(layout)
            for window in windows { window.columns[column.name].map { sums.merge($0) } }
            rows = max(rows, sums.rows)
            guard sums.rows > 0, let part = column.part(sums, layout) else { return nil }
            replaced.append(part)
        }
        return Baseline(columns: replaced, scores: scores, rows: rows)
    }
}

extension ColumnBaseline {
    fileprivate func replaced(by range: WindowSketch.Column?) throws -> ColumnBaseline {
        switch (content, range) {
        case (.numeric(let layout, _), .numeric(let sketch))
        where sketch.layout == layout.fingerprint:
            return ColumnBaseline(name: name, content: .numeric(layout: layout, sketch: sketch))
        case (.category(let layout, let own), .category(let sketch))
        where sketch.counts.count == own.counts.count:
            return ColumnBaseline(name: name, content: .category(layout: layout, sketch: sketch))
        default: throw MonitoringError.otherBaseline(column: name)
        }
    }

    /// The column with each bar's rows as these sums say; nil where they are of other bars.
    fileprivate func part(_ sums: GroupSums, _ bars: GroupLayout) -> ColumnBaseline? {
        guard sums.counts.count == bars.count else { return nil }
        switch content {
        case .numeric(let layout, let sketch):
            let groups = (0..<layout.binCount).map { bars.group(ofBin: $0) }
            let counts = Self.spread(sums.counts, over: sketch.counts, groups: groups)
            var values = [Double](repeating: 0, count: counts.count)
            var moments = Moments()
            for (bin, count) in counts.enumerated() where count > 0 {
                let all = max(1, sketch.counts[bin])
                let group = groups[bin]
                let mean =
                    sketch.counts[bin] > 0
                    ? sketch.sums[bin] / Double(all)
                    : sums.values[group] / Double(max(1, sums.counts[group]))
                values[bin] = mean * Double(count)
                moments.merge(Moments(count: count, mean: mean, squares: 0))
            }
            let part = try? NumericSketch(
                layout: layout,
                counts: (counts + [sums.counts[bars.missing], 0, 0, 0])[...],
                sums: (values + [0, 0, 0, 0])[...],
                extremes: SketchExtremes(
                    minimum: sketch.minimum,
                    maximum: sketch.maximum,
                    moments: moments
                )
            )
            return part.map {
                ColumnBaseline(name: name, content: .numeric(layout: layout, sketch: $0))
            }
        case .category(let layout, let sketch):
            let listed = layout.categories.count
            let groups = (0..<listed + 2).map { position in
                position < listed
                    ? min(position, bars.missing - 2)
                    : bars.missing - (position == listed ? 2 : 1)
            }
            var counts = Self.spread(
                sums.counts,
                over: sketch.counts + [sketch.restCount, sketch.unseenCount],
                groups: groups
            )
            let unseen = counts.removeLast()
            let part = try? CategorySketch(
                layout: layout,
                cells: (counts + [sums.counts[bars.missing]])[...],
                newValues: FrequentValues(counts: [:], totalCount: unseen, largestError: unseen),
                unlisted: nil
            )
            return part.map {
                ColumnBaseline(name: name, content: .category(layout: layout, sketch: $0))
            }
        }
    }

    /// Shares out each group's rows over its bins as `shape` has them; the largest remainders get
    /// what is left, so that each group keeps its number.
    static func spread(_ totals: [Int], over shape: [Int], groups: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: shape.count)
        for (group, total) in totals.enumerated() where total > 0 {
            let bins = shape.indices.filter { groups[$0] == group }
            guard !bins.isEmpty else { continue }
            let all = bins.reduce(0) { $0 + shape[$1] }
            guard all > 0 else {
                counts[bins[bins.count / 2]] = total
                continue
            }
            var remainders: [(bin: Int, rest: Int)] = []
            var left = total
            for bin in bins {
                let (share, rest) = (total * shape[bin]).quotientAndRemainder(dividingBy: all)
                counts[bin] = share
                left -= share
                remainders.append((bin, rest))
            }
            remainders.sort { ($1.rest, $0.bin) < ($0.rest, $1.bin) }
            for (bin, _) in remainders.prefix(left) { counts[bin] += 1 }
        }
        return counts
    }
}
