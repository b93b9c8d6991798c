import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc
import Testing

extension JourneyTests {
    /// Decisions signed by the machine's own OpenSSH, and verified by it without the engine.
    @Suite
    struct SignedApprovalTests {
        @Test(.timeLimit(.minutes(2)))
        func `what an agent signed is verified by stock ssh-keygen, and a change is not`()
            async throws
        {
            try await JourneyHome.lend { home in
                let pipeline = Market.pipeline(policy: "{ approvals: 1, signature: required }")
                var market = Market(seed: 5)
                let story = try await Story.begin(
                    in: home,
                    pipeline: pipeline,
                    rows: market.rows(400)
                )
                _ = try await story.train()
                let approve = "approve \(Market.model) v1 --confirm v1"
                let user = Person(home: home, folder: home.root + "/user")
                try await user.makeKey()
                let unsigned = try await user.shell("binnacle \(approve)")
                #expect(unsigned.code == 1)
                #expect(unsigned.error.contains("keys enroll"), "\(unsigned)")
                let signed = try await user.shell(
                    """
                    ssh-add -q key && binnacle keys enroll --until 2099-01-01 && mv key away &&
                    binnacle \(approve)
                    """,
                    throughAgent: true
                )
                #expect(signed.code == 0, "\(signed)")
                #expect(signed.output.contains("is approved"))
                _ = try await story.serving { $0.servingVersion == 1 }
                let exported = try await user.shell(
                    "binnacle approvals export out && sh out/verify.sh"
                )
                #expect(exported.code == 0, "\(exported)")
                #expect(exported.output.contains("Good \"decision@binnacle\" signature"))
                let edited = try await user.shell(
                    "sed -i s/approve/APPROVE/ out/approval-1-1.json; sh out/verify.sh"
                )
                #expect(edited.code != 0)
                // Who only has the file of the key that is gone cannot sign; a revoked key neither.
                let revoked = try await user.shell(
                    "mv away key && binnacle keys revoke key-1 --reason 'a drill' && binnacle keys"
                )
                #expect(revoked.output.contains("revoked by"), "\(revoked)")
                let kept = try await user.shell(
                    "binnacle approvals export again && sh again/verify.sh"
                )
                #expect(kept.code == 0, "what was signed before still counts: \(kept)")
                #expect(try await user.shell("binnacle audit verify").code == 0)
            }
        }

        /// Two approvers whom the kernel vouches for, each with a key of their own.
        @Test(.enabled(if: UnixUsers.canBeMade, UnixUsers.whyNot), .timeLimit(.minutes(2)))
        func `two Unix users sign one release, each for the slot of their role`() async throws {
            try await JourneyHome.lend { home in
                try await UnixUsers.lend(2, in: home) { users in
                    let names = users.names
                    let story = try await begin(in: home, group: users.group, names)
                    _ = try await story.train()
                    let people = try await names.prefix(2).asyncMap { name in
                        let folder = home.root + "/\(name)"
                        try FileManager.default.createDirectory(
                            atPath: folder,
                            withIntermediateDirectories: false
                        )
                        _ = try await Program.call("/bin/chown", [name, folder], in: home)
                        let person = Person(home: home, folder: folder, name: name)
                        try await person.makeKey()
                        return person
                    }
                    let (ann, bob) = (people[0], people[1])
                    let approve = "binnacle approve \(Market.model) v1 --confirm v1 --key key"
                    // The author of all of it has every role, and may not.
                    let own = Person(home: home, folder: home.root + "/user")
                    try await own.makeKey()
                    let author = try await own.shell("binnacle keys enroll --key key && \(approve)")
                    #expect(author.code == 1)
                    #expect(author.error.contains("forbids self-approval"), "\(author)")

                    let first = try await ann.shell("binnacle keys enroll --key key && \(approve)")
                    #expect(first.code == 0, "\(first)")
                    #expect(first.output.contains("1 of 2"), "\(first)")
                    let twice = try await ann.shell(approve)
                    #expect(twice.code == 1)
                    #expect(twice.error.contains("has decided on"), "\(twice)")
                    // Her key in his hands is still hers.
                    let hers = try await bob.shell("\(approve) --reason mine")
                    #expect(hers.code == 1)
                    #expect(hers.error.contains("keys enroll"), "\(hers)")
                    let second = try await bob.shell(
                        "ssh-add -q key && binnacle keys enroll && \(approve)",
                        throughAgent: true
                    )
                    #expect(second.code == 0, "\(second)")
                    let row = try await story.serving { $0.servingVersion == 1 }
                    let id = row.deployment.current.approval
                    let approval = try await story.connection.send(GetApproval(approval: id))
                    #expect(approval.decisions.map(\.actor.name) == [ann.name, bob.name])
                    #expect(approval.filledSlots.map(\.filledBy?.name) == [ann.name, bob.name])
                    let exported = try await bob.shell(
                        "binnacle approvals export out && sh out/verify.sh"
                    )
                    #expect(exported.code == 0, "\(exported)")
                    #expect(
                        exported.output.split(separator: "\n").count { $0.hasPrefix("Good") } == 2
                    )
                    #expect(try await ann.shell("binnacle audit verify").code == 0)
                }
            }
        }

        private func begin(
            in home: JourneyHome,
            group: String,
            _ names: [String]
        ) async throws -> Story {
            let rules = """
                socket_group: \(group)
                roles:
                  viewer: { groups: [\(group)] }
                  approver: { users: [\(names[0])] }
                  owner: { users: [\(names[1]), root] }
                  administrator: { users: [root] }
                  data engineer: { users: [root] }
                  data scientist: { users: [root] }
                  machine-learning engineer: { users: [root] }

                """
            let path = home.path + "/engine.yaml"
            try Data(rules.utf8).write(to: URL(filePath: path))
            chmod(path, 0o600)
            let policy =
                "{ roles: { approver: 1, owner: 1 }, no_self_approval: true, signature: required }"
            var market = Market(seed: 6)
            return try await Story.begin(
                in: home,
                pipeline: Market.pipeline(policy: policy),
                rows: market.rows(400)
            )
        }
    }
}

/// Somebody at a shell in a folder of their own, with a key in it.
private struct Person: Sendable {
    let home: JourneyHome
    let folder: String
    /// Another Unix user; nil is who runs the tests.
    var name: String?

    func makeKey() async throws {
        if name == nil {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: false
            )
        }
        let made = try await shell("ssh-keygen -q -t ed25519 -N '' -C somebody -f key")
        #expect(made.code == 0, "\(made)")
    }

    /// Runs a script in which `binnacle` is the program and the home the test's.
    func shell(_ script: String, throughAgent: Bool = false) async throws -> Program.Ending {
        let shared = home.root + "/binnacle"
        let program =
            FileManager.default.fileExists(atPath: shared) ? shared : try Program.path()
        // An agent that is left would keep its user from being removed.
        let agent =
            "eval \"$(ssh-agent -s)\" > /dev/null && trap 'ssh-agent -k > /dev/null' EXIT && "
        let whole =
            "cd '\(folder)' && binnacle() { '\(program)' \"$@\"; } && "
            + (throughAgent ? agent : "") + script
        let identity =
            name.map { ["/usr/bin/setpriv", "--reuid", $0, "--regid", "nogroup", "--init-groups"] }
            ?? []
        return try await Program.call(
            "/usr/bin/env",
            identity + [
                "env", "-u", "SSH_AUTH_SOCK", "HOME=\(folder)", "BINNACLE_HOME=\(home.path)",
            ]
                + ["sh", "-c", whole],
            in: home
        )
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(
        _ transform: (Element) async throws -> Value
    ) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
