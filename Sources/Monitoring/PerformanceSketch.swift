package import Domain
import Glibc
import Statistics

/// What is kept of scores and labels, from which every metric of a window follows.
///
/// All parts are sums, so sketches merge exactly. AUC comes from 200 score bins for each class; a
/// pair inside one bin counts half, which errs by less than 0.002 on scores that spread.
package struct PerformanceSketch: Codable, Sendable, Equatable {
    package private(set) var rows: Int
    package private(set) var truePositives: Int
    package private(set) var falsePositives: Int
    package private(set) var trueNegatives: Int
    package private(set) var falseNegatives: Int
    package private(set) var logLoss: Double
    package private(set) var squaredError: Double
    package private(set) var absoluteError: Double
    package private(set) var labelSum: Double
    package private(set) var labelSquares: Double
    /// Rows of each score bin 0...1 with a positive and with a negative label; empty for regression.
    package private(set) var positiveBins: [Int]
    package private(set) var negativeBins: [Int]

    package static let binCount = 200

    package init(task: ModelTask) {
        rows = 0
        truePositives = 0
        falsePositives = 0
        trueNegatives = 0
        falseNegatives = 0
        logLoss = 0
        squaredError = 0
        absoluteError = 0
        labelSum = 0
        labelSquares = 0
        let bins = task == .classification ? Self.binCount : 0
        positiveBins = Array(repeating: 0, count: bins)
        negativeBins = positiveBins
    }

    /// Counts one labelled row; a score or label that is no finite number is left out.
    package mutating func add(score: Double, label: Double) {
        guard abs(score) <= 1e100, abs(label) <= 1e100 else { return }
        rows += 1
        let error = score - label
        squaredError += error * error
        absoluteError += abs(error)
        labelSum += label
        labelSquares += label * label
        guard !positiveBins.isEmpty else { return }
        let probability = min(max(score, 2.220446049250313e-16), 1 - 2.220446049250313e-16)
        let bin = min(Self.binCount - 1, Int(probability * Double(Self.binCount)))
        if label > 0.5 {
            logLoss -= log(probability)
            positiveBins[bin] += 1
            if score >= 0.5 { truePositives += 1 } else { falseNegatives += 1 }
        } else {
            logLoss -= log1p(-probability)
            negativeBins[bin] += 1
            if score >= 0.5 { falsePositives += 1 } else { trueNegatives += 1 }
        }
    }

    /// Adds the other's rows; both must be of one task.
    package mutating func merge(_ other: PerformanceSketch) throws(MonitoringError) {
        guard positiveBins.count == other.positiveBins.count else {
            throw .kindDiffers(column: Baseline.scoreColumn)
        }
        rows += other.rows
        truePositives += other.truePositives
        falsePositives += other.falsePositives
        trueNegatives += other.trueNegatives
        falseNegatives += other.falseNegatives
        logLoss += other.logLoss
        squaredError += other.squaredError
        absoluteError += other.absoluteError
        labelSum += other.labelSum
        labelSquares += other.labelSquares
        for bin in positiveBins.indices {
            positiveBins[bin] += other.positiveBins[bin]
            negativeBins[bin] += other.negativeBins[bin]
        }
    }

    func put(into writer: inout PackedWriter) {
        writer.put(rows)
        guard rows > 0 else { return }
        for count in [truePositives, falsePositives, trueNegatives, falseNegatives] {
            writer.put(count)
        }
        for sum in [logLoss, squaredError, absoluteError, labelSum, labelSquares] {
            writer.put(sum)
        }
        for count in positiveBins + negativeBins { writer.put(count) }
    }

    /// Reads what `put` wrote of a model with this task.
    init(task: ModelTask, _ reader: inout PackedReader) throws(PackedBytesMalformed) {
        self.init(task: task)
        rows = try reader.number()
        guard rows > 0 else { return }
        truePositives = try reader.number()
        falsePositives = try reader.number()
        trueNegatives = try reader.number()
        falseNegatives = try reader.number()
        logLoss = try reader.double()
        squaredError = try reader.double()
        absoluteError = try reader.double()
        labelSum = try reader.double()
        labelSquares = try reader.double()
        for bin in positiveBins.indices { positiveBins[bin] = try reader.number() }
        for bin in negativeBins.indices { negativeBins[bin] = try reader.number() }
    }

    /// nil without rows, and where the metric is undefined on these.
    package func value(of metric: MetricName) -> Double? {
        guard rows > 0 else { return nil }
        let isClassification = !positiveBins.isEmpty
        guard isClassification == metric.suits(.classification) else { return nil }
        let count = Double(rows)
        let value: Double
        switch metric {
        case .accuracy: value = Double(truePositives + trueNegatives) / count
        case .auc: value = areaUnderCurve
        case .logLoss: value = logLoss / count
        case .f1:
            let sum = 2 * truePositives + falsePositives + falseNegatives
            value = sum == 0 ? 0 : Double(2 * truePositives) / Double(sum)
        case .precision:
            let predicted = truePositives + falsePositives
            value = predicted == 0 ? 0 : Double(truePositives) / Double(predicted)
        case .recall: value = Double(truePositives) / Double(truePositives + falseNegatives)
        case .brier: value = squaredError / count
        case .rootMeanSquaredError: value = (squaredError / count).squareRoot()
        case .meanAbsoluteError: value = absoluteError / count
        case .r2: value = 1 - squaredError / (labelSquares - labelSum * labelSum / count)
        }
        return value.isFinite ? value : nil
    }

    /// Where the true value lies in 95 of 100 such windows; nil where no formula is known.
    ///
    /// AUC after J. A. Hanley and B. J. McNeil (1982), shares after E. B. Wilson (1927), mean
    /// losses by their own spread.
    package func interval(of metric: MetricName) -> Interval? {
        guard let value = value(of: metric), rows > 1 else { return nil }
        let count = Double(rows)
        switch metric {
        case .accuracy: return Self.wilson(value, count)
        case .precision: return Self.wilson(value, Double(truePositives + falsePositives))
        case .recall: return Self.wilson(value, Double(truePositives + falseNegatives))
        case .auc:
            let error = Self.areaError(
                value,
                positives: Double(positiveBins.reduce(0, +)),
                negatives: Double(negativeBins.reduce(0, +))
            )
            return Interval(
                low: max(0, value - 1.96 * error),
                high: min(1, value + 1.96 * error)
            )
        case .meanAbsoluteError:
            let variance = max(0, squaredError / count - value * value)
            let error = 1.96 * (variance / count).squareRoot()
            return Interval(low: max(0, value - error), high: value + error)
        default: return nil
        }
    }

    static func wilson(_ share: Double, _ count: Double) -> Interval? {
        guard count > 0 else { return nil }
        let z = 1.96
        let scale = 1 + z * z / count
        let centre = (share + z * z / (2 * count)) / scale
        let root = (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
        return Interval(
            low: max(0, centre - z * root / scale),
            high: min(1, centre + z * root / scale)
        )
    }

    /// The standard error of an area under the curve.
    static func areaError(_ area: Double, positives: Double, negatives: Double) -> Double {
        guard positives > 0, negatives > 0 else { return 0 }
        let first = area / (2 - area) - area * area
        let second = 2 * area * area / (1 + area) - area * area
        let variance =
            (area * (1 - area) + (positives - 1) * first + (negatives - 1) * second)
            / (positives * negatives)
        return max(0, variance).squareRoot()
    }

    private var areaUnderCurve: Double {
        var negativesBelow = 0.0
        var pairs = 0.0
        for (positives, negatives) in zip(positiveBins, negativeBins) {
            pairs += Double(positives) * (negativesBelow + Double(negatives) / 2)
            negativesBelow += Double(negatives)
        }
        let positives = Double(positiveBins.reduce(0, +))
        return pairs / (positives * negativesBelow)
    }
}
