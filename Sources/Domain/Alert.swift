/// What an alert watches.
package enum AlertRule: String, Codable, Sendable, CaseIterable {
    case drift, performance
    /// One figure of one feature, by a rule of the pipeline's own.
    case feature
    /// Missing or unseen values: the rows are broken, not the world.
    case quality
    /// A retrain whose candidate the gate refused.
    case refusedCandidate
    /// A run or a deployment that failed.
    case failure

    package var title: String {
        switch self {
        case .drift: "drift"
        case .performance: "accuracy loss"
        case .feature: "feature drift"
        case .quality: "data quality"
        case .refusedCandidate: "candidate refused"
        case .failure: "failure"
        }
    }
}

package enum AlertStatus: String, Codable, Sendable, CaseIterable {
    case pending, firing, resolved
}

package enum AlertSeverity: String, Codable, Sendable, CaseIterable {
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
    /// The rule's name where the pipeline gave it one; nil is the rule itself.
    package let name: String?
    /// The one feature it watches; nil is the whole model.
    package let feature: String?
    /// The features a person would look at: those that were drifted at any time while it fired.
    package private(set) var features: [String]?
    /// The likely cause, such as `pipeline`, where one is known.
    package private(set) var cause: String?
    /// Whether it comes and goes; it then goes on firing until it is quiet.
    package private(set) var isFlapping: Bool?
    /// Who is told; nil for alerts from before there were receivers.
    package let grouping: AlertGrouping?

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
        status: AlertStatus,
        name: String? = nil,
        feature: String? = nil,
        news: AlertNews? = nil,
        grouping: AlertGrouping? = nil
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
        self.name = name
        self.feature = feature
        self.grouping = grouping
        features = news?.features
        cause = news?.cause
        isFlapping = news?.isFlapping == true ? true : nil
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

/// What a window adds to an alert that fires.
package struct AlertNews: Codable, Sendable, Equatable {
    package var message: String
    /// The features that have drifted in this window.
    package var features: [String]
    package var cause: String?
    package var isFlapping: Bool

    package init(
        message: String,
        features: [String] = [],
        cause: String? = nil,
        isFlapping: Bool = false
    ) {
        self.message = message
        self.features = features
        self.cause = cause
        self.isFlapping = isFlapping
    }
}

extension Alert {
    /// Whether a person would act on it: a feature that had not drifted before, another cause, or
    /// that it begins or ends to flap. Other figures of the same are no news.
    package func isNews(_ news: AlertNews) -> Bool {
        !Set(news.features).isSubset(of: features ?? [])
            || news.cause != nil && news.cause != cause
            || news.isFlapping != (isFlapping ?? false)
    }

    package mutating func take(_ news: AlertNews) throws(Refusal) {
        guard isOpen else {
            throw Refusal(
                .conflict,
                "The alert \"\(id)\" is resolved, so its words cannot change."
            )
        }
        message = news.message
        let known = features ?? []
        let new = news.features.filter { !known.contains($0) }
        if !new.isEmpty { features = known + new }
        cause = news.cause ?? cause
        isFlapping = news.isFlapping ? true : nil
    }

    /// The rule's name: the pipeline's own, or the kind's.
    package var ruleName: String { name ?? rule.rawValue }

    /// The rule in words, with its feature.
    package var title: String {
        let words = name.map { AlertRule(rawValue: $0)?.title ?? $0 } ?? rule.title
        return feature.map { "\(words) (\($0))" } ?? words
    }

    /// The labels that groups, silences and receivers go by.
    package static let labelNames = [
        "rule", "kind", "model", "subject", "feature", "severity", "owner", "cause",
    ]

    package var labels: [String: String] {
        var labels = [
            "rule": ruleName, "kind": rule.rawValue, "model": model, "subject": subject,
            "severity": severity.rawValue, "owner": owner,
        ]
        labels["feature"] = feature
        labels["cause"] = cause
        return labels
    }
}
