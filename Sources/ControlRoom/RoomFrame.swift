import Domain
import EngineAPI
package import Terminal

/// The frame around every view: who and where, the views, what is going on, the keys.
extension RoomState {
    /// Draws everything; equal states give equal frames.
    package func draw(into grid: inout CellGrid) {
        Language.$current.withValue(settings.language) { drawFrame(into: &grid) }
    }

    private func drawFrame(into grid: inout CellGrid) {
        let whole = grid.bounds
        guard whole.columns > 0, whole.rows > 0 else { return }
        var rest = whole
        func takeTop() -> Rectangle {
            defer { rest = rest.droppingTop(1) }
            return rest.top(1)
        }
        func takeBottom() -> Rectangle {
            defer { rest = rest.droppingBottom(1) }
            return rest.bottom(1)
        }
        drawHeader(into: &grid, in: takeTop())
        if whole.rows > 8 {
            for (text, style) in banners {
                let row = takeTop()
                grid.fill(row, style: style)
                let line = StyledText(text, style).cut(to: row.columns, glyphs: grid.glyphs)
                grid.put(line, in: row)
            }
        }
        if whole.rows > 4 { drawViews(into: &grid, in: takeTop()) }
        if whole.rows > 5 { drawHints(into: &grid, in: takeBottom()) }
        let status = whole.rows > 3 ? takeBottom() : nil
        if let status { drawStatus(into: &grid, in: status) }
        if demonstration != nil, whole.rows > 7 {
            drawDemonstration(into: &grid, in: takeBottom())
        }
        grid.isHolding = isMoving
        screens[view]?.draw(into: &grid, in: rest, context: context(for: grid.size))
        // What is said of the row under the cursor waits with its details.
        if let status, !grid.held.isEmpty, overlay == nil, held == nil, notice == nil {
            grid.hold(status)
        }
        grid.isHolding = false
        drawOverlay(into: &grid, in: whole, body: rest)
    }

    // MARK: - Header

    private func drawHeader(into grid: inout CellGrid, in row: Rectangle) {
        let glyphs = grid.glyphs
        let isWide = row.columns >= 100
        if let broken = world.brokenLog {
            return drawBrokenLog(broken, into: &grid, in: row, isWide: isWide)
        }
        grid.fill(row, style: .header)
        var left = StyledText(" binnacle ", Style(.title, on: .header, .bold))
        left += environmentBadge(isWide: isWide)
        // Before the names, which may be long: that nothing can be changed must always be seen.
        if settings.isReadOnly {
            left.append(" [RO]", Style(.warning, on: .header, .bold))
        }
        left.append(" \(settings.user)@\(settings.host)", Style(.text, on: .header))
        let whole = headerCounters(isWide: isWide, glyphs)
        let isTight = left.columns + whole.columns + 2 > row.columns
        let right = isTight ? headerCounters(isWide: false, glyphs) : whole
        let line = left.spread(right, to: row.columns, glyphs: glyphs, style: .header)
        grid.put(line, at: row.origin, limit: row.columns)
    }

    private func headerCounters(isWide: Bool, _ glyphs: GlyphSet) -> StyledText {
        var right = StyledText()
        let counters = world.counters
        func count(_ number: Int?, _ mark: Character, _ role: Role, _ word: String) {
            let number = number ?? 0
            let style = Style(number > 0 ? role : .muted, on: .header)
            right.append(
                isWide ? "\(localized(word: word)) \(mark)\(number)  " : "\(mark)\(number) ",
                style
            )
        }
        count(counters?.inbox, glyphs.pending, .pending, "inbox")
        count(counters?.criticalAlerts, glyphs.bad, .bad, "critical")
        count(counters?.warningAlerts, glyphs.warning, .warning, "warnings")
        count(counters?.runningJobs, glyphs.running, .accent, "jobs")
        let isLost = lostReason != nil
        right.append(
            (isWide ? localized("engine ") : " ") + (isLost ? localized("lost") : localized("ok")),
            Style(isLost ? .bad : .ok, on: .header, isLost ? .bold : [])
        )
        // Minutes, not seconds: a screen on which nothing happens sends no bytes.
        right.append("  \(now.timeText.prefix(5))Z ", Style(.text, on: .header))
        return right
    }

    /// What serves behind a broken glass, for everybody to see until it is reviewed.
    var emergency: String? { world.overview?.emergencies?.first }

    /// What must not be overlooked whatever the view: a line each below the header.
    var banners: [(String, Style)] {
        var lines: [(String, Style)] = []
        if let emergency {
            let more = (world.overview?.emergencies?.count ?? 1) - 1
            let text = localized(" BREAK-GLASS  \(emergency)") + (more > 0 ? "  (+\(more))" : "")
            lines.append((text, .production))
        }
        if let date = world.pastDate {
            let second = date.floored(toSeconds: 1)
            let text = localized(" AS OF \(second)  Every view shows what was then. :now ends it.")
            lines.append((text, .staging))
        }
        return lines
    }

    /// Nothing on the screen can be trusted: the whole header says so until it is mended.
    private func drawBrokenLog(
        _ broken: BrokenLog,
        into grid: inout CellGrid,
        in row: Rectangle,
        isWide: Bool
    ) {
        let style = Style.production
        grid.fill(row, style: style)
        let place =
            broken.firstBad.map { localized("AT EVENT \($0)") } ?? localized("BY WHAT IS CURRENT")
        var left = StyledText(localized(" binnacle  AUDIT LOG BROKEN \(place)"), style)
        if isWide { left.append("  \(broken.problem)", style) }
        let right = StyledText(localized("  :verify  \(now.timeText.prefix(5))Z "), style)
        let line = left.spread(right, to: row.columns, glyphs: grid.glyphs, style: style)
        grid.put(line, at: row.origin, limit: row.columns)
    }

    /// The most critical environment that anything here serves.
    private func environmentBadge(isWide: Bool) -> StyledText {
        let names = world.knownModels.compactMap(\.environment)
        if names.contains(where: EnvironmentPolicy.isProduction) {
            return StyledText(isWide ? localized(" PRODUCTION ") : localized(" PROD "), .production)
        }
        guard let name = names.first else {
            return StyledText(
                isWide ? localized("nothing deployed") : "-",
                Style(.muted, on: .header)
            )
        }
        return StyledText(" \(name) ", .staging)
    }

    // MARK: - Views

    struct ViewTab {
        let view: ViewName
        let column: Int
        let text: StyledText
    }

    func viewTabs(columns: Int, glyphs: GlyphSet = .unicode) -> [ViewTab] {
        var shown: [ViewName] = ViewName.allCases.filter { $0.number != nil }
        if view.number == nil { shown.append(view) }
        let wide = tabs(shown, isWide: true, glyphs)
        let isFitting = wide.last.map { $0.column + $0.text.columns <= columns } ?? true
        return columns >= 100 && isFitting ? wide : tabs(shown, isWide: false, glyphs)
    }

    private func tabs(_ shown: [ViewName], isWide: Bool, _ glyphs: GlyphSet) -> [ViewTab] {
        var column = isWide ? 1 : 0
        return shown.map { one in
            let number = one.number.map { isWide ? "\($0) " : "\($0)" } ?? ""
            var text = StyledText(isWide ? " " : "")
            let isShown = one == view
            text.append(number, isShown ? .accent.bold : .muted)
            text.append(isWide ? one.title : one.shortTitle, isShown ? .accent.bold : .text)
            text += badge(of: one, glyphs)
            if isWide { text.append(" ") }
            let shownText = isShown ? text.on(.selection) : text
            defer { column += text.columns + (isWide ? 0 : 1) }
            return ViewTab(view: one, column: column, text: shownText)
        }
    }

    private func drawViews(into grid: inout CellGrid, in row: Rectangle) {
        var end = 0
        for tab in viewTabs(columns: row.columns, glyphs: grid.glyphs) {
            grid.put(tab.text, at: Point(column: tab.column, row: row.row))
            end = tab.column + tab.text.columns
        }
        // How one came here, where there is room: Esc goes back along it.
        guard !trail.isEmpty else { return }
        let names = (trail.suffix(3) + [view]).map(\.title)
        let crumbs = names.joined(separator: " \(grid.glyphs.rowMark) ") + " "
        let room = row.droppingLeft(end + 2)
        guard CharacterWidth.columns(of: crumbs) <= room.columns else { return }
        grid.put(StyledText(crumbs, .muted), in: room, alignment: .right)
    }

    private func badge(of view: ViewName, _ glyphs: GlyphSet) -> StyledText {
        guard let counters = world.counters else { return StyledText() }
        func badge(_ mark: Character, _ number: Int, _ style: Style) -> StyledText {
            number > 0 ? StyledText("\(mark)\(number)", style) : StyledText()
        }
        switch view {
        case .drift:
            return counters.drifting > 0 ? StyledText(glyphs.warning, .warning) : StyledText()
        case .inbox: return badge(glyphs.pending, counters.inbox, .pending)
        case .jobs: return badge(glyphs.running, counters.runningJobs, .accent)
        case .alerts:
            if counters.criticalAlerts > 0 {
                return badge(glyphs.bad, counters.criticalAlerts, .bad)
            }
            return badge(glyphs.warning, counters.warningAlerts, .warning)
        default: return StyledText()
        }
    }

    // MARK: - Last rows

    private func drawStatus(into grid: inout CellGrid, in row: Rectangle) {
        grid.put(statusText(row.columns, grid.glyphs), in: row)
        if case .filter(let prompt) = overlay {
            let label = view == .jobs ? localized(" search ") : localized(" filter ")
            let width = grid.put(label, at: row.origin, style: .accent)
            let field = row.droppingLeft(width).left(max(10, row.columns / 2))
            grid.fill(row.droppingLeft(width))
            prompt.field.draw(into: &grid, in: field)
            let tail = screens[view]?.status(in: context(for: grid.size)) ?? StyledText()
            grid.put(tail, in: row.droppingLeft(width + field.columns + 2))
        } else if case .export(let prompt) = overlay, prompt.format != nil {
            let width = grid.put(localized(" write to file: "), at: row.origin, style: .accent)
            grid.fill(row.droppingLeft(width))
            prompt.field.draw(into: &grid, in: row.droppingLeft(width).droppingRight(1))
        } else if case .reason(let prompt) = overlay, !prompt.isAsking {
            let what = "\(prompt.approval.model) v\(prompt.approval.version)"
            let label = localized(" reason to \(prompt.verb) \(what): ")
            let width = grid.put(label, at: row.origin, style: .pending)
            grid.fill(row.droppingLeft(width))
            prompt.field.draw(into: &grid, in: row.droppingLeft(width).droppingRight(1))
        } else if case .alias(let prompt) = overlay, !prompt.isAsking {
            let label = localized(" alias to point at \(prompt.model) v\(prompt.version): ")
            let width = grid.put(label, at: row.origin, style: .pending)
            grid.fill(row.droppingLeft(width))
            prompt.field.draw(into: &grid, in: row.droppingLeft(width).droppingRight(1))
        }
    }

    private func statusText(_ columns: Int, _ glyphs: GlyphSet) -> StyledText {
        func question(_ text: String, _ keys: StyledText) -> StyledText {
            StyledText(" \(glyphs.pending) \(text)", .pending)
                .spread(keys + StyledText(" "), to: columns, glyphs: glyphs)
        }
        let answers =
            StyledText("y", .hintKey) + StyledText(localized(" yes · "))
            + StyledText("n/Esc", .hintKey)
            + StyledText(localized(" no"))
        switch overlay {
        case .strip(let strip): return question(strip.question, answers)
        case .reason(let prompt) where prompt.isAsking:
            let verb = prompt.verb.prefix(1).uppercased() + prompt.verb.dropFirst()
            return question("\(verb) \(prompt.approval.title): \(prompt.field.text)", answers)
        case .export(let prompt): return exportText(prompt, columns, glyphs)
        case .alias(let prompt) where prompt.isAsking:
            let text = localized(
                "Point \(prompt.field.text) at \(prompt.model) v\(prompt.version)?"
            )
            return question(text, answers)
        case .training(let form):
            return question(localized("Train \(form.model) on \(form.choice.title)?"), answers)
        default: break
        }
        if let held {
            let left = held.secondsLeft(at: now)
            return StyledText(
                " \(glyphs.pending) " + localized("\(held.order.progressWords) in \(left)"),
                .pending
            )
                + StyledText("\(glyphs.ellipsis) ") + StyledText("u", .hintKey)
                + StyledText(localized(" cancels"))
        }
        if let notice {
            let mark: Character? =
                switch notice.role {
                case .ok: glyphs.done
                case .warning: glyphs.warning
                case .bad: glyphs.bad
                default: nil
                }
            let style = Style(notice.role)
            let text = " \(mark.map { "\($0) " } ?? "")\(notice.text)"
            if CharacterWidth.columns(of: text) > columns {
                let more = StyledText("! ", .hintKey) + StyledText(localized("whole text "), .muted)
                return StyledText(text, style).spread(more, to: columns, glyphs: glyphs)
            }
            return StyledText(text, style)
        }
        let status = screens[view]?.status(in: context) ?? StyledText()
        return StyledText(" ") + status
    }

    private func exportText(
        _ prompt: ExportPrompt,
        _ columns: Int,
        _ glyphs: GlyphSet
    ) -> StyledText {
        let count = NumberText.thousands(prompt.listing.count)
        let marked = prompt.listing.isMarkedOnly ? localized(" marked") : ""
        var keys = StyledText()
        for format in ExportFormat.allCases {
            keys.append(String(format.key), .hintKey)
            keys.append(
                format == .markdown
                    ? " Markdown  " : " \(format.rawValue.uppercased())  "
            )
        }
        return StyledText(localized(" export \(count)\(marked) rows as"), .accent)
            .spread(keys, to: columns, glyphs: glyphs)
    }

    private func drawHints(into grid: inout CellGrid, in row: Rectangle) {
        grid.put(StyledText(" ") + hintText(row.columns - 2, grid.glyphs), in: row)
    }

    private func hintText(_ columns: Int, _ glyphs: GlyphSet) -> StyledText {
        if overlay != nil { return overlayHints(columns) }
        let entries = KeyTable.hints(in: view)
        let shown = entries.filter { $0.command != .help }.map { entry in
            let word =
                localized(word: entry.hint ?? "")
                + (entry.level == .none ? "" : "\(glyphs.ellipsis)")
            let isEnabled = entry.level == .none || obstacle(to: entry.command) == nil
            let isPair = view == .drift && entry.command == .right
            let key = isPair ? "h/l" : entry.keys.first.map(\.description) ?? ""
            return HintLine.Hint(key, word, isEnabled: isEnabled)
        }
        return HintLine(shown, last: HintLine.Hint("?", localized("help"))).text(columns: columns)
    }

    /// The keys of what lies over the view, or what it complains of.
    private func overlayHints(_ columns: Int) -> StyledText {
        func hints(_ pairs: [(String, String)]) -> StyledText {
            HintLine(pairs.map { HintLine.Hint($0.0, $0.1) }).text(columns: columns)
        }
        switch overlay {
        case .filter:
            return hints([
                ("Enter", localized("keep")), ("Esc", localized("clear")),
                ("!word", localized("without")),
            ])
        case .picker(let picker):
            let word =
                picker.kind == .palette || picker.kind == .help
                ? localized("run") : localized("choose")
            var pairs = [
                ("Enter", word), ("↑ ↓", localized("move")),
                ("Esc", localized("close")),
            ]
            if picker.kind == .palette, !kept.history.isEmpty {
                pairs.append(("↑", localized("earlier ones")))
            }
            return hints(pairs)
        case .columns:
            return hints([
                ("Space", localized("show/hide")), ("J/K", localized("move")),
                ("s", localized("sort by")), ("0", localized("as it was")),
                ("Esc", localized("close")),
            ])
        case .export(let prompt):
            return prompt.format == nil
                ? hints([
                    ("c j m", localized("file")), ("C J M", localized("copy")),
                    ("Esc", localized("cancel")),
                ])
                : hints([("Enter", localized("write the file")), ("Esc", localized("cancel"))])
        case .page:
            return hints([
                ("j/k h/l", localized("move")), ("y", localized("copy")),
                ("Esc", localized("close")),
            ])
        case .messages: return hints([("j/k", localized("move")), ("Esc", localized("close"))])
        case .strip: return hints([("y", localized("yes")), ("n/Esc", localized("no"))])
        case .reason(let prompt):
            if let complaint = prompt.complaint { return StyledText(complaint, .warning) }
            return hints(prompt.hintPairs)
        case .alias(let prompt):
            if let complaint = prompt.complaint { return StyledText(complaint, .warning) }
            return hints(prompt.hintPairs)
        case .version(let dialog):
            if let complaint = dialog.complaint { return StyledText(complaint, .warning) }
            return hints([
                (localized("type \(dialog.expected) + Enter"), localized("yes")),
                ("Esc", localized("cancel")),
            ])
        case .training:
            return hints([
                ("y", localized("train")), ("Tab", localized("other data")),
                ("j/k", localized("other model")), ("n/Esc", localized("no")),
            ])
        case nil: return StyledText()
        }
    }

    private static func speedText(_ speed: Double) -> String {
        speed == speed.rounded() && speed < 1e6 ? "\(Int(speed))" : NumberText.short(speed)
    }

    private func drawDemonstration(into grid: inout CellGrid, in row: Rectangle) {
        guard let demonstration else { return }
        let glyphs = grid.glyphs
        var left = StyledText(" DEMO ", Style(.accent, [.bold, .reverse]))
        left.append(" \(demonstration.day) ", .title)
        let mark = demonstration.isPaused ? localized("paused") : "\(glyphs.running)"
        left.append("\(mark) ×\(Self.speedText(demonstration.speed)) ", .accent)
        if row.columns >= 100 {
            let bar = BarGauge(demonstration.fraction).text(columns: 12, glyphs: glyphs)
            left.append("\(bar) ", .accent)
        }
        left.append(demonstration.caption)
        var right = StyledText()
        let pairs =
            row.columns >= 100
            ? [
                ("p", localized("pause")), (",", localized("slower")), (".", localized("faster")),
                ("q", localized("quit")),
            ]
            : [("p", localized("pause")), (", .", localized("pace")), ("q", localized("quit"))]
        for pair in pairs {
            right.append("  ")
            right.append(pair.0, .hintKey)
            right.append(" " + pair.1)
        }
        right.append(" ")
        grid.put(left.spread(right, to: row.columns, glyphs: glyphs), in: row)
    }
}

extension ReasonPrompt {
    /// The keys that work in the prompt now, with what each does.
    fileprivate var hintPairs: [(String, String)] {
        guard isAsking else {
            return [
                ("Enter", localized("go on")), ("Esc", localized("cancel")),
            ]
        }
        return [
            ("y", answer == .reject ? localized("reject") : localized("yes")),
            ("n/Esc", localized("no")), ("Backspace", localized("change the reason")),
        ]
    }
}

extension AliasPrompt {
    /// The keys that work in the prompt now, with what each does.
    fileprivate var hintPairs: [(String, String)] {
        guard isAsking else {
            return [
                ("Enter", localized("go on")), ("Esc", localized("cancel")),
            ]
        }
        return [
            ("y", localized("point it")), ("n/Esc", localized("no")),
            ("Backspace", localized("change the name")),
        ]
    }
}
