import Crypto
package import Domain
import FoundationEssentials

/// An Ed25519 public key as OpenSSH writes it: `ssh-ed25519 AAAA… comment`.
package struct SecureShellKey: Sendable, Equatable {
    package static let algorithm = "ssh-ed25519"

    /// The key in OpenSSH's binary form.
    fileprivate let blob: [UInt8]
    private let key: [UInt8]
    package let comment: String

    /// Reads a line of a `.pub` file.
    ///
    /// - Throws: A sentence about what it is, where it is no Ed25519 key.
    package init(_ line: String) throws(Refusal) {
        let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2, let bytes = Data(base64Encoded: words[1]) else {
            throw Refusal(
                .invalid,
                """
                This is no OpenSSH public key. A line of a ".pub" file is one: \
                "ssh-ed25519 AAAA… comment".
                """
            )
        }
        guard words[0] == SecureShellKey.algorithm else {
            throw Refusal(
                .invalid,
                """
                "\(words[0].prefix(60))" keys cannot sign decisions; Ed25519 keys can. Make one \
                with "ssh-keygen -t ed25519".
                """
            )
        }
        guard let key = SecureShellKey(blob: Array(bytes)) else {
            throw Refusal(
                .invalid,
                "The public key is damaged. Copy the \".pub\" file's line anew."
            )
        }
        self = key.named(words.count > 2 ? words[2].filter { !$0.isNewline } : "")
    }

    fileprivate init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard reader.text() == SecureShellKey.algorithm, let key = reader.bytes(), key.count == 32,
            reader.isAtEnd
        else { return nil }
        self.init(blob: blob, key: key, comment: "")
    }

    private init(blob: [UInt8], key: [UInt8], comment: String) {
        self.blob = blob
        self.key = key
        self.comment = comment
    }

    private func named(_ comment: String) -> SecureShellKey {
        SecureShellKey(blob: blob, key: key, comment: String(comment.prefix(100)))
    }

    /// The line without its comment.
    package var text: String {
        "\(SecureShellKey.algorithm) \(Data(blob).base64EncodedString())"
    }

    /// `SHA256:…`, as `ssh-keygen -l` and `ssh-add -l` show it.
    package var fingerprint: String {
        let hash = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + hash.prefix { $0 != "=" }
    }

    fileprivate func accepts(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else {
            return false
        }
        return key.isValidSignature(Data(signature), for: Data(bytes))
    }

    package static func == (left: SecureShellKey, right: SecureShellKey) -> Bool {
        left.blob == right.blob
    }
}

/// What `ssh-keygen -Y sign` writes (OpenSSH's PROTOCOL.sshsig), by an Ed25519 key.
package struct SecureShellSignature: Sendable, Equatable {
    private static let magic = Array("SSHSIG".utf8)
    private static let begin = "-----BEGIN SSH SIGNATURE-----"
    private static let end = "-----END SSH SIGNATURE-----"

    package let key: SecureShellKey
    package let namespace: String
    private let reserved: [UInt8]
    private let hash: String
    private let signature: [UInt8]

    /// Reads the armoured form; nil where it is none, or of another kind of key.
    package init?(_ armoured: String) {
        let lines = armoured.split(whereSeparator: \.isNewline)
        guard lines.count >= 3, lines.first == Substring(SecureShellSignature.begin),
            lines.last == Substring(SecureShellSignature.end), armoured.utf8.count <= 16_384,
            let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
        else { return nil }
        var reader = WireReader(Array(data))
        guard reader.take(6) == SecureShellSignature.magic, reader.number() == 1,
            let blob = reader.bytes(), let key = SecureShellKey(blob: blob),
            let namespace = reader.text(), let reserved = reader.bytes(),
            let hash = reader.text(), hash == "sha256" || hash == "sha512",
            let inner = reader.bytes(), reader.isAtEnd
        else { return nil }
        var innerReader = WireReader(inner)
        guard innerReader.text() == SecureShellKey.algorithm,
            let signature = innerReader.bytes(), signature.count == 64, innerReader.isAtEnd
        else { return nil }
        self.key = key
        self.namespace = namespace
        self.reserved = reserved
        self.hash = hash
        self.signature = signature
    }

    /// Whether its key signed exactly this text, for this purpose.
    package func isValid(of text: String, in namespace: String) -> Bool {
        guard namespace == self.namespace else { return false }
        let message = Data(text.utf8)
        let digest =
            hash == "sha256" ? Array(SHA256.hash(data: message)) : Array(SHA512.hash(data: message))
        let signed =
            SecureShellSignature.magic + wire(Array(namespace.utf8)) + wire(reserved)
            + wire(Array(hash.utf8)) + wire(digest)
        return key.accepts(signature, of: signed)
    }
}

/// OpenSSH's binary form: numbers of four bytes, strings behind their length.
private struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func number() -> Int? {
        take(4)?.reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func bytes() -> [UInt8]? {
        number().flatMap { take($0) }
    }

    mutating func text() -> String? {
        bytes().flatMap { String(validating: $0, as: UTF8.self) }
    }
}

private func wire(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
}
