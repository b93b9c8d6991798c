import Domain
import FoundationEssentials
import Glibc
import Testing

@testable import Storage

let noon = Timestamp(microseconds: 1_400_000_000_000_000)
let alice = Actor(uid: 1_001, name: "alice")
let bob = Actor(uid: 1_002, name: "bob")
let carol = Actor(uid: 1_003, name: "carol")

/// A store in a folder of its own, removed with the value, and the things tests need in it.
final class Home: Sendable {
    let folder: String
    let store: Store

    init() throws {
        folder = try makeTemporaryFolder()
        store = try Store(folder: folder, now: noon)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    var databasePath: String { folder + "/binnacle.sqlite" }

    /// A second connection to the same file, to look at it or to break it by hand.
    func openByHand() throws -> SQLiteConnection {
        try SQLiteConnection(path: databasePath)
    }

    // MARK: - Data

    func data(
        _ dataset: String = "flights",
        text: String = "late,distance\n1,200\n",
        source: String = "/data/flights.csv"
    ) async throws -> DatasetVersion {
        try await store.addDatasetVersion(
            try draft(dataset, text: text, source: source),
            by: alice,
            at: noon
        ).value
    }

    func draft(
        _ dataset: String = "flights",
        text: String = "late,distance\n1,200\n",
        source: String = "/data/flights.csv"
    ) throws -> DatasetVersionDraft {
        DatasetVersionDraft(
            dataset: dataset,
            digest: try store.blobs.put(Array(text.utf8)),
            format: .csv,
            bytes: text.utf8.count,
            rows: 1,
            badRows: 0,
            columns: [],
            source: source
        )
    }

    // MARK: - Runs

    func queuedRun(
        _ model: String = "late-flights",
        trigger: Trigger = .manual,
        cause: String = "started by alice"
    ) async throws -> Run {
        let data = try await data()
        return try await store.enqueueTraining(at: noon) { run, job in
            makeRun(run, job, model: model, data: data, trigger: trigger, cause: cause)
        }.value
    }

    func startedRun(_ model: String = "late-flights") async throws -> Run {
        let run = try await queuedRun(model)
        return try await store.startRun(run.id, at: noon).value
    }

    // MARK: - Versions

    /// The next version of a run's model, with its artifacts filed.
    func version(of run: Run, number: Int) throws -> ModelVersion {
        var artifacts: [String: Digest] = [:]
        for name in ArtifactName.all {
            artifacts[name] = try store.blobs.put(Array("\(name) of \(run.id)".utf8))
        }
        return ModelVersion(
            id: .version(number, of: run.model),
            model: run.model,
            number: number,
            run: run.id,
            artifacts: artifacts,
            bundleDigest: sha256(ModelVersion.bundleText(of: artifacts)),
            signature: Signature(
                task: .classification,
                features: [Feature(name: "distance", encoding: .number)],
                target: "late",
                time: nil,
                id: nil,
                cleaning: Cleaning()
            ),
            report: makeReport(),
            createdAt: noon,
            actor: .engine
        )
    }

    func approvalDraft(
        for version: ModelVersion,
        environment: String = "production",
        approvals: Int = 1
    ) throws -> ApprovalDraft {
        let evidence = [EvidenceItem(title: "metrics", lines: ["auc 0.71"], state: .fine)]
        return ApprovalDraft(
            model: version.model,
            version: version.number,
            environment: environment,
            bundleDigest: version.bundleDigest,
            evidence: evidence,
            evidenceDigest: sha256(try canonicalText(evidence)),
            policy: EnvironmentPolicy(name: environment, approvals: approvals),
            requester: alice,
            expiresAt: noon.adding(seconds: 7 * Timestamp.day)
        )
    }

    /// Trains and registers the model's next version, without asking for its release.
    @discardableResult
    func registered(_ model: String = "late-flights") async throws -> ModelVersion {
        let run = try await startedRun(model)
        let number = try await store.nextVersionNumber(of: model)
        let version = try version(of: run, number: number)
        _ = try await store.completeRun(
            run.id,
            .registered(version: version, record: makeRecord(), approval: nil),
            by: .engine,
            at: noon
        )
        return version
    }

    // MARK: - Releases

    func pendingApproval(
        for version: ModelVersion,
        environment: String = "production",
        approvals: Int = 1
    ) async throws -> Approval {
        let draft = try approvalDraft(
            for: version,
            environment: environment,
            approvals: approvals
        )
        return try await store.openApproval(draft, by: alice, at: noon).value
    }

    func approved(
        _ version: ModelVersion,
        environment: String = "production"
    ) async throws -> Approval {
        let approval = try await pendingApproval(for: version, environment: environment)
        return try await store.decide(approval.id, decision(on: approval, by: bob)).value
    }

    /// Registers, approves and deploys the model's next version.
    @discardableResult
    func deployed(_ model: String = "late-flights") async throws -> Deployment {
        let version = try await registered(model)
        let approval = try await approved(version)
        return try await deploy(version, with: approval)
    }

    func deploy(
        _ version: ModelVersion,
        with approval: Approval,
        environment: String = "production",
        reason: DeploymentRevision.Reason = .deploy
    ) async throws -> Deployment {
        try await store.deploy(
            version: version,
            environment: environment,
            approval: approval.id,
            reason: reason,
            note: "",
            by: bob,
            at: noon
        ).value
    }
}

func makeTemporaryFolder() throws -> String {
    var name = Array((FileManager.default.temporaryDirectory.path + "/storage-XXXXXX").utf8CString)
    guard mkdtemp(&name) != nil else { throw Refusal(.unavailable, "No temporary folder.") }
    return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

func decision(
    on approval: Approval,
    by actor: Actor,
    _ answer: Decision.Answer = .approve,
    reason: String = "",
    evidence: Digest? = nil,
    at date: Timestamp = noon
) -> Decision {
    Decision(
        answer: answer,
        reason: reason,
        actor: actor,
        bundleDigest: approval.bundleDigest,
        evidenceDigest: evidence ?? approval.evidenceDigest,
        decidedAt: date,
        isSelfApproval: actor == approval.requester,
        client: "test"
    )
}

func makeRun(
    _ run: ID<Run>,
    _ job: ID<Job>,
    model: String,
    data: DatasetVersion,
    pipeline: Pipeline? = nil,
    trigger: Trigger = .manual,
    cause: String = "started by alice"
) -> (Run, Job) {
    (
        Run(
            id: run,
            model: model,
            pipeline: pipeline ?? makePipeline(model),
            pipelineDigest: sha256("model: \(model)"),
            project: "/work/flights",
            code: CodeVersion(commit: "0123456789abcdef", dirtyDiff: nil),
            data: data.id,
            dataDigest: data.digest,
            trigger: trigger,
            cause: cause,
            job: job,
            createdAt: noon,
            actor: alice
        ),
        Job(
            id: job,
            kind: .train,
            title: "train \(model)",
            model: model,
            createdAt: noon,
            actor: alice
        )
    )
}

func makePipeline(_ model: String) -> Pipeline {
    Pipeline(
        model: model,
        owner: "alice",
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
                on: .any,
                cooldownSeconds: Timestamp.day,
                windowSeconds: 30 * Timestamp.day,
                approval: .required
            )
        )
    )
}

func makeReport(_ verdict: Verdict = .better) -> ValidationReport {
    ValidationReport(
        verdict: verdict,
        reasons: ["There is no older model."],
        primary: .auc,
        championVersion: nil,
        comparisons: [
            MetricComparison(
                metric: .auc,
                candidate: 0.71,
                candidateInterval: Interval(low: 0.7, high: 0.72),
                champion: nil,
                difference: nil,
                differenceInterval: nil
            )
        ],
        overfitGap: 0.01,
        trainingValue: 0.72,
        holdoutRows: 100,
        holdoutStart: nil,
        holdoutEnd: nil,
        bootstrapReplicates: 200,
        seed: 1
    )
}

func makeRecord() -> TrainingRecord {
    TrainingRecord(
        trainerVersion: "xgboost 1.7.4",
        host: "box",
        rowsRead: 500,
        trainingRows: 400,
        holdoutRows: 100,
        rounds: 20,
        bestRound: 17,
        cleaning: [],
        prepareSeconds: 0.1,
        trainSeconds: 1.5,
        peakMemoryBytes: 1_000_000
    )
}

func makeAlert(
    _ rule: AlertRule = .drift,
    status: AlertStatus = .firing,
    model: String = "late-flights"
) -> AlertDraft {
    AlertDraft(
        rule: rule,
        severity: .warning,
        model: model,
        subject: "\(model)/v1",
        owner: "alice",
        startedAt: noon,
        dataTime: noon,
        message: "Half of the features have drifted.",
        status: status
    )
}

/// Expects a refusal of this kind whose sentence has these words in it.
func expectRefusal<Value>(
    _ kind: Refusal.Kind,
    _ words: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Value
) async {
    let refusal = await #expect(throws: Refusal.self, sourceLocation: sourceLocation) {
        _ = try await body()
    }
    guard let refusal else { return }
    #expect(refusal.kind == kind, sourceLocation: sourceLocation)
    #expect(
        refusal.message.contains(words),
        "\(refusal.message)",
        sourceLocation: sourceLocation
    )
}

extension [AuditEvent] {
    var actions: [String] { map(\.content.action) }
}
