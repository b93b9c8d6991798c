import Domain
import FoundationEssentials
import Monitoring
import Storage

/// The state of a version's alerts between windows, as the store keeps it.
struct RuleState: Codable {
    /// nil in what was written before rules had names.
    private var trackers: [String: AlertTracker]?

    /// Takes the next window in, and says what follows for each alert there may be.
    mutating func observe(
        _ report: DriftReport,
        isWhole: Bool,
        policy: MonitorPolicy
    ) -> [JudgedFinding] {
        var next = trackers ?? [:]
        var judged: [JudgedFinding] = []
        for rule in policy.alertRules {
            let timing = AlertTiming(
                lasting: rule.lasting,
                keepFiring: rule.keepFiring,
                flapping: policy.flapping
            )
            let found = rule.findings(in: report, policy: policy, isWhole: isWhole) {
                next[$0.key]?.isFiring == true
            }
            for finding in found {
                var tracker = next[finding.identity.key] ?? AlertTracker()
                let change = tracker.observe(
                    finding.breach,
                    windowEnd: report.windowEnd,
                    timing: timing
                )
                next[finding.identity.key] = tracker.isIdle ? nil : tracker
                judged.append(
                    JudgedFinding(rule: rule, feature: finding.feature, change: change)
                )
            }
        }
        trackers = next
        return judged
    }

    /// Takes up an open alert that nothing is remembered of.
    mutating func takeUp(_ alert: Alert) {
        let key = alert.identity.key
        if trackers?[key] == nil {
            trackers = trackers ?? [:]
            trackers?[key] = AlertTracker(firingSince: alert.dataTime)
        }
    }
}

/// What a window means for one alert.
struct JudgedFinding {
    let rule: AlertRuleDefinition
    let feature: String?
    let change: Monitoring.AlertChange

    var identity: AlertIdentity { AlertIdentity(rule: rule.name, feature: feature) }
}

extension Alert {
    var identity: AlertIdentity { AlertIdentity(rule: ruleName, feature: feature) }
}

extension Monitor {
    func ruleState(of version: ModelVersion, open: [Alert]) async throws -> RuleState {
        var state = RuleState()
        if let bytes = try await store.monitorState(
            model: version.model,
            version: version.number
        ) {
            state = try JSONDecoder().decode(RuleState.self, from: Data(bytes))
        }
        for alert in open { state.takeUp(alert) }
        return state
    }

    /// The open alerts that judge the rows of one version.
    func openAlerts(about subject: String) async throws -> [Alert] {
        try await store.alerts(openOnly: true, limit: 10_000)
            .filter { $0.isAboutRows && $0.subject == subject }
    }

    func changes(
        for findings: [JudgedFinding],
        report: DriftReport,
        owner: String,
        open: [Alert]
    ) -> [Storage.AlertChange] {
        findings.compactMap { finding in
            let known = open.first { $0.identity == finding.identity }
            switch finding.change {
            case .fired(let news), .stillFiring(let news):
                // One that fires on is opened where a change of version had closed it.
                guard let known else {
                    return .open(draft(of: finding, news, report: report, owner: owner))
                }
                return known.isNews(news) ? .update(known.id, news) : nil
            case .resolved: return known.map { .resolve($0.id) }
            case .none, .pending, .withdrawn: return nil
            }
        }
    }

    private func draft(
        of finding: JudgedFinding,
        _ news: AlertNews,
        report: DriftReport,
        owner: String
    ) -> AlertDraft {
        let rule = finding.rule
        return AlertDraft(
            rule: rule.kind,
            severity: rule.severity,
            model: report.model,
            subject: "\(report.model)/v\(report.version)",
            owner: rule.owner ?? owner,
            startedAt: settings.now(),
            dataTime: report.windowStart,
            message: news.message,
            status: .firing,
            name: rule.name == rule.kind.rawValue ? nil : rule.name,
            feature: finding.feature,
            news: news,
            grouping: rule.grouping
        )
    }
}
