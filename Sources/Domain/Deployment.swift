/// One change of what a deployment serves; the last one is what it should serve now.
package struct DeploymentRevision: Codable, Sendable, Equatable {
    package enum Reason: String, Codable, Sendable {
        case deploy, rollback
    }

    package let number: Int
    package let version: Int
    package let bundleDigest: Digest
    package let approval: ID<Approval>
    package let reason: Reason
    package let note: String
    package let actor: Actor
    package let at: Timestamp

    package init(
        number: Int,
        version: Int,
        bundleDigest: Digest,
        approval: ID<Approval>,
        reason: Reason,
        note: String,
        actor: Actor,
        at: Timestamp
    ) {
        self.number = number
        self.version = version
        self.bundleDigest = bundleDigest
        self.approval = approval
        self.reason = reason
        self.note = note
        self.actor = actor
        self.at = at
    }
}

/// A model served in an environment, with the append-only history of what it served.
package struct Deployment: Codable, Sendable, Equatable, Identifiable {
    package let id: ID<Deployment>
    package let model: String
    package let environment: String
    /// The loopback port; 0 until the first start chose one.
    package var port: Int
    package private(set) var revisions: [DeploymentRevision]

    package init(
        id: ID<Deployment>,
        model: String,
        environment: String,
        port: Int,
        first: DeploymentRevision
    ) {
        self.id = id
        self.model = model
        self.environment = environment
        self.port = port
        revisions = [first]
    }

    package var current: DeploymentRevision { revisions[revisions.count - 1] }

    /// The last revision that served another version than the current one: where a rollback goes.
    package var rollbackTarget: DeploymentRevision? {
        revisions.last { $0.version != current.version }
    }

    package mutating func add(_ revision: DeploymentRevision) throws(Refusal) {
        guard revision.number == current.number + 1 else {
            throw Refusal(
                .conflict,
                """
                The deployment "\(id)" moved to revision \(current.number) meanwhile. \
                Look at what it serves now and try again.
                """
            )
        }
        guard revision.version != current.version else {
            throw Refusal(
                .conflict,
                "The deployment \"\(id)\" serves \"\(model) v\(revision.version)\" already."
            )
        }
        revisions.append(revision)
    }
}

/// What a scoring process last said of itself; observed, not state.
package struct DeploymentHealth: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case starting, ready, restarting, failed, stopped
    }

    package var state: State
    /// The version that answers now; nil before the first is ready.
    package var servingVersion: Int?
    package var servingDigest: Digest?
    package var port: Int
    package var processID: Int32?
    package var startedAt: Timestamp?
    package var lastSeen: Timestamp?
    package var requests: Int
    package var rows: Int
    /// Requests that the service failed: status 5xx, such as 503 where it had too much to do.
    package var errors: Int
    /// Requests that were wrong in themselves, 4xx; nil from a process of an earlier version.
    package var refused: Int?
    /// Rows the collector dropped because its queue was full.
    package var collectorDropped: Int
    /// Medians and tails of the answer time over the last minute, in milliseconds.
    package var latencyMedianMilliseconds: Double?
    package var latency95Milliseconds: Double?
    package var latency99Milliseconds: Double?
    package var residentBytes: Int?
    /// Why it is not ready, as a sentence.
    package var problem: String?

    package init(state: State, port: Int = 0) {
        self.state = state
        self.port = port
        requests = 0
        rows = 0
        errors = 0
        collectorDropped = 0
    }
}

extension DeploymentHealth {
    /// Whether it says more than that the process still lives.
    package func isNews(since earlier: DeploymentHealth) -> Bool {
        var same = self
        same.lastSeen = earlier.lastSeen
        same.residentBytes = earlier.residentBytes
        return same != earlier
    }
}
