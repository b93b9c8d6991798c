import Domain
import Glibc
import Monitoring
import Statistics

/// A fault that is injected into real weeks of flights, and the cause that it should be given.
struct FlightFault: Sendable {
    let name: String
    let kind: DriftCause.Kind?
    /// The share of labels that stay as they were; nil where none has come.
    var right: Double? = 1
    var isAnswering = true
    /// Whether training knew January and February alone.
    var isTrainingShort = false
    /// What the version adds to each score's argument.
    var scoreShift = 0.0
    var change: @Sendable (inout FlightYear.Rows, _ weeksAgo: Int) -> Void = { _, _ in }
}

/// Faults injected into real weeks, and the causes they are given.
///
/// One half of the year's flights trains a model; the other half comes in a year later, some weeks
/// off, so that a week meets the weather of another week of its season.
struct FlightConfusion: ~Copyable {
    private static let day = 86_400
    /// The first moment of 2013.
    private static let origin = 1_356_998_400
    /// Weeks into which faults are injected, with twelve before them.
    private static let weeks = [15, 22, 30, 38, 46]
    private static let summerWeeks = [25, 28, 31, 34]

    private let policy = MonitorPolicy(
        // A week of half the flights tells the AUC to about 0.03.
        performance: PerformanceThreshold(drop: 0.1, minimumRows: 100, forWindows: 1),
        retrain: RetrainPolicy(on: .any, cooldownSeconds: 0, windowSeconds: 0, approval: .required)
    )
    private let seed: UInt64
    /// The half that comes in, week by week.
    private let production: [FlightYear.Rows]
    private var full: FlightModel
    private var winter: FlightModel
    private let expected: ExpectedPerformance
    /// How many weeks later in the year a week comes in than it was.
    private let weeksOff: Int

    init(_ year: FlightYear, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &* 7_919)
        var (training, rest): ([Int], [Int]) = ([], [])
        for place in 0..<year.all.count {
            if generator.nextUnit() < 0.5 { training.append(place) } else { rest.append(place) }
        }
        let known = year.all.selecting(training)
        var full = try FlightModel(trainedOn: known)
        let short = (0..<known.count).filter {
            known.seconds[$0] < Self.origin + 59 * Self.day
        }
        let winter = try FlightModel(trainedOn: known.selecting(short))
        let held = year.all.selecting(rest)
        var places: [[Int]] = Array(repeating: [], count: 53)
        for place in 0..<held.count {
            places[(held.seconds[place] - Self.origin) / (7 * Self.day)].append(place)
        }
        var sketch = PerformanceSketch(task: .classification)
        for (score, late) in zip(try full.scores(of: held), held.late) {
            sketch.add(score: score, label: late)
        }
        self.seed = seed
        weeksOff = [-2, -1, 1, 2][Int(seed % 4)]
        production = places.prefix(52).map { held.selecting($0) }
        expected = ExpectedPerformance(metric: .auc, value: sketch.value(of: .auc) ?? 0.7)
        self.full = full
        self.winter = winter
    }

    /// Prints one line a fault: how often each cause was named.
    static func printTable(fileAt path: String, seeds: Int) throws {
        let year = try FlightYear(fileAt: path)
        var counts: [String: [String: Int]] = [:]
        var (alarms, features, weeks) = (0, 0, 0)
        for seed in 1...UInt64(seeds) {
            var one = try FlightConfusion(year, seed: seed)
            for week in 0..<52 {
                let report = try one.report(FlightFault.clean, week, 0).report
                weeks += 1
                if report.verdict == .drift { alarms += 1 }
                features += report.features.count { $0.verdict == .drift }
            }
            for fault in FlightFault.all {
                for week in fault.isTrainingShort ? Self.summerWeeks : Self.weeks {
                    let (kind, isLost) = try one.cause(fault, week)
                    let name = isLost ? "\(fault.name), and the week lost" : fault.name
                    counts[name, default: [:]][kind?.rawValue ?? "none", default: 0] += 1
                }
            }
        }
        var (right, all) = (0, 0)
        for fault in FlightFault.all.flatMap({ [$0, $0.lost] }).compactMap({ $0 }) {
            guard let found = counts[fault.name] else { continue }
            let total = found.values.reduce(0, +)
            let hits = found[fault.kind?.rawValue ?? "none"] ?? 0
            (right, all) = (right + hits, all + total)
            let named = found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            print("flights \(fault.name): \(hits) of \(total) (\(named))")
        }
        print("flights_named_right \(right) of \(all)")
        print("flights_false_alarm_weeks \(alarms) of \(weeks)")
        print("flights_false_alarm_features \(features) of \(weeks * 15)")
    }

    private mutating func report(
        _ fault: FlightFault,
        _ week: Int,
        _ ago: Int
    ) throws -> (report: DriftReport, rows: FlightYear.Rows) {
        var rows = production[week - ago]
        fault.change(&rows, ago)
        let scores =
            (fault.isTrainingShort
            ? try winter.scores(of: rows) : try full.scores(of: rows))
            .map { 1 / (1 + exp(log(1 / $0 - 1) - (ago == 0 ? fault.scoreShift : 0))) }
        let baseline = fault.isTrainingShort ? winter.baseline : full.baseline
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: rows.columns, scores: scores, baseline: baseline)
        if let right = fault.right {
            var generator = SeededGenerator(seed: seed &* 991 &+ UInt64(week * 100 + ago))
            for (score, late) in zip(scores, rows.late) {
                let isRight = ago > 0 || generator.nextUnit() < right
                window.addLabel(isRight ? late : 1 - late, score: score)
            }
        }
        // 364 days keep the weekday.
        let later = fault.isTrainingShort ? 0 : 364 * Self.day + weeksOff * 7 * Self.day
        let start = Timestamp(
            seconds: Double(Self.origin + (week - ago) * 7 * Self.day + later)
        )
        let report = try DriftReport(
            on: DriftSubject(
                model: "late-flights",
                version: 1,
                deployment: ID("deployment-1"),
                windowStart: start.adding(seconds: 6 * Timestamp.day),
                windowEnd: start.adding(seconds: 7 * Timestamp.day),
                rollingStart: start
            ),
            baseline: baseline,
            window: window,
            policy: policy,
            expected: expected
        )
        return (report, rows)
    }

    /// The cause that is named, and whether a loss was measured that nobody injected: some weeks
    /// are harder than others, and what is left of a thinned week may be.
    private mutating func cause(
        _ fault: FlightFault,
        _ week: Int
    ) throws -> (kind: DriftCause.Kind?, isLost: Bool) {
        var earlier: [DriftReport] = []
        for ago in (1...12).reversed() { earlier.append(try report(fault, week, ago).report) }
        let (report, rows) = try report(fault, week, 0)
        let isLost = fault.lost != nil && report.performance?.isBreached == true
        let causes = CauseSearch(
            report: report,
            baseline: fault.isTrainingShort ? winter.baseline : full.baseline,
            policy: policy,
            rows: RecentRows(columns: rows.columns, ids: rows.ids),
            earlier: earlier,
            service: ServiceFacts(isAnswering: fault.isAnswering, errorShare: 0, problem: nil)
        ).causes()
        let named = causes.first { fault.kind == .season || $0.likely.kind != .season }
        return (named?.likely.kind, isLost)
    }
}

extension FlightFault {
    static let clean = FlightFault(name: "clean", kind: nil)

    /// What is right where a loss was measured as well; nil where it changes nothing.
    var lost: FlightFault? {
        let name = "\(name), and the week lost"
        switch kind {
        case .benign, .populationMix: return FlightFault(name: name, kind: .behaviour)
        case nil: return FlightFault(name: name, kind: .concept)
        default: return nil
        }
    }

    /// Every row of the table of causes, in its order.
    static let all: [FlightFault] = [
        FlightFault(name: "service down", kind: .technical, isAnswering: false),
        FlightFault(name: "feed gone", kind: .pipeline) { rows, ago in
            if ago == 0 { rows.numbers["temp"] = rows.late.map { _ in .nan } }
        },
        FlightFault(name: "rows twice", kind: .duplicateFeed) { rows, ago in
            guard ago == 0 else { return }
            let again = (0..<rows.count).filter { $0 % 4 == 0 }
            rows = rows.selecting((Array(0..<rows.count) + again).sorted())
        },
        FlightFault(name: "null surge", kind: .dataLoss) { rows, ago in
            guard ago == 0 else { return }
            rows.change("distance") { $1 % 3 == 0 ? .nan : $0 }
        },
        FlightFault(name: "sentinel -999", kind: .sentinel) { rows, ago in
            guard ago == 0 else { return }
            rows.change("temp") { $1 % 8 == 0 ? -999 : $0 }
        },
        FlightFault(name: "stuck sensor", kind: .stuckSensor) { rows, ago in
            guard ago == 0, let all = rows.numbers["dewp"] else { return }
            let held = all[rows.count / 3]
            let start = rows.count / 3
            rows.change("dewp") { $1 > start ? held : $0 }
        },
        FlightFault(name: "°F to °C", kind: .unitChange) { rows, ago in
            if ago == 0 { rows.change("temp") { value, _ in (value - 32) / 1.8 } }
        },
        FlightFault(name: "miles to kilometres", kind: .unitChange) { rows, ago in
            if ago == 0 { rows.change("distance") { value, _ in value * 1.609344 } }
        },
        FlightFault(name: "bias of one sensor", kind: .offset) { rows, ago in
            if ago == 0 { rows.change("pressure") { value, _ in value + 25 } }
        },
        FlightFault(name: "new category", kind: .newCategory) { rows, ago in
            guard ago == 0 else { return }
            rows.categories["carrier"] = rows.categories["carrier"]?.enumerated().map {
                $0.offset % 4 == 0 ? "XX" : $0.element
            }
        },
        FlightFault(name: "behaviour, with loss", kind: .behaviour, right: 0.6) { rows, ago in
            if ago == 0 { rows.moveLate() }
        },
        FlightFault(name: "concept", kind: .concept, right: 0.6),
        FlightFault(name: "moved, no loss", kind: .benign) { rows, ago in
            if ago == 0 { rows.moveLate() }
        },
        FlightFault(name: "moved, no labels", kind: .labelsPending, right: nil) { rows, ago in
            if ago == 0 { rows.moveLate() }
        },
        FlightFault(name: "sensor ageing", kind: .sensorAgeing) { rows, ago in
            rows.change("dewp") { value, _ in value + 3 * Double(12 - ago) }
        },
        FlightFault(name: "mix of airports", kind: .populationMix) { rows, ago in
            guard ago == 0 else { return }
            let origins = rows.categories["origin"] ?? []
            rows = rows.thinned { origins[$0] == "JFK" ? 1 : 0.15 }
        },
        FlightFault(name: "season not trained", kind: .season, isTrainingShort: true),
        FlightFault(name: "other version", kind: .versionChange, right: nil, scoreShift: 1.5),
        clean,
    ]
}

extension FlightYear.Rows {
    fileprivate mutating func change(_ name: String, _ body: (Double, Int) -> Double) {
        numbers[name] = numbers[name]?.enumerated().map { body($0.element, $0.offset) }
    }

    /// Each row with its own probability; 0...1.
    fileprivate func thinned(_ probability: (Int) -> Double) -> FlightYear.Rows {
        var generator = SeededGenerator(seed: UInt64(count))
        return selecting((0..<count).filter { generator.nextUnit() < probability($0) })
    }

    /// Mostly the flights late in the day and over long ways, whoever flies them.
    fileprivate mutating func moveLate() {
        let (hours, ways) = (numbers["hour"] ?? [], numbers["distance"] ?? [])
        self = thinned { exp(0.3 * (hours[$0] - 18) + (ways[$0] - 1_000) / 1_500) }
    }
}
