import Domain
import FoundationEssentials
import Glibc

let noon = Timestamp(microseconds: 1_400_000_000_000_000)

func makeAlert(
    _ number: Int = 1,
    status: AlertStatus = .firing,
    message: String = "wind <b>& \"temp\" have drifted."
) -> Alert {
    var alert = Alert(
        id: ID("alert-\(number)"),
        rule: .drift,
        severity: .critical,
        model: "churn",
        subject: "churn/v1",
        owner: "ann",
        startedAt: noon,
        dataTime: noon,
        message: message,
        status: status
    )
    if status == .resolved { alert.resolvedAt = noon.adding(seconds: 60) }
    return alert
}

func makeDelivery(_ alerts: [Alert] = [makeAlert()]) -> Delivery {
    Delivery(
        id: ID("delivery-1"),
        receiver: "ops",
        key: "1400000000000000-1",
        group: "ops{model=churn}",
        createdAt: noon,
        notification: AlertNotification(
            reason: .first,
            labels: ["model": "churn"],
            alerts: alerts
        )
    )
}

/// A file that only its owner reads, in a folder of its own.
func makeFile(_ text: String, name: String = "secret", mode: UInt32 = 0o600) throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/delivery-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    chmod(path, mode)
    return path
}
