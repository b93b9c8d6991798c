package import Domain

/// What was once wrong with the log, as the log itself keeps it.
///
/// Whoever finds the log broken signs its next head nevertheless, and after an event at its end
/// that nobody had signed it would verify again. So a finding is an event of its own, and is open
/// until another event says who closed it and why.
enum LogFindings {
    static let found = "log.problemFound"
    static let closed = "log.findingClosed"
}

extension Store {
    /// The findings that nobody has closed yet, the oldest first.
    package func openFindings() throws -> [LogFinding] {
        var open: [LogFinding] = []
        // Such a subject is no proof that the event is one: the action decides.
        try connection.forEachRow(
            """
            SELECT sequence, previous_hash, hash, body FROM audit_events
            WHERE action IN ('log.problemFound', 'log.findingClosed') ORDER BY sequence
            """,
            []
        ) { row in
            // One that cannot be read any more is the replay's to find.
            guard let event = try? auditEvent(row) else { return }
            let subject = event.content.subject
            let number = subject.kind == .auditEvent ? Int64(subject.id) : nil
            switch event.content.action {
            case LogFindings.found:
                open.append(
                    LogFinding(
                        event: event.sequence,
                        at: event.content.at,
                        firstBad: number,
                        problem: event.content.summary
                    )
                )
            default: open.removeAll { $0.event == number }
            }
        }
        return open
    }

    /// Records what a verification found, unless the same is known and open.
    package func recordFinding(
        _ problem: String,
        firstBad: Int64?,
        host: String,
        at date: Timestamp
    ) throws -> Committed<Void> {
        try change(by: .engine, at: date) { transaction in
            guard try !openFindings().contains(where: { $0.problem == problem }) else { return }
            let subject = firstBad.map { Subject(.auditEvent, String($0)) }
            try transaction.record(
                LogFindings.found,
                subject ?? Subject(.engine, host),
                problem
            )
        }
    }

    /// Closes the finding that this event recorded.
    ///
    /// - Throws: No such finding is open, or the reason is empty.
    package func closeFinding(
        _ event: Int64,
        reason: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<LogFinding> {
        try change(by: actor, at: date) { transaction in
            guard let finding = try openFindings().first(where: { $0.event == event }) else {
                throw Refusal(
                    .notFound,
                    """
                    Event \(event) records no finding that is open. "binnacle audit verify" names \
                    the one that is.
                    """
                )
            }
            let words = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !words.isEmpty else {
                throw Refusal(
                    .invalid,
                    "Finding \(event) needs a reason to be closed: say what was found out."
                )
            }
            try transaction.record(
                LogFindings.closed,
                Subject(.auditEvent, String(event)),
                "The finding of event \(event) was closed: \(words)"
            )
            return finding
        }
    }
}
