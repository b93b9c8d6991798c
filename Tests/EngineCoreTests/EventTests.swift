import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

extension Workshop {
    /// Records that many events that change nothing else.
    fileprivate func note(
        _ count: Int,
        by name: String = "writer",
        to hub: EventHub? = nil
    ) async throws {
        for number in 0..<count {
            let committed = try await store.appendAudit(
                AuditDraft(
                    at: noon,
                    actor: alice,
                    action: "test.noted",
                    subject: Subject(.engine, name),
                    summary: "\(number)"
                )
            )
            (hub ?? engine.events).publish(committed.events)
        }
    }
}

/// Reads recorded events until one has this sequence number, or all up to it have come.
private func sequences(
    _ events: AsyncStream<EngineEvent>,
    until count: Int
) async -> [Int64] {
    var found: [Int64] = []
    for await event in events {
        if case .recorded(let recorded) = event { found.append(recorded.sequence) }
        if found.count == count { break }
    }
    return found
}

@Suite(.timeLimit(.minutes(5))) struct `Events` {
    @Test(arguments: [0, 1, 7, 20])
    func `are told from a sequence number on`(after: Int64) async throws {
        try await withWorkshop { workshop in
            try await workshop.note(20)
            let events = try await workshop.connection().events(after: after)
            try await workshop.note(3)
            let told = await sequences(events, until: Int(23 - after))
            #expect(told == Array(after + 1...23))
        }
    }

    @Test func `without a number are told from now on`() async throws {
        try await withWorkshop { workshop in
            try await workshop.note(5)
            let events = try await workshop.connection().events(after: nil)
            try await workshop.note(2)
            #expect(await sequences(events, until: 2) == [6, 7])
        }
    }

    @Test func `hold nobody up when readers leave while they are told`() async throws {
        try await withWorkshop { workshop in
            let hub = EventHub(capacity: 4)
            let telling = Task.detached {
                while !Task.isCancelled {
                    for _ in 0..<50 { hub.publish(.logged(job: ID("job-1"), lines: 1)) }
                    await Task.yield()
                }
            }
            for _ in 0..<3_000 {
                let events = try await hub.watch(after: nil, in: workshop.store)
                let reading = Task.detached { for await _ in events {} }
                await Task.yield()
                reading.cancel()
                await reading.value
            }
            telling.cancel()
            await telling.value
        }
    }

    @Test func `have neither gaps nor doubles while others are being recorded`() async throws {
        try await withWorkshop { workshop in
            try await workshop.note(50)
            let told = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        try await workshop.note(100, by: "writer \(writer)")
                        return []
                    }
                }
                for after in [0, 25, 50] {
                    group.addTask {
                        let events = try await workshop.connection().events(after: Int64(after))
                        return await sequences(events, until: 450 - after)
                    }
                }
                return try await group.reduce(into: [[Int64]]()) { all, one in
                    if !one.isEmpty { all.append(one) }
                }
            }
            #expect(told.count == 3)
            for sequences in told {
                // Two writers may publish in the other order than they recorded.
                let first = 451 - Int64(sequences.count)
                #expect(sequences.sorted() == Array(first...450))
            }
        }
    }

    @Test func `that a slow reader misses are counted, and it is told`() async throws {
        try await withWorkshop { workshop in
            let hub = EventHub(capacity: 50, replayLimit: 40)
            let events = try await hub.watch(after: nil, in: workshop.store)
            let job = ID<Job>("job-1")
            let sent = 500
            for line in 0..<sent { hub.publish(.logged(job: job, lines: line)) }
            var (seen, missed) = (0, 0)
            var last: Int?
            for await event in events {
                switch event {
                case .missed(let count): missed += count
                case .logged(_, let lines):
                    #expect(last.map { lines > $0 } ?? true)
                    (seen, last) = (seen + 1, lines)
                    // Room is there again: what was lost at the very end is told with the next.
                    if lines == sent - 1 {
                        #expect(missed > 0)
                        hub.publish(.logged(job: job, lines: sent))
                    }
                default: break
                }
                if seen + missed == sent + 1 { break }
            }
            #expect(last == sent)
            #expect(seen + missed == sent + 1)
            #expect(hub.dropped == missed)
        }
    }

    @Test func `from so long ago that they do not fit begin with what was missed`()
        async throws
    {
        try await withWorkshop { workshop in
            let hub = EventHub(capacity: 50, replayLimit: 40)
            let count = 60
            try await workshop.note(count, to: hub)
            let events = try await hub.watch(after: 10, in: workshop.store)
            try await workshop.note(1, to: hub)
            var missed = 0
            var told: [Int64] = []
            for await event in events {
                switch event {
                case .missed(let count): missed += count
                case .recorded(let recorded): told.append(recorded.sequence)
                default: break
                }
                if missed + told.count == count - 10 + 1 { break }
            }
            #expect(missed == 10)
            #expect(told == Array(21...61))
            #expect(hub.dropped == 0)
        }
    }

    @Test func `end with the engine`() async throws {
        try await withWorkshop { workshop in
            let events = try await workshop.connection().events(after: nil)
            try await workshop.reopen()
            for await _ in events {}
        }
    }
}
