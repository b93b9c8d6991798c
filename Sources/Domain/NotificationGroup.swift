/// Why a group of alerts is told now.
package enum NotificationReason: String, Codable, Sendable, Equatable {
    case first, newAlerts, someResolved, allResolved, repeated
    /// A person asked for it, to see whether the receiver works.
    case test
}

/// Alerts that are told together to one receiver, and what it was told last.
///
/// A pure state machine after Alertmanager (`dispatch/dispatch.go`, `notify/dedup_stage.go`): a new
/// group waits `group_wait`, an old one is looked at every `group_interval`, and what was told once
/// is told again after `repeat_interval`. One thing more: a group whose alerts are all acknowledged
/// is not repeated.
package struct NotificationGroup: Codable, Sendable, Equatable {
    package let receiver: String
    /// The values the alerts agree in, by label.
    package let labels: [String: String]
    package private(set) var waitSeconds: Double
    package private(set) var intervalSeconds: Double
    package private(set) var repeatSeconds: Double
    /// When to look at it next; nil once nothing of it is left.
    package private(set) var dueAt: Timestamp?
    /// The first look, from which the intervals count.
    package private(set) var firstLookAt: Timestamp?
    package private(set) var toldAt: Timestamp?
    /// Ids of the alerts that fired when it was told last.
    package private(set) var toldFiring: Set<String> = []
    package private(set) var toldResolved: Set<String> = []
    /// 1, 2, 3 … with each time it was told.
    package private(set) var count = 0

    /// A group that an alert has just opened.
    package init(
        receiver: String,
        labels: [String: String],
        grouping: AlertGrouping,
        at date: Timestamp
    ) {
        self.receiver = receiver
        self.labels = labels
        waitSeconds = grouping.waitSeconds
        intervalSeconds = max(1, grouping.intervalSeconds)
        repeatSeconds = max(1, grouping.repeatSeconds)
        dueAt = date.adding(seconds: grouping.waitSeconds)
    }

    /// What tells groups apart: the receiver and the labels in order.
    package var key: String { Self.key(receiver: receiver, labels: labels) }

    package static func key(receiver: String, labels: [String: String]) -> String {
        let parts = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(receiver){\(parts.joined(separator: ","))}"
    }

    /// An alert of the group began, changed or ended: it is looked at, at the next interval.
    package mutating func change(grouping: AlertGrouping, at date: Timestamp) {
        waitSeconds = grouping.waitSeconds
        intervalSeconds = max(1, grouping.intervalSeconds)
        repeatSeconds = max(1, grouping.repeatSeconds)
        guard firstLookAt != nil else { return }
        let next = nextLook(atOrAfter: date)
        dueAt = dueAt.map { min($0, next) } ?? next
    }

    /// A look at the group: whether it is to be told, and when to look again.
    ///
    /// - Parameters:
    ///   - firing: Ids of alerts that fire and are not muted.
    ///   - muted: How many fire but are silenced or inhibited.
    ///   - resolved: Ids of alerts that were told as firing and are resolved.
    ///   - isAcknowledged: Whether somebody takes care of every one that fires.
    package mutating func look(
        firing: Set<String>,
        muted: Int,
        resolved: Set<String>,
        isAcknowledged: Bool,
        sendsResolved: Bool,
        at date: Timestamp
    ) -> NotificationReason? {
        if firstLookAt == nil { firstLookAt = date }
        let reason = reason(firing, resolved, isAcknowledged, sendsResolved, date)
        if reason != nil {
            toldAt = date
            toldFiring = firing
            toldResolved = resolved
            count += 1
        } else if firing.isEmpty && muted == 0 {
            toldFiring = []
        }
        if firing.isEmpty && muted == 0 {
            dueAt = nil
        } else if muted > 0 {
            // A silence may end, and so may what inhibits it.
            dueAt = nextLook(after: date)
        } else {
            dueAt = max(
                nextLook(after: date),
                (toldAt ?? date).adding(seconds: repeatSeconds)
            )
        }
        return reason
    }

    private func reason(
        _ firing: Set<String>,
        _ resolved: Set<String>,
        _ isAcknowledged: Bool,
        _ sendsResolved: Bool,
        _ date: Timestamp
    ) -> NotificationReason? {
        guard let toldAt else { return firing.isEmpty ? nil : .first }
        if !firing.isSubset(of: toldFiring) { return .newAlerts }
        if firing.isEmpty {
            return sendsResolved && !toldFiring.isEmpty && !resolved.isEmpty ? .allResolved : nil
        }
        if sendsResolved && !resolved.isSubset(of: toldResolved) { return .someResolved }
        let isDue = date.seconds(since: toldAt) >= repeatSeconds
        return isDue && !isAcknowledged ? .repeated : nil
    }

    private func nextLook(atOrAfter date: Timestamp) -> Timestamp {
        guard let firstLookAt else { return date.adding(seconds: waitSeconds) }
        let passed = date.seconds(since: firstLookAt) / intervalSeconds
        return firstLookAt.adding(seconds: max(1, passed.rounded(.up)) * intervalSeconds)
    }

    private func nextLook(after date: Timestamp) -> Timestamp {
        let next = nextLook(atOrAfter: date)
        return next > date ? next : next.adding(seconds: intervalSeconds)
    }
}
