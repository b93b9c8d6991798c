package import Domain
package import EngineAPI
import Storage

extension EnrollKey: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> SigningKey {
        let committed = try await engine.store.enrollKey(
            signed,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension RevokeKey: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> SigningKey {
        let owner = try await engine.store.signingKeys().first { $0.id == key }?.owner
        if let owner, !owner.isSamePerson(as: caller.actor),
            !caller.roles.contains(.administrator)
        {
            throw Refusal(
                .forbidden,
                """
                The key "\(key)" is of "\(owner)". They can revoke it themselves, and so can who \
                has the role administrator.
                """
            )
        }
        let committed = try await engine.store.revokeKey(
            key,
            reason: String(reason.prefix(500)),
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension ListKeys: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [SigningKey] {
        try await engine.store.signingKeys()
    }
}
