/// The kinds of things events and lineage speak of.
package enum SubjectKind: String, Codable, Sendable, CaseIterable {
    case file, datasetVersion, run, job, modelVersion, approval, deployment, predictions, alert
    case driftReport, engine, silence, delivery, model, cleaning, evidence
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

/// What checking the whole chain found.
package struct AuditVerification: Codable, Sendable, Equatable {
    package let events: Int64
    package let head: Digest
    /// The first event that does not fit, and why; nil when all fit.
    package let firstBad: Int64?
    package let problem: String?

    package init(events: Int64, head: Digest, firstBad: Int64?, problem: String?) {
        self.events = events
        self.head = head
        self.firstBad = firstBad
        self.problem = problem
    }
}
