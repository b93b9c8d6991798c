import Domain
import EngineAPI
import Terminal

/// Silences, receivers and deliveries as text.
enum AlertText {
    static func page(_ page: AlertPage, columns: Int?) -> String {
        let alert = page.alert
        var lines = TextPage(columns: columns)
        lines.line("\(alert.id): \(alert.title) of \(alert.model), \(alert.status.rawValue)")
        lines.sentence(alert.message)
        lines.field("severity", alert.severity.rawValue)
        lines.field("about", alert.subject)
        lines.field("owner", alert.owner)
        lines.field("since", CellText.time(alert.startedAt))
        lines.field("rows of", CellText.time(alert.dataTime))
        if let end = alert.resolvedAt { lines.field("resolved", CellText.time(end)) }
        if let name = alert.acknowledgedBy { lines.field("taken by", "\(name)") }
        if let cause = alert.cause { lines.field("cause", cause) }
        if alert.isFlapping == true { lines.field("flapping", "until it has been quiet") }
        if let muting = page.muting { lines.field("kept quiet", words(muting)) }
        return lines.text + "\n" + deliveries(page.deliveries, columns: columns)
    }

    static func words(_ muting: AlertMuting) -> String {
        switch muting {
        case .muted(let until): "until \(CellText.time(until))"
        case .silenced(let id): "by \(id)"
        case .inhibited(let id): "by \(id), which is likely its cause"
        }
    }

    static func silences(_ silences: [Silence], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !silences.isEmpty else {
            page.line("There are no silences.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .flexible("matchers"), .left("from"), .left("to"), .left("by"),
            .flexible("reason"),
        ])
        for silence in silences {
            table.add([
                silence.id.text, silence.matcherText, CellText.time(silence.startsAt),
                CellText.time(silence.endsAt), silence.author.name, silence.reason,
            ])
        }
        page.table(table)
        return page.text
    }

    static func silence(_ silence: Silence, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line(
            """
            \(silence.id): \(silence.matcherText), \(CellText.time(silence.startsAt)) to \
            \(CellText.time(silence.endsAt))
            """
        )
        page.sentence(silence.reason)
        return page.text
    }

    static func receivers(_ rows: [ReceiverRow], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !rows.isEmpty else {
            page.line("There are no receivers. Write \"receivers:\" into engine.yaml in the home.")
            return page.text
        }
        var table = TextTable([
            .left("name"), .flexible("to"), .right("waiting"), .left("last try"),
            .flexible("came to"),
        ])
        for row in rows {
            let last = row.last?.attempts.last
            table.add([
                row.name, row.title, "\(row.waiting)",
                last.map { CellText.time($0.at) } ?? CellText.missing,
                row.last.map(outcome) ?? CellText.missing,
            ])
        }
        page.table(table)
        return page.text
    }

    static func deliveries(_ deliveries: [Delivery], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !deliveries.isEmpty else {
            page.line("Nobody was told.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .left("at"), .left("to"), .left("status"), .right("tries"),
            .left("because").optional, .flexible("what"), .flexible("came to"),
        ])
        for delivery in deliveries {
            table.add([
                delivery.id.text, CellText.time(delivery.createdAt), delivery.receiver,
                delivery.status.name, "\(delivery.attempts.count)",
                delivery.notification.reason.rawValue, delivery.notification.title,
                outcome(delivery),
            ])
        }
        page.table(table)
        return page.text
    }

    static func delivery(_ delivery: Delivery, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("\(delivery.id) to \(delivery.receiver): \(delivery.status.name)")
        page.sentence(outcome(delivery))
        return page.text
    }

    /// What the last try came to, or when the next one is.
    private static func outcome(_ delivery: Delivery) -> String {
        let problem = delivery.attempts.last?.problem
        switch delivery.status {
        case .delivered:
            return "accepted in \(delivery.attempts.last?.durationMilliseconds ?? 0) ms"
        case .failed(_, let reason): return reason
        case .superseded(_, let newer): return "\(newer) takes its place"
        case .waiting(let until):
            guard let problem else { return "to be told" }
            return "\(problem) Again at \(CellText.time(until))."
        }
    }
}
