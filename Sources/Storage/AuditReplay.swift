package import Attestation
package import Domain

/// The log followed event by event, in slices, from its beginning or from what was verified before.
package struct AuditReplay: Sendable {
    /// The last event that fits, and its hash.
    fileprivate(set) package var sequence: Int64 = 0
    fileprivate var hash = AuditEvent.origin
    fileprivate var frontier = MerkleFrontier()
    fileprivate var latest: Timestamp?
    fileprivate var datedFrom: Int64 = 0
    /// The largest signed size that fits.
    fileprivate var signed: Int64 = 0
    /// What is kept of this log outside of the database, their signatures checked already.
    package var witnessed: [LogCheckpoint] = []
    fileprivate var broken: (Int64, String)?
    fileprivate(set) package var isComplete = false

    package init() {}

    package var verification: AuditVerification {
        AuditVerification(
            events: sequence,
            head: hash,
            firstBad: broken?.0,
            problem: broken?.1,
            root: frontier.root,
            signed: signed > 0 ? signed : nil
        )
    }

    fileprivate mutating func fail(at sequence: Int64, _ problem: String) {
        if broken == nil { broken = (sequence, problem) }
        isComplete = true
    }
}

extension Store {
    /// Replays the whole log at once: edits, gaps, forks, backdated events and a cut-off end.
    package func verifyAudit() throws -> AuditVerification {
        var replay = AuditReplay()
        while !replay.isComplete { try advance(&replay, limit: 10_000) }
        return replay.verification
    }

    /// One slice of a replay; several calls let others use the store in between.
    package func continued(_ replay: AuditReplay, limit: Int) throws -> AuditReplay {
        var replay = replay
        try advance(&replay, limit: limit)
        return replay
    }

    /// A replay of what came after the last one that was kept.
    ///
    /// Where that one found something, the answer is what it found.
    package func replayFromKept() throws -> AuditReplay {
        var replay = AuditReplay()
        let kept = try connection.first(
            "SELECT size, hash, root, latest, first_bad, problem FROM log_verified WHERE id = 1"
        ) { row in
            (
                size: row.integer(0), hash: try row.digest(1), root: try row.digest(2),
                latest: row.optionalNumber(3), firstBad: row.optionalNumber(4),
                problem: row.optionalText(5)
            )
        }
        guard let kept else { return replay }
        replay.sequence = kept.size
        replay.hash = kept.hash
        replay.latest = kept.latest.map { Timestamp(microseconds: Int64($0)) }
        if let problem = kept.problem {
            replay.fail(at: Int64(kept.firstBad ?? 0), problem)
            return replay
        }
        let stored = try? MerkleFrontier(size: kept.size) {
            try MerkleLog.node($0, $1, in: connection)
        }
        guard let stored, stored.root == kept.root else {
            // Something before the mark was changed: only a whole replay can say what.
            return AuditReplay()
        }
        replay.frontier = stored
        replay.signed =
            try connection.first(
                "SELECT MAX(size) FROM log_checkpoints WHERE size <= $1",
                .integer(kept.size)
            ) { $0.integer(0) } ?? 0
        return replay
    }

    /// Remembers how far the log was verified, and what was found, for the next start.
    package func keep(_ replay: AuditReplay) throws {
        try connection.transaction {
            _ = try connection.execute(
                """
                INSERT INTO log_verified (id, size, hash, root, latest, first_bad, problem)
                VALUES (1, $1, $2, $3, $4, $5, $6)
                ON CONFLICT (id) DO UPDATE SET size = $1, hash = $2, root = $3, latest = $4,
                    first_bad = $5, problem = $6
                """,
                .integer(replay.sequence),
                .digest(replay.hash),
                .digest(replay.frontier.root),
                replay.latest.map(SQLValue.time) ?? .null,
                replay.broken.map { .integer($0.0) } ?? .null,
                .text(replay.broken?.1)
            )
        }
    }

    // MARK: - A slice

    private func advance(_ replay: inout AuditReplay, limit: Int) throws {
        guard !replay.isComplete else { return }
        replay.datedFrom = try MerkleLog.head(in: connection)?.datedFrom ?? 0
        let signed = try signedRoots(after: replay.sequence, limit: limit)
        var read = 0
        try connection.forEachRow(
            """
            SELECT e.sequence, e.at, e.action, e.subject_kind, e.subject_id, e.previous_hash,
                e.hash, e.body, n.hash
            FROM audit_events e
                LEFT JOIN log_nodes n ON n.level = 0 AND n.position = e.sequence - 1
            WHERE e.sequence > $1 ORDER BY e.sequence LIMIT $2
            """,
            [.integer(replay.sequence), .number(limit)]
        ) { row in
            read += 1
            guard replay.broken == nil else { return }
            try follow(row, &replay)
            guard replay.broken == nil else { return }
            if let root = signed[replay.sequence] { compare(root, &replay) }
            for witnessed in replay.witnessed
            where witnessed.size == replay.sequence && witnessed.root != replay.frontier.root {
                replay.fail(
                    at: witnessed.size,
                    """
                    The log forked: its first \(witnessed.size) events are not those that the \
                    checkpoint from outside vouches for.
                    """
                )
            }
        }
        if replay.broken == nil, read < limit { try finish(&replay) }
        if replay.broken != nil { replay.isComplete = true }
    }

    private func signedRoots(after size: Int64, limit: Int) throws -> [Int64: Digest?] {
        let found = try connection.query(
            "SELECT size, root, note FROM log_checkpoints WHERE size > $1 AND size <= $2",
            .integer(size),
            .integer(size + Int64(limit))
        ) { row in
            let checkpoint = SignedNote(row.text(2))?.checkpoint
            let isTheSame =
                checkpoint?.size == row.integer(0) && checkpoint?.root.text == row.text(1)
            return (row.integer(0), isTheSame ? checkpoint?.root : nil)
        }
        return Dictionary(found) { first, _ in first }
    }

    private func compare(_ root: Digest?, _ replay: inout AuditReplay) {
        if root == replay.frontier.root {
            replay.signed = replay.sequence
            return
        }
        replay.fail(
            at: replay.signed + 1,
            """
            Events \(replay.signed + 1) to \(replay.sequence) are not those that the checkpoint \
            of \(replay.sequence) events was signed for: the log was written anew.
            """
        )
    }

    private func follow(_ row: SQLRow, _ replay: inout AuditReplay) throws {
        let sequence = row.integer(0)
        let link = AuditLink(sequence: replay.sequence, hash: replay.hash)
        if let problem = AuditChain.problem(of: row, after: link) {
            replay.fail(at: min(sequence, replay.sequence + 1), problem)
            return
        }
        let date = row.time(1)
        let isNotice = row.text(2) == MerkleLog.clockSetBack
        if let latest = replay.latest, sequence > replay.datedFrom, !isNotice,
            latest.seconds(since: date) > MerkleLog.toleranceSeconds
        {
            replay.fail(
                at: sequence,
                "Event \(sequence) is dated \(date), after one of \(latest): it was backdated."
            )
            return
        }
        let leaf = MerkleLog.leaf(sequence: sequence, content: row.text(7))
        guard row.optionalText(8) == leaf.text else {
            replay.fail(at: sequence, "The tree's leaf of event \(sequence) is not of its content.")
            return
        }
        for node in replay.frontier.append(leaf).dropFirst() {
            let stored = try? MerkleLog.node(node.level, node.position, in: connection)
            guard stored == node.hash else {
                replay.fail(at: sequence, "The tree's node above event \(sequence) was edited.")
                return
            }
        }
        replay.sequence = sequence
        replay.hash = try row.digest(6)
        let isUnwatched = sequence <= replay.datedFrom || isNotice
        replay.latest = isUnwatched ? date : max(replay.latest ?? date, date)
    }

    // MARK: - The end

    private func finish(_ replay: inout AuditReplay) throws {
        replay.isComplete = true
        let (headSequence, headHash) = try AuditChain.head(in: connection)
        let last = replay.sequence
        if headSequence > last {
            replay.fail(
                at: last + 1,
                """
                The log ends at event \(last), but its head names event \
                \(headSequence): the last \(headSequence - last) were removed.
                """
            )
        } else if headSequence < last || headHash != replay.hash {
            replay.fail(
                at: last,
                "Event \(last) is not the one the log's head names: one was replaced."
            )
        } else if last > 0, try MerkleLog.head(in: connection)?.frontier != replay.frontier {
            replay.fail(at: last, "The tree's head is not that of the log's \(last) events.")
        }
        for witnessed in replay.witnessed where witnessed.size > last {
            replay.fail(
                at: last + 1,
                """
                The log ends at event \(last), but a checkpoint of \(witnessed.size) events was \
                given out: the last \(witnessed.size - last) were removed.
                """
            )
        }
        try checkSignatures(&replay)
    }

    /// The newest signature vouches for all before it; only where it is bad the first is looked for.
    private func checkSignatures(_ replay: inout AuditReplay) throws {
        guard let keys, replay.broken == nil else { return }
        let newest = try connection.first(
            "SELECT size, note FROM log_checkpoints ORDER BY size DESC LIMIT 1"
        ) { ($0.integer(0), $0.text(1)) }
        guard let (size, note) = newest else { return }
        guard SignedNote(note)?.isSigned(byAnyOf: keys.verifiers) == true else {
            let first = try firstBadSignature(keys)
            replay.fail(
                at: first + 1,
                "The checkpoint after event \(first) is not signed by the engine's key."
            )
            return
        }
        if size > replay.sequence {
            replay.fail(
                at: replay.sequence + 1,
                """
                The log ends at event \(replay.sequence), but a checkpoint of \(size) events is \
                signed: the last \(size - replay.sequence) were removed.
                """
            )
        } else if size < replay.sequence {
            replay.fail(
                at: size + 1,
                "Event \(size + 1) is in no signed checkpoint: the engine did not write it."
            )
        }
    }

    /// The size that the last good signature before the first bad one vouches for.
    private func firstBadSignature(_ keys: LogKeys) throws -> Int64 {
        var good: Int64 = 0
        var isOver = false
        try connection.forEachRow("SELECT size, note FROM log_checkpoints ORDER BY size", []) {
            guard !isOver else { return }
            isOver = SignedNote($0.text(1))?.isSigned(byAnyOf: keys.verifiers) != true
            if !isOver { good = $0.integer(0) }
        }
        return good
    }
}
