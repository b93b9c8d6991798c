/// Where a secret is read at the moment it is needed; it is never kept.
package enum Secret: Sendable, Equatable {
    case file(String)
    case environment(String)
}

/// The forms a webhook is written in.
package enum WebhookShape: String, Sendable, CaseIterable {
    case webhook, slack, ntfy, pagerduty
}

package enum MailTransport: Sendable, Equatable {
    /// A program that takes a message on standard input, such as `/usr/sbin/sendmail -t`.
    case sendmail(path: String)
    /// `smtp://host:port`, `smtps://host`; with a user, the password is asked for.
    case smtp(url: String, user: String?, password: Secret?)
}

package enum ReceiverKind: Sendable, Equatable {
    case mail(from: String, to: [String], transport: MailTransport)
    /// - address: nil where the address itself is the secret, or the shape has a usual one.
    /// - token: A bearer token, or PagerDuty's routing key.
    case web(shape: WebhookShape, address: String?, secretAddress: Secret?, token: Secret?)
    /// Program and arguments; the notification comes on standard input.
    case command([String])
}

/// One way to reach people or programs, from the engine's configuration.
package struct Receiver: Sendable, Equatable {
    package let name: String
    package let kind: ReceiverKind
    package let sendsResolved: Bool
    /// How long one try may take, in seconds.
    package let timeoutSeconds: Double

    package init(
        name: String,
        kind: ReceiverKind,
        sendsResolved: Bool = true,
        timeoutSeconds: Double = 15
    ) {
        self.name = name
        self.kind = kind
        self.sendsResolved = sendsResolved
        self.timeoutSeconds = timeoutSeconds
    }

    /// What is shown of it: its kind, and never where a secret lies.
    package var title: String {
        switch kind {
        case .mail(_, let to, _): "mail to \(to.joined(separator: ", "))"
        case .web(let shape, _, _, _): shape.rawValue
        case .command(let words): "command \(words.first ?? "")"
        }
    }
}
