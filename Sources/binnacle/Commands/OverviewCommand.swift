import ArgumentParser
import Domain
import EngineAPI

struct OverviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "What needs you, the models, open jobs and alerts."
    )

    @OptionGroup var past: AsOfOption
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.show(past.asOf(GetOverview()), text: OverviewText.page)
    }
}

enum OverviewText {
    static func page(_ overview: Overview, columns: Int?) -> String {
        var needs = TextPage(columns: columns)
        needs.line("Waiting for you: \(overview.needs.count)")
        for need in overview.needs { needs.sentence("\(need.title): \(need.detail)", mark: "- ") }
        var rest = TextPage(columns: columns)
        rest.line("Jobs")
        for job in overview.jobs { rest.line("\(job.id) \(job.title): \(job.status.name)") }
        rest.heading("Alerts")
        for alert in overview.alerts {
            rest.sentence("\(alert.model): \(alert.message)", mark: "- ")
        }
        let models = ModelText.list(overview.models, columns: columns)
        return [needs.text, models, rest.text].joined(separator: "\n\n")
    }
}
