package import Domain

extension Store {
    /// Keeps alerts that fit every matcher quiet from now, or from a later start.
    package func addSilence(
        _ matchers: [AlertMatcher],
        from start: Timestamp,
        to end: Timestamp,
        reason: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Silence> {
        try change(by: actor, at: date) { transaction in
            let position = try transaction.nextNumber(of: "silence")
            let silence = try Silence(
                id: ID("silence-\(position)"),
                matchers: matchers,
                startsAt: start,
                endsAt: end,
                author: actor,
                reason: reason
            )
            try connection.execute(
                "INSERT INTO silences (id, position, ends_at, body) VALUES ($1, $2, $3, $4)",
                .id(silence.id),
                .number(position),
                .time(end),
                .text(try canonicalText(silence))
            )
            try transaction.record(
                "silence.began",
                .silence(silence.id),
                """
                \(actor) silenced \(silence.matcherText) from \(start) to \(end): \(reason)
                """
            )
            return silence
        }
    }

    package func endSilence(
        _ id: ID<Silence>,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Silence> {
        try change(by: actor, at: date) { transaction in
            let found = try connection.first(
                "SELECT body FROM silences WHERE id = $1",
                .id(id)
            ) { try $0.body(Silence.self) }
            guard var silence = found else { throw missing(.silence, id.text) }
            let before = silence.endsAt
            try silence.end(at: date)
            let changed = try connection.execute(
                "UPDATE silences SET ends_at = $1, body = $2 WHERE id = $3 AND ends_at = $4",
                .time(silence.endsAt),
                .text(try canonicalText(silence)),
                .id(id),
                .time(before)
            )
            guard changed == 1 else { throw movedMeanwhile("silence", id.text, "open") }
            try transaction.record(
                "silence.ended",
                .silence(id),
                "\(actor) ended the silence of \(silence.matcherText)."
            )
            return silence
        }
    }

    /// Newest first; with a moment only those that have not ended by then.
    package func silences(openAt date: Timestamp?, limit: Int) throws -> [Silence] {
        try connection.query(
            "SELECT body FROM silences WHERE ends_at > $1 ORDER BY position DESC LIMIT $2",
            date.map(SQLValue.time) ?? .integer(.min),
            .number(limit)
        ) { try $0.body(Silence.self) }
    }

    /// Those that hold at this moment.
    func activeSilences(at date: Timestamp) throws -> [Silence] {
        try silences(openAt: date, limit: 10_000).filter { $0.isActive(at: date) }
    }
}
