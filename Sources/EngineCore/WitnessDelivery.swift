import Domain
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// Brings a signed head of the log to somebody outside.
struct WitnessDelivery: Sendable {
    /// Where clones of git remotes lie, a folder each.
    let folder: String
    let host: String

    /// Seconds after which a program that brings it is given up.
    private static let patienceSeconds: Double = 60

    func deliver(_ note: String, size: Int64, to witness: Witness) async throws {
        switch witness.kind {
        case .file: try append(note + "\n", to: witness.target, mode: 0o644)
        case .git: try await push(note, size: size, to: witness)
        case .mail: try await mail(note, size: size, to: witness.target)
        }
    }

    /// One commit a head, on a branch of the log's own.
    private func push(_ note: String, size: Int64, to witness: Witness) async throws {
        let clone = folder + "/\(witness.id)"
        if !FileManager.default.fileExists(atPath: clone + "/.git") {
            try createFolder(clone)
            try await git(["init", "-q"], in: clone)
            // What another clone has pushed goes on; a remote without the branch begins here.
            let branch = WitnessDelivery.branch
            if (try? await git(["fetch", "-q", witness.target, branch], in: clone)) != nil {
                try await git(["checkout", "-q", "-B", branch, "FETCH_HEAD"], in: clone)
            } else {
                try await git(["checkout", "-q", "-B", branch], in: clone)
            }
        }
        try writeWhole(note, to: clone + "/checkpoint", mode: 0o644)
        try await git(["add", "checkpoint"], in: clone)
        let author = ["-c", "user.name=binnacle", "-c", "user.email=binnacle@\(host)"]
        try await git(
            author + ["commit", "-q", "--allow-empty", "-m", "\(size) events"],
            in: clone
        )
        let branch = WitnessDelivery.branch
        try await git(["push", "-q", witness.target, "HEAD:refs/heads/\(branch)"], in: clone)
    }

    private static let branch = "binnacle-log"

    private func git(_ arguments: [String], in folder: String) async throws {
        try await run(
            "git",
            ["-C", folder, "-c", "core.hooksPath=/dev/null"] + arguments,
            input: ""
        )
    }

    private func mail(_ note: String, size: Int64, to address: String) async throws {
        let text = """
            To: \(address)
            Subject: binnacle on \(host): audit log, \(size) events
            Content-Type: text/plain; charset=utf-8
            Auto-Submitted: auto-generated

            \(note)
            """
        try await run("sendmail", ["-i", "--", address], input: text)
    }

    private func run(_ program: String, _ arguments: [String], input: String) async throws {
        let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment: Environment = .inherit.updating([
            "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
            // Where sendmail lies is seldom in the path of a user.
            "PATH": inherited + ":/usr/sbin:/usr/lib",
        ])
        let patience = "\(Int(WitnessDelivery.patienceSeconds))"
        let outcome = try await Subprocess.run(
            .name("timeout"),
            arguments: Arguments([patience, program] + arguments),
            environment: environment,
            input: .string(input),
            output: .discarded,
            error: .string(limit: 16_384)
        )
        guard outcome.terminationStatus.isSuccess else {
            let last = outcome.standardError.split(separator: "\n").last.map(String.init)
            throw Refusal(
                .unavailable,
                "\(program) failed: \(last ?? "it gave no reason"). Try it by hand."
            )
        }
    }
}
