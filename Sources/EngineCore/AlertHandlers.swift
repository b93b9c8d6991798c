package import Domain
package import EngineAPI
import Storage

extension ListAlerts: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Alert] {
        try await engine.store.alerts(openOnly: openOnly, asOf: asOf, limit: 1_000)
    }
}

extension GetAlert: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> AlertPage {
        let found = try await engine.store.alert(alert)
        let now = engine.settings.now()
        let muting =
            found.isOpen
            ? found.muting(
                silences: try await engine.store.silences(openAt: now, limit: 10_000),
                firing: try await engine.store.alerts(openOnly: true, limit: 10_000),
                at: now
            ) : nil
        return AlertPage(
            alert: found,
            muting: muting,
            deliveries: try await engine.store.deliveries(of: alert, limit: 100)
        )
    }
}

extension MuteAlert: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Alert {
        let committed = try await engine.store.muteAlert(
            alert,
            forSeconds: seconds,
            reason: String(reason.prefix(500)),
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension AcknowledgeAlert: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Alert {
        let committed = try await engine.store.acknowledgeAlert(
            alert,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

// MARK: - Silences

extension AddSilence: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Silence {
        let now = engine.settings.now()
        let start = startsAt ?? now
        guard seconds.isFinite, (1...Silence.longestSeconds).contains(seconds),
            abs(start.seconds(since: now)) <= Silence.longestSeconds
        else {
            throw Refusal(
                .invalid,
                "A silence begins within a year from now and lasts for a second up to a year."
            )
        }
        let committed = try await engine.store.addSilence(
            try matchers.map { text throws(Refusal) in try AlertMatcher(text) },
            from: start,
            to: start.adding(seconds: seconds),
            reason: reason,
            by: caller.actor,
            at: now
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension EndSilence: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Silence {
        let committed = try await engine.store.endSilence(
            silence,
            by: caller.actor,
            at: engine.settings.now()
        )
        engine.events.publish(committed.events)
        return committed.value
    }
}

extension ListSilences: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Silence] {
        let now = engine.settings.now()
        return try await engine.store.silences(openAt: openOnly ? now : nil, limit: 1_000)
    }
}

// MARK: - Receivers

extension ListReceivers: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [ReceiverRow] {
        let deliveries = try await engine.store.deliveries(of: nil, limit: 10_000)
        return engine.settings.receivers.map { receiver in
            let own = deliveries.filter { $0.receiver == receiver.name }
            return ReceiverRow(
                name: receiver.name,
                title: receiver.title,
                waiting: own.count(where: \.isWaiting),
                last: own.first { !$0.attempts.isEmpty }
            )
        }
    }
}

extension TestReceiver: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Delivery {
        try await engine.notifier.test(receiver, by: caller.actor)
    }
}

extension ListDeliveries: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Delivery] {
        try await engine.store.deliveries(of: alert, limit: max(0, min(limit, 10_000)))
    }
}
