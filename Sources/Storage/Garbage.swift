package import Domain
import Glibc

/// Bytes that something in the store names.
package struct NamedBlob: Sendable, Equatable {
    package let digest: Digest
    /// The first thing that names it, as a sentence begins with it.
    package let owner: String
}

/// Frees what nothing needs: what can go is computed anew each time, so that a crash at any moment
/// leaves only less to do.
extension Store {
    /// Files younger than this are left: a training files its bytes before it names them, in seconds.
    static let youngSeconds = Timestamp.hour
    /// Most examples a line of the report names.
    private static let exampleLimit = 5
    /// Tables without digests of blobs, or with those of everything there ever was.
    private static let tablesWithoutBlobs: Set<String> = [
        "audit_events", "audit_head", "lineage_edges", "counters", "predictions",
        "prediction_batches", "prediction_totals", "waiting_labels", "window_ranges",
        "window_sketches",
        "monitor_states", "models", "registry_tags", "protected_aliases",
        "alias_moves", "alerts",
    ]

    /// Says what can go and why, and with `isApplied` lets it go.
    ///
    /// Never goes: what a version, dataset, run, approval or deployment names; missing files and
    /// files that cannot be removed are said in the report and stop nothing.
    ///
    /// - Parameter cutoff: Predictions of rows before this go; nil keeps all.
    package func collectGarbage(
        isApplied: Bool,
        predictionsBefore cutoff: Timestamp?,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<GarbageReport> {
        var report = GarbageReport(
            isApplied: isApplied,
            lines: [],
            reachableCount: 0,
            reachableBytes: 0,
            youngCount: 0,
            problems: []
        )
        let plan = try garbagePlan(at: date, into: &report)
        if let line = try predictionLine(before: cutoff) { report.lines.append(line) }
        guard isApplied else { return Committed(value: report, events: []) }
        let words = report.lines.map { "\($0.count) \($0.reason.words), \($0.bytes) bytes" }
        let sentence =
            words.isEmpty ? "there was nothing to free" : words.joined(separator: "; ")
        let committed = try change(by: actor, at: date) { transaction in
            if let cutoff {
                try transaction.connection.execute(
                    "DELETE FROM predictions WHERE time < $1",
                    .time(cutoff)
                )
            }
            try transaction.record(
                "store.collected",
                Subject(.engine, "store"),
                "\(actor) collected garbage: \(sentence)."
            )
        }
        for file in plan where unsafe unlink(file.path) != 0 && errno != ENOENT {
            report.problems.append(
                "The file \"\(file.path)\" could not be removed: \(systemWords(errno))."
            )
        }
        return Committed(value: report, events: committed.events)
    }

    /// Every blob that something names, once.
    package func namedBlobs() throws -> [NamedBlob] {
        var found: [NamedBlob] = []
        var seen: Set<Digest> = []
        func add(_ digest: Digest, _ owner: String) {
            if seen.insert(digest).inserted {
                found.append(NamedBlob(digest: digest, owner: owner))
            }
        }
        try connection.forEachRow(
            "SELECT body FROM model_versions WHERE state <> 'deleted' ORDER BY model, number",
            []
        ) { row in
            let version = try row.body(ModelVersion.self)
            for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key }) {
                add(digest, "\"\(name)\" of \"\(version.id)\"")
            }
        }
        try connection.forEachRow("SELECT body FROM dataset_versions ORDER BY position", []) {
            let version = try $0.body(DatasetVersion.self)
            add(version.digest, "the dataset version \"\(version.id)\"")
        }
        try connection.forEachRow(
            """
            SELECT r.body FROM runs r LEFT JOIN model_versions v ON v.run = r.id
            WHERE COALESCE(v.state, 'active') <> 'deleted' ORDER BY r.position
            """,
            []
        ) { row in
            let run = try row.body(Run.self)
            add(run.pipelineDigest, "the pipeline file of \"\(run.id)\"")
            if let diff = run.code.dirtyDiff { add(diff, "the local changes of \"\(run.id)\"") }
            for (name, digest) in run.artifacts.sorted(by: { $0.key < $1.key }) {
                add(digest, "\"\(name)\" of \"\(run.id)\"")
            }
        }
        return found
    }

    private func garbagePlan(
        at date: Timestamp,
        into report: inout GarbageReport
    ) throws -> [StoredFile] {
        let reachable = try reachableDigests()
        let tombstoned = try tombstonedDigests()
        let young = date.adding(seconds: -Self.youngSeconds)
        var plan: [StoredFile] = []
        var found: Set<String> = []
        var lines: [GarbageReason: GarbageReport.Line] = [:]
        for file in blobs.files() {
            let reason: GarbageReason
            if let digest = file.digest {
                found.insert(digest)
                if reachable.contains(digest) {
                    report.reachableCount += 1
                    report.reachableBytes += file.bytes
                    continue
                }
                reason = tombstoned.contains(digest) ? .tombstonedVersions : .unreachableBlobs
            } else {
                reason = .temporaryFiles
            }
            guard file.changedAt < young else {
                report.youngCount += 1
                continue
            }
            plan.append(file)
            var line =
                lines[reason] ?? .init(reason: reason, count: 0, bytes: 0, examples: [])
            line.count += 1
            line.bytes += file.bytes
            if line.examples.count < Self.exampleLimit { line.examples.append(file.path) }
            lines[reason] = line
        }
        report.lines = GarbageReason.allCases.compactMap { lines[$0] }
        report.problems = try namedBlobs().filter { !found.contains($0.digest.hexadecimal) }.map {
            "The bytes \($0.digest.short) of \($0.owner) are missing. \"binnacle verify\" says more."
        }
        return plan
    }

    /// The hexadecimal digits of every digest that any table names, tombstones left out.
    ///
    /// Reads the texts, not the values: what a newer part of the program keeps is never taken.
    private func reachableDigests() throws -> Set<String> {
        let tables = try connection.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ) { $0.text(0) }
        var found: Set<String> = []
        for table in tables
        where !Self.tablesWithoutBlobs.contains(table) && !table.hasPrefix("sqlite_") {
            let condition =
                switch table {
                case "model_versions": "WHERE state <> 'deleted'"
                case "runs":
                    """
                    WHERE NOT EXISTS (SELECT 1 FROM model_versions v
                        WHERE v.run = runs.id AND v.state = 'deleted')
                    """
                case "release_steps":
                    """
                    WHERE NOT EXISTS (SELECT 1 FROM model_versions v WHERE v.state = 'deleted'
                        AND v.model = release_steps.model AND v.number = release_steps.version)
                    """
                default: ""
                }
            let columns = try connection.query(
                "SELECT name FROM pragma_table_info('\(table)') WHERE type IN ('TEXT', 'ANY', '')"
            ) { $0.text(0) }
            guard !columns.isEmpty else { continue }
            try connection.forEachRow(
                "SELECT \(columns.joined(separator: ", ")) FROM \(table) \(condition)",
                []
            ) { row in
                for column in columns.indices { collectDigests(in: row.bytes(column), &found) }
            }
        }
        found.formUnion(try digestsOfProtectedTombstones())
        return found
    }

    /// A tombstone that a live pointer, alias or approval still names: it must not be, and it stays.
    private func digestsOfProtectedTombstones() throws -> Set<String> {
        var found: Set<String> = []
        try connection.forEachRow(
            """
            SELECT v.body FROM model_versions v WHERE v.state = 'deleted' AND (
                EXISTS (SELECT 1 FROM approvals a WHERE a.model = v.model
                    AND a.version = v.number AND a.status IN
                        ('checks', 'pending', 'approved', 'deploying', 'live'))
                OR EXISTS (SELECT 1 FROM deployments d
                    JOIN deployment_revisions r ON r.deployment = d.id
                    WHERE d.model = v.model AND r.version = v.number)
                OR EXISTS (SELECT 1 FROM alias_moves m WHERE m.model = v.model
                    AND m.version = v.number AND m.position = (
                        SELECT MAX(l.position) FROM alias_moves l
                        WHERE l.model = m.model AND l.name = m.name)))
            """,
            []
        ) { collectDigests(in: $0.bytes(0), &found) }
        return found
    }

    private func tombstonedDigests() throws -> Set<String> {
        var found: Set<String> = []
        try connection.forEachRow(
            "SELECT body FROM model_versions WHERE state = 'deleted'",
            []
        ) { collectDigests(in: $0.bytes(0), &found) }
        return found
    }

    private func predictionLine(before cutoff: Timestamp?) throws -> GarbageReport.Line? {
        guard let cutoff else { return nil }
        let found = try connection.first(
            "SELECT COUNT(*), COALESCE(SUM(LENGTH(cells) + 100), 0) FROM predictions WHERE time < $1",
            .time(cutoff)
        ) { ($0.number(0), $0.number(1)) }
        guard let (count, bytes) = found, count > 0 else { return nil }
        return GarbageReport.Line(
            reason: .oldPredictions,
            count: count,
            bytes: bytes,
            examples: ["rows before \(cutoff)"]
        )
    }
}

/// Adds the digits of every `sha256:…` in a text.
private func collectDigests(in text: [UInt8], _ found: inout Set<String>) {
    let mark = Array("sha256:".utf8)
    var position = 0
    while position + mark.count + 64 <= text.count {
        guard text[position] == mark[0],
            text[position..<position + mark.count].elementsEqual(mark)
        else {
            position += 1
            continue
        }
        let start = position + mark.count
        let digits = text[start..<start + 64]
        if digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) {
            found.insert(String(decoding: digits, as: UTF8.self))
        }
        position = start
    }
}

/// A file of the blob store.
struct StoredFile {
    let path: String
    /// The hexadecimal digits of a blob; nil for a file that was never finished.
    let digest: String?
    let bytes: Int
    let changedAt: Timestamp
}

extension BlobStore {
    /// Every file there is, blobs and what writers left behind.
    func files() -> [StoredFile] {
        var found: [StoredFile] = []
        for name in names(in: root) {
            let path = "\(root)/\(name)"
            if name.hasPrefix("incoming-") {
                if let file = stored(path, digest: nil) { found.append(file) }
            } else if name.utf8.count == 2 {
                for rest in names(in: path) where rest.utf8.count == 62 {
                    if let file = stored("\(path)/\(rest)", digest: name + rest) {
                        found.append(file)
                    }
                }
            }
        }
        return found
    }

    private func stored(_ path: String, digest: String?) -> StoredFile? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return StoredFile(
            path: path,
            digest: digest,
            bytes: Int(status.st_size),
            changedAt: Timestamp(seconds: Double(status.st_mtim.tv_sec))
        )
    }

    /// The names in a folder, sorted; none where it cannot be read.
    func names(in folder: String) -> [String] {
        guard let listing = unsafe opendir(folder) else { return [] }
        defer { _ = unsafe closedir(listing) }
        var found: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { found.append(name) }
        }
        return found.sorted()
    }
}
