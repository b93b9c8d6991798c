package import Domain

/// Newest first when `after` is nil, else in order.
package struct ListAuditEvents: LookingBack {
    package static let name = "audit.list"
    package static let permission = Permission.view
    package typealias Answer = [AuditEvent]
    package var after: Int64?
    package var limit: Int
    /// Only with `after`.
    package var filter: AuditFilter?
    package var asOf: Timestamp?

    package init(after: Int64? = nil, limit: Int = 1_000, filter: AuditFilter? = nil) {
        self.after = after
        self.limit = limit
        self.filter = filter
    }
}

/// Replays the whole log: chain, tree, signatures, times, and whether what is current follows it.
package struct VerifyAudit: EngineRequest {
    package static let name = "audit.verify"
    package static let permission = Permission.view
    package typealias Answer = AuditVerification
    /// A checkpoint from outside, as its signed note; the log must begin with what it vouches for.
    package var checkpoint: String?

    package init(checkpoint: String? = nil) {
        self.checkpoint = checkpoint
    }
}

/// Closes a finding of a log that verifies again, and says why.
package struct CloseFinding: EngineRequest {
    package static let name = "audit.close"
    package static let permission = Permission.administer
    package typealias Answer = LogFinding
    /// The event that records it.
    package var event: Int64
    package var reason: String

    package init(event: Int64, reason: String) {
        self.event = event
        self.reason = reason
    }
}

package struct GetCheckpoint: EngineRequest {
    package static let name = "audit.checkpoint"
    package static let permission = Permission.view
    package typealias Answer = CheckpointNote
    package init() {}
}

/// The newest signed head of the log, and the key that it is signed with.
package struct CheckpointNote: Codable, Sendable, Equatable {
    /// Origin, size, root and signature: C2SP's tlog-checkpoint as a signed note.
    package var note: String
    /// `NAME+HASH+KEY`
    package var verifierKey: String

    package init(note: String, verifierKey: String) {
        self.note = note
        self.verifierKey = verifierKey
    }
}

package struct ProveEvent: EngineRequest {
    package static let name = "audit.prove"
    package static let permission = Permission.view
    package typealias Answer = EventProof
    package var sequence: Int64

    package init(sequence: Int64) {
        self.sequence = sequence
    }
}

/// That an event is in the log: checked with SHA-256 and the log's key alone (RFC 6962 §2.1.1).
package struct EventProof: Codable, Sendable, Equatable {
    package var sequence: Int64
    /// The leaf's text, whose hash is `SHA-256(0x00 ‖ leaf)`.
    package var leaf: String
    /// Counted from 0.
    package var index: Int64
    package var size: Int64
    package var root: Digest
    /// From the leaf upwards.
    package var path: [Digest]
    /// The signed note of exactly this size.
    package var checkpoint: String
    package var verifierKey: String

    package init(
        sequence: Int64,
        leaf: String,
        index: Int64,
        size: Int64,
        root: Digest,
        path: [Digest],
        checkpoint: String,
        verifierKey: String
    ) {
        self.sequence = sequence
        self.leaf = leaf
        self.index = index
        self.size = size
        self.root = root
        self.path = path
        self.checkpoint = checkpoint
        self.verifierKey = verifierKey
    }
}

package struct ProveConsistency: EngineRequest {
    package static let name = "audit.consistency"
    package static let permission = Permission.view
    package typealias Answer = ConsistencyProof
    package var old: Int64
    /// nil is the newest signed size.
    package var new: Int64?

    package init(old: Int64, new: Int64? = nil) {
        self.old = old
        self.new = new
    }
}

/// That the log of one size begins with the log of a smaller one (RFC 6962 §2.1.2).
package struct ConsistencyProof: Codable, Sendable, Equatable {
    package var oldSize: Int64
    package var oldRoot: Digest
    package var newSize: Int64
    package var newRoot: Digest
    package var path: [Digest]

    package init(
        oldSize: Int64,
        oldRoot: Digest,
        newSize: Int64,
        newRoot: Digest,
        path: [Digest]
    ) {
        self.oldSize = oldSize
        self.oldRoot = oldRoot
        self.newSize = newSize
        self.newRoot = newRoot
        self.path = path
    }
}

// MARK: - Witnesses

/// Tells somebody outside of every new head of the log from now on.
package struct AddWitness: EngineRequest {
    package static let name = "witnesses.add"
    package static let permission = Permission.administer
    package typealias Answer = Witness
    package var kind: Witness.Kind
    package var target: String

    package init(kind: Witness.Kind, target: String) {
        self.kind = kind
        self.target = target
    }
}

package struct RemoveWitness: EngineRequest {
    package static let name = "witnesses.remove"
    package static let permission = Permission.administer
    package typealias Answer = Witness
    package var witness: ID<Witness>

    package init(witness: ID<Witness>) {
        self.witness = witness
    }
}

package struct ListWitnesses: EngineRequest {
    package static let name = "witnesses.list"
    package static let permission = Permission.view
    package typealias Answer = [Witness]
    package init() {}
}
