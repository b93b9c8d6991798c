import EngineAPI

/// Events on their way to one reader: bounded, and honest about what fell out.
struct EventBuffer {
    /// Events that may wait for a slow reader.
    static let capacity = 4_096

    private let continuation: AsyncStream<EngineEvent>.Continuation
    /// Events that fell out since the reader was last told.
    private var missed = 0
    /// Whether an event found nobody who reads any more.
    private(set) var isOver = false

    /// A buffer and the stream its reader gets.
    static func make(capacity: Int = capacity) -> (EventBuffer, AsyncStream<EngineEvent>) {
        let (events, continuation) = AsyncStream.makeStream(
            of: EngineEvent.self,
            bufferingPolicy: .bufferingNewest(capacity)
        )
        return (EventBuffer(continuation: continuation), events)
    }

    private init(continuation: AsyncStream<EngineEvent>.Continuation) {
        self.continuation = continuation
    }

    /// Hands an event over; before it `.missed`, where older ones fell out for younger.
    ///
    /// Every event is either read or counted in a `.missed`, once.
    mutating func offer(_ event: EngineEvent) {
        if missed > 0 {
            let count = missed
            missed = 0
            yield(.missed(count: count))
        }
        yield(event)
    }

    func finish() {
        continuation.finish()
    }

    /// Keeps something until the reader is gone or the stream was finished.
    ///
    /// Nothing else may happen then: a cancelled reader holds a lock of the runtime that `yield`
    /// takes as well, so that whoever takes a lock there and holds it around `offer` waits for ever.
    func keep(_ object: some AnyObject & Sendable) {
        continuation.onTermination = { _ in withExtendedLifetime(object) {} }
    }

    private mutating func yield(_ event: EngineEvent) {
        let result = continuation.yield(event)
        if case .terminated = result { isOver = true }
        guard case .dropped(let oldest) = result else { return }
        if case .missed(let count) = oldest {
            missed += count
        } else {
            missed += 1
        }
    }
}
