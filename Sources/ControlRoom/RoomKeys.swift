import Domain
import EngineAPI
import Terminal

/// Keys and commands, as far as they concern all views.
extension RoomState {
    mutating func press(_ key: Key) -> [Effect] {
        let isDemonstration = demonstration != nil
        guard let entry = KeyTable.entry(for: key, in: view, isDemonstration: isDemonstration)
        else {
            sayWhere(key)
            return []
        }
        return run(entry.command)
    }

    /// A key that means nothing here says where it does.
    private mutating func sayWhere(_ key: Key) {
        let others = KeyTable.entries.filter { $0.keys.contains(key) && !$0.views.isEmpty }
        guard let first = others.first else { return }
        let places = others.flatMap(\.views).map(\.title)
        say(localized("\(key) works in \(Self.list(places)): \(localized(word: first.title))."))
    }

    private static func list(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + localized(" and ") + last
    }

    mutating func run(_ command: Command) -> [Effect] {
        if let obstacle = obstacle(to: command) {
            say(obstacle, .warning)
            return []
        }
        if let view = command.view {
            trail = []
            return go(.view(view))
        }
        switch command {
        case .back: return back(isQuitting: false)
        case .backOrQuit: return back(isQuitting: true)
        case .lastView: return lastView.map { go(.view($0)) } ?? []
        case .filter:
            let text = screens[view]?.filterText ?? ""
            overlay = .filter(FilterPrompt(field: TextField(text), before: text))
        case .palette: overlay = .picker(Picker(kind: .palette))
        case .help: overlay = .picker(Picker(kind: .help))
        case .messages: overlay = .messages(MessageList())
        case .copy: return copy()
        case .zoomPane: isZoomed.toggle()
        case .refresh: return feed.refresh(watched) + [.redraw]
        case .repaint: return [.redraw]
        case .mouse:
            isMouseOn.toggle()
            say(
                localized(
                    "The mouse is \(isMouseOn ? localized("on") : localized("off")): % changes that."
                )
            )
            return [.mouse(isOn: isMouseOn)]
        case .suspend: return [.suspend]
        case .reload: return [.reload]
        case .undo: undo()
        case .interrupt: say(localized("q quits."))
        case .pause: return [.demonstration(.pauseOrGoOn)]
        case .slower: return [.demonstration(.slower)]
        case .faster: return [.demonstration(.faster)]
        case .verify:
            say(localized("Verifying the audit chain…"))
            return (view == .audit ? [] : go(.view(.audit))) + feed.refresh([.verifyAudit])
        case .origin: return origin()
        case .asOf: say(lookBackUsage)
        case .present: return lookAtPresent()
        default:
            if KeyTable.acts.contains(command) { return begin(command) }
            if let effects = runOnList(command) ?? runOnChart(command) { return effects }
            return pressScreen(command)
        }
        return []
    }

    mutating func go(_ destination: Destination) -> [Effect] {
        let target = destination.view
        if target != view {
            lastView = view
            view = target
            isZoomed = false
        }
        screens[target]?.show(destination)
        return feed.refresh(calls)
    }

    mutating func pressScreen(_ command: Command) -> [Effect] {
        let context = context
        switch screens[view]?.press(command, in: context) ?? .unhandled {
        case .done: return []
        case .unhandled: sayNotHere(command)
        case .say(let text):
            say(text)
        case .ask(let call): return feed.refresh([call])
        case .go(let destination):
            if destination.view != view {
                trail.append(view)
                if trail.count > 20 { trail.removeFirst() }
            }
            return go(destination)
        }
        return []
    }

    /// No key is silent: what the view has no use for is said, but for steps past an end.
    private mutating func sayNotHere(_ command: Command) {
        guard !Self.steps.contains(command),
            let entry = KeyTable.entries.first(where: {
                $0.command == command && $0.applies(in: view)
            })
        else { return }
        say(localized("Not here: \(localized(word: entry.title))."))
    }

    private static let steps: Set<Command> = [
        .moveUp, .moveDown, .moveFirst, .moveLast, .halfPageUp, .halfPageDown, .pageUp, .pageDown,
        .left, .right, .panLeft, .panRight,
    ]

    private mutating func back(isQuitting: Bool) -> [Effect] {
        if isZoomed {
            isZoomed = false
            return []
        }
        let context = context
        let step = screens[view]?.press(.back, in: context) ?? .unhandled
        if step != .unhandled { return [] }
        if let earlier = trail.popLast() { return go(.view(earlier)) }
        guard isQuitting else { return [] }
        // A demonstration promises on its line that q quits, wherever one is.
        if view != .overview, demonstration == nil { return go(.view(.overview)) }
        return quit()
    }

    mutating func quit() -> [Effect] {
        if let held {
            let left = held.secondsLeft(at: now)
            say(
                localized(
                    "\(held.order.progressWords) leaves in \(left) s: wait, or u cancels it, then q."
                ),
                .warning
            )
            return []
        }
        return [.quit]
    }

    private mutating func copy() -> [Effect] {
        guard let text = focus.text else {
            say(localized("Nothing under the cursor to copy."), .warning)
            return []
        }
        say(localized("Copied \(text)"), .ok)
        return [.copy(text)]
    }

    private mutating func origin() -> [Effect] {
        guard let subject = focus.subject else {
            say(localized("Nothing under the cursor has a lineage."), .warning)
            return []
        }
        trail.append(view)
        return go(.lineage(subject))
    }

    // MARK: - Keys of what lies over the screen

    mutating func pressOverlay(_ key: Key) -> [Effect] {
        switch overlay {
        case .filter(let prompt): pressFilter(prompt, key)
        case .picker(let picker): return pressPicker(picker, key)
        case .messages(let list): pressMessages(list, key)
        case .strip(let strip): return settle(strip.press(key), .strip(strip))
        case .reason(var prompt):
            let step = prompt.press(key)
            return settle(step, .reason(prompt))
        case .alias(var prompt):
            let step = prompt.press(key)
            return settle(step, .alias(prompt))
        case .version(var dialog):
            let step = dialog.press(key)
            return settle(step, .version(dialog))
        case .columns(let picker): pressColumns(picker, key)
        case .export(let prompt): return pressExport(prompt, key)
        case .page(let page): return pressPage(page, key)
        case .training(var form):
            let step = form.press(key)
            return settle(step, .training(form))
        case nil: break
        }
        return []
    }

    private mutating func settle(_ step: PromptStep, _ still: Overlay) -> [Effect] {
        switch step {
        case .open:
            overlay = still
            return []
        case .cancelled:
            overlay = nil
            say(localized("Cancelled: nothing was sent."))
            return []
        case .confirmed(let order):
            overlay = nil
            return confirm(order)
        }
    }

    private mutating func pressFilter(_ prompt: FilterPrompt, _ key: Key) {
        var prompt = prompt
        switch key {
        case .enter: overlay = nil
        case .escape, .control("c"):
            screens[view]?.filterText = ""
            overlay = nil
        case .down: _ = pressScreen(.moveDown)
        case .up: _ = pressScreen(.moveUp)
        default:
            _ = prompt.field.press(key)
            screens[view]?.filterText = prompt.field.text
            overlay = .filter(prompt)
        }
    }

    private mutating func pressMessages(_ list: MessageList, _ key: Key) {
        var list = list
        switch key {
        case .character("j"), .down: list.firstLine += 1
        case .character("k"), .up: list.firstLine = max(0, list.firstLine - 1)
        case .character("g"), .home: list.firstLine = 0
        case .escape, .enter, .character("q"), .character("!"), .control("c"), .backspace:
            overlay = nil
            return
        default: break
        }
        list.firstLine = min(list.firstLine, max(0, log.notices.count - 1))
        overlay = .messages(list)
    }
}
