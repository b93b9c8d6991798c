import Attestation
import Domain
package import EngineAPI
import FoundationEssentials
import Storage

extension SignVersion: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> SignedDocument {
        let found = try await engine.store.modelVersion(model: model, number: version)
        for digest in found.artifacts.values { try engine.store.blobs.verify(digest) }
        let statement = StatementSigner.modelStatement(
            of: "\(found.model) \(found.label)",
            files: found.artifacts
        )
        return try engine.signed(statement)
    }
}

extension GetArtifact: EngineHandled {
    /// Below what a line of the wire may hold, in base64.
    private static let partBytes = 16 << 20

    package func answer(in engine: Engine, for caller: Caller) async throws -> ArtifactPart {
        let found = try await engine.store.modelVersion(model: model, number: version)
        guard let digest = found.artifacts[artifact] else {
            let names = found.artifacts.keys.sorted().joined(separator: ", ")
            throw Refusal(
                .notFound,
                "\"\(found.id)\" has no artifact \"\(artifact)\". It has \(names)."
            )
        }
        let bytes = try engine.store.blobs.read(digest)
        guard (0...bytes.count).contains(offset) else {
            throw Refusal(
                .invalid,
                "The artifact \"\(artifact)\" has \(bytes.count) bytes, and none from \(offset) on."
            )
        }
        let part = bytes[offset...].prefix(GetArtifact.partBytes)
        return ArtifactPart(base64: Data(part).base64EncodedString(), totalBytes: bytes.count)
    }
}

extension GetProvenance: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> SignedDocument {
        let found = try await engine.store.run(run)
        guard let ended = found.status.endedAt, !found.artifacts.isEmpty else {
            throw Refusal(
                .conflict,
                "\(found.id) is \(found.status.name) and made nothing that has a provenance."
            )
        }
        let events = try await engine.store.auditEvents(
            matching: AuditFilter(subject: Subject(.run, found.id.text)),
            after: 0,
            limit: 100
        )
        let started = events.last { $0.content.action == "run.started" }?.content.at
        let statement = provenance(
            of: found,
            data: try await engine.store.datasetVersion(found.data),
            startedAt: started ?? found.createdAt,
            endedAt: ended,
            engine: "urn:binnacle:engine:\(hostName()):\(Engine.version)"
        )
        return try engine.signed(statement)
    }
}

extension Engine {
    fileprivate func signed(_ statement: JSONNode) throws -> SignedDocument {
        SignedDocument(
            bundle: try statementSigner.bundle(of: statement),
            publicKey: statementSigner.publicPEM
        )
    }
}

/// The in-toto statement with SLSA's provenance predicate, v1, of what a run made.
///
/// All that the run took is a resolved dependency with its digest: the rows, the pipeline file, the
/// commit, and the local changes where there were any.
func provenance(
    of run: Run,
    data: DatasetVersion,
    startedAt: Timestamp,
    endedAt: Timestamp,
    engine: String
) -> JSONNode {
    var dependencies: [JSONNode] = [
        [
            "name": .text(data.id.text), "uri": "urn:binnacle:data:\(data.dataset):\(data.number)",
            "digest": ["sha256": .text(run.dataDigest.hexadecimal)],
        ],
        ["name": "binnacle.yaml", "digest": ["sha256": .text(run.pipelineDigest.hexadecimal)]],
    ]
    if let commit = run.code.commit {
        dependencies.append(["name": "code", "digest": ["gitCommit": .text(commit)]])
    }
    if let diff = run.code.dirtyDiff {
        dependencies.append(
            ["name": "local changes", "digest": ["sha256": .text(diff.hexadecimal)]]
        )
    }
    let subjects = run.artifacts.sorted { $0.key < $1.key }.map { name, digest -> JSONNode in
        [
            "name": "\(run.model)/\(run.id)/\(name)",
            "digest": ["sha256": .text(digest.hexadecimal)],
        ]
    }
    return [
        "_type": "https://in-toto.io/Statement/v1",
        "subject": .list(subjects),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": [
            "buildDefinition": [
                "buildType": "urn:binnacle:training-run:v1",
                "externalParameters": [
                    "pipeline": .value(run.pipeline), "trigger": .text(run.trigger.rawValue),
                    "cause": .text(run.cause), "requestedBy": .text(run.actor.name),
                ],
                "internalParameters": run.record.map { ["record": .value($0)] } ?? [:],
                "resolvedDependencies": .list(dependencies),
            ],
            "runDetails": [
                "builder": ["id": .text(engine)],
                "metadata": [
                    "invocationId": .text(run.id.text), "startedOn": .value(startedAt),
                    "finishedOn": .value(endedAt),
                ],
            ],
        ],
    ]
}
