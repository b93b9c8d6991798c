import Crypto
package import Domain
import FoundationEssentials

/// The public half of a log's key, as C2SP's signed-note writes it: `NAME+HASH+KEY`.
package struct NoteVerifier: Sendable, Equatable {
    package let name: String
    private let key: [UInt8]

    /// The number that stands before Ed25519 keys in the format.
    private static let ed25519: UInt8 = 1

    fileprivate init(name: String, key: [UInt8]) {
        self.name = name
        self.key = key
    }

    /// Reads `NAME+HASH+KEY`; nil where it is none, or of another algorithm.
    package init?(_ text: String) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, NoteVerifier.isName(String(parts[0])),
            let key = Data(base64Encoded: String(parts[2])), key.count == 33,
            key.first == NoteVerifier.ed25519
        else { return nil }
        self.init(name: String(parts[0]), key: Array(key.dropFirst()))
        guard hexadecimal(keyHash) == parts[1] else { return nil }
    }

    package var text: String {
        let key = Data([NoteVerifier.ed25519] + key).base64EncodedString()
        return "\(name)+\(hexadecimal(keyHash))+\(key)"
    }

    /// Four bytes that tell keys of one name apart.
    fileprivate var keyHash: [UInt8] {
        let bytes = Array(name.utf8) + [10, NoteVerifier.ed25519] + key
        return Array(SHA256.hash(data: bytes).prefix(4))
    }

    fileprivate func accepts(_ signature: [UInt8], of text: String) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else {
            return false
        }
        return key.isValidSignature(Data(signature), for: Data(text.utf8))
    }

    /// Whether the text can name a key: neither empty, nor with blanks or a plus sign.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.contains { $0.isWhitespace || $0 == "+" }
    }
}

/// The engine's key for its audit log.
package struct NoteSigner: Sendable {
    private let name: String
    private let key: Curve25519.Signing.PrivateKey

    /// A new key; `name` has neither blanks nor a plus sign.
    package init(newNamed name: String) {
        self.name = name
        key = Curve25519.Signing.PrivateKey()
    }

    /// Reads what `text` wrote; nil where it is no key.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 2, NoteVerifier.isName(String(lines[0])),
            let bytes = Data(base64Encoded: String(lines[1])),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        name = String(lines[0])
        self.key = key
    }

    /// The secret, as it lies in the key's file: the name and the key, a line each.
    package var text: String { "\(name)\n\(key.rawRepresentation.base64EncodedString())\n" }

    package var verifier: NoteVerifier {
        NoteVerifier(name: name, key: Array(key.publicKey.rawRepresentation))
    }

    /// The note of this text, which ends with a newline.
    package func note(of text: String) throws -> String {
        let signature = try key.signature(for: Data(text.utf8))
        let bytes = Data(verifier.keyHash) + signature
        return "\(text)\n\u{2014} \(name) \(bytes.base64EncodedString())\n"
    }
}

/// The state of the log that a note vouches for: C2SP's tlog-checkpoint.
package struct LogCheckpoint: Codable, Sendable, Equatable {
    /// The log's own name.
    package let origin: String
    package let size: Int64
    package let root: Domain.Digest

    package init(origin: String, size: Int64, root: Domain.Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Reads a note's text; nil where it is no checkpoint. Lines after the third are extensions.
    package init?(noteText text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last?.isEmpty == true, !lines[0].isEmpty,
            let size = Int64(lines[1]), size >= 0, String(size) == lines[1],
            let root = Data(base64Encoded: String(lines[2])), root.count == 32
        else { return nil }
        origin = String(lines[0])
        self.size = size
        self.root = Domain.Digest(sha256: root)
    }

    /// The text that is signed.
    package var text: String {
        "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n"
    }
}

/// A text with signature lines below it.
package struct SignedNote: Sendable, Equatable {
    package let text: String
    private let signatures: [(name: String, bytes: [UInt8])]

    package static func == (left: SignedNote, right: SignedNote) -> Bool {
        left.text == right.text && left.signatures.map(\.bytes) == right.signatures.map(\.bytes)
    }

    /// Reads a note; nil where it is none.
    package init?(_ note: String) {
        // The last empty line: the text may have empty lines of its own.
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, lines.last?.isEmpty == true,
            let gap = lines.dropLast().lastIndex(where: \.isEmpty), gap > 0, gap + 2 < lines.count
        else { return nil }
        text = lines[..<gap].joined(separator: "\n") + "\n"
        var found: [(String, [UInt8])] = []
        for line in lines[(gap + 1)...].dropLast() {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", NoteVerifier.isName(String(parts[1])),
                let bytes = Data(base64Encoded: String(parts[2])), bytes.count > 4
            else { return nil }
            found.append((String(parts[1]), Array(bytes)))
        }
        signatures = found.map { (name: $0.0, bytes: $0.1) }
    }

    /// Whether one of these keys has signed the text.
    package func isSigned(byAnyOf verifiers: [NoteVerifier]) -> Bool {
        signatures.contains { signature in
            verifiers.contains { verifier in
                verifier.name == signature.name
                    && Array(signature.bytes.prefix(4)) == verifier.keyHash
                    && verifier.accepts(Array(signature.bytes.dropFirst(4)), of: text)
            }
        }
    }

    package var checkpoint: LogCheckpoint? { LogCheckpoint(noteText: text) }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

/// The key an engine signs its log with, and all keys whose signatures count.
package struct LogKeys: Sendable {
    package let signer: NoteSigner
    /// The signer's own and those that were used before it.
    package let verifiers: [NoteVerifier]

    package init(signer: NoteSigner, earlier: [NoteVerifier] = []) {
        self.signer = signer
        verifiers = earlier.filter { $0 != signer.verifier } + [signer.verifier]
    }

    package func checkpoint(size: Int64, root: Domain.Digest) -> LogCheckpoint {
        LogCheckpoint(origin: signer.verifier.name, size: size, root: root)
    }
}
