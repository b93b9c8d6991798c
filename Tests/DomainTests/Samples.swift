import Testing

@testable import Domain

let noon = Timestamp(microseconds: 1_400_000_000_000_000)
let later = noon.adding(seconds: 60)
let alice = Actor(uid: 1_001, name: "alice")
let bob = Actor(uid: 1_002, name: "bob")
let carol = Actor(uid: 1_003, name: "carol")

/// A digest that differs for every byte.
func digest(_ byte: UInt8) -> Digest {
    Digest(sha256: [UInt8](repeating: byte, count: 32))
}

/// What a change refuses with; nil where it does not refuse.
func refusal(of change: () throws(Refusal) -> Void) -> Refusal? {
    do {
        try change()
        return nil
    } catch {
        return error
    }
}

func makeJob() -> Job {
    Job(
        id: ID("job-7"),
        kind: .train,
        title: "train late-flights",
        model: "late-flights",
        createdAt: noon,
        actor: alice
    )
}

func makePipeline() -> Pipeline {
    Pipeline(
        model: "late-flights",
        owner: "ops",
        task: .classification,
        data: DataDefinition(dataset: "flights", target: "late"),
        cleaning: Cleaning(),
        training: TrainingDefinition(trainer: .xgboost),
        validation: ValidationPolicy(
            holdoutShare: 0.2,
            metrics: [.auc],
            primary: .auc,
            mustImproveBy: 0,
            maximumOverfitGap: nil
        ),
        environments: [EnvironmentPolicy(name: "production", approvals: 1)],
        monitoring: MonitorPolicy(
            retrain: RetrainPolicy(
                on: .drift,
                cooldownSeconds: 1,
                windowSeconds: 1,
                approval: .required
            )
        )
    )
}

func makeRun() -> Run {
    Run(
        id: ID("run-7"),
        model: "late-flights",
        pipeline: makePipeline(),
        pipelineDigest: digest(1),
        project: nil,
        code: CodeVersion(commit: nil, dirtyDiff: nil),
        data: ID("data-1"),
        dataDigest: digest(2),
        trigger: .manual,
        cause: "started by alice",
        job: ID("job-7"),
        createdAt: noon,
        actor: alice
    )
}

func makeApproval(needs approvals: Int = 1) -> Approval {
    Approval(
        id: ID("approval-7"),
        model: "late-flights",
        version: 2,
        environment: "production",
        bundleDigest: digest(3),
        evidence: [EvidenceItem(title: "metrics", lines: ["auc 0.71"], state: .fine)],
        evidenceDigest: digest(4),
        policy: EnvironmentPolicy(name: "production", approvals: approvals),
        requester: alice,
        createdAt: noon,
        expiresAt: noon.adding(seconds: Timestamp.day)
    )
}

func decision(
    _ answer: Decision.Answer = .approve,
    by actor: Actor = bob,
    reason: String = "",
    bundle: Digest = digest(3),
    evidence: Digest = digest(4),
    at date: Timestamp = later
) -> Decision {
    Decision(
        answer: answer,
        reason: reason,
        actor: actor,
        bundleDigest: bundle,
        evidenceDigest: evidence,
        decidedAt: date,
        isSelfApproval: actor == alice,
        client: "test"
    )
}

func revision(_ number: Int, version: Int) -> DeploymentRevision {
    DeploymentRevision(
        number: number,
        version: version,
        bundleDigest: digest(UInt8(version)),
        approval: ID("approval-\(number)"),
        reason: .deploy,
        note: "",
        actor: bob,
        at: noon
    )
}

/// A deployment that served these versions, one after the other.
func makeDeployment(_ versions: [Int]) throws -> Deployment {
    var deployment = Deployment(
        id: ID("deployment-1"),
        model: "late-flights",
        environment: "production",
        port: 0,
        first: revision(1, version: versions[0])
    )
    for (position, version) in versions.enumerated().dropFirst() {
        try deployment.add(revision(position + 1, version: version))
    }
    return deployment
}

func makeAlert(_ status: AlertStatus = .firing) -> Alert {
    Alert(
        id: ID("alert-7"),
        rule: .drift,
        severity: .warning,
        model: "late-flights",
        subject: "late-flights/v2",
        owner: "ops",
        startedAt: noon,
        dataTime: noon,
        message: "3 of 9 features have drifted.",
        status: status
    )
}
