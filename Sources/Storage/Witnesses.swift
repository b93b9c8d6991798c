package import Domain

extension Store {
    package func addWitness(
        _ kind: Witness.Kind,
        _ target: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Witness> {
        try change(by: actor, at: date) { transaction in
            let known = try transaction.connection.witnesses()
            if known.contains(where: { $0.kind == kind && $0.target == target }) {
                throw Refusal(
                    .conflict,
                    "The log's heads go to \(kind.rawValue) \"\(target)\" already."
                )
            }
            let position = try transaction.nextNumber(of: "witness")
            let witness = Witness(id: ID("witness-\(position)"), kind: kind, target: target)
            try transaction.connection.execute(
                "INSERT INTO log_witnesses (id, position, body) VALUES ($1, $2, $3)",
                .id(witness.id),
                .number(position),
                .text(try canonicalText(witness))
            )
            try transaction.record(
                "log.witnessAdded",
                Subject(.engine, witness.id.text),
                "\(actor) sends the log's heads to \(kind.rawValue) \(target)."
            )
            return witness
        }
    }

    package func removeWitness(
        _ id: ID<Witness>,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Witness> {
        try change(by: actor, at: date) { transaction in
            let witness = try transaction.connection.witness(id)
            try transaction.connection.execute("DELETE FROM log_witnesses WHERE id = $1", .id(id))
            try transaction.record(
                "log.witnessRemoved",
                Subject(.engine, id.text),
                "\(actor) sends no more heads to \(witness.kind.rawValue) \(witness.target)."
            )
            return witness
        }
    }

    package func witnesses() throws -> [Witness] {
        try connection.witnesses()
    }

    /// Notes that a head arrived, or why it did not; only a change from one to the other is an
    /// event, because an event makes a new head.
    package func noteWitness(
        _ id: ID<Witness>,
        size: Int64?,
        failure: String?,
        at date: Timestamp
    ) throws -> Committed<Void> {
        try change(by: .engine, at: date) { transaction in
            // It may have been removed while the head was on its way.
            guard var witness = try? transaction.connection.witness(id) else { return }
            let before = witness.failure
            witness.failure = failure
            if let size {
                witness.size = size
                witness.toldAt = date
            }
            try transaction.connection.execute(
                "UPDATE log_witnesses SET body = $1 WHERE id = $2",
                .text(try canonicalText(witness)),
                .id(id)
            )
            let place = "\(witness.kind.rawValue) \(witness.target)"
            if let failure, before == nil {
                try transaction.record(
                    "log.witnessFailed",
                    Subject(.engine, id.text),
                    "The log's head did not reach \(place): \(failure)"
                )
            } else if failure == nil, before != nil {
                try transaction.record(
                    "log.witnessReached",
                    Subject(.engine, id.text),
                    "The log's heads reach \(place) again."
                )
            }
        }
    }
}

extension SQLiteConnection {
    fileprivate func witnesses() throws -> [Witness] {
        try query("SELECT body FROM log_witnesses ORDER BY position") {
            try $0.body(Witness.self)
        }
    }

    fileprivate func witness(_ id: ID<Witness>) throws -> Witness {
        guard let found = try witnesses().first(where: { $0.id == id }) else {
            throw Refusal(
                .notFound,
                "There is no witness \"\(id)\". \"binnacle audit witness\" lists those there are."
            )
        }
        return found
    }
}
