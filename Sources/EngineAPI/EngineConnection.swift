package import Domain

/// One question or order to the engine, and the shape of its answer.
package protocol EngineRequest: Codable, Sendable {
    associatedtype Answer: Codable, Sendable
    /// The name on the wire and in the audit trail, unique, such as `approvals.decide`.
    static var name: String { get }
    /// What the caller must be granted; the engine checks it before the request reaches a handler.
    static var permission: Permission { get }
}

/// A way to reach the engine: in the same process, or over a socket.
package protocol EngineConnection: Sendable {
    /// Answers, or throws a `Refusal` that can be shown to the user as it stands.
    func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer

    /// Everything recorded after a sequence number (nil: from now on), then live.
    ///
    /// The stream is bounded: a reader that falls behind gets `.missed` in place of what was
    /// dropped, and should ask for its view anew. It ends when the connection does.
    func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent>
}

/// What watchers are told, after it was committed.
package enum EngineEvent: Codable, Sendable, Equatable {
    /// A state change, with its place in the audit chain.
    case recorded(AuditEvent)
    case progress(job: ID<Job>, progress: JobProgress)
    /// A job wrote to its log; it has so many lines now.
    case logged(job: ID<Job>, lines: Int)
    case health(deployment: ID<Deployment>, health: DeploymentHealth)
    /// Production rows came in; the newest row time so far.
    case collected(model: String, rows: Int, through: Timestamp)
    /// Events were dropped because the reader was slow.
    case missed(count: Int)
}

/// Who asks: the kernel's word for the user, and the program's own word for itself.
package struct Caller: Sendable, Equatable {
    package let actor: Actor
    /// Such as `control room` or `command line`; a remark, never an identity.
    package let client: String
    /// What the engine's configuration makes of them; the engine fills it in when they connect.
    package let roles: Set<UserRole>

    package init(actor: Actor, client: String, roles: Set<UserRole> = []) {
        self.actor = actor
        self.client = client
        self.roles = roles
    }
}

/// An answer that says nothing but "done".
package struct Done: Codable, Sendable, Equatable {
    package init() {}
}
