import Domain
import EngineAPI
import Storage
import Synchronization

/// Tells every watcher what has already been committed, each through a bounded stream.
final class EventHub: Sendable {
    /// Events a slow watcher may have waiting; older ones are dropped and counted.
    let capacity: Int
    /// Recorded events sent again to a watcher that asks from an old sequence number: the newest,
    /// and fewer than the capacity, because nobody reads while they are put in.
    let replayLimit: Int

    private struct Watcher {
        let continuation: AsyncStream<EngineEvent>.Continuation
        /// Whether nobody reads any more.
        var isOver = false
        var missed = 0
        /// Recorded events up to here were replayed and must not come twice.
        var replayedThrough: Int64
        /// Live events that came while the replay ran; nil once it is over.
        var held: [EngineEvent]?
    }

    private struct State {
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0
        var droppedTotal = 0
    }

    private let state = Mutex(State())

    init(capacity: Int = 4_096, replayLimit: Int = 4_000) {
        self.capacity = capacity
        self.replayLimit = replayLimit
    }

    /// Events dropped since the start because watchers were slow.
    var dropped: Int { state.withLock { $0.droppedTotal } }

    func publish(_ event: EngineEvent) {
        state.withLock { state in
            for key in state.watchers.keys {
                guard var watcher = state.watchers[key] else { continue }
                if let held = watcher.held, held.count < capacity {
                    watcher.held?.append(event)
                } else if watcher.held != nil {
                    watcher.missed += 1
                    state.droppedTotal += 1
                } else {
                    state.droppedTotal += EventHub.offer(event, to: &watcher)
                }
                state.watchers[key] = watcher.isOver ? nil : watcher
            }
        }
    }

    func publish(_ events: [AuditEvent]) {
        for event in events { publish(.recorded(event)) }
    }

    /// Hands an event over and says how many older ones fell out for it.
    ///
    /// A watcher that lost some is told right behind the event, as no other may follow for long.
    /// That note may push one more out, which the next note counts; a note that is pushed out
    /// itself is counted again, so that the notes add up to what was lost.
    private static func offer(_ event: EngineEvent, to watcher: inout Watcher) -> Int {
        if case .recorded(let recorded) = event, recorded.sequence <= watcher.replayedThrough {
            return 0
        }
        var lost = put(event, to: &watcher)
        if watcher.missed > 0 {
            let note = EngineEvent.missed(count: watcher.missed)
            watcher.missed = 0
            lost += put(note, to: &watcher)
        }
        return lost
    }

    private static func put(_ event: EngineEvent, to watcher: inout Watcher) -> Int {
        let result = watcher.continuation.yield(event)
        if case .terminated = result { watcher.isOver = true }
        guard case .dropped(let oldest) = result else { return 0 }
        if case .missed(let count) = oldest {
            watcher.missed += count
            return 0
        }
        watcher.missed += 1
        return 1
    }

    /// A stream of events; with a sequence number, first what was recorded after it.
    ///
    /// Who stops reading is forgotten with the next event, and not in the stream's `onTermination`:
    /// a cancelled task holds a lock of the runtime there that `yield` takes as well, so that the
    /// two would wait for each other for ever.
    ///
    /// Where that is more than the replay holds, `.missed` comes first.
    func watch(after sequence: Int64?, in store: Store) async throws -> AsyncStream<EngineEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: EngineEvent.self,
            bufferingPolicy: .bufferingNewest(capacity)
        )
        let key = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = Watcher(
                continuation: continuation,
                replayedThrough: 0,
                held: sequence == nil ? nil : []
            )
            return state.nextWatcher
        }
        if let sequence = sequence.map({ max(0, $0) }) {
            // What is recorded after this head comes by itself: it is held until the replay is in.
            let head = try await store.auditHead().0
            let first = max(sequence, head - Int64(replayLimit))
            let events = try await store.auditEvents(after: first, limit: replayLimit)
            release(key, replaying: events, skipped: Int(first - sequence))
        }
        return stream
    }

    private func release(_ key: Int, replaying events: [AuditEvent], skipped: Int) {
        state.withLock { state in
            guard var watcher = state.watchers[key] else { return }
            if skipped > 0 { watcher.continuation.yield(.missed(count: skipped)) }
            for event in events {
                state.droppedTotal += EventHub.offer(.recorded(event), to: &watcher)
            }
            watcher.replayedThrough = events.last?.sequence ?? 0
            for event in watcher.held ?? [] {
                state.droppedTotal += EventHub.offer(event, to: &watcher)
            }
            watcher.held = nil
            state.watchers[key] = watcher.isOver ? nil : watcher
        }
    }

    /// Ends every stream.
    func close() {
        let watchers = state.withLock { Array($0.watchers.values) }
        for watcher in watchers { watcher.continuation.finish() }
    }
}
