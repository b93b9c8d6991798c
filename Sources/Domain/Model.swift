/// The names of the artifacts every model version has.
package enum ArtifactName {
    package static let model = "model"
    package static let signature = "signature"
    package static let golden = "golden"
    package static let baseline = "baseline"
    package static let report = "report"
    package static let pipeline = "pipeline"
    package static let all = [model, signature, golden, baseline, report, pipeline]
}

/// A numbered, immutable result of a run: these bytes, for good.
package struct ModelVersion: Codable, Sendable, Equatable, Identifiable {
    package let id: ID<ModelVersion>
    package let model: String
    package let number: Int
    package let run: ID<Run>
    package let artifacts: [String: Digest]
    /// SHA-256 over the canonical list of artifact names and digests: what an approval names.
    package let bundleDigest: Digest
    package let signature: Signature
    package let report: ValidationReport
    package let createdAt: Timestamp
    package let actor: Actor

    package init(
        id: ID<ModelVersion>,
        model: String,
        number: Int,
        run: ID<Run>,
        artifacts: [String: Digest],
        bundleDigest: Digest,
        signature: Signature,
        report: ValidationReport,
        createdAt: Timestamp,
        actor: Actor
    ) {
        self.id = id
        self.model = model
        self.number = number
        self.run = run
        self.artifacts = artifacts
        self.bundleDigest = bundleDigest
        self.signature = signature
        self.report = report
        self.createdAt = createdAt
        self.actor = actor
    }

    /// The bytes whose SHA-256 is the bundle digest: one `name digest` line an artifact, sorted by name.
    package static func bundleText(of artifacts: [String: Digest]) -> String {
        artifacts.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.text)\n" }
            .joined()
    }

    /// `v3`, as people say it.
    package var label: String { "v\(number)" }
}

/// A name that points at a version, and at which one since when; the last move is the current one.
package struct Alias: Codable, Sendable, Equatable {
    package let model: String
    /// `champion`, `challenger`, or a name of the users' own.
    package let name: String
    /// nil once the alias was taken away.
    package let version: Int?
    package let movedAt: Timestamp
    package let actor: Actor

    package init(model: String, name: String, version: Int?, movedAt: Timestamp, actor: Actor) {
        self.model = model
        self.name = name
        self.version = version
        self.movedAt = movedAt
        self.actor = actor
    }

    package static let champion = "champion"
    package static let challenger = "challenger"
}
