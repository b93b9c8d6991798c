import Domain
import EngineAPI
import Storage

/// The registry's list: a page of models with what serves of each and how it does.
extension Engine {
    /// - Parameter model: Only this one.
    func modelRows(
        fitting query: RegistryQuery = RegistryQuery(),
        after: String? = nil,
        limit: Int
    ) async throws -> [ModelRow] {
        let summaries = try await store.models(fitting: query, after: after, limit: limit)
        return try await rows(of: summaries)
    }

    func modelRow(_ model: String) async throws -> ModelRow? {
        let summary = try await store.modelSummary(of: model)
        return try await rows(of: summary.map { [$0] } ?? []).first
    }

    private func rows(of summaries: [ModelSummary]) async throws -> [ModelRow] {
        let names = summaries.map(\.name)
        let deployments = Dictionary(
            try await store.deployments(of: names).map { ($0.model, $0) }
        ) { first, _ in first }
        let waiting = try await store.waitingVersions(of: names)
        var rows: [ModelRow] = []
        for summary in summaries {
            var row = ModelRow(
                name: summary.name,
                owner: summary.owner,
                versions: summary.versions
            )
            row.latest = summary.latest
            row.champion = summary.champion
            row.metric = summary.metric
            row.validationValue = summary.metricValue
            row.waiting = waiting[summary.name]
            if let deployment = deployments[summary.name] {
                row.environment = deployment.environment
                row.health = await supervisor.health(of: deployment)
            }
            if summary.isMonitored { try await addMonitoring(to: &row) }
            rows.append(row)
        }
        return rows
    }

    private func addMonitoring(to row: inout ModelRow) async throws {
        row.history = try await store.trueValues(of: row.name, windows: 30)
        row.currentValue = row.history.last
        if let latest = try await store.newestReport(of: row.name) { row.take(latest) }
    }

    /// The active models of a moment: what served, how it did by its newest windows of then, and what
    /// waited for a decision. The owner is the one of now.
    ///
    /// Each model costs a few queries, whatever has happened since.
    func modelRows(
        asOf date: Timestamp,
        after: String? = nil,
        limit: Int
    ) async throws -> [ModelRow] {
        let facts = try await store.facts(
            until: date,
            model: nil,
            isServing: false,
            after: after,
            limit: limit
        )
        let waiting = try await store.waitingVersions(of: facts.map(\.name), asOf: date)
        var rows: [ModelRow] = []
        for moment in facts.compactMap({ $0.moment(at: date) }) where moment.state == .active {
            let versions = moment.standingVersions
            var row = ModelRow(
                name: moment.name,
                owner: try await store.owner(of: moment.name) ?? "",
                versions: versions.count
            )
            row.latest = versions.last?.number
            row.champion = moment.champion
            row.environment = moment.serving.first?.environment
            row.waiting = waiting[moment.name]
            if let judged = row.champion ?? row.latest {
                let found = try await store.validation(of: moment.name, version: judged)
                (row.metric, row.validationValue) = (found?.metric, found?.value)
            }
            try await addMonitoring(to: &row, asOf: date)
            rows.append(row)
        }
        return rows
    }

    private func addMonitoring(to row: inout ModelRow, asOf date: Timestamp) async throws {
        let course = try await store.driftCourse(
            model: row.name,
            feature: nil,
            asOf: date,
            limit: 30
        )
        row.history = course.compactMap { $0.performance?.value }.reversed()
        row.currentValue = row.history.last
        if let latest = try await store.newestReport(of: row.name, asOf: date) {
            row.take(latest)
        }
    }
}

extension ModelRow {
    fileprivate mutating func take(_ latest: DriftReport) {
        drift = latest.verdict
        driftedShare = latest.driftedShare
        worstPSI = latest.features.first?.psi
        worstFeature = latest.features.first?.feature
    }
}
