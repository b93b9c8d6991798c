import Domain
import Glibc
import Monitoring
import Statistics

/// A harbour's year: warm summers, spells of weather, a load and a carrier that do not care.
struct HarbourYear {
    var temperature: [Double] = []
    var dew: [Double] = []
    var load: [Double] = []
    var carrier: [String?] = []
    var seconds: [Int] = []
    var ids: [String] = []

    static let rowsADay = 40

    /// Rows of these days, counted from the first of January 2013.
    init(days: Range<Int>, seed: UInt64 = 1) {
        for day in days {
            // Spells of about five days, the same whichever days are asked for.
            let spell = normals(1, seed: seed &* 1_000 &+ UInt64(day / 5 + 1_000))[0]
            let season = 10 - 12 * cos(2 * .pi * Double(day) / 365)
            let noise = normals(3 * Self.rowsADay, seed: seed &* 77_777 &+ UInt64(day + 1_000))
            for row in 0..<Self.rowsADay {
                let warmth = season + 2 * spell + noise[3 * row]
                temperature.append((warmth * 10).rounded() / 10)
                dew.append(((warmth - 4 + 0.7 * noise[3 * row + 1]) * 10).rounded() / 10)
                load.append(50 + 10 * noise[3 * row + 2])
                carrier.append(["UA", "UA", "B6", "EV"][row % 4])
                seconds.append(1_356_998_400 + day * 86_400 + row * 2_000)
                ids.append("\(day)-\(row)")
            }
        }
    }

    var columns: [NamedColumn] {
        [
            NamedColumn(name: "temperature", values: .numbers(temperature)),
            NamedColumn(name: "dew", values: .numbers(dew)),
            NamedColumn(name: "load", values: .numbers(load)),
            NamedColumn(name: "carrier", values: .categories(carrier)),
        ]
    }

    var scores: [Double] { load.map { 1 / (1 + exp((50 - $0) / 10)) } }

    func baseline() throws -> Baseline {
        var generator = SeededGenerator(seed: 5)
        return try Baseline(
            columns: columns,
            scores: scores,
            unixSeconds: seconds.map { $0 },
            calibration: ScoreCalibration(
                scores: scores,
                labels: scores.map { generator.nextUnit() < $0 ? 1 : 0 },
                task: .classification
            )
        )
    }

    /// - Parameter right: how often a label follows its score; nil where no labels have come.
    func window(of baseline: Baseline, right: Double? = 1) throws -> WindowSketch {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: columns, scores: scores, baseline: baseline)
        guard let right else { return window }
        var generator = SeededGenerator(seed: 9)
        for score in scores {
            let isRight = generator.nextUnit() < right
            let label = generator.nextUnit() < score
            window.addLabel((isRight ? label : !label) ? 1 : 0, score: score)
        }
        return window
    }
}

/// A model of the harbour and what its windows are found to be.
struct HarbourWatch {
    let baseline: Baseline
    let policy = MonitorPolicy(
        performance: PerformanceThreshold(drop: 0.05, minimumRows: 100, forWindows: 1),
        retrain: retrainOnAny
    )

    init(trainedOn days: Range<Int>) throws {
        baseline = try HarbourYear(days: days).baseline()
    }

    func report(of year: HarbourYear, from first: Int, right: Double? = 1) throws -> DriftReport {
        try DriftReport(
            on: DriftSubject(
                model: "late-flights",
                version: 3,
                deployment: ID("deployment-1"),
                windowStart: day(first + 6),
                windowEnd: day(first + 7),
                rollingStart: day(first)
            ),
            baseline: baseline,
            window: year.window(of: baseline, right: right),
            policy: policy,
            // Accuracy of labels that follow such scores.
            expected: ExpectedPerformance(metric: .accuracy, value: 0.69)
        )
    }

    /// The causes of a week that was changed, after clean weeks before it.
    func causes(
        of first: Int,
        after past: Int = 8,
        right: Double? = 1,
        service: ServiceFacts? = nil,
        change: (inout HarbourYear) -> Void = { _ in },
        before: ((inout HarbourYear, Int) -> Void)? = nil
    ) throws -> [DriftCause] {
        let earlier = try (0..<past).map { step in
            let start = first - 7 * (past - step)
            var year = HarbourYear(days: start..<start + 7)
            before?(&year, step)
            return try report(of: year, from: start)
        }
        var year = HarbourYear(days: first..<first + 7)
        change(&year)
        let found = try report(of: year, from: first, right: right)
        return CauseSearch(
            report: found,
            baseline: baseline,
            policy: policy,
            rows: RecentRows(columns: year.columns, ids: year.ids),
            earlier: earlier,
            service: service
        ).causes()
    }
}
