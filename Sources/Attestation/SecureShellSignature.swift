import Crypto
import Domain
import FoundationEssentials

/// What `ssh-keygen -Y sign` writes (OpenSSH's PROTOCOL.sshsig and PROTOCOL.u2f).
package struct SecureShellSignature: Sendable, Equatable {
    private static let magic = Array("SSHSIG".utf8)
    private static let begin = "-----BEGIN SSH SIGNATURE-----"
    private static let end = "-----END SSH SIGNATURE-----"

    package let key: SecureShellKey
    package let namespace: String
    private let reserved: [UInt8]
    private let hash: String
    private let signature: [UInt8]
    /// Of a security key: a byte of flags and its counter in four; empty for others.
    private let proof: [UInt8]

    /// The flag that says that somebody touched the security key.
    private static let touched: UInt8 = 1

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
        guard let parts = SecureShellSignature.parts(inner, of: key) else { return nil }
        (signature, proof) = parts
        self.key = key
        self.namespace = namespace
        self.reserved = reserved
        self.hash = hash
    }

    /// The signature in 64 bytes, and what a security key says of how it was made.
    private static func parts(
        _ inner: [UInt8],
        of key: SecureShellKey
    ) -> (signature: [UInt8], proof: [UInt8])? {
        var reader = WireReader(inner)
        guard reader.text() == key.algorithm.rawValue, var signature = reader.bytes() else {
            return nil
        }
        if key.algorithm.isECDSA {
            var numbers = WireReader(signature)
            guard let r = numbers.number256(), let s = numbers.number256(), numbers.isAtEnd else {
                return nil
            }
            signature = r + s
        }
        var proof: [UInt8] = []
        if key.algorithm.isSecurityKey {
            guard let flagsAndCounter = reader.take(5) else { return nil }
            proof = flagsAndCounter
        }
        guard signature.count == 64, reader.isAtEnd else { return nil }
        return (signature, proof)
    }

    /// Whether its key signed exactly this text, for this purpose; a security key must have been
    /// touched for it.
    package func isValid(of text: String, in namespace: String) -> Bool {
        guard namespace == self.namespace else { return false }
        let message = Data(text.utf8)
        let digest =
            hash == "sha256" ? Array(SHA256.hash(data: message)) : Array(SHA512.hash(data: message))
        let signed =
            SecureShellSignature.magic + wire(Array(namespace.utf8)) + wire(reserved)
            + wire(Array(hash.utf8)) + wire(digest)
        guard key.algorithm.isSecurityKey else { return key.accepts(signature, of: signed) }
        guard let flags = proof.first, flags & SecureShellSignature.touched != 0 else {
            return false
        }
        return key.accepts(
            signature,
            of: Array(SHA256.hash(data: key.application)) + proof
                + Array(SHA256.hash(data: signed))
        )
    }
}
