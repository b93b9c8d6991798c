import Domain
import FoundationEssentials
import Glibc
import Synchronization
import Testing

/// Unix users and a group of one test's own, made with `useradd` and removed afterwards.
struct UnixUsers {
    /// Whether this process may make users; only root may.
    static var canBeMade: Bool { getuid() == 0 && access("/usr/sbin/useradd", X_OK) == 0 }

    static let whyNot: Comment = """
        NOT RUN: real second Unix users can only be made by root with /usr/sbin/useradd. \
        Run the journey tests as root (CI does) to have identity proved by the kernel.
        """

    /// How many times users were made, so that names that could not be removed are not met again.
    private static let lent = Mutex(0)

    let home: JourneyHome
    let group: String
    let names: [String]

    /// Makes `count` users in a group of their own, and one more that is in no group of the home.
    static func lend<Value: Sendable>(
        _ count: Int,
        in home: JourneyHome,
        _ body: (UnixUsers) async throws -> Value
    ) async throws -> Value {
        let lent = UnixUsers.lent.withLock { count in
            count += 1
            return count
        }
        let tag = "bj\(getpid() % 100_000)n\(lent)"
        let names = (0...count).map { "\(tag)u\($0)" }
        let users = UnixUsers(home: home, group: "\(tag)g", names: names)
        try await users.call("/usr/sbin/groupadd", [users.group])
        do {
            for (index, name) in names.enumerated() {
                let groups = index < count ? ["-G", users.group] : []
                let options = ["-M", "-N", "-g", "nogroup"] + groups
                try await users.call("/usr/sbin/useradd", options + [name])
            }
            chmod(home.root, 0o755)
            try FileManager.default.copyItem(atPath: Program.path(), toPath: users.program)
            chmod(users.program, 0o755)
            let value = try await body(users)
            await users.remove()
            return value
        } catch {
            await users.remove()
            throw error
        }
    }

    /// The program where every user may run it.
    private var program: String { home.root + "/binnacle" }

    /// Runs the program as one of the users, whose identity the kernel then vouches for.
    func run(_ arguments: [String], as name: String) async throws -> Program.Ending {
        let identity = ["--reuid", name, "--regid", "nogroup", "--init-groups"]
        let place = ["/usr/bin/env", "HOME=/nonexistent", "BINNACLE_HOME=\(home.path)"]
        return try await Program.call(
            "/usr/bin/setpriv",
            identity + place + [program] + arguments,
            in: home
        )
    }

    private func call(_ tool: String, _ arguments: [String]) async throws {
        let ending = try await Program.call(tool, arguments, in: home)
        guard ending.code == 0 else {
            throw Refusal(.unavailable, "\(tool) ended with \(ending.code): \(ending.error)")
        }
    }

    private func remove() async {
        for name in names { try? await call("/usr/sbin/userdel", ["-f", name]) }
        try? await call("/usr/sbin/groupdel", [group])
    }
}
