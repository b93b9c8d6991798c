import Attestation
import Domain
import FoundationEssentials
import Testing

@testable import Storage

/// The log as a signed tree: what an edit of the database cannot hide.
struct SignedLogTests {
    private let folder: String
    private let keys = LogKeys(signer: NoteSigner(newNamed: "binnacle/test"))

    init() throws {
        folder = try makeTemporaryFolder()
    }

    private func open() throws -> Store {
        try Store(folder: folder, now: noon, keys: keys)
    }

    private func withStore(_ body: (Store) async throws -> Void) async throws {
        let store = try open()
        do {
            try await body(store)
        } catch {
            await store.close()
            try FileManager.default.removeItem(atPath: folder)
            throw error
        }
        await store.close()
        try FileManager.default.removeItem(atPath: folder)
    }

    private func edit(_ sql: String) throws {
        let connection = try SQLiteConnection(path: folder + "/binnacle.sqlite")
        try connection.run(script: sql)
        connection.close()
    }

    @Test
    func `each commit signs the head that its events lead to`() async throws {
        try await withStore { store in
            try await append(9, to: store)
            let text = try #require(try await store.newestCheckpoint())
            let note = try #require(SignedNote(text))
            #expect(note.isSigned(byAnyOf: keys.verifiers))
            let checkpoint = try #require(note.checkpoint)
            #expect(checkpoint.size == 9)
            #expect(checkpoint.root == (try await store.logRoot(at: 9)))
            let verified = try await store.verifyAudit()
            #expect(verified.problem == nil)
            #expect(verified.signed == 9)
            #expect(verified.root == checkpoint.root)
        }
    }

    @Test
    func `every event is proved to be in the log, and each state to begin the next`() async throws {
        try await withStore { store in
            try await append(11, to: store)
            let root = try await store.logRoot(at: 11)
            for sequence in Int64(1)...11 {
                let proof = try await store.proveInclusion(of: sequence, in: 11)
                let leaf = MerkleHash.leaf(proof.leaf.utf8)
                #expect(
                    MerkleProof.root(of: leaf, at: proof.index, in: 11, path: proof.path) == root
                )
                let old = (size: sequence, root: try await store.logRoot(at: sequence))
                let path = try await store.proveConsistency(from: sequence, to: 11)
                #expect(MerkleProof.isConsistent(old, with: (11, root), proof: path))
            }
            await expectRefusal(.notFound, "has no event 12") {
                try await store.proveInclusion(of: 12, in: 11)
            }
            await expectRefusal(.notFound, "there was no state of 12") {
                try await store.logRoot(at: 12)
            }
            await expectRefusal(.invalid, "between 1 and 11") {
                try await store.proveConsistency(from: 0, to: 11)
            }
        }
    }

    @Test
    func `an edit that rewrites chain, tree and head is found where the signature is`() async throws
    {
        try await withStore { store in
            try await append(6, to: store)
            try await rewrite(store, event: 3)
            let verified = try await store.verifyAudit()
            #expect(verified.firstBad == 3, "\(verified.problem ?? "nothing")")
            let problem = try #require(verified.problem)
            #expect(problem.contains("the log was written anew"), "\(problem)")
        }
    }

    @Test
    func `checkpoints rewritten without the key are found at the first of them`() async throws {
        try await withStore { store in
            try await append(6, to: store)
            try await rewrite(store, event: 3, checkpoints: NoteSigner(newNamed: "binnacle/test"))
            let verified = try await store.verifyAudit()
            #expect(verified.firstBad == 3, "\(verified.problem ?? "nothing")")
            #expect(verified.problem?.contains("is not signed by the engine's key") == true)
        }
    }

    @Test
    func `a log cut off with all its heads is found by a checkpoint from outside`() async throws {
        try await withStore { store in
            try await append(6, to: store)
            let note = try #require(try await store.newestCheckpoint())
            try await cut(store, to: 4)
            #expect(try await store.verifyAudit().problem == nil)
            let verified = try await verify(store, against: note)
            #expect(verified.firstBad == 5)
            #expect(verified.problem?.contains("the last 2 were removed") == true)
        }
    }

    @Test
    func `a log that forked is found by a checkpoint from outside, and has no proof`() async throws
    {
        try await withStore { store in
            try await append(4, to: store)
            let before = try await store.newestCheckpoint()
            try await append(2, to: store)
            let note = try #require(try await store.newestCheckpoint())
            try await cut(store, to: 4)
            try await append(3, to: store, "another story")
            #expect(try await store.verifyAudit().problem == nil)
            let verified = try await verify(store, against: note)
            #expect(verified.problem?.contains("The log forked") == true)
            #expect(verified.firstBad == 6)
            #expect(try await verify(store, against: try #require(before)).problem == nil)
            let old = try #require(SignedNote(note)?.checkpoint)
            let proof = try await store.proveConsistency(from: old.size, to: 7)
            let new = (size: Int64(7), root: try await store.logRoot(at: 7))
            #expect(!MerkleProof.isConsistent((old.size, old.root), with: new, proof: proof))
        }
    }

    @Test
    func `an event that another hand appended, links and all, is in no signed head`() async throws {
        try await withStore { store in
            try await append(3, to: store)
            let forger = try Store(folder: folder, now: noon)
            _ = try await forger.appendAudit(draft("forged", at: noon))
            await forger.close()
            let verified = try await store.verifyAudit()
            #expect(verified.firstBad == 4)
            #expect(verified.problem?.contains("the engine did not write it") == true)
        }
    }

    @Test
    func `an event dated before those before it is backdated`() async throws {
        try await withStore { store in
            try await append(3, to: store)
            let late = noon.adding(seconds: 2 * Timestamp.hour)
            _ = try await store.appendAudit(draft("later", at: late))
            // Without the notice of the clock that the engine writes.
            try edit("UPDATE log_head SET latest = NULL")
            _ = try await store.appendAudit(draft("backdated", at: noon))
            let verified = try await store.verifyAudit()
            #expect(verified.firstBad == 5)
            #expect(verified.problem?.contains("it was backdated") == true)
        }
    }

    @Test
    func `a clock that goes back is an event of its own, one that lags a little is not`()
        async throws
    {
        try await withStore { store in
            _ = try await store.appendAudit(draft("first", at: noon))
            _ = try await store.appendAudit(draft("lags", at: noon.adding(seconds: -200)))
            #expect(try await store.auditHead().0 == 2)
            let events = try await store.appendAudit(
                draft("back", at: noon.adding(seconds: -Timestamp.hour))
            ).events
            #expect(events.actions == ["log.clockSetBack", "engine.noted"])
            _ = try await store.appendAudit(draft("on", at: noon.adding(seconds: -3_000)))
            #expect(try await store.auditHead().0 == 5)
            #expect(try await store.verifyAudit().problem == nil)
        }
    }

    private static let edits = [
        "UPDATE log_nodes SET hash = (SELECT hash FROM log_nodes WHERE position = 0 AND level = 0) "
            + "WHERE level = 0 AND position = 2",
        "DELETE FROM log_nodes WHERE level = 0 AND position = 2",
        "UPDATE log_checkpoints SET root = (SELECT root FROM log_checkpoints WHERE size = 1) "
            + "WHERE size = 3",
        "UPDATE log_checkpoints SET note = 'x' WHERE size = 3",
    ]

    @Test(arguments: edits)
    func `an edit of the tree or of a head is found at its event`(sql: String) async throws {
        try await withStore { store in
            try await append(5, to: store)
            try edit(sql)
            #expect(try await store.verifyAudit().firstBad == 3)
        }
    }

    @Test
    func `what was verified is kept, and only what is new is replayed`() async throws {
        try await withStore { store in
            try await append(5, to: store)
            try await store.keep(try await store.continued(AuditReplay(), limit: 100))
            try await append(2, to: store)
            var replay = try await store.replayFromKept()
            #expect(replay.sequence == 5)
            replay = try await store.continued(replay, limit: 100)
            #expect(replay.verification.problem == nil)
            #expect(replay.sequence == 7)
            #expect(replay.verification == (try await store.verifyAudit()))
            // An edit behind the mark that leaves the tree alone is the whole replay's to find.
            try edit("UPDATE audit_events SET body = 'x' WHERE sequence = 6")
            replay = try await store.continued(try await store.replayFromKept(), limit: 100)
            #expect(replay.verification.firstBad == 6)
            try await store.keep(replay)
            let again = try await store.replayFromKept()
            #expect(again.isComplete)
            #expect(again.verification.problem == replay.verification.problem)
        }
    }

    @Test
    func `a home from before the tree gets one, and is signed from then on`() async throws {
        try await withStore { store in
            try await append(5, to: store)
            try edit(
                "DELETE FROM log_nodes; DELETE FROM log_head; DELETE FROM log_checkpoints;"
                    + "UPDATE audit_events SET at = at WHERE sequence = 1"
            )
            let again = try open()
            try await append(1, to: again)
            let verified = try await again.verifyAudit()
            #expect(verified.problem == nil)
            #expect(verified.signed == 6)
            await again.close()
        }
    }

    // MARK: - Hands that know the store

    private func append(_ count: Int, to store: Store, _ words: String = "event") async throws {
        for number in 1...count {
            _ = try await store.appendAudit(draft("\(words) \(number)", at: noon))
        }
    }

    private func draft(_ summary: String, at date: Timestamp) -> AuditDraft {
        AuditDraft(
            at: date,
            actor: alice,
            action: "engine.noted",
            subject: Subject(.engine, "box"),
            summary: summary
        )
    }

    private func verify(_ store: Store, against note: String) async throws -> AuditVerification {
        var replay = AuditReplay()
        replay.witnessed = [try #require(SignedNote(note)?.checkpoint)]
        return try await store.continued(replay, limit: 1_000).verification
    }

    /// Writes the log anew with another event in it, as one would who knows how it is made.
    private func rewrite(
        _ store: Store,
        event: Int64,
        checkpoints signer: NoteSigner? = nil
    ) async throws {
        let events = try await store.auditEvents(after: 0, limit: 100)
        try edit("DELETE FROM audit_events; DELETE FROM audit_head; DELETE FROM log_nodes")
        try edit("UPDATE log_head SET size = 0, peaks = ''")
        var script: [String] = []
        let forger = try Store(folder: folder, now: noon)
        for old in events {
            let text = old.sequence == event ? "another" : old.content.summary
            _ = try await forger.appendAudit(draft(text, at: noon))
            guard let signer, old.sequence >= event else { continue }
            let root = try await forger.logRoot(at: old.sequence)
            let body = LogCheckpoint(origin: "binnacle/test", size: old.sequence, root: root)
            script.append(
                """
                UPDATE log_checkpoints SET root = '\(root)',
                    note = '\(try signer.note(of: body.text))' WHERE size = \(old.sequence)
                """
            )
        }
        await forger.close()
        for sql in script { try edit(sql) }
    }

    /// Takes the last events away with every trace of them.
    private func cut(_ store: Store, to size: Int64) async throws {
        let events = try await store.auditEvents(after: 0, limit: Int(size))
        let last = try #require(events.last)
        var frontier = MerkleFrontier()
        for event in events {
            frontier.append(
                MerkleLog.leaf(
                    sequence: event.sequence,
                    content: try canonicalText(event.content)
                )
            )
        }
        let peaks = frontier.peaks.map(\.text).joined(separator: " ")
        try edit(
            """
            DELETE FROM audit_events WHERE sequence > \(size);
            DELETE FROM log_checkpoints WHERE size > \(size);
            UPDATE audit_head SET sequence = \(size), hash = '\(last.hash)';
            UPDATE log_head SET size = \(size), peaks = '\(peaks)';
            """
        )
    }
}
