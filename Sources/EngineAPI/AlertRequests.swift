package import Domain

/// One alert, why it is kept quiet if it is, and who was told of it.
package struct GetAlert: EngineRequest {
    package static let name = "alerts.get"
    package static let permission = Permission.view
    package typealias Answer = AlertPage
    package var alert: ID<Alert>

    package init(alert: ID<Alert>) {
        self.alert = alert
    }
}

package struct AlertPage: Codable, Sendable, Equatable {
    package var alert: Alert
    package var muting: AlertMuting?
    /// Newest first.
    package var deliveries: [Delivery]

    package init(alert: Alert, muting: AlertMuting?, deliveries: [Delivery]) {
        self.alert = alert
        self.muting = muting
        self.deliveries = deliveries
    }
}

// MARK: - Silences

/// Keeps alerts that fit every matcher from being told; they go on being raised and shown.
package struct AddSilence: EngineRequest {
    package static let name = "silences.add"
    package static let permission = Permission.handleAlerts
    package typealias Answer = Silence
    /// Such as `model=late-flights` or `feature=dep_*`.
    package var matchers: [String]
    /// nil is now.
    package var startsAt: Timestamp?
    /// From the start, in seconds; at most a year.
    package var seconds: Double
    package var reason: String

    package init(
        matchers: [String],
        startsAt: Timestamp? = nil,
        seconds: Double,
        reason: String
    ) {
        self.matchers = matchers
        self.startsAt = startsAt
        self.seconds = seconds
        self.reason = reason
    }
}

package struct EndSilence: EngineRequest {
    package static let name = "silences.end"
    package static let permission = Permission.handleAlerts
    package typealias Answer = Silence
    package var silence: ID<Silence>

    package init(silence: ID<Silence>) {
        self.silence = silence
    }
}

/// Newest first; those that have ended only where asked for.
package struct ListSilences: EngineRequest {
    package static let name = "silences.list"
    package static let permission = Permission.view
    package typealias Answer = [Silence]
    package var openOnly: Bool

    package init(openOnly: Bool = true) {
        self.openOnly = openOnly
    }
}

// MARK: - Receivers

/// Who can be told, by the engine's configuration; never where a secret lies.
package struct ListReceivers: EngineRequest {
    package static let name = "receivers.list"
    package static let permission = Permission.view
    package typealias Answer = [ReceiverRow]
    package init() {}
}

package struct ReceiverRow: Codable, Sendable, Equatable {
    package var name: String
    /// Such as `mail to ops@example.org`.
    package var title: String
    package var waiting: Int
    package var last: Delivery?

    package init(name: String, title: String, waiting: Int, last: Delivery?) {
        self.name = name
        self.title = title
        self.waiting = waiting
        self.last = last
    }
}

/// Sends one notification made up for the purpose; answers after the first try.
package struct TestReceiver: EngineRequest {
    package static let name = "receivers.test"
    package static let permission = Permission.handleAlerts
    package typealias Answer = Delivery
    package var receiver: String

    package init(receiver: String) {
        self.receiver = receiver
    }
}

/// Newest first.
package struct ListDeliveries: EngineRequest {
    package static let name = "deliveries.list"
    package static let permission = Permission.view
    package typealias Answer = [Delivery]
    package var alert: ID<Alert>?
    package var limit: Int

    package init(alert: ID<Alert>? = nil, limit: Int = 1_000) {
        self.alert = alert
        self.limit = limit
    }
}
