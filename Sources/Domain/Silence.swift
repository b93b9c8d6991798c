/// What an alert's label must be for a silence to hold: `model=late-flights`, `feature=dep_*`.
package struct AlertMatcher: Codable, Sendable, Equatable, CustomStringConvertible {
    package let label: String
    /// With `*` for any characters.
    package let pattern: String

    /// Reads `label=pattern`.
    ///
    /// - Throws: Text of another form, and labels that no alert has.
    package init(_ text: String) throws(Refusal) {
        guard let sign = text.firstIndex(of: "="), sign > text.startIndex else {
            throw Refusal(
                .invalid,
                "\(quoted(text)) is no matcher. Write a label and a value such as model=churn."
            )
        }
        label = String(text[..<sign])
        pattern = String(text[text.index(after: sign)...])
        guard Alert.labelNames.contains(label) else {
            let near =
                nearestName(to: label, among: Alert.labelNames)
                .map { "; \"\($0)\" is the nearest" } ?? ""
            throw Refusal(
                .invalid,
                """
                Alerts have no label \(quoted(label))\(near). \
                They have \(Alert.labelNames.joined(separator: ", ")).
                """
            )
        }
    }

    package func fits(_ labels: [String: String]) -> Bool {
        matches(labels[label] ?? "", pattern: pattern)
    }

    package var description: String { "\(label)=\(pattern)" }
}

/// Keeps alerts that fit every matcher from being told, from a start to an end.
package struct Silence: Codable, Sendable, Equatable, Identifiable {
    /// The longest time a silence may last, in seconds: a year.
    package static let longestSeconds: Double = 366 * Timestamp.day

    package let id: ID<Silence>
    package let matchers: [AlertMatcher]
    package let startsAt: Timestamp
    package private(set) var endsAt: Timestamp
    package let author: Actor
    package let reason: String

    /// - Throws: No matcher, no reason, or an end that is not after the start.
    package init(
        id: ID<Silence>,
        matchers: [AlertMatcher],
        startsAt: Timestamp,
        endsAt: Timestamp,
        author: Actor,
        reason: String
    ) throws(Refusal) {
        guard !matchers.isEmpty, matchers.count <= 20 else {
            throw Refusal(.invalid, "A silence needs 1 to 20 matchers such as model=churn.")
        }
        guard !reason.isEmpty else {
            throw Refusal(.invalid, "A silence needs a reason that others can read.")
        }
        let length = endsAt.seconds(since: startsAt)
        guard length > 0, length <= Silence.longestSeconds else {
            throw Refusal(.invalid, "A silence lasts for more than nothing and at most a year.")
        }
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.author = author
        self.reason = reason
    }

    package func isActive(at date: Timestamp) -> Bool { startsAt <= date && date < endsAt }

    package func covers(_ alert: Alert) -> Bool {
        let labels = alert.labels
        return matchers.allSatisfy { $0.fits(labels) }
    }

    package mutating func end(at date: Timestamp) throws(Refusal) {
        guard date < endsAt else {
            throw Refusal(.conflict, "The silence \"\(id)\" has ended already.")
        }
        endsAt = max(date, startsAt)
    }

    /// `model=churn feature=dep_*`
    package var matcherText: String {
        matchers.map(\.description).joined(separator: " ")
    }
}

/// Why a firing alert is not told.
package enum AlertMuting: Codable, Sendable, Equatable {
    case muted(until: Timestamp)
    case silenced(ID<Silence>)
    case inhibited(by: ID<Alert>)
}

/// Which firing alerts keep which others of the same model from being told.
///
/// After Alertmanager's `inhibit/inhibit.go`: an alert never inhibits itself, and two that are both
/// source and target of a line do not inhibit each other.
package struct Inhibition: Sendable {
    package let name: String
    package let isSource: @Sendable (Alert) -> Bool
    package let isTarget: @Sendable (Alert) -> Bool

    /// A broken service or feed makes drift that says nothing of the world.
    package static let table: [Inhibition] = [
        Inhibition(
            name: "technical",
            isSource: {
                $0.cause == "technical"
                    || $0.rule == .failure && $0.subject.hasPrefix("deployment-")
            },
            isTarget: { $0.isAboutRows }
        ),
        Inhibition(
            name: "pipeline",
            isSource: { $0.rule == .quality || $0.cause == "pipeline" },
            isTarget: { $0.rule == .drift || $0.rule == .feature }
        ),
    ]

    /// The alert that keeps this one quiet, if any does.
    package static func source(
        inhibiting alert: Alert,
        among firing: [Alert]
    ) -> Alert? {
        for line in table where line.isTarget(alert) {
            let isBoth = line.isSource(alert)
            let source = firing.first {
                $0.id != alert.id && $0.model == alert.model && $0.status == .firing
                    && line.isSource($0) && !(isBoth && line.isTarget($0))
            }
            if let source { return source }
        }
        return nil
    }
}

extension Alert {
    /// Whether and why an alert is kept quiet at this moment.
    package func muting(
        silences: [Silence],
        firing: [Alert],
        at date: Timestamp
    ) -> AlertMuting? {
        if let mutedUntil, isMuted(at: date) { return .muted(until: mutedUntil) }
        if let silence = silences.first(where: { $0.isActive(at: date) && $0.covers(self) }) {
            return .silenced(silence.id)
        }
        return Inhibition.source(inhibiting: self, among: firing).map { .inhibited(by: $0.id) }
    }

    /// Whether it judges production rows, not a run or a deployment.
    package var isAboutRows: Bool {
        switch rule {
        case .drift, .performance, .feature, .quality: true
        case .refusedCandidate, .failure: false
        }
    }
}
