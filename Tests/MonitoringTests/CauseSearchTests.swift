import Domain
import Monitoring
import Statistics
import Testing

/// A change of one week of the harbour and the cause it must be given.
struct WeekFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: DriftCause.Kind
    var isAdvised = false
    var right: Double? = 1
    let change: @Sendable (inout HarbourYear) -> Void

    static let wrongRows: Set<DriftCause.Kind> = [
        .pipeline, .duplicateFeed, .dataLoss, .sentinel, .stuckSensor, .unitChange,
    ]

    static let all: [WeekFault] = [
        WeekFault(testDescription: "a gone feed", kind: .pipeline) {
            $0.load = $0.load.map { _ in .nan }
        },
        WeekFault(testDescription: "rows twice", kind: .duplicateFeed) { year in
            year.ids = year.ids.enumerated().map { $0.offset % 5 == 0 ? "0-0" : $0.element }
        },
        WeekFault(testDescription: "a null surge", kind: .dataLoss) { year in
            year.load = year.load.enumerated().map { $0.offset % 3 == 0 ? .nan : $0.element }
        },
        WeekFault(testDescription: "a sentinel", kind: .sentinel) { year in
            year.load = year.load.enumerated().map { $0.offset % 8 == 0 ? -999 : $0.element }
        },
        WeekFault(testDescription: "a stuck sensor", kind: .stuckSensor) { year in
            year.load = year.load.enumerated().map { $0.offset > 120 ? 51.25 : $0.element }
        },
        WeekFault(testDescription: "another unit", kind: .unitChange) { year in
            year.temperature = year.temperature.map { $0 * 1.8 + 32 }
        },
        WeekFault(testDescription: "a bias of one sensor", kind: .offset) { year in
            year.load = year.load.map { $0 + 25 }
        },
        WeekFault(testDescription: "a new carrier with labels", kind: .newCategory, isAdvised: true)
        { year in
            year.carrier = year.carrier.enumerated().map { $0.offset % 3 == 0 ? "XX" : $0.element }
        },
        WeekFault(
            testDescription: "a new carrier without labels",
            kind: .newCategory,
            right: nil
        ) { year in
            year.carrier = year.carrier.enumerated().map { $0.offset % 3 == 0 ? "XX" : $0.element }
        },
        WeekFault(
            testDescription: "changed behaviour that costs",
            kind: .behaviour,
            isAdvised: true,
            right: 0.6
        ) { $0.load = $0.load.map { ($0 - 50) * 0.4 + 62 } },
        WeekFault(
            testDescription: "wrong labels alone",
            kind: .concept,
            isAdvised: true,
            right: 0.5
        ) { _ in },
        WeekFault(testDescription: "a move that costs nothing", kind: .benign) { year in
            year.load = year.load.map { ($0 - 50) * 0.4 + 62 }
        },
        WeekFault(testDescription: "a move before the labels", kind: .labelsPending, right: nil) {
            $0.load = $0.load.map { ($0 - 50) * 0.4 + 62 }
        },
    ]
}

@Suite
struct CauseSearchTests {
    /// A model that knows the whole year.
    private let watch: HarbourWatch

    init() throws {
        watch = try HarbourWatch(trainedOn: -365..<0)
    }

    @Test(arguments: WeekFault.all)
    func `a changed week is given its cause`(fault: WeekFault) throws {
        let causes = try watch.causes(of: 180, right: fault.right, change: fault.change)
        let first = try #require(causes.first)
        #expect(first.likely.kind == fault.kind, "\(first)")
        #expect(first.isRetrainAdvised == fault.isAdvised)
        #expect(!first.likely.evidence.isEmpty && !first.action.isEmpty)
    }

    @Test(arguments: WeekFault.all.filter { WeekFault.wrongRows.contains($0.kind) }, [1, 0.5])
    func `rows that are wrong start no retrain, even where a loss is measured`(
        fault: WeekFault,
        right: Double
    ) throws {
        let cause = try #require(
            try watch.causes(of: 180, right: right, change: fault.change).first
        )
        for rule in [AlertRule.drift, .performance] {
            let decision = RetrainDecision(
                rule: rule,
                policy: retrainOnAny,
                history: RetrainHistory(lastStartedAt: nil, open: nil),
                now: day(187),
                cause: cause
            )
            let reason = """
                The likely cause is \(fault.kind.title) (\(cause.feature)). \
                The rows are wrong, not the model: it would learn the fault.
                """
            #expect(decision == .wait(reason: reason))
        }
    }

    @Test
    func `a clean week needs no cause but its season`() throws {
        for week in [10, 100, 190, 280] {
            let causes = try watch.causes(of: week, after: 3)
            #expect(causes.allSatisfy { $0.likely.kind == .season }, "\(week): \(causes)")
        }
    }

    @Test
    func `the warm season of a model that knows only winter starts nothing`() throws {
        let young = try HarbourWatch(trainedOn: 0..<59)
        let cause = try #require(try young.causes(of: 150, after: 12).first)
        #expect(cause.likely.kind == .season, "\(cause)")
        #expect(!cause.isRetrainAdvised)
        #expect(cause.likely.evidence.first?.contains("2013-01-01 to 2013-02-28") == true)
        let decision = RetrainDecision(
            rule: .drift,
            policy: retrainOnAny,
            history: RetrainHistory(lastStartedAt: nil, open: nil),
            now: day(157),
            cause: cause
        )
        guard case .wait(let reason) = decision else {
            Issue.record("A season started a retrain.")
            return
        }
        #expect(reason.hasPrefix("The likely cause is season (the model)."))
    }

    @Test
    func `the same season with a measured loss is behaviour, with the season as runner-up`() throws
    {
        let young = try HarbourWatch(trainedOn: 0..<59)
        let cause = try #require(try young.causes(of: 150, after: 12, right: 0.6).first)
        #expect(cause.likely.kind == .behaviour)
        #expect(cause.runnerUp?.kind == .season)
        #expect(cause.isRetrainAdvised)
        #expect(cause.retrainReason.contains("Season check: the training rows are of 2013-01-01"))
    }

    @Test
    func `a sudden jump in an unknown season is no season`() throws {
        let young = try HarbourWatch(trainedOn: 0..<59)
        let causes = try young.causes(
            of: 75,
            after: 6,
            change: { year in
                year.temperature = year.temperature.map { $0 + 30 + ($0 - 10) * 1.5 }
                year.dew = year.dew.map { $0 + 30 + ($0 - 6) * 1.5 }
            }
        )
        let cause = causes.first
        #expect(cause?.likely.kind == .benign, "\(String(describing: cause))")
    }

    @Test
    func `a sensor that creeps away from its neighbours is ageing`() throws {
        func age(_ year: inout HarbourYear, _ step: Int) {
            year.temperature = year.temperature.map { $0 * 0.7 + 1.6 * Double(step) }
        }
        // In autumn and winter alike the neighbour stays where the season has it.
        let steady = try HarbourWatch(trainedOn: 0..<30)
        let causes = try steady.causes(
            of: 30,
            after: 12,
            change: { year in
                year = HarbourYear(days: 0..<7)
                age(&year, 12)
            },
            before: { year, step in
                year = HarbourYear(days: 0..<7)
                age(&year, step)
            }
        )
        #expect(causes.first?.likely.kind == .sensorAgeing, "\(causes)")
        #expect(causes.first?.feature == "temperature")
    }

    @Test
    func `a sensor creeps against its neighbour even while the season moves both`() throws {
        // From winter into summer: by far the larger move is the season's.
        func age(_ year: inout HarbourYear, _ step: Int) {
            year.dew = year.dew.map { $0 - 1.2 * Double(step) }
        }
        let causes = try watch.causes(
            of: 150,
            after: 12,
            change: { age(&$0, 12) },
            before: { age(&$0, $1) }
        )
        #expect(causes.first?.likely.kind == .sensorAgeing, "\(causes)")
        #expect(causes.first?.feature == "dew")
        let sound = try watch.causes(of: 150, after: 12)
        #expect(!sound.contains { $0.likely.kind == .sensorAgeing })
    }

    @Test(arguments: [20, 110, 200, 290])
    func `another unit is seen in a week that is no image of a whole year`(day: Int) throws {
        let causes = try watch.causes(of: day) { year in
            // Within the year's range for most of it: only the season tells.
            year.temperature = year.temperature.map { $0 * 1.8 + 32 }
        }
        #expect(causes.first?.likely.kind == .unitChange, "\(causes)")
    }

    @Test
    func `only the shares of a category moved is a mix, with no number to speak for it`() throws {
        let causes = try watch.causes(of: 40) { year in
            year.carrier = year.carrier.indices.map { $0 % 5 == 0 ? "UA" : "B6" }
        }
        #expect(causes.first?.likely.kind == .populationMix, "\(causes)")
        #expect(causes.first?.likely.evidence.contains("No number has moved with them.") == true)
    }

    @Test
    func `a number that rises step by step is no sudden bias`() throws {
        let causes = try watch.causes(
            of: 60,
            after: 10,
            change: { $0.load = $0.load.map { $0 + 25 } },
            before: { year, step in year.load = year.load.map { $0 + 2.5 * Double(step) } }
        )
        #expect(causes.first?.likely.kind != .offset, "\(causes)")
        let sudden = try watch.causes(of: 60, after: 10) { $0.load = $0.load.map { $0 + 25 } }
        #expect(sudden.first?.likely.kind == .offset, "\(sudden)")
    }

    @Test
    func `another mix of segments is named where each segment stays`() throws {
        func mixed(_ days: Range<Int>, _ share: Int) -> HarbourYear {
            var year = HarbourYear(days: days)
            for row in year.load.indices {
                let isHeavy = row * 7 % 10 < share
                year.carrier[row] = isHeavy ? "UA" : "B6"
                year.load[row] = (year.load[row] - 50) / 5 + (isHeavy ? 80 : 40)
            }
            return year
        }
        let baseline = try mixed(0..<60, 2).baseline()
        let year = mixed(20..<27, 7)
        let window = try year.window(of: baseline)
        let report = try DriftReport(
            on: subject,
            baseline: baseline,
            window: window,
            policy: watch.policy,
            expected: ExpectedPerformance(metric: .accuracy, value: 0.5)
        )
        let causes = CauseSearch(
            report: report,
            baseline: baseline,
            policy: watch.policy,
            rows: RecentRows(columns: year.columns, ids: year.ids)
        ).causes()
        #expect(causes.first?.likely.kind == .populationMix, "\(causes)")
    }

    @Test
    func `cells that are no numbers are a broken contract, with one of them shown`() throws {
        let year = HarbourYear(days: 180..<187)
        let names = ["temperature", "dew", "load", "carrier"]
        let predictions = year.load.indices.map { row in
            Prediction(
                id: ID("p-\(row)"),
                deployment: ID("deployment-1"),
                model: "late-flights",
                version: 3,
                row: year.ids[row],
                time: day(180),
                score: year.scores[row],
                label: nil,
                cells: [
                    "\(year.temperature[row])", row == 3 ? nil : "\(year.dew[row])",
                    row % 70 == 5 ? "\(Int(year.load[row])),5" : "\(year.load[row])",
                    year.carrier[row],
                ]
            )
        }
        let signature = Signature(
            task: .classification,
            features: names.map {
                Feature(
                    name: $0,
                    encoding: $0 == "carrier" ? .category(levels: ["B6", "EV", "UA"]) : .number
                )
            },
            target: "late",
            time: nil,
            id: nil,
            cleaning: Cleaning()
        )
        let report = try watch.report(of: year, from: 180)
        let causes = CauseSearch(
            report: report,
            baseline: watch.baseline,
            policy: watch.policy,
            rows: RecentRows(predictions: predictions, signature: signature)
        ).causes()
        let cause = try #require(causes.first)
        #expect(cause.likely.kind == .pipeline)
        #expect(cause.feature == "load")
        #expect(cause.likely.evidence.first?.contains("4 of 280 rows do not fit the type") == true)
        #expect(cause.likely.evidence.first?.contains(",5\".") == true)
        #expect(!cause.isRetrainAdvised)
    }

    @Test(arguments: [
        ServiceFacts(isAnswering: false, errorShare: 0, problem: "It was killed."),
        ServiceFacts(isAnswering: true, errorShare: 0.2, problem: nil),
    ])
    func `a service that fails comes before everything else`(service: ServiceFacts) throws {
        let causes = try watch.causes(
            of: 180,
            service: service,
            change: { year in year.load = year.load.map { _ in .nan } }
        )
        #expect(causes.first?.likely.kind == .technical)
        #expect(causes.first?.runnerUp?.kind == .pipeline)
    }

    @Test
    func `a service that gets hardly any rows is technical`() throws {
        let causes = try watch.causes(
            of: 180,
            change: { year in year = HarbourYear(days: 180..<182) }
        )
        #expect(causes.first?.likely.kind == .technical)
    }
}
