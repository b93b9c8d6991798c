import Domain
import EngineAPI
import Terminal

/// The list behind `:` and `?`: type to narrow it, Enter runs what the cursor is on.
struct Picker: Sendable {
    enum Kind: Sendable, Equatable {
        case palette, help
        /// One of a few things, under this title.
        case choice(String)
        /// For how long an alert is muted.
        case mute(Alert)
    }

    let kind: Kind
    /// What there is to choose from, where the kind does not say.
    var choices: [PickerEntry] = []
    var field = TextField()
    var cursor = 0
    /// Which earlier command stands in the field, counted from the newest; nil is none.
    private var recalled: Int?

    init(kind: Kind, choices: [PickerEntry] = []) {
        self.kind = kind
        self.choices = choices
    }

    var isRecalling: Bool { recalled != nil }

    /// The letters were changed: the best fit is on top again.
    mutating func edited() {
        cursor = 0
        recalled = nil
    }

    /// Puts an earlier command into the field, as shells do with the arrows.
    mutating func recall(_ history: [String], older: Bool) {
        guard kind == .palette, !history.isEmpty else { return }
        let next = (recalled ?? -1) + (older ? 1 : -1)
        cursor = 0
        guard history.indices.contains(next) else {
            if !older {
                field = TextField()
                recalled = nil
            }
            return
        }
        recalled = next
        field = TextField(history[history.count - 1 - next])
    }
}

/// One line of a picker.
struct PickerEntry: Sendable {
    enum Action: Sendable {
        case command(Command)
        case go(Destination)
        /// A view with a filter.
        case filter(ViewName, String)
        case train(path: String)
        case sort(String?)
        case chart(DriftChoice)
        /// For so many seconds, in words for the question.
        case mute(Alert, seconds: Double, words: String)
        case testReceiver(String)
        case purge(Purge)
        case lookBack(Timestamp)
        case subcommand(Subcommand)
        /// What was typed is not enough: a sentence that says what is missing.
        case complain(String)
        case quit
        case quitAnyway
    }

    /// What the typed letters are compared with.
    let name: String
    let title: String
    let keyText: String
    /// Why it cannot be run now.
    let obstacle: String?
    let action: Action

    init(
        _ name: String,
        _ title: String,
        keyText: String = "",
        obstacle: String? = nil,
        action: Action
    ) {
        self.name = name
        self.title = title
        self.keyText = keyText
        self.obstacle = obstacle
        self.action = action
    }
}

extension Picker {
    /// What fits the typed letters, best first.
    func entries(view: ViewName, world: World, obstacle: (Command) -> String?) -> [PickerEntry] {
        var all = Self.commands(kind, view: view, obstacle: obstacle)
        switch kind {
        case .help: break
        case .choice: all = choices
        case .mute(let alert):
            let typed = field.text.lowercased()
            guard typed.isEmpty else {
                return [Self.muteEntry(alert, typed)].compactMap { $0 }
            }
            all = ["1h", "8h", "1d", "7d"].compactMap { Self.muteEntry(alert, $0) }
        case .palette:
            all += Self.nouns(world)
            if let entry = filterEntry { return [entry] }
            if let entry = Purge.entry(reading: field.text) { return [entry] }
            if let entry = Subcommand.entry(reading: field.text) { return [entry] }
            if let entry = lookBackEntry(reading: field.text, now: world.now) { return [entry] }
            if field.text.hasPrefix("train ") {
                let path = String(field.text.dropFirst(6))
                let entry = PickerEntry(
                    field.text,
                    localized("train the project in this folder of the engine's machine"),
                    action: .train(path: path)
                )
                if path.contains("/") { return [entry] }
            }
        }
        guard !field.isEmpty else { return all }
        let scored = all.enumerated().compactMap { index, entry -> (Int, Int, PickerEntry)? in
            let words = kind == .help ? entry.keyText + " " + entry.title : entry.title
            let byName = Fuzzy.score(field.text, in: entry.name)
            // Words of the description count only as they stand, else everything would fit.
            let byTitle =
                words.lowercased().contains(field.text.lowercased()) ? -words.count : nil
            guard let score = [byName, byTitle].compactMap({ $0 }).max() else { return nil }
            return (score, index, entry)
        }
        return scored.sorted { ($0.0, -$0.1) > ($1.0, -$1.1) }.map(\.2)
    }

    /// `runs /state:failed`: a view, and what its list must fit.
    private var filterEntry: PickerEntry? {
        let parts = field.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasSuffix(" "),
            let view = ViewName.allCases.first(where: {
                $0.rawValue.hasPrefix(parts[0].dropLast().lowercased())
            })
        else { return nil }
        let text = String(parts[1])
        return PickerEntry(
            "\(view.rawValue) /\(text)",
            localized("\(view.title), only what fits"),
            action: .filter(view, text)
        )
    }

    /// - Parameter typed: Such as `8h`; nil comes back where it is no time up to 30 days.
    private static func muteEntry(_ alert: Alert, _ typed: String) -> PickerEntry? {
        guard let unit = typed.last, "smhdw".contains(unit),
            let seconds = FilterTerm.number(typed),
            (1...Alert.muteSecondsMaximum).contains(seconds)
        else { return nil }
        let words = NumberText.longDuration(seconds)
        return PickerEntry(
            typed,
            localized("quiet for \(words); or type another time, such as 90m"),
            action: .mute(alert, seconds: seconds, words: words)
        )
    }

    private static func commands(
        _ kind: Kind,
        view: ViewName,
        obstacle: (Command) -> String?
    ) -> [PickerEntry] {
        let here = KeyTable.entries.filter { $0.views.contains(view) }
        let everywhere = KeyTable.entries.filter(\.views.isEmpty)
        var seen: Set<Command> = []
        var entries = (here + everywhere).filter { seen.insert($0.command).inserted }
        if kind == .palette { entries = entries.filter { $0.command.isForPalette } }
        var result = entries.map { entry in
            PickerEntry(
                entry.command.rawValue,
                localized(word: entry.title),
                keyText: entry.keyText,
                obstacle: obstacle(entry.command),
                action: .command(entry.command)
            )
        }
        if kind == .palette {
            let usage = Subcommand.usage
            result.append(
                PickerEntry(
                    "binnacle",
                    localized("run a subcommand here: binnacle keys, binnacle gc"),
                    action: .complain(usage)
                )
            )
            result.append(
                PickerEntry("quit", localized("leave the control room; :q as well"), action: .quit)
            )
            result.append(
                PickerEntry(
                    "q!",
                    localized("quit, and drop an act that is held"),
                    action: .quitAnyway
                )
            )
        }
        return result
    }

    private static func nouns(_ world: World) -> [PickerEntry] {
        var result: [PickerEntry] = []
        for model in world.knownModels {
            let name = model.name
            result.append(
                PickerEntry("model \(name)", localized("its versions"), action: .go(.model(name)))
            )
            let drift = Destination.drift(model: name, feature: nil, at: nil)
            result.append(
                PickerEntry("drift \(name)", localized("its drift chart"), action: .go(drift))
            )
        }
        for approval in (world.approvals ?? []).prefix(50) {
            result.append(
                PickerEntry(
                    "approval \(approval.id)",
                    approval.title,
                    action: .go(.approval(approval.id))
                )
            )
        }
        for job in (world.jobs ?? world.overview?.jobs ?? []).prefix(200) {
            result.append(PickerEntry("job \(job.id)", job.title, action: .go(.job(job.id))))
        }
        for run in (world.runs ?? []).prefix(200) {
            result.append(
                PickerEntry(
                    "run \(run.id)",
                    "\(run.model) \(localized(word: run.status.name))",
                    action: .go(.run(run.id))
                )
            )
        }
        for row in world.deployments ?? [] {
            let id = row.deployment.id
            result.append(
                PickerEntry(
                    "deployment \(id)",
                    localized("its health"),
                    action: .go(.deployment(id))
                )
            )
        }
        for alert in (world.alerts ?? world.overview?.alerts ?? []).prefix(100) {
            result.append(
                PickerEntry("alert \(alert.id)", alert.message, action: .go(.alert(alert.id)))
            )
        }
        return result
    }
}

extension Command {
    /// Moving around has keys; as words it would only be in the way.
    var isForPalette: Bool {
        switch self {
        case .moveDown, .moveUp, .moveFirst, .moveLast, .halfPageDown, .halfPageUp, .pageDown,
            .pageUp, .left, .right, .panLeft, .panRight, .nextPane, .previousPane, .open, .back,
            .palette, .interrupt:
            false
        default: true
        }
    }
}
