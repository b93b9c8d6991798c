import Domain
import Glibc
import Monitoring
import Statistics

/// Injected faults and the causes they are given, over seeds; and the false alarms of clean weeks.
struct Confusion {
    /// A week's rows of three numbers, a carrier and labels.
    struct Week {
        var temperature: [Double] = []
        var load: [Double] = []
        var carrier: [String?] = []
        var seconds: [Int] = []
        var ids: [String?] = []

        init(days: Range<Int>, seed: UInt64) {
            for day in days {
                var weather = SeededGenerator(seed: seed &* 1_000 &+ UInt64(day / 5 + 1_000))
                let spell = Confusion.normal(&weather)
                var generator = SeededGenerator(seed: seed &* 77_777 &+ UInt64(day + 1_000))
                let season = 10 - 12 * cos(2 * .pi * Double(day) / 365)
                for row in 0..<40 {
                    let warmth = season + 2 * spell + Confusion.normal(&generator)
                    temperature.append((warmth * 10).rounded() / 10)
                    load.append(50 + 10 * Confusion.normal(&generator))
                    carrier.append(["UA", "UA", "B6", "EV"][Int(generator.nextUnit() * 4)])
                    seconds.append(1_356_998_400 + day * 86_400 + row * 2_000)
                    ids.append("\(day)-\(row)")
                }
            }
        }

        var columns: [NamedColumn] {
            [
                NamedColumn(name: "temperature", values: .numbers(temperature)),
                NamedColumn(name: "load", values: .numbers(load)),
                NamedColumn(name: "carrier", values: .categories(carrier)),
            ]
        }

        var scores: [Double] { load.map { 1 / (1 + exp((50 - $0) / 10)) } }
    }

    private struct Fault: Sendable {
        let name: String
        let kind: DriftCause.Kind?
        var right: Double? = 1
        var isAnswering = true
        var change: @Sendable (inout Week) -> Void = { _ in }
    }

    private static let faults: [Fault] = [
        Fault(name: "service down", kind: .technical, isAnswering: false),
        Fault(name: "feed gone", kind: .pipeline) { $0.load = $0.load.map { _ in .nan } },
        Fault(name: "rows twice", kind: .duplicateFeed) { week in
            for row in week.ids.indices where row % 5 == 0 { week.ids[row] = "again" }
        },
        Fault(name: "null surge", kind: .dataLoss) { week in
            for row in week.load.indices where row % 3 == 0 { week.load[row] = .nan }
        },
        Fault(name: "sentinel -999", kind: .sentinel) { week in
            for row in week.load.indices where row % 8 == 0 { week.load[row] = -999 }
        },
        Fault(name: "stuck sensor", kind: .stuckSensor) { week in
            for row in week.load.indices where row > 120 { week.load[row] = 51.25 }
        },
        Fault(name: "°C to °F", kind: .unitChange) { week in
            week.temperature = week.temperature.map { $0 * 1.8 + 32 }
        },
        Fault(name: "load in thousandths", kind: .unitChange) { week in
            week.load = week.load.map { $0 / 1_000 }
        },
        Fault(name: "bias of one sensor", kind: .offset) { week in
            week.load = week.load.map { $0 + 25 }
        },
        Fault(name: "new category", kind: .newCategory) { week in
            for row in week.carrier.indices where row % 4 == 0 { week.carrier[row] = "XX" }
        },
        Fault(name: "behaviour, with loss", kind: .behaviour, right: 0.55) { week in
            week.load = week.load.map { ($0 - 50) * 0.4 + 62 }
        },
        Fault(name: "concept", kind: .concept, right: 0.5),
        Fault(name: "moved, no loss", kind: .benign) { week in
            week.load = week.load.map { ($0 - 50) * 0.4 + 62 }
        },
        Fault(name: "moved, no labels", kind: .labelsPending, right: nil) { week in
            week.load = week.load.map { ($0 - 50) * 0.4 + 62 }
        },
        Fault(name: "clean", kind: nil),
    ]

    private let policy = MonitorPolicy(
        performance: PerformanceThreshold(drop: 0.06, minimumRows: 100, forWindows: 1),
        retrain: RetrainPolicy(on: .any, cooldownSeconds: 0, windowSeconds: 0, approval: .required)
    )

    /// Prints one line a fault: how often each cause was named.
    static func printTable(seeds: Int) throws {
        let one = Confusion()
        var alarms = 0
        var weeks = 0
        for seed in 1...UInt64(seeds) {
            let baseline = try one.baseline(seed: seed)
            for week in stride(from: 0, to: 52, by: 1) {
                let rows = Week(days: 7 * week..<7 * week + 7, seed: seed)
                weeks += 1
                let report = try one.report(rows, 7 * week, baseline, right: 1)
                if report.verdict == .drift { alarms += 1 }
            }
        }
        for fault in faults {
            var counts: [String: Int] = [:]
            for seed in 1...UInt64(seeds) {
                let baseline = try one.baseline(seed: seed)
                for week in [2, 15, 28, 41] {
                    let kind = try one.cause(fault, 7 * week, seed, baseline)
                    counts[kind?.rawValue ?? "none", default: 0] += 1
                }
            }
            let right = counts[fault.kind?.rawValue ?? "none"] ?? 0
            let named = counts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
            print(
                "confusion \(fault.name): \(right) of \(4 * seeds) (\(named.joined(separator: ", ")))"
            )
        }
        print("confusion_false_alarm_weeks \(alarms) of \(weeks)")
    }

    private func baseline(seed: UInt64) throws -> Baseline {
        let year = Week(days: -730..<0, seed: seed)
        return try Baseline(
            columns: year.columns,
            scores: year.scores,
            unixSeconds: year.seconds.map { $0 }
        )
    }

    private func report(
        _ week: Week,
        _ first: Int,
        _ baseline: Baseline,
        right: Double?
    ) throws -> DriftReport {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: week.columns, scores: week.scores, baseline: baseline)
        if let right {
            var generator = SeededGenerator(seed: 9)
            for score in week.scores {
                let isRight = generator.nextUnit() < right
                let label = generator.nextUnit() < score
                window.addLabel((isRight ? label : !label) ? 1 : 0, score: score)
            }
        }
        let start = Timestamp(seconds: 1_356_998_400 + Double(first) * Timestamp.day)
        return try DriftReport(
            on: DriftSubject(
                model: "harbour",
                version: 1,
                deployment: ID("deployment-1"),
                windowStart: start.adding(seconds: 6 * Timestamp.day),
                windowEnd: start.adding(seconds: 7 * Timestamp.day),
                rollingStart: start
            ),
            baseline: baseline,
            window: window,
            policy: policy,
            expected: ExpectedPerformance(metric: .accuracy, value: 0.69)
        )
    }

    private func cause(
        _ fault: Fault,
        _ first: Int,
        _ seed: UInt64,
        _ baseline: Baseline
    ) throws -> DriftCause.Kind? {
        let earlier = try (1...6).reversed().map { step in
            let start = first - 7 * step
            return try report(
                Week(days: start..<start + 7, seed: seed),
                start,
                baseline,
                right: 1
            )
        }
        var week = Week(days: first..<first + 7, seed: seed)
        fault.change(&week)
        return CauseSearch(
            report: try report(week, first, baseline, right: fault.right),
            baseline: baseline,
            policy: policy,
            rows: RecentRows(columns: week.columns, ids: week.ids),
            earlier: earlier,
            service: ServiceFacts(isAnswering: fault.isAnswering, errorShare: 0, problem: nil)
        ).causes().first { $0.likely.kind != .season }?.likely.kind
    }

    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
        return radius * cos(2 * .pi * generator.nextUnit())
    }
}
