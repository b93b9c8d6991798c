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
    }
}
