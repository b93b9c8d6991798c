import Domain
import Monitoring
import Statistics
import Testing

/// The false alarms and blind spots that were measured in other tools.
@Suite
struct VerdictTests {
    private func drift(
        _ reference: ColumnValues,
        _ current: ColumnValues
    ) throws -> FeatureDrift {
        let baseline = try Baseline(
            columns: [NamedColumn(name: "x", values: reference)],
            scores: []
        )
        var window = try WindowSketch(baseline: baseline, task: .regression)
        try window.add(
            columns: [NamedColumn(name: "x", values: current)],
            scores: [Double](repeating: 0, count: current.count),
            baseline: baseline
        )
        return try #require(report(baseline, window).features.first)
    }

    @Test
    func `a thousand categories without drift are stable`() throws {
        func draw(_ count: Int, _ seed: UInt64) -> ColumnValues {
            var generator = SeededGenerator(seed: seed)
            return .categories((0..<count).map { _ in "c\(Int(generator.nextUnit() * 1_000))" })
        }
        let found = try drift(draw(20_000, 1), draw(5_000, 2))
        #expect(found.jensenShannon > 0.15)
        #expect(found.verdict < .warning, "\(found.reason)")
    }

    @Test
    func `nine values of ten missing is drift, though the others are as before`() throws {
        let values = normals(2_000, seed: 2)
        let found = try drift(
            .numbers(normals(5_000, seed: 1)),
            .numbers(values.enumerated().map { $0.offset % 10 == 0 ? $0.element : .nan })
        )
        #expect(found.verdict == .drift)
        #expect(found.reason.contains("90.0 % are missing"))
    }

    @Test
    func `a wild value in the reference hides no later shift`() throws {
        var reference = normals(5_000, seed: 1)
        reference[9] = 1e4
        let found = try drift(.numbers(reference), .numbers(normals(2_000, seed: 2, shift: 1)))
        #expect(found.verdict == .drift)
        #expect((0.85...1.15).contains(found.wasserstein ?? 0))
    }

    @Test
    func `a hundredth of a deviation at a hundred thousand rows is significant and no drift`()
        throws
    {
        let found = try drift(
            .numbers(normals(100_000, seed: 1)),
            .numbers(normals(100_000, seed: 2, shift: 0.03))
        )
        #expect((found.limits?.probability ?? 1) < 0.001)
        #expect(found.verdict == .stable)
    }

    @Test
    func `a hundredth of a deviation at a million rows is certain and of no importance`() throws {
        // The same values ten times: as many rows, and as certain, at a tenth of the cost.
        let some = normals(100_000, seed: 1)
        let rows = (0..<10).flatMap { _ in some }
        let found = try drift(.numbers(rows), .numbers(rows.map { $0 + 0.01 }))
        #expect((found.limits?.probability ?? 1) < 1e-4, "\(String(describing: found.limits))")
        #expect((0.009...0.011).contains(found.wasserstein ?? 0))
        #expect(found.verdict == .stable)
    }

    @Test
    func `twenty features hardly ever alarm together without drift`() throws {
        var alarms = 0
        for seed in 0..<20 {
            let columns = (0..<20).map { number in
                let values = normals(600, seed: UInt64(1_000 + 20 * seed + number))
                return NamedColumn(name: "x\(number)", values: .numbers(values))
            }
            let training = (0..<20).map { number in
                let values = normals(2_000, seed: UInt64(9_000 + 20 * seed + number))
                return NamedColumn(name: "x\(number)", values: .numbers(values))
            }
            let baseline = try Baseline(
                columns: training,
                scores: [Double](repeating: 0.5, count: 2_000)
            )
            var window = try WindowSketch(baseline: baseline, task: .classification)
            try window.add(
                columns: columns,
                scores: [Double](repeating: 0.5, count: 600),
                baseline: baseline
            )
            if try report(baseline, window).features.contains(where: { $0.verdict == .drift }) {
                alarms += 1
            }
        }
        #expect(alarms == 0)
    }

    @Test
    func `the smallest drift that a window shows shrinks with its rows`() throws {
        func detectable(_ rows: Int) throws -> Double {
            let found = try drift(
                .numbers(normals(5_000, seed: 1)),
                .numbers(normals(rows, seed: 2))
            )
            return try #require(found.limits?.detectable)
        }
        #expect(try detectable(50) > detectable(200))
        #expect(try detectable(200) > 0.2)
        #expect(try abs(detectable(5_000) - 0.25) < 0.01)
    }

    @Test
    func `a June is held against other Junes, and a hot one is still seen`() throws {
        let watch = try HarbourWatch(trainedOn: -730..<0)
        let june = try watch.report(of: HarbourYear(days: 160..<167, seed: 3), from: 160)
        let calm = try #require(june.features.first { $0.feature == "temperature" })
        #expect(calm.psi > 0.25 && calm.psi > calm.psiFloor)
        #expect(calm.verdict == .stable, "\(calm.reason)")
        #expect(calm.reason.contains("is usual for this time of the year"))
        #expect(calm.limits?.usual?.isSeason == true)
        var year = HarbourYear(days: 160..<167, seed: 3)
        year.temperature = year.temperature.map { $0 + 10 }
        let hot = try watch.report(of: year, from: 160)
        let moved = try #require(hot.features.first { $0.feature == "temperature" })
        #expect(moved.verdict == .drift)
        #expect(moved.reason.contains("not usual for this time of the year"))
    }

    @Test
    func `weeks of clean weather hardly ever drift`() throws {
        let watch = try HarbourWatch(trainedOn: -730..<0)
        var alarms = 0
        for week in 0..<52 {
            let year = HarbourYear(days: 7 * week..<7 * week + 7, seed: 4)
            if try watch.report(of: year, from: 7 * week).verdict == .drift { alarms += 1 }
        }
        // One week of 52 is the most that chance may make; three in a row make an alert.
        #expect(alarms <= 1)
    }

    @Test
    func `the change of the mean score splits into moved inputs and changed response`() throws {
        let watch = try HarbourWatch(trainedOn: 0..<60)
        var year = HarbourYear(days: 60..<67)
        year.load = year.load.map { $0 + 10 }
        let moved = try #require(try watch.report(of: year, from: 60).scoreShift)
        let load = try #require(moved.contributions.first)
        let change = moved.windowMean - moved.baselineMean
        #expect(load.feature == "load")
        #expect(abs(load.inputs + load.response - change) < 1e-9)
        #expect(load.inputs > 0.8 * change && change > 0.1)
        #expect(load.bins.count == 3)
        // A feature that did not move leaves it all to the response.
        let carrier = try #require(moved.contributions.first { $0.feature == "carrier" })
        #expect(abs(carrier.inputs) < 0.01 && abs(carrier.response - change) < 0.01)
    }

    @Test
    func `performance is estimated before the labels come, and measured after`() throws {
        let watch = try HarbourWatch(trainedOn: 0..<60)
        let year = HarbourYear(days: 60..<67)
        let early = try watch.report(of: year, from: 60, right: nil)
        #expect(early.performance == nil)
        let guess = try #require(early.estimate)
        #expect(guess.method == .confidence && guess.metric == .accuracy)
        #expect(guess.rows == 280 && guess.calibrationRows == 2_400)
        let late = try #require(try watch.report(of: year, from: 60).performance)
        #expect(guess.interval.low < late.value && late.value < guess.interval.high)
        let interval = try #require(late.interval)
        #expect(interval.low < late.value && late.value < interval.high)
        // What the estimate is blind to: labels that no longer follow the scores.
        let wrong = try watch.report(of: year, from: 60, right: 0.3)
        #expect((wrong.performance?.value ?? 1) < guess.interval.low)
    }

    @Test
    func `the errors of like scores estimate a regression`() throws {
        let scores = normals(2_000, seed: 1)
        let noise = normals(2_000, seed: 2)
        let labels = zip(scores, noise).map { $0 + ($0 > 0 ? 2 : 0.5) * $1 }
        let calibration = try #require(
            ScoreCalibration(scores: scores, labels: labels, task: .regression)
        )
        let layout = BinLayout(baseline: Sample(scores))
        let sketch = try NumericSketch(
            layout: layout,
            values: normals(500, seed: 3, shift: 3)
        )
        let guess = try #require(calibration.estimate(of: .meanAbsoluteError, scores: sketch))
        #expect(guess.method == .directLoss)
        // 2 · sqrt(2 / pi), the mean error of the high scores.
        #expect(abs(guess.value - 1.596) < 0.15)
        #expect(calibration.estimate(of: .auc, scores: sketch) == nil)
        #expect(ScoreCalibration(scores: [1], labels: [1], task: .regression) == nil)
    }
}
