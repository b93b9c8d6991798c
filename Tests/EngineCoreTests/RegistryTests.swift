import Domain
import EngineAPI
import FoundationEssentials
import Storage
import Testing

@testable import EngineCore

private let card = """
    card:
      purpose: Tells which ships will be late.
      intended_use: planning of berths
      limits: [storms, new ports]
      contact: harbour@example.org

    """

@Suite(.timeLimit(.minutes(5))) struct `The registry of an engine` {
    @Test func `makes a card of what people wrote and what it knows`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText() + card)
            try await workshop.deploy()
            try await workshop.send(
                ChangeRegistry(model: model, change: .tag(version: nil, name: "team", value: "a"))
            )
            let made = try await workshop.send(GetModelCard(model: model))
            #expect(made.version == 1)
            #expect(made.stage == .deployment)
            let text = made.markdown
            for words in [
                "# late-ships v1", "Tells which ships will be late.", "planning of berths",
                "storms",
                "new ports", "harbour@example.org", "team=a", "accuracy", "approve by bob",
                "serves since", "ships v1 (data-1)", "duplicates dropped",
            ] {
                #expect(text.contains(words), "\(words)\n\(text)")
            }
            let missing = await workshop.refusal(of: GetModelCard(model: "tugs"))
            #expect(missing?.kind == .notFound)
        }
    }

    @Test func `records who changed it and tells watchers`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let change = RegistryChange.alias(name: "night", version: 1)
            try await workshop.send(ChangeRegistry(model: model, change: change), as: carol)
            let event = try await workshop.event("alias.moved", about: nil)
            #expect(event.content.summary.contains("challenger"))
            let page = try await workshop.send(GetModel(model: model))
            #expect(page.aliases.last?.name == "night")
            #expect(page.aliases.last?.actor == carol)
            let refused = await workshop.refusal(
                of: ChangeRegistry(model: model, change: .alias(name: "champion", version: 1))
            )
            #expect(refused?.kind == .forbidden)
        }
    }

    @Test func `says what was at a moment: what served, by whom, on which evidence`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let before = workshop.clock.now
            workshop.clock.advance(seconds: 60)
            try await workshop.deploy()
            let then = workshop.clock.now
            workshop.clock.advance(seconds: 60)
            try await workshop.deploy()
            let past = try await workshop.send(LookBack(at: then, isServing: true))
            let served = try #require(past.serving.first)
            #expect(served.revision.version == 1)
            #expect(served.revision.actor == bob)
            #expect(served.until == workshop.clock.now)
            #expect(served.approval?.decisions.map(\.actor) == [bob])
            #expect(served.approval?.evidence.isEmpty == false)
            #expect(past.models.first?.versions.map(\.number) == [1])
            #expect(past.models.first?.champion == 1)
            let now = try await workshop.send(LookBack(at: workshop.clock.now, model: model))
            #expect(now.serving.first?.revision.version == 2)
            #expect(try await workshop.send(LookBack(at: before)).models == [])
            let refused = await workshop.refusal(of: LookBack(at: before, model: model))
            #expect(refused?.kind == .notFound)
            let future = workshop.clock.now.adding(seconds: 1)
            let early = await workshop.refusal(of: LookBack(at: future))
            #expect(early?.message.contains("has not come yet") == true)
        }
    }

    @Test func `tells in a comparison what columns, cleaning and bytes differ`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.register()
            let found = try await workshop.send(
                CompareVersions(model: model, base: 1, candidate: 2)
            )
            #expect(found.columns.map(\.name) == ["late", "port", "wind"])
            #expect(found.columns.allSatisfy { $0.base == $0.candidate })
            #expect(found.cleaning.map(\.name) == ["duplicates"])
            let bundle = try #require(found.bytes.first { $0.name == "bundle" })
            #expect(bundle.base != bundle.candidate)
            let baseline = try #require(found.bytes.first { $0.name == "baseline" })
            #expect(baseline.base == baseline.candidate)
        }
    }

    @Test func `finds damaged and missing bytes and names them`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let whole = try await workshop.send(VerifyStore())
            #expect(whole.problems == [])
            #expect(whole.files >= 7)
            let version = try await workshop.store.modelVersion(model: model, number: 1)
            let digest = try #require(version.artifacts[ArtifactName.model])
            let path = workshop.store.blobs.path(of: digest)
            let bytes = try #require(readBytes(at: path))
            try replace([1, 2, 3], at: path)
            let damaged = try await workshop.send(VerifyStore())
            #expect(damaged.problems.count == 1)
            #expect(damaged.problems.first?.hasPrefix("\"model\" of \"late-ships/v1\"") == true)
            #expect(damaged.problems.first?.contains("holds other bytes") == true)
            // Neither an approval nor a deployment goes on with them.
            let approval = try await workshop.openApproval()
            _ = try await workshop.decide(approval)
            #expect(try await workshop.send(ListDeployments()).isEmpty)
            try FileManager.default.removeItem(atPath: path)
            let missing = try await workshop.send(VerifyStore())
            #expect(missing.problems.first?.contains("are missing") == true)
            #expect(missing.problems.count == 1)
            try Data(bytes).write(to: URL(filePath: path))
        }
    }

    @Test func `pages and searches its models`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            #expect(try await workshop.send(ListModels(query: "owner:harbour late")).count == 1)
            #expect(try await workshop.send(ListModels(query: "owner:nobody")).isEmpty)
            #expect(try await workshop.send(ListModels(after: model)).isEmpty)
            let refused = await workshop.refusal(of: ListModels(query: "who:me"))
            #expect(refused?.kind == .invalid)
        }
    }
}
