import Attestation
import Crypto
import Domain
import FoundationEssentials
import Testing

/// What the engine signs of versions and runs, in the forms that others prescribe.
struct StatementSignerTests {
    private struct Bundle: Decodable {
        struct Material: Decodable {
            struct Key: Decodable { let hint: String }
            let publicKey: Key
            let tlogEntries: [String]
        }
        struct Envelope: Decodable {
            struct Signature: Decodable { let sig: Data }
            let payload: Data
            let payloadType: String
            let signatures: [Signature]
        }
        let mediaType: String
        let verificationMaterial: Material
        let dsseEnvelope: Envelope
    }

    private struct Statement: Decodable {
        struct Subject: Decodable {
            let name: String
            let digest: [String: String]
        }
        struct Predicate: Decodable {
            struct Resource: Decodable {
                let name: String
                let digest: String
            }
            let resources: [Resource]
        }
        let subject: [Subject]
        let predicate: Predicate
    }

    private func digest(_ text: String) -> Domain.Digest {
        Domain.Digest(sha256: SHA256.hash(data: Data(text.utf8)))
    }

    @Test func `a bundle is a DSSE envelope that the public half verifies, and no other`() throws {
        let signer = StatementSigner()
        let text = try signer.bundle(of: ["_type": "x", "list": [.number(1), .flag(true)]])
        let bundle = try JSONDecoder().decode(Bundle.self, from: Data(text.utf8))
        #expect(bundle.mediaType == "application/vnd.dev.sigstore.bundle.v0.3+json")
        #expect(bundle.verificationMaterial.publicKey.hint == digest(signer.publicPEM).hexadecimal)
        let envelope = bundle.dsseEnvelope
        #expect(envelope.payload == Data(#"{"_type":"x","list":[1,true]}"#.utf8))
        let encoded =
            Data("DSSEv1 28 \(envelope.payloadType) \(envelope.payload.count) ".utf8)
            + envelope.payload
        let signature = try P256.Signing.ECDSASignature(
            derRepresentation: try #require(envelope.signatures.first).sig
        )
        let key = try P256.Signing.PublicKey(pemRepresentation: signer.publicPEM)
        #expect(key.isValidSignature(signature, for: encoded))
        #expect(!key.isValidSignature(signature, for: encoded + [10]))
        let other = try P256.Signing.PublicKey(pemRepresentation: StatementSigner().publicPEM)
        #expect(!other.isValidSignature(signature, for: encoded))
    }

    @Test func `a key is read as it is written`() throws {
        let signer = StatementSigner()
        #expect(StatementSigner(pem: signer.pem)?.publicPEM == signer.publicPEM)
        #expect(StatementSigner(pem: "-----BEGIN PRIVATE KEY-----\nAAAA\n") == nil)
    }

    /// The root is of `model-signing` 1.1.1 over a folder with these two files.
    @Test func `a model's root is the hash over its files' digests, in order`() throws {
        let statement = StatementSigner.modelStatement(
            of: "m",
            files: ["b.json": digest("{}"), "a.bin": digest("hello\n")]
        )
        let text = try #require(compactJSON(statement))
        let read = try JSONDecoder().decode(Statement.self, from: Data(text.utf8))
        let root = "517805a63e45a091f70d7f01c69bc44e13de19d2dfa5892ee5340bee8fabd17f"
        #expect(read.subject.map(\.digest) == [["sha256": root]])
        #expect(read.predicate.resources.map(\.name) == ["a.bin", "b.json"])
    }
}
