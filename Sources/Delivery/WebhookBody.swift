import Domain
import FoundationEssentials

/// What is posted to a receiver: the same notification in the form each service takes.
struct WebhookBody {
    let delivery: Delivery

    private var notification: AlertNotification { delivery.notification }

    /// The body in a shape.
    ///
    /// - Parameter routingKey: PagerDuty's, which it takes in the body.
    func text(_ shape: WebhookShape, routingKey: String? = nil) throws -> String {
        switch shape {
        case .webhook: try json(GenericBody(delivery))
        case .slack: try json(["text": slackText])
        case .ntfy: plainText
        case .pagerduty: try json(pagerDuty(routingKey ?? ""))
        }
    }

    /// Header lines beside the token's; texts in them are one line of printable ASCII.
    func headers(_ shape: WebhookShape) -> [String] {
        let type = shape == .ntfy ? "text/plain; charset=utf-8" : "application/json"
        var lines = ["Content-Type: \(type)", "Idempotency-Key: \(delivery.key)"]
        if shape == .ntfy {
            lines.append("Title: \(asciiLine(notification.title))")
            let isUrgent = notification.severity == .critical && !notification.isResolved
            lines.append(
                "Priority: \(notification.isResolved ? "low" : isUrgent ? "urgent" : "high")"
            )
            lines.append("Tags: \(notification.isResolved ? "white_check_mark" : "warning")")
        }
        return lines
    }

    /// A line an alert, under the title's line where the receiver has no title of its own.
    var plainText: String {
        notification.alerts.map { alert in
            let state = alert.isOpen ? alert.severity.rawValue : "resolved"
            return "\(state): \(oneLine(alert.title)) of \(oneLine(alert.model)): "
                + oneLine(alert.message)
        }
        .joined(separator: "\n")
    }

    /// Slack's markup reads `&`, `<` and `>`.
    private var slackText: String {
        let lines = "*\(oneLine(notification.title))*\n\(plainText)"
        return lines.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }

    /// PagerDuty Events API v2: one incident a group, by its key.
    private func pagerDuty(_ routingKey: String) -> PagerDutyEvent {
        PagerDutyEvent(
            routingKey: routingKey,
            eventAction: notification.isResolved ? "resolve" : "trigger",
            dedupKey: String(delivery.group.prefix(255)),
            payload: PagerDutyEvent.Payload(
                summary: String(notification.title.prefix(1_024)),
                source: notification.alerts.first?.model ?? "binnacle",
                severity: notification.severity.rawValue,
                timestamp: delivery.createdAt.description,
                customDetails: ["alerts": plainText]
            )
        )
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// The generic form, close to Alertmanager's webhook.
struct GenericBody: Encodable {
    struct Entry: Encodable {
        let id: String
        let status: String
        let labels: [String: String]
        let message: String
        let startsAt: String
        let dataTime: String
        let endsAt: String?
        let acknowledgedBy: String?
    }

    let version = 1
    let key: String
    let group: String
    let receiver: String
    let reason: String
    let status: String
    let title: String
    let groupLabels: [String: String]
    let alerts: [Entry]

    init(_ delivery: Delivery) {
        let notification = delivery.notification
        key = delivery.key
        group = delivery.group
        receiver = delivery.receiver
        reason = notification.reason.rawValue
        status = notification.isResolved ? "resolved" : "firing"
        title = notification.title
        groupLabels = notification.labels
        alerts = notification.alerts.map { alert in
            Entry(
                id: alert.id.text,
                status: alert.status.rawValue,
                labels: alert.labels,
                message: alert.message,
                startsAt: alert.startedAt.description,
                dataTime: alert.dataTime.description,
                endsAt: alert.resolvedAt?.description,
                acknowledgedBy: alert.acknowledgedBy?.name
            )
        }
    }

    /// As one line, for a command's standard input.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

private struct PagerDutyEvent: Encodable {
    struct Payload: Encodable {
        let summary: String
        let source: String
        let severity: String
        let timestamp: String
        let customDetails: [String: String]

        enum CodingKeys: String, CodingKey {
            case summary, source, severity, timestamp
            case customDetails = "custom_details"
        }
    }

    let routingKey: String
    let eventAction: String
    let dedupKey: String
    let payload: Payload

    enum CodingKeys: String, CodingKey {
        case routingKey = "routing_key"
        case eventAction = "event_action"
        case dedupKey = "dedup_key"
        case payload
    }
}

/// A text without line ends or other control characters.
func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
}

/// A text that fits into a header line of any protocol.
func asciiLine(_ text: String) -> String {
    String(
        decoding: oneLine(text).unicodeScalars.map { $0.isASCII ? UInt8($0.value) : 63 },
        as: UTF8.self
    )
}
