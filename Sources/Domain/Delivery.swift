/// What a receiver is told: a group of alerts as they were at that moment.
package struct AlertNotification: Codable, Sendable, Equatable {
    package let reason: NotificationReason
    /// The labels the alerts agree in.
    package let labels: [String: String]
    /// Firing ones first.
    package let alerts: [Alert]

    package init(reason: NotificationReason, labels: [String: String], alerts: [Alert]) {
        self.reason = reason
        self.labels = labels
        self.alerts = alerts
    }

    package var firing: [Alert] { alerts.filter(\.isOpen) }
    package var resolved: [Alert] { alerts.filter { !$0.isOpen } }
    package var isResolved: Bool { firing.isEmpty }

    package var severity: AlertSeverity {
        alerts.contains { $0.severity == .critical } ? .critical : .warning
    }

    /// One line, such as `[FIRING 2] drift of late-flights`.
    package var title: String {
        let word = isResolved ? "RESOLVED" : "FIRING"
        let count = isResolved ? resolved.count : firing.count
        let shown = isResolved ? resolved : firing
        let kinds = Set(shown.map(\.title)).sorted()
        let models = Set(shown.map(\.model)).sorted().joined(separator: ", ")
        let what = kinds.count > 2 ? "\(kinds.count) rules" : kinds.joined(separator: ", ")
        let test = reason == .test ? "TEST " : ""
        return "[\(test)\(word)\(count > 1 ? " \(count)" : "")] \(what) of \(models)"
    }
}

/// One try to hand a notification over.
package struct DeliveryAttempt: Codable, Sendable, Equatable {
    package let at: Timestamp
    /// nil is accepted.
    package let problem: String?
    /// How long it took, in milliseconds.
    package let durationMilliseconds: Int

    package init(at: Timestamp, problem: String?, durationMilliseconds: Int) {
        self.at = at
        self.problem = problem
        self.durationMilliseconds = durationMilliseconds
    }
}

package enum DeliveryStatus: Codable, Sendable, Equatable {
    /// To be tried at this time.
    case waiting(until: Timestamp)
    case delivered(at: Timestamp)
    /// Given up.
    case failed(at: Timestamp, reason: String)
    /// Not tried any more, because a newer one says how things are now.
    case superseded(at: Timestamp, by: ID<Delivery>)

    package var name: String {
        switch self {
        case .waiting: "waiting"
        case .delivered: "delivered"
        case .failed: "failed"
        case .superseded: "superseded"
        }
    }
}

/// What a try came to.
package enum DeliveryOutcome: Sendable, Equatable {
    case accepted
    /// Worth another try.
    case failed(String)
    /// Another try would fail as well: a wrong address, a refused token.
    case refused(String)
}

/// How often, and after how long, a notification is tried again.
package struct RetryPolicy: Sendable, Equatable {
    package let attemptsMaximum: Int
    package let firstSeconds: Double
    package let longestSeconds: Double

    package init(
        attemptsMaximum: Int = 8,
        firstSeconds: Double = 5,
        longestSeconds: Double = 10 * Timestamp.minute
    ) {
        self.attemptsMaximum = attemptsMaximum
        self.firstSeconds = firstSeconds
        self.longestSeconds = longestSeconds
    }

    /// Seconds to wait after so many failed tries: doubled each time, less up to half by chance.
    ///
    /// - Parameter chance: 0..<1, so that many waiting notifications do not come back at once.
    package func delay(afterAttempts attempts: Int, chance: Double) -> Double {
        var seconds = firstSeconds
        for _ in 1..<max(2, attempts) where attempts > 1 && seconds < longestSeconds {
            seconds *= 2
        }
        return min(seconds, longestSeconds) * (1 - chance / 2)
    }
}

/// A notification on its way to one receiver, from the outbox to its end.
package struct Delivery: Codable, Sendable, Equatable, Identifiable {
    package let id: ID<Delivery>
    package let receiver: String
    /// The same with every try, so that a receiver can drop what it has.
    package let key: String
    /// What stays the same while a group goes on firing, as PagerDuty's `dedup_key`.
    package let group: String
    package let createdAt: Timestamp
    package let notification: AlertNotification
    package private(set) var status: DeliveryStatus
    package private(set) var attempts: [DeliveryAttempt] = []

    package init(
        id: ID<Delivery>,
        receiver: String,
        key: String,
        group: String,
        createdAt: Timestamp,
        notification: AlertNotification
    ) {
        self.id = id
        self.receiver = receiver
        self.key = key
        self.group = group
        self.createdAt = createdAt
        self.notification = notification
        status = .waiting(until: createdAt)
    }

    package var isWaiting: Bool {
        if case .waiting = status { true } else { false }
    }

    /// Gives way to a newer notification of the same group: told late, the old one would be wrong.
    package mutating func supersede(by newer: ID<Delivery>, at date: Timestamp) {
        if isWaiting { status = .superseded(at: date, by: newer) }
    }

    /// Takes in what a try came to.
    ///
    /// - Throws: A delivery that has ended.
    package mutating func record(
        _ outcome: DeliveryOutcome,
        at date: Timestamp,
        durationMilliseconds: Int,
        policy: RetryPolicy,
        chance: Double
    ) throws(Refusal) {
        guard isWaiting else {
            throw Refusal(.conflict, "The delivery \"\(id)\" is \(status.name) already.")
        }
        let problem: String? =
            switch outcome {
            case .accepted: nil
            case .failed(let problem), .refused(let problem): problem
            }
        attempts.append(
            DeliveryAttempt(
                at: date,
                problem: problem,
                durationMilliseconds: durationMilliseconds
            )
        )
        switch outcome {
        case .accepted: status = .delivered(at: date)
        case .refused(let problem): status = .failed(at: date, reason: problem)
        case .failed(let problem):
            guard attempts.count < policy.attemptsMaximum else {
                status = .failed(at: date, reason: problem)
                return
            }
            let delay = policy.delay(afterAttempts: attempts.count, chance: chance)
            status = .waiting(until: date.adding(seconds: delay))
        }
    }
}
