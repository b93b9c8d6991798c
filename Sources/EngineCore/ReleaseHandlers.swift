package import Domain
package import EngineAPI
import Storage

extension ListApprovals: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Approval] {
        try await engine.expireRequests()
        return try await engine.store.approvals(
            openOnly: openOnly,
            asOf: asOf,
            limit: 1_000
        )
    }
}

extension GetApproval: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Approval {
        try await engine.store.approval(approval)
    }
}

extension Decide: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Approval {
        let now = engine.settings.now()
        try await engine.expireRequests()
        let request = try await engine.store.approval(approval)
        let committed = try await engine.store.decide(
            approval,
            Decision(
                answer: answer,
                reason: String(reason.prefix(2_000)),
                actor: caller.actor,
                bundleDigest: bundleDigest,
                evidenceDigest: evidenceDigest,
                decidedAt: now,
                isSelfApproval: request.isAuthor(caller.actor),
                client: caller.client,
                roles: caller.roles,
                reading: request.reading(of: caller.actor, said: saidReading, at: now),
                signed: signed
            )
        )
        engine.events.publish(committed.events)
        if committed.value.status == .approved { await engine.deployWhatIsApproved() }
        return committed.value
    }
}

extension Decide {
    /// What the caller's program says was read, bounded.
    fileprivate var saidReading: [EvidenceReading] {
        reading.prefix(100).map {
            EvidenceReading(
                title: String($0.title.prefix(100)),
                seconds: max(0, min(Timestamp.day, $0.seconds.isFinite ? $0.seconds : 0))
            )
        }
    }
}

extension OpenEvidence: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Approval {
        let committed = try await engine.store.openEvidence(
            of: approval,
            titles,
            digest: evidenceDigest,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension RequestRelease: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Approval {
        let found = try await engine.store.modelVersion(model: model, number: version)
        let run = try await engine.store.run(found.run)
        guard let policy = run.pipeline.environments.first(where: { $0.name == environment })
        else {
            let known = run.pipeline.environments.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw Refusal(
                .notFound,
                "\"\(model)\" has no environment \"\(environment)\". Its pipeline names \(known)."
            )
        }
        let draft = try await engine.approvalDraft(
            for: found,
            of: run,
            environment: policy,
            requester: caller.actor
        )
        try await engine.proposePolicies(of: run, by: caller.actor)
        let committed = try await engine.store.openApproval(
            draft,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        if committed.value.status == .approved { await engine.deployWhatIsApproved() }
        return try await engine.store.approval(committed.value.id)
    }
}

extension Deploy: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> DeploymentRow {
        let found = try await engine.store.modelVersion(model: model, number: version)
        let approvals = try await engine.store.approvals(openOnly: false, limit: 10_000)
        let granted = approvals.first {
            $0.model == model && $0.version == version
                && $0.permits(bundle: found.bundleDigest, in: environment)
        }
        guard let granted else {
            throw Refusal(
                .forbidden,
                """
                "\(model) v\(version)" has no approval for "\(environment)". Ask for one with \
                "binnacle deploy --request", and let somebody approve it.
                """
            )
        }
        let deployment = try await engine.deploy(
            granted,
            reason: .deploy,
            note: note,
            by: caller.actor
        )
        return try await engine.serving(deployment)
    }
}

extension RollBack: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> DeploymentRow {
        let all = try await engine.store.deployments()
        guard
            let deployment = all.first(where: {
                $0.model == model && $0.environment == environment
            })
        else {
            throw Refusal(
                .notFound,
                """
                "\(model)" is not deployed to "\(environment)". "binnacle deployments" shows what is.
                """
            )
        }
        if let from, from != deployment.current.version {
            throw Refusal(
                .conflict,
                """
                "\(model)" in "\(environment)" serves v\(deployment.current.version) now, \
                not v\(from). Look again before rolling back.
                """
            )
        }
        guard let target = deployment.rollbackTarget else {
            throw Refusal(
                .conflict,
                """
                "\(model)" in "\(environment)" has served no version but \
                v\(deployment.current.version): there is nothing to roll back to.
                """
            )
        }
        let approval = try await engine.store.approval(target.approval)
        let rolled = try await engine.deploy(
            approval,
            reason: .rollback,
            note: note,
            by: caller.actor
        )
        return try await engine.serving(rolled)
    }
}

extension ListDeployments: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [DeploymentRow] {
        var rows: [DeploymentRow] = []
        for deployment in try await engine.store.deployments() {
            rows.append(try await engine.row(of: deployment))
        }
        return rows
    }
}

// MARK: - Scoring processes

extension GetDeploymentPlan: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> DeploymentPlan {
        let found = try await engine.store.deployment(deployment)
        let current = found.current
        let version = try await engine.store.modelVersion(
            model: found.model,
            number: current.version
        )
        let approval = try await engine.store.approval(current.approval)
        guard approval.hasDeployed(bundle: version.bundleDigest, in: found.environment),
            current.bundleDigest == version.bundleDigest
        else {
            throw Refusal(
                .forbidden,
                """
                "\(found.model) v\(current.version)" has no approval for "\(found.environment)" \
                that names its digest. It is not served.
                """
            )
        }
        let files = version.artifacts.mapValues {
            DeploymentPlan.File(path: engine.store.blobs.path(of: $0), digest: $0)
        }
        return DeploymentPlan(
            deployment: found.id,
            model: found.model,
            environment: found.environment,
            revision: current.number,
            version: current.version,
            bundleDigest: version.bundleDigest,
            artifacts: files,
            port: found.port
        )
    }
}

extension ReportHealth: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Done {
        let found = try await engine.store.deployment(deployment)
        let current = found.current
        try await engine.supervisor.report(health, of: deployment)
        await engine.monitor.watch(health, of: found)
        if health.state == .ready, health.servingDigest == current.bundleDigest {
            try await engine.noteServed(current.approval)
        }
        return Done()
    }
}
