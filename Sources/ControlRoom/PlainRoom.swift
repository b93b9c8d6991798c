package import Domain
import EngineAPI
import Terminal

/// The control room line by line: the same state, orders and questions, read and typed as words.
///
/// For screen readers and terminals that cannot move their cursor. A line that was typed becomes
/// the keys or the command that it stands for; what the frame would show is read from it.
package struct PlainRoom: Sendable {
    package private(set) var room: RoomState
    private var ordersUnderWay = 0
    private var noticesSaid = 0
    private var wasHeld = false
    /// What was read last, so that only what changed is said.
    private var lastView: ViewName?
    private var lastPanes: [Reading.Pane] = []
    private var isWholeWanted = true
    private var extra: [String] = []

    /// What the reading is drawn on: wide enough for a list beside its details.
    private static let size = Size(columns: 160, rows: 60)

    package init(settings: RoomSettings, now: Timestamp) {
        room = RoomState(settings: settings, size: Self.size, now: now)
    }

    package mutating func start() -> [Effect] { counted(room.start()) }

    package mutating func take(_ message: Message) -> [Effect] {
        switch message {
        case .answer(.order, _), .ended: ordersUnderWay -= 1
        default: break
        }
        return counted(room.update(message))
    }

    /// Whether everything that was asked for has its answer.
    package var isSettled: Bool { room.feed.isIdle && ordersUnderWay <= 0 }
    /// Whether a confirmed order has not left yet.
    package var isHolding: Bool { room.held != nil }

    private mutating func counted(_ effects: [Effect]) -> [Effect] {
        ordersUnderWay += effects.count { effect in
            switch effect {
            case .send(.order), .run: true
            default: false
            }
        }
        return effects
    }

    // MARK: - Typed lines

    /// Does what a typed line says.
    package mutating func take(line: String) -> [Effect] {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
        let text = words.joined(separator: " ")
        return Language.$current.withValue(room.settings.language) {
            guard room.overlay == nil else { return answer(text) }
            return counted(run(text, words))
        } + counted(room.feed.want(room.calls))
    }

    private mutating func run(_ text: String, _ words: [String]) -> [Effect] {
        let rest = words.dropFirst().joined(separator: " ")
        switch words.first?.lowercased() {
        case nil, "read":
            isWholeWanted = true
            return []
        case "help", "?":
            extra += help
            return []
        case "quit", "exit", ":q": return press(":", typing: "quit")
        case "filter": return filter(rest)
        case "reject":
            let effects = room.run(.reject)
            guard case .reason = room.overlay, !rest.isEmpty else { return effects }
            return effects + answer(rest)
        case "open" where !rest.isEmpty:
            guard let number = Int(rest) else { break }
            return select(number) ? room.run(.open) : []
        case .some(let word):
            if let number = Int(word), words.count == 1 {
                _ = select(number)
                return []
            }
        }
        return runNamed(text)
    }

    private mutating func runNamed(_ text: String) -> [Effect] {
        let name = text.lowercased().replacing(" ", with: "-")
        if let command = Command(rawValue: name) {
            let entries = KeyTable.entries.filter { $0.command == command }
            guard entries.contains(where: { $0.applies(in: room.view) }) else {
                let places = Set(entries.flatMap(\.views))
                let names = ViewName.allCases.filter(places.contains).map(\.title)
                let list = names.joined(separator: ", ")
                extra.append(localized("\(text) works in: \(list)."))
                return []
            }
            return room.run(command)
        }
        var picker = Picker(kind: .palette)
        picker.field = TextField(text)
        guard room.entries(of: picker).contains(where: { $0.name == text }) else {
            extra.append(localized("\"\(text)\" is no command here; help lists them."))
            return []
        }
        return press(":", typing: text)
    }

    /// Presses a key, types after it and ends with Enter, as a hand would.
    private mutating func press(_ first: Character, typing text: String) -> [Effect] {
        var effects = key(.character(first))
        for character in text { effects += self.key(.character(character)) }
        return effects + self.key(.enter)
    }

    private mutating func key(_ key: Key) -> [Effect] { room.update(.input(.key(key))) }

    private mutating func filter(_ text: String) -> [Effect] {
        room.screens[room.view]?.filterText = text
        isWholeWanted = true
        return []
    }

    /// Moves the cursor of the list with the keys to a row by its number.
    private mutating func select(_ number: Int) -> Bool {
        let pane = focusedPane(panes())
        guard let pane, number >= 1, number <= pane.rowCount else {
            let count = pane?.rowCount ?? 0
            extra.append(
                count == 0
                    ? localized("There is no list with numbers here.")
                    : localized("The list has the numbers 1 to \(count).")
            )
            return false
        }
        _ = room.pressScreen(.moveFirst)
        for _ in 1..<max(2, number) where number > 1 { _ = room.pressScreen(.moveDown) }
        return true
    }

    // MARK: - Answers to questions

    private mutating func answer(_ text: String) -> [Effect] {
        let word = text.lowercased()
        let isNo = ["n", "no", "cancel", "close", "back", "否"].contains(word)
        let isYes = ["y", "yes", "是"].contains(word)
        switch room.overlay {
        case .strip, .training:
            if isYes { return counted(key(.character("y"))) }
            if isNo { return key(.escape) }
            if case .training = room.overlay, word == "data" { return key(.tab) }
            if case .training = room.overlay, word == "model" { return key(.down) }
            return []
        case .reason(let prompt):
            if isNo { return key(.escape) }
            if prompt.isAsking { return isYes ? counted(key(.character("y"))) : [] }
            return type(text, over: prompt.field)
        case .version(let dialog):
            if isNo { return key(.escape) }
            if dialog.hasReason, word.hasPrefix("reason ") {
                let effects = key(.tab) + type(String(text.dropFirst(7)), over: dialog.reason, nil)
                return effects + key(.tab)
            }
            return counted(type(text, over: dialog.version))
        case .picker(let picker):
            if isNo || text.isEmpty { return key(.escape) }
            return counted(type(text, over: picker.field))
        default:
            if text.count == 1, !isNo, let letter = text.first { return key(.character(letter)) }
            return key(.escape)
        }
    }

    /// Types over what stands in a field, then presses a key.
    private mutating func type(_ text: String, over field: TextField, _ end: Key? = .enter)
        -> [Effect]
    {
        var effects: [Effect] = []
        for _ in field.text { effects += key(.backspace) }
        for character in text { effects += key(.character(character)) }
        if let end { effects += key(end) }
        return effects
    }

    // MARK: - What is said

    /// The lines to print now; empty when nothing new has to be said.
    package mutating func report() -> [String] {
        Language.$current.withValue(room.settings.language) {
            var lines = extra + announcements
            extra = []
            if room.overlay != nil {
                lines += question
            } else {
                lines += readChanges()
            }
            return lines.map(PlainText.spoken)
        }
    }

    /// Only what happened by itself: answers to orders, a lost engine.
    package mutating func announce() -> [String] {
        Language.$current.withValue(room.settings.language) { announcements.map(PlainText.spoken) }
    }

    private var announcements: [String] {
        mutating get {
            let count = min(room.log.total - noticesSaid, room.log.notices.count)
            noticesSaid = room.log.total
            var lines = room.log.notices.suffix(max(0, count)).map(\.text)
            if let held = room.held, !wasHeld {
                let left = held.secondsLeft(at: room.now)
                lines.append(
                    localized("\(held.order.progressWords) leaves in \(left) s; undo cancels it.")
                )
            }
            wasHeld = room.held != nil
            return lines
        }
    }

    private var question: [String] {
        switch room.overlay {
        case .strip(let strip): return [strip.question, localized("Answer yes or no.")]
        case .training(let form):
            return [
                localized("Train \(form.model) on \(form.choice.title)?"),
                localized("Answer yes or no; data or model picks another one."),
            ]
        case .reason(let prompt):
            if prompt.isAsking {
                let title = prompt.approval.title
                return [
                    "\(prompt.verb.prefix(1).uppercased())\(prompt.verb.dropFirst()) "
                        + "\(title): \(prompt.field.text)",
                    localized("Answer yes or no."),
                ]
            }
            let complaint = prompt.complaint.map { [$0] } ?? []
            return complaint + [localized("Type the reason, three words or more, or no.")]
        case .version(let dialog):
            let complaint = dialog.complaint.map { [$0] } ?? []
            let reason = dialog.hasReason ? [localized("reason TEXT adds a reason.")] : []
            return [dialog.title] + dialog.lines.map(\.plain) + complaint
                + [localized("Type \(dialog.expected) to confirm, or no.")] + reason
        case .picker(let picker):
            let names = room.entries(of: picker).map { "\($0.name): \($0.obstacle ?? $0.title)" }
            return names + [localized("Type a name, or close.")]
        case .page(let page): return [page.title] + page.lines
        case .messages: return room.log.notices.reversed().map { "\($0.at.timeText) \($0.text)" }
        default: return [localized("Type a letter of it, or close.")]
        }
    }

    private var help: [String] {
        var seen: Set<Command> = []
        let entries = KeyTable.entries.filter {
            $0.applies(in: room.view) && seen.insert($0.command).inserted
        }
        let own = [
            localized("read: everything in this view"),
            localized("a number: to that row; open and a number opens it"),
            localized("filter TEXT: only what fits; filter alone shows all again"),
            localized("reject REASON: reject with this reason, three words or more"),
        ]
        let named = entries.filter { $0.command.isSpoken }.map {
            "\($0.command.rawValue.replacing("-", with: " ")): \(localized(word: $0.title))"
        }
        return own + named + [localized("quit: leave the control room")]
    }

    // MARK: - Reading the frame

    private func panes() -> [Reading.Pane] {
        var grid = CellGrid(size: Self.size)
        grid.reading = Reading()
        room.draw(into: &grid)
        return (grid.reading?.panes ?? []).filter { !$0.rows.isEmpty || !$0.lines.isEmpty }
    }

    private func focusedPane(_ panes: [Reading.Pane]) -> Reading.Pane? {
        panes.first { $0.isFocused && $0.rowCount > 0 } ?? panes.first { $0.rowCount > 0 }
    }

    private mutating func readChanges() -> [String] {
        let found = panes()
        defer {
            lastPanes = found
            lastView = room.view
            isWholeWanted = false
        }
        if isWholeWanted || lastView != room.view {
            let status = room.screens[room.view]?.status(in: room.context).plain ?? ""
            return [room.view.title + "."] + found.flatMap(PlainText.lines)
                + (status.isEmpty ? [] : [status])
        }
        let before = focusedPane(lastPanes)
        let now = focusedPane(found)
        if let now, let before, now.title == before.title, now.isFocused, before.isFocused,
            now.cursor != before.cursor
        {
            return now.rows.filter { $0.number == now.cursor }.map { PlainText.line($0, now) }
        }
        return found.filter { pane in
            !lastPanes.contains { $0.rows == pane.rows && $0.lines == pane.lines }
                || (pane.isFocused
                    && lastPanes.contains { $0.title == pane.title && !$0.isFocused })
        }.flatMap(PlainText.lines)
    }
}

/// A reading as sentences without drawing characters.
enum PlainText {
    static func lines(_ pane: Reading.Pane) -> [String] {
        var lines: [String] = []
        if !pane.title.isEmpty {
            let place = pane.isFocused ? localized("\(pane.title), here:") : "\(pane.title):"
            lines.append(place)
        }
        lines += pane.rows.map { line($0, pane) }
        if let first = pane.rows.first, let last = pane.rows.last, pane.rows.count < pane.rowCount {
            lines.append(
                localized(
                    "Rows \(first.number) to \(last.number) of \(pane.rowCount); page down goes on."
                )
            )
        }
        return lines
            + pane.lines.map { SafeText.cleaned($0) }.filter { !$0.allSatisfy { $0 == " " } }
    }

    static func line(_ row: Reading.Row, _ pane: Reading.Pane) -> String {
        let cells = row.cells.filter { cell in
            !spoken(cell.text).isEmpty && cell.text != NumberText.missing
        }
        let words = cells.map { cell in
            let text = spoken(cell.text)
            return cell.heading.isEmpty ? text : "\(cell.heading) \(text)"
        }
        var text = "\(row.number). " + words.joined(separator: ", ")
        if row.isMarked { text += ", " + localized("marked") }
        if pane.isFocused, row.number == pane.cursor { text += ", " + localized("selected") }
        return text
    }

    /// Marks become words, drawing characters go.
    static func spoken(_ text: String) -> String {
        let glyphs = GlyphSet.unicode
        var result = ""
        for character in text {
            switch character {
            case glyphs.ok: result += localized("fine ")
            case glyphs.warning: result += localized("warning ")
            case glyphs.bad: result += localized("bad ")
            case glyphs.pending: result += localized("waits ")
            case glyphs.done: result += localized("done ")
            case glyphs.rowMark: result += result.isEmpty ? localized("here: ") : "/"
            case glyphs.marked: result += localized("read ")
            case "…": result += "..."
            case "→": result += localized(" to ")
            case "·": result += "-"
            case "—": result += localized("none")
            default:
                if !isDrawing(character) { result.append(character) }
            }
        }
        return result.split(separator: " ").joined(separator: " ")
    }

    private static func isDrawing(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value else { return false }
        // Boxes, blocks, geometric shapes and braille.
        return (0x2500...0x25FF).contains(value) || (0x2800...0x28FF).contains(value)
    }
}

extension Command {
    /// Whether it makes sense without a screen.
    var isSpoken: Bool {
        switch self {
        case .panLeft, .panRight, .palette, .help, .zoomPane, .repaint, .mouse, .suspend,
            .interrupt, .halfPageDown, .halfPageUp, .filter, .reject, .backOrQuit, .performance:
            false
        default: true
        }
    }
}
