import ArgumentParser
import Domain
import FoundationEssentials

/// Where the engine lives on this machine.
struct HomeOption: ParsableArguments {
    @Option(
        name: .customLong("home"),
        help: "The engine's folder; else $BINNACLE_HOME, else $XDG_DATA_HOME/binnacle."
    )
    var path: String?

    func home() throws -> Home { try Home(path) }
}

/// What every command that asks the engine takes.
struct ClientOptions: ParsableArguments {
    @OptionGroup var home: HomeOption

    @Option(help: "Ask the engine on another machine, through ssh: user@box.")
    var host: String?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func access(client: String = "command line") throws -> EngineAccess {
        EngineAccess(home: try home.home(), host: host, client: client)
    }

    /// Prints an answer as JSON, or as the text made of it.
    func print<Answer: Encodable>(_ answer: Answer, text: (Answer) -> String) throws {
        if json {
            Swift.print(try jsonText(answer))
        } else {
            let lines = text(answer)
            if !lines.isEmpty { Swift.print(lines) }
        }
    }
}

/// Indented JSON with sorted keys, as `--json` prints it.
func jsonText(_ value: some Encodable) throws -> String {
    guard let text = readableJSON(value) else {
        throw Refusal(.fault, "The answer holds a number that JSON cannot write.")
    }
    return text
}
