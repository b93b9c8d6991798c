import Crypto
package import Domain
import FoundationEssentials

/// The engine's key for statements about versions and runs: ECDSA on P-256, which is what OpenSSF
/// Model Signing takes.
package struct StatementSigner: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A new key.
    package init() {
        key = P256.Signing.PrivateKey()
    }

    /// Reads what `pem` wrote; nil where it is no key.
    package init?(pem: String) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        self.key = key
    }

    /// The secret, as it lies in the key's file.
    package var pem: String { key.pemRepresentation + "\n" }

    /// The public half as a file that verifiers take.
    package var publicPEM: String { key.publicKey.pemRepresentation + "\n" }

    /// A Sigstore bundle (v0.3) with an in-toto statement in a DSSE envelope.
    package func bundle(of statement: JSONNode) throws -> String {
        guard let payload = compactJSON(statement) else {
            throw Refusal(.fault, "The statement holds a number that JSON cannot write.")
        }
        let type = "application/vnd.in-toto+json"
        let bytes = Data(payload.utf8)
        // DSSE's pre-authentication encoding.
        let signed = Data("DSSEv1 \(type.utf8.count) \(type) \(bytes.count) ".utf8) + bytes
        let signature = try key.signature(for: signed).derRepresentation
        let hint = sha256Hexadecimal(publicPEM)
        let bundle: JSONNode = [
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": ["publicKey": ["hint": .text(hint)], "tlogEntries": []],
            "dsseEnvelope": [
                "payload": .text(bytes.base64EncodedString()),
                "payloadType": .text(type),
                "signatures": [["sig": .text(signature.base64EncodedString()), "keyid": ""]],
            ],
        ]
        return (compactJSON(bundle) ?? "") + "\n"
    }

    /// The in-toto statement of OpenSSF Model Signing v1.0 over the files of a model.
    ///
    /// - Parameter files: Paths in the model's folder and the SHA-256 of their bytes.
    package static func modelStatement(
        of name: String,
        files: [String: Domain.Digest]
    ) -> JSONNode {
        let sorted = files.sorted {
            $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
        }
        let all = sorted.flatMap { Array($0.value.bytes) }
        let root = Domain.Digest(sha256: SHA256.hash(data: all))
        return [
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [["name": .text(name), "digest": ["sha256": .text(root.hexadecimal)]]],
            "predicateType": "https://model_signing/signature/v1.0",
            "predicate": [
                "serialization": [
                    "method": "files", "hash_type": "sha256", "allow_symlinks": .flag(false),
                    "ignore_paths": [],
                ],
                "resources": .list(
                    sorted.map { path, digest in
                        [
                            "name": .text(path), "algorithm": "sha256",
                            "digest": .text(digest.hexadecimal),
                        ]
                    }
                ),
            ],
        ]
    }

    private func sha256Hexadecimal(_ text: String) -> String {
        Domain.Digest(sha256: SHA256.hash(data: Data(text.utf8))).hexadecimal
    }
}
