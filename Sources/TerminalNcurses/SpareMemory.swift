internal import CNcurses

/// Gives memory back that reading long answers took: a control room stays open for days, and what
/// one list of a thousand runs needed once would stay taken.
package struct SpareMemory {
    /// The shortest time between two times that memory is given back.
    private static let pause: Duration = .seconds(1)

    private var isGrown = false
    private var lastTrim: ContinuousClock.Instant?

    package init() {}

    /// One pool for all threads: what one of them frees another one uses.
    package static func usePoolForAllThreads() { cn_use_one_pool() }

    /// Something long may have been read.
    package mutating func mayHaveGrown() { isGrown = true }

    /// Gives back what is free, once everything that was asked has been answered.
    package mutating func trim(whileWaiting isWaiting: Bool) {
        let now = ContinuousClock.now
        guard isGrown, !isWaiting, lastTrim.map({ now - $0 > Self.pause }) ?? true else { return }
        cn_give_memory_back()
        isGrown = false
        lastTrim = now
    }
}
