import Domain
import EngineAPI
import Terminal

/// Alerts, audit events and jobs as text.
enum ActivityText {
    static func alerts(_ alerts: [Alert], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !alerts.isEmpty else {
            page.line("There are no alerts.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .left("status"), .left("severity"), .left("rule"), .flexible("model"),
            .left("since"), .left("rows of").optional, .left("acknowledged").optional,
            .flexible("message"),
        ])
        for alert in alerts {
            table.add([
                alert.id.text, alert.status.rawValue, alert.severity.rawValue, alert.title,
                alert.model, CellText.time(alert.startedAt), CellText.time(alert.dataTime),
                alert.acknowledgedBy?.name ?? CellText.missing, alert.message,
            ])
        }
        page.table(table)
        return page.text
    }

    static func alert(_ alert: Alert, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let name = alert.acknowledgedBy.map { ", acknowledged by \($0)" } ?? ""
        page.line(
            "\(alert.id): \(alert.title) of \(alert.model), \(alert.status.rawValue)\(name)"
        )
        if let until = alert.mutedUntil, let actor = alert.mutedBy {
            page.line("Muted until \(CellText.time(until)) by \(actor).")
        }
        page.sentence(alert.message)
        return page.text
    }

    /// Events in the order they are given.
    static func audit(_ events: [AuditEvent], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !events.isEmpty else {
            page.line("The audit trail has no such events.")
            return page.text
        }
        var table = TextTable([
            .right("event"), .left("at"), .left("by"), .left("action"), .left("of").optional,
            .flexible("what"), .left("hash").optional,
        ])
        for event in events {
            let content = event.content
            table.add([
                "\(event.sequence)", CellText.time(content.at), content.actor.name,
                content.action, content.subject.id, content.summary, event.hash.short,
            ])
        }
        page.table(table)
        return page.text
    }

    static func jobs(_ jobs: [Job], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !jobs.isEmpty else {
            page.line("There are no jobs.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .flexible("job"), .left("status"), .left("queued"), .left("by"),
            .right("took").optional, .right("attempts").optional, .flexible("progress"),
        ])
        for job in jobs {
            table.add([
                job.id.text, job.title, job.status.name, CellText.time(job.createdAt),
                job.actor.name, CellText.duration(from: job.createdAt, to: job.status.endedAt),
                "\(job.attempts)", outcome(job),
            ])
        }
        page.table(table)
        return page.text
    }

    static func cancelled(_ job: Job, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let status = job.status.name == "running" ? "being cancelled" : job.status.name
        page.line("\(job.id) (\(job.title)) is \(status).")
        return page.text
    }

    /// A running job in one line: `round 57 of 200  ████░░░░ 28%  auc 0.7012  41s left`.
    static func progress(_ progress: JobProgress) -> String {
        var parts = [
            progress.step,
            CellText.bar(progress.fraction, columns: 20)
                + " " + NumberText.percent(progress.fraction),
        ]
        if let metric = progress.metric { parts.append(metric) }
        if let seconds = progress.secondsLeft {
            parts.append(NumberText.longDuration(seconds) + " left")
        }
        return SafeText.cleaned(parts.joined(separator: "  "))
    }

    private static func outcome(_ job: Job) -> String {
        if case .failed(_, let reason) = job.status { return reason }
        guard job.status.isOpen, let said = job.progress else { return "" }
        return "\(NumberText.percent(said.fraction)) \(said.step)"
    }
}
