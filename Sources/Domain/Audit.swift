/// The kinds of things events and lineage speak of.
package enum SubjectKind: String, Codable, Sendable, CaseIterable {
    case file, datasetVersion, run, job, modelVersion, approval, deployment, predictions, alert
    case driftReport, engine, silence, delivery, model, cleaning, evidence, auditEvent, signingKey
}

package struct Subject: Codable, Sendable, Hashable, CustomStringConvertible {
    package let kind: SubjectKind
    package let id: String

    package init(_ kind: SubjectKind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    package var description: String { "\(kind.rawValue) \(id)" }
}

/// What is to be recorded with a state change, before the store gives it a place in the chain.
package struct AuditDraft: Codable, Sendable, Equatable {
    package let at: Timestamp
    package let actor: Actor
    /// Such as `run.started` or `approval.approved`.
    package let action: String
    package let subject: Subject
    /// One sentence for people.
    package let summary: String
    package let digests: [String: Digest]

    package init(
        at: Timestamp,
        actor: Actor,
        action: String,
        subject: Subject,
        summary: String,
        digests: [String: Digest] = [:]
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.summary = summary
        self.digests = digests
    }
}

/// One link of the audit chain: its hash covers its content and the hash before it.
package struct AuditEvent: Codable, Sendable, Equatable {
    /// 1, 2, 3 … without gaps.
    package let sequence: Int64
    package let content: AuditDraft
    package let previousHash: Digest
    package let hash: Digest

    package init(sequence: Int64, content: AuditDraft, previousHash: Digest, hash: Digest) {
        self.sequence = sequence
        self.content = content
        self.previousHash = previousHash
        self.hash = hash
    }

    /// The hash before the first event.
    package static let origin = Digest(sha256: [UInt8](repeating: 0, count: 32))
}

/// What checking the log found.
package struct AuditVerification: Codable, Sendable, Equatable {
    package let events: Int64
    package let head: Digest
    /// The first event that does not fit; nil when all fit, or when something else was edited.
    package let firstBad: Int64?
    /// What does not fit, as a sentence; nil when all fits.
    package let problem: String?
    /// The root of the tree over the events.
    package let root: Digest?
    /// How many events the newest signed checkpoint vouches for.
    package let signed: Int64?
    /// The event that records an earlier problem which nobody closed, though all fits now.
    package var finding: Int64?

    package init(
        events: Int64,
        head: Digest,
        firstBad: Int64?,
        problem: String?,
        root: Digest? = nil,
        signed: Int64? = nil
    ) {
        self.events = events
        self.head = head
        self.firstBad = firstBad
        self.problem = problem
        self.root = root
        self.signed = signed
    }

    /// The same log with something wrong that its events alone do not show.
    package func contradicted(by problem: String, at firstBad: Int64?) -> AuditVerification {
        AuditVerification(
            events: events,
            head: head,
            firstBad: firstBad,
            problem: problem,
            root: root,
            signed: signed
        )
    }
}

/// A time that the log did not verify; open until an administrator says what came of it.
package struct LogFinding: Codable, Sendable, Equatable {
    /// The event that records it.
    package let event: Int64
    package let at: Timestamp
    package let firstBad: Int64?
    package let problem: String

    package init(event: Int64, at: Timestamp, firstBad: Int64?, problem: String) {
        self.event = event
        self.at = at
        self.firstBad = firstBad
        self.problem = problem
    }
}

/// Which events are wanted; nil is any.
package struct AuditFilter: Codable, Sendable, Equatable {
    package var since: Timestamp?
    /// This moment itself not.
    package var until: Timestamp?
    package var subject: Subject?

    package init(since: Timestamp? = nil, until: Timestamp? = nil, subject: Subject? = nil) {
        self.since = since
        self.until = until
        self.subject = subject
    }
}

/// Somebody outside who keeps the log's heads, so that nobody inside can change what they cover.
package struct Witness: Codable, Sendable, Equatable, Identifiable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// A file that heads are appended to, such as on another machine's disk.
        case file
        /// A git remote that heads are committed and pushed to.
        case git
        /// An e-mail address.
        case mail
    }

    package let id: ID<Witness>
    package let kind: Kind
    package let target: String
    /// The size of the last head that arrived there.
    package var size: Int64
    package var toldAt: Timestamp?
    /// Why the last head did not arrive; nil while they do.
    package var failure: String?

    package init(id: ID<Witness>, kind: Kind, target: String) {
        self.id = id
        self.kind = kind
        self.target = target
        size = 0
    }

    /// How long to wait after a head was sent, in seconds: what comes meanwhile goes together.
    package var pauseSeconds: Double {
        switch kind {
        case .file: 1
        case .git: Timestamp.minute
        case .mail: Timestamp.day
        }
    }
}
