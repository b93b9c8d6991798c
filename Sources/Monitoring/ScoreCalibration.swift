package import Domain
import Glibc
package import Statistics

/// What scores are worth, learned from labelled rows that no training step saw.
///
/// With it the performance of rows without labels is estimated: for classes from how often a
/// score is right (CBPE), for numbers from the errors of like scores (DLE with the simplest
/// learner, the mean error of each score bin). Both trust that the scores still mean what they
/// meant; a changed concept is what they cannot see.
package struct ScoreCalibration: Codable, Sendable, Equatable {
    private struct Bin: Codable, Sendable, Equatable {
        /// The highest score of the bin; the last bin takes what is above.
        var upper: Double
        var rows = 0
        var labels = 0.0
        var absoluteError = 0.0
        var squaredError = 0.0

        var rate: Double { labels / Double(max(1, rows)) }

        mutating func merge(_ other: Bin) {
            upper = other.upper
            rows += other.rows
            labels += other.labels
            absoluteError += other.absoluteError
            squaredError += other.squaredError
        }
    }

    private let isClassification: Bool
    private let bins: [Bin]
    /// Whether the bins' rates are better probabilities than the scores themselves.
    private let isCorrecting: Bool
    package let rows: Int

    private static let binLimit = 20
    private static let leastRows = 100

    /// nil with fewer than 100 labelled rows.
    package init?(scores: [Double], labels: [Double], task: ModelTask) {
        let pairs = zip(scores, labels).filter { abs($0.0) <= 1e100 && abs($0.1) <= 1e100 }
        guard pairs.count >= Self.leastRows else { return nil }
        isClassification = task == .classification
        rows = pairs.count
        let all = Self.bins(pairs)
        guard isClassification else {
            bins = all
            isCorrecting = false
            return
        }
        bins = Self.isotonic(all)
        // Every second row teaches, the others judge.
        let taught = Self.isotonic(Self.bins(Self.half(pairs, 0)))
        let judge = Self.half(pairs, 1)
        let corrected = Self.calibrationError(judge) { Self.bin(of: $0, taught).rate }
        isCorrecting = corrected < Self.calibrationError(judge) { min(1, max(0, $0)) }
    }

    private static func half(_ pairs: [(Double, Double)], _ rest: Int) -> [(Double, Double)] {
        pairs.enumerated().filter { $0.offset % 2 == rest }.map(\.element)
    }

    /// Bins of about equally many rows.
    private static func bins(_ pairs: [(Double, Double)]) -> [Bin] {
        let ordered = pairs.sorted { $0.0 < $1.0 }
        let size = max(25, (ordered.count + binLimit - 1) / binLimit)
        var bins: [Bin] = []
        for (score, label) in ordered {
            let isFull = bins.last.map { $0.rows >= size && $0.upper < score } ?? true
            if isFull { bins.append(Bin(upper: score)) }
            let last = bins.count - 1
            bins[last].upper = score
            bins[last].rows += 1
            bins[last].labels += label
            bins[last].absoluteError += abs(score - label)
            bins[last].squaredError += (score - label) * (score - label)
        }
        return bins
    }

    /// Neighbours whose rates fall are pooled (pool adjacent violators).
    private static func isotonic(_ bins: [Bin]) -> [Bin] {
        var pooled: [Bin] = []
        for bin in bins {
            pooled.append(bin)
            while pooled.count > 1, pooled[pooled.count - 2].rate > pooled[pooled.count - 1].rate {
                let last = pooled.removeLast()
                pooled[pooled.count - 1].merge(last)
            }
        }
        return pooled
    }

    /// The expected calibration error over ten bins.
    private static func calibrationError(
        _ pairs: [(Double, Double)],
        _ probability: (Double) -> Double
    ) -> Double {
        var sums = Array(repeating: (claimed: 0.0, true: 0.0), count: 10)
        for (score, label) in pairs {
            let claimed = probability(score)
            let bin = min(9, max(0, Int(claimed * 10)))
            sums[bin].claimed += claimed
            sums[bin].true += label
        }
        return sums.reduce(0) { $0 + abs($1.claimed - $1.true) } / Double(max(1, pairs.count))
    }

    private static func bin(of score: Double, _ bins: [Bin]) -> Bin {
        bins.first { score <= $0.upper } ?? bins[bins.count - 1]
    }

    // MARK: - Estimates

    /// The metric of rows with these scores, as it would be if scores still meant what they did.
    ///
    /// nil without rows, and for metrics that no estimate is known of.
    package func estimate(of metric: MetricName, scores: NumericSketch) -> EstimatedPerformance? {
        var points: [(score: Double, rows: Double)] = []
        for (count, sum) in zip(scores.counts, scores.sums) where count > 0 {
            points.append((sum / Double(count), Double(count)))
        }
        let total = points.reduce(0) { $0 + $1.rows }
        guard total > 1, !bins.isEmpty, isClassification == metric.suits(.classification) else {
            return nil
        }
        let found =
            isClassification
            ? classification(metric, points, total) : regression(metric, points, total)
        guard let found, found.value.isFinite, found.error.isFinite else { return nil }
        let low = found.value - 3 * found.error
        let high = found.value + 3 * found.error
        let isShare = metric != .logLoss && isClassification
        return EstimatedPerformance(
            method: isClassification ? .confidence : .directLoss,
            metric: metric,
            value: found.value,
            interval: Interval(low: max(0, low), high: isShare ? min(1, high) : high),
            rows: Int(total),
            calibrationRows: rows
        )
    }

    private func classification(
        _ metric: MetricName,
        _ points: [(score: Double, rows: Double)],
        _ total: Double
    ) -> (value: Double, error: Double)? {
        var (hits, falseAlarms, rest, misses) = (0.0, 0.0, 0.0, 0.0)
        var (loss, squares, variance) = (0.0, 0.0, 0.0)
        var (pairs, below) = (0.0, 0.0)
        for point in points {
            let raw = min(1, max(0, point.score))
            let chance = isCorrecting ? Self.bin(of: point.score, bins).rate : raw
            let (yes, no) = (chance * point.rows, (1 - chance) * point.rows)
            if point.score >= 0.5 {
                hits += yes
                falseAlarms += no
            } else {
                misses += yes
                rest += no
            }
            let safe = min(max(raw, 1e-15), 1 - 1e-15)
            loss -= yes * log(safe) + no * log(1 - safe)
            squares += yes * (1 - raw) * (1 - raw) + no * raw * raw
            variance += point.rows * chance * (1 - chance)
            pairs += yes * (below + no / 2)
            below += no
        }
        let spread = variance.squareRoot() / total
        let positives = hits + misses
        switch metric {
        case .accuracy: return ((hits + rest) / total, spread)
        case .auc:
            guard positives > 0, below > 0 else { return nil }
            let area = pairs / (positives * below)
            return (
                area, PerformanceSketch.areaError(area, positives: positives, negatives: below)
            )
        case .logLoss: return (loss / total, spread)
        case .brier: return (squares / total, spread / 2)
        case .f1: return (2 * hits / max(1e-9, 2 * hits + falseAlarms + misses), 2 * spread)
        case .precision:
            return (hits / max(1e-9, hits + falseAlarms), 2 * spread)
        case .recall: return (hits / max(1e-9, positives), 2 * spread)
        default: return nil
        }
    }

    private func regression(
        _ metric: MetricName,
        _ points: [(score: Double, rows: Double)],
        _ total: Double
    ) -> (value: Double, error: Double)? {
        var (absolute, squared) = (0.0, 0.0)
        for point in points {
            let bin = Self.bin(of: point.score, bins)
            absolute += point.rows * bin.absoluteError / Double(max(1, bin.rows))
            squared += point.rows * bin.squaredError / Double(max(1, bin.rows))
        }
        let mean = absolute / total
        let spread = (max(0, squared / total - mean * mean) / total).squareRoot()
        switch metric {
        case .meanAbsoluteError: return (mean, spread)
        case .rootMeanSquaredError: return ((squared / total).squareRoot(), spread)
        default: return nil
        }
    }
}
