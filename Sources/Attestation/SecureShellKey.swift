import Crypto
package import Domain
import FoundationEssentials

/// A public key that decisions can be signed with, as OpenSSH writes it: `ssh-ed25519 AAAA… comment`.
///
/// Ed25519 and ECDSA over nistp256, each also on a security key (FIDO2), which is touched for every
/// signature. RSA and DSA are refused.
package struct SecureShellKey: Sendable, Equatable {
    enum Algorithm: String, CaseIterable {
        case ed25519 = "ssh-ed25519"
        case ecdsa = "ecdsa-sha2-nistp256"
        case securityKeyEd25519 = "sk-ssh-ed25519@openssh.com"
        case securityKeyECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"

        var isSecurityKey: Bool { self == .securityKeyEd25519 || self == .securityKeyECDSA }

        var isECDSA: Bool { self == .ecdsa || self == .securityKeyECDSA }
    }

    /// The key in OpenSSH's binary form.
    let blob: [UInt8]
    let algorithm: Algorithm
    /// 32 bytes, or a point of the curve in 65.
    private let key: [UInt8]
    /// What a security key was enrolled for, such as `ssh:`; empty for the others.
    let application: [UInt8]
    package private(set) var comment = ""

    /// Reads a line of a `.pub` file.
    ///
    /// - Throws: A sentence about what it is, where it is no key that can sign.
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
        guard Algorithm(rawValue: words[0]) != nil else {
            throw Refusal(
                .invalid,
                """
                "\(words[0].prefix(60))" keys cannot sign decisions; Ed25519 and ECDSA (nistp256) \
                keys can, on security keys too. Make one with "ssh-keygen -t ed25519".
                """
            )
        }
        guard let key = SecureShellKey(blob: Array(bytes)), key.algorithm.rawValue == words[0]
        else {
            throw Refusal(
                .invalid,
                "The public key is damaged. Copy the \".pub\" file's line anew."
            )
        }
        self = key
        comment = String((words.count > 2 ? words[2] : "").filter { !$0.isNewline }.prefix(100))
    }

    init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let algorithm = reader.text().flatMap(Algorithm.init(rawValue:)) else { return nil }
        if algorithm.isECDSA, reader.text() != "nistp256" { return nil }
        guard let key = reader.bytes(), key.count == (algorithm.isECDSA ? 65 : 32) else {
            return nil
        }
        var application: [UInt8] = []
        if algorithm.isSecurityKey {
            guard let named = reader.bytes() else { return nil }
            application = named
        }
        guard reader.isAtEnd else { return nil }
        self.blob = blob
        self.algorithm = algorithm
        self.key = key
        self.application = application
    }

    /// The line without its comment.
    package var text: String { "\(algorithm.rawValue) \(Data(blob).base64EncodedString())" }

    /// `SHA256:…`, as `ssh-keygen -l` and `ssh-add -l` show it.
    package var fingerprint: String {
        let hash = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + hash.prefix { $0 != "=" }
    }

    /// - Parameter signature: Of 64 bytes; of ECDSA both numbers, 32 bytes each.
    func accepts(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        if algorithm.isECDSA {
            guard let key = try? P256.Signing.PublicKey(x963Representation: key),
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: Data(bytes))
        }
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else {
            return false
        }
        return key.isValidSignature(Data(signature), for: Data(bytes))
    }

    package static func == (left: SecureShellKey, right: SecureShellKey) -> Bool {
        left.blob == right.blob
    }
}

/// OpenSSH's binary form: numbers of four bytes, strings behind their length.
struct WireReader {
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

    /// A number that is not negative, in 32 bytes; OpenSSH leaves out zeros before it.
    mutating func number256() -> [UInt8]? {
        guard let found = bytes() else { return nil }
        let digits = found.first == 0 ? found.dropFirst() : found[...]
        guard digits.count <= 32 else { return nil }
        return Array(repeating: 0, count: 32 - digits.count) + digits
    }

    mutating func text() -> String? {
        bytes().flatMap { String(validating: $0, as: UTF8.self) }
    }
}

func wire(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
}
