package import Domain

/// A statement by the engine that others verify without it.
package struct SignedDocument: Codable, Sendable, Equatable {
    /// A Sigstore bundle with an in-toto statement.
    package var bundle: String
    /// The key that verifies it, as PEM.
    package var publicKey: String

    package init(bundle: String, publicKey: String) {
        self.bundle = bundle
        self.publicKey = publicKey
    }
}

/// The OpenSSF Model Signing bundle of a version's bytes, which are verified before it is signed.
package struct SignVersion: EngineRequest {
    package static let name = "models.sign"
    package static let permission = Permission.view
    package typealias Answer = SignedDocument
    package var model: String
    package var version: Int

    package init(model: String, version: Int) {
        self.model = model
        self.version = version
    }
}

/// A part of an artifact's bytes.
package struct GetArtifact: EngineRequest {
    package static let name = "models.artifact"
    package static let permission = Permission.view
    package typealias Answer = ArtifactPart
    package var model: String
    package var version: Int
    package var artifact: String
    package var offset: Int

    package init(model: String, version: Int, artifact: String, offset: Int = 0) {
        self.model = model
        self.version = version
        self.artifact = artifact
        self.offset = offset
    }
}

package struct ArtifactPart: Codable, Sendable, Equatable {
    package var base64: String
    package var totalBytes: Int

    package init(base64: String, totalBytes: Int) {
        self.base64 = base64
        self.totalBytes = totalBytes
    }
}

/// The SLSA v1 provenance of what a run made.
package struct GetProvenance: EngineRequest {
    package static let name = "runs.provenance"
    package static let permission = Permission.view
    package typealias Answer = SignedDocument
    package var run: ID<Run>

    package init(run: ID<Run>) {
        self.run = run
    }
}
