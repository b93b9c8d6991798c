import Attestation
import Domain

/// The story of data, runs and deployments as OpenLineage run events (core spec 2-0-2).
///
/// Every run of a job has a START and one COMPLETE, FAIL or ABORT. What OpenLineage has no facet
/// for is in facets of our own, which readers may ignore.
struct OpenLineageEvents {
    /// Of this home; names of jobs and things are unique in it.
    let namespace: String

    /// One event and its time.
    struct Event {
        let at: Timestamp
        let node: JSONNode
    }

    private static let producer: JSONNode = "urn:binnacle:engine"
    private static let specification = "https://openlineage.io/spec"

    // MARK: - Events

    /// A dataset version that came in.
    func events(of data: DatasetVersion) -> [Event] {
        let source: JSONNode = [
            "namespace": "file", "name": .text(data.source), "facets": [:],
        ]
        let run = Step(
            id: "\(namespace) \(data.id)",
            job: "data.add.\(data.dataset)",
            jobType: "INGEST",
            inputs: [source],
            outputs: [dataset(data)]
        )
        return [
            event(of: run, "START", data.createdAt), event(of: run, "COMPLETE", data.createdAt),
        ]
    }

    /// A training, with the version it made where it made one.
    func events(of run: Run, data: DatasetVersion?) -> [Event] {
        var step = Step(
            id: "\(namespace) \(run.id)",
            job: "train.\(run.model)",
            jobType: "TRAINING",
            inputs: data.map { [dataset($0)] } ?? [],
            outputs: [],
            owner: run.pipeline.owner
        )
        step.runFacets["binnacle_training"] = facet(
            "training",
            [
                "run": .text(run.id.text), "trigger": .text(run.trigger.rawValue),
                "cause": .text(run.cause), "actor": .text(run.actor.name),
                "status": .text(run.status.name),
            ]
        )
        let start = event(of: step, "START", run.createdAt)
        switch run.status {
        case .queued, .running: return [start]
        case .registered(let end, let version):
            step.outputs = [model(run.model, version, run.artifacts)]
            return [start, event(of: step, "COMPLETE", end)]
        case .refused(let end, let reasons):
            step.runFacets["binnacle_gate"] = facet(
                "gate",
                [
                    "reasons": .list(reasons.map { .text($0) })
                ]
            )
            return [start, event(of: step, "COMPLETE", end)]
        case .failed(let end, let reason):
            step.runFacets["errorMessage"] = facet(
                ["message": .text(reason), "programmingLanguage": "Swift"],
                at: "facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
            )
            return [start, event(of: step, "FAIL", end)]
        case .cancelled(let end): return [start, event(of: step, "ABORT", end)]
        }
    }

    /// Every change of what an endpoint serves.
    func events(of deployment: Deployment) -> [Event] {
        deployment.revisions.flatMap { revision in
            var step = Step(
                id: "\(namespace) \(deployment.id) \(revision.number)",
                job: "deploy.\(deployment.model).\(deployment.environment)",
                jobType: "DEPLOYMENT",
                inputs: [model(deployment.model, revision.version, [:])],
                outputs: [endpoint(deployment, revision)]
            )
            step.runFacets["binnacle_approval"] = facet(
                "approval",
                [
                    "approval": .text(revision.approval.text), "actor": .text(revision.actor.name),
                    "reason": .text(revision.reason.rawValue),
                ]
            )
            return [
                event(of: step, "START", revision.at), event(of: step, "COMPLETE", revision.at),
            ]
        }
    }

    /// One run of a job.
    private struct Step {
        /// Unique in the world: the run's UUID is made of it.
        let id: String
        let job: String
        let jobType: JSONNode
        var inputs: [JSONNode]
        var outputs: [JSONNode]
        var owner: String?
        var runFacets: [String: JSONNode] = [:]
    }

    private func event(of step: Step, _ type: JSONNode, _ date: Timestamp) -> Event {
        var jobFacets = [
            "jobType": facet(
                ["processingType": "BATCH", "integration": "BINNACLE", "jobType": step.jobType],
                at: "facets/2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet"
            )
        ]
        if let owner = step.owner {
            jobFacets["ownership"] = facet(
                ["owners": [["name": .text(owner)]]],
                at: "facets/1-0-1/OwnershipJobFacet.json#/$defs/OwnershipJobFacet"
            )
        }
        let node: JSONNode = [
            "eventType": type, "eventTime": .value(date), "producer": Self.producer,
            "schemaURL": "\(Self.specification)/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": ["runId": .text(uuid(of: step.id)), "facets": .fields(step.runFacets)],
            "job": [
                "namespace": .text(namespace), "name": .text(step.job),
                "facets": .fields(jobFacets),
            ],
            "inputs": .list(step.inputs), "outputs": .list(step.outputs),
        ]
        return Event(at: date, node: node)
    }

    // MARK: - Things

    private func dataset(_ data: DatasetVersion) -> JSONNode {
        let columns = data.columns.map { column -> JSONNode in
            ["name": .text(column.name), "type": .text(column.type.rawValue)]
        }
        return [
            "namespace": .text(namespace), "name": "data/\(data.dataset)",
            "facets": [
                "schema": facet(
                    ["fields": .list(columns)],
                    at: "facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
                ),
                "version": version("\(data.number)"),
                "binnacle_digest": facet("digest", ["sha256": .text(data.digest.hexadecimal)]),
            ],
        ]
    }

    private func model(
        _ name: String,
        _ number: Int,
        _ artifacts: [String: Digest]
    ) -> JSONNode {
        var facets = ["version": version("\(number)")]
        if !artifacts.isEmpty {
            facets["binnacle_digest"] = facet(
                "digest",
                artifacts.mapValues { .text($0.hexadecimal) }
            )
        }
        return [
            "namespace": .text(namespace), "name": "models/\(name)", "facets": .fields(facets),
        ]
    }

    private func endpoint(_ deployment: Deployment, _ revision: DeploymentRevision) -> JSONNode {
        [
            "namespace": .text(namespace),
            "name": "endpoints/\(deployment.model)/\(deployment.environment)",
            "facets": ["version": version("\(revision.number)")],
        ]
    }

    private func version(_ text: String) -> JSONNode {
        facet(
            ["datasetVersion": .text(text)],
            at: "facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
        )
    }

    // MARK: - Facets

    /// A facet of OpenLineage's own.
    private func facet(_ fields: [String: JSONNode], at place: String) -> JSONNode {
        .fields(
            fields.merging([
                "_producer": Self.producer, "_schemaURL": "\(Self.specification)/\(place)",
            ]) { $1 }
        )
    }

    /// A facet of ours.
    private func facet(_ name: String, _ fields: [String: JSONNode]) -> JSONNode {
        .fields(
            fields.merging([
                "_producer": Self.producer, "_schemaURL": "urn:binnacle:facet:\(name):1",
            ]) { $1 }
        )
    }

    /// The same for the same text: 16 bytes of a hash of it, as a UUID of RFC 9562's version 8.
    private func uuid(of text: String) -> String {
        var bytes = Array(MerkleHash.leaf(text.utf8).bytes.prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }
}
