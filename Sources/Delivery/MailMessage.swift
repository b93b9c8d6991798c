import Domain
import FoundationEssentials

/// A notification as an Internet message (RFC 5322), plain text in UTF-8.
struct MailMessage {
    let delivery: Delivery
    let from: String
    let to: [String]

    /// The whole message, with the line ends of a wire or of a file.
    func text(lineEnd: String) -> String {
        let lines = headers + [""] + body
        return lines.map { $0 + lineEnd }.joined()
    }

    private var headers: [String] {
        [
            "From: \(asciiLine(from))",
            "To: \(asciiLine(to.joined(separator: ", ")))",
            "Subject: \(encoded(delivery.notification.title))",
            "Date: \(Self.date(delivery.createdAt))",
            "Message-ID: <\(delivery.key)@binnacle>",
            "X-Idempotency-Key: \(delivery.key)",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
    }

    /// Lines stay far below the 998 bytes that mail allows: what is longer is folded.
    private var body: [String] {
        var lines: [String] = []
        for alert in delivery.notification.alerts {
            let state = alert.isOpen ? alert.severity.rawValue : "resolved"
            lines.append("\(state): \(oneLine(alert.title)) of \(oneLine(alert.model))")
            lines.append(oneLine(alert.message))
            lines.append("  alert    \(alert.id)")
            lines.append("  about    \(oneLine(alert.subject))")
            lines.append("  owner    \(oneLine(alert.owner))")
            lines.append("  since    \(alert.startedAt)")
            if let end = alert.resolvedAt { lines.append("  until    \(end)") }
            lines.append("")
        }
        lines.append("binnacle alerts acknowledge ALERT says that you take care of it.")
        return lines.flatMap(Self.folded)
    }

    /// RFC 2047 for a subject that is not ASCII.
    private func encoded(_ text: String) -> String {
        let line = String(oneLine(text).prefix(200))
        guard line.unicodeScalars.contains(where: { !$0.isASCII }) else { return line }
        // An encoded word holds at most 75 characters: 30 bytes or less are 40 in base 64.
        var words: [String] = []
        var part = ""
        for character in line {
            if part.utf8.count + String(character).utf8.count > 30 {
                words.append(part)
                part = ""
            }
            part.append(character)
        }
        words.append(part)
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
            .joined(separator: " ")
    }

    private static func folded(_ line: String) -> [String] {
        guard line.utf8.count > 400 else { return [line] }
        var lines: [String] = []
        var part = ""
        for word in line.split(separator: " ") {
            if part.utf8.count + word.utf8.count > 400 && !part.isEmpty {
                lines.append(part)
                part = ""
            }
            part += (part.isEmpty ? "" : " ") + word.prefix(400)
        }
        return lines + [part]
    }

    /// `Fri, 23 Nov 2026 07:55:28 +0000`
    static func date(_ date: Timestamp) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let number = Int(date.floored(toSeconds: Timestamp.day).seconds / Timestamp.day)
        let parts = date.dateText.split(separator: "-")
        let month = parts.count == 3 ? Int(parts[1]) ?? 1 : 1
        return "\(days[(number % 7 + 7) % 7]), \(parts.last ?? "") \(months[month - 1]) "
            + "\(parts.first ?? "") \(date.timeText) +0000"
    }
}
