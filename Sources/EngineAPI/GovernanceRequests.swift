package import Domain

/// Puts a version into an environment at once, without its quorum, where the policy lets the
/// caller's role do so; the review of it is asked for by itself.
package struct BreakGlass: EngineRequest {
    package static let name = "approvals.override"
    package static let permission = Permission.breakGlass
    package typealias Answer = Approval
    package var model: String
    package var version: Int
    package var environment: String
    /// Three words or more.
    package var reason: String

    package init(model: String, version: Int, environment: String, reason: String) {
        self.model = model
        self.version = version
        self.environment = environment
        self.reason = reason
    }
}

/// What an environment of a model asks, now and before.
package struct GetPolicy: EngineRequest {
    package static let name = "policies.get"
    package static let permission = Permission.view
    package typealias Answer = PolicyState
    package var model: String
    package var environment: String

    package init(model: String, environment: String) {
        self.model = model
        self.environment = environment
    }
}

/// Says that evidence was shown to the caller, which is kept with the request.
///
/// Needed where a policy wants evidence opened; what was kept before is not kept again.
package struct OpenEvidence: EngineRequest {
    package static let name = "approvals.open"
    package static let permission = Permission.decide
    package typealias Answer = Approval
    package var approval: ID<Approval>
    /// Of what was shown.
    package var evidenceDigest: Digest
    package var titles: [String]

    package init(approval: ID<Approval>, evidenceDigest: Digest, titles: [String]) {
        self.approval = approval
        self.evidenceDigest = evidenceDigest
        self.titles = titles
    }
}

// MARK: - Keys

/// Takes up a public key of the caller's, which signed the statement of it.
package struct EnrollKey: EngineRequest {
    package static let name = "keys.enroll"
    package static let permission = Permission.decide
    package typealias Answer = SigningKey
    /// An `EnrollmentStatement`.
    package var signed: SignedStatement

    package init(signed: SignedStatement) {
        self.signed = signed
    }
}

/// Ends a key: one's own, or as an administrator anybody's.
package struct RevokeKey: EngineRequest {
    package static let name = "keys.revoke"
    package static let permission = Permission.decide
    package typealias Answer = SigningKey
    package var key: ID<SigningKey>
    package var reason: String

    package init(key: ID<SigningKey>, reason: String) {
        self.key = key
        self.reason = reason
    }
}

/// Every key that was ever enrolled, in order.
package struct ListKeys: EngineRequest {
    package static let name = "keys.list"
    package static let permission = Permission.view
    package typealias Answer = [SigningKey]
    package init() {}
}

package struct PolicyState: Codable, Sendable, Equatable {
    /// Newest first; the first is in force.
    package var history: [PolicyRecord]
    /// A change that waits for its approval.
    package var change: Approval?

    package init(history: [PolicyRecord], change: Approval?) {
        self.history = history
        self.change = change
    }
}
