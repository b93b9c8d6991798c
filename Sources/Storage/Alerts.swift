package import Domain

/// An alert before the store gives it an id.
package struct AlertDraft: Sendable {
    package let rule: AlertRule
    package let severity: AlertSeverity
    package let model: String
    package let subject: String
    package let owner: String
    package let startedAt: Timestamp
    package let dataTime: Timestamp
    package let message: String
    package let status: AlertStatus
    package let name: String?
    package let feature: String?
    package let news: AlertNews?
    package let grouping: AlertGrouping?

    package init(
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
        self.news = news
        self.grouping = grouping
    }
}

/// What a report does to alerts.
package enum AlertChange: Sendable {
    case open(AlertDraft)
    /// What is new of an open alert; where it is no news, nothing changes.
    case update(ID<Alert>, AlertNews)
    /// A pending alert's breach has lasted long enough.
    case fire(ID<Alert>, message: String)
    case resolve(ID<Alert>)
}

extension Store {
    /// Opens an alert by itself, outside a report; the engine is the one who says so.
    package func openAlert(_ draft: AlertDraft) throws -> Committed<Alert> {
        try change(by: .engine, at: draft.startedAt) { try $0.open(draft) }
    }

    package func acknowledgeAlert(
        _ id: ID<Alert>,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Alert> {
        try change(by: actor, at: date) { transaction in
            var alert = try transaction.connection.alert(id)
            let before = alert.status
            try alert.acknowledge(by: actor, at: date)
            try transaction.update(alert, from: before)
            try transaction.record(
                "alert.acknowledged",
                .alert(id),
                "\(actor) acknowledged \(id) of \(alert.model): \(alert.message)"
            )
            return alert
        }
    }

    /// Mutes an alert for so many seconds; nil ends the muting.
    package func muteAlert(
        _ id: ID<Alert>,
        forSeconds seconds: Double?,
        reason: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Alert> {
        try change(by: actor, at: date) { transaction in
            var alert = try transaction.connection.alert(id)
            let before = alert.status
            try alert.mute(forSeconds: seconds, reason: reason, by: actor, at: date)
            try transaction.update(alert, from: before)
            let why = reason.isEmpty ? "" : ": \(reason)"
            try transaction.record(
                alert.mutedUntil == nil ? "alert.unmuted" : "alert.muted",
                .alert(id),
                alert.mutedUntil.map { "\(actor) muted \(id) of \(alert.model) until \($0)\(why)" }
                    ?? "\(actor) ended the muting of \(id) of \(alert.model)\(why)"
            )
            return alert
        }
    }

    package func resolveAlert(
        _ id: ID<Alert>,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Alert> {
        try change(by: actor, at: date) { try $0.apply(.resolve(id)) }
    }

    package func alert(_ id: ID<Alert>) throws -> Alert {
        try connection.alert(id)
    }

    /// Newest first; with `openOnly` pending and firing ones.
    ///
    /// - Parameter date: As they were then, of the newest `limit` that had begun by then.
    package func alerts(
        openOnly: Bool,
        asOf date: Timestamp? = nil,
        limit: Int
    ) throws -> [Alert] {
        if let date {
            return try connection.bodies(
                Alert.self,
                of: "alerts",
                since: "started_at",
                by: date,
                limit: limit
            ).compactMap { $0.past(at: date) }.filter { !openOnly || $0.isOpen }
        }
        let condition = openOnly ? "WHERE status IN ('pending', 'firing')" : ""
        return try connection.query(
            "SELECT body FROM alerts \(condition) ORDER BY position DESC LIMIT $1",
            .number(limit)
        ) { try $0.body(Alert.self) }
    }
}

extension SQLiteConnection {
    func alert(_ id: ID<Alert>) throws -> Alert {
        let found = try first(
            "SELECT body FROM alerts WHERE id = $1",
            .id(id)
        ) { try $0.body(Alert.self) }
        guard let found else { throw missing(.alert, id.text) }
        return found
    }
}

extension Transaction {
    mutating func apply(_ change: AlertChange) throws -> Alert {
        switch change {
        case .open(let draft):
            return try open(draft)
        case .update(let id, let news):
            return try alter(id, "updated") { alert in
                guard !alert.isOpen || alert.isNews(news) else { return }
                try alert.take(news)
            }
        case .fire(let id, let message):
            return try alter(id, "fired") { alert in
                guard alert.status == .pending else {
                    throw Refusal(
                        .conflict,
                        "The alert \"\(id)\" is \(alert.status.rawValue), so it cannot fire."
                    )
                }
                alert.status = .firing
                alert.message = message
            }
        case .resolve(let id):
            let date = at
            return try alter(id, "resolved") { try $0.resolve(at: date) }
        }
    }

    @discardableResult
    mutating func open(_ draft: AlertDraft) throws -> Alert {
        let position = try nextNumber(of: "alert")
        let alert = Alert(
            id: ID("alert-\(position)"),
            rule: draft.rule,
            severity: draft.severity,
            model: draft.model,
            subject: draft.subject,
            owner: draft.owner,
            startedAt: draft.startedAt,
            dataTime: draft.dataTime,
            message: draft.message,
            status: draft.status,
            name: draft.name,
            feature: draft.feature,
            news: draft.news,
            grouping: draft.grouping
        )
        try connection.execute(
            """
            INSERT INTO alerts (id, position, rule, model, status, started_at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            .id(alert.id),
            .number(position),
            .text(alert.rule.rawValue),
            .text(alert.model),
            .text(alert.status.rawValue),
            .time(alert.startedAt),
            .text(try canonicalText(alert))
        )
        try record(
            "alert.opened",
            .alert(alert.id),
            "\(alert.title) of \(alert.model), \(alert.status.rawValue): \(alert.message)"
        )
        try queue(alert)
        return alert
    }

    private mutating func alter(
        _ id: ID<Alert>,
        _ verb: String,
        _ body: (inout Alert) throws -> Void
    ) throws -> Alert {
        let before = try connection.alert(id)
        var alert = before
        try body(&alert)
        guard alert != before else { return alert }
        try update(alert, from: before.status)
        try record(
            "alert.\(verb)",
            .alert(id),
            "\(alert.title) of \(alert.model), \(verb): \(alert.message)"
        )
        if alert.status != before.status { try queue(alert) }
        return alert
    }

    fileprivate func update(_ alert: Alert, from before: AlertStatus) throws {
        let changed = try connection.execute(
            "UPDATE alerts SET status = $1, body = $2 WHERE id = $3 AND status = $4",
            .text(alert.status.rawValue),
            .text(try canonicalText(alert)),
            .id(alert.id),
            .text(before.rawValue)
        )
        guard changed == 1 else { throw movedMeanwhile("alert", alert.id.text, before.rawValue) }
    }
}
