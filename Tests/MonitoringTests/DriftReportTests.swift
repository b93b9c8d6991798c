import Domain
import Monitoring
import Statistics
import Testing

@Suite
struct DriftReportTests {
    private let baseline: Baseline

    init() throws {
        baseline = try Example(rows: 5_000, seed: 1).baseline()
    }

    private func temperature(
        _ change: (inout Example) -> Void,
        rows: Int = 2_000
    ) throws -> FeatureDrift {
        var example = Example(rows: rows, seed: 2)
        change(&example)
        let report = try report(baseline, example.window(of: baseline))
        return try #require(report.features.first { $0.feature == "temperature" })
    }

    private func carrier(_ change: (inout Example) -> Void) throws -> FeatureDrift {
        var example = Example(rows: 1_000, seed: 2)
        change(&example)
        let report = try report(baseline, example.window(of: baseline))
        return try #require(report.features.first { $0.feature == "carrier" })
    }

    @Test
    func `rows like the baseline's are stable, with the reason in words`() throws {
        let report = try report(baseline, Example(rows: 2_000, seed: 2).window(of: baseline))
        #expect(report.verdict == .stable)
        #expect(report.driftedShare == 0)
        #expect(report.features.allSatisfy { $0.verdict == .stable })
        #expect(report.prediction?.verdict == .stable)
        #expect(report.prediction?.feature == Baseline.scoreColumn)
        #expect(report.rows == 2_000)
        #expect(report.rollingStart == day(3))
        #expect(report.features.allSatisfy { $0.reason.contains("within what chance makes") })
    }

    @Test
    func `a shift of one standard deviation is drift`() throws {
        let report = try report(
            baseline,
            Example(rows: 2_000, seed: 2, shift: 1).window(of: baseline)
        )
        let feature = try #require(report.features.first)
        #expect(feature.feature == "temperature")
        #expect(feature.verdict == .drift)
        #expect(feature.reason.contains("is over 0.250, and chance alone stays below"))
        #expect((0.9...1.1).contains(feature.wasserstein ?? 0))
        #expect(report.driftedShare == 0.5)
        #expect(report.verdict == .drift)
    }

    @Test
    func `a window of an earlier version, which counted no runs, makes the report it then made`()
        throws
    {
        let window = try Example(rows: 200, seed: 2).window(of: baseline)
        let earlier = try report(baseline, ofEarlierVersion(window))
        #expect(earlier.features.allSatisfy { $0.quality == nil })
        #expect(earlier.prediction?.quality == nil)
        #expect(try report(baseline, window).features.allSatisfy { $0.quality != nil })
    }

    @Test
    func `what is odd about single values is counted by its reason`() throws {
        let odd: [String?] = [nil, "12 °C", "twelve", "nan", "inf", "1e6", "-1e6"]
        let cells = Array(repeating: Optional("0.25"), count: 30) + odd
        let drift = try temperature { example in
            let column = ColumnValues(cells: cells, encoding: .number)
            guard case .numbers(let numbers) = column else { return }
            example.temperature.replaceSubrange(0..<numbers.count, with: numbers)
        }
        let quality = try #require(drift.quality)
        #expect(quality.missing == 4)
        #expect(quality.unreadable == 2)
        #expect(quality.notANumber == 1)
        #expect(quality.infinite == 1)
        #expect(quality.aboveRange >= 1)
        #expect(quality.belowRange >= 1)
        #expect(quality.longestRun == ColumnQuality.Run(value: 0.25, length: 30))
        #expect(quality.distinct == nil)
        #expect(MissingNumber(of: ColumnValues.number("seven")) == .unreadable)
        #expect(MissingNumber(of: ColumnValues.number("nan")) == .notANumber)
        #expect(MissingNumber(of: ColumnValues.number(nil)) == .absent)
        #expect(quality.counters.first?.counter == .unreadable)
        #expect(quality.counters.contains { $0.counter == .null && $0.rows == 1 })
        let names = try carrier { $0.carrier[3] = "XX" }
        #expect(names.quality?.unseen == 1)
        #expect((names.quality?.distinct ?? 0).rounded() == 4)
    }

    @Test
    func `values that cannot be read are named apart from those that are missing`() throws {
        let drift = try temperature { example in
            for row in 0..<200 { example.temperature[row] = MissingNumber.unreadable.value }
            for row in 200..<300 { example.temperature[row] = .nan }
        }
        #expect(drift.reason.contains("15.0 % are missing (10.0 % cannot be read as numbers)"))
    }

    @Test
    func `new categories of which none comes twice are counted without examples`() throws {
        // As many as the list of frequent ones holds, and one: then it is empty.
        let drift = try carrier { example in
            for row in 0..<65 { example.carrier[row] = "new \(row)" }
        }
        #expect(drift.quality?.unseen == 65)
        #expect(drift.reason.contains("have a category the baseline never had."))
    }

    @Test
    func `a shift between the marks is a warning`() throws {
        let feature = try temperature { example in
            example.temperature = example.temperature.map { $0 + 0.4 }
        }
        #expect(feature.verdict == .warning)
        #expect(feature.reason.contains("is over 0.100 and what chance makes"))
    }

    @Test
    func `a change that PSI does not see is a warning by Wasserstein`() throws {
        let feature = try temperature { example in
            // The top tenth moves out within its own decile and range.
            example.temperature = example.temperature.map { $0 > 1.29 ? 3.2 : $0 }
                .map { $0 < -1.29 ? -3.2 : $0 }
        }
        #expect(feature.psi < 0.05)
        #expect(feature.verdict == .warning)
        #expect(feature.reason.contains("standard deviations"))
    }

    @Test(arguments: [50, 200])
    func `small windows without drift are rarely called drift`(rows: Int) throws {
        var drifted = 0
        for trial in 0..<200 {
            let example = Example(rows: rows, seed: UInt64(10_000 + trial))
            let found = try report(baseline, example.window(of: baseline))
            if found.features.contains(where: { $0.verdict == .drift }) { drifted += 1 }
            #expect(found.driftedShare < 1)
        }
        #expect(drifted <= 6)
    }

    @Test
    func `at few rows a PSI within chance is not judged`() throws {
        let feature = try temperature(
            { $0.temperature = normals(40, seed: 5, shift: 0.2) },
            rows: 40
        )
        #expect(feature.psi > 0.25)
        #expect(feature.psi < feature.psiFloor)
        #expect(feature.verdict == .tooFewRows)
        #expect(feature.reason.contains("at this number of rows chance alone reaches"))
    }

    @Test(arguments: [(0, "No rows came in this range."), (5, "Only 5 of 5 rows have a value")])
    func `a handful of rows is too few`(rows: Int, reason: String) throws {
        let found = try report(baseline, Example(rows: rows, seed: 2).window(of: baseline))
        #expect(found.verdict == .tooFewRows)
        #expect(found.features.allSatisfy { $0.verdict == .tooFewRows })
        #expect(found.features.allSatisfy { $0.reason.hasPrefix(reason) })
    }

    @Test
    func `a handful of rows far off is not judged either`() throws {
        let far = Example(rows: 19, seed: 2, shift: 30)
        let found = try report(baseline, far.window(of: baseline))
        #expect(found.features.allSatisfy { $0.verdict == .tooFewRows })
    }

    @Test
    func `several reasons of one verdict are all said`() throws {
        let feature = try temperature { example in
            example.temperature = example.temperature.map { $0 + 10 }
        }
        #expect(feature.reason.hasPrefix("PSI "))
        #expect(feature.reason.contains("of the values lie outside the baseline's range"))
    }

    @Test
    func `one wild value is no drift and hides none`() throws {
        let calm = try temperature { $0.temperature[7] = 1e6 }
        #expect(calm.verdict == .stable)
        let moved = try temperature { example in
            example.temperature = example.temperature.map { $0 + 1 }
            example.temperature[7] = 1e6
        }
        #expect(moved.verdict == .drift)
        #expect((moved.wasserstein ?? 0) < 1.1)
    }

    @Test
    func `a column without any value is drift`() throws {
        let feature = try temperature { example in
            example.temperature = Array(repeating: .nan, count: 2_000)
        }
        #expect(feature.verdict == .drift)
        #expect(feature.missingShare == 1)
        #expect(feature.reason == "Every value is missing; the baseline had 0.0 %.")
    }

    @Test(arguments: [(20, DriftVerdict.stable), (100, .warning), (600, .drift)])
    func `missing values are judged by their rise`(missing: Int, expected: DriftVerdict) throws {
        let feature = try temperature { example in
            for row in 0..<missing { example.temperature[row * 3] = .nan }
        }
        #expect(feature.verdict == expected)
    }

    @Test(arguments: [(4, DriftVerdict.stable), (30, .warning), (100, .drift)])
    func `new categories are judged by their share`(rows: Int, expected: DriftVerdict) throws {
        let feature = try carrier { example in
            for row in 0..<rows { example.carrier[row * 7] = "ZZ" }
        }
        #expect(feature.unseenShare == Double(rows) / 1_000)
        #expect(feature.verdict >= expected)
        if expected > .stable {
            #expect(feature.verdict == .drift || feature.reason.contains("such as \"ZZ\""))
        }
    }

    @Test
    func `values outside the baseline's range are named with it`() throws {
        let feature = try temperature { example in
            for row in 0..<160 { example.temperature[row] = 40 }
        }
        #expect(feature.verdict == .drift)
        #expect(feature.unseenShare == 0.08)
        #expect(feature.reason.contains("8.0 % of the values lie outside the baseline's range"))
    }

    @Test
    func `a constant column is stable until it changes`() throws {
        let constant = NamedColumn(
            name: "c",
            values: .numbers(Array(repeating: 7, count: 100))
        )
        let baseline = try Baseline(columns: [constant], scores: normals(100, seed: 1))
        func feature(_ value: Double) throws -> FeatureDrift? {
            var window = try WindowSketch(baseline: baseline, task: .classification)
            let values = [Double](repeating: value, count: 100)
            try window.add(
                columns: [NamedColumn(name: "c", values: .numbers(values))],
                scores: normals(100, seed: 2),
                baseline: baseline
            )
            return try report(baseline, window).features.first
        }
        #expect(try feature(7)?.verdict == .stable)
        #expect(try feature(8)?.verdict == .drift)
    }

    @Test
    func `an all missing baseline column cannot be compared and does not fail`() throws {
        let empty = NamedColumn(name: "e", values: .numbers([.nan, .nan]))
        let baseline = try Baseline(columns: [empty], scores: [0.1, 0.9])
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(
            columns: [NamedColumn(name: "e", values: .numbers(normals(50, seed: 1)))],
            scores: normals(50, seed: 2),
            baseline: baseline
        )
        let feature = try report(baseline, window).features.first
        #expect(feature?.verdict == .stable)
        #expect(feature?.reason == "The values cannot be compared.")
    }

    @Test
    func `only the watched features are judged`() throws {
        let watching = MonitorPolicy(features: ["carrier"], retrain: retrainOnAny)
        let window = try Example(rows: 2_000, seed: 2, shift: 2).window(of: baseline)
        let found = try report(baseline, window, policy: watching)
        #expect(found.features.map(\.feature) == ["carrier"])
        #expect(found.driftedShare == 0)
    }

    @Test
    func `drift of the scores alone is a warning`() throws {
        var example = Example(rows: 2_000, seed: 2)
        example.scores = example.scores.map { $0 * $0 * $0 }
        let found = try report(baseline, example.window(of: baseline))
        #expect(found.prediction?.verdict == .drift)
        #expect(found.verdict == .warning)
    }

    @Test
    func `performance carries its coverage and the limit of the policy`() throws {
        var window = try Example(rows: 1_000, seed: 2).window(of: baseline)
        for row in 0..<400 { window.addLabel(row % 4 == 0 ? 1 : 0, score: 0.2) }
        let expected = ExpectedPerformance(metric: .accuracy, value: 0.8)
        let found = try #require(try report(baseline, window, expected: expected).performance)
        #expect(found.value == 0.75)
        #expect(found.labelledRows == 400)
        #expect(found.coverage == 0.4)
        #expect(abs(found.limit - 0.77) < 1e-12)
        let loss = ExpectedPerformance(metric: .logLoss, value: 0.5)
        #expect(abs(loss.limit(PerformanceThreshold()) - 0.53) < 1e-12)
    }

    @Test
    func `bars show deciles, and new categories last`() throws {
        var example = Example(rows: 1_000, seed: 2)
        for row in 0..<100 { example.carrier[row] = "ZZ" }
        let window = try example.window(of: baseline)
        let temperature = try #require(
            BinShare.bars(of: "temperature", baseline: baseline, window: window)
        )
        #expect(temperature.count == 10)
        #expect(temperature.allSatisfy { abs($0.baselineShare - 0.1) < 1e-9 })
        #expect(temperature[0].label.hasPrefix("≤ -1."))
        let carrier = try #require(
            BinShare.bars(of: "carrier", baseline: baseline, window: window)
        )
        #expect(carrier.map(\.label) == ["UA", "B6", "EV", "new"])
        #expect(carrier.last?.windowShare == 0.1)
        #expect(BinShare.bars(of: "none", baseline: baseline, window: window) == nil)
        let scores = BinShare.bars(of: Baseline.scoreColumn, baseline: baseline, window: window)
        #expect(scores?.count == 10)
    }
}
