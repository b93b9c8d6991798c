import Attestation
import CSQLite
import Domain
import Glibc
import Storage

/// What a commit to the audit log costs: its chain, its tree and its signed head, beside a commit of
/// one row of the same size to a plain SQLite file with the same settings.
enum LogScale {
    private static let commits = 2_000

    static func measure() async throws {
        let folder = "/tmp/binnacle-log-\(getpid())"
        defer { removeFolder(folder) }
        guard mkdir(folder, 0o700) == 0 else {
            throw Refusal(.unavailable, "The folder \"\(folder)\" cannot be made.")
        }
        let plain = try plainCommits(at: folder + "/plain.sqlite")
        let tree = try await logCommits(in: folder + "/tree", keys: nil)
        let keys = LogKeys(signer: NoteSigner(newNamed: "benchmark/log"))
        let signed = try await logCommits(in: folder + "/signed", keys: keys)
        print("log_plain_commits_per_second \(Int(plain))")
        print("log_tree_commits_per_second \(Int(tree))")
        print("log_signed_commits_per_second \(Int(signed))")
        print("log_signed_share_of_plain \((signed / plain * 100).rounded() / 100)")
    }

    private static func draft(_ number: Int, _ date: Timestamp) -> AuditDraft {
        AuditDraft(
            at: date,
            actor: Actor(uid: 1_000, name: "ana"),
            action: "alert.acknowledged",
            subject: Subject(.alert, "alert-\(number)"),
            summary: "ana acknowledged alert-\(number) of late-flights: 43 % of features drifted."
        )
    }

    private static func logCommits(in folder: String, keys: LogKeys?) async throws -> Double {
        let start = Timestamp("2026-11-24T12:00:00Z") ?? Timestamp(microseconds: 0)
        let store = try Store(folder: folder, now: start, keys: keys)
        let clock = ContinuousClock()
        let began = clock.now
        for number in 0..<commits {
            _ = try await store.appendAudit(
                draft(number, start.adding(seconds: Double(number)))
            )
        }
        let elapsed = clock.now - began
        let verified = clock.now
        let found = try await store.verifyAudit()
        guard found.problem == nil, found.events == commits else {
            throw Refusal(.fault, "The log of the benchmark does not verify.")
        }
        print(
            "log_verified_events_per_second \(Int(Double(commits) / (clock.now - verified).inSeconds))"
        )
        await store.close()
        return Double(commits) / elapsed.inSeconds
    }

    /// One row of 300 bytes a commit.
    private static func plainCommits(at path: String) throws -> Double {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        let settings = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE events (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL);
            """
        let insert = "INSERT INTO events (body) VALUES ('\(String(repeating: "x", count: 300))')"
        guard sqlite3_open(path, &database) == SQLITE_OK,
            sqlite3_exec(database, settings, nil, nil, nil) == SQLITE_OK
        else { throw Refusal(.unavailable, "The file \"\(path)\" cannot be opened.") }
        let clock = ContinuousClock()
        let began = clock.now
        for _ in 0..<commits {
            guard sqlite3_exec(database, insert, nil, nil, nil) == SQLITE_OK else {
                throw Refusal(.unavailable, "The file \"\(path)\" takes no row.")
            }
        }
        return Double(commits) / (clock.now - began).inSeconds
    }

    private static func removeFolder(_ path: String) {
        guard let list = opendir(path) else { return }
        while let entry = readdir(list) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let child = path + "/" + name
            if unlink(child) != 0 { removeFolder(child) }
        }
        closedir(list)
        rmdir(path)
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
