/// How a decision for something has to be signed; a policy without one asks no signature.
package enum SignatureLevel: String, Codable, Sendable, CaseIterable {
    /// Who has a key signs, and who has none is recorded by the kernel's word alone.
    case optional
    /// An approval without a signature by an enrolled key is refused.
    case required
}

/// What a person signs when they decide: its canonical JSON, byte for byte.
package struct DecisionStatement: Codable, Sendable, Equatable {
    /// What keeps a signature for this from being taken for one of anything else.
    package static let namespace = "decision@binnacle"
    /// How far the signer's clock and the engine's may be apart, in seconds.
    package static let skewSeconds: Double = 900

    package var request: ID<Approval>
    package var title: String
    package var answer: Decision.Answer
    package var reason: String
    package var bundle: Digest
    package var evidence: Digest
    package var policy: Digest?
    /// Who signs, as the engine's kernel knows them.
    package var signer: Actor
    /// By the signer's clock.
    package var at: Timestamp
    /// The newest signed head of the log when they decided: it is of this log and no other.
    package var logSize: Int64
    package var logRoot: Digest
    /// Told once and never again: 32 hexadecimal digits.
    package var nonce: String

    package init(
        on approval: Approval,
        answer: Decision.Answer,
        reason: String,
        signer: Actor,
        at date: Timestamp,
        logSize: Int64,
        logRoot: Digest,
        nonce: String
    ) {
        request = approval.id
        title = approval.title
        self.answer = answer
        self.reason = reason
        bundle = approval.bundleDigest
        evidence = approval.evidenceDigest
        policy = approval.policyDigest
        self.signer = signer
        at = date
        self.logSize = logSize
        self.logRoot = logRoot
        self.nonce = nonce
    }

    /// Why it is not the statement of this decision on this request, as a sentence; nil when it is.
    package func contradiction(of decision: Decision, on approval: Approval) -> String? {
        let isNonce = nonce.utf8.count == 32 && nonce.allSatisfy(\.isHexDigit)
        let what: String? =
            if request != approval.id || title != approval.title {
                "is for \"\(request)\", \(title)"
            } else if bundle != approval.bundleDigest || evidence != approval.evidenceDigest {
                "names other digests than the request"
            } else if policy != approval.policyDigest {
                "names another policy than the request's"
            } else if answer != decision.answer || reason != decision.reason {
                "says \"\(answer.rawValue)\", or gives another reason"
            } else if signer.uid == nil || !signer.isSamePerson(as: decision.actor) {
                "is by \"\(signer)\", and \"\(decision.actor)\" sent it"
            } else if !isNonce {
                "has no nonce of 32 hexadecimal digits"
            } else {
                nil
            }
        return what.map { "The signed statement \($0). Open the request again and decide anew." }
    }
}

/// A statement and the signature of exactly its bytes, in the form of `ssh-keygen -Y sign`.
package struct SignedStatement: Codable, Sendable, Equatable {
    package let statement: String
    package let signature: String

    package init(statement: String, signature: String) {
        self.statement = statement
        self.signature = signature
    }
}

/// What a person signs with a key to show that it is theirs.
package struct EnrollmentStatement: Codable, Sendable, Equatable {
    package static let namespace = "enrollment@binnacle"

    package var publicKey: String
    package var owner: Actor
    package var expiresAt: Timestamp?
    package var at: Timestamp

    package init(publicKey: String, owner: Actor, expiresAt: Timestamp?, at date: Timestamp) {
        self.publicKey = publicKey
        self.owner = owner
        self.expiresAt = expiresAt
        at = date
    }
}

/// A public key that one person's decisions are signed with; the secret never reaches the engine.
package struct SigningKey: Codable, Sendable, Equatable, Identifiable {
    package struct Revocation: Codable, Sendable, Equatable {
        package let at: Timestamp
        package let by: Actor
        package let reason: String

        package init(at date: Timestamp, by actor: Actor, reason: String) {
            at = date
            by = actor
            self.reason = reason
        }
    }

    package let id: Domain.ID<SigningKey>
    package let owner: Actor
    /// `ssh-ed25519 AAAA…`
    package let publicKey: String
    /// `SHA256:…`
    package let fingerprint: String
    /// The comment that came with it.
    package let name: String
    package let enrolledAt: Timestamp
    package let expiresAt: Timestamp?
    package private(set) var revocation: Revocation?

    package init(
        id: Domain.ID<SigningKey>,
        owner: Actor,
        publicKey: String,
        fingerprint: String,
        name: String,
        enrolledAt: Timestamp,
        expiresAt: Timestamp?
    ) {
        self.id = id
        self.owner = owner
        self.publicKey = publicKey
        self.fingerprint = fingerprint
        self.name = name
        self.enrolledAt = enrolledAt
        self.expiresAt = expiresAt
    }

    package mutating func revoke(_ revocation: Revocation) throws(Refusal) {
        if let before = self.revocation {
            throw Refusal(
                .conflict,
                "The key \(fingerprint) was revoked by \"\(before.by)\" at \(before.at) already."
            )
        }
        guard !revocation.reason.allSatisfy(\.isWhitespace) else {
            throw Refusal(.invalid, "To revoke a key needs a reason. Say in a few words why.")
        }
        self.revocation = revocation
    }

    /// The key as it was when it was enrolled.
    package var asEnrolled: SigningKey {
        var key = self
        key.revocation = nil
        return key
    }

    /// When it stops to count; nil where no end is known.
    package var validUntil: Timestamp? {
        [expiresAt, revocation?.at].compactMap { $0 }.min()
    }

    /// Why it may not sign at a moment of the log, as a sentence; nil when it may.
    package func obstacle(at date: Timestamp) -> String? {
        if let revocation, revocation.at <= date {
            return """
                The key \(fingerprint) of "\(owner)" was revoked at \(revocation.at): \
                \(revocation.reason)
                """
        }
        if let expiresAt, expiresAt <= date {
            return "The key \(fingerprint) of \"\(owner)\" expired at \(expiresAt). Enroll another."
        }
        if date < enrolledAt {
            return "The key \(fingerprint) of \"\(owner)\" was enrolled at \(enrolledAt), later."
        }
        return nil
    }
}
