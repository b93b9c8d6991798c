import Statistics

/// The coarse bars of a column: deciles, single values or the most frequent categories, and one
/// for missing values.
///
/// Few enough that every window can keep what its rows and their scores sum to, bar by bar.
package struct GroupLayout: Sendable {
    /// Of each bar; the last holds missing values.
    package let labels: [String]
    /// The bar of each bin of a numeric layout.
    private let groupOfBin: [Int]
    private let numeric: BinLayout?
    private let categories: CategoryLayout?

    package init(_ column: ColumnBaseline) {
        switch column.content {
        case .numeric(let layout, _):
            numeric = layout
            categories = nil
            // One row in each bin, one bin at a time, says which bar it belongs to.
            groupOfBin = (0..<layout.binCount).map { bin in
                var counts = [Int](repeating: 0, count: layout.binCount)
                counts[bin] = 1
                return layout.grouped(counts).firstIndex(of: 1) ?? 0
            }
            labels = BinShare.labels(of: layout) + ["missing"]
        case .category(let layout, _):
            numeric = nil
            categories = layout
            groupOfBin = []
            let shown = layout.categories.prefix(BinShare.categoryLimit)
            labels = shown + ["others", "new", "missing"]
        }
    }

    package var count: Int { labels.count }
    var missing: Int { labels.count - 1 }

    /// The bar of a bin of numbers.
    func group(ofBin bin: Int) -> Int { groupOfBin[bin] }

    func group(of value: Double) -> Int {
        guard let numeric, Sample.isUsable(value) else { return missing }
        return groupOfBin[numeric.bin(of: value)]
    }

    /// Writes each number's bar to the front of `groups`.
    func find(_ values: Span<Double>, into groups: inout [Int32]) {
        guard let numeric, values.count >= 256 else {
            for row in values.indices { groups[row] = Int32(group(of: values[row])) }
            return
        }
        var found = groups.mutableSpan
        BinSearch(numeric).find(values, into: &found)
        for row in values.indices {
            let bin = Int(groups[row])
            groups[row] = Int32(bin < 0 ? missing : groupOfBin[bin])
        }
    }

    func group(of category: String?) -> Int {
        guard let categories, let category else { return missing }
        guard let position = categories.position(of: category) else {
            return categories.hasRest ? missing - 2 : missing - 1
        }
        return position < BinShare.categoryLimit ? position : missing - 2
    }

    /// A value as it counts in a sum: no wild one may move it.
    func clamped(_ value: Double) -> Double {
        guard let numeric else { return 0 }
        return min(max(value, numeric.clampLow), numeric.clampHigh)
    }
}

/// What rows sum to in each bar of a column: additive, so any range is a difference of two sums.
package struct GroupSums: Codable, Sendable, Equatable {
    package private(set) var counts: [Int]
    /// Of the values, wild ones taken as the layout's limit; zeros for categories.
    package private(set) var values: [Double]
    package private(set) var scores: [Double]

    package init(_ layout: GroupLayout) {
        counts = Array(repeating: 0, count: layout.count)
        values = Array(repeating: 0, count: layout.count)
        scores = values
    }

    package init(_ layout: GroupLayout, values: ColumnValues, scores: [Double]) {
        self.init(layout)
        add(values, scores: scores, layout: layout)
    }

    package var rows: Int { counts.reduce(0, +) }

    /// Adds rows; a score that is no number counts as 0.
    package mutating func add(_ column: ColumnValues, scores added: [Double], layout: GroupLayout) {
        switch column {
        case .numbers(let numbers):
            add(numbers.span, scores: added.span, layout: layout)
        case .categories(let names):
            for (row, name) in names.enumerated() {
                let group = layout.group(of: name)
                counts[group] += 1
                if row < added.count, added[row].isFinite { scores[group] += added[row] }
            }
        }
    }

    /// Each row costs one look at a table and three sums.
    private mutating func add(
        _ numbers: Span<Double>,
        scores added: Span<Double>,
        layout: GroupLayout
    ) {
        var groups = [Int32](repeating: 0, count: numbers.count)
        layout.find(numbers, into: &groups)
        let missing = layout.missing
        // Taken out of self for the loop: a change of a property would check it each time.
        var (counts, values, scores) = (counts, values, scores)
        (self.counts, self.values, self.scores) = ([], [], [])
        for row in numbers.indices {
            let group = Int(groups[row])
            counts[group] &+= 1
            if group != missing { values[group] += layout.clamped(numbers[row]) }
            if row < added.count, added[row].isFinite { scores[group] += added[row] }
        }
        (self.counts, self.values, self.scores) = (counts, values, scores)
    }

    package mutating func merge(_ other: GroupSums) {
        guard counts.count == other.counts.count else { return }
        for group in counts.indices {
            counts[group] += other.counts[group]
            values[group] += other.values[group]
            scores[group] += other.scores[group]
        }
    }

    package mutating func subtract(_ part: GroupSums) {
        guard counts.count == part.counts.count else { return }
        for group in counts.indices {
            counts[group] -= part.counts[group]
            values[group] = counts[group] == 0 ? 0 : values[group] - part.values[group]
            scores[group] = counts[group] == 0 ? 0 : scores[group] - part.scores[group]
        }
    }

    /// Rows that have a value, and the bars but the one of missing values.
    var present: Int { rows - (counts.last ?? 0) }

    /// How far the values are from another set's: Wasserstein-1 between the bars' means over the
    /// given scale for numbers, PSI for categories; nil where a side is empty.
    func distance(from reference: GroupSums, scale: Double?) -> Double? {
        guard present > 0, reference.present > 0, counts.count == reference.counts.count else {
            return nil
        }
        guard let scale else {
            return ShareDistance.populationStability(
                ShareDistance.floored(ShareDistance.shares(Array(reference.counts.dropLast()))),
                ShareDistance.floored(ShareDistance.shares(Array(counts.dropLast())))
            )
        }
        return wasserstein(from: reference) / scale
    }

    private func wasserstein(from reference: GroupSums) -> Double {
        let (n, m) = (Double(reference.present), Double(present))
        var steps: [(value: Double, weight: Double)] = []
        for group in counts.indices.dropLast() {
            let (a, b) = (reference.counts[group], counts[group])
            if a > 0 { steps.append((reference.values[group] / Double(a), Double(a) / n)) }
            if b > 0 { steps.append((values[group] / Double(b), -Double(b) / m)) }
        }
        steps.sort { $0.value < $1.value }
        var (gap, total) = (0.0, 0.0)
        for (step, next) in zip(steps, steps.dropFirst()) {
            gap += step.weight
            total += abs(gap) * (next.value - step.value)
        }
        return total
    }
}
