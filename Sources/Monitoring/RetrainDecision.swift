package import Domain

/// What is known of a model's retrains when an alert fires.
package struct RetrainHistory: Sendable, Equatable {
    /// Row time of the last retrain that was started; nil when there was none.
    package let lastStartedAt: Timestamp?
    /// The run that trains now or waits for a decision, such as `run-12`.
    package let open: String?

    package init(lastStartedAt: Timestamp?, open: String?) {
        self.lastStartedAt = lastStartedAt
        self.open = open
    }
}

/// Whether a firing alert starts a retrain, and why or why not.
package enum RetrainDecision: Sendable, Equatable {
    case start(reason: String)
    case wait(reason: String)

    /// Decides by the policy: the trigger it names, the cause, one open retrain a model, then the
    /// cooldown.
    ///
    /// A fault of the rows or a season never starts a retrain by itself, whatever the policy says.
    ///
    /// - Parameter cause: of what the alert is about; nil where none was looked for.
    /// - Parameter now: the time of the rows that set the alert off, as the cooldown is row time.
    package init(
        rule: AlertRule,
        policy: RetrainPolicy,
        history: RetrainHistory,
        now: Timestamp,
        cause: DriftCause? = nil
    ) {
        guard Self.covers(policy.on, rule) else {
            self = .wait(
                reason: policy.on == .never
                    ? "The pipeline never retrains by itself; start a training by hand if you agree."
                    : """
                    The pipeline retrains on \(Self.words(policy.on)) only, and this alert is \
                    about \(rule.title).
                    """
            )
            return
        }
        if let cause, !cause.isRetrainAdvised {
            self = .wait(
                reason: "The likely cause is \(cause.likely.kind.title) (\(cause.feature)). "
                    + cause.retrainReason
            )
            return
        }
        if let open = history.open {
            self = .wait(
                reason: "\"\(open)\" is a retrain that is still open; one at a time is allowed."
            )
            return
        }
        if let last = history.lastStartedAt {
            let left = policy.cooldownSeconds - now.seconds(since: last)
            if left > 0 {
                self = .wait(
                    reason: """
                        The last retrain started at \(last); the cooldown of \
                        \(Wording.duration(policy.cooldownSeconds)) lasts \
                        \(Wording.duration(left)) more.
                        """
                )
                return
            }
        }
        self = .start(
            reason: cause?.retrainReason
                ?? "The alert about \(rule.title) is firing, and the policy retrains on it."
        )
    }

    private static func covers(_ trigger: RetrainTrigger, _ rule: AlertRule) -> Bool {
        switch (trigger, rule) {
        case (.drift, .drift), (.performance, .performance): true
        case (.any, .drift), (.any, .performance): true
        default: false
        }
    }

    private static func words(_ trigger: RetrainTrigger) -> String {
        switch trigger {
        case .drift: "drift"
        case .performance: "accuracy loss"
        case .any: "drift and accuracy loss"
        case .never: "nothing"
        }
    }
}
