import ArgumentParser
import Domain
import Glibc

@main
struct Binnacle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binnacle",
        abstract: "Train, judge, approve, deploy and watch machine-learning models.",
        discussion: """
            Without a subcommand it opens the control room, and starts the engine in the \
            background where none runs. Exit codes: 0 done, 1 refused or failed, 2 wrong use.
            """,
        version: "0.1.0",
        subcommands: [
            RoomCommand.self, OverviewCommand.self, DemoCommand.self, EngineCommand.self,
            DataCommand.self, TrainCommand.self, RunsCommand.self, JobsCommand.self,
            LogsCommand.self, ModelsCommand.self, CompareCommand.self,
            ApprovalsCommand.self, ApproveCommand.self, RejectCommand.self,
            DeployCommand.self, DeploymentsCommand.self, RollbackCommand.self,
            DriftCommand.self, ExplainCommand.self, LabelsCommand.self, AlertsCommand.self,
            LineageCommand.self, AuditCommand.self, VerifyCommand.self, GarbageCommand.self,
            WhoAmICommand.self,
            PolicyCommand.self, BreakGlassCommand.self, KeysCommand.self,
            ExportCommand.self,
            DialStdioCommand.self, CompletionsCommand.self, ManCommand.self,
            TrainWorkerCommand.self, ScoreCommand.self, ProfileWorkerCommand.self,
        ],
        defaultSubcommand: RoomCommand.self
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let refusal as Refusal {
            complain(refusal.message)
            Glibc.exit(1)
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if code == .success {
                if !message.isEmpty { print(message) }
                Glibc.exit(0)
            }
            if !message.isEmpty { complain(message) }
            Glibc.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}

/// Writes a line at once, to standard error unless told otherwise.
func complain(_ message: String, to descriptor: Int32 = 2) {
    let bytes = Array((message + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
}
