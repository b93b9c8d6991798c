import Domain

/// How each kind of thing is titled and described in the lineage graph.
extension SQLiteConnection {
    /// A node by its name alone, where the id tells it; reading hundreds of whole things takes long.
    func briefNode(_ subject: Subject) throws -> LineageNode {
        let title: String
        switch subject.kind {
        case .run: title = subject.id
        case .cleaning: title = "cleaning of \(subject.id)"
        case .modelVersion:
            guard let slash = subject.id.lastIndex(of: "/") else { return try node(subject) }
            title = "\(subject.id[..<slash]) \(subject.id[slash...].dropFirst())"
        default: return try node(subject)
        }
        return LineageNode(subject: subject, title: title, details: [])
    }

    /// A node; a thing whose row is gone keeps its id as title and says so.
    ///
    /// - Parameter date: As it stood then; nil is now.
    func node(_ subject: Subject, asOf date: Timestamp? = nil) throws -> LineageNode {
        do {
            let (title, lines) = try details(of: subject, asOf: date)
            return LineageNode(subject: subject, title: title, details: lines)
        } catch let refusal as Refusal where refusal.kind == .notFound {
            return LineageNode(subject: subject, title: subject.id, details: [refusal.message])
        }
    }

    func details(of subject: Subject, asOf date: Timestamp?) throws -> (String, [String]) {
        switch subject.kind {
        case .file:
            let name = subject.id.split(separator: "/").last.map(String.init) ?? subject.id
            return (name, [subject.id])
        case .datasetVersion: return try datasetDetails(subject)
        case .run: return try runDetails(subject, date)
        case .job: return try jobDetails(subject, date)
        case .modelVersion: return try versionDetails(subject)
        case .approval: return approvalDetails(try approval(ID(subject.id), asOf: date))
        case .deployment: return try deploymentDetails(subject, date)
        case .predictions: return try predictionDetails(subject, date)
        case .alert: return alertDetails(try alert(ID(subject.id)), date)
        case .silence, .delivery:
            // Nothing was made of them, so they stand alone.
            guard try isThere(subject) else { throw missing(subject.kind, subject.id) }
            return (subject.id, [])
        case .model: return try modelDetails(subject)
        case .cleaning: return try cleaningDetails(subject)
        case .evidence: return evidenceDetails(try approval(ID(subject.id), asOf: date))
        case .signingKey:
            let key = try body(SigningKey.self, of: subject, in: "signing_keys")
            return (key.fingerprint, ["of \(key.owner), enrolled \(key.enrolledAt)"])
        case .auditEvent: return try eventDetails(subject)
        case .driftReport, .engine: return (subject.id, [])
        }
    }

    private func approval(_ id: ID<Approval>, asOf date: Timestamp?) throws -> Approval {
        let now = try approval(id)
        return date.flatMap(now.asOf) ?? now
    }

    private func eventDetails(_ subject: Subject) throws -> (String, [String]) {
        let event = try first(
            "SELECT body FROM audit_events WHERE sequence = $1",
            .integer(Int64(subject.id) ?? 0)
        ) { try $0.body(AuditDraft.self) }
        guard let event else { throw missing(subject.kind, subject.id) }
        return ("event \(subject.id)", [event.summary])
    }

    private func isThere(_ subject: Subject) throws -> Bool {
        let table = subject.kind == .silence ? "silences" : "deliveries"
        return try first(
            "SELECT 1 FROM \(table) WHERE id = $1",
            .text(subject.id)
        ) { _ in true } ?? false
    }

    private func body<Value: Decodable>(
        _ type: Value.Type,
        of subject: Subject,
        in table: String
    ) throws -> Value {
        let found = try first(
            "SELECT body FROM \(table) WHERE id = $1",
            .text(subject.id)
        ) { try $0.body(type) }
        guard let found else { throw missing(subject.kind, subject.id) }
        return found
    }

    private func datasetDetails(_ subject: Subject) throws -> (String, [String]) {
        let version = try body(DatasetVersion.self, of: subject, in: "dataset_versions")
        return (
            "\(version.dataset) v\(version.number)",
            [
                "\(version.id), \(version.rows) rows, \(version.columns.count) columns",
                "digest \(version.digest.short)",
                "from \(version.source)",
                "added \(version.createdAt) by \(version.actor)",
            ]
        )
    }

    private func runDetails(_ subject: Subject, _ date: Timestamp?) throws -> (String, [String]) {
        let now = try body(Run.self, of: subject, in: "runs")
        let run = date.flatMap(now.past) ?? now
        var lines = [
            "\(run.model), \(run.status.name)",
            "\(run.trigger.rawValue): \(run.cause)",
            "queued \(run.createdAt) by \(run.actor)",
        ]
        if let commit = run.code.commit { lines.append("code \(commit.prefix(12))") }
        if case .refused(_, let reasons) = run.status { lines += reasons }
        if case .failed(_, let reason) = run.status { lines.append(reason) }
        return (run.id.text, lines)
    }

    private func modelDetails(_ subject: Subject) throws -> (String, [String]) {
        let found = try first(
            "SELECT owner, description, state FROM models WHERE name = $1",
            .text(subject.id)
        ) { ["owner \($0.text(0))", $0.text(1), $0.text(2)].filter { !$0.isEmpty } }
        guard let found else { throw missing(.model, subject.id) }
        return (subject.id, found)
    }

    private func cleaningDetails(_ subject: Subject) throws -> (String, [String]) {
        let run = try body(Run.self, of: Subject(.run, subject.id), in: "runs")
        let cleaning = run.pipeline.cleaning
        var lines: [String] = cleaning.dropsDuplicates ? ["drops duplicates"] : []
        if !cleaning.missing.isEmpty {
            let names = cleaning.missing.keys.sorted().joined(separator: ", ")
            lines.append("missing values of \(names)")
        }
        if !cleaning.outliers.isEmpty {
            lines.append("outliers of \(cleaning.outliers.keys.sorted().joined(separator: ", "))")
        }
        lines += run.record?.cleaning.map { "\($0.step): \($0.rows) rows" } ?? []
        return ("cleaning of \(run.id)", lines)
    }

    private func evidenceDetails(_ approval: Approval) -> (String, [String]) {
        let worst = approval.evidence.filter { $0.state != .fine }
        return (
            approval.title,
            ["digest \(approval.evidenceDigest.short), \(approval.evidence.count) pieces"]
                + worst.map { "\($0.title): \($0.lines.first ?? $0.state.rawValue)" }
        )
    }

    private func jobDetails(_ subject: Subject, _ date: Timestamp?) throws -> (String, [String]) {
        let now = try body(Job.self, of: subject, in: "jobs")
        let job = date.flatMap(now.past) ?? now
        return (job.title, ["\(job.id), \(job.status.name)"])
    }

    private func versionDetails(_ subject: Subject) throws -> (String, [String]) {
        let version = try body(ModelVersion.self, of: subject, in: "model_versions")
        let primary = version.report.primary
        var lines = ["bundle \(version.bundleDigest.short)"]
        if let comparison = version.report.comparison(primary) {
            let value = (comparison.candidate * 10_000).rounded() / 10_000
            lines.append("\(primary.rawValue) \(value) at validation")
        }
        lines.append("registered \(version.createdAt) by \(version.actor)")
        return ("\(version.model) \(version.label)", lines)
    }

    private func approvalDetails(_ approval: Approval) -> (String, [String]) {
        var lines = [
            "\(approval.id), \(approval.status.words), "
                + "\(approval.approvals) of \(approval.approvalsNeeded)",
            "bundle \(approval.bundleDigest.short), evidence \(approval.evidenceDigest.short)",
            "asked \(approval.createdAt) by \(approval.requester)",
        ]
        for decision in approval.decisions {
            let reason = decision.reason.isEmpty ? "" : ": \(decision.reason)"
            lines.append(
                "\(decision.answer.rawValue) \(decision.decidedAt) by \(decision.actor)\(reason)"
            )
        }
        return (approval.title, lines)
    }

    private func deploymentDetails(_ subject: Subject, _ date: Timestamp?) throws -> (
        String, [String]
    ) {
        let parts = subject.id.split(separator: "/").map(String.init)
        guard let id = parts.first, let label = parts.last,
            let deployment = try deployments("WHERE d.id = $1", .text(id)).first
        else { throw missing(.deployment, subject.id) }
        let lines = deployment.revisions
            .filter { "v\($0.version)" == label && $0.at <= date ?? .distantFuture }
            .suffix(5).reversed()
            .map { "\($0.at): \($0.reason.rawValue) by \($0.actor)" }
        return ("\(deployment.model) \(label) in \(deployment.environment)", [id] + lines)
    }

    private func predictionDetails(
        _ subject: Subject,
        _ date: Timestamp?
    ) throws -> (String, [String]) {
        if let single = try singleDetails(subject.id) { return single }
        let parts = subject.id.split(separator: "/")
        let found = try first(
            """
            SELECT d.model, t.version, t.rows, t.first_time, t.last_time
            FROM prediction_totals t JOIN deployments d ON d.id = t.deployment
            WHERE t.deployment = $1 AND t.version = $2
            """,
            .text(parts.first.map(String.init) ?? ""),
            .number(parts.last.flatMap { Int($0.dropFirst()) } ?? 0)
        ) { row in
            (
                "rows of \(row.text(0)) v\(row.number(1))",
                // How many there were then, the impact counts.
                date.map { $0 < row.time(4) } == true
                    ? ["from \(row.time(3)) on"]
                    : ["\(row.number(2)) rows", "\(row.time(3)) to \(row.time(4))"]
            )
        }
        guard let found else { throw missing(.predictions, subject.id) }
        return found
    }

    private func singleDetails(_ id: String) throws -> (String, [String])? {
        try first(
            "SELECT row_id, time, score, label FROM predictions WHERE id = $1",
            .text(id)
        ) { row in
            let label = row.optionalReal(3).map { "label \($0)" } ?? "no label yet"
            return (
                row.optionalText(0).map { "row \($0)" } ?? id,
                [id, "\(row.time(1))", "score \(row.real(2))", label]
            )
        }
    }

    private func alertDetails(_ now: Alert, _ date: Timestamp?) -> (String, [String]) {
        let alert = date.flatMap(now.past) ?? now
        return (
            "\(alert.id): \(alert.rule.title)",
            ["\(alert.model), \(alert.status.rawValue)", "since \(alert.startedAt)", alert.message]
        )
    }
}
