import ArgumentParser
import Domain
import EngineAPI
import Terminal

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "List alerts, take care of one, silence some, and see who was told.",
        subcommands: [
            List.self, Show.self, Acknowledge.self, Mute.self, AddSilenceCommand.self,
            Silences.self, Unsilence.self, Receivers.self, Deliveries.self, Test.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List alerts, newest first.")

        @Flag(help: "Only those that are not resolved.")
        var open = false
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                past.asOf(ListAlerts(openOnly: open)),
                text: ActivityText.alerts
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one alert, what keeps it quiet, and who was told of it."
        )

        @Argument(help: "The alert's id, such as alert-3.")
        var alert: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(GetAlert(alert: ID(alert)), text: AlertText.page)
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that you have seen an alert and take care of it; repeats stop."
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
        var time = SpanOfTime(seconds: 8 * Timestamp.hour)
        @Option(help: "Why, for the audit trail.")
        var reason = ""
        @Flag(help: "End the muting instead.")
        var off = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                MuteAlert(alert: ID(alert), seconds: off ? nil : time.seconds, reason: reason),
                text: ActivityText.alert
            )
        }
    }

    struct AddSilenceCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "silence",
            abstract: "Keep alerts that fit every matcher from being told, for a while.",
            discussion: "Such as: binnacle alerts silence model=churn feature='dep_*' --for 2h "
                + "--reason \"feed is moved\""
        )

        @Argument(
            help:
                "A label and a value: \(Alert.labelNames.joined(separator: ", ")); * fits any text."
        )
        var matchers: [String]
        @Option(name: .customLong("for"), help: "How long, such as 30m, 2h, 7d.")
        var length: SpanOfTime
        @Option(help: "When it begins, as an ISO 8601 time; now where left out.")
        var from: String?
        @Option(help: "Why, for others to read.")
        var reason: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let start = try from.map { text in
                guard let time = Timestamp(text) else {
                    throw ValidationError("\"\(text)\" is no time such as 2026-03-01T08:00Z.")
                }
                return time
            }
            let request = AddSilence(
                matchers: matchers,
                startsAt: start,
                seconds: length.seconds,
                reason: reason
            )
            try await options.show(request, text: AlertText.silence)
        }
    }

    struct Silences: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the silences that hold or will hold."
        )

        @Flag(help: "Those that have ended as well.")
        var all = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(ListSilences(openOnly: !all), text: AlertText.silences)
        }
    }

    struct Unsilence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a silence now.")

        @Argument(help: "The silence's id, such as silence-2.")
        var silence: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(EndSilence(silence: ID(silence)), text: AlertText.silence)
        }
    }

    struct Receivers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List who can be told, by engine.yaml in the home."
        )

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(ListReceivers(), text: AlertText.receivers)
        }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was told to whom, newest first, with every try."
        )

        @Option(help: "Only what told of this alert.")
        var alert: String?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                ListDeliveries(alert: alert.map { ID($0) }),
                text: AlertText.deliveries
            )
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell one receiver a made-up alert, to see whether it arrives."
        )

        @Argument(help: "The receiver's name in engine.yaml.")
        var receiver: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let delivery = try await options.engine().send(TestReceiver(receiver: receiver))
            try options.show(delivery, text: AlertText.delivery)
            if case .delivered = delivery.status { return }
            throw ExitCode(1)
        }
    }
}

/// `30m`, `2h`, `7d` in seconds.
struct SpanOfTime: ExpressibleByArgument, Equatable {
    let seconds: Double

    init(seconds: Double) {
        self.seconds = seconds
    }

    var defaultValueDescription: String { NumberText.longDuration(seconds) }

    init?(argument: String) {
        let units: [Character: Double] = [
            "s": Timestamp.second, "m": Timestamp.minute, "h": Timestamp.hour, "d": Timestamp.day,
            "w": 7 * Timestamp.day,
        ]
        guard let last = argument.last, let unit = units[last],
            let count = Int(argument.dropLast()), (1...1_000_000).contains(count)
        else { return nil }
        seconds = Double(count) * unit
    }
}
