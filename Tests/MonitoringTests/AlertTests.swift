import Domain
import Monitoring
import Testing

/// One letter a window: B breached, . clean, ? unknown; and what follows, a letter each.
private struct Course: Sendable, CustomTestStringConvertible {
    let windows: String
    /// p pending, F fired, f still firing, w withdrawn, R resolved, - nothing; ~ after a letter
    /// says that it flaps.
    let follows: String
    var lasting = AlertSpan.windows(1)
    var keepFiring = AlertSpan.windows(1)
    var changes = 100

    var testDescription: String { "\(windows) \(lasting) \(keepFiring)" }
}

@Suite
struct AlertTrackerTests {
    private static let news = AlertNews(message: "m")

    private func follow(_ course: Course) -> String {
        var tracker = AlertTracker()
        let timing = AlertTiming(
            lasting: course.lasting,
            keepFiring: course.keepFiring,
            flapping: FlapPolicy(changes: course.changes, periodSeconds: 4 * Timestamp.day)
        )
        return course.windows.enumerated().map { number, letter in
            let breach: Breach =
                letter == "B" ? .breached(Self.news) : letter == "." ? .clean : .unknown
            let change = tracker.observe(breach, windowEnd: day(number), timing: timing)
            return Self.letter(change)
        }
        .joined()
    }

    private static func letter(_ change: AlertChange) -> String {
        let flaps = { (news: AlertNews) in news.isFlapping ? "~" : "" }
        return switch change {
        case .none: "-"
        case .pending: "p"
        case .fired(let news): "F" + flaps(news)
        case .stillFiring(let news): "f" + flaps(news)
        case .withdrawn: "w"
        case .resolved: "R"
        }
    }

    @Test(arguments: [
        Course(windows: "B", follows: "F"),
        Course(windows: "BB.", follows: "FfR"),
        // `for`, in windows and in time: active since the first breach.
        Course(windows: "BBB", follows: "p-F", lasting: .windows(3)),
        Course(windows: "BBB", follows: "p-F", lasting: .seconds(2 * Timestamp.day)),
        Course(windows: "B", follows: "F", lasting: .seconds(0)),
        // A pending alert that misses one evaluation is forgotten; an unknown one is none.
        Course(windows: "BB.BB", follows: "p-wp-", lasting: .windows(3)),
        Course(windows: "B?BB", follows: "p--F", lasting: .windows(3)),
        Course(windows: "B?B", follows: "p-F", lasting: .seconds(2 * Timestamp.day)),
        Course(windows: ".?", follows: "--"),
        // `keep_firing_for` counts from the first absence and starts again with each breach.
        Course(windows: "B.B..", follows: "F-f-R", keepFiring: .windows(2)),
        Course(windows: "B.?.", follows: "F--R", keepFiring: .windows(2)),
        Course(windows: "B...", follows: "F--R", keepFiring: .seconds(2 * Timestamp.day)),
        Course(windows: "B.B...", follows: "F-f--R", keepFiring: .seconds(2 * Timestamp.day)),
        Course(windows: "B..B", follows: "F-RF", keepFiring: .windows(2)),
        // More than three changes in four days flap: one alert, until four days without a change.
        Course(windows: "B.B.", follows: "FRFf~", changes: 3),
        Course(windows: "B.B.B.B", follows: "FRFf~f~-f~", changes: 3),
        Course(windows: "B.B.....", follows: "FRFf~---R", changes: 3),
        Course(windows: "B.B.BBBBB", follows: "FRFf~f~f~f~f~f", changes: 3),
        // The changes of longer ago do not count.
        Course(windows: "B.???B.???B.", follows: "FR---FR---FR", changes: 3),
    ])
    private func `an alert goes through Prometheus's states`(course: Course) {
        #expect(follow(course) == course.follows)
    }

    @Test
    func `a window is observed once`() {
        var tracker = AlertTracker()
        let timing = AlertTiming(
            lasting: .windows(2),
            keepFiring: .windows(2),
            flapping: FlapPolicy(periodSeconds: Timestamp.day)
        )
        let breach = Breach.breached(Self.news)
        _ = tracker.observe(breach, windowEnd: day(1), timing: timing)
        let again = tracker.observe(breach, windowEnd: day(1), timing: timing)
        #expect(again == .none)
        #expect(!tracker.isFiring)
        let earlier = tracker.observe(breach, windowEnd: day(0), timing: timing)
        #expect(earlier == .none)
        let later = tracker.observe(breach, windowEnd: day(2), timing: timing)
        #expect(later == .fired(Self.news))
        #expect(tracker.isFiring)
    }
}

@Suite
struct AlertRuleTests {
    private func report(_ psi: [String: Double]) -> DriftReport {
        BreachTests().report(
            psi.sorted { $0.key < $1.key }
                .map { BreachTests().feature($0.key, .stable, psi: $0.value) }
        )
    }

    private func breached(
        _ rule: AlertRuleDefinition,
        _ psi: [String: Double],
        firing: Set<String> = []
    ) -> [String] {
        rule.findings(in: report(psi), policy: policy, isWhole: true) { firing.contains($0.key) }
            .compactMap { finding in
                if case .breached = finding.breach { finding.identity.key } else { nil }
            }
    }

    @Test
    func `a rule on features has an alert each, of those its patterns fit`() {
        let rule = AlertRuleDefinition(
            name: "dep",
            kind: .feature,
            metric: .psi,
            features: ["dep_*", "wind"],
            raise: 0.2
        )
        let psi = ["dep_hour": 0.3, "dep_delay": 0.1, "wind": 0.9, "carrier": 0.9]
        #expect(breached(rule, psi) == ["dep/dep_hour", "dep/wind"])
    }

    @Test
    func `a firing alert is held to the lower level: hysteresis`() {
        let rule = AlertRuleDefinition(
            name: "psi",
            kind: .feature,
            metric: .psi,
            raise: 0.25,
            clear: 0.1
        )
        #expect(breached(rule, ["wind": 0.2]).isEmpty)
        #expect(breached(rule, ["wind": 0.2], firing: ["psi/wind"]) == ["psi/wind"])
        #expect(breached(rule, ["wind": 0.1], firing: ["psi/wind"]).isEmpty)
    }

    @Test
    func `part of a range says nothing of drift, but of broken rows it does`() {
        for (kind, expected) in [(AlertRule.feature, false), (.quality, true)] {
            let rule = AlertRuleDefinition(name: "x", kind: kind, metric: .psi, raise: 0.2)
            let found = rule.findings(in: report(["wind": 1]), policy: policy, isWhole: false) {
                _ in false
            }
            #expect((found.first?.breach != .unknown) == expected)
        }
    }

    @Test
    func `without a block the standard rules hold, and one of the same name replaces its own`() {
        #expect(policy.alertRules.map(\.name) == ["drift", "performance"])
        #expect(policy.alertRules.map(\.lasting) == [.windows(3), .windows(3)])
        #expect(policy.alertRules.map(\.severity) == [.warning, .critical])
        var own = policy
        own.alerts = AlertPolicy(rules: [
            AlertRuleDefinition(name: "drift", kind: .drift, raise: 0.9)
        ])
        #expect(own.alertRules.map(\.name) == ["performance", "drift"])
        #expect(own.alertRules.last?.raise == 0.9)
    }
}

@Suite
struct BreachTests {
    func feature(_ name: String, _ verdict: DriftVerdict, psi: Double) -> FeatureDrift {
        FeatureDrift(
            feature: name,
            isCategorical: false,
            rows: 1_204,
            psi: psi,
            jensenShannon: 0,
            wasserstein: nil,
            kolmogorovSmirnov: nil,
            missingShare: 0,
            baselineMissingShare: 0,
            unseenShare: 0,
            psiFloor: 0,
            verdict: verdict,
            reason: ""
        )
    }

    @Test(arguments: [
        (DriftCause.Kind.technical, "technical" as String?, "technical" as String?),
        (.pipeline, "pipeline", nil), (.season, nil, nil), (.behaviour, nil, nil),
    ])
    func `names a fault of the service for all, and one of the feed for the whole`(
        kind: DriftCause.Kind,
        whole: String?,
        single: String?
    ) throws {
        var judged = report([feature("wind", .drift, psi: 0.4)])
        judged.causes = [
            DriftCause(
                feature: DriftCause.wholeModel,
                likely: DriftCause.Candidate(kind, evidence: []),
                runnerUp: nil
            )
        ]
        guard case .breached(let news) = Breach.drift(in: judged, share: 0.3, limit: 0.3),
            case .breached(let own) = Breach.metric(
                .psi,
                of: judged.features[0],
                over: 0.2,
                limit: 0.2,
                in: judged
            )
        else {
            Issue.record("Nothing is breached.")
            return
        }
        #expect(news.cause == whole)
        #expect(own.cause == single)
    }

    func report(
        _ features: [FeatureDrift],
        verdict: DriftVerdict = .warning,
        performance: WindowPerformance? = nil
    ) -> DriftReport {
        DriftReport(
            model: "late-flights",
            version: 3,
            deployment: ID("deployment-1"),
            windowStart: day(0),
            windowEnd: day(1),
            rollingStart: day(-6),
            rows: 1_204,
            features: features,
            prediction: nil,
            driftedShare: Double(features.count { $0.verdict == .drift }) / Double(features.count),
            verdict: verdict,
            performance: performance
        )
    }

    @Test
    func `drift is breached at the policy's share and names the worst`() {
        let features = [
            feature("temp", .drift, psi: 0.61), feature("humid", .stable, psi: 0.02),
            feature("dewp", .stable, psi: 0.01),
        ]
        let message = """
            1 of 3 features of late-flights v3 has drifted over 1,204 rows: temp (PSI 0.61). \
            The limit is 30.0 %.
            """
        let expected = Breach.breached(AlertNews(message: message, features: ["temp"]))
        #expect(Breach.drift(in: report(features), share: 0.3, limit: 0.3) == expected)
        let more = features + [feature("wind", .stable, psi: 0)]
        #expect(Breach.drift(in: report(more), share: 0.3, limit: 0.3) == .clean)
    }

    @Test
    func `too few rows neither raise nor clear`() {
        let few = report([feature("temp", .tooFewRows, psi: 3)], verdict: .tooFewRows)
        #expect(Breach.drift(in: few, share: 0.3, limit: 0.3) == .unknown)
        #expect(metric(.psi, over: 0.2, in: few) == .unknown)
        #expect(Breach.performance(in: few, policy: policy, drop: 0.03) == .unknown)
    }

    @Test
    func `a share limit of zero is not breached by no drift`() {
        let none = report([feature("temp", .stable, psi: 0)])
        #expect(Breach.drift(in: none, share: 0, limit: 0) == .clean)
    }

    @Test
    func `one metric of any feature can be watched`() {
        let found = report([feature("b", .stable, psi: 0.3)])
        guard case .breached(let news) = metric(.psi, over: 0.2, in: found) else {
            Issue.record("A breach was expected.")
            return
        }
        #expect(news.message.hasPrefix("PSI of b is 0.300"))
        #expect(news.features == ["b"])
        #expect(metric(.psi, over: 0.4, in: found) == .clean)
        #expect(metric(.wasserstein, over: 0.4, in: found) == .unknown)
    }

    private func metric(_ metric: DriftMetric, over level: Double, in report: DriftReport) -> Breach
    {
        Breach.metric(metric, of: report.features[0], over: level, limit: level, in: report)
    }

    @Test(arguments: [
        (MetricName.accuracy, 0.74, 600, true), (.accuracy, 0.78, 600, false),
        (.logLoss, 0.83, 600, true), (.logLoss, 0.6, 600, false),
    ])
    func `performance is breached on the wrong side of its limit`(
        metric: MetricName,
        value: Double,
        rows: Int,
        isBreached: Bool
    ) {
        let performance = WindowPerformance(
            metric: metric,
            value: value,
            labelledRows: rows,
            coverage: 1,
            expected: metric == .accuracy ? 0.8 : 0.75,
            limit: metric == .accuracy ? 0.77 : 0.78
        )
        let found = Breach.performance(
            in: report([feature("a", .stable, psi: 0)], performance: performance),
            policy: policy,
            drop: policy.performance.drop
        )
        if case .breached(let news) = found {
            #expect(isBreached)
            #expect(news.message.contains("over 600 labelled rows"))
        } else {
            #expect(!isBreached)
            #expect(found == .clean)
        }
    }

    @Test
    func `few labels give no verdict on performance`() {
        let performance = WindowPerformance(
            metric: .accuracy,
            value: 0.1,
            labelledRows: 499,
            coverage: 0.1,
            expected: 0.8,
            limit: 0.77
        )
        let found = report([feature("a", .stable, psi: 0)], performance: performance)
        #expect(Breach.performance(in: found, policy: policy, drop: 0.03) == .unknown)
    }
}

@Suite
struct RetrainDecisionTests {
    private func decide(
        _ rule: AlertRule,
        on trigger: RetrainTrigger = .any,
        last: Timestamp? = nil,
        open: String? = nil
    ) -> RetrainDecision {
        RetrainDecision(
            rule: rule,
            policy: RetrainPolicy(
                on: trigger,
                cooldownSeconds: 14 * Timestamp.day,
                windowSeconds: 60 * Timestamp.day,
                approval: .required
            ),
            history: RetrainHistory(lastStartedAt: last, open: open),
            now: day(20)
        )
    }

    @Test(arguments: [
        (AlertRule.drift, RetrainTrigger.any, true), (.performance, .any, true),
        (.drift, .drift, true), (.drift, .performance, false),
        (.performance, .performance, true), (.performance, .drift, false),
        (.drift, .never, false), (.failure, .any, false), (.refusedCandidate, .any, false),
    ])
    func `the policy names the alerts that retrain`(
        rule: AlertRule,
        trigger: RetrainTrigger,
        starts: Bool
    ) {
        if case .start = decide(rule, on: trigger) { #expect(starts) } else { #expect(!starts) }
    }

    @Test
    func `one retrain is open at a time`() {
        let expected = RetrainDecision.wait(
            reason: "\"run-12\" is a retrain that is still open; one at a time is allowed."
        )
        #expect(decide(.drift, open: "run-12") == expected)
    }

    @Test
    func `the cooldown says how long it lasts`() {
        let expected = RetrainDecision.wait(
            reason: """
                The last retrain started at 2013-01-08T00:00:00Z; the cooldown of 14 days lasts \
                1 day more.
                """
        )
        #expect(decide(.drift, last: day(7)) == expected)
        if case .wait = decide(.drift, last: day(6)) { Issue.record("The cooldown is over.") }
    }
}
