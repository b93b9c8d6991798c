import Domain
import EngineAPI
import Terminal

/// The lists one picks from: commands, keys, columns, measures, times.
extension RoomState {
    mutating func pressPicker(_ picker: Picker, _ key: Key) -> [Effect] {
        var picker = picker
        let found = entries(of: picker)
        switch key {
        case .escape, .control("c"):
            overlay = nil
            return []
        case .enter:
            overlay = nil
            guard found.indices.contains(picker.cursor) else {
                say(nothingFits(picker), .warning)
                return []
            }
            return run(found[picker.cursor], of: picker)
        case .up where picker.cursor == 0, .control("p") where picker.cursor == 0:
            picker.recall(kept.history, older: true)
        case .down where picker.isRecalling, .control("n") where picker.isRecalling:
            picker.recall(kept.history, older: false)
        case .down, .control("n"), .tab: picker.cursor += 1
        case .up, .control("p"), .backTab: picker.cursor -= 1
        case .pageDown: picker.cursor += 10
        case .pageUp: picker.cursor -= 10
        case .backspace where picker.field.isEmpty:
            overlay = nil
            return []
        default:
            if picker.field.press(key) { picker.edited() }
        }
        picker.cursor = max(0, min(picker.cursor, entries(of: picker).count - 1))
        overlay = .picker(picker)
        return []
    }

    private func nothingFits(_ picker: Picker) -> String {
        switch picker.kind {
        case .palette, .help:
            localized("No command is called \"\(picker.field.text)\"; : lists them all.")
        case .choice: localized("Nothing there is called \"\(picker.field.text)\".")
        case .mute:
            localized("\"\(picker.field.text)\" is no time up to 30 days; write 90m, 8h or 3d.")
        }
    }

    func entries(of picker: Picker) -> [PickerEntry] {
        picker.entries(view: view, world: world) { obstacle(to: $0) }
    }

    private mutating func run(_ entry: PickerEntry, of picker: Picker) -> [Effect] {
        if case .palette = picker.kind {
            kept.remember(command: picker.field.isEmpty ? entry.name : picker.field.text)
        }
        switch entry.action {
        case .command(let command): return run(command)
        case .go(let destination):
            trail.append(view)
            return go(destination)
        case .filter(let view, let text):
            let effects = go(.view(view))
            screens[view]?.filterText = text
            return effects
        case .train(let path):
            return ask(
                localized("Train the project \(path)?"),
                .trainProject(path: path),
                obstacle: .train
            )
        case .purge(let purge): return begin(purge)
        case .lookBack(let date): return lookBack(to: date)
        case .subcommand(let subcommand): return begin(subcommand)
        case .complain(let sentence):
            say(sentence, .warning)
            return []
        case .sort(let column):
            sort(by: column)
            return []
        case .chart(let choice):
            guard var screen = screens[.drift] as? DriftScreen else { return [] }
            let sentence = screen.choose(choice, in: context)
            screens[.drift] = screen
            say(sentence)
            return []
        case .mute(let alert, let seconds, let words):
            return ask(
                localized("Mute \(alert.id) of \(alert.model) for \(words)?"),
                .mute(alert.id, seconds: seconds)
            )
        case .testReceiver(let name):
            return ask(localized("Send a made-up alert to \(name)?"), .testReceiver(name))
        case .quit: return quit()
        case .quitAnyway: return [.quit]
        }
    }

    // MARK: - Pickers of a view

    /// Opens what a chart lets one pick; nil when the command is about something else.
    mutating func runOnChart(_ command: Command) -> [Effect]? {
        guard view == .drift else { return nil }
        switch command {
        case .metric:
            let choices = DriftMetric.allCases.map {
                PickerEntry($0.title, $0.meaning, action: .chart(.metric($0)))
            }
            overlay = .picker(
                Picker(kind: .choice(localized("Measure of drift")), choices: choices)
            )
        case .timeRange:
            let choices = DriftSpan.offered.map {
                PickerEntry($0.title, "", action: .chart(.span($0)))
            }
            overlay = .picker(Picker(kind: .choice(localized("Time shown")), choices: choices))
        case .reference:
            guard let screen = screens[.drift] as? DriftScreen else { return nil }
            overlay = .picker(
                Picker(
                    kind: .choice(localized("Hold the rows of the window against")),
                    choices: screen.references(world)
                )
            )
        default: return nil
        }
        return []
    }
}
