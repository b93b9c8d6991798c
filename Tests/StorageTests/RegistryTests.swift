import Domain
import FoundationEssentials
import Glibc
import Testing

@testable import Storage

private let name = "late-flights"

extension Home {
    @discardableResult
    func change(
        _ change: RegistryChange,
        of model: String = "late-flights",
        by actor: Actor = alice
    ) async throws -> Committed<ModelEntry> {
        try await store.changeRegistry(of: model, change, by: actor, at: noon)
    }
}

@Suite struct `The registry` {
    @Test func `points an alias at a version, keeps its history and takes it away`() async throws {
        let home = try Home()
        try await home.registered()
        try await home.registered()
        try await home.change(.alias(name: "night", version: 1))
        try await home.change(.alias(name: "night", version: 2), by: bob)
        let same = try await home.change(.alias(name: "night", version: 2))
        #expect(same.events.isEmpty)
        try await home.change(.alias(name: "night", version: nil))
        let moves = try await home.store.aliasHistory(of: name).filter { $0.name == "night" }
        #expect(moves.map(\.version) == [1, 2, nil])
        #expect(moves.map(\.actor) == [alice, bob, alice])
        await expectRefusal(.notFound, "has no alias \"night\"") {
            try await home.change(.alias(name: "night", version: nil))
        }
        await expectRefusal(.notFound, "late-flights/v9") {
            try await home.change(.alias(name: "night", version: 9))
        }
        #expect(try await home.store.checkInvariants() == [])
    }

    @Test func `lets nobody set the champion or a protected alias by hand`() async throws {
        let home = try Home()
        try await home.registered()
        await expectRefusal(.forbidden, "The deployer moves it") {
            try await home.change(.alias(name: "champion", version: 1))
        }
        try await home.change(.protection(alias: "audited", isProtected: true))
        await expectRefusal(.forbidden, "unprotect") {
            try await home.change(.alias(name: "audited", version: 1))
        }
        let entry = try await home.store.modelEntry(of: name)
        #expect(entry.protectedAliases == ["champion", "audited"])
        await expectRefusal(.forbidden, "nobody by hand") {
            try await home.change(.protection(alias: "champion", isProtected: false))
        }
        let open = try await home.change(.protection(alias: "audited", isProtected: false))
        #expect(open.events.actions == ["alias.unprotected"])
        try await home.change(.alias(name: "audited", version: 1))
    }

    @Test(arguments: [
        (RegistryChange.alias(name: "v3", version: 1), "no name for an alias"),
        (.alias(name: "../x", version: 1), "no name for an alias"),
        (.tag(version: nil, name: "a b", value: "1"), "no name for a tag"),
        (.tag(version: nil, name: "a", value: String(repeating: "x", count: 201)), "longer than"),
        (.owner("  "), "needs an owner"),
        (.delete(version: nil, reason: "too old"), "three words"),
    ])
    func `refuses what is wrong with a change itself`(
        change: RegistryChange,
        words: String
    ) async throws {
        let home = try Home()
        try await home.registered()
        await expectRefusal(.invalid, words) { try await home.change(change) }
    }

    @Test func `records tags, description and owner, each once`() async throws {
        let home = try Home()
        try await home.registered()
        var events: [String] = []
        for change in [
            RegistryChange.tag(version: nil, name: "team", value: "a"),
            .tag(version: 1, name: "seen", value: "yes"), .description("Is it late?"),
            .owner("ops"), .owner("ops"), .tag(version: 1, name: "seen", value: nil),
        ] {
            events += try await home.change(change).events.actions
        }
        #expect(
            events == [
                "registry.tagged", "registry.tagged", "registry.described", "registry.owned",
                "registry.untagged",
            ]
        )
        // A person's word stands against the pipeline file's.
        try await home.registered()
        let entry = try await home.store.modelEntry(of: name)
        #expect(entry.owner == "ops")
        #expect(entry.tags == ["team": "a"])
        #expect(entry.versionTags.isEmpty)
        #expect(entry.description == "Is it late?")
    }

    @Test(arguments: [
        ("owner:ops", ["b"]), ("tag:team=x", ["a", "b"]), ("tag:team=x !owner:ops", ["a"]),
        ("tag:night", ["c"]), ("alias:champion", ["a"]), ("env:production", ["a"]),
        ("late", ["b"]), ("name:c", ["c"]), ("state:archived", ["d"]),
        ("!env:production", ["b", "c"]), ("", ["a", "b", "c"]), ("100%_", []),
    ])
    func `finds models by words and fields`(query: String, expected: [String]) async throws {
        let home = try Home()
        try await home.deployed("a")
        for model in ["b", "c", "d"] { try await home.registered(model) }
        try await home.change(.owner("Ops"), of: "b")
        try await home.change(.description("Is it late?"), of: "b")
        for model in ["a", "b"] {
            try await home.change(.tag(version: nil, name: "team", value: "x"), of: model)
        }
        try await home.change(.tag(version: 1, name: "night", value: "1"), of: "c")
        try await home.change(.archive(version: nil, isArchived: true), of: "d")
        let found = try await home.store.models(fitting: try RegistryQuery(query))
        #expect(found.map(\.name) == expected)
        #expect(try await home.store.modelCount(fitting: try RegistryQuery(query)) == found.count)
        let page = try await home.store.models(
            fitting: try RegistryQuery(query),
            after: expected.first ?? "",
            limit: 1
        )
        #expect(page.map(\.name) == Array(expected.dropFirst().prefix(1)))
    }

    @Test(arguments: [
        ("onwer:x", "\"owner\" is near"), ("owner:", "Nothing stands after"),
        ("state:gone", "no state"),
        (Array(repeating: "x", count: 21).joined(separator: " "), "more than 20"),
    ])
    func `refuses a search it cannot read`(query: String, words: String) async {
        await expectRefusal(.invalid, words) { try RegistryQuery(query) }
    }

    // MARK: - Hidden and gone

    @Test func `hides a model and shows it again`() async throws {
        let home = try Home()
        try await home.registered()
        try await home.change(.archive(version: nil, isArchived: true))
        #expect(try await home.store.models().isEmpty)
        #expect(try await home.store.modelSummary(of: name)?.versions == 1)
        let events = try await home.change(.archive(version: nil, isArchived: false)).events
        #expect(events.actions == ["registry.restored"])
        #expect(try await home.store.models().map(\.name) == [name])
        let entry = try await home.change(.archive(version: 1, isArchived: true)).value
        #expect(entry.archivedVersions == [1])
    }

    @Test func `does not hide or delete what serves`() async throws {
        let home = try Home()
        try await home.deployed()
        for version in [1, nil] {
            await expectRefusal(.conflict, "serves in \"production\"") {
                try await home.change(.archive(version: version, isArchived: true))
            }
            await expectRefusal(.conflict, "serves in \"production\"") {
                try await home.change(.delete(version: version, reason: "it is too old"))
            }
        }
    }

    @Test func `does not delete what an alias or an approval holds`() async throws {
        let home = try Home()
        let version = try await home.registered()
        await expectRefusal(.conflict, "the alias \"challenger\" points at it") {
            try await home.change(.delete(version: 1, reason: "it is too old"))
        }
        try await home.change(.alias(name: "challenger", version: nil))
        let approval = try await home.pendingApproval(for: version)
        for status in [ApprovalStatus.pending, .approved] {
            await expectRefusal(.conflict, "is \(status.rawValue)") {
                try await home.change(.delete(version: 1, reason: "it is too old"))
            }
            if status == .pending {
                _ = try await home.store.decide(approval.id, decision(on: approval, by: bob))
            }
        }
    }

    @Test func `leaves a tombstone whose name is free at once and whose number is not`()
        async throws
    {
        let home = try Home()
        try await home.registered()
        try await home.registered()
        let committed = try await home.change(.delete(version: 1, reason: "trained on bad rows"))
        let summary = try #require(committed.events.last?.content.summary)
        #expect(summary.contains("trained on bad rows"))
        #expect(try await home.store.modelVersions(of: name).map(\.number) == [2])
        await expectRefusal(.notFound, "was deleted") {
            try await home.store.modelVersion(model: name, number: 1)
        }
        try await home.change(.delete(version: nil, reason: "nobody uses it"))
        #expect(try await home.store.models().isEmpty)
        await expectRefusal(.notFound, name) { try await home.store.modelEntry(of: name) }
        await expectRefusal(.notFound, name) { try await home.change(.owner("ops")) }
        let version = try await home.registered()
        #expect(version.number == 3)
        let entry = try await home.store.modelEntry(of: name)
        #expect(entry.deletedVersions == [1, 2])
        #expect(try await home.store.models().first?.versions == 1)
        #expect(try await home.store.checkInvariants() == [])
    }

    // MARK: - Garbage

    private var later: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Double(time.tv_sec) + 2 * Timestamp.hour)
    }

    private func collect(
        _ home: Home,
        _ isApplied: Bool,
        before cutoff: Timestamp? = nil,
        at date: Timestamp? = nil
    ) async throws -> GarbageReport {
        try await home.store.collectGarbage(
            isApplied: isApplied,
            predictionsBefore: cutoff,
            by: alice,
            at: date ?? later
        ).value
    }

    @Test func `frees bytes by reason and nothing that is in use`() async throws {
        let home = try Home()
        let old = try await home.registered()
        try await home.registered()
        try await home.change(.delete(version: 1, reason: "trained on bad rows"))
        let stray = try home.store.blobs.put(Array("nobody names this".utf8))
        let abandoned = home.folder + "/blobs/incoming-abc123"
        try Data("half".utf8).write(to: URL(filePath: abandoned))
        #expect(try await collect(home, false, at: noon).lines.isEmpty)
        let look = try await collect(home, false)
        #expect(
            look.lines.map(\.reason) == [.unreachableBlobs, .tombstonedVersions, .temporaryFiles]
        )
        #expect(look.lines.map(\.count) == [1, 6, 1])
        #expect(look.lines[0].bytes == 17)
        #expect(home.store.blobs.contains(stray))
        let done = try await collect(home, true)
        #expect(done.lines == look.lines)
        #expect(done.isApplied)
        #expect(!home.store.blobs.contains(stray))
        #expect(old.artifacts.values.allSatisfy { !home.store.blobs.contains($0) })
        #expect(!FileManager.default.fileExists(atPath: abandoned))
        #expect(try await collect(home, true).lines.isEmpty)
        #expect(try await home.store.checkInvariants() == [])
        #expect(try await home.store.auditEvents(newest: 2).actions.last == "store.collected")
    }

    @Test func `goes on where a file is missing, and says so`() async throws {
        let home = try Home()
        let version = try await home.registered()
        let digest = try #require(version.artifacts[ArtifactName.model])
        unlink(home.store.blobs.path(of: digest))
        let stray = try home.store.blobs.put(Array("nobody names this".utf8))
        let report = try await collect(home, true)
        #expect(report.problems.contains { $0.contains("\"model\" of \"late-flights/v1\"") })
        #expect(!home.store.blobs.contains(stray))
    }

    @Test func `keeps the bytes of a tombstone that something live still names`() async throws {
        let home = try Home()
        let version = try await home.registered()
        _ = try await home.deploy(version, with: try await home.approved(version))
        let hand = try home.openByHand()
        try hand.run(script: "UPDATE model_versions SET state = 'deleted'")
        let report = try await collect(home, true)
        #expect(report.lines.isEmpty)
        #expect(version.artifacts.values.allSatisfy { home.store.blobs.contains($0) })
        #expect(
            try await home.store.checkInvariants()
                == ["The deployment \"deployment-1\" serves v1, which was deleted."]
        )
    }

    @Test func `names what serves and what waits of a page of models`() async throws {
        let home = try Home()
        try await home.deployed()
        let version = try await home.registered("tugs")
        let staging = try await home.pendingApproval(for: version, environment: "staging")
        let store = home.store
        #expect(try await store.waitingVersions(of: ["tugs", name]) == ["tugs": 1])
        #expect(try await store.waitingVersions(of: []) == [:])
        #expect(try await store.deployments(of: ["tugs"]).isEmpty)
        #expect(try await store.deployments(of: ["tugs", name]).map(\.model) == [name])
        _ = try await store.decide(staging.id, decision(on: staging, by: bob))
        #expect(try await store.waitingVersions(of: ["tugs"]) == [:])
    }
}
