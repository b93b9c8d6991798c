package import Domain

/// Every request there is; dispatch, the wire and the tests read this table.
package let engineRequests: [any EngineRequest.Type] = [
    GetEngineStatus.self, StopEngine.self, WhoAmI.self, GetOverview.self,
    AddDataset.self, ListDatasetVersions.self,
    StartTraining.self, ListRuns.self, GetRun.self,
    ListJobs.self, GetJobLog.self, CancelJob.self,
    ListModels.self, GetModel.self, CompareVersions.self,
    ChangeRegistry.self, GovernRegistry.self, GetModelCard.self, LookBack.self,
    GetRelease.self, RunRelease.self,
    SignVersion.self, GetArtifact.self, GetProvenance.self,
    CollectGarbage.self, VerifyStore.self,
    ListApprovals.self, GetApproval.self, Decide.self, RequestRelease.self,
    OpenEvidence.self, BreakGlass.self, GetPolicy.self,
    EnrollKey.self, RevokeKey.self, ListKeys.self,
    Deploy.self, RollBack.self, ListDeployments.self,
    GetDeploymentPlan.self, ReportHealth.self, RecordPredictions.self, AddLabels.self,
    GetDrift.self, GetHistogram.self, ListDriftReports.self,
    ReplayDriftReport.self, CompareDrift.self,
    ListAlerts.self, AcknowledgeAlert.self, MuteAlert.self, GetAlert.self,
    AddSilence.self, EndSilence.self, ListSilences.self,
    ListReceivers.self, TestReceiver.self, ListDeliveries.self,
    GetLineage.self, GetImpact.self,
    ListAuditEvents.self, VerifyAudit.self, CloseFinding.self, GetCheckpoint.self,
    ProveEvent.self, ProveConsistency.self, AddWitness.self, RemoveWitness.self, ListWitnesses.self,
]

/// A request that can also be answered as of a moment that has passed.
package protocol LookingBack: EngineRequest {
    /// nil is now; a moment that has not come is refused.
    var asOf: Timestamp? { get set }
}

extension LookingBack {
    package func lookingBack(to date: Timestamp?) -> Self {
        var request = self
        request.asOf = date
        return request
    }
}

// MARK: - Engine

package struct GetEngineStatus: EngineRequest {
    package static let name = "engine.status"
    package static let permission = Permission.view
    package typealias Answer = EngineStatus
    package init() {}
}

package struct EngineStatus: Codable, Sendable, Equatable {
    package var version: String
    package var home: String
    package var host: String
    package var user: String
    package var processID: Int32
    package var startedAt: Timestamp
    package var residentBytes: Int
    package var auditEvents: Int64
    package var auditHead: Digest
    /// The first event of the log that does not fit, when one was found.
    package var auditFirstBad: Int64?
    /// What was found in the log that does not fit, as a sentence; nil while all fits.
    package var auditProblem: String?
    /// Events and rows that bounded queues dropped since the start, by queue.
    package var dropped: [String: Int]

    package init(
        version: String,
        home: String,
        host: String,
        user: String,
        processID: Int32,
        startedAt: Timestamp,
        residentBytes: Int,
        auditEvents: Int64,
        auditHead: Digest,
        dropped: [String: Int]
    ) {
        self.version = version
        self.home = home
        self.host = host
        self.user = user
        self.processID = processID
        self.startedAt = startedAt
        self.residentBytes = residentBytes
        self.auditEvents = auditEvents
        self.auditHead = auditHead
        self.dropped = dropped
    }
}

/// Stops the engine, its jobs (queued again at the next start) and its scoring processes.
package struct StopEngine: EngineRequest {
    package static let name = "engine.stop"
    package static let permission = Permission.administer
    package typealias Answer = Done
    package init() {}
}

/// Who the caller is to this engine.
package struct WhoAmI: EngineRequest {
    package static let name = "engine.whoami"
    package static let permission = Permission.identify
    package typealias Answer = Principal
    package init() {}
}

package struct GetOverview: LookingBack {
    package static let name = "overview"
    package static let permission = Permission.view
    package typealias Answer = Overview
    package var asOf: Timestamp?
    package init() {}
}

// MARK: - Data

/// Reads a file on the engine's machine into an immutable dataset version.
package struct AddDataset: EngineRequest {
    package static let name = "data.add"
    package static let permission = Permission.addData
    package typealias Answer = DatasetVersion
    package var path: String
    package var dataset: String
    /// Rows that may be bad before the file is refused.
    package var badRowLimit: Int

    package init(path: String, dataset: String, badRowLimit: Int = 100) {
        self.path = path
        self.dataset = dataset
        self.badRowLimit = badRowLimit
    }
}

/// All versions of a dataset, or of all datasets; newest first.
package struct ListDatasetVersions: LookingBack {
    package static let name = "data.list"
    package static let permission = Permission.view
    package typealias Answer = [DatasetVersion]
    package var dataset: String?
    package var asOf: Timestamp?

    package init(dataset: String? = nil) {
        self.dataset = dataset
    }
}

// MARK: - Training

/// Queues a run: with a project's pipeline, or (project nil) with the model's last pipeline.
package struct StartTraining: EngineRequest {
    package static let name = "runs.start"
    package static let permission = Permission.train
    package typealias Answer = Run
    /// The folder that holds `binnacle.yaml`, on the engine's machine.
    package var project: String?
    /// Needed where `project` is nil.
    package var model: String?
    /// The dataset version to train on; nil is the newest of the pipeline's dataset.
    package var data: ID<DatasetVersion>?
    /// Train on collected rows with labels from the pipeline's retrain window instead.
    package var usesCollectedRows: Bool
    package var cause: String

    package init(
        project: String? = nil,
        model: String? = nil,
        data: ID<DatasetVersion>? = nil,
        usesCollectedRows: Bool = false,
        cause: String = ""
    ) {
        self.project = project
        self.model = model
        self.data = data
        self.usesCollectedRows = usesCollectedRows
        self.cause = cause
    }
}

/// Newest first.
package struct ListRuns: LookingBack {
    package static let name = "runs.list"
    package static let permission = Permission.view
    package typealias Answer = [Run]
    package var model: String?
    package var limit: Int
    /// Only runs that were queued before this one; nil begins with the newest.
    package var before: ID<Run>?
    /// Leaves out how groups of rows fared, the largest part of a run that no list shows.
    package var isBrief: Bool?
    package var asOf: Timestamp?

    package init(
        model: String? = nil,
        limit: Int = 1_000,
        before: ID<Run>? = nil,
        isBrief: Bool? = nil
    ) {
        self.model = model
        self.limit = limit
        self.before = before
        self.isBrief = isBrief
    }
}

package struct GetRun: EngineRequest {
    package static let name = "runs.get"
    package static let permission = Permission.view
    package typealias Answer = Run
    package var run: ID<Run>

    package init(run: ID<Run>) {
        self.run = run
    }
}

/// Newest first.
package struct ListJobs: LookingBack {
    package static let name = "jobs.list"
    package static let permission = Permission.view
    package typealias Answer = [Job]
    package var limit: Int
    package var asOf: Timestamp?

    package init(limit: Int = 1_000) {
        self.limit = limit
    }
}

package struct GetJobLog: EngineRequest {
    package static let name = "jobs.log"
    package static let permission = Permission.view
    package typealias Answer = JobLog
    package var job: ID<Job>
    /// Counted from 0; negative counts from the end.
    package var fromLine: Int
    package var limit: Int

    package init(job: ID<Job>, fromLine: Int = 0, limit: Int = 10_000) {
        self.job = job
        self.fromLine = fromLine
        self.limit = limit
    }
}

package struct JobLog: Codable, Sendable, Equatable {
    package var firstLine: Int
    package var lines: [String]
    package var totalLines: Int

    package init(firstLine: Int, lines: [String], totalLines: Int) {
        self.firstLine = firstLine
        self.lines = lines
        self.totalLines = totalLines
    }
}

package struct CancelJob: EngineRequest {
    package static let name = "jobs.cancel"
    package static let permission = Permission.cancelJobs
    package typealias Answer = Job
    package var job: ID<Job>

    package init(job: ID<Job>) {
        self.job = job
    }
}

// MARK: - Registry

/// Models by name, a page of them.
package struct ListModels: LookingBack {
    package static let name = "models.list"
    package static let permission = Permission.view
    package typealias Answer = [ModelRow]
    /// Such as `owner:ops tag:team=a late`; empty finds all that is not archived.
    package var query: String
    /// The name after which the page begins.
    package var after: String?
    /// At most `ListModels.limitMaximum`.
    package var limit: Int
    package var asOf: Timestamp?

    package static let limitMaximum = 1_000

    package init(query: String = "", after: String? = nil, limit: Int = 200) {
        self.query = query
        self.after = after
        self.limit = limit
    }
}

package struct GetModel: EngineRequest {
    package static let name = "models.get"
    package static let permission = Permission.view
    package typealias Answer = ModelPage
    package var model: String

    package init(model: String) {
        self.model = model
    }
}

/// Two versions beside each other; base nil is the version the candidate was judged against.
package struct CompareVersions: EngineRequest {
    package static let name = "models.compare"
    package static let permission = Permission.view
    package typealias Answer = VersionComparison
    package var model: String
    package var base: Int?
    package var candidate: Int

    package init(model: String, base: Int?, candidate: Int) {
        self.model = model
        self.base = base
        self.candidate = candidate
    }
}

// MARK: - Release

/// Newest first.
package struct ListApprovals: LookingBack {
    package static let name = "approvals.list"
    package static let permission = Permission.view
    package typealias Answer = [Approval]
    package var openOnly: Bool
    package var asOf: Timestamp?

    package init(openOnly: Bool = true) {
        self.openOnly = openOnly
    }
}

package struct GetApproval: EngineRequest {
    package static let name = "approvals.get"
    package static let permission = Permission.view
    package typealias Answer = Approval
    package var approval: ID<Approval>

    package init(approval: ID<Approval>) {
        self.approval = approval
    }
}

/// Decides on exactly these digests; an approval that completes the quorum deploys.
package struct Decide: EngineRequest {
    package static let name = "approvals.decide"
    package static let permission = Permission.decide
    package typealias Answer = Approval
    package var approval: ID<Approval>
    package var answer: Decision.Answer
    package var reason: String
    package var bundleDigest: Digest
    package var evidenceDigest: Digest
    /// How long each piece of evidence was on the decider's screen.
    package var reading: [EvidenceReading]
    /// The statement of this decision, signed with a key that is enrolled for the caller.
    package var signed: SignedStatement?

    package init(
        approval: ID<Approval>,
        answer: Decision.Answer,
        reason: String,
        bundleDigest: Digest,
        evidenceDigest: Digest,
        reading: [EvidenceReading] = []
    ) {
        self.reading = reading
        self.approval = approval
        self.answer = answer
        self.reason = reason
        self.bundleDigest = bundleDigest
        self.evidenceDigest = evidenceDigest
    }
}

/// Opens an approval request for a version and an environment, as registration does by itself.
package struct RequestRelease: EngineRequest {
    package static let name = "approvals.request"
    package static let permission = Permission.requestRelease
    package typealias Answer = Approval
    package var model: String
    package var version: Int
    package var environment: String

    package init(model: String, version: Int, environment: String) {
        self.model = model
        self.version = version
        self.environment = environment
    }
}

/// Deploys a version whose approval for the environment stands; answers when it serves.
package struct Deploy: EngineRequest {
    package static let name = "deployments.deploy"
    package static let permission = Permission.deploy
    package typealias Answer = DeploymentRow
    package var model: String
    package var version: Int
    package var environment: String
    package var note: String

    package init(model: String, version: Int, environment: String, note: String = "") {
        self.model = model
        self.version = version
        self.environment = environment
        self.note = note
    }
}

/// Goes back to the version served before; answers when it serves.
package struct RollBack: EngineRequest {
    package static let name = "deployments.rollback"
    package static let permission = Permission.rollBack
    package typealias Answer = DeploymentRow
    package var model: String
    package var environment: String
    package var note: String
    /// The version the caller saw serving; another one meanwhile refuses the rollback.
    package var from: Int?

    package init(model: String, environment: String, note: String = "", from: Int? = nil) {
        self.model = model
        self.environment = environment
        self.note = note
        self.from = from
    }
}

package struct ListDeployments: EngineRequest {
    package static let name = "deployments.list"
    package static let permission = Permission.view
    package typealias Answer = [DeploymentRow]
    package init() {}
}

// MARK: - Lineage

package struct GetLineage: LookingBack {
    package static let name = "lineage"
    package static let permission = Permission.view
    package typealias Answer = Lineage
    package var of: Subject
    package var depth: Int
    package var asOf: Timestamp?

    package init(of: Subject, depth: Int = 12) {
        self.of = of
        self.depth = depth
    }
}

/// What was made from a thing, counted, with the rows that were scored with it.
package struct GetImpact: LookingBack {
    package static let name = "lineage.impact"
    package static let permission = Permission.view
    package typealias Answer = LineageImpact
    package var of: Subject
    /// Rows before it are not counted.
    package var since: Timestamp?
    package var asOf: Timestamp?

    package init(of: Subject, since: Timestamp? = nil) {
        self.of = of
        self.since = since
    }
}
