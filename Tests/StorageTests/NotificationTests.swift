import Domain
import Storage
import Testing

/// The outbox: what is to be told is written with the alert's own change.
struct NotificationTests {
    private let home: Home
    private var store: Store { home.store }
    private let halfMinute = noon.adding(seconds: 30)

    init() async throws {
        home = try Home()
        await home.store.setReceivers(["ops", "pager"])
    }

    @Test
    func `an alert waits in its group, and is then told once to each receiver`() async throws {
        _ = try await store.openAlert(makeAlert())
        #expect(try await store.nextNotificationTime() == halfMinute)
        #expect(try await look(at: noon).isEmpty)
        let told = try await look(at: halfMinute)
        #expect(told.map(\.receiver) == ["ops", "pager"])
        #expect(told.map(\.notification.reason) == [.first, .first])
        #expect(Set(told.map(\.key)).count == 2)
        #expect(try await look(at: halfMinute.adding(seconds: 1)).isEmpty)
        let due = try await store.dueDeliveries(at: halfMinute)
        #expect(due == told)
        #expect(try await store.deliveries(of: ID("alert-1"), limit: 9).count == 2)
    }

    @Test
    func `alerts of one model are told together, of another apart`() async throws {
        for model in ["churn", "churn", "fraud"] {
            _ = try await store.openAlert(makeAlert(model: model))
        }
        let told = try await look(at: halfMinute).filter { $0.receiver == "ops" }
        #expect(
            told.map { $0.notification.alerts.map(\.id.text) } == [
                ["alert-1", "alert-2"], ["alert-3"],
            ]
        )
        #expect(
            told.map(\.notification.title) == [
                "[FIRING 2] drift of churn", "[FIRING] drift of fraud",
            ]
        )
    }

    @Test
    func `an alert resolved before it was told is not told`() async throws {
        _ = try await store.openAlert(makeAlert())
        _ = try await store.resolveAlert(ID("alert-1"), by: bob, at: noon)
        #expect(try await look(at: halfMinute).isEmpty)
        #expect(try await store.nextNotificationTime() == nil)
    }

    @Test
    func `the end is told, and takes the place of what was not told in time`() async throws {
        _ = try await store.openAlert(makeAlert())
        let first = try await look(at: halfMinute)
        _ = try await store.resolveAlert(ID("alert-1"), by: bob, at: halfMinute)
        let next = halfMinute.adding(seconds: 300)
        #expect(
            try await store.lookAtGroups(at: next, quiet: ["pager"]).value.map(\.receiver) == [
                "ops"
            ]
        )
        let ops = try await store.deliveries(of: nil, limit: 9).filter { $0.receiver == "ops" }
        #expect(ops.map(\.notification.reason) == [.allResolved, .first])
        #expect(ops.map(\.status.name) == ["waiting", "superseded"])
        #expect(ops.last?.id == first.first?.id)
    }

    @Test
    func `a silenced alert is told when the silence is over`() async throws {
        let silence = try await store.addSilence(
            [AlertMatcher("model=late-*")],
            from: noon,
            to: noon.adding(seconds: 600),
            reason: "move",
            by: alice,
            at: noon
        )
        #expect(silence.events.actions == ["silence.began"])
        _ = try await store.openAlert(makeAlert())
        #expect(try await look(at: halfMinute).isEmpty)
        #expect(try await look(at: noon.adding(seconds: 330)).isEmpty)
        let ended = try await store.endSilence(
            silence.value.id,
            by: bob,
            at: noon.adding(seconds: 400)
        )
        #expect(ended.events.actions == ["silence.ended"])
        #expect(try await look(at: noon.adding(seconds: 630)).count == 2)
        await expectRefusal(.conflict, "has ended already") {
            try await store.endSilence(silence.value.id, by: bob, at: noon.adding(seconds: 500))
        }
        await expectRefusal(.notFound, "no silence \"silence-9\". \"binnacle alerts silences\"") {
            try await store.endSilence(ID("silence-9"), by: bob, at: noon)
        }
        let open = try await store.silences(openAt: noon.adding(seconds: 500), limit: 9)
        #expect(open.isEmpty)
        #expect(try await store.silences(openAt: nil, limit: 9).count == 1)
    }

    @Test
    func `a muted alert and one under a broken feed are not told`() async throws {
        _ = try await store.openAlert(makeAlert())
        _ = try await store.openAlert(makeAlert(.quality))
        _ = try await store.openAlert(makeAlert(.failure))
        _ = try await store.muteAlert(
            ID("alert-3"),
            forSeconds: 3_600,
            reason: "",
            by: bob,
            at: noon
        )
        let told = try await look(at: halfMinute).first
        #expect(told?.notification.alerts.map(\.id.text) == ["alert-2"])
    }

    @Test
    func `every try is kept, and only the end is in the audit trail`() async throws {
        _ = try await store.openAlert(makeAlert())
        let id = try #require(try await look(at: halfMinute).first).id
        let failed = try await record(id, .failed("The server answered 500."))
        #expect(failed.events.isEmpty)
        let retry = halfMinute.adding(seconds: 5)
        #expect(failed.value.status == .waiting(until: retry))
        #expect(try await store.dueDeliveries(at: halfMinute).map(\.receiver) == ["pager"])
        #expect(try await store.dueDeliveries(at: retry).contains { $0.id == id })
        let accepted = try await record(id, .accepted)
        #expect(accepted.events.actions == ["delivery.delivered"])
        #expect(accepted.value.attempts.map(\.problem) == ["The server answered 500.", nil])
        await expectRefusal(.conflict, "is delivered already") { try await record(id, .accepted) }
    }

    @Test
    func `a receiver that hangs does not hold up another`() async throws {
        for model in ["a", "b", "c"] { _ = try await store.openAlert(makeAlert(model: model)) }
        _ = try await look(at: halfMinute)
        #expect(try await store.dueDeliveries(at: halfMinute).map(\.receiver) == ["ops", "pager"])
    }

    @Test
    func `what waits is there when the store is opened again`() async throws {
        _ = try await store.openAlert(makeAlert())
        let told = try await look(at: halfMinute)
        await store.close()
        let again = try Store(folder: home.folder, now: noon)
        #expect(try await again.dueDeliveries(at: halfMinute) == told)
        #expect(try await again.checkInvariants() == [])
        await again.close()
    }

    @Test
    func `without receivers nothing is queued`() async throws {
        await store.setReceivers([])
        _ = try await store.openAlert(makeAlert())
        #expect(try await store.nextNotificationTime() == nil)
    }

    private func look(at date: Timestamp) async throws -> [Delivery] {
        try await store.lookAtGroups(at: date, quiet: []).value
    }

    private func record(
        _ id: ID<Delivery>,
        _ outcome: DeliveryOutcome
    ) async throws -> Committed<Delivery> {
        try await store.recordAttempt(
            of: id,
            outcome,
            durationMilliseconds: 1,
            policy: RetryPolicy(),
            chance: 0,
            at: halfMinute
        )
    }
}
