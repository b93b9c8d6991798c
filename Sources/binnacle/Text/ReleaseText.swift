import Attestation
import Domain
import EngineAPI
import Terminal

/// Approvals and deployments as text.
enum ReleaseText {
    static func approvals(_ approvals: [Approval], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !approvals.isEmpty else {
            page.line("Nothing waits for approval. \"--all\" shows what was decided.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .flexible("release"), .left("status"), .left("approvals").optional,
            .left("asked"), .left("by").optional, .left("expires").optional, .flexible("decided"),
        ])
        for approval in approvals {
            let decided = approval.decisions.map { "\($0.answer.rawValue) by \($0.actor)" }
            table.add([
                approval.id.text, approval.title, approval.status.words, count(approval),
                CellText.time(approval.createdAt), approval.requester.name,
                CellText.time(approval.expiresAt), decided.joined(separator: ", "),
            ])
        }
        page.table(table)
        return page.text
    }

    /// One approval request with all its evidence and what was decided.
    static func approval(_ approval: Approval, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("\(approval.title) (\(approval.id)): \(approval.status.words)")
        page.field("approvals", count(approval))
        page.field("asked", "\(CellText.time(approval.createdAt)) by \(approval.requester)")
        if approval.status == .approved, let end = approval.grantExpiresAt {
            page.field("good until", CellText.time(end))
        } else {
            page.field("expires", CellText.time(approval.expiresAt))
        }
        addPolicy(of: approval, to: &page)
        page.field("bundle", approval.bundleDigest.text)
        page.field("evidence", approval.evidenceDigest.text)
        for item in approval.evidence {
            page.heading("\(item.title) (\(item.state.rawValue))")
            for line in item.lines { page.sentence(line, mark: "  ") }
        }
        if !approval.decisions.isEmpty { page.heading("Decisions") }
        for decision in approval.decisions { page.sentence(words(of: decision), mark: "- ") }
        return page.text
    }

    /// What came of a decision, in a line or two.
    static func decided(_ approval: Approval, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        switch approval.status {
        case .approved:
            let own = approval.isSelfApproved ? ", self-approved" : ""
            page.sentence(
                "\(approval.title) is approved (\(count(approval))\(own))"
                    + (approval.kind != .release
                        ? "."
                        : approval.policy.waitSeconds > 0
                            ? " and is held until \(CellText.time(approval.holdUntil))."
                            : " and is being deployed. \"binnacle deployments\" shows it.")
            )
        case .pending:
            page.sentence("\(approval.title): approved by \(count(approval)); it waits for more.")
        default: page.sentence("\(approval.title) is \(approval.status.words).")
        }
        return page.text
    }

    /// The steps of a release, with what each found.
    static func steps(_ steps: [ReleaseStep], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !steps.isEmpty else {
            page.line("No step of it was queued yet. \"--run\" queues them.")
            return page.text
        }
        var table = TextTable([
            .left("step"), .left("job"), .left("status"), .left("where").optional,
            .flexible("found"),
        ])
        for step in steps {
            var found = step.outcome?.sentence ?? ""
            if case .failed(_, let reason) = step.status { found = reason }
            table.add([
                step.stage.rawValue, step.job.text, step.status.name, step.place, found,
            ])
        }
        page.table(table)
        return page.text
    }

    static func deployments(_ rows: [DeploymentRow], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !rows.isEmpty else {
            page.line("Nothing is deployed. An approved version is deployed by itself.")
            return page.text
        }
        var table = TextTable([
            .flexible("model"), .left("environment"), .left("serves"), .left("state"),
            .right("port"), .right("requests").optional, .right("a minute").optional,
            .left("last request").optional, .right("rows"), .right("errors"),
            .right("p50").optional, .right("p95").optional, .right("p99"), .left("since"),
            .left("by").optional,
            .right("revision").optional,
        ])
        for row in rows {
            let current = row.deployment.current
            let health = row.health
            table.add([
                row.deployment.model, row.deployment.environment,
                serving(row), health.state.rawValue,
                "\(health.port == 0 ? row.deployment.port : health.port)",
                NumberText.thousands(health.requests),
                row.requestsPerMinute.map { NumberText.thousands(Int($0.rounded())) } ?? "",
                row.lastRequestAt.map { CellText.time($0) } ?? "",
                NumberText.thousands(health.rows), NumberText.thousands(health.errors),
                latency(health.latencyMedianMilliseconds),
                latency(health.latency95Milliseconds),
                latency(health.latency99Milliseconds), CellText.time(current.at),
                current.actor.name, "\(current.number)",
            ])
        }
        page.table(table)
        for row in rows {
            if let problem = row.health.problem {
                page.sentence(problem, mark: "\(row.deployment.id): ")
            }
        }
        return page.text
    }

    /// One deployment after a change of what it serves.
    static func changed(_ row: DeploymentRow, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let deployment = row.deployment
        let port = row.health.port == 0 ? deployment.port : row.health.port
        page.sentence(
            "\(deployment.model) in \(deployment.environment) serves "
                + "\(CellText.version(row.health.servingVersion)) on port \(port) "
                + "(\(deployment.current.reason.rawValue), revision \(deployment.current.number))."
        )
        if let problem = row.health.problem { page.sentence(problem) }
        return page.text
    }

    /// What answers now and, where that is another version, what should.
    private static func serving(_ row: DeploymentRow) -> String {
        let now = CellText.version(row.health.servingVersion)
        let wanted = "v\(row.deployment.current.version)"
        return now == wanted ? now : "\(now) (\(wanted) to come)"
    }

    private static func addPolicy(of approval: Approval, to page: inout TextPage) {
        if approval.isSelfApproved { page.field("note", "self-approved") }
        if approval.hasBrokenGlass { page.field("note", "behind a broken glass") }
        for slot in approval.filledSlots {
            let who = slot.filledBy.map(\.name) ?? "open"
            page.field("slot", "\(slot.role.rawValue): \(who)")
        }
        if approval.policy.waitSeconds > 0 {
            page.field("hold", "until \(CellText.time(approval.holdUntil))")
        }
        for check in approval.checks {
            page.field("check", "\(check.check.rawValue): \(check.problem ?? "green")")
        }
        if let digest = approval.policyDigest { page.field("policy", digest.text) }
    }

    private static func count(_ approval: Approval) -> String {
        "\(approval.approvals) of \(approval.approvalsNeeded)"
    }

    private static func latency(_ value: Double?) -> String {
        value.map { NumberText.milliseconds($0) } ?? CellText.missing
    }

    static func words(of decision: Decision) -> String {
        let requester = decision.isSelfApproval ? ", the requester," : ""
        let reason = decision.reason.isEmpty ? "" : ": \(decision.reason)"
        let read = decision.secondsRead > 0 ? ", \(Int(decision.secondsRead)) s of reading" : ""
        let signed =
            decision.signed.flatMap { SecureShellSignature($0.signature) }
            .map { ", signed with \($0.key.fingerprint)" } ?? ""
        return "\(decision.answer.rawValue) by \(decision.actor)\(requester) at "
            + "\(CellText.time(decision.decidedAt)) through the \(decision.client)\(signed)\(read)\(reason)"
    }
}
