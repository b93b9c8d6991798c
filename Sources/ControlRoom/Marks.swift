import Domain
import EngineAPI
import Terminal

/// The sign of a state: never colour alone, always a shape as well.
extension GlyphSet {
    func mark(_ verdict: DriftVerdict?) -> StyledText {
        switch verdict {
        case .drift: StyledText(bad, .bad)
        case .warning: StyledText(warning, .warning)
        case .stable: StyledText(ok, .ok)
        case .tooFewRows, nil: StyledText(idle, .muted)
        }
    }

    func mark(_ status: JobStatus) -> StyledText {
        switch status {
        case .queued: StyledText(idle, .muted)
        case .running: StyledText(running, .accent)
        case .succeeded: StyledText(done, .ok)
        case .failed: StyledText(bad, .bad)
        case .cancelled: StyledText(idle, .warning)
        }
    }

    func mark(_ status: RunStatus) -> StyledText {
        switch status {
        case .queued: StyledText(idle, .muted)
        case .running: StyledText(running, .accent)
        case .registered: StyledText(done, .ok)
        case .refused: StyledText(warning, .warning)
        case .failed: StyledText(bad, .bad)
        case .cancelled: StyledText(idle, .warning)
        }
    }

    func mark(_ status: ApprovalStatus) -> StyledText {
        switch status {
        case .pending: StyledText(pending, .pending)
        case .checks, .draft: StyledText(warning, .warning)
        case .approved, .live: StyledText(done, .ok)
        case .deploying: StyledText(running, .accent)
        case .rejected, .revoked: StyledText(bad, .bad)
        case .changesRequested: StyledText(warning, .muted)
        case .superseded, .expired: StyledText(idle, .muted)
        }
    }

    func mark(_ state: EvidenceItem.State) -> StyledText {
        switch state {
        case .fine: StyledText(ok, .ok)
        case .warning: StyledText(warning, .warning)
        case .bad: StyledText(bad, .bad)
        }
    }

    func mark(_ state: DeploymentHealth.State) -> StyledText {
        switch state {
        case .ready: StyledText(ok, .ok)
        case .starting, .restarting: StyledText(warning, .warning)
        case .failed: StyledText(bad, .bad)
        case .stopped: StyledText(idle, .muted)
        }
    }

    func mark(_ alert: Alert) -> StyledText {
        guard alert.isOpen else { return StyledText(done, .muted) }
        if alert.status == .pending { return StyledText(idle, .warning) }
        return alert.severity == .critical ? StyledText(bad, .bad) : StyledText(warning, .warning)
    }

    func mark(_ verdict: Verdict) -> StyledText {
        switch verdict {
        case .better: StyledText(done, .ok)
        case .notBetter: StyledText(warning, .warning)
        case .failed: StyledText(bad, .bad)
        }
    }
}

extension MetricComparison {
    /// The role of the difference: certain only when the interval does not hold 0.
    var role: Role {
        guard let interval = differenceInterval else { return .text }
        if interval.low > 0 { return metric.isHigherBetter ? .ok : .bad }
        if interval.high < 0 { return metric.isHigherBetter ? .bad : .ok }
        return .muted
    }
}

/// The labelled lines of a detail pane.
struct DetailLines {
    private(set) var lines: [StyledText] = []
    let columns: Int
    let labelColumns: Int

    init(columns: Int, labelColumns: Int = 10) {
        self.columns = columns
        self.labelColumns = labelColumns
    }

    mutating func add(_ label: String, _ value: StyledText) {
        let label = localized(word: label)
        let wrapped = value.wrapped(to: max(8, columns - labelColumns))
        for (index, line) in wrapped.enumerated() {
            let width = max(labelColumns, CharacterWidth.columns(of: label) + 1)
            let label = TextFit.fit(index == 0 ? label : "", to: index == 0 ? width : labelColumns)
            lines.append(StyledText(label, .muted) + line)
        }
        if wrapped.isEmpty { lines.append(StyledText(label, .muted)) }
    }

    mutating func add(_ label: String, _ value: String, _ style: Style = .text) {
        add(label, StyledText(value, style))
    }

    mutating func add(_ line: StyledText) {
        lines.append(line)
    }

    mutating func heading(_ text: String) {
        if !lines.isEmpty { lines.append(StyledText()) }
        lines.append(StyledText(localized(word: text), Style(.title, .bold)))
    }

    /// A sentence over the whole width, with a mark before it.
    mutating func sentence(_ text: String, mark: StyledText = StyledText()) {
        let indent = mark.isEmpty ? 0 : mark.columns + 1
        for (index, line) in StyledText(text).wrapped(to: max(8, columns - indent)).enumerated() {
            let head = index == 0 && indent > 0 ? mark + StyledText(" ") : nil
            lines.append((head ?? StyledText(TextFit.blanks(indent))) + line)
        }
    }

    /// Draws from a first line on, one column away from the border.
    func draw(into grid: inout CellGrid, in area: Rectangle, from first: Int = 0) {
        if grid.reading != nil {
            for line in lines { grid.reading?.add(line.plain) }
        }
        let start = min(max(0, first), max(0, lines.count - area.rows))
        for (offset, line) in lines.dropFirst(start).prefix(area.rows).enumerated() {
            grid.put(line, in: area.droppingTop(offset).top(1))
        }
    }
}

extension Rectangle {
    /// What is inside a pane's border without the column beside it.
    var padded: Rectangle { inset(columns: 1, rows: 0) }
}

extension StyledText {
    /// The text, then blanks, then another text at the right end of so many columns.
    func spread(
        _ right: StyledText,
        to columns: Int,
        glyphs: GlyphSet,
        style: Style = .text
    ) -> StyledText {
        let room = max(0, columns - right.columns - 1)
        let left = cut(to: room, glyphs: glyphs)
        return left
            + StyledText(TextFit.blanks(columns - right.columns - left.columns), style) + right
    }
}
