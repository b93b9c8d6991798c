import Attestation
package import Domain
package import EngineAPI
import Storage

extension ListAuditEvents: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [AuditEvent] {
        let bounded = max(0, min(limit, 10_000))
        guard let after else {
            return try await engine.store.auditEvents(newest: bounded, asOf: asOf)
        }
        var filter = filter ?? AuditFilter()
        if let asOf {
            // The filter's end is exclusive.
            filter.until = min(filter.until ?? .distantFuture, asOf.adding(seconds: 1e-6))
        }
        return try await engine.store.auditEvents(
            matching: filter,
            after: after,
            limit: bounded
        )
    }
}

extension VerifyAudit: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> AuditVerification {
        let found = try await engine.verifyLog(against: checkpoint)
        return await engine.logWatch.answer(found)
    }
}

extension CloseFinding: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> LogFinding {
        if let problem = try await engine.verifyLog(against: nil).problem {
            throw Refusal(
                .conflict,
                """
                The log does not verify yet: \(problem) Put back what was changed, from a backup \
                of the home, before you close the finding.
                """
            )
        }
        return try await engine.logWatch.close(
            event,
            reason: String(reason.prefix(500)),
            by: caller.actor
        )
    }
}

extension GetCheckpoint: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> CheckpointNote {
        let (note, _) = try await engine.newestCheckpoint()
        return CheckpointNote(note: note, verifierKey: await engine.logWatch.verifierKey)
    }
}

extension ProveEvent: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> EventProof {
        let (note, checkpoint) = try await engine.newestCheckpoint()
        let proof = try await engine.store.proveInclusion(of: sequence, in: checkpoint.size)
        let root = MerkleProof.root(
            of: MerkleHash.leaf(proof.leaf.utf8),
            at: proof.index,
            in: proof.size,
            path: proof.path
        )
        guard root == checkpoint.root else {
            throw Refusal(
                .corrupt,
                """
                Event \(sequence) is not in the log that was signed: its text or the tree was \
                edited. "binnacle audit verify" names the first event that does not fit.
                """
            )
        }
        return EventProof(
            sequence: sequence,
            leaf: proof.leaf,
            index: proof.index,
            size: proof.size,
            root: checkpoint.root,
            path: proof.path,
            checkpoint: note,
            verifierKey: await engine.logWatch.verifierKey
        )
    }
}

extension ProveConsistency: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ConsistencyProof {
        let newest = try await engine.newestCheckpoint().1.size
        let newSize = new ?? newest
        let path = try await engine.store.proveConsistency(from: old, to: newSize)
        return ConsistencyProof(
            oldSize: old,
            oldRoot: try await engine.store.logRoot(at: old),
            newSize: newSize,
            newRoot: try await engine.store.logRoot(at: newSize),
            path: path
        )
    }
}

extension AddWitness: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Witness {
        try check()
        let committed = try await engine.store.addWitness(
            kind,
            target,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        await engine.logWatch.tellWitnesses()
        return committed.value
    }

    /// What a program would take for an option, or a header for a line of its own, goes no further.
    private func check() throws {
        let isPrintable = target.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        guard !target.isEmpty, !target.hasPrefix("-"), isPrintable, target.utf8.count <= 1_000
        else { throw refusal("is no address") }
        switch kind {
        case .file:
            guard target.hasPrefix("/") else { throw refusal("is no whole path") }
        case .mail:
            let isAddress =
                target.contains("@") && !target.contains { $0.isWhitespace || $0 == "," }
            guard isAddress else { throw refusal("is no e-mail address") }
        case .git:
            // Such a remote would be a command.
            guard !target.hasPrefix("ext::") else { throw refusal("is no remote") }
        }
    }

    private func refusal(_ words: String) -> Refusal {
        Refusal(
            .invalid,
            """
            "\(target)" \(words). A witness is a whole path, a git remote or an e-mail address \
            on one line.
            """
        )
    }
}

extension RemoveWitness: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Witness {
        let committed = try await engine.store.removeWitness(
            witness,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension ListWitnesses: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Witness] {
        try await engine.store.witnesses()
    }
}

extension Engine {
    /// Replays the log, and compares what is current with it.
    fileprivate func verifyLog(against checkpoint: String?) async throws -> AuditVerification {
        let found = try await logWatch.verifyAll(outside: checkpoint)
        guard found.problem == nil, let problem = try await store.checkProjections().first
        else { return found }
        let contradicted = found.contradicted(by: problem, at: nil)
        try await logWatch.take(contradicted)
        return contradicted
    }

    /// The newest signed head, as its note and as what it says.
    func newestCheckpoint() async throws -> (String, LogCheckpoint) {
        guard let note = try await store.newestCheckpoint(),
            let checkpoint = SignedNote(note)?.checkpoint
        else {
            throw Refusal(
                .notFound,
                "Nothing is signed yet: the log's first head is signed with its next event."
            )
        }
        return (note, checkpoint)
    }
}
