import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc
import Testing

extension JourneyTests {
    /// Identity as the kernel knows it: other Unix users drive the real program over the socket.
    @Suite(.enabled(if: UnixUsers.canBeMade, UnixUsers.whyNot))
    struct UnixUserTests {
        @Test(.timeLimit(.minutes(2)))
        func `without configuration another user gets a sentence and nothing else`() async throws {
            try await JourneyHome.lend { home in
                _ = try await home.connect()
                try await UnixUsers.lend(1, in: home) { users in
                    for call in [["whoami"], ["models"], ["engine", "stop"]] {
                        let ending = try await users.run(call, as: users.names[0])
                        let said = ending.output + ending.error
                        if call == ["engine", "stop"] {
                            #expect(said.contains("No engine runs"))
                        } else {
                            #expect(ending.code == 1)
                            #expect(said.contains("its engine serves them alone"), "\(said)")
                        }
                    }
                }
                #expect(try await home.connect().send(WhoAmI()).isSingleUserHome)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `roles are granted to users and groups, and the kernel says who asks`() async throws {
            try await JourneyHome.lend { home in
                try await UnixUsers.lend(2, in: home) { users in
                    let (ann, bob, eve) = (users.names[0], users.names[1], users.names[2])
                    let rules = """
                        socket_group: \(users.group)
                        roles:
                          viewer: { groups: [\(users.group)] }
                          approver: { users: [\(ann)] }

                        """
                    let path = home.path + "/engine.yaml"
                    try Data(rules.utf8).write(to: URL(filePath: path))
                    chmod(path, 0o600)
                    _ = try await home.connect()
                    let hers = try await users.run(["whoami"], as: ann)
                    #expect(hers.output.contains("roles        viewer, approver"), "\(hers)")
                    #expect(hers.output.contains(users.group))
                    let his = try await users.run(["whoami"], as: bob)
                    #expect(his.output.contains("roles        viewer\n"), "\(his)")
                    #expect(try await users.run(["models"], as: bob).code == 0)
                    let refused = try await users.run(["deploy", "m", "v1"], as: bob)
                    #expect(refused.code == 1)
                    #expect(refused.error.contains("needs one of the roles"), "\(refused.error)")
                    // Not in the group: the kernel does not let her to the socket at all.
                    let outside = try await users.run(["whoami"], as: eve)
                    #expect(outside.code == 1)
                    #expect(outside.error.contains("its engine serves them alone"))
                    // The group passes the folder, and opens nothing in it.
                    let database = home.path + "/binnacle.sqlite"
                    let copy = try await Program.call(
                        "/usr/bin/setpriv",
                        ["--reuid", bob, "--regid", "nogroup", "--init-groups", "cat", database],
                        in: home
                    )
                    #expect(copy.code != 0)
                }
            }
        }

        /// The whole quorum over the real socket: nobody but the kernel says who decides.
        @Test(.timeLimit(.minutes(2)))
        func `two people approve, each after opening the evidence, and the log has their uids`()
            async throws
        {
            try await JourneyHome.lend { home in
                try await UnixUsers.lend(2, in: home) { users in
                    let (ann, bob) = (users.names[0], users.names[1])
                    try Self.write(rulesFor: users, to: home)
                    var market = Market(seed: 7)
                    let policy = "{ approvals: 2, no_self_approval: true, evidence: opened }"
                    let story = try await Story.begin(
                        in: home,
                        pipeline: Market.pipeline(policy: policy),
                        rows: market.rows(400)
                    )
                    _ = try await story.train()
                    let approve = ["approve", Market.model, "v1", "--confirm", "v1"]
                    let own = try await Program.run(approve + ["--home", home.path], in: home)
                    #expect(own.code == 1)
                    #expect(own.error.contains("forbids self-approval"), "\(own.error)")
                    let blind = try await users.run(approve, as: ann)
                    #expect(blind.code == 1)
                    #expect(blind.error.contains("has not opened \"metrics\""), "\(blind.error)")
                    let show = ["approvals", "show", "approval-1"]
                    #expect(try await users.run(show, as: ann).code == 0)
                    let first = try await users.run(approve, as: ann)
                    #expect(first.output.contains("approved by 1 of 2"), "\(first)")
                    let twice = try await users.run(approve, as: ann)
                    #expect(twice.code == 1)
                    #expect(twice.error.contains("has decided on"), "\(twice.error)")
                    // What she opened is not opened for him.
                    #expect(try await users.run(approve, as: bob).code == 1)
                    #expect(try await users.run(show, as: bob).code == 0)
                    let second = try await users.run(approve, as: bob)
                    #expect(second.code == 0, "\(second)")
                    let row = try await story.serving { $0.servingVersion == 1 }
                    let uids = try await Self.uids(of: [ann, bob], in: home)
                    let id = row.deployment.current.approval
                    let approval = try await story.connection.send(GetApproval(approval: id))
                    #expect(approval.decisions.map(\.actor.uid) == uids)
                    #expect(approval.decisions.allSatisfy { !$0.reading.isEmpty })
                    let log = try await story.connection.send(ListAuditEvents(after: 0))
                        .map(\.content).filter { $0.subject == Subject(.approval, id.text) }
                    for (action, actor) in zip(["approval.decided", "approval.approved"], uids) {
                        let event = log.first { $0.action == action }
                        #expect(event?.actor.uid == actor, "\(action) by \(event?.actor as Any)")
                    }
                    let opened = log.filter { $0.action == "approval.opened" }
                    #expect(opened.map(\.actor.uid) == uids)
                    #expect(try await users.run(["audit", "verify"], as: ann).code == 0)
                }
            }
        }

        private static func write(rulesFor users: UnixUsers, to home: JourneyHome) throws {
            let others = UserRole.allCases.filter { $0 != .viewer && $0 != .approver }
                .map { "  \($0.rawValue): { users: [root] }" }.joined(separator: "\n")
            let names = users.names.prefix(2).joined(separator: ", ")
            let rules = """
                socket_group: \(users.group)
                roles:
                  viewer: { groups: [\(users.group)] }
                  approver: { users: [\(names), root] }
                \(others)

                """
            let path = home.path + "/engine.yaml"
            try Data(rules.utf8).write(to: URL(filePath: path))
            chmod(path, 0o600)
        }

        private static func uids(of names: [String], in home: JourneyHome) async throws -> [UInt32?]
        {
            var found: [UInt32?] = []
            for name in names {
                let answer = try await Program.call("/usr/bin/id", ["-u", name], in: home)
                found.append(UInt32(answer.output.filter(\.isNumber)))
            }
            return found
        }
    }
}
