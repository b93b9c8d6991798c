import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

private let elsewhere = Digest(sha256: [UInt8](repeating: 9, count: 32))

@Suite(.timeLimit(.minutes(5))) struct `A release` {
    @Test func `that is approved is deployed, and the champion is moved`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let decided = try await workshop.decide(approval, reason: "looks good")
            #expect(decided.status == .approved)
            #expect(decided.decisions.first?.reason == "looks good")
            #expect(decided.decisions.first?.actor == bob)
            #expect(decided.decisions.first?.client == "test")
            #expect(decided.decisions.first?.isSelfApproval == false)
            let row = try #require(try await workshop.send(ListDeployments()).first)
            #expect(row.deployment.environment == production)
            #expect(row.deployment.current.version == 1)
            #expect(row.deployment.current.bundleDigest == approval.bundleDigest)
            #expect(row.owner == "harbour")
            #expect(row.waiting == nil)
            #expect(try await workshop.send(ListModels()).first?.champion == 1)
            #expect(try await workshop.send(ListApprovals()).isEmpty)
            let event = try await workshop.event("deployment.deployed")
            #expect(event.content.actor == bob)
            #expect(event.content.digests["evidence"] == approval.evidenceDigest)
            let plan = try await workshop.send(GetDeploymentPlan(deployment: row.deployment.id))
            #expect(plan.version == 1)
            #expect(plan.revision == 1)
            #expect(plan.bundleDigest == approval.bundleDigest)
            #expect(Set(plan.artifacts.keys) == Set(ArtifactName.all))
            let file = try #require(plan.artifacts[ArtifactName.model])
            #expect(readBytes(at: file.path).map { sha256($0) } == file.digest)
        }
    }

    @Test func `approved by who asked for it says so`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let decided = try await workshop.decide(try await workshop.openApproval(), as: alice)
            #expect(decided.decisions.first?.isSelfApproval == true)
            let event = try await workshop.event("approval.approved")
            #expect(event.content.summary.contains("(their own request)"))
        }
    }

    @Test func `is not rejected without a reason, and is with one`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let refused = await workshop.refusal(of: decision(on: approval, .reject), as: bob)
            #expect(refused?.kind == .invalid)
            #expect(refused?.message.contains("needs a reason") == true)
            let decided = try await workshop.decide(approval, .reject, reason: "worse at night")
            #expect(decided.status == .rejected)
            #expect(try await workshop.send(ListDeployments()).isEmpty)
            let denied = await workshop.refusal(
                of: Deploy(model: model, version: 1, environment: production)
            )
            #expect(denied?.kind == .forbidden)
        }
    }

    @Test(arguments: [true, false])
    func `decided on other digests is not decided`(isBundle: Bool) async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let wrong =
                isBundle
                ? decision(on: approval, bundle: elsewhere)
                : decision(on: approval, evidence: elsewhere)
            let refused = await workshop.refusal(of: wrong, as: bob)
            let sentence = """
                The decision on "late-ships v1 → production" names other digests than the request. \
                Open the evidence again and decide on what it shows now.
                """
            #expect(refused == Refusal(.conflict, sentence))
            #expect(try await workshop.openApproval() == approval)
        }
    }

    @Test func `that is decided tells the next one who was first`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            try await workshop.decide(approval, as: bob)
            workshop.clock.advance(seconds: 60)
            let late = decision(on: approval, .reject, reason: "no")
            let refused = await workshop.refusal(of: late, as: carol)
            let sentence = """
                The request "late-ships v1 → production" is live by "bob" at \(noon). \
                Nothing is left to decide.
                """
            #expect(refused == Refusal(.conflict, sentence))
        }
    }

    @Test func `decided by many at once is decided by one`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let refusals = await withTaskGroup(of: Refusal?.self) { group in
                for uid in 2_000..<2_010 {
                    let actor = Actor(uid: UInt32(uid), name: "user \(uid)")
                    group.addTask { await workshop.refusal(of: decision(on: approval), as: actor) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.count { $0 == nil } == 1)
            #expect(refusals.compactMap(\.self).allSatisfy { $0.kind == .conflict })
            let deployment = try await workshop.send(ListDeployments()).first?.deployment
            #expect(deployment?.revisions.count == 1)
        }
    }

    @Test func `where two must approve waits for two people`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(
                pipeline: pipelineText(environments: "{ production: { approvals: 2 } }")
            )
            try await workshop.register()
            let approval = try await workshop.openApproval()
            #expect(approval.approvalsNeeded == 2)
            #expect(try await workshop.decide(approval, as: bob).status == .pending)
            #expect(try await workshop.send(ListDeployments()).isEmpty)
            let again = await workshop.refusal(of: decision(on: approval), as: bob)
            let sentence = """
                "bob" has decided on "late-ships v1 → production" before. Another person must.
                """
            #expect(again == Refusal(.conflict, sentence))
            #expect(try await workshop.decide(approval, as: carol).status == .approved)
            let current = try await workshop.send(ListDeployments()).first?.deployment.current
            #expect(current?.version == 1)
            #expect(current?.actor == carol)
        }
    }

    @Test func `where nobody must approve goes out unattended`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(
                pipeline: pipelineText(environments: "{ production: { approvals: 0 } }")
            )
            try await workshop.register()
            let event = try await workshop.event("deployment.deployed")
            #expect(event.content.actor == .engine)
            let approval = try await workshop.send(ListApprovals(openOnly: false)).first
            #expect(approval?.grantedAt != nil)
            #expect(approval?.decisions.isEmpty == true)
        }
    }

    @Test func `that waits is superseded by a newer version's`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let old = try await workshop.openApproval()
            try await workshop.register()
            let refused = await workshop.refusal(of: decision(on: old), as: bob)
            let sentence = """
                The request "late-ships v1 → production" is superseded. Nothing is left to decide.
                """
            #expect(refused == Refusal(.conflict, sentence))
            let new = try await workshop.openApproval()
            #expect(new.version == 2)
            try await workshop.decide(new)
            let current = try await workshop.send(ListDeployments()).first?.deployment.current
            #expect(current?.version == 2)
        }
    }

    @Test func `that nobody decided in time has expired`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            workshop.clock.advance(seconds: 7 * Timestamp.day + 1)
            let refused = await workshop.refusal(of: decision(on: approval), as: bob)
            let sentence = """
                The request "late-ships v1 → production" is expired. Nothing is left to decide.
                """
            #expect(refused == Refusal(.conflict, sentence))
            #expect(try await workshop.send(ListApprovals()).isEmpty)
            let request = RequestRelease(model: model, version: 1, environment: production)
            let again = try await workshop.send(request, as: carol)
            #expect(again.requester == carol)
            try await workshop.decide(again)
            #expect(try await workshop.send(ListDeployments()).count == 1)
        }
    }

    @Test func `of what serves already holds nothing up`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let request = RequestRelease(model: model, version: 1, environment: production)
            try await workshop.decide(try await workshop.send(request))
            let first = try await workshop.send(ListDeployments()).first?.deployment
            #expect(first?.revisions.map(\.version) == [1])
            #expect(try await workshop.deploy().revisions.map(\.version) == [1, 2])
            // The unused approval of v1 puts it back neither now nor after a restart.
            try await workshop.reopen()
            let last = try await workshop.send(ListDeployments()).first?.deployment
            #expect(last?.revisions.map(\.version) == [1, 2])
        }
    }

    @Test func `to an environment the pipeline does not name is refused`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(
                pipeline: pipelineText(
                    environments: "{ staging: { approvals: 0 }, production: { approvals: 1 } }"
                )
            )
            try await workshop.register()
            try await workshop.event("deployment.deployed")
            let refused = await workshop.refusal(
                of: RequestRelease(model: model, version: 1, environment: "moon")
            )
            let sentence = """
                "late-ships" has no environment "moon". Its pipeline names "staging", "production".
                """
            #expect(refused == Refusal(.notFound, sentence))
            let request = RequestRelease(model: model, version: 1, environment: production)
            try await workshop.decide(try await workshop.send(request))
            let places = try await workshop.send(ListDeployments()).map(\.deployment.environment)
            #expect(places == ["staging", production])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A deployment by order` {
    @Test func `needs an approval of these bytes for this environment`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            for environment in [production, "staging"] {
                let refused = await workshop.refusal(
                    of: Deploy(model: model, version: 1, environment: environment)
                )
                let sentence = """
                    "late-ships v1" has no approval for "\(environment)". Ask for one with \
                    "binnacle deploy --request", and let somebody approve it.
                    """
                #expect(refused == Refusal(.forbidden, sentence))
            }
        }
    }

    @Test func `puts an older approved version back in place`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.deploy()
            let order = Deploy(
                model: model,
                version: 1,
                environment: production,
                note: "v2 is slow"
            )
            let row = try await workshop.send(order, as: carol)
            #expect(row.deployment.revisions.map(\.version) == [1, 2, 1])
            #expect(row.deployment.current.note == "v2 is slow")
            #expect(row.deployment.current.reason == .deploy)
            #expect(row.deployment.current.actor == carol)
            let refused = await workshop.refusal(of: order)
            let sentence = "The deployment \"deployment-1\" serves \"late-ships v1\" already."
            #expect(refused == Refusal(.conflict, sentence))
        }
    }

    @Test func `of bytes that were changed is refused`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.deploy()
            let version = try await workshop.store.modelVersion(model: model, number: 1)
            let digest = try #require(version.artifacts[ArtifactName.model])
            let bytes = try workshop.store.blobs.read(digest)
            try replace(bytes + [0], at: workshop.store.blobs.path(of: digest))
            for request in [
                await workshop.refusal(
                    of: Deploy(model: model, version: 1, environment: production)
                ),
                await workshop.refusal(of: RollBack(model: model, environment: production)),
            ] {
                #expect(request?.kind == .corrupt)
                #expect(request?.message.contains(digest.short) == true)
            }
            let current = try await workshop.send(ListDeployments()).first?.deployment.current
            #expect(current?.version == 2)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A rollback` {
    @Test func `goes to what served before, and back again`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.deploy()
            let order = RollBack(
                model: model,
                environment: production,
                note: "too many false alarms",
                from: 2
            )
            let row = try await workshop.send(order, as: carol)
            #expect(row.deployment.current.version == 1)
            #expect(row.deployment.current.reason == .rollback)
            #expect(row.deployment.current.note == "too many false alarms")
            #expect(try await workshop.send(ListModels()).first?.champion == 1)
            let event = try await workshop.event("deployment.rolledBack")
            #expect(event.content.actor == carol)
            let again = try await workshop.send(RollBack(model: model, environment: production))
            #expect(again.deployment.revisions.map(\.version) == [1, 2, 1, 2])
        }
    }

    @Test func `does not touch what meanwhile serves another version`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.deploy()
            let refused = await workshop.refusal(
                of: RollBack(model: model, environment: production, from: 1)
            )
            let sentence = """
                "late-ships" in "production" serves v2 now, not v1. Look again before rolling back.
                """
            #expect(refused == Refusal(.conflict, sentence))
        }
    }

    @Test func `needs something to go back to`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let none = await workshop.refusal(of: RollBack(model: model, environment: production))
            let absent = """
                "late-ships" is not deployed to "production". "binnacle deployments" shows what is.
                """
            #expect(none == Refusal(.notFound, absent))
            try await workshop.decide(try await workshop.openApproval())
            let first = await workshop.refusal(of: RollBack(model: model, environment: production))
            let sentence = """
                "late-ships" in "production" has served no version but v1: \
                there is nothing to roll back to.
                """
            #expect(first == Refusal(.conflict, sentence))
        }
    }
}
