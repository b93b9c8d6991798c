import Domain
import EngineAPI
import Terminal

/// Who is told of alerts, whether it arrived, and a test of it.
extension RoomState {
    /// Lets one pick the receiver that a made-up alert goes to.
    mutating func pickReceiver() -> [Effect] {
        let choices = (world.receivers ?? []).map { row in
            PickerEntry(
                row.name,
                "\(row.title) · \(row.last.map(deliveryWords) ?? localized("never told"))",
                action: .testReceiver(row.name)
            )
        }
        overlay = .picker(
            Picker(kind: .choice(localized("Send a made-up alert to")), choices: choices)
        )
        return []
    }

    var receiverObstacle: String? {
        guard let receivers = world.receivers else { return localized("Asking the engine…") }
        return receivers.isEmpty
            ? localized("Nobody is told of alerts: receivers are named in engine.yaml.") : nil
    }

}

/// What a delivery came to, such as `delivered 12:04Z`.
func deliveryWords(_ delivery: Delivery) -> String {
    func time(_ date: Timestamp) -> String {
        "\(date.dateText.dropFirst(5)) \(date.timeText.prefix(5))Z"
    }
    switch delivery.status {
    case .delivered(let at): return localized("delivered \(time(at))")
    case .failed(_, let reason): return localized("failed: \(reason)")
    case .superseded(_, let newer): return localized("\(newer) takes its place")
    case .waiting(let until):
        guard let problem = delivery.attempts.last?.problem else { return localized("to be told") }
        return localized("\(problem) Again at \(time(until)).")
    }
}

/// Tells one receiver a made-up alert; one sentence of what came of the first try.
func testReceiver(_ name: String, by engine: any EngineConnection) async throws -> String {
    let delivery = try await engine.send(TestReceiver(receiver: name))
    switch delivery.status {
    case .delivered:
        let milliseconds = delivery.attempts.last?.durationMilliseconds ?? 0
        return localized("\(name) took the made-up alert in \(milliseconds) ms.")
    default: throw Refusal(.unavailable, "\(name): \(deliveryWords(delivery))")
    }
}
