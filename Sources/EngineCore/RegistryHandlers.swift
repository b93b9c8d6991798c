package import Domain
package import EngineAPI
import Storage

extension ListModels: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [ModelRow] {
        let bounded = max(0, min(limit, ListModels.limitMaximum))
        guard let asOf else {
            return try await engine.modelRows(
                fitting: try RegistryQuery(query),
                after: after,
                limit: bounded
            )
        }
        guard query.isEmpty else {
            throw Refusal(
                .invalid,
                "A search looks at the models of now. List those of \(asOf) without \"\(query)\"."
            )
        }
        return try await engine.modelRows(asOf: asOf, after: after, limit: bounded)
    }
}

extension GetModel: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ModelPage {
        guard let row = try await engine.modelRow(model) else {
            throw Refusal(
                .notFound,
                "There is no model \"\(model)\". \"binnacle models\" lists the models there are."
            )
        }
        return ModelPage(
            row: row,
            versions: try await engine.store.modelVersions(of: model),
            aliases: try await engine.store.aliasHistory(of: model),
            entry: try await engine.store.modelEntry(of: model)
        )
    }
}

extension ChangeRegistry: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ModelEntry {
        guard !change.isGoverning else {
            throw Refusal(
                .forbidden,
                "A protection or a deletion in \"\(model)\" is sent as \"\(GovernRegistry.name)\"."
            )
        }
        return try await engine.change(model, change, by: caller)
    }
}

extension GovernRegistry: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ModelEntry {
        try await engine.change(model, change, by: caller)
    }
}

extension Engine {
    fileprivate func change(
        _ model: String,
        _ change: RegistryChange,
        by caller: Caller
    ) async throws -> ModelEntry {
        let committed = try await store.changeRegistry(
            of: model,
            change,
            by: caller.actor,
            at: settings.now()
        )
        events.publish(committed.events)
        return committed.value
    }
}

extension GetModelCard: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ModelCard {
        try await engine.card(of: model, version: version)
    }
}

extension LookBack: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> RegistryMoment {
        try requirePassed(at, by: engine.settings.now())
        let facts = try await engine.store.facts(
            until: at,
            model: model,
            isServing: isServing,
            after: after,
            limit: max(0, min(limit, ListModels.limitMaximum))
        )
        let moment = RegistryMoment(at: at, models: facts.compactMap { $0.moment(at: at) })
        if let model, moment.models.isEmpty {
            throw Refusal(
                .notFound,
                "There was no model \"\(model)\" at \(at). \"binnacle audit\" says when it came."
            )
        }
        return moment
    }
}

extension GetRelease: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [ReleaseStep] {
        _ = try await engine.store.modelVersion(model: model, number: version)
        return try await engine.store.releaseSteps(of: model, version: version)
    }
}

extension RunRelease: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [ReleaseStep] {
        try await engine.releases.open(
            ReleaseStage.afterRegistration,
            of: model,
            version,
            by: caller.actor
        )
        return try await engine.store.releaseSteps(of: model, version: version)
    }
}

// MARK: - Housekeeping

extension CollectGarbage: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> GarbageReport {
        if let predictionDays, predictionDays < 1 {
            throw Refusal(
                .invalid,
                "Predictions are kept for a day or longer, not \(predictionDays). Give more days."
            )
        }
        let now = engine.settings.now()
        let cutoff = predictionDays.map { now.adding(seconds: -Double($0) * Timestamp.day) }
        let committed = try await engine.store.collectGarbage(
            isApplied: isApplied,
            predictionsBefore: cutoff,
            by: caller.actor,
            at: now
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension VerifyStore: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> StoreVerification {
        let store = engine.store
        let files = try await store.namedBlobs()
        let blobs = store.blobs
        // Hashing gigabytes must hold neither the store nor the cooperative pool.
        let (bytes, damaged) = try await onOwnThread {
            var bytes = 0
            var damaged: [String] = []
            for file in files {
                do {
                    try blobs.verify(file.digest)
                    bytes += blobs.bytes(of: file.digest) ?? 0
                } catch {
                    let words = (error as? Refusal)?.message ?? "\(error)"
                    damaged.append("\(file.owner): \(words)")
                }
            }
            return (bytes, damaged)
        }
        let problems = try await store.checkInvariants()
        let (events, _) = try await store.auditHead()
        return StoreVerification(
            files: files.count,
            bytes: bytes,
            auditEvents: events,
            problems: damaged + problems.filter { problem in !problem.hasPrefix("The bytes of ") }
        )
    }
}
