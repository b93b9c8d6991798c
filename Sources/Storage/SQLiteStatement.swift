import CSQLite
import Domain

/// One prepared statement; finalized when the value goes away.
@safe final class SQLiteStatement {
    private let handle: OpaquePointer
    /// The library's slot of each parameter: `slots[0]` is that of `$1`.
    private let slots: [Int32]
    /// Whether somebody steps through it, so that the cache must not hand it out again.
    var isBusy = false

    /// Takes over a handle that `sqlite3_prepare_v3` made.
    init(adopting handle: OpaquePointer) {
        unsafe self.handle = handle
        // SQLite counts `$1` as a name like any other, in the order of first mention.
        let count = unsafe sqlite3_bind_parameter_count(handle)
        var slots = [Int32](repeating: 0, count: Int(count))
        for slot in 0..<count {
            guard let name = unsafe sqlite3_bind_parameter_name(handle, slot + 1),
                let number = unsafe Int(String(cString: name).dropFirst()),
                slots.indices.contains(number - 1)
            else { continue }
            slots[number - 1] = slot + 1
        }
        self.slots = slots
    }

    deinit {
        _ = unsafe sqlite3_finalize(handle)
    }

    /// Binds all parameters; the status is SQLite's.
    func bind(_ values: [SQLValue]) -> Int32 {
        guard values.count == slots.count else { return SQLITE_RANGE }
        for (position, value) in values.enumerated() {
            let status = bind(value, to: slots[position])
            if status != SQLITE_OK { return status }
        }
        return SQLITE_OK
    }

    private func bind(_ value: SQLValue, to slot: Int32) -> Int32 {
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(handle, slot)
        case .integer(let number):
            return unsafe sqlite3_bind_int64(handle, slot, number)
        case .real(let number):
            return unsafe sqlite3_bind_double(handle, slot, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                return unsafe csqlite_bind_text(handle, slot, bytes.baseAddress, count)
            }
        case .blob(let bytes):
            return unsafe bytes.withUnsafeBufferPointer { bytes in
                guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                return unsafe csqlite_bind_blob(handle, slot, bytes.baseAddress, count)
            }
        }
    }

    /// Goes to the next row: `SQLITE_ROW`, `SQLITE_DONE` or an error.
    func step() -> Int32 {
        unsafe sqlite3_step(handle)
    }

    /// Makes the statement ready to be bound again.
    func reset() {
        _ = unsafe sqlite3_reset(handle)
        _ = unsafe sqlite3_clear_bindings(handle)
        isBusy = false
    }

    // MARK: - The row it stands on

    func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    func integer(_ column: Int) -> Int64 {
        unsafe sqlite3_column_int64(handle, Int32(column))
    }

    func real(_ column: Int) -> Double {
        unsafe sqlite3_column_double(handle, Int32(column))
    }

    func bytes(_ column: Int) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, Int32(column)))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func text(_ column: Int) -> String {
        guard let start = unsafe sqlite3_column_text(handle, Int32(column)) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(handle, Int32(column)))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: count),
            as: UTF8.self
        )
    }
}

/// What a query's reader sees of one row; valid only while it is being read.
struct SQLRow {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    func text(_ column: Int) -> String { statement.text(column) }

    func optionalText(_ column: Int) -> String? {
        statement.isNull(column) ? nil : statement.text(column)
    }

    func integer(_ column: Int) -> Int64 { statement.integer(column) }

    func number(_ column: Int) -> Int { Int(statement.integer(column)) }

    func optionalNumber(_ column: Int) -> Int? {
        statement.isNull(column) ? nil : Int(statement.integer(column))
    }

    func real(_ column: Int) -> Double { statement.real(column) }

    func optionalReal(_ column: Int) -> Double? {
        statement.isNull(column) ? nil : statement.real(column)
    }

    func bytes(_ column: Int) -> [UInt8] { statement.bytes(column) }

    func time(_ column: Int) -> Timestamp { Timestamp(microseconds: statement.integer(column)) }

    func optionalTime(_ column: Int) -> Timestamp? {
        statement.isNull(column) ? nil : time(column)
    }

    func id<Kind>(_ column: Int) -> ID<Kind> { ID(statement.text(column)) }

    /// The digest in this column, or a refusal when the text is none.
    func digest(_ column: Int) throws(Refusal) -> Digest {
        let text = statement.text(column)
        guard let digest = Digest(text) else {
            throw Refusal(
                .corrupt,
                "The database holds \"\(text)\" where a digest must be. Restore it from a backup."
            )
        }
        return digest
    }
}
