/// How long a breach, or its absence, must last: windows in a row, or row time in seconds.
package enum AlertSpan: Codable, Sendable, Equatable {
    /// At least 1.
    case windows(Int)
    /// 0 is at once.
    case seconds(Double)
}

/// When an alert that comes and goes is told as one that flaps.
package struct FlapPolicy: Codable, Sendable, Equatable {
    /// More changes between firing and resolved than this in a period are flapping.
    package var changes: Int
    /// Row time in seconds; as long without a change ends it.
    package var periodSeconds: Double

    package init(changes: Int = 5, periodSeconds: Double) {
        self.changes = changes
        self.periodSeconds = periodSeconds
    }
}

/// Who hears of an alert, with which others together, and how often.
///
/// The times are Alertmanager's `group_wait`, `group_interval` and `repeat_interval`, in seconds of
/// wall time, with its defaults.
package struct AlertGrouping: Codable, Sendable, Equatable {
    /// Names of receivers in the engine's configuration; nil is all of them.
    package var receivers: [String]?
    /// Alerts that agree in these labels are told together.
    package var groupBy: [String]
    package var waitSeconds: Double
    package var intervalSeconds: Double
    package var repeatSeconds: Double

    package init(
        receivers: [String]? = nil,
        groupBy: [String] = ["model"],
        waitSeconds: Double = 30,
        intervalSeconds: Double = 5 * Timestamp.minute,
        repeatSeconds: Double = 4 * Timestamp.hour
    ) {
        self.receivers = receivers
        self.groupBy = groupBy
        self.waitSeconds = waitSeconds
        self.intervalSeconds = intervalSeconds
        self.repeatSeconds = repeatSeconds
    }
}

/// One rule: what is measured, from where to where it fires, and who is told.
package struct AlertRuleDefinition: Codable, Sendable, Equatable {
    /// Unique in a pipeline; `drift` and `performance` are the standard ones.
    package var name: String
    /// `drift`, `performance`, `feature` or `quality`.
    package var kind: AlertRule
    /// For `feature` and `quality`.
    package var metric: DriftMetric?
    /// Names with `*` for any characters; empty is every feature. Each has an alert of its own.
    package var features: [String]
    package var severity: AlertSeverity
    /// The level at which it starts to breach.
    package var raise: Double
    /// The level a firing alert must come back under, at most `raise`: hysteresis.
    package var clear: Double
    /// Prometheus's `for`.
    package var lasting: AlertSpan
    /// Prometheus's `keep_firing_for`.
    package var keepFiring: AlertSpan
    /// nil is the model's owner.
    package var owner: String?
    package var grouping: AlertGrouping

    package init(
        name: String,
        kind: AlertRule,
        metric: DriftMetric? = nil,
        features: [String] = [],
        severity: AlertSeverity = .warning,
        raise: Double,
        clear: Double? = nil,
        lasting: AlertSpan = .windows(3),
        keepFiring: AlertSpan = .windows(2),
        owner: String? = nil,
        grouping: AlertGrouping = AlertGrouping()
    ) {
        self.name = name
        self.kind = kind
        self.metric = metric
        self.features = features
        self.severity = severity
        self.raise = raise
        self.clear = min(raise, clear ?? raise)
        self.lasting = lasting
        self.keepFiring = keepFiring
        self.owner = owner
        self.grouping = grouping
    }

    /// Whether the rule watches the feature.
    package func watches(_ feature: String) -> Bool {
        features.isEmpty || features.contains { matches(feature, pattern: $0) }
    }
}

/// The `alerts:` block of a pipeline.
package struct AlertPolicy: Codable, Sendable, Equatable {
    /// Beside the standard rules; one of the same name takes a standard rule's place.
    package var rules: [AlertRuleDefinition]
    package var grouping: AlertGrouping
    package var flapping: FlapPolicy?

    package init(
        rules: [AlertRuleDefinition] = [],
        grouping: AlertGrouping = AlertGrouping(),
        flapping: FlapPolicy? = nil
    ) {
        self.rules = rules
        self.grouping = grouping
        self.flapping = flapping
    }
}

extension MonitorPolicy {
    /// The two standard rules, where the file has none of their name, and the file's own.
    package var alertRules: [AlertRuleDefinition] {
        let grouping = alerts?.grouping ?? AlertGrouping()
        let own = alerts?.rules ?? []
        let standard = [
            AlertRuleDefinition(
                name: AlertRule.drift.rawValue,
                kind: .drift,
                raise: drift.share,
                lasting: .windows(drift.forWindows),
                grouping: grouping
            ),
            AlertRuleDefinition(
                name: AlertRule.performance.rawValue,
                kind: .performance,
                severity: .critical,
                raise: performance.drop,
                lasting: .windows(performance.forWindows),
                grouping: grouping
            ),
        ]
        return standard.filter { rule in !own.contains { $0.name == rule.name } } + own
    }

    package var flapping: FlapPolicy {
        alerts?.flapping ?? FlapPolicy(periodSeconds: 20 * windowSeconds)
    }
}

/// Whether a text fits a pattern in which `*` stands for any characters.
package func matches(_ text: some StringProtocol, pattern: some StringProtocol) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
        return text == pattern
    }
    guard text.hasPrefix(first), text.count >= first.count + last.count else { return false }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    guard text.hasSuffix(last) else { return false }
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
        guard let found = firstRange(of: part, in: rest) else { return false }
        rest = rest[found...].dropFirst(part.count)
    }
    return true
}

private func firstRange<Text: StringProtocol>(
    of part: some StringProtocol,
    in text: Text
) -> Text.Index? {
    var index = text.startIndex
    while index < text.endIndex {
        if text[index...].hasPrefix(part) { return index }
        index = text.index(after: index)
    }
    return nil
}
