import Domain
import FoundationEssentials
import Glibc
import Testing

@testable import Storage

struct OpeningTests {
    @Test
    func `a new home is a folder and a database that only their owner can read`() async throws {
        let parent = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let folder = parent + "/a/b"
        let store = try Store(folder: folder, now: noon)
        #expect(mode(of: folder) == 0o700)
        #expect(mode(of: folder + "/blobs") == 0o700)
        #expect(mode(of: folder + "/binnacle.sqlite") == 0o600)
        #expect(mode(of: folder + "/binnacle.sqlite-wal") == 0o600)
        await store.close()
    }

    @Test
    func `what was recorded is there when the home is opened again`() async throws {
        let home = try Home()
        let run = try await home.queuedRun()
        await home.store.close()
        let store = try Store(folder: home.folder, now: noon)
        #expect(try await store.run(run.id) == run)
        #expect(try await store.verifyAudit().problem == nil)
    }

    @Test
    func `a closed store refuses in words`() async throws {
        let home = try Home()
        await home.store.close()
        await home.store.close()
        await expectRefusal(.unavailable, "is closed") {
            try await home.store.runs(of: nil, limit: 1)
        }
        await expectRefusal(.unavailable, "is closed") { try await home.data() }
    }

    /// A store as it was before models had states: the new columns are filled from what there is.
    @Test
    func `a store of the second schema is brought up to date with its values`() async throws {
        let home = try Home()
        try await home.deployed()
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let old = try SQLiteConnection(path: folder + "/binnacle.sqlite")
        try old.run(script: Migrations.steps[0] + Migrations.steps[1])
        try old.run(
            script: """
                ATTACH '\(home.databasePath)' AS new;
                INSERT INTO dataset_versions SELECT * FROM new.dataset_versions;
                INSERT INTO jobs SELECT * FROM new.jobs;
                INSERT INTO runs SELECT * FROM new.runs;
                INSERT INTO models SELECT name, owner, created_at FROM new.models;
                INSERT INTO model_versions SELECT
                    id, model, number, run, bundle_digest, created_at, body FROM new.model_versions;
                INSERT INTO alias_moves SELECT * FROM new.alias_moves;
                INSERT INTO lineage_edges VALUES
                    ('modelVersion', 'late-flights/v1', 'approval', 'approval-1', 'submitted');
                PRAGMA application_id = \(Migrations.applicationID);
                PRAGMA user_version = 2;
                """
        )
        old.close()
        let store = try Store(folder: folder, now: noon)
        let row = try #require(try await store.models().first)
        #expect(row.metric == .auc)
        #expect(row.metricValue == 0.71)
        #expect(row.champion == 1)
        let edges = try await store.lineage(
            of: Subject(.evidence, "approval-1"),
            depth: 1,
            limit: 9
        ).edges.map(\.relation)
        #expect(Set(edges) == ["judged", "shown"])
        await store.close()
    }

    @Test
    func `a newer schema is refused with both numbers and what to do`() async throws {
        let home = try Home()
        await home.store.close()
        try home.openByHand().run(script: "PRAGMA user_version = 99")
        let known = Migrations.steps.count
        await expectRefusal(
            .conflict,
            "has schema 99, and this version knows schemas up to \(known)"
        ) {
            try Store(folder: home.folder, now: noon)
        }
        await expectRefusal(.conflict, "Install the newer version") {
            try Store(folder: home.folder, now: noon)
        }
    }

    @Test
    func `the database of another program is refused`() async throws {
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try SQLiteConnection(path: folder + "/binnacle.sqlite")
            .run(script: "CREATE TABLE songs (title TEXT)")
        await expectRefusal(.invalid, "is a database of another program") {
            try Store(folder: folder, now: noon)
        }
    }

    @Test
    func `a file that is no database is refused as damaged and left as it is`() async throws {
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/binnacle.sqlite"
        let bytes = Data(repeating: 65, count: 8_192)
        try bytes.write(to: URL(filePath: path))
        await expectRefusal(.corrupt, "is damaged") { try Store(folder: folder, now: noon) }
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }

    @Test
    func `a page that was overwritten is refused as damaged when it is read`() async throws {
        let home = try Home()
        for number in 0..<40 { _ = try await home.data(text: "row \(number)") }
        await home.store.close()
        var bytes = try Data(contentsOf: URL(filePath: home.databasePath))
        for position in 4_096..<bytes.count { bytes[position] = 0xA5 }
        try bytes.write(to: URL(filePath: home.databasePath))
        await expectRefusal(.corrupt, "restore the file from a backup") {
            let store = try Store(folder: home.folder, now: noon)
            return try await store.datasetVersions(of: nil)
        }
    }

    @Test
    func `a file in place of the folder is refused`() async throws {
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("x".utf8).write(to: URL(filePath: folder + "/home"))
        await expectRefusal(.unavailable, "a file of that name is in its place") {
            try Store(folder: folder + "/home", now: noon)
        }
        await expectRefusal(.unavailable, "cannot be made") {
            try Store(folder: folder + "/home/below", now: noon)
        }
    }

    @Test
    func `a folder in place of the database is refused`() async throws {
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(mkdir(folder + "/binnacle.sqlite", 0o700) == 0)
        await expectRefusal(.unavailable, "cannot be written") {
            try Store(folder: folder, now: noon)
        }
    }

    @Test(.enabled(if: getuid() != 0, "Root may write everywhere."))
    func `a folder that cannot be written is refused`() async throws {
        let folder = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(chmod(folder, 0o500) == 0)
        await expectRefusal(.unavailable, "Permission denied") {
            try Store(folder: folder, now: noon)
        }
        #expect(chmod(folder, 0o700) == 0)
    }

    @Test
    func `a full disk is said in words and loses nothing`() async throws {
        let home = try Home()
        let first = try await home.data()
        try await home.store.allowNoMorePages()
        await expectRefusal(.unavailable, "is full. Nothing was changed.") {
            for number in 0..<100 { _ = try await home.data(text: "row \(number)") }
        }
        #expect(try await home.store.datasetVersion(first.id) == first)
        #expect(try await home.store.verifyAudit().problem == nil)
        #expect(try await home.store.checkInvariants() == [])
    }

    @Test
    func `another process that writes too long is said in words`() async throws {
        let home = try Home()
        let other = try home.openByHand()
        try other.run(script: "BEGIN IMMEDIATE")
        try await home.store.waitNoLongerThan(milliseconds: 1)
        await expectRefusal(.unavailable, "Another process has been writing") {
            try await home.data()
        }
        try other.run(script: "ROLLBACK")
        #expect(try await home.data().number == 1)
    }

    @Test
    func `a copy taken while the log was not written back has all that was committed`() async throws
    {
        let home = try Home()
        let version = try await home.registered()
        let head = try await home.store.auditHead()
        let copy = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: copy) }
        for name in ["binnacle.sqlite", "binnacle.sqlite-wal", "blobs"] {
            try FileManager.default.copyItem(
                atPath: home.folder + "/" + name,
                toPath: copy + "/" + name
            )
        }
        let store = try Store(folder: copy, now: noon)
        #expect(try await store.auditHead() == head)
        #expect(try await store.modelVersion(model: "late-flights", number: 1) == version)
        #expect(try await store.checkInvariants() == [])
    }

    @Test
    func `a log that was cut in the middle loses whole transactions only`() async throws {
        let home = try Home()
        for number in 0..<20 { _ = try await home.data(text: "row \(number)") }
        let wal = try Data(contentsOf: URL(filePath: home.databasePath + "-wal"))
        let copy = try makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: copy) }
        for name in ["binnacle.sqlite", "blobs"] {
            try FileManager.default.copyItem(
                atPath: home.folder + "/" + name,
                toPath: copy + "/" + name
            )
        }
        try wal.prefix(wal.count * 2 / 3).write(
            to: URL(filePath: copy + "/binnacle.sqlite-wal")
        )
        let store = try Store(folder: copy, now: noon)
        let versions = try await store.datasetVersions(of: nil)
        #expect(versions.count < 20)
        #expect(versions.count > 5)
        #expect(try await store.auditHead().0 == Int64(versions.count))
        #expect(try await store.checkInvariants() == [])
    }

    private func mode(of path: String) -> UInt32 {
        var status = stat()
        guard stat(path, &status) == 0 else { return 0 }
        return status.st_mode & 0o777
    }
}

extension Store {
    /// Makes the next growth of the file fail as on a full disk.
    func allowNoMorePages() throws {
        try connection.run(script: "PRAGMA max_page_count = 1")
    }

    func waitNoLongerThan(milliseconds: Int) throws {
        try connection.run(script: "PRAGMA busy_timeout = \(milliseconds)")
    }
}
