import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials

extension ApprovalsCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write signed decisions so that stock ssh-keygen verifies them.",
            discussion: """
                The folder gets every signed statement with its signature, the file \
                "allowed_signers" that OpenSSH reads, and "verify.sh", which is nothing but one \
                "ssh-keygen -Y verify" for each. Keys count as they did when it was decided.
                """
        )

        @Argument(help: "A new folder.")
        var folder: String
        @Option(help: "Only this request, such as approval-4.")
        var approval: String?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            let keys = try await connection.send(ListKeys())
            let approvals =
                if let approval {
                    [try await connection.send(GetApproval(approval: ID(approval)))]
                } else {
                    try await connection.send(ListApprovals(openOnly: false))
                }
            let files = try ExportedDecisions.files(approvals, keys)
            try write(files)
            try options.show(files.keys.filter { $0.hasSuffix(".json") }.sorted()) { names, _ in
                "\(names.count) signed decisions written to \"\(folder)\"; "
                    + "\"sh \(folder)/verify.sh\" verifies them.\n"
            }
        }

        private func write(_ files: [String: String]) throws {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: false
                )
                for (name, text) in files {
                    try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
                }
            } catch {
                throw Refusal(
                    .unavailable,
                    "The folder \"\(folder)\" cannot be made and filled. Name one that is not there."
                )
            }
        }
    }
}

/// Signed decisions as files for OpenSSH.
enum ExportedDecisions {
    /// Names and texts of the files of these requests.
    static func files(_ approvals: [Approval], _ keys: [SigningKey]) throws -> [String: String] {
        var files = ["allowed_signers": keys.map(allowedSigner).joined()]
        var script = [
            "#!/bin/sh", "# Verifies every decision with OpenSSH 9.1 or later.", "set -e",
            "cd \"$(dirname \"$0\")\"",
        ]
        for approval in approvals.sorted(by: { $0.createdAt < $1.createdAt }) {
            for (index, decision) in approval.decisions.enumerated() {
                guard let signed = decision.signed else { continue }
                let name = "\(approval.id)-\(index + 1).json"
                files[name] = signed.statement
                files[name + ".sig"] = signed.signature
                script.append(
                    "ssh-keygen -Y verify -f allowed_signers -I \(principal(decision.actor))"
                        + " -n \(DecisionStatement.namespace) -s \(name).sig"
                        + " -O verify-time=\(time(decision.decidedAt)) < \(name)"
                )
            }
        }
        files["verify.sh"] = script.joined(separator: "\n") + "\n"
        return files
    }

    /// A line of OpenSSH's ALLOWED SIGNERS; a revoked key counts up to its revocation.
    private static func allowedSigner(_ key: SigningKey) -> String {
        let end = key.validUntil.map { ",valid-before=\"\(time($0.adding(seconds: 1)))\"" } ?? ""
        return "\(principal(key.owner)) namespaces=\"\(DecisionStatement.namespace)\","
            + "valid-after=\"\(time(key.enrolledAt))\"\(end) \(key.publicKey)\n"
    }

    /// The kernel's number makes it one person's whatever they are called later.
    private static func principal(_ actor: Actor) -> String {
        let name = actor.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return "\(name)@uid-\(actor.uid.map(String.init) ?? "none")"
    }

    /// `20130701120000Z`, whole seconds.
    private static func time(_ date: Timestamp) -> String {
        (date.dateText + date.timeText).filter(\.isNumber) + "Z"
    }
}
