package import Domain
import Glibc

extension ScoreShift {
    /// Splits the change of the mean score by each feature: its moved shares with each bar's mean
    /// score held, sum (q - p) s, and the change of the bars' mean scores, sum q (t - s).
    ///
    /// The baseline's mean is taken off s, so that a bar counts by how its scores differ; the sums
    /// stay the same. nil where a side has no scores by bar.
    package init?(baseline: Baseline, window: WindowSketch) {
        guard let before = baseline.sums, let now = window.sums, window.rows > 0,
            baseline.rows > 0,
            let name = baseline.columns.first?.name, let any = before[name],
            let own = now[name], own.rows > 0, any.scores.contains(where: { $0 != 0 })
        else { return nil }
        let mean = any.scores.reduce(0, +) / Double(max(1, any.rows))
        var contributions: [ScoreContribution] = []
        for column in baseline.columns {
            guard let old = before[column.name], let new = now[column.name],
                old.counts.count == new.counts.count, new.rows > 0
            else { continue }
            contributions.append(
                ScoreContribution(
                    column.name,
                    labels: GroupLayout(column).labels,
                    old: old,
                    new: new,
                    mean: mean
                )
            )
        }
        self.init(
            baselineMean: mean,
            windowMean: own.scores.reduce(0, +) / Double(own.rows),
            contributions: contributions.sorted {
                (abs($1.inputs), $0.feature) < (abs($0.inputs), $1.feature)
            }
        )
    }
}

extension ScoreContribution {
    /// A bar with fewer rows has no mean score of its own.
    private static let leastRows = 5

    fileprivate init(
        _ feature: String,
        labels: [String],
        old: GroupSums,
        new: GroupSums,
        mean: Double
    ) {
        let (n, m) = (Double(max(1, old.rows)), Double(max(1, new.rows)))
        let bins = labels.indices.map { group in
            let p = Double(old.counts[group]) / n
            let q = Double(new.counts[group]) / m
            // What the baseline never had has no score there; its whole part is moved inputs.
            let isKnown = old.counts[group] >= Self.leastRows
            let after =
                new.counts[group] == 0
                ? mean : new.scores[group] / Double(new.counts[group])
            let before = isKnown ? old.scores[group] / Double(old.counts[group]) : after
            return Bin(
                label: labels[group],
                inputs: (q - p) * (before - mean),
                response: new.counts[group] == 0 ? 0 : q * (after - before)
            )
        }
        self.init(
            feature: feature,
            inputs: bins.reduce(0) { $0 + $1.inputs },
            response: bins.reduce(0) { $0 + $1.response },
            bins: Array(
                bins.sorted {
                    abs($0.inputs) + abs($0.response) > abs($1.inputs) + abs($1.response)
                }
                .prefix(3)
            )
        )
    }
}
