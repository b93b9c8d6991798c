/// One row of what an approver is shown; the screen shows these rows and nothing else.
package struct EvidenceItem: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case fine, warning, bad
    }

    /// Such as `metrics`, `digest`, `data`, `drift`, `rollback`.
    package let title: String
    package let lines: [String]
    package let state: State

    package init(title: String, lines: [String], state: State) {
        self.title = title
        self.lines = lines
        self.state = state
    }
}

/// How long a piece of evidence was on the decider's screen.
package struct EvidenceReading: Codable, Sendable, Hashable {
    package let title: String
    package let seconds: Double

    package init(title: String, seconds: Double) {
        self.title = title
        self.seconds = seconds
    }
}

/// What a person said of a request, and on exactly which digests.
package struct Decision: Codable, Sendable, Equatable {
    package enum Answer: String, Codable, Sendable, CaseIterable {
        case approve, reject
        case requestChanges = "request changes"
        case revoke
        /// Break-glass: into the environment without the quorum.
        case override

        /// Such as `approved`, for "ann approved".
        package var pastWords: String {
            switch self {
            case .approve: "approved"
            case .reject: "rejected"
            case .requestChanges: "asked for changes to"
            case .revoke: "revoked"
            case .override: "broke the glass for"
            }
        }

        package var needsReason: Bool { self != .approve }
    }

    package let answer: Answer
    package let reason: String
    package let actor: Actor
    package let bundleDigest: Digest
    package let evidenceDigest: Digest
    package let decidedAt: Timestamp
    /// Whether the decider also requested the release (a home with one user allows it and says so).
    package let isSelfApproval: Bool
    /// The program the decision came through, as it named itself: no identity, a remark.
    package let client: String
    /// What the decider was when they decided, in the order of `UserRole`.
    package let roles: [UserRole]
    package let reading: [EvidenceReading]
    /// What they signed of it, where they did.
    package let signed: SignedStatement?

    package init(
        answer: Answer,
        reason: String,
        actor: Actor,
        bundleDigest: Digest,
        evidenceDigest: Digest,
        decidedAt: Timestamp,
        isSelfApproval: Bool,
        client: String,
        roles: Set<UserRole> = Set(UserRole.allCases),
        reading: [EvidenceReading] = [],
        signed: SignedStatement? = nil
    ) {
        self.answer = answer
        self.reason = reason
        self.actor = actor
        self.bundleDigest = bundleDigest
        self.evidenceDigest = evidenceDigest
        self.decidedAt = decidedAt
        self.isSelfApproval = isSelfApproval
        self.client = client
        self.roles = roles.sorted()
        self.reading = reading
        self.signed = signed
    }

    /// Seconds that all its evidence was on the screen.
    package var secondsRead: Double { reading.reduce(0) { $0 + $1.seconds } }
}

extension Decision {
    private enum CodingKeys: String, CodingKey {
        case answer, reason, actor, bundleDigest, evidenceDigest, decidedAt, isSelfApproval
        case client, roles, reading, signed
    }

    /// What was decided before there were roles could be decided by anybody.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            answer: try values.decode(Answer.self, forKey: .answer),
            reason: try values.decode(String.self, forKey: .reason),
            actor: try values.decode(Actor.self, forKey: .actor),
            bundleDigest: try values.decode(Digest.self, forKey: .bundleDigest),
            evidenceDigest: try values.decode(Digest.self, forKey: .evidenceDigest),
            decidedAt: try values.decode(Timestamp.self, forKey: .decidedAt),
            isSelfApproval: try values.decode(Bool.self, forKey: .isSelfApproval),
            client: try values.decode(String.self, forKey: .client),
            roles: Set(
                try values.decodeIfPresent([UserRole].self, forKey: .roles) ?? UserRole.allCases
            ),
            reading: try values.decodeIfPresent([EvidenceReading].self, forKey: .reading) ?? [],
            signed: try values.decodeIfPresent(SignedStatement.self, forKey: .signed)
        )
    }
}

extension Actor {
    /// Whether both are one person to the kernel, whatever they are called now.
    package func isSamePerson(as other: Actor) -> Bool {
        uid == nil && other.uid == nil ? name == other.name : uid == other.uid
    }
}
