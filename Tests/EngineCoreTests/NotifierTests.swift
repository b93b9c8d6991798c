import Domain
import EngineAPI
import FoundationEssentials
import Logging
import Storage
import Synchronization
import Testing

@testable import EngineCore

/// A receiver that keeps what it is handed, and answers from a list, the last one over and over.
private final class Desk: Sendable {
    private let handed = Mutex<[Delivery]>([])
    private let outcomes: [DeliveryOutcome]

    init(_ outcomes: [DeliveryOutcome]) {
        self.outcomes = outcomes
    }

    var keys: [String] { handed.withLock { $0.map(\.key) } }

    func take(_ delivery: Delivery) -> DeliveryOutcome {
        handed.withLock { handed in
            handed.append(delivery)
            return outcomes[min(handed.count, outcomes.count) - 1]
        }
    }
}

/// A store with a notifier, and a clock that the test moves; no loop of its own runs.
private final class Outbox: Sendable {
    let folder: String
    let store: Store
    let clock = Clock()
    let desk: Desk

    init(_ outcomes: [DeliveryOutcome], folder: String? = nil) throws {
        self.folder =
            folder ?? FileManager.default.temporaryDirectory.path + "/outbox-\(UUID())"
        store = try Store(folder: self.folder, now: noon)
        desk = Desk(outcomes)
    }

    func notifier() async -> Notifier {
        let clock = clock
        let desk = desk
        var settings = EngineSettings(home: folder, executable: "", now: { clock.now })
        settings.receivers = [Receiver(name: "ops", kind: .command(["/bin/true"]))]
        await store.setReceivers(["ops"])
        return Notifier(
            store: store,
            events: EventHub(),
            settings: settings,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            policy: RetryPolicy(attemptsMaximum: 3),
            hand: { delivery, _ in desk.take(delivery) }
        )
    }

    func alert() async throws {
        _ = try await store.openAlert(
            AlertDraft(
                rule: .failure,
                severity: .warning,
                model: "churn",
                subject: "run-1",
                owner: "ann",
                startedAt: clock.now,
                dataTime: clock.now,
                message: "It failed.",
                status: .firing
            )
        )
    }

    func deliveries() async throws -> [Delivery] {
        try await store.deliveries(of: nil, limit: 9)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `What is told of alerts` {
    @Test func `is tried again with the same key until it is accepted`() async throws {
        let outbox = try Outbox([.failed("The server answered 500."), .accepted])
        let notifier = await outbox.notifier()
        try await outbox.alert()
        try await notifier.settle()
        #expect(outbox.desk.keys.isEmpty)
        outbox.clock.advance(seconds: 30)
        try await notifier.settle()
        #expect(outbox.desk.keys.count == 1)
        // Five seconds, less up to half by chance.
        outbox.clock.advance(seconds: 2.4)
        try await notifier.settle()
        #expect(outbox.desk.keys.count == 1)
        outbox.clock.advance(seconds: 2.6)
        try await notifier.settle()
        #expect(outbox.desk.keys.count == 2)
        #expect(Set(outbox.desk.keys).count == 1)
        let delivery = try #require(try await outbox.deliveries().first)
        #expect(delivery.status == .delivered(at: outbox.clock.now))
        #expect(delivery.attempts.map(\.problem) == ["The server answered 500.", nil])
        await notifier.stop()
        await outbox.store.close()
    }

    @Test func `is given up in the open after the last try`() async throws {
        let outbox = try Outbox([.failed("down")])
        let notifier = await outbox.notifier()
        try await outbox.alert()
        for _ in 0..<6 {
            outbox.clock.advance(seconds: 30)
            try await notifier.settle()
        }
        #expect(outbox.desk.keys.count == 3)
        let delivery = try #require(try await outbox.deliveries().first)
        #expect(delivery.status.name == "failed")
        let actions = try await outbox.store.auditEvents(newest: 9).map(\.content.action)
        #expect(actions.filter { $0 == "delivery.failed" }.count == 1)
        await notifier.stop()
        await outbox.store.close()
    }

    @Test func `comes at least once when the engine dies between a try and its record`()
        async throws
    {
        let first = try Outbox([.accepted])
        _ = await first.notifier()
        try await first.alert()
        // What the dead engine did: it put the delivery into the outbox and handed it over, and
        // was killed before it could write that down.
        let queued = try await first.store.lookAtGroups(
            at: noon.adding(seconds: 30),
            quiet: []
        ).value
        _ = first.desk.take(queued[0])
        await first.store.close()

        let second = try Outbox([.accepted], folder: first.folder)
        second.clock.advance(seconds: 31)
        let notifier = await second.notifier()
        try await notifier.settle()
        #expect(second.desk.keys == first.desk.keys)
        #expect(try await second.deliveries().map(\.status.name) == ["delivered"])
        try await notifier.settle()
        #expect(second.desk.keys.count == 1)
        await notifier.stop()
        await second.store.close()
    }

    @Test func `to a receiver that is not configured is refused in the open`() async throws {
        let outbox = try Outbox([.accepted])
        let notifier = await outbox.notifier()
        await outbox.store.setReceivers(["gone"])
        try await outbox.alert()
        outbox.clock.advance(seconds: 30)
        try await notifier.settle()
        #expect(outbox.desk.keys.isEmpty)
        let delivery = try #require(try await outbox.deliveries().first)
        guard case .failed(_, let reason) = delivery.status else {
            Issue.record("\(delivery.status)")
            return
        }
        #expect(reason == "The engine's configuration has no receiver \"gone\".")
        await notifier.stop()
        await outbox.store.close()
    }

    @Test func `can be tried out`() async throws {
        let outbox = try Outbox([.refused("The server answered 404.")])
        let notifier = await outbox.notifier()
        let delivery = try await notifier.test("ops", by: alice)
        #expect(delivery.status.name == "failed")
        #expect(delivery.notification.title == "[TEST FIRING] test of test")
        let refused = await #expect(throws: Refusal.self) {
            try await notifier.test("opps", by: alice)
        }
        #expect(refused?.message == "There is no receiver \"opps\". There are ops.")
        await notifier.stop()
        await outbox.store.close()
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A secret` {
    @Test func `is never in the store nor in what is said`() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/secret-\(UUID())"
        let store = try Store(folder: folder, now: noon)
        let secret = "s3cret-\(UUID())"
        try Data(secret.utf8).write(to: URL(filePath: folder + "/token"))
        var settings = EngineSettings(home: folder, executable: "", now: { noon })
        settings.receivers = [
            Receiver(
                name: "ops",
                kind: .web(
                    shape: .pagerduty,
                    // Nobody listens there.
                    address: "http://127.0.0.1:1/hook",
                    secretAddress: nil,
                    token: .file(folder + "/token")
                )
            )
        ]
        let notifier = Notifier(
            store: store,
            events: EventHub(),
            settings: settings,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let delivery = try await notifier.test("ops", by: alice)
        #expect(delivery.status.name == "waiting")
        await notifier.stop()
        await store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix("binnacle.sqlite") {
            let bytes = try Data(contentsOf: URL(filePath: folder + "/" + name))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains(secret), "\(name)")
            #expect(name != "binnacle.sqlite" || text.contains("test of ops"))
        }
    }
}
