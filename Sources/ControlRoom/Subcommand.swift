import Domain
import Terminal

/// `:binnacle WORDS`: any subcommand of the command line, whose output is read as a page.
///
/// What has no view of its own is done so: keys, policies, tags, proofs, witnesses, clearing up.
struct Subcommand: Sendable, Equatable {
    /// Without `binnacle` itself.
    let words: [String]

    static var usage: String { localized("binnacle COMMAND: such as keys, policy show, gc, audit") }

    /// As it would be typed in a shell.
    var text: String { (["binnacle"] + words.map(Self.quoted)).joined(separator: " ") }

    /// What only looks is run at once; all else is asked for first.
    var isLooking: Bool {
        let names = words.prefix { !$0.hasPrefix("-") }
        switch names.first {
        case "gc": return !words.contains("--apply")
        case let first?:
            guard let looking = Self.looking[first] else { return false }
            return looking.isEmpty || names.count == 1 || looking.contains(names[1])
        case nil: return words.contains("--help") || words.contains("--version")
        }
    }

    /// Subcommands that only look, with those of theirs that do; empty is all of them.
    private static let looking: [String: Set<String>] = [
        "overview": [], "runs": [], "logs": [], "compare": [], "diff": [], "deployments": [],
        "drift": [], "explain": [], "lineage": [], "verify": [], "whoami": [], "policy": [],
        "help": [],
        "data": ["list", "show"], "jobs": ["list"], "models": ["list", "show", "search", "card"],
        "approvals": ["list", "show"], "keys": ["list"], "engine": ["status"],
        "alerts": ["list", "show", "silences", "receivers", "deliveries"],
        "audit": ["list", "verify", "checkpoint", "prove", "consistency"],
    ]

    /// What the room has a key or a question of its own for.
    private static let ofTheRoom: Set<String> = [
        "approve", "reject", "deploy", "rollback", "train", "break-glass",
    ]

    /// What needs a terminal, or standard input, of its own.
    private static let ofTheTerminal: Set<String> = [
        "room", "demo", "dial-stdio", "score", "train-worker",
    ]

    /// Reads what was typed after `:`; nil where it is something else.
    static func entry(reading typed: String) -> PickerEntry? {
        guard typed.hasPrefix("binnacle ") else { return nil }
        func complaint(_ sentence: String) -> PickerEntry {
            PickerEntry(typed, usage, obstacle: sentence, action: .complain(sentence))
        }
        guard let words = split(typed.dropFirst("binnacle ".count)) else {
            return complaint(localized("A quote is open: end it before Enter."))
        }
        guard let first = words.first else { return complaint(usage) }
        let isServing = first == "engine" && ["run", "stop"].contains(words.dropFirst().first)
        let isEndless = words.contains("--follow")
        if ofTheRoom.contains(first) {
            return complaint(
                localized("\(quoted(first)) is done by the room itself: : finds it by its name.")
            )
        }
        if ofTheTerminal.contains(first) || isServing || isEndless {
            return complaint(localized("\(quoted(first)) needs a shell of its own."))
        }
        return PickerEntry(
            typed,
            localized("run it, and read what it says"),
            action: .subcommand(Subcommand(words: words))
        )
    }

    /// Words as a shell reads them: quotes hold together, a backslash takes the next letter as it
    /// is. Nil where a quote is not closed.
    static func split(_ text: some StringProtocol) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for letter in text {
            if isEscaped {
                word = (word ?? "") + String(letter)
                isEscaped = false
            } else if letter == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if letter == open { quote = nil } else { word = (word ?? "") + String(letter) }
            } else if letter == "'" || letter == "\"" {
                quote = letter
                word = word ?? ""
            } else if letter == " " || letter == "\t" {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                word = (word ?? "") + String(letter)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return words + (word.map { [$0] } ?? [])
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@,+".contains($0) }
        return isPlain && !word.isEmpty
            ? word
            : "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
    }
}

extension RoomState {
    mutating func begin(_ subcommand: Subcommand) -> [Effect] {
        if subcommand.isLooking { return run(subcommand) }
        if let obstacle = obstacleToAll {
            say(obstacle, .warning)
            return []
        }
        return ask(localized("Run \(subcommand.text)?"), .subcommand(subcommand.words))
    }

    mutating func run(_ subcommand: Subcommand) -> [Effect] {
        say(localized("Running: \(subcommand.text)"), .accent)
        return [.run(subcommand.words, columns: max(20, size.columns - 4))]
    }

    /// Shows what a subcommand wrote; a question that is being answered is not covered by it.
    mutating func show(_ ended: EndedSubcommand) -> [Effect] {
        let subcommand = Subcommand(words: ended.words)
        let text = ended.text.trimmingEnd
        let isDone = ended.status == 0
        if text.isEmpty {
            say(localized("Done: \(subcommand.text)."), isDone ? .ok : .bad)
        } else if overlay == nil {
            notice = nil
            let end = isDone ? "" : localized(" · ended with \(ended.status)")
            overlay = .page(TextPage(title: subcommand.text + end, text: text))
        } else {
            let first = text.split(separator: "\n").first.map(String.init) ?? ""
            say("\(subcommand.text): \(first)", isDone ? .ok : .bad)
        }
        return subcommand.isLooking ? [] : feed.refresh(watched)
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        String(self[..<(lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? startIndex)])
    }
}
