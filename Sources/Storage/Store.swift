package import Attestation
import Dispatch
package import Domain
import Glibc

/// Everything an engine remembers: a database and the blobs beside it, in one folder.
///
/// A method is one transaction that keeps one invariant. Errors are refusals.
package actor Store {
    /// Files whose writing was given up longer ago than this are removed on opening, in seconds.
    private static let abandonedSeconds = Timestamp.day

    package nonisolated let blobs: BlobStore
    /// The home folder.
    let folder: String
    let connection: SQLiteConnection
    /// The receivers that hear of every alert that names none.
    private(set) var receivers: [String] = []
    /// What signs the log with each commit; nil in tests of other things.
    let keys: LogKeys?
    private nonisolated let executor: QueueExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the folder's store, or creates it; an older schema is brought up to date.
    ///
    /// - Throws: A folder that cannot be written, a damaged file, a newer schema.
    package init(folder: String, now: Timestamp, keys: LogKeys? = nil) throws(Refusal) {
        self.keys = keys
        try makeFolder(folder)
        self.folder = folder
        blobs = try BlobStore(folder: folder)
        blobs.removeAbandoned(before: now.adding(seconds: -Store.abandonedSeconds))
        executor = QueueExecutor()
        connection = try Store.open(folder + "/binnacle.sqlite")
    }

    /// Says which receivers there are; from then on alerts open groups for them.
    package func setReceivers(_ names: [String]) {
        receivers = names
    }

    /// Ends all use of the store; later calls are refused.
    package func close() {
        connection.close()
    }

    private static func open(_ path: String) throws(Refusal) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: path)
        do {
            for pragma in [
                "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON",
                "trusted_schema = OFF", "journal_size_limit = 67108864",
            ] {
                try connection.run(script: "PRAGMA \(pragma)")
            }
            try Migrations.apply(to: connection)
            if try MerkleLog.head(in: connection) == nil {
                try connection.transaction { _ = try MerkleLog.build(in: connection) }
            }
            return connection
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.fault, "The database \"\(path)\" cannot be opened: \(error).")
        }
    }

    /// Runs the changes of one method in a transaction and returns what to broadcast after it.
    func change<Value: Sendable>(
        by actor: Actor,
        at date: Timestamp,
        _ body: (inout Transaction) throws -> Value
    ) throws -> Committed<Value> {
        try connection.transaction {
            var transaction = Transaction(
                connection: connection,
                blobs: blobs,
                actor: actor,
                at: date,
                receivers: receivers
            )
            let value = try body(&transaction)
            if let keys, !transaction.events.isEmpty {
                try MerkleLog.sign(with: keys, at: date, in: connection)
            }
            return Committed(value: value, events: transaction.events)
        }
    }
}

/// Runs the store's work on a queue of its own, because SQLite blocks.
private final class QueueExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "binnacle.store")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }
}
