import Domain
import EngineAPI
import Terminal

/// How a model looks in a row of a table.
enum ModelCells {
    static let columns: [TableColumn] = [
        TableColumn("model", width: .fitted(minimum: 10, maximum: 24), isPinned: true),
        TableColumn("ver", width: .fixed(4), priority: 95),
        TableColumn("true", width: .fixed(6), alignment: .right, priority: 90),
        TableColumn("30 windows", width: .fixed(10), priority: 70),
        TableColumn("drift", width: .fixed(6), priority: 85),
        TableColumn("p95", width: .fixed(6), alignment: .right, priority: 60),
        TableColumn("err", width: .fixed(5), alignment: .right, priority: 40),
        TableColumn("next", width: .fitted(minimum: 4, maximum: 8), priority: 65),
        TableColumn("owner", width: .fitted(minimum: 5, maximum: 12), priority: 30),
    ]

    static var sortColumns: [SortColumn<ModelRow>] {
        [
            SortColumn("model") { .text($0.name) },
            SortColumn("ver") { .number($0.champion) },
            SortColumn("true") { .number($0.currentValue ?? $0.validationValue) },
            SortColumn("drift") { .number($0.worstPSI) },
            SortColumn("p95") { .number($0.health?.latency95Milliseconds) },
            SortColumn("err") { .number(errorShare($0.health)) },
            SortColumn("next") { .number($0.waiting) },
            SortColumn("owner") { .text($0.owner) },
        ]
    }

    private static func errorShare(_ health: DeploymentHealth?) -> Double? {
        guard let health, health.requests > 0 else { return nil }
        return Double(health.errors) / Double(health.requests)
    }

    static func cells(_ row: ModelRow, _ glyphs: GlyphSet) -> [StyledText] {
        let version = row.champion.map { "v\($0)" } ?? NumberText.missing
        let psi = row.worstPSI.map {
            " " + NumberText.decimals($0, 2, isLeadingZeroShown: false)
        }
        let waiting = row.waiting.map { StyledText("v\($0) \(glyphs.pending)", .pending) }
        return [
            StyledText(row.name), StyledText(version), value(row),
            StyledText(Sparkline(row.history).text(columns: 10, glyphs: glyphs), .series1Style),
            glyphs.mark(row.drift) + StyledText(psi ?? " \(NumberText.missing)"),
            latency(row.health), errors(row.health),
            waiting ?? StyledText(NumberText.missing, .muted), StyledText(row.owner, .muted),
        ]
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
    static func progress(
        _ job: Job,
        now: Timestamp,
        bar columns: Int,
        _ glyphs: GlyphSet
    ) -> StyledText {
        switch job.status {
        case .queued: return StyledText("queued", .muted)
        case .running:
            guard let progress = job.progress else { return StyledText("running", .accent) }
            let bar = BarGauge(progress.fraction).text(columns: columns, glyphs: glyphs)
            let left = progress.secondsLeft.map { " \(NumberText.duration($0))" } ?? ""
            let share = NumberText.percent(progress.fraction)
            return StyledText(bar, .accent) + StyledText(" \(share)\(left)")
        case .succeeded(let at): return StyledText("done \(ago(at, now))", .muted)
        case .failed(let at, _): return StyledText("failed \(ago(at, now))", .bad)
        case .cancelled(let at): return StyledText("cancelled \(ago(at, now))", .muted)
        }
    }

    private static func ago(_ date: Timestamp, _ now: Timestamp) -> String {
        NumberText.age(max(1, now.seconds(since: date))) + " ago"
    }
}
