import Attestation
import Domain
import EngineAPI
import FoundationEssentials
import Testing

@testable import EngineCore
@testable import Storage

/// Decisions with signatures by the real ssh-keygen, and every way to abuse them.
@Suite(.timeLimit(.minutes(5))) struct `A signed decision` {
    @Test func `is needed where the policy says so, to approve and not to reject`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            let refused = await workshop.refusal(of: decision(on: approval), as: bob)
            #expect(refused?.kind == .forbidden)
            #expect(refused?.message.contains("takes approvals that are signed only") == true)
            #expect(try await workshop.send(GetApproval(approval: approval.id)).decisions == [])
            let order = try await workshop.signedDecision(on: approval, by: bob, with: keys.bob)
            let decided = try await workshop.send(order, as: bob)
            #expect(decided.approvals == 1)
            #expect(decided.decisions[0].signed == order.signed)
            let event = try await workshop.event("approval.decided")
            #expect(event.content.digests["statement"] == sha256(order.signed?.statement ?? ""))
            #expect(event.content.summary.contains("(1 of 2, signed)"))
            let no = try await workshop.decide(approval, .reject, reason: "no", as: carol)
            #expect(no.status == .rejected)
        }
    }

    @Test func `of a quorum deploys, and is looked at again when it does`() async throws {
        try await withSigners(policy: "wait: 30m, ") { workshop, keys in
            let approval = try await workshop.openApproval()
            try await workshop.approve(approval, by: bob, with: keys.bob)
            try await workshop.approve(approval, by: carol, with: keys.carol)
            workshop.clock.advance(seconds: 1_801)
            // A hand in the store: the request says approved, but who signed that?
            try await workshop.store.forge(approval.id, from: "", to: "ok")
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.send(ListDeployments()).isEmpty)
            let order = Deploy(model: model, version: 1, environment: production)
            #expect(await workshop.refusal(of: order) != nil)
            let found = try await workshop.send(VerifyAudit())
            #expect(found.problem != nil)
            try await workshop.store.forge(approval.id, from: "ok", to: "")
            try await workshop.send(order)
            #expect(try await workshop.send(ListDeployments()).count == 1)
        }
    }

    /// What a statement may be changed to, and the words it is refused with.
    static let abuses: [(String, @Sendable (inout DecisionStatement) -> Void, String)] = [
        ("another request", { $0.request = ID("approval-7") }, "is for \"approval-7\""),
        ("another version's title", { $0.title = "late-ships v9 → production" }, "is for"),
        ("stale bundle", { $0.bundle = sha256("old") }, "names other digests"),
        ("stale evidence", { $0.evidence = sha256("old") }, "names other digests"),
        ("another policy", { $0.policy = sha256("loose") }, "names another policy"),
        ("another answer", { $0.answer = .reject }, "says \"reject\""),
        ("another reason", { $0.reason = "because" }, "gives another reason"),
        ("another person", { $0.signer = carol }, "is by \"carol\""),
        ("a name without a number", { $0.signer = Actor(uid: nil, name: "bob") }, "is by \"bob\""),
        ("no nonce", { $0.nonce = "" }, "has no nonce"),
        ("a forked log", { $0.logRoot = sha256("fork") }, "another audit log"),
        ("a longer log", { $0.logSize += 1_000 }, "another audit log"),
        ("an empty log", { $0.logSize = 0 }, "another audit log"),
        ("a clock that goes ahead", { $0.at = $0.at.adding(seconds: 901) }, "Set the clock"),
        ("a clock that lags", { $0.at = $0.at.adding(seconds: -901) }, "Set the clock"),
    ]

    @Test func `says what was decided, and nothing else`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            for (what, abuse, words) in Self.abuses {
                let order = try await workshop.signedDecision(
                    on: approval,
                    by: bob,
                    with: keys.bob,
                    abuse
                )
                let refused = await workshop.refusal(of: order, as: bob)
                #expect(refused?.message.contains(words) == true, "\(what): \(refused as Any)")
            }
            #expect(try await workshop.send(GetApproval(approval: approval.id)).decisions == [])
            try await workshop.approve(approval, by: bob, with: keys.bob)
        }
    }

    @Test func `is by the decider's own key, over exactly its bytes, for this purpose`()
        async throws
    {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            let text = try await workshop.statement(on: approval, by: bob)
            let stranger = try PersonalKey("stranger", in: workshop.folder)
            let good = try keys.bob.sign(text)
            let spaced = text.replacing(",\"", with: ", \"")
            let cases: [(String, SignedStatement, String)] = [
                ("carol's key", try keys.carol.sign(text), "is not enrolled for \"bob\""),
                ("a strange key", try stranger.sign(text), "is not enrolled for \"bob\""),
                ("another purpose", try keys.bob.sign(text, in: "file"), "not of the statement"),
                (
                    "an edited statement",
                    SignedStatement(
                        statement: text.replacing("late-ships v1", with: "late-ships v2"),
                        signature: good.signature
                    ), "not of the statement"
                ),
                ("another form", try keys.bob.sign(spaced), "not in canonical form"),
                ("no JSON", try keys.bob.sign("yes"), "not in canonical form"),
                (
                    "no signature", SignedStatement(statement: text, signature: "trust me"),
                    "is no signature"
                ),
            ]
            for (what, signed, words) in cases {
                var order = decision(on: approval)
                order.signed = signed
                let refused = await workshop.refusal(of: order, as: bob)
                #expect(refused?.message.contains(words) == true, "\(what): \(refused as Any)")
            }
        }
    }

    @Test func `counts once, also under another request`() async throws {
        try await withSigners { workshop, keys in
            let first = try await workshop.openApproval()
            let nonce = String(repeating: "a", count: 32)
            let order = try await workshop.signedDecision(on: first, by: bob, with: keys.bob) {
                $0.nonce = nonce
            }
            try await workshop.send(order, as: bob)
            #expect(await workshop.refusal(of: order, as: bob)?.kind == .conflict)
            let again = RequestRelease(model: model, version: 1, environment: production)
            let second = try await workshop.send(again)
            // The same evidence, and yet another request.
            var replayed = decision(on: second)
            replayed.signed = order.signed
            let refused = await workshop.refusal(of: replayed, as: bob)
            #expect(refused?.message.contains("is for \"\(first.id)\"") == true)
            let reused = try await workshop.signedDecision(on: second, by: bob, with: keys.bob) {
                $0.nonce = nonce
            }
            let twice = await workshop.refusal(of: reused, as: bob)
            #expect(twice?.message.contains("was sent before") == true)
            try await workshop.approve(second, by: bob, with: keys.bob)
        }
    }

    @Test func `by a key that expired is none, wherever the clock is put`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            let short = try PersonalKey("bob", in: workshop.folder)
            let end = workshop.clock.now.adding(seconds: 3_600)
            try await workshop.enroll(short, as: bob, until: end)
            workshop.clock.advance(seconds: 3_600)
            let late = try await workshop.signedDecision(on: approval, by: bob, with: short)
            let refused = await workshop.refusal(of: late, as: bob)
            #expect(refused?.message.contains("expired at \(end)") == true)
            try await workshop.enroll(try PersonalKey("bob", in: workshop.folder), as: bob)
            // The clock goes back to when the key was good; the log knows better.
            workshop.clock.advance(seconds: -1_800)
            let early = try await workshop.signedDecision(on: approval, by: bob, with: short)
            let again = await workshop.refusal(of: early, as: bob)
            #expect(again?.message.contains("expired at \(end)") == true)
        }
    }

    @Test func `by a key revoked in the middle of a quorum voids the request`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            try await workshop.approve(approval, by: bob, with: keys.bob)
            let key = try #require(
                try await workshop.send(ListKeys()).first { $0.owner == bob }
            )
            workshop.clock.advance(seconds: 60)
            let silent = await workshop.refusal(of: RevokeKey(key: key.id, reason: " "), as: bob)
            #expect(silent?.kind == .invalid)
            try await workshop.send(RevokeKey(key: key.id, reason: "lost laptop"), as: bob)
            #expect(
                try await workshop.send(GetApproval(approval: approval.id)).status == .superseded
            )
            let order = try await workshop.signedDecision(
                on: approval,
                by: carol,
                with: keys.carol
            )
            #expect(await workshop.refusal(of: order, as: carol)?.kind == .conflict)
            let again = RequestRelease(model: model, version: 1, environment: production)
            let second = try await workshop.send(again)
            let dead = try await workshop.signedDecision(on: second, by: bob, with: keys.bob)
            let refused = await workshop.refusal(of: dead, as: bob)
            #expect(refused?.message.contains("was revoked at") == true)
            #expect(refused?.message.contains("lost laptop") == true)
        }
    }

    @Test func `by a key that a hand put into the store, or brought back, is none`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            let stranger = try PersonalKey("stranger", in: workshop.folder)
            let mine = try SecureShellKey(stranger.line).fingerprint
            let his = try SecureShellKey(keys.bob.line).fingerprint
            let both = [(his, mine), (keys.bob.text, stranger.text)]
            try await workshop.store.exchange(both, inKeysWith: his)
            let order = try await workshop.signedDecision(on: approval, by: bob, with: stranger)
            let refused = await workshop.refusal(of: order, as: bob)
            #expect(refused?.message.contains("The audit log does not know the key") == true)
            #expect(try await workshop.send(VerifyAudit()).problem?.contains(mine) == true)
            try await workshop.store.exchange(both.map { ($1, $0) }, inKeysWith: mine)
            try await workshop.approve(approval, by: bob, with: keys.bob)

            workshop.clock.advance(seconds: 60)
            let before = try await workshop.store.keyBodies()
            try await workshop.send(RevokeKey(key: ID("key-2"), reason: "lost"), as: carol)
            let after = try await workshop.store.keyBodies()
            try await workshop.store.put(before)
            let back = try await workshop.signedDecision(on: approval, by: carol, with: keys.carol)
            let again = await workshop.refusal(of: back, as: carol)
            #expect(again?.message.contains("not in both") == true)
            try await workshop.store.put(after)
        }
    }

    @Test func `that serves by a key that is revoked alerts the owner`() async throws {
        try await withSigners { workshop, keys in
            let approval = try await workshop.openApproval()
            try await workshop.approve(approval, by: bob, with: keys.bob)
            try await workshop.approve(approval, by: carol, with: keys.carol)
            #expect(try await workshop.send(ListDeployments()).count == 1)
            workshop.clock.advance(seconds: 60)
            try await workshop.send(RevokeKey(key: ID("key-1"), reason: "lost"), as: bob)
            let alerts = try await workshop.send(ListAlerts())
            #expect(alerts.contains { $0.message.contains("approved it with was revoked") })
            #expect(try await workshop.send(ListDeployments()).count == 1)
        }
    }

    @Test func `under a policy that was loosened afterwards is void`() async throws {
        try await withSigners(policy: "wait: 1h, ") { workshop, keys in
            let first = try await workshop.openApproval()
            try await workshop.approve(first, by: bob, with: keys.bob)
            try await workshop.approve(first, by: carol, with: keys.carol)
            let loose = pipelineText(environments: "{ production: { approvals: 2, wait: 1h } }")
            try workshop.write(loose, to: "project/binnacle.yaml")
            try await workshop.register()
            _ = try await workshop.event(
                "approval.requested",
                about: Subject(.approval, "approval-3")
            )
            let change = try #require(
                try await workshop.send(ListApprovals(openOnly: true)).first { $0.kind == .policy }
            )
            // The change itself is decided under the policy that asks for signatures.
            let unsigned = await workshop.refusal(of: decision(on: change), as: bob)
            #expect(unsigned?.message.contains("signed only") == true)
            try await workshop.approve(change, by: bob, with: keys.bob)
            try await workshop.approve(change, by: carol, with: keys.carol)
            #expect(
                try await workshop.send(GetApproval(approval: first.id)).status == .superseded
            )
            workshop.clock.advance(seconds: 7_200)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.send(ListDeployments()).isEmpty)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A signing key` {
    @Test func `is enrolled by its owner, who signs with it, once`() async throws {
        try await withWorkshop { workshop in
            let key = try PersonalKey("bob", in: workshop.folder)
            let enrolled = try await workshop.enroll(key, as: bob)
            #expect(enrolled.owner == bob)
            #expect(enrolled.publicKey == key.text)
            #expect(enrolled.name == "bob on box")
            let listed = try run("ssh-keygen -l -f '\(key.path).pub'").output
            #expect(listed.contains(enrolled.fingerprint))
            try await workshop.event("key.enrolled")
            let again = await workshop.refusal(enrolling: key, as: bob)
            #expect(again?.message.contains("is enrolled already") == true)
            let hers = await workshop.refusal(enrolling: key, as: carol)
            #expect(hers?.message.contains("is enrolled already") == true)
            #expect(await workshop.refusal(of: RevokeKey(key: ID("key-9"), reason: "x")) != nil)
            try await workshop.send(RevokeKey(key: enrolled.id, reason: "left"), as: alice)
            let back = await workshop.refusal(enrolling: key, as: bob)
            #expect(back?.message.contains("is revoked already") == true)
        }
    }

    @Test func `of somebody else, or not proved, is not enrolled`() async throws {
        try await withWorkshop { workshop in
            let key = try PersonalKey("bob", in: workshop.folder)
            let other = try PersonalKey("other", in: workshop.folder)
            func refusal(
                _ change: (inout EnrollmentStatement) -> Void,
                by signer: PersonalKey,
                in namespace: String = EnrollmentStatement.namespace
            ) async throws -> Refusal? {
                var statement = workshop.enrollment(of: key, by: bob)
                change(&statement)
                let signed = try signer.sign(try canonicalText(statement), in: namespace)
                return await workshop.refusal(of: EnrollKey(signed: signed), as: bob)
            }
            let proved = try await refusal({ _ in }, by: other)
            #expect(proved?.message.contains("did not sign its own enrollment") == true)
            let purpose = try await refusal({ _ in }, by: key, in: DecisionStatement.namespace)
            #expect(purpose?.message.contains("did not sign its own enrollment") == true)
            let hers = try await refusal({ $0.owner = carol }, by: key)
            #expect(hers?.message.contains("is \"carol\"'s") == true)
            let old = try await refusal({ $0.at = $0.at.adding(seconds: -3_600) }, by: key)
            #expect(old?.message.contains("Set the clock") == true)
            let over = try await refusal({ $0.expiresAt = noon }, by: key)
            #expect(over?.message.contains("would have expired") == true)
            let foreign = try await refusal({ $0.publicKey = "ssh-rsa AAAA me" }, by: key)
            #expect(foreign?.message.contains("Ed25519") == true)
            #expect(try await workshop.send(ListKeys()) == [])
        }
    }
}

// MARK: - Hands that know the workshop

private struct Keys {
    let bob: PersonalKey
    let carol: PersonalKey
}

/// A registered version that two people must approve with signatures.
private func withSigners(
    policy: String = "",
    _ body: (Workshop, Keys) async throws -> Void
) async throws {
    try await withWorkshop { workshop in
        let environment = "{ production: { approvals: 2, \(policy)signature: required } }"
        try await workshop.prepare(pipeline: pipelineText(environments: environment))
        try await workshop.register()
        let keys = Keys(
            bob: try PersonalKey("bob", in: workshop.folder),
            carol: try PersonalKey("carol", in: workshop.folder)
        )
        try await workshop.enroll(keys.bob, as: bob)
        try await workshop.enroll(keys.carol, as: carol)
        try await body(workshop, keys)
    }
}

extension Workshop {
    fileprivate func enrollment(
        of key: PersonalKey,
        by actor: Actor,
        until end: Timestamp? = nil
    ) -> EnrollmentStatement {
        EnrollmentStatement(publicKey: key.line, owner: actor, expiresAt: end, at: clock.now)
    }

    private func order(
        enrolling key: PersonalKey,
        as actor: Actor,
        until end: Timestamp?
    ) throws -> EnrollKey {
        let text = try canonicalText(enrollment(of: key, by: actor, until: end))
        return EnrollKey(signed: try key.sign(text, in: EnrollmentStatement.namespace))
    }

    @discardableResult
    fileprivate func enroll(
        _ key: PersonalKey,
        as actor: Actor,
        until end: Timestamp? = nil
    ) async throws -> SigningKey {
        try await send(try order(enrolling: key, as: actor, until: end), as: actor)
    }

    fileprivate func refusal(enrolling key: PersonalKey, as actor: Actor) async -> Refusal? {
        guard let order = try? order(enrolling: key, as: actor, until: nil) else { return nil }
        return await refusal(of: order, as: actor)
    }

    fileprivate func statement(
        on approval: Approval,
        by actor: Actor,
        _ change: (inout DecisionStatement) -> Void = { _ in }
    ) async throws -> String {
        let note = try await send(GetCheckpoint()).note
        let head = try #require(SignedNote(note)?.checkpoint)
        var statement = DecisionStatement(
            on: approval,
            answer: .approve,
            reason: decision(on: approval).reason,
            signer: actor,
            at: clock.now,
            logSize: head.size,
            logRoot: head.root,
            nonce: UUID().uuidString.filter { $0 != "-" }
        )
        change(&statement)
        return try canonicalText(statement)
    }

    fileprivate func signedDecision(
        on approval: Approval,
        by actor: Actor,
        with key: PersonalKey,
        _ change: (inout DecisionStatement) -> Void = { _ in }
    ) async throws -> Decide {
        var order = decision(on: approval)
        order.signed = try key.sign(try await statement(on: approval, by: actor, change))
        return order
    }

    fileprivate func approve(
        _ approval: Approval,
        by actor: Actor,
        with key: PersonalKey
    ) async throws {
        let order = try await signedDecision(on: approval, by: actor, with: key)
        try await send(order, as: actor)
    }
}

extension Store {
    fileprivate func exchange(
        _ texts: [(String, String)],
        inKeysWith fingerprint: String
    ) throws {
        for (old, new) in texts {
            try connection.execute(
                """
                UPDATE signing_keys SET body = replace(body, $1, $2),
                    fingerprint = replace(fingerprint, $1, $2)
                WHERE body LIKE '%"key-1"%'
                """,
                .text(old),
                .text(new)
            )
        }
        #expect(try signingKeys().contains { $0.fingerprint == fingerprint } == false)
    }

    fileprivate func keyBodies() throws -> [String: String] {
        let found = try connection.query("SELECT id, body FROM signing_keys") {
            ($0.text(0), $0.text(1))
        }
        return Dictionary(found) { $1 }
    }

    fileprivate func put(_ bodies: [String: String]) throws {
        for (id, body) in bodies {
            try connection.execute(
                "UPDATE signing_keys SET body = $1 WHERE id = $2",
                .text(body),
                .text(id)
            )
        }
    }

    /// Changes the reasons in a request's record, as somebody does who has the database open.
    fileprivate func forge(_ approval: ID<Approval>, from old: String, to new: String) throws {
        try connection.run(
            script: """
                UPDATE approvals SET body = replace(body, '"reason":"\(old)"', '"reason":"\(new)"')
                WHERE id = '\(approval)'
                """
        )
    }
}
