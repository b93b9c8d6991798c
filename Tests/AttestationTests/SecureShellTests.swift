import Attestation
import Crypto
import Domain
import FoundationEssentials
import Glibc
import Testing

/// Signatures by each kind of SSH key, with stock ssh-keygen as the judge.
struct SecureShellTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/binnacle-ssh-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
    }

    private func shell(_ line: String) -> Int32 {
        system("cd '\(folder)' && \(line) >/dev/null 2>&1")
    }

    private func file(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    /// What stock ssh-keygen thinks of a signature, whoever's it is.
    private func isAccepted(_ armoured: String, of text: String) throws -> Bool {
        try Data(armoured.utf8).write(to: URL(filePath: folder + "/judged.sig"))
        try Data(text.utf8).write(to: URL(filePath: folder + "/judged"))
        return shell("ssh-keygen -Y check-novalidate -n n@binnacle -s judged.sig < judged") == 0
    }

    @Test(arguments: ["ed25519", "ecdsa -b 256"])
    func `by a key of ssh-keygen holds for its text and purpose only`(kind: String) throws {
        #expect(shell("ssh-keygen -q -t \(kind) -N '' -C 'ann on box' -f key") == 0)
        let key = try SecureShellKey(try file("key.pub"))
        #expect(key.comment == "ann on box")
        #expect(try file("key.pub").hasPrefix(key.text))
        #expect(shell("ssh-keygen -l -f key.pub | grep -F '\(key.fingerprint)'") == 0)
        // Numbers of ECDSA begin with zeros once in a while.
        for number in 0..<20 {
            let text = "decision \(number)"
            try Data(text.utf8).write(to: URL(filePath: folder + "/text"))
            #expect(shell("rm -f text.sig; ssh-keygen -q -Y sign -n n@binnacle -f key text") == 0)
            let armoured = try file("text.sig")
            let signature = try #require(SecureShellSignature(armoured))
            #expect(signature.key == key)
            #expect(signature.isValid(of: text, in: "n@binnacle"))
            #expect(!signature.isValid(of: text + " ", in: "n@binnacle"))
            #expect(!signature.isValid(of: text, in: "m@binnacle"))
            #expect(try isAccepted(armoured, of: text))
        }
    }

    @Test(arguments: ["rsa -b 2048", "ecdsa -b 384"])
    func `by a key of another kind is none, and the key says what to make`(kind: String) throws {
        #expect(shell("ssh-keygen -q -t \(kind) -N '' -f key") == 0)
        let line = try file("key.pub")
        let refusal = #expect(throws: Refusal.self) { try SecureShellKey(line) }
        #expect(refusal?.message.contains("keys cannot sign decisions; Ed25519 and ECDSA") == true)
    }

    /// No security key is at hand: what one answers is put together here, as PROTOCOL.u2f says.
    @Test(arguments: [true, false])
    func `by a security key holds once it was touched`(isECDSA: Bool) throws {
        let device = SecurityKey(isECDSA: isECDSA)
        let armoured = try device.sign("decision", flags: 1)
        #expect(try isAccepted(armoured, of: "decision"))
        let signature = try #require(SecureShellSignature(armoured))
        #expect(signature.isValid(of: "decision", in: "n@binnacle"))
        #expect(!signature.isValid(of: "decisions", in: "n@binnacle"))
        let line = "\(signature.key.text) ann"
        #expect(try SecureShellKey(line) == signature.key)
        let untouched = try #require(SecureShellSignature(try device.sign("decision", flags: 0)))
        #expect(!untouched.isValid(of: "decision", in: "n@binnacle"))
        // Another counter than the one that was signed.
        let counted = try device.sign("decision", flags: 1, counterSaid: 8)
        #expect(try !isAccepted(counted, of: "decision"))
        let other = try #require(SecureShellSignature(counted))
        #expect(!other.isValid(of: "decision", in: "n@binnacle"))
    }
}

/// A security key in software.
private struct SecurityKey {
    let isECDSA: Bool
    private let edwards = Curve25519.Signing.PrivateKey()
    private let curve = P256.Signing.PrivateKey()
    private let application = Array("ssh:".utf8)

    init(isECDSA: Bool) {
        self.isECDSA = isECDSA
    }

    private var name: [UInt8] {
        Array((isECDSA ? "sk-ecdsa-sha2-nistp256@openssh.com" : "sk-ssh-ed25519@openssh.com").utf8)
    }

    private var blob: [UInt8] {
        let key =
            isECDSA
            ? wire(Array("nistp256".utf8)) + wire(Array(curve.publicKey.x963Representation))
            : wire(Array(edwards.publicKey.rawRepresentation))
        return wire(name) + key + wire(application)
    }

    /// - Parameter counterSaid: What the signature says the counter was, where it was 7.
    func sign(_ text: String, flags: UInt8, counterSaid: UInt8 = 7) throws -> String {
        let namespace = wire(Array("n@binnacle".utf8)) + wire([]) + wire(Array("sha512".utf8))
        let digest = Array(SHA512.hash(data: Data(text.utf8)))
        let message = Array("SSHSIG".utf8) + namespace + wire(digest)
        let signed =
            Array(SHA256.hash(data: application)) + [flags, 0, 0, 0, 7]
            + Array(SHA256.hash(data: message))
        let signature: [UInt8]
        if isECDSA {
            let raw = Array(try curve.signature(for: Data(signed)).rawRepresentation)
            signature = wire(wire(positive(raw.prefix(32))) + wire(positive(raw.suffix(32))))
        } else {
            signature = wire(Array(try edwards.signature(for: Data(signed))))
        }
        let inner = wire(name) + signature + [flags, 0, 0, 0, counterSaid]
        let whole =
            Array("SSHSIG".utf8) + [0, 0, 0, 1] + wire(blob) + namespace + wire(inner)
        return """
            -----BEGIN SSH SIGNATURE-----
            \(Data(whole).base64EncodedString())
            -----END SSH SIGNATURE-----

            """
    }

    /// A number of OpenSSH: no zeros before it, but one where its first bit would say that it is
    /// negative.
    private func positive(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return (digits.first ?? 0) >= 128 ? [0] + digits : digits
    }

    private func wire(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(0), 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
}
