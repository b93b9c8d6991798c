/// What the registry and its deployments were at one moment.
package struct RegistryMoment: Codable, Sendable, Equatable {
    package let at: Timestamp
    /// By name.
    package let models: [ModelMoment]

    package init(at: Timestamp, models: [ModelMoment]) {
        self.at = at
        self.models = models
    }

    /// What served, by model and environment.
    package var serving: [ServingMoment] { models.flatMap(\.serving) }
}

/// One model at that moment.
package struct ModelMoment: Codable, Sendable, Equatable {
    package let name: String
    package let state: RegistryState
    /// Registered by then, oldest first.
    package let versions: [VersionMoment]
    /// The move that counted of every alias that pointed somewhere, by name.
    package let aliases: [Alias]
    package let serving: [ServingMoment]

    package var champion: Int? { aliases.first { $0.name == Alias.champion }?.version }

    /// Tombstones are no versions any more.
    package var standingVersions: [VersionMoment] { versions.filter { $0.state != .deleted } }
}

/// One version at that moment.
package struct VersionMoment: Codable, Sendable, Equatable {
    package let number: Int
    package let run: ID<Run>
    package let bundleDigest: Digest
    package let createdAt: Timestamp
    package let state: RegistryState
}

/// What a deployment was ordered to serve at that moment, by whom, and what allowed it.
package struct ServingMoment: Codable, Sendable, Equatable {
    package let deployment: ID<Deployment>
    package let model: String
    package let environment: String
    /// Which order it was: version, bundle, when, by whom and why.
    package let revision: DeploymentRevision
    /// When the next order replaced it; nil while it counts.
    package let until: Timestamp?
    /// As the approval stood then, with its evidence and the decisions that had been made.
    package let approval: Approval?

    package init(
        deployment: ID<Deployment>,
        model: String,
        environment: String,
        revision: DeploymentRevision,
        until: Timestamp?,
        approval: Approval?
    ) {
        self.deployment = deployment
        self.model = model
        self.environment = environment
        self.revision = revision
        self.until = until
        self.approval = approval
    }

    /// Who had approved it by then, in the order they did.
    package var approvers: [Decision] {
        approval?.decisions.filter { $0.answer == .approve || $0.answer == .override } ?? []
    }
}

/// What was ever recorded of one model: rows and events that are only added to.
package struct ModelFacts: Sendable, Equatable {
    /// A version as it was registered.
    package struct Registration: Sendable, Equatable {
        package let number: Int
        package let run: ID<Run>
        package let bundleDigest: Digest
        package let createdAt: Timestamp

        package init(number: Int, run: ID<Run>, bundleDigest: Digest, createdAt: Timestamp) {
            self.number = number
            self.run = run
            self.bundleDigest = bundleDigest
            self.createdAt = createdAt
        }
    }

    package let name: String
    package var registrations: [Registration] = []
    /// Oldest first; the last of each name is enough.
    package var aliasMoves: [Alias] = []
    package var deployments: [Deployment] = []
    package var approvals: [Approval] = []
    /// The audit events of archiving, restoring and deleting, in order.
    package var events: [AuditDraft] = []

    /// The actions that `events` needs.
    package static let actions = ["registry.archived", "registry.restored", "registry.deleted"]

    package init(name: String) {
        self.name = name
    }
}

extension ModelFacts {
    /// Folds what was recorded up to a moment, that moment included.
    ///
    /// - Returns: Nil where no version had been registered.
    package func moment(at date: Timestamp) -> ModelMoment? {
        let known = registrations.filter { $0.createdAt <= date }.sorted { $0.number < $1.number }
        guard !known.isEmpty else { return nil }
        let (state, states) = states(of: known, at: date)
        var aliases: [String: Alias] = [:]
        for move in aliasMoves where move.movedAt <= date { aliases[move.name] = move }
        return ModelMoment(
            name: name,
            state: state,
            versions: known.map { version in
                VersionMoment(
                    number: version.number,
                    run: version.run,
                    bundleDigest: version.bundleDigest,
                    createdAt: version.createdAt,
                    state: states[version.number] ?? .active
                )
            },
            aliases: aliases.values.filter { $0.version != nil }.sorted { $0.name < $1.name },
            serving: deployments.compactMap { serving($0, at: date) }
                .sorted { $0.environment < $1.environment }
        )
    }

    /// What the model and its versions were: a registration brings the model back, and a deletion
    /// of the model takes every version that there is.
    private func states(
        of known: [Registration],
        at date: Timestamp
    ) -> (model: RegistryState, versions: [Int: RegistryState]) {
        var state = RegistryState.active
        var states: [Int: RegistryState] = [:]
        var waiting = known.sorted { $0.createdAt < $1.createdAt }[...]
        func register(until moment: Timestamp) {
            while let next = waiting.first, next.createdAt <= moment {
                states[next.number] = .active
                state = .active
                waiting = waiting.dropFirst()
            }
        }
        for event in events where event.at <= date {
            guard let new = Self.state(after: event.action) else { continue }
            register(until: event.at)
            switch event.subject.kind {
            case .model where event.subject.id == name:
                state = new
                if new == .deleted { for number in states.keys { states[number] = .deleted } }
            case .modelVersion:
                let prefix = name + "/v"
                guard event.subject.id.hasPrefix(prefix),
                    let number = Int(event.subject.id.dropFirst(prefix.count))
                else { continue }
                states[number] = new
            default: continue
            }
        }
        register(until: date)
        return (state, states)
    }

    private static func state(after action: String) -> RegistryState? {
        switch action {
        case "registry.archived": .archived
        case "registry.restored": .active
        case "registry.deleted": .deleted
        default: nil
        }
    }

    private func serving(_ deployment: Deployment, at date: Timestamp) -> ServingMoment? {
        guard let revision = deployment.revisions.last(where: { $0.at <= date }) else { return nil }
        let next = deployment.revisions.first { $0.number == revision.number + 1 }
        let approval = approvals.first { $0.id == revision.approval }
        return ServingMoment(
            deployment: deployment.id,
            model: deployment.model,
            environment: deployment.environment,
            revision: revision,
            until: next?.at,
            approval: approval?.asOf(date)
        )
    }
}
