import ArgumentParser
import ControlRoom
import Domain
import Pipelines
import Terminal

/// The manual pages, made from the tables that the program itself runs on.
enum ManualPage: String, CaseIterable {
    case program = "1"
    case pipeline = "yaml"
    case theme

    /// As `man` looks for it.
    var fileName: String {
        switch self {
        case .program: "binnacle.1"
        case .pipeline: "binnacle.yaml.5"
        case .theme: "binnacle-theme.5"
        }
    }

    /// The folder below a `man` folder that it belongs into.
    var folder: String { self == .program ? "man1" : "man5" }

    func roff() throws -> String {
        switch self {
        case .program: Self.programPage(try CommandTree.own())
        case .pipeline: Self.pipelinePage
        case .theme: Self.themePage
        }
    }

    // MARK: - binnacle(1)

    private static func programPage(_ tree: CommandTree.Command) -> String {
        var page = Roff("binnacle", section: 1)
        page.name("binnacle", tree.abstract ?? "")
        page.section("Synopsis")
        page.line("\\fBbinnacle\\fR [\\fIcommand\\fR] [\\fIoptions\\fR]")
        page.section("Description")
        page.text(tree.discussion ?? "")
        page.section("Commands")
        for command in tree.subcommands ?? [] where command.shouldDisplay {
            add(command, path: "binnacle", to: &page)
        }
        page.section("Keys")
        page.text(
            """
            A capital letter changes something and asks first. The word after the colon runs the \
            same from the palette, and as a line with --plain.
            """
        )
        for entry in KeyTable.entries {
            let word = ":\(entry.command.rawValue)"
            page.item(entry.keys.isEmpty ? word : "\(entry.keyText)  \(word)")
            let places = entry.views.map(\.name).joined(separator: ", ")
            page.text(entry.title + (places.isEmpty ? "" : " (\(places))"))
        }
        page.section("Views as JSON")
        page.text("Every view of the control room is a command as well; --json prints its data.")
        for view in ViewName.allCases {
            page.item(view.name)
            page.text(jsonCommand(of: view))
        }
        page.section("Environment")
        for (name, meaning) in environment {
            page.item(name)
            page.text(meaning)
        }
        page.section("Exit status")
        page.text("0 done, 1 refused or failed, 2 wrong use.")
        page.section("See also")
        page.text("binnacle.yaml(5), binnacle-theme(5)")
        return page.text
    }

    private static func add(
        _ command: CommandTree.Command,
        path: String,
        to page: inout Roff
    ) {
        let path = path + " " + command.commandName
        let arguments = (command.arguments ?? []).filter {
            $0.shouldDisplay && $0.valueName != "help" && $0.valueName != "version"
        }
        let positional = arguments.filter { $0.kind == "positional" }.map { argument in
            let name = (argument.valueName ?? "").uppercased()
            let repeated = argument.isRepeating ? name + "..." : name
            return argument.isOptional ? "[\(repeated)]" : repeated
        }
        page.subsection(([path] + positional).joined(separator: " "))
        if let abstract = command.abstract { page.text(abstract) }
        if let discussion = command.discussion, !discussion.isEmpty {
            for (index, line) in discussion.split(separator: "\n").enumerated() {
                if index > 0 { page.command("br") }
                page.text(String(line))
            }
        }
        for argument in arguments {
            let names = (argument.names ?? []).map(\.text).joined(separator: ", ")
            let value = argument.kind == "option" ? " \(argument.valueName ?? "")" : ""
            page.item(
                argument.kind == "positional"
                    ? (argument.valueName ?? "").uppercased() : names + value
            )
            let standard = argument.defaultValue.map { " Default: \($0)." } ?? ""
            page.text((argument.abstract ?? "") + standard)
        }
        for child in command.subcommands ?? [] where child.shouldDisplay {
            add(child, path: path, to: &page)
        }
    }

    /// What prints the data that a view shows.
    static func jsonCommand(of view: ViewName) -> String {
        switch view {
        case .overview: "binnacle overview --json"
        case .models: "binnacle models --json, binnacle compare MODEL --json"
        case .runs: "binnacle runs --json"
        case .drift: "binnacle drift MODEL --json"
        case .inbox: "binnacle approvals --json"
        case .lineage: "binnacle lineage SUBJECT --json"
        case .jobs: "binnacle jobs --json, binnacle logs JOB --json"
        case .deployments: "binnacle deployments --json"
        case .alerts: "binnacle alerts --json"
        case .audit: "binnacle audit --json"
        case .data: "binnacle data list --json"
        }
    }

    private static let environment: [(String, String)] = [
        ("BINNACLE_HOME", "The engine's folder where --home names none."),
        (
            ScoreCommand.collectVariable,
            "How long scored rows may gather before the engine gets them, 1 to 60000; else 250. "
                + "Of the engine's environment; services inherit it."
        ),
        ("XDG_DATA_HOME", "Holds the folder binnacle where neither is set."),
        (
            "LC_ALL, LC_MESSAGES, LANG",
            "The first that is set chooses English or Traditional Chinese (zh_TW, zh_HK, "
                + "zh_Hant), and ASCII where it is not UTF-8."
        ),
        ("NO_COLOR", "Set to anything: no colours."),
        ("TERM", "The terminal; dumb reads line by line as with --plain."),
    ]

    // MARK: - binnacle.yaml(5)

    private static var pipelinePage: String {
        var page = Roff("binnacle.yaml", section: 5)
        page.name("binnacle.yaml", "how a model is made, judged, released and watched")
        page.section("Description")
        page.text(
            """
            The file of a project that \\(lqbinnacle train\\(rq reads. Each key is written \
            below with the keys around it, joined by dots.
            """.replacing("\\(lq", with: "\"").replacing("\\(rq", with: "\"")
        )
        page.section("Keys")
        for line in pipelineReference.split(separator: "\n") {
            if line.hasPrefix(" ") {
                page.text(String(line.drop { $0 == " " }))
            } else {
                page.item(String(line))
            }
        }
        page.section("See also")
        page.text("binnacle(1)")
        return page.text
    }

    // MARK: - binnacle-theme(5)

    private static var themePage: String {
        var page = Roff("binnacle-theme", section: 5)
        page.name("binnacle-theme", "colours of the control room")
        page.section("Description")
        page.text(
            """
            A theme is a text file in the syntax of btop, so any theme of btop loads unchanged. \
            A line sets one key; a comment begins with a number sign. Colours are written \
            "#RRGGBB", "#GG" (a grey) or "R G B" with decimals up to 255; an empty value is the \
            terminal's own colour.
            """
        )
        page.command("PP")
        page.line("theme[main_bg]=\"#101418\"")
        page.section("Keys")
        for key in ThemeKey.all {
            page.item(key.names.joined(separator: ", "))
            page.text(key.meaning)
        }
        page.section("Files")
        page.text("themes/NAME.theme in the engine's folder, then the installed themes.")
        page.section("See also")
        page.text("binnacle(1)")
        return page.text
    }
}

/// Text in the language of manual pages, with everything foreign escaped.
struct Roff {
    private(set) var text: String

    init(_ title: String, section: Int) {
        let name = Roff.escaped(title).uppercased()
        text = ".TH \(name) \(section) 2026-11-23 \"binnacle \(Binnacle.configuration.version)\"\n"
    }

    mutating func name(_ name: String, _ purpose: String) {
        section("Name")
        let purpose = purpose.hasSuffix(".") ? String(purpose.dropLast()) : purpose
        line("\(Roff.escaped(name)) \\- \(Roff.escaped(purpose))")
    }

    mutating func section(_ title: String) { text += ".SH \(title.uppercased())\n" }

    mutating func subsection(_ title: String) { text += ".SS \(Roff.escaped(title))\n" }

    mutating func item(_ tag: String) { text += ".TP\n\\fB\(Roff.escaped(tag))\\fR\n" }

    mutating func command(_ name: String) { text += ".\(name)\n" }

    mutating func text(_ words: String) {
        for line in words.split(separator: "\n") { self.line(Roff.escaped(String(line))) }
    }

    /// A line that is in the language of manual pages already.
    mutating func line(_ line: String) {
        let isControl = line.hasPrefix(".") || line.hasPrefix("'")
        text += (isControl ? "\\&" : "") + line + "\n"
    }

    /// What is not ASCII becomes `\[uXXXX]`, which every formatter reads in every locale.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default:
                let hexadecimal = String(scalar.value, radix: 16, uppercase: true)
                let zeros = String(repeating: "0", count: max(0, 4 - hexadecimal.count))
                result += "\\[u\(zeros)\(hexadecimal)]"
            }
        }
        return result
    }
}
