/// What an alert watches.
package enum AlertRule: String, Codable, Sendable, CaseIterable {
    case drift, performance
    /// A retrain whose candidate the gate refused.
    case refusedCandidate
    /// A run or a deployment that failed.
    case failure

    package var title: String {
        switch self {
        case .drift: "drift"
        case .performance: "accuracy loss"
        case .refusedCandidate: "candidate refused"
        case .failure: "failure"
        }
    }
}

package enum AlertStatus: String, Codable, Sendable, CaseIterable {
    case pending, firing, resolved
}

package enum AlertSeverity: String, Codable, Sendable {
    case warning, critical
}

/// Something an owner must know, from the first breach to its end.
package struct Alert: Codable, Sendable, Equatable, Identifiable {
    package let id: ID<Alert>
    package let rule: AlertRule
    package let severity: AlertSeverity
    package let model: String
    /// The run, version or deployment it is about, as text.
    package let subject: String
    package let owner: String
    package let startedAt: Timestamp
    /// The time of the rows that set it off: of the window for drift, else the same as `startedAt`.
    package let dataTime: Timestamp
    package var message: String
    package var status: AlertStatus
    package var resolvedAt: Timestamp?
    package var acknowledgedBy: Actor?
    package var acknowledgedAt: Timestamp?
    /// Until when nobody is to be bothered with it, who said so and why; nil is not muted.
    package var mutedUntil: Timestamp?
    package var mutedBy: Actor?
    package var muteReason: String?

    package init(
        id: ID<Alert>,
        rule: AlertRule,
        severity: AlertSeverity,
        model: String,
        subject: String,
        owner: String,
        startedAt: Timestamp,
        dataTime: Timestamp,
        message: String,
        status: AlertStatus
    ) {
        self.id = id
        self.rule = rule
        self.severity = severity
        self.model = model
        self.subject = subject
        self.owner = owner
        self.startedAt = startedAt
        self.dataTime = dataTime
        self.message = message
        self.status = status
    }

    package var isOpen: Bool { status != .resolved }

    package mutating func acknowledge(by actor: Actor, at date: Timestamp) throws(Refusal) {
        guard isOpen else {
            throw Refusal(.conflict, "The alert \"\(id)\" is resolved; nothing to acknowledge.")
        }
        if let earlier = acknowledgedBy {
            throw Refusal(.conflict, "\"\(earlier)\" has acknowledged the alert \"\(id)\" already.")
        }
        acknowledgedBy = actor
        acknowledgedAt = date
    }

    /// Whether it is quiet at this moment: it stays open and is shown, but nobody is bothered.
    package func isMuted(at date: Timestamp) -> Bool {
        guard isOpen, let mutedUntil else { return false }
        return date < mutedUntil
    }

    /// The longest time an alert may be muted for, in seconds: 30 days.
    package static let muteSecondsMaximum: Double = 30 * Timestamp.day

    /// Mutes it for so many seconds, or with nil ends the muting.
    package mutating func mute(
        forSeconds seconds: Double?,
        reason: String,
        by actor: Actor,
        at date: Timestamp
    ) throws(Refusal) {
        guard isOpen else {
            throw Refusal(.conflict, "The alert \"\(id)\" is resolved; nothing to mute.")
        }
        guard let seconds else {
            guard isMuted(at: date) else {
                throw Refusal(.conflict, "The alert \"\(id)\" is not muted.")
            }
            mutedUntil = nil
            mutedBy = nil
            muteReason = nil
            return
        }
        guard seconds.isFinite, (1...Self.muteSecondsMaximum).contains(seconds) else {
            throw Refusal(
                .invalid,
                "The alert \"\(id)\" can be muted for a second up to 30 days. Nothing was muted."
            )
        }
        mutedUntil = date.adding(seconds: seconds)
        mutedBy = actor
        muteReason = reason.isEmpty ? nil : reason
    }

    package mutating func resolve(at date: Timestamp) throws(Refusal) {
        guard isOpen else {
            throw Refusal(.conflict, "The alert \"\(id)\" is resolved already.")
        }
        status = .resolved
        resolvedAt = date
    }
}
