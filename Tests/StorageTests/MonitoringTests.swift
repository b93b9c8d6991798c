import Domain
import Testing

@testable import Storage

struct DriftReportTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a report, the rules' state and the alerts are kept in one step`() async throws {
        let report = makeDriftReport(day: 0)
        let changed = try await store.recordReport(
            report,
            state: [1, 2],
            alerts: [.open(makeAlert(status: .pending))],
            at: noon
        )
        #expect(changed.value.map(\.id.text) == ["alert-1"])
        #expect(changed.events.actions == ["drift.reported", "alert.opened"])
        #expect(changed.events.first?.content.subject.id.hasPrefix("late-flights/v1@2014") == true)
        #expect(try await store.monitorState(model: "late-flights", version: 1) == [1, 2])
        #expect(try await store.monitorState(model: "late-flights", version: 2) == nil)
        #expect(try await reports() == [report])
    }

    @Test
    func `an alert that cannot change refuses the whole report`() async throws {
        let head = try await store.auditHead()
        await expectRefusal(.notFound, "no alert \"alert-7\"") {
            try await store.recordReport(
                makeDriftReport(day: 0),
                state: [1],
                alerts: [.open(makeAlert()), .resolve(ID("alert-7"))],
                at: noon
            )
        }
        #expect(try await reports() == [])
        #expect(try await store.alerts(openOnly: false, limit: 9) == [])
        #expect(try await store.monitorState(model: "late-flights", version: 1) == nil)
        #expect(try await store.auditHead() == head)
    }

    @Test
    func `a report of the same window replaces the older one`() async throws {
        for verdict: DriftVerdict in [.tooFewRows, .drift] {
            _ = try await store.recordReport(
                makeDriftReport(day: 0, verdict: verdict),
                state: [],
                alerts: [],
                at: noon
            )
        }
        #expect(try await reports().map(\.verdict) == [.drift])
    }

    @Test
    func `reports are newest first, by version and range as asked`() async throws {
        for (day, version) in [(0, 1), (1, 1), (2, 1), (2, 2), (3, 2)] {
            _ = try await store.recordReport(
                makeDriftReport(day: day, version: version),
                state: [],
                alerts: [],
                at: noon
            )
        }
        let days = { (reports: [DriftReport]) in
            reports.map { Int($0.windowStart.seconds(since: noon) / Timestamp.day) }
        }
        #expect(days(try await reports()) == [3, 2, 2, 1, 0])
        #expect(try await reports().map(\.version) == [2, 2, 1, 1, 1])
        #expect(days(try await reports(version: 1)) == [2, 1, 0])
        #expect(days(try await reports(limit: 2)) == [3, 2])
        #expect(days(try await reports(from: 1, to: 3)) == [2, 2, 1])
        #expect(days(try await reports(version: 1, from: 1, to: 2, limit: 1)) == [1])
    }

    @Test
    func `a course says of each window what its report says`() async throws {
        for day in 0..<3 {
            let report = makeDriftReport(day: day, psi: day == 1 ? .infinity : 0.31)
            _ = try await store.recordReport(report, state: [], alerts: [], at: noon)
        }
        try await expectCourseOfReports()
        let whole = try await reports()
        let two = try await store.driftCourse(
            model: "late-flights",
            version: whole[0].version,
            feature: nil,
            to: noon.adding(seconds: 2 * Timestamp.day),
            limit: 1
        )
        #expect(two.map(\.time) == [whole[1].windowStart])
        #expect(two.map(\.value) == [whole[1].driftedShare])
    }

    @Test
    func `a report that replaces another leaves nothing of it in the course`() async throws {
        for feature in ["wind", "origin"] {
            let report = makeDriftReport(day: 0, feature: feature)
            _ = try await store.recordReport(report, state: [], alerts: [], at: noon)
        }
        let wind = try await store.driftCourse(model: "late-flights", feature: "wind", limit: 9)
        #expect(wind.map(\.value) == [nil])
        #expect(wind.map(\.verdict) == [.tooFewRows])
        try await expectCourseOfReports()
    }

    @Test
    func `a home of an earlier version is given the courses of its reports`() async throws {
        for day in 0..<3 {
            let report = makeDriftReport(day: day, psi: [0.31, .infinity, -.infinity][day])
            _ = try await store.recordReport(report, state: [], alerts: [], at: noon)
        }
        let before = try await store.driftCourse(model: "late-flights", feature: nil, limit: 9)
        let byHand = try home.openByHand()
        try byHand.run(script: "DROP TABLE drift_windows; DROP TABLE drift_measures")
        try byHand.run(script: Migrations.driftCourses + Migrations.windowTimes)
        let after = try await store.driftCourse(model: "late-flights", feature: nil, limit: 9)
        #expect(after == before)
        try await expectCourseOfReports()
        let then = try await store.driftCourse(
            model: "late-flights",
            feature: nil,
            asOf: noon.adding(seconds: -1),
            limit: 9
        )
        #expect(then == [])
    }

    @Test
    func `of a window judged anew since, the true performance of then is not made up`()
        async throws
    {
        let later = noon.adding(seconds: 60)
        for (day, date) in [(1, noon), (3, noon), (1, later)] {
            _ = try await store.recordReport(
                makeDriftReport(day: day),
                state: [],
                alerts: [],
                at: date
            )
        }
        func values(_ date: Timestamp) async throws -> [Double?] {
            try await store.driftCourse(
                model: "late-flights",
                feature: nil,
                asOf: date,
                limit: 9
            ).map { $0.performance?.value }
        }
        #expect(try await values(noon) == [0.7, nil])
        #expect(try await values(later) == [0.7, 0.7])
        #expect(try await values(noon.adding(seconds: -1)) == [])
        let newest = try await store.newestReport(of: "late-flights", asOf: noon)
        #expect(newest == makeDriftReport(day: 3))
    }

    /// For each measure of each feature, the prediction, the share and what nobody measures.
    private func expectCourseOfReports() async throws {
        let whole = try await reports()
        let features = try #require(whole.first).features.map(\.feature)
        for feature in features + ["prediction", "no such feature"] {
            for metric in DriftMetric.allCases {
                let course = try await store.driftCourse(
                    model: "late-flights",
                    feature: feature,
                    metric: metric,
                    limit: 100
                )
                let drifts = whole.map { report in
                    (report.features + (report.prediction.map { [$0] } ?? []))
                        .first { $0.feature == feature }
                }
                #expect(course.map(\.time) == whole.map(\.windowStart))
                #expect(course.map(\.value) == drifts.map { $0?.value(of: metric) })
                #expect(course.map(\.verdict) == drifts.map { $0?.verdict ?? .tooFewRows })
            }
        }
        let course = try await store.driftCourse(model: "late-flights", feature: nil, limit: 100)
        #expect(course.map(\.value) == whole.map(\.driftedShare))
        #expect(course.map(\.driftedShare) == whole.map(\.driftedShare))
        #expect(course.map(\.verdict) == whole.map(\.verdict))
        #expect(course.map(\.rows) == whole.map(\.rows))
        #expect(course.map(\.version) == whole.map(\.version))
        #expect(course.map(\.performance) == whole.map(\.performance))
        #expect(course.map(\.estimate) == whole.map(\.estimate))
    }

    @Test
    func `a report whose numbers are not finite comes back as it was`() async throws {
        let report = makeDriftReport(day: 0, psi: .infinity)
        _ = try await store.recordReport(report, state: [], alerts: [], at: noon)
        #expect(try await reports() == [report])
    }

    private func reports(
        version: Int? = nil,
        from: Double? = nil,
        to: Double? = nil,
        limit: Int = 100
    ) async throws -> [DriftReport] {
        try await store.driftReports(
            model: "late-flights",
            version: version,
            from: from.map { noon.adding(seconds: $0 * Timestamp.day) },
            to: to.map { noon.adding(seconds: $0 * Timestamp.day) },
            limit: limit
        )
    }
}

struct AlertTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `an alert goes from pending over firing to resolved, with an event each`() async throws {
        let opened = try await store.openAlert(makeAlert(status: .pending))
        let id = opened.value.id
        #expect(opened.events.actions == ["alert.opened"])
        let more = AlertNews(message: "More have drifted.", features: ["wind"])
        let words = try await change(.update(id, more))
        #expect(words.value.map(\.message) == ["More have drifted."])
        #expect(words.value.map(\.status) == [.pending])
        let figures = AlertNews(message: "Other figures of the same.", features: ["wind"])
        let same = try await change(.update(id, figures))
        #expect(same.value == words.value)
        #expect(same.events.actions == ["drift.reported"])
        let fired = try await change(.fire(id, message: "Three windows in a row."))
        #expect(fired.value.map(\.status) == [.firing])
        let ended = try await change(.resolve(id))
        #expect(ended.value.map(\.status) == [.resolved])
        #expect(ended.value.map(\.resolvedAt) == [noon])
        #expect(
            [words, fired, ended].flatMap(\.events).actions.filter { $0 != "drift.reported" }
                == ["alert.updated", "alert.fired", "alert.resolved"]
        )
        #expect(try await store.alert(id) == ended.value.first)
    }

    @Test
    func `what an alert's state forbids is refused`() async throws {
        let id = try await store.openAlert(makeAlert()).value.id
        await expectRefusal(.conflict, "is firing, so it cannot fire") {
            try await change(.fire(id, message: ""))
        }
        _ = try await store.resolveAlert(id, by: bob, at: noon)
        await expectRefusal(.conflict, "is resolved, so its words cannot change") {
            try await change(.update(id, AlertNews(message: "")))
        }
        await expectRefusal(.conflict, "is resolved already") {
            try await store.resolveAlert(id, by: bob, at: noon)
        }
        await expectRefusal(.conflict, "is resolved; nothing to acknowledge") {
            try await store.acknowledgeAlert(id, by: bob, at: noon)
        }
        await expectRefusal(.notFound, "no alert \"alert-9\". \"binnacle alerts list\"") {
            try await store.alert(ID("alert-9"))
        }
    }

    @Test
    func `one person acknowledges, the next reads who`() async throws {
        let id = try await store.openAlert(makeAlert()).value.id
        let acknowledged = try await store.acknowledgeAlert(id, by: bob, at: noon)
        #expect(acknowledged.value.acknowledgedBy == bob)
        #expect(acknowledged.events.actions == ["alert.acknowledged"])
        await expectRefusal(.conflict, "\"bob\" has acknowledged") {
            try await store.acknowledgeAlert(id, by: carol, at: noon)
        }
        #expect(try await store.alert(id).acknowledgedBy == bob)
    }

    @Test
    func `a muted alert says by whom and until when, and is heard again after that`() async throws {
        let id = try await store.openAlert(makeAlert()).value.id
        func mute(_ seconds: Double?) async throws -> Committed<Alert> {
            try await store.muteAlert(id, forSeconds: seconds, reason: "", by: bob, at: noon)
        }
        let muted = try await mute(3_600)
        #expect(muted.value.mutedBy == bob)
        #expect(muted.events.actions == ["alert.muted"])
        #expect(try await store.alert(id) == muted.value)
        #expect(muted.value.isMuted(at: noon.adding(seconds: 3_599)))
        #expect(!muted.value.isMuted(at: noon.adding(seconds: 3_600)))
        let ended = try await mute(nil)
        #expect(ended.value.mutedUntil == nil)
        #expect(ended.events.actions == ["alert.unmuted"])
        await expectRefusal(.conflict, "\"alert-1\" is not muted") { try await mute(nil) }
        for seconds in [0, -5, .nan, .infinity, 31 * Timestamp.day] {
            await expectRefusal(.invalid, "a second up to 30 days. Nothing was muted.") {
                try await mute(seconds)
            }
        }
        _ = try await store.resolveAlert(id, by: bob, at: noon)
        await expectRefusal(.conflict, "is resolved; nothing to mute") { try await mute(60) }
    }

    @Test
    func `open alerts are those that pend or fire, newest first`() async throws {
        for status: AlertStatus in [.pending, .firing, .firing] {
            _ = try await store.openAlert(makeAlert(status: status))
        }
        _ = try await store.resolveAlert(ID("alert-2"), by: bob, at: noon)
        let open = try await store.alerts(openOnly: true, limit: 9).map(\.id.text)
        #expect(open == ["alert-3", "alert-1"])
        let all = try await store.alerts(openOnly: false, limit: 2).map(\.id.text)
        #expect(all == ["alert-3", "alert-2"])
    }

    private func change(_ change: AlertChange) async throws -> Committed<[Alert]> {
        try await store.recordReport(
            makeDriftReport(day: 0),
            state: [],
            alerts: [change],
            at: noon
        )
    }
}

private func makeDriftReport(
    day: Int,
    version: Int = 1,
    verdict: DriftVerdict = .stable,
    psi: Double = 0.1,
    feature: String = "distance"
) -> DriftReport {
    let start = noon.adding(seconds: Double(day) * Timestamp.day)
    return DriftReport(
        model: "late-flights",
        version: version,
        deployment: ID("deployment-1"),
        windowStart: start,
        windowEnd: start.adding(seconds: Timestamp.day),
        rollingStart: start.adding(seconds: -6 * Timestamp.day),
        rows: 1_000,
        features: [
            makeFeatureDrift(feature, psi: psi, isCategorical: false)
        ],
        prediction: makeFeatureDrift("prediction", psi: 0.2, isCategorical: true),
        driftedShare: 0.25 * Double(day),
        verdict: verdict,
        performance: day.isMultiple(of: 2)
            ? nil
            : WindowPerformance(
                metric: .auc,
                value: 0.7,
                labelledRows: 900,
                coverage: 0.9,
                expected: 0.74,
                limit: 0.71
            )
    )
}

private func makeFeatureDrift(_ name: String, psi: Double, isCategorical: Bool) -> FeatureDrift {
    FeatureDrift(
        feature: name,
        isCategorical: isCategorical,
        rows: 1_000,
        psi: psi,
        jensenShannon: 0.1,
        wasserstein: isCategorical ? nil : 0.2,
        kolmogorovSmirnov: isCategorical ? nil : 0.05,
        missingShare: 0.01,
        baselineMissingShare: 0,
        unseenShare: 0.02,
        psiFloor: 0.02,
        verdict: .warning,
        reason: "PSI is below 0.25."
    )
}
