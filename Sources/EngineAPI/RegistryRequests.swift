package import Domain

/// Makes one change of what people say of a model: alias, tag, description, owner, archive.
package struct ChangeRegistry: EngineRequest {
    package static let name = "registry.change"
    package static let permission = Permission.curate
    package typealias Answer = ModelEntry
    package var model: String
    package var change: RegistryChange

    package init(model: String, change: RegistryChange) {
        self.model = model
        self.change = change
    }
}

/// The same for what only those may do who answer for the model: protection and deletion.
package struct GovernRegistry: EngineRequest {
    package static let name = "registry.govern"
    package static let permission = Permission.govern
    package typealias Answer = ModelEntry
    package var model: String
    package var change: RegistryChange

    package init(model: String, change: RegistryChange) {
        self.model = model
        self.change = change
    }
}

extension EngineConnection {
    /// Sends a change as the request that its kind needs.
    package func change(_ model: String, _ change: RegistryChange) async throws -> ModelEntry {
        change.isGoverning
            ? try await send(GovernRegistry(model: model, change: change))
            : try await send(ChangeRegistry(model: model, change: change))
    }
}

/// One page about a version for stakeholders; version nil is the champion, else the newest.
package struct GetModelCard: EngineRequest {
    package static let name = "models.card"
    package static let permission = Permission.view
    package typealias Answer = ModelCard
    package var model: String
    package var version: Int?

    package init(model: String, version: Int? = nil) {
        self.model = model
        self.version = version
    }
}

/// What the registry was at a moment: versions, aliases, what served and on which evidence.
package struct LookBack: EngineRequest {
    package static let name = "registry.moment"
    package static let permission = Permission.view
    package typealias Answer = RegistryMoment
    package var at: Timestamp
    /// Only this model; nil is all.
    package var model: String?
    /// Only models of which something served.
    package var isServing: Bool
    /// The name after which the page begins.
    package var after: String?
    /// At most `ListModels.limitMaximum`.
    package var limit: Int

    package init(
        at: Timestamp,
        model: String? = nil,
        isServing: Bool = false,
        after: String? = nil,
        limit: Int = 200
    ) {
        self.at = at
        self.model = model
        self.isServing = isServing
        self.after = after
        self.limit = limit
    }
}

/// The steps a version has gone through by itself, in the order they were queued.
package struct GetRelease: EngineRequest {
    package static let name = "releases.get"
    package static let permission = Permission.view
    package typealias Answer = [ReleaseStep]
    package var model: String
    package var version: Int

    package init(model: String, version: Int) {
        self.model = model
        self.version = version
    }
}

/// Queues the steps of a version that are not there or have failed.
package struct RunRelease: EngineRequest {
    package static let name = "releases.run"
    package static let permission = Permission.requestRelease
    package typealias Answer = [ReleaseStep]
    package var model: String
    package var version: Int

    package init(model: String, version: Int) {
        self.model = model
        self.version = version
    }
}

/// Says what bytes can go and why; with `isApplied` they go.
package struct CollectGarbage: EngineRequest {
    package static let name = "store.collect"
    package static let permission = Permission.administer
    package typealias Answer = GarbageReport
    package var isApplied: Bool
    /// Predictions older than so many days go; nil keeps all.
    package var predictionDays: Int?

    package init(isApplied: Bool = false, predictionDays: Int? = nil) {
        self.isApplied = isApplied
        self.predictionDays = predictionDays
    }
}

/// Reads every byte back and checks it, and the whole store with it.
package struct VerifyStore: EngineRequest {
    package static let name = "store.verify"
    package static let permission = Permission.view
    package typealias Answer = StoreVerification
    package init() {}
}
