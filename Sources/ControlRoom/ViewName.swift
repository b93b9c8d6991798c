/// The screens, in the order of their number keys; the last two are reached by name only.
package enum ViewName: String, Hashable, Sendable, CaseIterable {
    case overview, models, runs, drift, inbox, lineage, jobs, deployments, alerts
    case audit, data

    /// The key that opens it; nil for those without one.
    package var number: Int? {
        switch self {
        case .audit, .data: nil
        default: ViewName.allCases.firstIndex(of: self).map { $0 + 1 }
        }
    }

    package var title: String { localized(word: name) }

    /// In English, whatever the reader's language.
    package var name: String {
        switch self {
        case .overview: "Overview"
        case .models: "Models"
        case .runs: "Runs"
        case .drift: "Drift"
        case .inbox: "Inbox"
        case .lineage: "Lineage"
        case .jobs: "Jobs"
        case .deployments: "Deployments"
        case .alerts: "Alerts"
        case .audit: "Audit"
        case .data: "Data"
        }
    }

    /// For the row of views on a narrow terminal.
    package var shortTitle: String { localized(word: shortName) }

    private var shortName: String {
        switch self {
        case .overview: "Over"
        case .lineage: "Line"
        case .deployments: "Depl"
        case .alerts: "Alert"
        default: name
        }
    }

    var command: Command {
        switch self {
        case .overview: .overview
        case .models: .models
        case .runs: .runs
        case .drift: .drift
        case .inbox: .inbox
        case .lineage: .lineage
        case .jobs: .jobs
        case .deployments: .deployments
        case .alerts: .alerts
        case .audit: .audit
        case .data: .data
        }
    }
}
