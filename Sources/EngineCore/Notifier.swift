import Delivery
package import Domain
import EngineAPI
import FoundationEssentials
import Logging
import Pipelines
import Storage

/// Reads the receivers in a home's `engine.yaml`; a home without the file has none.
package func configuredReceivers(home: String) throws(Refusal) -> [Receiver] {
    let path = home + "/engine.yaml"
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    guard
        let text = (try? Data(contentsOf: URL(filePath: path))).map({
            String(decoding: $0, as: UTF8.self)
        })
    else {
        throw Refusal(
            .unavailable,
            "The configuration \"\(path)\" cannot be read. Check who owns it."
        )
    }
    return try readReceivers(text: text, fileName: path)
}

/// Takes what is in the outbox to its receivers: some at once, one a receiver, again after failures.
///
/// What is told, and when, is in the store; an engine that is killed between a try and its record
/// tries again with the same key.
actor Notifier {
    /// Receivers that are spoken to at the same time.
    private static let width = 4
    /// Nothing waits longer than this for a look at the outbox, in seconds.
    private static let longestSleep: Double = 60

    private let store: Store
    private let events: EventHub
    private let settings: EngineSettings
    private let log: Logger
    private let policy: RetryPolicy
    private let hand: @Sendable (Domain.Delivery, Receiver) async -> DeliveryOutcome
    private let receivers: [String: Receiver]
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// What is being tried, by receiver.
    private var tries: [String: Task<Void, Never>] = [:]
    private var inHand: Set<ID<Domain.Delivery>> = []
    private var tasks: [Task<Void, Never>] = []
    private var timer: Task<Void, Never>?

    init(
        store: Store,
        events: EventHub,
        settings: EngineSettings,
        log: Logger,
        policy: RetryPolicy = RetryPolicy(),
        hand: @escaping @Sendable (Domain.Delivery, Receiver) async -> DeliveryOutcome = {
            await Courier().hand($0, to: $1)
        }
    ) {
        self.store = store
        self.events = events
        self.settings = settings
        self.log = log
        self.policy = policy
        self.hand = hand
        receivers = Dictionary(settings.receivers.map { ($0.name, $0) }) { first, _ in first }
        (wakes, wake) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
    }

    /// Takes up what an engine before this one left to be told.
    func start() async throws {
        await store.setReceivers(settings.receivers.map(\.name))
        guard !settings.receivers.isEmpty else { return }
        let changes = try await events.watch(after: nil, in: store)
        let wake = wake
        tasks.append(
            Task {
                for await event in changes {
                    guard case .recorded(let recorded) = event else { continue }
                    if [.alert, .silence].contains(recorded.content.subject.kind) { wake.yield() }
                }
            }
        )
        tasks.append(Task { await self.work() })
        wake.yield()
    }

    func stop() async {
        wake.finish()
        timer?.cancel()
        for task in tasks { task.cancel() }
        // A try that is cut off is made again by the next engine.
        for task in tries.values { task.cancel() }
        for task in tasks + Array(tries.values) { await task.value }
    }

    private func work() async {
        for await _ in wakes {
            do {
                try await step()
                sleep(until: tries.isEmpty ? try await store.nextNotificationTime() : nil)
            } catch {
                log.error("What is to be told of alerts cannot be read: \(error)")
                sleep(until: nil)
            }
        }
    }

    private func sleep(until date: Timestamp?) {
        timer?.cancel()
        let seconds = date.map { $0.seconds(since: settings.now()) } ?? Notifier.longestSleep
        let wake = wake
        timer = Task {
            try? await Task.sleep(for: .seconds(min(max(0, seconds), Notifier.longestSleep)))
            if !Task.isCancelled { wake.yield() }
        }
    }

    /// Looks at the groups that are due, and begins the tries that are due.
    func step() async throws {
        let quiet = receivers.values.filter { !$0.sendsResolved }.map(\.name)
        let told = try await store.lookAtGroups(at: settings.now(), quiet: Set(quiet))
        events.publish(told.events)
        for delivery in try await store.dueDeliveries(at: settings.now())
        where tries.count < Notifier.width && tries[delivery.receiver] == nil
            && !inHand.contains(delivery.id)
        {
            inHand.insert(delivery.id)
            tries[delivery.receiver] = Task {
                await self.attempt(delivery)
                self.ended(delivery)
            }
        }
    }

    /// Waits until nothing that is due now is left.
    func settle() async throws {
        try await step()
        while let task = tries.values.first {
            await task.value
            try await step()
        }
    }

    private func ended(_ delivery: Domain.Delivery) {
        tries[delivery.receiver] = nil
        inHand.remove(delivery.id)
        wake.yield()
    }

    /// Puts a made-up notification into the outbox and makes its first try at once.
    func test(_ receiver: String, by actor: Actor) async throws -> Domain.Delivery {
        guard receivers[receiver] != nil else {
            let names = receivers.keys.sorted()
            let known =
                names.isEmpty
                ? "\"\(settings.home)/engine.yaml\" names none"
                : "There are \(names.joined(separator: ", "))"
            throw Refusal(.notFound, "There is no receiver \(quoted(receiver)). \(known).")
        }
        let now = settings.now()
        let alert = Alert(
            id: ID("alert-test"),
            rule: .failure,
            severity: .warning,
            model: "test",
            subject: "test",
            owner: actor.name,
            startedAt: now,
            dataTime: now,
            message: "This is a test by \(actor): nothing has happened.",
            status: .firing,
            name: "test"
        )
        let added = try await store.addTestDelivery(to: receiver, of: alert, by: actor, at: now)
        // Before anybody else sees it in the outbox.
        inHand.insert(added.value.id)
        events.publish(added.events)
        await attempt(added.value)
        inHand.remove(added.value.id)
        wake.yield()
        return try await store.delivery(added.value.id)
    }

    private func attempt(_ delivery: Domain.Delivery) async {
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: DeliveryOutcome
        if let receiver = receivers[delivery.receiver] {
            outcome = await hand(delivery, receiver)
        } else {
            outcome = .refused(
                "The engine's configuration has no receiver \(quoted(delivery.receiver))."
            )
        }
        // A try cut off by the engine's own stop says nothing of the receiver.
        if Task.isCancelled && outcome != .accepted { return }
        do {
            let recorded = try await store.recordAttempt(
                of: delivery.id,
                outcome,
                durationMilliseconds: Int((clock.now - start) / .milliseconds(1)),
                policy: policy,
                chance: Double.random(in: 0..<1),
                at: settings.now()
            )
            events.publish(recorded.events)
            if case .failed(_, let reason) = recorded.value.status {
                log.error("\(delivery.id) to \(delivery.receiver) is given up: \(reason)")
            }
        } catch {
            log.error("What became of \(delivery.id) cannot be recorded: \(error)")
        }
    }
}
