import Attestation
import Domain
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// The user's own SSH keys, used through stock `ssh-keygen` and `ssh-add`.
///
/// Secrets stay in the agent or in their files: this program sees public halves and signatures.
struct UserKeys: Sendable {
    /// One that can sign, and where ssh-keygen finds it.
    struct Candidate: Sendable {
        let key: SecureShellKey
        /// nil is the agent.
        let path: String?
    }

    /// A key's file or its `.pub`; nil looks in the agent and in `~/.ssh`.
    var path: String?
    /// Whether a passphrase may be asked for on the terminal.
    var mayAsk: Bool

    /// Seconds after which a signature that nobody is asked for is given up: an agent may wait for
    /// a confirmation or a touch.
    private static let patienceSeconds = 60

    /// What there is to sign with, the agent's keys first.
    ///
    /// - Throws: A `path` without a public key that can sign.
    func candidates() async throws -> [Candidate] {
        if let path {
            let names = [path.hasSuffix(".pub") ? path : path + ".pub", path]
            guard let found = names.first(where: { firstLine(of: $0)?.contains("-----") == false }),
                let line = firstLine(of: found)
            else {
                throw Refusal(
                    .notFound,
                    """
                    There is no public key in "\(names[0])". Name a key's file that has its \
                    ".pub" beside it.
                    """
                )
            }
            return [Candidate(key: try SecureShellKey(line), path: found)]
        }
        let agent = (try? await run("ssh-add", ["-L"], input: "")) ?? ""
        let held = agent.split(separator: "\n").compactMap { line in
            (try? SecureShellKey(String(line))).map { Candidate(key: $0, path: nil) }
        }
        return held + filed().filter { file in !held.contains { $0.key == file.key } }
    }

    private func filed() -> [Candidate] {
        guard let home = ProcessInfo.processInfo.environment["HOME"] else { return [] }
        let folder = home + "/.ssh"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".pub") }.sorted().compactMap { name in
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: String(path.dropLast(4))),
                let line = firstLine(of: path), let key = try? SecureShellKey(line)
            else { return nil }
            return Candidate(key: key, path: path)
        }
    }

    private func firstLine(of path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 65_536
        else { return nil }
        return data.split(separator: 10).first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Signs a text as `ssh-keygen -Y sign` does.
    func sign(
        _ text: String,
        in namespace: String,
        with candidate: Candidate
    ) async throws -> SignedStatement {
        guard let path = candidate.path else {
            return try await withPublicKeyFile(candidate.key) { path in
                try await sign(text, in: namespace, keyFile: path)
            }
        }
        return try await sign(text, in: namespace, keyFile: path)
    }

    private func sign(
        _ text: String,
        in namespace: String,
        keyFile: String
    ) async throws -> SignedStatement {
        let signature = try await run(
            "ssh-keygen",
            ["-Y", "sign", "-n", namespace, "-f", keyFile],
            input: text
        )
        return SignedStatement(statement: text, signature: signature)
    }

    /// The agent is asked for the key that a file with its public half names.
    private func withPublicKeyFile(
        _ key: SecureShellKey,
        _ body: (String) async throws -> SignedStatement
    ) async throws -> SignedStatement {
        let folder = FileManager.default.temporaryDirectory.path + "/binnacle-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/key.pub"
        try Data((key.text + "\n").utf8).write(to: URL(filePath: path))
        return try await body(path)
    }

    private func run(
        _ program: String,
        _ arguments: [String],
        input: String
    ) async throws -> String {
        var platform = PlatformOptions()
        var words = [program] + arguments
        if !mayAsk {
            // Without a terminal of its own it cannot write over the control room's.
            platform.createSession = true
            words = ["timeout", "\(UserKeys.patienceSeconds)"] + words
        }
        let outcome: ExecutionRecord
        do {
            outcome = try await start(words, input, platform)
        } catch {
            throw Refusal(
                .unavailable,
                "\"\(program)\" cannot be run: install OpenSSH's client programs."
            )
        }
        guard outcome.isSuccess else {
            let why =
                outcome.errors.split(separator: "\n").last.map(String.init) ?? "no reason given"
            throw Refusal(
                .unavailable,
                """
                \(program) did not sign: \(why). Add the key to your agent with "ssh-add", or \
                name another with --key.
                """
            )
        }
        return outcome.output
    }

    private struct ExecutionRecord {
        let isSuccess: Bool
        let output: String
        let errors: String
    }

    private func start(
        _ words: [String],
        _ input: String,
        _ platform: PlatformOptions
    ) async throws -> ExecutionRecord {
        let outcome = try await Subprocess.run(
            .name(words[0]),
            arguments: Arguments(Array(words.dropFirst())),
            environment: .inherit.updating(["LC_ALL": "C"]),
            platformOptions: platform,
            input: .string(input),
            output: .string(limit: 1_048_576),
            error: .string(limit: 16_384)
        )
        return ExecutionRecord(
            isSuccess: outcome.terminationStatus.isSuccess,
            output: outcome.standardOutput,
            errors: outcome.standardError
        )
    }
}
