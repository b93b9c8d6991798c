import ArgumentParser
import Domain
import EngineAPI

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "List alerts, acknowledge one, or mute one for a time.",
        subcommands: [List.self, Acknowledge.self, Mute.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List alerts, newest first.")

        @Flag(help: "Only those that are not resolved.")
        var open = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(ListAlerts(openOnly: open), text: ActivityText.alerts)
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that you have seen an alert and take care of it."
        )

        @Argument(help: "The alert's id, such as alert-3.")
        var alert: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                AcknowledgeAlert(alert: ID(alert)),
                text: ActivityText.alert
            )
        }
    }

    struct Mute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep an open alert quiet for a time: it is shown, but not counted."
        )

        @Argument(help: "The alert's id, such as alert-3.")
        var alert: String
        @Option(name: .customLong("for"), help: "How long: 90m, 8h, 3d; at most 30d.")
        var time = "8h"
        @Option(help: "Why, for the audit trail.")
        var reason = ""
        @Flag(help: "End the muting instead.")
        var off = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            var seconds: Double?
            if !off {
                seconds = muteSeconds(time)
                guard seconds != nil else {
                    throw ValidationError("\"\(time)\" is no time. Write 90m, 8h or 3d.")
                }
            }
            try await options.show(
                MuteAlert(alert: ID(alert), seconds: seconds, reason: reason),
                text: ActivityText.alert
            )
        }
    }
}

/// Reads `90m`, `8h` or `3d` as seconds.
private func muteSeconds(_ text: String) -> Double? {
    let units: [Character: Double] = [
        "s": 1, "m": Timestamp.minute, "h": Timestamp.hour, "d": Timestamp.day,
    ]
    guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
    return Double(text.dropLast()).map { $0 * unit }
}
