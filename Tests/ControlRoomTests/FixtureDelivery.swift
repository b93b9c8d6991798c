import Domain
import EngineAPI

/// Who was told of the fixture's alerts.
extension FixtureWorld {
    static let deliveries: [Delivery] = [
        delivery(2, to: "pager", .failed("The server answered 401: \"bad key\".")),
        delivery(1, to: "ops", .accepted),
    ]

    static let receivers = [
        ReceiverRow(name: "ops", title: "mail to ops@example.org", waiting: 0, last: deliveries[1]),
        ReceiverRow(name: "pager", title: "pagerduty", waiting: 1, last: deliveries[0]),
        ReceiverRow(name: "chat", title: "slack", waiting: 0, last: nil),
    ]

    private static func delivery(
        _ number: Int,
        to receiver: String,
        _ outcome: DeliveryOutcome
    ) -> Delivery {
        var delivery = Delivery(
            id: ID("delivery-\(number)"),
            receiver: receiver,
            key: "key-\(number)",
            group: "late-flights",
            createdAt: ago(5 * Timestamp.hour),
            notification: AlertNotification(
                reason: .first,
                labels: ["model": model],
                alerts: [alerts[0]]
            )
        )
        try? delivery.record(
            outcome,
            at: ago(5 * Timestamp.hour),
            durationMilliseconds: 41,
            policy: RetryPolicy(),
            chance: 0.5
        )
        return delivery
    }
}
