import Testing

@testable import Domain

/// A look at a group: when, what fires and what was resolved, and what follows.
private struct Look: Sendable, CustomTestStringConvertible {
    let minute: Double
    let firing: String
    var resolved = ""
    var muted = 0
    var isAcknowledged = false
    let reason: NotificationReason?
    /// In minutes; nil is that the group is over.
    let nextMinute: Double?

    var testDescription: String { "\(minute): \(firing)/\(resolved)" }
}

@Suite struct `A group of alerts` {
    private func group() -> NotificationGroup {
        NotificationGroup(
            receiver: "ops",
            labels: ["model": "churn"],
            grouping: AlertGrouping(),
            at: noon
        )
    }

    private static func minute(_ minute: Double) -> Timestamp {
        noon.adding(seconds: minute * 60)
    }

    /// Alertmanager's decision rule (`notify/dedup_stage.go`), from its first look at 30 s on.
    @Test(arguments: [
        // The first waits for group_wait, and is repeated after 4 h: the next interval's look.
        [Look(minute: 0.5, firing: "a", reason: .first, nextMinute: 240.5)],
        // Resolved within group_wait: nothing is told, and the group is over.
        [Look(minute: 0.5, firing: "", reason: nil, nextMinute: nil)],
        [
            Look(minute: 0.5, firing: "a", reason: .first, nextMinute: 240.5),
            Look(minute: 5.5, firing: "ab", reason: .newAlerts, nextMinute: 245.5),
        ],
        [
            Look(minute: 0.5, firing: "ab", reason: .first, nextMinute: 240.5),
            Look(minute: 5.5, firing: "a", resolved: "b", reason: .someResolved, nextMinute: 245.5),
            Look(minute: 10.5, firing: "a", reason: nil, nextMinute: 245.5),
            Look(minute: 15.5, firing: "", resolved: "a", reason: .allResolved, nextMinute: nil),
        ],
        [
            Look(minute: 0.5, firing: "a", reason: .first, nextMinute: 240.5),
            Look(minute: 239, firing: "a", reason: nil, nextMinute: 240.5),
            Look(minute: 240.5, firing: "a", reason: .repeated, nextMinute: 480.5),
        ],
        // What somebody takes care of is not repeated, but a new alert is told.
        [
            Look(minute: 0.5, firing: "a", reason: .first, nextMinute: 240.5),
            Look(minute: 240.5, firing: "a", isAcknowledged: true, reason: nil, nextMinute: 245.5),
            Look(minute: 245.5, firing: "ab", reason: .newAlerts, nextMinute: 485.5),
        ],
        // Muted: looked at every interval, told when the silence is over.
        [
            Look(minute: 0.5, firing: "", muted: 1, reason: nil, nextMinute: 5.5),
            Look(minute: 5.5, firing: "a", reason: .first, nextMinute: 245.5),
        ],
    ])
    private func `is told as Alertmanager would`(looks: [Look]) {
        var group = group()
        #expect(group.dueAt == noon.adding(seconds: 30))
        for look in looks {
            let reason = group.look(
                firing: Set(look.firing.map(String.init)),
                muted: look.muted,
                resolved: Set(look.resolved.map(String.init)),
                isAcknowledged: look.isAcknowledged,
                sendsResolved: true,
                at: Self.minute(look.minute)
            )
            #expect(reason == look.reason)
            #expect(group.dueAt == look.nextMinute.map(Self.minute))
        }
    }

    @Test func `is looked at when the interval is over after a change`() {
        var group = group()
        group.change(grouping: AlertGrouping(), at: Self.minute(0.2))
        #expect(group.dueAt == Self.minute(0.5))
        _ = look(&group, at: 0.5)
        group.change(grouping: AlertGrouping(), at: Self.minute(2))
        #expect(group.dueAt == Self.minute(5.5))
        _ = look(&group, at: 5.5)
        group.change(grouping: AlertGrouping(), at: Self.minute(21))
        #expect(group.dueAt == Self.minute(25.5))
    }

    @Test func `tells a receiver that wants none of it nothing of the resolved`() {
        var group = group()
        _ = look(&group, at: 0.5)
        let reason = group.look(
            firing: [],
            muted: 0,
            resolved: ["a"],
            isAcknowledged: false,
            sendsResolved: false,
            at: Self.minute(5.5)
        )
        #expect(reason == nil)
        #expect(group.dueAt == nil)
    }

    private func look(_ group: inout NotificationGroup, at minute: Double) -> NotificationReason? {
        group.look(
            firing: ["a"],
            muted: 0,
            resolved: [],
            isAcknowledged: false,
            sendsResolved: true,
            at: Self.minute(minute)
        )
    }
}

private func alert(
    _ number: Int = 1,
    _ rule: AlertRule = .drift,
    model: String = "churn",
    feature: String? = nil,
    cause: String? = nil,
    subject: String = "churn/v1"
) -> Alert {
    Alert(
        id: ID("alert-\(number)"),
        rule: rule,
        severity: .warning,
        model: model,
        subject: subject,
        owner: "ann",
        startedAt: noon,
        dataTime: noon,
        message: "m",
        status: .firing,
        feature: feature,
        news: AlertNews(message: "m", features: ["wind"], cause: cause)
    )
}

@Suite struct `What keeps an alert quiet` {
    @Test(arguments: [
        // A broken feed explains drift, not the other way round, and not of another model.
        (alert(1), alert(2, .quality), true),
        (alert(1, .quality), alert(2), false),
        (alert(1), alert(2, .quality, model: "fraud"), false),
        (alert(1, .performance), alert(2, .quality), false),
        (alert(1, .performance), alert(2, .failure, subject: "deployment-1"), true),
        (alert(1), alert(2, .failure, subject: "run-1"), false),
        (alert(1), alert(2, cause: "pipeline"), true),
        // Two sources of the same line do not inhibit each other, and none inhibits itself.
        (alert(1, cause: "pipeline"), alert(2, cause: "pipeline"), false),
        (alert(1, cause: "pipeline"), alert(1, cause: "pipeline"), false),
        // What is a source only keeps quiet also those that name it as their cause.
        (alert(1, cause: "pipeline"), alert(2, .quality, cause: "pipeline"), true),
        (
            alert(1, cause: "technical"),
            alert(2, .failure, cause: "technical", subject: "deployment-1"), true
        ),
        (
            alert(1, .failure, cause: "technical", subject: "deployment-1"),
            alert(2, cause: "technical"), false
        ),
    ])
    func `is a firing cause of the same model`(alert: Alert, other: Alert, isQuiet: Bool) {
        let expected: AlertMuting? = isQuiet ? .inhibited(by: other.id) : nil
        #expect(alert.muting(silences: [], firing: [alert, other], at: noon) == expected)
    }

    @Test(arguments: [
        (["model=churn"], true), (["model=ch*"], true), (["model=*rn"], true),
        (["model=c*u*n"], true), (["model=fraud"], false), (["model=churnn"], false),
        (["model=churn", "feature=dep_*"], true), (["model=churn", "feature=wind"], false),
        (["rule=drift"], false), (["rule=feature", "severity=warning", "owner=ann"], true),
        (["cause="], true), (["model=*u*u*"], false), (["model=churn*churn"], false),
    ])
    func `is a silence whose every matcher fits`(matchers: [String], fits: Bool) throws {
        let silence = try Silence(
            id: ID("silence-1"),
            matchers: matchers.map { text throws(Refusal) in try AlertMatcher(text) },
            startsAt: noon,
            endsAt: later,
            author: alice,
            reason: "move"
        )
        let known = alert(1, .feature, feature: "dep_hour")
        #expect(silence.covers(known) == fits)
        let muting = known.muting(silences: [silence], firing: [], at: noon)
        #expect(muting == (fits ? .silenced(silence.id) : nil))
        #expect(known.muting(silences: [silence], firing: [], at: later) == nil)
    }

    @Test(arguments: [
        ("model", "is no matcher"), ("=churn", "is no matcher"),
        ("modl=churn", "no label \"modl\"; \"model\" is the nearest"),
    ])
    func `is refused where it could never fit`(text: String, words: String) {
        let refused = refusal { () throws(Refusal) in _ = try AlertMatcher(text) }
        #expect(refused?.message.contains(words) == true)
    }

    @Test func `has an end, a reason and something to match`() throws {
        func make(_ matchers: [String], _ seconds: Double, _ reason: String) -> Refusal? {
            refusal { () throws(Refusal) in
                _ = try Silence(
                    id: ID("s"),
                    matchers: matchers.map { text throws(Refusal) in try AlertMatcher(text) },
                    startsAt: noon,
                    endsAt: noon.adding(seconds: seconds),
                    author: alice,
                    reason: reason
                )
            }
        }
        #expect(make([], 60, "r")?.message.contains("1 to 20 matchers") == true)
        #expect(make(["model=a"], 60, "")?.message.contains("reason") == true)
        #expect(make(["model=a"], 0, "r")?.message.contains("more than nothing") == true)
        #expect(make(["model=a"], 400 * Timestamp.day, "r") != nil)
        #expect(make(["model=a"], 60, "r") == nil)
    }
}

@Suite struct `News of a firing alert` {
    @Test(arguments: [
        (AlertNews(message: "other figures", features: ["wind"]), false),
        (AlertNews(message: "fewer", features: []), false),
        (AlertNews(message: "one more", features: ["wind", "temp"]), true),
        (AlertNews(message: "why", features: ["wind"], cause: "pipeline"), true),
        (AlertNews(message: "flaps", features: ["wind"], isFlapping: true), true),
    ])
    func `is what a person would act on`(news: AlertNews, isNews: Bool) throws {
        var known = alert()
        #expect(known.isNews(news) == isNews)
        try known.take(news)
        #expect(!known.isNews(news))
    }
}

@Suite struct `A delivery` {
    private func delivery() -> Delivery {
        Delivery(
            id: ID("delivery-1"),
            receiver: "ops",
            key: "k",
            group: "g",
            createdAt: noon,
            notification: AlertNotification(reason: .first, labels: [:], alerts: [alert()])
        )
    }

    private let policy = RetryPolicy(attemptsMaximum: 4, firstSeconds: 5, longestSeconds: 12)

    @Test func `is tried again after longer and longer, and then given up`() throws {
        var delivery = delivery()
        var waits: [Double] = []
        for _ in 0..<3 {
            try record(.failed("down"), in: &delivery)
            if case .waiting(let until) = delivery.status {
                waits.append(until.seconds(since: noon))
            }
        }
        #expect(waits == [5, 10, 12])
        try record(.failed("down"), in: &delivery)
        #expect(delivery.status == .failed(at: noon, reason: "down"))
        #expect(delivery.attempts.count == 4)
        let refused = #expect(throws: Refusal.self) { try record(.accepted, in: &delivery) }
        #expect(refused?.message == "The delivery \"delivery-1\" is failed already.")
    }

    @Test func `that is refused is not tried again`() throws {
        var delivery = delivery()
        try record(.refused("no such channel"), in: &delivery)
        #expect(delivery.status == .failed(at: noon, reason: "no such channel"))
    }

    @Test(arguments: [(0.0, 10.0), (0.5, 7.5), (0.75, 6.25)])
    func `comes back up to half as early by chance`(chance: Double, seconds: Double) {
        #expect(policy.delay(afterAttempts: 2, chance: chance) == seconds)
    }

    private func record(_ outcome: DeliveryOutcome, in delivery: inout Delivery) throws {
        try delivery.record(
            outcome,
            at: noon,
            durationMilliseconds: 3,
            policy: policy,
            chance: 0
        )
    }
}
