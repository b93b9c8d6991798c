import ArgumentParser
import FoundationEssentials

/// The tree of commands as ArgumentParser describes it, for the manual.
struct CommandTree: Decodable {
    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let defaultValue: String?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool
    }

    let command: Command

    /// The tree of this program.
    static func own() throws -> Command {
        let text = Binnacle._dumpHelp()
        return try JSONDecoder().decode(CommandTree.self, from: Data(text.utf8)).command
    }
}
