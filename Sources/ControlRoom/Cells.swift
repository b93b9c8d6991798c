import Domain
import EngineAPI
import Terminal

/// How a model looks in a row of a table.
enum ModelCells {
    static let columns = ListColumns<ModelRow>(
        [
            ListColumn(
                TableColumn("model", width: .fitted(minimum: 10, maximum: 24), isPinned: true),
                value: { .text($0.name) }
            ) { row, _ in StyledText(row.name) },
            ListColumn(
                TableColumn("ver", width: .fixed(4), priority: 95),
                value: { .number($0.champion) }
            ) { row, _ in StyledText(row.champion.map { "v\($0)" } ?? NumberText.missing) },
            ListColumn(
                TableColumn("true", width: .fixed(6), alignment: .right, priority: 90),
                value: { .number($0.currentValue ?? $0.validationValue) }
            ) { row, _ in value(row) },
            ListColumn(TableColumn("30 windows", width: .fixed(10), priority: 70)) {
                StyledText(
                    Sparkline($0.history).text(columns: 10, glyphs: $1.glyphs),
                    .series1Style
                )
            },
            ListColumn(
                TableColumn("drift", width: .fixed(6), priority: 85),
                value: { .number($0.worstPSI) }
            ) { row, look in
                let psi = row.worstPSI.map { NumberText.decimals($0, 2, isLeadingZeroShown: false) }
                return look.glyphs.mark(row.drift) + StyledText(" \(psi ?? NumberText.missing)")
            },
            ListColumn(
                TableColumn("p95", width: .fixed(6), alignment: .right, priority: 60),
                value: { .number($0.health?.latency95Milliseconds) }
            ) { row, _ in latency(row.health) },
            ListColumn(
                TableColumn("err", width: .fixed(5), alignment: .right, priority: 40),
                value: { .number(errorShare($0.health)) }
            ) { row, _ in errors(row.health) },
            ListColumn(
                TableColumn("next", width: .fitted(minimum: 4, maximum: 8), priority: 65),
                value: { .number($0.waiting) }
            ) { row, look in
                row.waiting.map { StyledText("v\($0) \(look.glyphs.pending)", .pending) }
                    ?? StyledText(NumberText.missing, .muted)
            },
            ListColumn(
                TableColumn("owner", width: .fitted(minimum: 5, maximum: 12), priority: 30),
                value: { .text($0.owner) }
            ) { row, _ in StyledText(row.owner, .muted) },
        ],
        id: { $0.name },
        words: { $0.environment ?? "" }
    )

    static func errorShare(_ health: DeploymentHealth?) -> Double? {
        guard let health, health.requests > 0 else { return nil }
        return Double(health.errors) / Double(health.requests)
    }

    /// The newest true value; in grey the value at validation until labels came.
    static func value(_ row: ModelRow) -> StyledText {
        if let current = row.currentValue { return StyledText(number(current)) }
        if let expected = row.validationValue { return StyledText(number(expected), .muted) }
        return StyledText(NumberText.missing, .muted)
    }

    static func latency(_ health: DeploymentHealth?) -> StyledText {
        guard let value = health?.latency95Milliseconds else {
            return StyledText(NumberText.missing, .muted)
        }
        return StyledText(NumberText.milliseconds(value))
    }

    static func errors(_ health: DeploymentHealth?) -> StyledText {
        guard let share = errorShare(health) else {
            return StyledText(NumberText.missing, .muted)
        }
        let text = share == 0 ? "0%" : NumberText.percent(share, share < 0.0995 ? 2 : 0)
        return StyledText(text, share > 0.01 ? .bad : .text)
    }

    /// Four decimals below 1, as accuracies are compared; else three digits.
    static func number(_ value: Double) -> String {
        value.magnitude < 1
            ? NumberText.decimals(value, 4, isLeadingZeroShown: false) : NumberText.short(value)
    }

    static func signed(_ value: Double) -> String {
        guard value.magnitude >= 1 else {
            return NumberText.signed(value, 4, isLeadingZeroShown: false)
        }
        return (value > 0 ? "+" : "") + NumberText.short(value)
    }

    static func interval(_ interval: Interval?, isSigned: Bool) -> String {
        guard let interval else { return NumberText.missing }
        let text = isSigned ? signed : number
        return "[\(text(interval.low)), \(text(interval.high))]"
    }
}

extension Style {
    static let series1Style = Style(.series1)
}

/// How a job looks in a row of a table.
enum JobCells {
    static let columns = ListColumns<Job>(
        [
            ListColumn(TableColumn("", width: .fixed(1), isPinned: true)) {
                $1.glyphs.mark($0.status)
            },
            ListColumn(
                TableColumn("job", width: .fitted(minimum: 6, maximum: 10), isPinned: true),
                value: { .id($0.id.text) }
            ) { job, _ in StyledText(job.id.text) },
            ListColumn(
                TableColumn("what", width: .flexible(minimum: 20), priority: 90),
                value: { .text($0.title) }
            ) { job, _ in StyledText(job.title) },
            ListColumn(
                TableColumn("progress", width: .fitted(minimum: 12, maximum: 22), priority: 80),
                value: { .number($0.progress?.fraction) }
            ) { progress($0, now: $1.now, bar: 10, $1.glyphs) },
            ListColumn(
                TableColumn("age", width: .fixed(4), alignment: .right, priority: 40),
                value: { .date($0.createdAt) }
            ) { StyledText($1.age($0.createdAt), .muted) },
            ListColumn(
                TableColumn("by", width: .fitted(minimum: 4, maximum: 10), priority: 30),
                value: { .text($0.actor.name) }
            ) { job, _ in StyledText(job.actor.name, .muted) },
        ],
        id: { $0.id.text },
        words: { "\($0.status.name) \($0.actor)" }
    )

    static func progress(
        _ job: Job,
        now: Timestamp,
        bar columns: Int,
        _ glyphs: GlyphSet
    ) -> StyledText {
        switch job.status {
        case .queued: return StyledText(localized("queued"), .muted)
        case .running:
            guard let progress = job.progress else {
                return StyledText(localized("running"), .accent)
            }
            let bar = BarGauge(progress.fraction).text(columns: columns, glyphs: glyphs)
            let left = progress.secondsLeft.map { " \(NumberText.duration($0))" } ?? ""
            let share = NumberText.percent(progress.fraction)
            return StyledText(bar, .accent) + StyledText(" \(share)\(left)")
        case .succeeded(let at): return StyledText(localized("done \(ago(at, now))"), .muted)
        case .failed(let at, _): return StyledText(localized("failed \(ago(at, now))"), .bad)
        case .cancelled(let at): return StyledText(localized("cancelled \(ago(at, now))"), .muted)
        }
    }

    private static func ago(_ date: Timestamp, _ now: Timestamp) -> String {
        NumberText.age(max(1, now.seconds(since: date))) + localized(" ago")
    }
}

/// How an alert looks in a row of a table.
enum AlertCells {
    static let columns = ListColumns<Alert>(
        [
            ListColumn(TableColumn("", width: .fixed(1), isPinned: true)) { $1.glyphs.mark($0) },
            ListColumn(
                TableColumn("since", width: .fixed(5), alignment: .right, priority: 90),
                value: { .date($0.startedAt) }
            ) { StyledText($1.age($0.startedAt), .muted) },
            ListColumn(
                TableColumn("rule", width: .fitted(minimum: 8, maximum: 18), priority: 80),
                value: { .text($0.rule.title) }
            ) { alert, _ in StyledText(localized(word: alert.rule.title), tone(alert)) },
            ListColumn(
                TableColumn("model", width: .fitted(minimum: 8, maximum: 20), isPinned: true),
                value: { .text($0.model) }
            ) { alert, _ in StyledText(alert.model, tone(alert)) },
            ListColumn(
                TableColumn("message", width: .flexible(minimum: 16), priority: 70),
                value: { .text($0.message) }
            ) { alert, _ in StyledText(alert.message, tone(alert)) },
            ListColumn(
                TableColumn("state", width: .fixed(8), priority: 85),
                value: { .text($0.status.rawValue) }
            ) { alert, look in
                if alert.isMuted(at: look.now) { return StyledText(localized("muted"), .muted) }
                return StyledText(
                    localized(word: alert.status.rawValue),
                    alert.status == .firing ? .bad : .muted
                )
            },
            ListColumn(
                TableColumn("acknowledged", width: .fitted(minimum: 5, maximum: 12), priority: 60),
                value: { .text($0.acknowledgedBy?.name) }
            ) { alert, _ in StyledText(alert.acknowledgedBy?.name ?? "—", .muted) },
            ListColumn(
                TableColumn("owner", width: .fitted(minimum: 5, maximum: 12), priority: 50),
                value: { .text($0.owner) }
            ) { alert, _ in StyledText(alert.owner, .muted) },
        ],
        id: { $0.id.text },
        words: { "\($0.id) \($0.severity.rawValue)\($0.mutedUntil == nil ? "" : " muted")" }
    )

    private static func tone(_ alert: Alert) -> Style { alert.isOpen ? .text : .muted }
}
