import Terminal
import TerminalNcurses

/// Decides when a frame is drawn: a change waits for the changes that are about to follow it, so
/// that they cost one frame, but never so long that somebody notices.
struct FramePace {
    /// The longest that the first frame waits for the engine and the terminal, in milliseconds.
    static let firstFrameMilliseconds = 80
    /// The longest that the answer to a key waits for the engine.
    static let keyMilliseconds = 4
    /// The longest that an engine's answer waits for the next one.
    static let answerMilliseconds = 25
    /// The shortest time between two frames on a slow line, but for answers to keys.
    static let slowMilliseconds = 1_000

    private let isSlow: Bool
    private var awaitsTerminal = false
    private var lastFrame: ContinuousClock.Instant?
    /// Before this no frame is drawn.
    private var earliest: ContinuousClock.Instant?
    /// By then a frame is drawn even though more is to come; nil while nothing has changed.
    private var latest: ContinuousClock.Instant?

    init(isSlow: Bool) {
        self.isSlow = isSlow
    }

    /// The screen was opened and is empty.
    mutating func open(awaitsTerminal: Bool) {
        self.awaitsTerminal = awaitsTerminal
        latest = ContinuousClock.now + .milliseconds(Self.firstFrameMilliseconds)
    }

    mutating func terminalAnswered() { awaitsTerminal = false }

    /// Something may have changed.
    mutating func take(_ events: [TerminalEvent]) {
        let now = ContinuousClock.now
        let isKey = events.contains { event in
            if case .input(let input) = event, !input.isReply { return true }
            return event == .continued
        }
        let wait = Duration.milliseconds(isKey ? Self.keyMilliseconds : Self.answerMilliseconds)
        latest = min(latest ?? now + wait, now + wait)
        if isKey {
            earliest = nil
        } else if isSlow, earliest == nil, let lastFrame {
            earliest = lastFrame + .milliseconds(Self.slowMilliseconds)
        }
    }

    /// Whether to draw now; `isWaiting` tells that the engine owes an answer.
    func isDue(whileWaiting isWaiting: Bool) -> Bool {
        guard latest != nil else { return false }
        return dueTime(isWaiting).map { $0 <= ContinuousClock.now } ?? true
    }

    /// The longest wait until a frame is due; nil where none is.
    func millisecondsLeft(whileWaiting isWaiting: Bool) -> Int? {
        guard latest != nil else { return nil }
        guard let due = dueTime(isWaiting) else { return 0 }
        let left = due - ContinuousClock.now
        return max(0, Int((left / .milliseconds(1)).rounded(.up)))
    }

    mutating func isDrawn() {
        awaitsTerminal = false
        lastFrame = ContinuousClock.now
        (earliest, latest) = (nil, nil)
    }

    private func dueTime(_ isWaiting: Bool) -> ContinuousClock.Instant? {
        let due = isWaiting || awaitsTerminal ? latest : nil
        guard let earliest else { return due }
        return due.map { max($0, earliest) } ?? earliest
    }
}
