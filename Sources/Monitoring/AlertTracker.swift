package import Domain

/// What one window says of an alert rule.
package enum Breach: Codable, Sendable, Equatable {
    case breached(AlertNews)
    case clean
    /// Too few rows or labels: such a window neither raises nor clears.
    case unknown
}

/// How long one rule waits, as `AlertRuleDefinition` and `FlapPolicy` say it.
package struct AlertTiming: Sendable, Equatable {
    package let lasting: AlertSpan
    package let keepFiring: AlertSpan
    package let flapping: FlapPolicy

    package init(lasting: AlertSpan, keepFiring: AlertSpan, flapping: FlapPolicy) {
        self.lasting = lasting
        self.keepFiring = keepFiring
        self.flapping = flapping
    }
}

/// What the engine has to do after a window was observed.
package enum AlertChange: Sendable, Equatable {
    case none
    /// A first breach: nobody is told yet.
    case pending(AlertNews)
    /// It has lasted: tell people, and ask whether to retrain.
    case fired(AlertNews)
    /// It fires already, and this is the newest.
    case stillFiring(AlertNews)
    /// It was pending and the next judged window was clean: forget it without a word.
    case withdrawn
    case resolved
}

/// Follows one alert of one model version from window to window, with Prometheus's states.
///
/// The clock is the rows' own: the end of each window. Pending becomes firing once it has lasted; a
/// pending one that misses a judged window is forgotten; a firing one is resolved once its absence
/// has lasted (`rules/alerting.go`). One that changes too often fires on as *flapping* until it has
/// been quiet for a period, whichever way it is then. A window is observed once: one that does not
/// end after the last one observed changes nothing, so that a repeated tick is harmless.
package struct AlertTracker: Codable, Sendable, Equatable {
    package enum Phase: Codable, Sendable, Equatable {
        case clear
        case pending(since: Timestamp, breaches: Int)
        /// - absentSince: The first clean window after the last breach; nil while it breaches.
        case firing(since: Timestamp, absentSince: Timestamp?, cleanWindows: Int)
        case flapping(since: Timestamp, isBreached: Bool, changedAt: Timestamp)
    }

    package private(set) var phase: Phase
    package private(set) var lastWindowEnd: Timestamp?
    /// When it fired and was resolved, the newest: at most one more than flapping needs.
    private var changes: [Timestamp] = []

    package init() {
        phase = .clear
    }

    /// One that fires already, for an alert the store has and the tracker does not.
    package init(firingSince date: Timestamp) {
        phase = .firing(since: date, absentSince: nil, cleanWindows: 0)
    }

    package var isFiring: Bool {
        switch phase {
        case .firing, .flapping: true
        case .clear, .pending: false
        }
    }

    package var isFlapping: Bool {
        if case .flapping = phase { true } else { false }
    }

    /// Whether it holds nothing that the next window would need.
    package var isIdle: Bool { phase == .clear && changes.isEmpty }

    /// Takes the next window in and says what follows.
    package mutating func observe(
        _ breach: Breach,
        windowEnd: Timestamp,
        timing: AlertTiming
    ) -> AlertChange {
        if let lastWindowEnd, windowEnd <= lastWindowEnd { return .none }
        lastWindowEnd = windowEnd
        changes.removeAll { windowEnd.seconds(since: $0) > timing.flapping.periodSeconds }
        switch breach {
        case .unknown: return .none
        case .breached(let news): return raise(news, at: windowEnd, timing)
        case .clean: return clear(at: windowEnd, timing)
        }
    }

    private mutating func raise(
        _ news: AlertNews,
        at time: Timestamp,
        _ timing: AlertTiming
    ) -> AlertChange {
        switch phase {
        case .clear:
            return extend(since: time, breaches: 1, news, at: time, timing, isFirst: true)
        case .pending(let since, let breaches):
            return extend(since: since, breaches: breaches + 1, news, at: time, timing)
        case .firing(let since, _, _):
            phase = .firing(since: since, absentSince: nil, cleanWindows: 0)
            return .stillFiring(news)
        case .flapping(let since, let wasBreached, let changedAt):
            guard wasBreached else {
                phase = .flapping(since: since, isBreached: true, changedAt: time)
                return .stillFiring(flapping(news))
            }
            guard time.seconds(since: changedAt) >= timing.flapping.periodSeconds else {
                return .stillFiring(flapping(news))
            }
            phase = .firing(since: since, absentSince: nil, cleanWindows: 0)
            return .stillFiring(news)
        }
    }

    private mutating func extend(
        since: Timestamp,
        breaches: Int,
        _ news: AlertNews,
        at time: Timestamp,
        _ timing: AlertTiming,
        isFirst: Bool = false
    ) -> AlertChange {
        guard timing.lasting.isReached(windows: breaches, since: since, at: time) else {
            phase = .pending(since: since, breaches: breaches)
            return isFirst ? .pending(news) : .none
        }
        changes.append(time)
        guard changes.count > timing.flapping.changes else {
            phase = .firing(since: time, absentSince: nil, cleanWindows: 0)
            return .fired(news)
        }
        changes = []
        phase = .flapping(since: time, isBreached: true, changedAt: time)
        return .fired(flapping(news))
    }

    private mutating func clear(at time: Timestamp, _ timing: AlertTiming) -> AlertChange {
        switch phase {
        case .clear: return .none
        case .pending:
            phase = .clear
            return .withdrawn
        case .firing(let since, let absentSince, let cleanWindows):
            let absent = absentSince ?? time
            let windows = cleanWindows + 1
            guard timing.keepFiring.isReached(windows: windows, since: absent, at: time) else {
                phase = .firing(since: since, absentSince: absent, cleanWindows: windows)
                return .none
            }
            changes.append(time)
            guard changes.count > timing.flapping.changes else {
                phase = .clear
                return .resolved
            }
            changes = []
            phase = .flapping(since: since, isBreached: false, changedAt: time)
            return .stillFiring(
                flapping(AlertNews(message: "It is below its limit in this window."))
            )
        case .flapping(let since, let isBreached, let changedAt):
            guard !isBreached else {
                phase = .flapping(since: since, isBreached: false, changedAt: time)
                return .none
            }
            guard time.seconds(since: changedAt) >= timing.flapping.periodSeconds else {
                return .none
            }
            phase = .clear
            return .resolved
        }
    }

    private func flapping(_ news: AlertNews) -> AlertNews {
        var news = news
        news.isFlapping = true
        news.message =
            "It comes and goes, and is told once until it has been quiet. " + news.message
        return news
    }
}

extension AlertSpan {
    fileprivate func isReached(windows: Int, since: Timestamp, at time: Timestamp) -> Bool {
        switch self {
        case .windows(let count): windows >= count
        case .seconds(let seconds): time.seconds(since: since) >= seconds
        }
    }
}
