package import Domain
package import EngineAPI
import Logging
import Storage

extension GetEngineStatus: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> EngineStatus {
        try await engine.status()
    }
}

extension StopEngine: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Done {
        let stopped = AuditDraft(
            at: engine.settings.now(),
            actor: caller.actor,
            action: "engine.stopped",
            subject: Subject(.engine, hostName()),
            summary: "\(caller.actor) stopped the engine."
        )
        do {
            engine.events.publish(try await engine.store.appendAudit(stopped).events)
        } catch {
            // A disk that is full must not keep an engine running.
            engine.log.error("\(stopped.summary) The audit log does not have it: \(error)")
        }
        engine.requestStop()
        return Done()
    }
}

extension GetOverview: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Overview {
        try await engine.expireRequests()
        var overview = try await engine.overview(asOf: asOf)
        overview.principal = engine.principal(of: caller)
        overview.emergencies = try await engine.emergencies().map(\.words)
        return overview
    }
}

extension WhoAmI: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Principal {
        engine.principal(of: caller)
    }
}

// MARK: - Jobs

extension ListJobs: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Job] {
        try await engine.store.jobs(asOf: asOf, limit: max(0, min(limit, 10_000)))
    }
}

extension GetJobLog: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> JobLog {
        _ = try await engine.store.job(job)
        return readLog(
            at: engine.trainer.logPath(of: job),
            from: fromLine,
            limit: max(0, min(limit, 100_000))
        )
    }
}

extension CancelJob: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Job {
        let known = try await engine.store.job(job)
        guard known.status.isOpen else {
            throw Refusal(
                .conflict,
                "The job \"\(job)\" is \(known.status.name); there is nothing left to cancel."
            )
        }
        try await engine.trainer.cancel(job, by: caller.actor)
        return try await engine.store.job(job)
    }
}

// MARK: - Registry

extension CompareVersions: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> VersionComparison {
        try await engine.comparison(of: model, base: base, candidate: candidate)
    }
}

// MARK: - Lineage

extension GetLineage: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Lineage {
        try await engine.store.lineage(
            of: of,
            asOf: asOf,
            depth: max(1, min(depth, 32)),
            limit: 500
        )
    }
}

extension GetImpact: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> LineageImpact {
        try await engine.store.impact(of: of, since: since, asOf: asOf)
    }
}
