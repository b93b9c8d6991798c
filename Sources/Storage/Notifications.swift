package import Domain

extension Store {
    /// Ended deliveries beyond so many newer ones are forgotten.
    private static let deliveryLimit = 10_000

    /// Looks at every group that is due, and puts into the outbox what is to be told.
    ///
    /// - Parameter quiet: Receivers that do not want to hear of resolved alerts.
    package func lookAtGroups(
        at date: Timestamp,
        quiet: Set<String>
    ) throws -> Committed<[Delivery]> {
        guard try !dueGroups(at: date).isEmpty else { return Committed(value: [], events: []) }
        return try change(by: .engine, at: date) { transaction in
            let silences = try activeSilences(at: date)
            // The oldest first.
            let firing = try alerts(openOnly: true, limit: 10_000)
                .filter { $0.status == .firing }.reversed()
            var told: [Delivery] = []
            for var group in try dueGroups(at: date) {
                let wantsResolved = !quiet.contains(group.receiver)
                if let delivery = try transaction.look(
                    at: &group,
                    silences,
                    Array(firing),
                    sendsResolved: wantsResolved
                ) {
                    told.append(delivery)
                }
            }
            if !told.isEmpty { try transaction.forgetDeliveries(beyond: Store.deliveryLimit) }
            return told
        }
    }

    /// Puts a made-up notification for one receiver into the outbox, to see whether it works.
    package func addTestDelivery(
        to receiver: String,
        of alert: Alert,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Delivery> {
        try change(by: actor, at: date) { transaction in
            try transaction.enqueue(
                AlertNotification(reason: .test, labels: ["model": alert.model], alerts: [alert]),
                to: receiver,
                group: "test of \(receiver)"
            )
        }
    }

    /// The delivery of each receiver that has been due for longest, so that none holds up others.
    package func dueDeliveries(at date: Timestamp) throws -> [Delivery] {
        // SQLite takes the other columns from the row that has the least.
        try connection.query(
            """
            SELECT body, MIN(next_at) FROM deliveries
            WHERE next_at IS NOT NULL AND next_at <= $1
            GROUP BY receiver ORDER BY MIN(next_at)
            """,
            .time(date)
        ) { try $0.body(Delivery.self) }
    }

    /// When the next group or delivery is due; nil where nothing waits.
    package func nextNotificationTime() throws -> Timestamp? {
        let times = try connection.query(
            """
            SELECT MIN(due_at) FROM notification_groups
            UNION ALL SELECT MIN(next_at) FROM deliveries WHERE next_at IS NOT NULL
            """
        ) { row in
            row.optionalNumber(0).map { Timestamp(microseconds: Int64($0)) }
        }
        return times.compactMap { $0 }.min()
    }

    /// Takes in what a try came to: accepted, to be tried again, or given up.
    package func recordAttempt(
        of id: ID<Delivery>,
        _ outcome: DeliveryOutcome,
        durationMilliseconds: Int,
        policy: RetryPolicy,
        chance: Double,
        at date: Timestamp
    ) throws -> Committed<Delivery> {
        try change(by: .engine, at: date) { transaction in
            var delivery = try connection.delivery(id)
            try delivery.record(
                outcome,
                at: date,
                durationMilliseconds: durationMilliseconds,
                policy: policy,
                chance: chance
            )
            try transaction.keep(delivery)
            return delivery
        }
    }

    package func delivery(_ id: ID<Delivery>) throws -> Delivery {
        try connection.delivery(id)
    }

    /// Newest first; with an alert only those that told of it.
    package func deliveries(of alert: ID<Alert>?, limit: Int) throws -> [Delivery] {
        guard let alert else {
            return try connection.query(
                "SELECT body FROM deliveries ORDER BY position DESC LIMIT $1",
                .number(limit)
            ) { try $0.body(Delivery.self) }
        }
        return try connection.query(
            """
            SELECT d.body FROM deliveries d JOIN delivery_alerts a ON a.delivery = d.id
            WHERE a.alert = $1 ORDER BY d.position DESC LIMIT $2
            """,
            .id(alert),
            .number(limit)
        ) { try $0.body(Delivery.self) }
    }

    private func dueGroups(at date: Timestamp) throws -> [NotificationGroup] {
        try connection.query(
            "SELECT body FROM notification_groups WHERE due_at <= $1 ORDER BY due_at, key",
            .time(date)
        ) { try $0.body(NotificationGroup.self) }
    }
}

extension SQLiteConnection {
    fileprivate func delivery(_ id: ID<Delivery>) throws -> Delivery {
        let found = try first(
            "SELECT body FROM deliveries WHERE id = $1",
            .id(id)
        ) { try $0.body(Delivery.self) }
        guard let found else { throw missing(.delivery, id.text) }
        return found
    }

    fileprivate func group(_ key: String) throws -> NotificationGroup? {
        try first(
            "SELECT body FROM notification_groups WHERE key = $1",
            .text(key)
        ) { try $0.body(NotificationGroup.self) }
    }
}

extension Alert {
    /// The groups it belongs to, one a receiver.
    fileprivate func groups(receivers: [String]) -> [(receiver: String, labels: [String: String])] {
        let grouping = grouping ?? AlertGrouping()
        let own = labels.filter { grouping.groupBy.contains($0.key) }
        return (grouping.receivers ?? receivers).map { ($0, own) }
    }
}

extension Transaction {
    /// Sees to it that an alert that began or ended is told: in the same transaction as its change.
    mutating func queue(_ alert: Alert) throws {
        guard alert.status != .pending else { return }
        let grouping = alert.grouping ?? AlertGrouping()
        for (receiver, labels) in alert.groups(receivers: receivers) {
            let key = NotificationGroup.key(receiver: receiver, labels: labels)
            if var group = try connection.group(key) {
                group.change(grouping: grouping, at: at)
                try keep(group)
            } else if alert.isOpen {
                let group = NotificationGroup(
                    receiver: receiver,
                    labels: labels,
                    grouping: grouping,
                    at: at
                )
                try keep(group)
            }
        }
    }

    fileprivate mutating func look(
        at group: inout NotificationGroup,
        _ silences: [Silence],
        _ firing: [Alert],
        sendsResolved: Bool
    ) throws -> Delivery? {
        let key = group.key
        let receivers = receivers
        let members = firing.filter { alert in
            alert.groups(receivers: receivers).contains {
                NotificationGroup.key(receiver: $0.receiver, labels: $0.labels) == key
            }
        }
        let loud = members.filter {
            $0.muting(silences: silences, firing: firing, at: at) == nil
        }
        let ended = try group.toldFiring.sorted().compactMap { id -> Alert? in
            let alert = try connection.alert(ID(id))
            return alert.isOpen || silences.contains { $0.covers(alert) } ? nil : alert
        }
        let reason = group.look(
            firing: Set(loud.map(\.id.text)),
            muted: members.count - loud.count,
            resolved: Set(ended.map(\.id.text)),
            isAcknowledged: loud.allSatisfy { $0.acknowledgedBy != nil },
            sendsResolved: sendsResolved,
            at: at
        )
        try keep(group)
        guard let reason else { return nil }
        let alerts = (loud + (sendsResolved ? ended : [])).prefix(100)
        return try enqueue(
            AlertNotification(reason: reason, labels: group.labels, alerts: Array(alerts)),
            to: group.receiver,
            group: key
        )
    }

    fileprivate mutating func enqueue(
        _ notification: AlertNotification,
        to receiver: String,
        group: String
    ) throws -> Delivery {
        let position = try nextNumber(of: "delivery")
        let delivery = Delivery(
            id: ID("delivery-\(position)"),
            receiver: receiver,
            // Unlike an id of one home's own, which another engine would give as well.
            key: "\(at.microseconds)-\(position)",
            group: group,
            createdAt: at,
            notification: notification
        )
        let older = try connection.query(
            "SELECT body FROM deliveries WHERE group_key = $1 AND status = 'waiting'",
            .text(group)
        ) { try $0.body(Delivery.self) }
        for var old in older {
            old.supersede(by: delivery.id, at: at)
            try keep(old)
        }
        try connection.execute(
            """
            INSERT INTO deliveries (id, position, receiver, group_key, status, next_at, body)
            VALUES ($1, $2, $3, $4, 'waiting', $5, $6)
            """,
            .id(delivery.id),
            .number(position),
            .text(receiver),
            .text(group),
            .time(at),
            .text(try canonicalText(delivery))
        )
        if notification.reason != .test {
            for alert in notification.alerts {
                try connection.execute(
                    "INSERT INTO delivery_alerts (alert, delivery) VALUES ($1, $2)",
                    .id(alert.id),
                    .id(delivery.id)
                )
            }
        }
        try record(
            "delivery.queued",
            .delivery(delivery.id),
            "\(notification.title) is to be told to \(receiver) (\(notification.reason.rawValue))."
        )
        return delivery
    }

    /// A try that is to be repeated is in the delivery's history alone; an end is in the audit too.
    fileprivate mutating func keep(_ delivery: Delivery) throws {
        var next: SQLValue = nil
        if case .waiting(let until) = delivery.status { next = .time(until) }
        let changed = try connection.execute(
            """
            UPDATE deliveries SET status = $1, next_at = $2, body = $3
            WHERE id = $4 AND status = 'waiting'
            """,
            .text(delivery.status.name),
            next,
            .text(try canonicalText(delivery)),
            .id(delivery.id)
        )
        guard changed == 1 else { throw movedMeanwhile("delivery", delivery.id.text, "waiting") }
        let title = delivery.notification.title
        switch delivery.status {
        case .waiting: return
        case .delivered:
            try record(
                "delivery.delivered",
                .delivery(delivery.id),
                "\(title) was told to \(delivery.receiver), try \(delivery.attempts.count)."
            )
        case .superseded(_, let newer):
            try record(
                "delivery.superseded",
                .delivery(delivery.id),
                "\(title) was not told to \(delivery.receiver) in time; \(newer) takes its place."
            )
        case .failed(_, let reason):
            try record(
                "delivery.failed",
                .delivery(delivery.id),
                """
                \(title) was not told to \(delivery.receiver) and is given up after \
                \(delivery.attempts.count) tries: \(reason)
                """
            )
        }
    }

    /// A group with nothing left to look at is forgotten.
    private func keep(_ group: NotificationGroup) throws {
        guard let due = group.dueAt else {
            try connection.execute(
                "DELETE FROM notification_groups WHERE key = $1",
                .text(group.key)
            )
            return
        }
        try connection.execute(
            """
            INSERT INTO notification_groups (key, due_at, body) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET due_at = $2, body = $3
            """,
            .text(group.key),
            .time(due),
            .text(try canonicalText(group))
        )
    }

    fileprivate func forgetDeliveries(beyond limit: Int) throws {
        try connection.execute(
            """
            DELETE FROM deliveries WHERE status <> 'waiting' AND position <= (
                SELECT MAX(position) FROM deliveries) - $1
            """,
            .number(limit)
        )
    }
}
