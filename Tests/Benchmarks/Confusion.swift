import Domain
import Glibc
import Monitoring
import Statistics

/// Injected faults and the causes they are given, over seeds; and the false alarms of clean weeks.
struct Confusion {
    /// A week's rows of three numbers, a carrier and what the model makes of them.
    struct Week {
        var temperature: [Double] = []
        /// Higher with one carrier, and the reading that goes along with it.
        var load: [Double] = []
        var power: [Double] = []
        var carrier: [String?] = []
        var seconds: [Int] = []
        var ids: [String?] = []
        /// What the version adds to each score's argument.
        var scoreShift = 0.0

        init(days: Range<Int>, seed: UInt64) {
            for day in days {
                var weather = SeededGenerator(seed: seed &* 1_000 &+ UInt64(day / 5 + 1_000))
                let spell = Confusion.normal(&weather)
                var generator = SeededGenerator(seed: seed &* 77_777 &+ UInt64(day + 1_000))
                let season = 10 - 12 * cos(2 * .pi * Double(day) / 365)
                for row in 0..<40 {
                    let warmth = season + 2 * spell + Confusion.normal(&generator)
                    temperature.append((warmth * 10).rounded() / 10)
                    let name = ["UA", "UA", "B6", "EV"][Int(generator.nextUnit() * 4)]
                    append(carrier: name, &generator)
                    seconds.append(1_356_998_400 + day * 86_400 + row * 2_000)
                    ids.append("\(day)-\(row)")
                }
            }
        }

        private mutating func append(carrier name: String, _ generator: inout SeededGenerator) {
            carrier.append(name)
            load.append(50 + (name == "EV" ? 15 : 0) + 10 * Confusion.normal(&generator))
            power.append(2 * (load.last ?? 0) + 6 * Confusion.normal(&generator))
        }

        /// Load and what goes along with it, narrower and higher.
        mutating func move() {
            load = load.map { ($0 - 50) * 0.4 + 68 }
            power = power.map { ($0 - 100) * 0.4 + 136 }
        }

        /// Most rows of the carrier with the higher load.
        mutating func mix(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            let count = carrier.count
            (carrier, load, power) = ([], [], [])
            for _ in 0..<count {
                let name = generator.nextUnit() < 0.8 ? "EV" : "UA"
                append(carrier: name, &generator)
            }
        }

        var columns: [NamedColumn] {
            [
                NamedColumn(name: "temperature", values: .numbers(temperature)),
                NamedColumn(name: "load", values: .numbers(load)),
                NamedColumn(name: "power", values: .numbers(power)),
                NamedColumn(name: "carrier", values: .categories(carrier)),
            ]
        }

        var scores: [Double] { load.map { 1 / (1 + exp((54 - $0) / 10 - scoreShift)) } }
    }

    private struct Fault: Sendable {
        let name: String
        let kind: DriftCause.Kind?
        var right: Double? = 1
        var isAnswering = true
        /// Whether training knew only the last two months.
        var isTrainingShort = false
        /// Changes a week; also those before, by how many weeks they lie back.
        var change: @Sendable (inout Week, _ weeksAgo: Int) -> Void = { _, _ in }
    }

    private static let faults: [Fault] = [
        Fault(name: "service down", kind: .technical, isAnswering: false),
        Fault(name: "feed gone", kind: .pipeline) { week, ago in
            if ago == 0 { week.load = week.load.map { _ in .nan } }
        },
        Fault(name: "rows twice", kind: .duplicateFeed) { week, ago in
            guard ago == 0 else { return }
            for row in week.ids.indices where row % 5 == 0 { week.ids[row] = "again" }
        },
        Fault(name: "null surge", kind: .dataLoss) { week, ago in
            guard ago == 0 else { return }
            for row in week.load.indices where row % 3 == 0 { week.load[row] = .nan }
        },
        Fault(name: "sentinel -999", kind: .sentinel) { week, ago in
            guard ago == 0 else { return }
            for row in week.load.indices where row % 8 == 0 { week.load[row] = -999 }
        },
        Fault(name: "stuck sensor", kind: .stuckSensor) { week, ago in
            guard ago == 0 else { return }
            for row in week.load.indices where row > 120 { week.load[row] = 51.25 }
        },
        Fault(name: "°C to °F", kind: .unitChange) { week, ago in
            guard ago == 0 else { return }
            week.temperature = week.temperature.map { $0 * 1.8 + 32 }
        },
        Fault(name: "load in thousandths", kind: .unitChange) { week, ago in
            guard ago == 0 else { return }
            week.load = week.load.map { $0 / 1_000 }
        },
        Fault(name: "bias of one sensor", kind: .offset) { week, ago in
            guard ago == 0 else { return }
            week.load = week.load.map { $0 + 25 }
        },
        Fault(name: "new category", kind: .newCategory) { week, ago in
            guard ago == 0 else { return }
            for row in week.carrier.indices where row % 4 == 0 { week.carrier[row] = "XX" }
        },
        Fault(name: "behaviour, with loss", kind: .behaviour, right: 0.55) { week, ago in
            guard ago == 0 else { return }
            week.move()
        },
        Fault(name: "concept", kind: .concept, right: 0.5),
        Fault(name: "moved, no loss", kind: .benign) { week, ago in
            guard ago == 0 else { return }
            week.move()
        },
        Fault(name: "moved, no labels", kind: .labelsPending, right: nil) { week, ago in
            guard ago == 0 else { return }
            week.move()
        },
        Fault(name: "sensor ageing", kind: .sensorAgeing) { week, ago in
            week.load = week.load.map { $0 + 2.2 * Double(12 - ago) }
        },
        Fault(name: "mix of carriers", kind: .populationMix) { week, ago in
            if ago == 0 { week.mix(seed: UInt64(week.seconds.first ?? 0)) }
        },
        Fault(name: "season not trained", kind: .season, isTrainingShort: true),
        Fault(name: "other version", kind: .versionChange, right: nil) { week, ago in
            if ago == 0 { week.scoreShift = 1.5 }
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
                let report = try one.report(rows, 7 * week, baseline, right: 1, seed: seed)
                if report.verdict == .drift {
                    alarms += 1
                }
            }
        }
        for fault in faults {
            var counts: [String: Int] = [:]
            for seed in 1...UInt64(seeds) {
                let baseline = try one.baseline(seed: seed, days: fault.isTrainingShort ? 60 : 730)
                for week in fault.isTrainingShort ? [24, 26, 28, 30] : [2, 15, 28, 41] {
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

    private func baseline(seed: UInt64, days: Int = 730) throws -> Baseline {
        let year = Week(days: -days..<0, seed: seed)
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
        right: Double?,
        seed: UInt64
    ) throws -> DriftReport {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: week.columns, scores: week.scores, baseline: baseline)
        if let right {
            var generator = SeededGenerator(seed: seed &* 991 &+ UInt64(first + 1_000))
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
            expected: ExpectedPerformance(metric: .accuracy, value: 0.68)
        )
    }

    private func cause(
        _ fault: Fault,
        _ first: Int,
        _ seed: UInt64,
        _ baseline: Baseline
    ) throws -> DriftCause.Kind? {
        let earlier = try (1...12).reversed().map { step in
            let start = first - 7 * step
            var week = Week(days: start..<start + 7, seed: seed)
            fault.change(&week, step)
            return try report(
                week,
                start,
                baseline,
                right: 1,
                seed: seed
            )
        }
        var week = Week(days: first..<first + 7, seed: seed)
        fault.change(&week, 0)
        return CauseSearch(
            report: try report(week, first, baseline, right: fault.right, seed: seed),
            baseline: baseline,
            policy: policy,
            rows: RecentRows(columns: week.columns, ids: week.ids),
            earlier: earlier,
            service: ServiceFacts(isAnswering: fault.isAnswering, errorShare: 0, problem: nil)
        ).causes().first { fault.kind == .season || $0.likely.kind != .season }?.likely.kind
    }

    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
        return radius * cos(2 * .pi * generator.nextUnit())
    }
}
