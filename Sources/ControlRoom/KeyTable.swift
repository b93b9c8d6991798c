package import Terminal

/// One line of the key table.
package struct KeyEntry: Hashable, Sendable {
    package let keys: [Key]
    package let command: Command
    /// For the help and the README.
    package let title: String
    /// The word beside the key in the last row; nil keeps it out of there.
    package let hint: String?
    /// Where it applies; empty is everywhere.
    package let views: [ViewName]
    package let level: ConfirmationLevel

    /// How the keys are written: `j ↓`.
    package var keyText: String { keys.map(Self.text).joined(separator: " ") }

    package func applies(in view: ViewName) -> Bool { views.isEmpty || views.contains(view) }

    private static func text(_ key: Key) -> String {
        switch key {
        case .up: "↑"
        case .down: "↓"
        case .left: "←"
        case .right: "→"
        default: key.description
        }
    }
}

/// The one table of keys: dispatch, hints, help, the command palette and the README come from it.
package enum KeyTable {
    package static let entries: [KeyEntry] =
        changes + inViews + general + movement + views + demonstration

    /// What a key does in a view; an entry for this view goes before one for all.
    package static func entry(
        for key: Key,
        in view: ViewName,
        isDemonstration: Bool = false
    ) -> KeyEntry? {
        let fitting = entries.filter { entry in
            entry.keys.contains(key) && entry.applies(in: view)
                && (isDemonstration || !demonstrationCommands.contains(entry.command))
        }
        return fitting.first { !$0.views.isEmpty } ?? fitting.first
    }

    private static let onePaneViews: Set<ViewName> = [.alerts, .lineage]

    /// The entries that the last row names in a view, most particular first.
    static func hints(in view: ViewName) -> [KeyEntry] {
        let fitting = entries.filter {
            $0.hint != nil && $0.applies(in: view)
                && !($0.command == .nextPane && onePaneViews.contains(view))
        }
        return fitting.filter { !$0.views.isEmpty } + fitting.filter(\.views.isEmpty)
    }

    /// The README's table of keys.
    package static var keyTableMarkdown: String {
        var text = "| Key | Command | What it does | Where | Confirmed by |\n"
        text += "|---|---|---|---|---|\n"
        for entry in entries {
            let keys = entry.keys.isEmpty ? "" : keyCells(entry)
            let place = entry.views.map(\.name).joined(separator: ", ")
            text += "| \(keys) | `:\(entry.command.rawValue)` | \(entry.title) |"
            text += " \(place.isEmpty ? "everywhere" : place) | \(entry.level.words) |\n"
        }
        return text
    }

    private static func keyCells(_ entry: KeyEntry) -> String {
        entry.keyText.split(separator: " ").map { $0 == "|" ? "`\\|`" : "`\($0)`" }
            .joined(separator: " ")
    }

    /// Commands that change something in the engine.
    static let acts: Set<Command> = Set(changes.map(\.command))

    private static let demonstrationCommands: Set<Command> = [.pause, .slower, .faster]

    private static func entry(
        _ keys: [Key],
        _ command: Command,
        _ title: String,
        hint: String? = nil,
        in views: [ViewName] = [],
        level: ConfirmationLevel = .none
    ) -> KeyEntry {
        KeyEntry(
            keys: keys,
            command: command,
            title: title,
            hint: hint,
            views: views,
            level: level
        )
    }

    private static func key(_ character: Character) -> Key { .character(character) }
}

// MARK: - The entries

extension KeyTable {
    private static let changes: [KeyEntry] = [
        entry(
            [key("A")],
            .approve,
            "approve the release, once its evidence is read",
            hint: "approve",
            in: [.overview, .inbox],
            level: .dialog
        ),
        entry(
            [key("X")],
            .reject,
            "reject the release, with a reason of three words or more",
            hint: "reject",
            in: [.inbox],
            level: .strip
        ),
        entry(
            [key("C")],
            .requestChanges,
            "send the release back for changes, with a reason",
            in: [.inbox],
            level: .strip
        ),
        entry(
            [key("W")],
            .revoke,
            "revoke an approval, with a reason; what serves alerts its owner",
            in: [.inbox],
            level: .strip
        ),
        entry(
            [key("A")],
            .acknowledge,
            "acknowledge the alert",
            hint: "acknowledge",
            in: [.alerts],
            level: .strip
        ),
        entry(
            [key("M")],
            .mute,
            "mute the alert for a time, or end its muting",
            hint: "mute",
            in: [.alerts],
            level: .strip
        ),
        entry(
            [key("E")],
            .testReceiver,
            "send a made-up alert to a receiver",
            hint: "test",
            in: [.alerts],
            level: .strip
        ),
        entry(
            [key("K")],
            .cancelJob,
            "cancel the job",
            hint: "cancel",
            in: [.jobs],
            level: .strip
        ),
        entry(
            [key("D")],
            .deploy,
            "deploy an approved version",
            hint: "deploy",
            in: [.models, .deployments],
            level: .dialog
        ),
        entry(
            [key("B")],
            .rollBack,
            "roll back to the version served before",
            hint: "rollback",
            in: [.models, .deployments, .drift],
            level: .dialog
        ),
        entry(
            [key("S")],
            .requestRelease,
            "submit the version: ask for its release",
            hint: "submit",
            in: [.models],
            level: .strip
        ),
        entry(
            [key("P")],
            .setAlias,
            "point an alias at the version",
            hint: "alias",
            in: [.models],
            level: .strip
        ),
        entry([key("T")], .train, "train a new version", hint: "train", level: .strip),
        entry(
            [],
            .breakGlass,
            "put the version there at once, without its approvals, with a reason",
            level: .dialog
        ),
    ]

    /// Views whose list has columns to sort by, to choose from and to mark rows of.
    private static let lists: [ViewName] = [
        .models, .runs, .inbox, .jobs, .deployments, .alerts, .audit, .data,
    ]
    /// Views that can write what they show into a file under this key.
    private static let exporting = ViewName.allCases.filter { $0 != .inbox }

    private static let inViews: [KeyEntry] = [
        entry(
            [key("e")],
            .nextEvidence,
            "open the next piece of evidence",
            hint: "next evidence",
            in: [.inbox]
        ),
        entry(
            [key("c")],
            .compare,
            "compare the marked versions or runs",
            hint: "compare",
            in: [.models, .runs]
        ),
        entry([key("b")], .setBase, "compare with this version", hint: "base", in: [.models]),
        entry(
            [key("x")],
            .onlyDifferences,
            "show only what differs",
            hint: "differences",
            in: [.models, .runs]
        ),
        entry([key("a")], .card, "the version's model card, and back", hint: "card", in: [.models]),
        entry(
            [key("l"), .right],
            .right,
            "cursor to the next window",
            hint: "cursor",
            in: [.drift]
        ),
        entry([key("h"), .left], .left, "cursor to the window before", in: [.drift]),
        entry([key("m")], .metric, "pick the measure of drift", hint: "measure", in: [.drift]),
        entry([key("r")], .timeRange, "pick how much time is shown", hint: "range", in: [.drift]),
        entry(
            [key("b")],
            .reference,
            "pick what the rows are held against",
            hint: "against",
            in: [.drift]
        ),
        entry([key("[")], .rangeStart, "begin the time shown at the cursor", in: [.drift]),
        entry([key("]")], .rangeEnd, "end the time shown at the cursor", in: [.drift]),
        entry([key("a")], .axis, "values on a logarithmic axis, or not", in: [.drift]),
        entry([key("v")], .table, "exact values as a table", hint: "table", in: [.drift]),
        entry([key("n")], .nextModel, "next model", hint: "model", in: [.drift]),
        entry([key("N")], .previousModel, "model before", in: [.drift]),
        entry([key("+"), key("=")], .zoomIn, "zoom in around the cursor", in: [.drift]),
        entry([key("_")], .zoomOut, "zoom out", in: [.drift]),
        entry([key("0")], .fit, "show the whole time", in: [.drift]),
        entry(
            [key("I")],
            .impact,
            "how far it reached, and back",
            hint: "impact",
            in: [.lineage]
        ),
        entry([key("l"), .right], .right, "to what was made of it", hint: "child", in: [.lineage]),
        entry([key("h"), .left], .left, "to what it was made of", hint: "parent", in: [.lineage]),
        entry(
            [key("o")],
            .origin,
            "lineage of what is under the cursor",
            hint: "lineage",
            in: [.models, .runs, .inbox, .deployments, .data]
        ),
        entry([key("f")], .follow, "follow the end of the log", hint: "follow", in: [.jobs]),
        entry([key("w")], .wrap, "wrap long lines of the log", hint: "wrap", in: [.jobs]),
        entry([key("t")], .times, "hide the times of the log, or show them", in: [.jobs]),
        entry([key("E")], .errorsOnly, "only the errors of the log, or all of it", in: [.jobs]),
        entry([key("c")], .verify, "check the audit chain", hint: "check", in: [.audit]),
        entry([.space], .mark, "mark the row", in: lists),
        entry([key("V")], .markRange, "mark a range: once at each of its ends", in: lists),
        entry([], .clear, "take all marks away", in: lists),
        entry([key(">")], .sortNext, "sort by the next column", in: lists),
        entry([key("<")], .sortPrevious, "sort by the column before", in: lists),
        entry([key("I")], .invertSort, "invert the sort", in: lists),
        entry([key("s")], .sortMenu, "pick the column to sort by", in: lists),
        entry([key("v")], .columns, "show, hide and move columns", in: lists),
        entry([key("e")], .export, "export as CSV, JSON or Markdown", in: exporting),
        entry([], .export, "export as CSV, JSON or Markdown", in: [.inbox]),
    ]

    private static let general: [KeyEntry] = [
        entry([.enter], .open, "open what is under the cursor", hint: "open"),
        entry([.escape, .backspace], .back, "close the nearest thing, or go back"),
        entry([.tab], .nextPane, "next pane", hint: "pane"),
        entry([.backTab], .previousPane, "pane before"),
        entry([key("/")], .filter, "filter the list, or search the log", hint: "filter"),
        entry([key("n")], .nextMatch, "next match, or next one that waits"),
        entry([key("N")], .previousMatch, "match before"),
        entry([key(":")], .palette, "run a command by its name", hint: "command"),
        entry([key("?")], .help, "the keys that work here; Enter runs one", hint: "help"),
        entry([key("!")], .messages, "the messages so far"),
        entry([key("u")], .undo, "cancel the act that is held"),
        entry([key("y")], .copy, "copy the id or value under the cursor"),
        entry([key("Y")], .copyRow, "copy the row as JSON"),
        entry([key("i")], .raw, "everything about the row, as JSON"),
        entry([], .asOf, "as-of TIME: every view as it was then"),
        entry([], .present, "back from the past to now"),
        entry([], .performance, "time and bytes of the frames so far"),
        entry([key("z")], .zoomPane, "one pane on the whole screen, and back"),
        entry([key("-")], .lastView, "the view before"),
        entry([key("R")], .refresh, "ask the engine anew"),
        entry([.control("l")], .repaint, "paint the screen anew"),
        entry([.control("r")], .reload, "read the theme's file anew"),
        entry([key("%")], .mouse, "mouse on or off"),
        entry([.control("z")], .suspend, "suspend; fg comes back"),
        entry([.control("c")], .interrupt, "close a prompt"),
        entry([key("q")], .backOrQuit, "back; in the overview quit"),
    ]

    private static let movement: [KeyEntry] = [
        entry([key("j"), .down], .moveDown, "down"),
        entry([key("k"), .up], .moveUp, "up"),
        entry([key("g"), .home], .moveFirst, "to the first"),
        entry([key("G"), .end], .moveLast, "to the last"),
        entry([.control("d")], .halfPageDown, "half a page down"),
        entry([.control("u")], .halfPageUp, "half a page up"),
        entry([.control("f"), .pageDown], .pageDown, "a page down"),
        entry([.control("b"), .pageUp], .pageUp, "a page up"),
        entry([key("l"), .right], .right, "into the details"),
        entry([key("h"), .left], .left, "back to the list"),
        entry([key("H")], .panLeft, "columns or chart to the left"),
        entry([key("L")], .panRight, "columns or chart to the right"),
    ]

    private static let views: [KeyEntry] = ViewName.allCases.map { view in
        let keys = view.number.map { [Key.character(Character(String($0)))] } ?? []
        return entry(keys, view.command, "view: \(view.name)")
    }

    private static let demonstration: [KeyEntry] = [
        entry([key("p")], .pause, "demonstration: pause, and go on"),
        entry([key(",")], .slower, "demonstration: slower"),
        entry([key(".")], .faster, "demonstration: faster"),
    ]
}
