import Attestation
import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Testing

@testable import EngineCore
@testable import Storage

@Suite(.timeLimit(.minutes(5))) struct `The audit log` {
    @Test func `of a full disk takes no event, and the engine is stopped all the same`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.store.allowNoMorePages()
            await #expect(throws: Refusal.self) {
                for _ in 0..<200 { try await workshop.addNote() }
            }
            let count = try await workshop.send(GetEngineStatus()).auditEvents
            try await workshop.send(StopEngine(), as: bob)
            await workshop.engine.waitForStop()
            #expect(try await workshop.store.auditHead().0 == count)
            #expect(try await workshop.store.verifyAudit().problem == nil)
        }
    }

    @Test func `is signed with a key that only the engine's user can read`() async throws {
        try await withWorkshop { workshop in
            try await workshop.addNote()
            let answer = try await workshop.send(GetCheckpoint())
            let note = try #require(SignedNote(answer.note))
            let key = try #require(NoteVerifier(answer.verifierKey))
            #expect(note.isSigned(byAnyOf: [key]))
            var status = stat()
            #expect(stat(workshop.home + "/keys/log.key", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            try await workshop.reopen()
            #expect(try await workshop.send(GetCheckpoint()).verifierKey == answer.verifierKey)
        }
    }

    @Test func `proves its events and its growth to who trusts the key alone`() async throws {
        try await withWorkshop { workshop in
            for _ in 1...5 { try await workshop.addNote() }
            let proof = try await workshop.send(ProveEvent(sequence: 3))
            let root = MerkleProof.root(
                of: MerkleHash.leaf(proof.leaf.utf8),
                at: proof.index,
                in: proof.size,
                path: proof.path
            )
            #expect(SignedNote(proof.checkpoint)?.checkpoint?.root == root)
            let growth = try await workshop.send(ProveConsistency(old: 2))
            #expect(
                MerkleProof.isConsistent(
                    (growth.oldSize, growth.oldRoot),
                    with: (growth.newSize, growth.newRoot),
                    proof: growth.path
                )
            )
            #expect(await workshop.refusal(of: ProveEvent(sequence: 99))?.kind == .notFound)
        }
    }

    @Test func `that was edited while no engine ran is known at the start, and stays known`()
        async throws
    {
        try await withWorkshop { workshop in
            for _ in 1...3 { try await workshop.addNote() }
            #expect(try await workshop.send(VerifyAudit()).problem == nil)
            #expect(try await workshop.send(GetEngineStatus()).auditProblem == nil)
            // Another hand, which knows how the log is made but has no key.
            try await workshop.reopen { store in
                _ = try await store.appendAudit(note(at: workshop.clock.now))
            }
            let status = try await workshop.send(GetEngineStatus())
            let problem = try #require(status.auditProblem)
            #expect(problem.contains("the engine did not write it"))
            #expect(status.auditFirstBad == 4)
            try await workshop.event("log.problemFound")
            // This engine's own events are signed over what it found.
            try await workshop.addNote()
            try await workshop.expectBroken(at: 4, finding: 5)
            try await workshop.reopen()
            try await workshop.addNote()
            try await workshop.expectBroken(at: 4, finding: 5)
            #expect(try await workshop.actions().count { $0 == "log.problemFound" } == 1)
        }
    }

    @Test func `that was mended stays red until an administrator says what happened`()
        async throws
    {
        try await withWorkshop { workshop in
            for _ in 1...3 { try await workshop.addNote() }
            try await workshop.store.edit(
                """
                CREATE TABLE kept AS SELECT body FROM audit_events WHERE sequence = 2;
                UPDATE audit_events SET body = replace(body, 'happened', 'else') WHERE sequence = 2;
                """
            )
            try await workshop.expectBroken(at: 2, finding: nil)
            let early = await workshop.refusal(of: CloseFinding(event: 4, reason: "A test."))
            #expect(early?.kind == .conflict)
            #expect(early?.message.contains("does not verify yet") == true)
            try await workshop.store.edit(
                """
                UPDATE audit_events SET body = (SELECT body FROM kept) WHERE sequence = 2;
                DROP TABLE kept;
                """
            )
            try await workshop.expectBroken(at: 2, finding: 4)
            #expect(
                await workshop.refusal(of: CloseFinding(event: 3, reason: "r"))?.kind == .notFound
            )
            #expect(
                await workshop.refusal(of: CloseFinding(event: 4, reason: " "))?.kind == .invalid
            )
            try await workshop.send(CloseFinding(event: 4, reason: "A test edited it."))
            #expect(try await workshop.send(GetEngineStatus()).auditProblem == nil)
            #expect(try await workshop.send(VerifyAudit()).problem == nil)
            let said = try await workshop.store.auditEvents(newest: 1)[0].content
            #expect(said.action == "log.findingClosed")
            #expect(said.actor == alice)
            #expect(said.summary.contains("A test edited it."))
            try await workshop.reopen()
            #expect(try await workshop.send(GetEngineStatus()).auditProblem == nil)
            #expect(
                await workshop.refusal(of: CloseFinding(event: 4, reason: "r"))?.kind == .notFound
            )
        }
    }

    @Test func `is compared with a checkpoint that was kept elsewhere`() async throws {
        try await withWorkshop { workshop in
            try await workshop.addNote()
            let kept = try await workshop.send(GetCheckpoint()).note
            try await workshop.addNote()
            let found = try await workshop.send(VerifyAudit(checkpoint: kept))
            #expect(found.problem == nil)
            let forged = try NoteSigner(newNamed: "binnacle/other").note(of: "x\n1\nAAAA\n")
            #expect(await workshop.refusal(of: VerifyAudit(checkpoint: forged))?.kind == .invalid)
            #expect(await workshop.refusal(of: VerifyAudit(checkpoint: ""))?.kind == .invalid)
        }
    }

    @Test func `goes to a file and a git remote, and a witness out of reach stops nothing`()
        async throws
    {
        try await withWorkshop { workshop in
            let file = workshop.folder + "/heads"
            let remote = workshop.folder + "/remote.git"
            let made = try runGit("init", "-q", "--bare", remote)
            #expect(made.status == 0)
            try await workshop.send(AddWitness(kind: .file, target: file))
            try await workshop.send(AddWitness(kind: .git, target: remote))
            try await workshop.send(AddWitness(kind: .file, target: "/nowhere/at/all"))
            try await workshop.event("log.witnessFailed")
            while try await !workshop.haveBeenTold(2) { await Task.yield() }
            let heads = String(
                decoding: FileManager.default.contents(atPath: file) ?? Data(),
                as: UTF8.self
            )
            #expect(try await workshop.send(VerifyAudit(checkpoint: heads)).problem == nil)
            let pushed = try runGit("-C", remote, "show", "binnacle-log:checkpoint").output
            #expect(try await workshop.send(VerifyAudit(checkpoint: pushed)).problem == nil)
            let failed = try await workshop.send(ListWitnesses()).last?.failure
            #expect(failed?.contains("/nowhere/at/all") == true)
            try await workshop.send(RemoveWitness(witness: ID("witness-3")))
            #expect(try await workshop.send(ListWitnesses()).count == 2)
        }
    }

    @Test(arguments: [
        (Witness.Kind.file, "heads"), (.file, ""), (.mail, "nobody"), (.mail, "a@b\nBcc: c@d"),
        (.git, "--upload-pack=x"), (.git, "ext::sh -c x"),
    ])
    func `takes no witness that is no address`(kind: Witness.Kind, target: String) async throws {
        try await withWorkshop { workshop in
            let refusal = await workshop.refusal(of: AddWitness(kind: kind, target: target))
            #expect(refusal?.kind == .invalid)
        }
    }

    @Test func `is exported by time and subject`() async throws {
        try await withWorkshop { workshop in
            for _ in 1...3 {
                try await workshop.addNote()
                workshop.clock.advance(seconds: 10)
            }
            let filter = AuditFilter(
                since: noon.adding(seconds: 10),
                until: noon.adding(seconds: 20),
                subject: Subject(.engine, "box")
            )
            let events = try await workshop.send(ListAuditEvents(after: 0, filter: filter))
            #expect(events.map(\.sequence) == [2])
            let other = AuditFilter(subject: Subject(.run, "run-9"))
            #expect(try await workshop.send(ListAuditEvents(after: 0, filter: other)) == [])
        }
    }
}

private func note(at date: Timestamp) -> AuditDraft {
    AuditDraft(
        at: date,
        actor: alice,
        action: "engine.noted",
        subject: Subject(.engine, "box"),
        summary: "something happened"
    )
}

extension Store {
    /// Makes the next growth of the file fail as on a full disk.
    fileprivate func allowNoMorePages() throws {
        try connection.run(script: "PRAGMA max_page_count = 1")
    }

    /// What somebody does who has the database open beside the engine.
    fileprivate func edit(_ sql: String) throws {
        try connection.run(script: sql)
    }
}

extension Workshop {
    /// The header is red and names the event, and a verification says the same.
    fileprivate func expectBroken(at event: Int64, finding: Int64?) async throws {
        let found = try await send(VerifyAudit())
        #expect(found.firstBad == event)
        #expect(found.problem != nil)
        #expect(found.finding == finding)
        #expect(try await send(GetEngineStatus()).auditFirstBad == event)
    }

    fileprivate func addNote() async throws {
        engine.events.publish(try await store.appendAudit(note(at: clock.now)).events)
    }

    fileprivate func haveBeenTold(_ count: Int) async throws -> Bool {
        try await send(ListWitnesses()).count { $0.size > 0 } >= count
    }
}

/// Runs git to its end; its output must be short.
private func runGit(_ arguments: String...) throws -> (status: Int32, output: String) {
    let words = (["git"] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let pipe = try #require(popen(words, "r"))
    var bytes: [UInt8] = []
    while true {
        let next = fgetc(pipe)
        guard next >= 0 else { break }
        bytes.append(UInt8(truncatingIfNeeded: next))
    }
    return (pclose(pipe), String(decoding: bytes, as: UTF8.self))
}
