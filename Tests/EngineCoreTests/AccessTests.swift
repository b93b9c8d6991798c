import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Testing

@testable import EngineCore

private let none = Digest(sha256: [UInt8](repeating: 1, count: 32))

/// One of every request; none of them finds what it names.
private let examples: [any EngineRequest] = [
    GetEngineStatus(), StopEngine(), WhoAmI(), GetOverview(),
    AddDataset(path: "/nowhere", dataset: "flights"), ListDatasetVersions(),
    StartTraining(project: "/nowhere"), ListRuns(), GetRun(run: ID("run-9")),
    ListJobs(), GetJobLog(job: ID("job-9")), CancelJob(job: ID("job-9")),
    ListModels(), GetModel(model: "m"), GetModelCard(model: "m"),
    LookBack(at: Timestamp(microseconds: 0)),
    GetRelease(model: "m", version: 1), RunRelease(model: "m", version: 1),
    SignVersion(model: "m", version: 1), GetArtifact(model: "m", version: 1, artifact: "model"),
    GetProvenance(run: ID("run-9")),
    ChangeRegistry(model: "m", change: .owner("x")), CollectGarbage(), VerifyStore(),
    GovernRegistry(model: "m", change: .protection(alias: "a", isProtected: true)),
    CompareVersions(model: "m", base: nil, candidate: 1),
    ListApprovals(), GetApproval(approval: ID("approval-9")),
    Decide(
        approval: ID("approval-9"),
        answer: .approve,
        reason: "",
        bundleDigest: none,
        evidenceDigest: none
    ),
    RequestRelease(model: "m", version: 1, environment: "production"),
    OpenEvidence(approval: ID("approval-9"), evidenceDigest: none, titles: []),
    BreakGlass(model: "m", version: 1, environment: "production", reason: "it is wrong"),
    GetPolicy(model: "m", environment: "production"),
    EnrollKey(signed: SignedStatement(statement: "s", signature: "s")),
    RevokeKey(key: ID("key-9"), reason: "r"), ListKeys(),
    Deploy(model: "m", version: 1, environment: "production"),
    RollBack(model: "m", environment: "production"), ListDeployments(),
    GetDeploymentPlan(deployment: ID("deployment-9")),
    ReportHealth(deployment: ID("deployment-9"), health: DeploymentHealth(state: .ready)),
    RecordPredictions(deployment: ID("deployment-9"), batch: "b", rows: "", dropped: 0),
    AddLabels(model: "m", labels: []),
    GetDrift(model: "m"), GetHistogram(model: "m", feature: "f"), ListDriftReports(model: "m"),
    ReplayDriftReport(model: "m", windowStart: noon),
    CompareDrift(model: "m", reference: .training),
    ListAlerts(), AcknowledgeAlert(alert: ID("alert-9")),
    MuteAlert(alert: ID("alert-9"), seconds: 60), GetAlert(alert: ID("alert-9")),
    AddSilence(matchers: [], seconds: 60, reason: "r"), EndSilence(silence: ID("silence-9")),
    ListSilences(), ListReceivers(), TestReceiver(receiver: "nobody"), ListDeliveries(),
    GetLineage(of: Subject(.run, "run-9")), GetImpact(of: Subject(.run, "run-9")),
    ListAuditEvents(), VerifyAudit(),
    CloseFinding(event: 9, reason: "r"), GetCheckpoint(), ProveEvent(sequence: 1),
    ProveConsistency(old: 1),
    AddWitness(kind: .file, target: "heads"), RemoveWitness(witness: ID("witness-9")),
    ListWitnesses(),
]

/// Columns: viewer, data engineer, data scientist, machine-learning engineer, approver, owner,
/// administrator, and somebody without a role.
private let matrix = """
    engine.status         x x x x x x x .
    engine.stop           . . . . . . x .
    engine.whoami         x x x x x x x x
    overview              x x x x x x x .
    data.add              . x x x . . . .
    data.list             x x x x x x x .
    runs.start            . . x x . x . .
    runs.list             x x x x x x x .
    runs.get              x x x x x x x .
    jobs.list             x x x x x x x .
    jobs.log              x x x x x x x .
    jobs.cancel           . . x x . x x .
    models.list           x x x x x x x .
    models.get            x x x x x x x .
    models.card           x x x x x x x .
    registry.moment       x x x x x x x .
    releases.get          x x x x x x x .
    releases.run          . . x x . x . .
    models.sign           x x x x x x x .
    models.artifact       x x x x x x x .
    runs.provenance       x x x x x x x .
    registry.change       . . x x . x x .
    store.collect         . . . . . . x .
    store.verify          x x x x x x x .
    registry.govern       . . . . . x x .
    models.compare        x x x x x x x .
    approvals.list        x x x x x x x .
    approvals.get         x x x x x x x .
    approvals.decide      . . x x x x x .
    approvals.request     . . x x . x . .
    approvals.open        . . x x x x x .
    approvals.override    . . . x . x x .
    policies.get          x x x x x x x .
    keys.enroll           . . x x x x x .
    keys.revoke           . . x x x x x .
    keys.list             x x x x x x x .
    deployments.deploy    . . . x . x . .
    deployments.rollback  . . . x x x x .
    deployments.list      x x x x x x x .
    deployments.plan      . . . . . . x .
    deployments.health    . . . . . . x .
    predictions.record    . . . . . . x .
    labels.add            . x x x . . . .
    drift.series          x x x x x x x .
    drift.histogram       x x x x x x x .
    drift.reports         x x x x x x x .
    drift.replay          x x x x x x x .
    drift.compare         x x x x x x x .
    alerts.list           x x x x x x x .
    alerts.acknowledge    . . x x . x x .
    alerts.mute           . . x x . x x .
    alerts.get            x x x x x x x .
    silences.add          . . x x . x x .
    silences.end          . . x x . x x .
    silences.list         x x x x x x x .
    receivers.list        x x x x x x x .
    receivers.test        . . x x . x x .
    deliveries.list       x x x x x x x .
    lineage               x x x x x x x .
    lineage.impact        x x x x x x x .
    audit.list            x x x x x x x .
    audit.verify          x x x x x x x .
    audit.close           . . . . . . x .
    audit.checkpoint      x x x x x x x .
    audit.prove           x x x x x x x .
    audit.consistency     x x x x x x x .
    witnesses.add         . . . . . . x .
    witnesses.remove      . . . . . . x .
    witnesses.list        x x x x x x x .

    """

/// A user for every role, called as the role, and nobody.
private let people: [Actor] =
    UserRole.allCases.enumerated().map { index, role in
        Actor(uid: UInt32(70_000 + index), name: role.rawValue)
    } + [Actor(uid: 79_999, name: "nobody here")]

private let oneEach = AccessRules(
    owner: 4_000_000_000,
    grants: Dictionary(
        uniqueKeysWithValues: UserRole.allCases.map { role in
            (role, AccessRules.Grant(users: [role.rawValue]))
        }
    )
)

@Suite(.timeLimit(.minutes(5))) struct `Access` {
    @Test func `is what the matrix of roles and requests says, for every request there is`()
        async throws
    {
        let names = examples.map { type(of: $0).name }
        #expect(Set(names) == Set(engineRequests.map { $0.name }))
        try await withWorkshop(access: oneEach) { workshop in
            var found = ""
            for request in examples {
                let name = type(of: request).name
                var row = name + String(repeating: " ", count: 22 - name.count)
                var marks: [String] = []
                for person in people {
                    let refusal = await workshop.refusal(of: request, as: person)
                    let isShut = refusal?.message.contains("Ask the administrator for it") ?? false
                    #expect(!isShut || refusal?.kind == .forbidden)
                    marks.append(isShut ? "." : "x")
                }
                row += marks.joined(separator: " ")
                found += row + "\n"
            }
            #expect(found == matrix)
        }
    }

    @Test func `names the role that is missing`() async throws {
        try await withWorkshop(access: oneEach) { workshop in
            let refused = await workshop.refusal(of: StopEngine(), as: people[0])
            #expect(
                refused?.message == """
                    "engine.stop" needs the role administrator, and "viewer" has viewer. Ask the \
                    administrator for it; "binnacle whoami" shows what you have.
                    """
            )
            await #expect(throws: Refusal.self) {
                try await workshop.connection(people[7]).events(after: nil)
            }
        }
    }

    @Test func `without configuration is the owner's alone`() async throws {
        try await withWorkshop(access: .singleUser(owner: 1_001)) { workshop in
            let mine = try await workshop.send(WhoAmI(), as: alice)
            #expect(mine.roles == UserRole.allCases)
            #expect(mine.isSingleUserHome)
            for request in examples where !(request is StopEngine) {
                let refusal = await workshop.refusal(of: request, as: bob)
                #expect(refusal?.message.contains("serves its owner alone") == true)
            }
            #expect(await workshop.refusal(of: ListModels(), as: alice) == nil)
        }
    }

    @Test func `follows the Unix groups of a user`() {
        let rules = AccessRules(
            owner: 1,
            grants: [
                .approver: .init(groups: ["risk"]), .viewer: .init(groups: ["staff", "risk"]),
            ]
        )
        #expect(rules.roles(of: bob, groups: ["risk"]) == [.approver, .viewer])
        #expect(rules.roles(of: bob, groups: ["staff"]) == [.viewer])
        #expect(rules.roles(of: bob, groups: []) == [])
        #expect(rules.roles(of: Actor(uid: 1, name: "x"), groups: []) == [.administrator])
        #expect(groupNames(of: 0).first == "root")
        #expect(groupNames(of: 4_111_111_111) == [])
    }

    @Test func `rules that others could have written are refused`() async throws {
        try await withWorkshop { workshop in
            #expect(try readAccessRules(home: workshop.home) == .singleUser(owner: getuid()))
            let text = "roles: { approver: { users: [ann] } }\n"
            let path = try workshop.write(text, to: "engine.yaml")
            chmod(path, 0o644)
            let rules = try readAccessRules(home: workshop.folder)
            #expect(rules.grants == [.approver: .init(users: ["ann"])])
            for mode: mode_t in [0o664, 0o646] {
                chmod(path, mode)
                let refusal = #expect(throws: Refusal.self) {
                    try readAccessRules(home: workshop.folder)
                }
                #expect(refusal?.message.contains("others than its owner can write it") == true)
            }
        }
    }
}
