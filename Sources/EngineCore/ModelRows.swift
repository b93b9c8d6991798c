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
        let latest = try await store.driftReports(
            model: row.name,
            version: nil,
            from: nil,
            to: nil,
            limit: 1
        ).first
        if let latest {
            row.drift = latest.verdict
            row.driftedShare = latest.driftedShare
            row.worstPSI = latest.features.first?.psi
            row.worstFeature = latest.features.first?.feature
        }
    }
}
