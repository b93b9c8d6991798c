package import Domain

/// Reads the `receivers:` block of an `engine.yaml`: the ways to reach people and programs.
///
/// The file's other blocks are left to their own readers.
///
/// - Throws: Everything that is wrong with the block, a sentence a line, in the order of the file.
package func readReceivers(text: String, fileName: String) throws(Refusal) -> [Receiver] {
    var reader = ReceiverReader()
    for (key, node) in try readMapping(text, fileName: fileName)
    where key.text == "receivers" {
        reader.read(node)
    }
    guard reader.problems.isEmpty else {
        throw Refusal(
            .invalid,
            reader.problems.map { "\(quoted(fileName)), line \($0.line): \($0.message)" }
                .joined(separator: "\n")
        )
    }
    return reader.receivers
}

private struct ReceiverReader {
    /// What a receiver's `kind` may be, with the keys each takes beside the common ones.
    private static let kinds: [(name: String, keys: [String])] = [
        ("mail", ["from", "to", "sendmail", "smtp", "user", "password_file", "password_env"]),
        ("webhook", ["url", "url_file", "url_env", "token_file", "token_env"]),
        ("slack", ["url", "url_file", "url_env"]),
        ("ntfy", ["url", "url_file", "url_env", "token_file", "token_env"]),
        ("pagerduty", ["url", "key_file", "key_env"]),
        ("command", ["command"]),
    ]
    private static let common = ["kind", "send_resolved", "timeout"]

    private(set) var receivers: [Receiver] = []
    private(set) var problems: [Problem] = []
    /// The keys of the receiver that is being read.
    private var texts: [String: String] = [:]
    private var lists: [String: [String]] = [:]

    mutating func read(_ node: Node) {
        guard let mapping = node.mapping else {
            note(node, "\"receivers\" takes names and receivers such as { ops: { kind: slack } }.")
            return
        }
        for (key, node) in mapping {
            let name = key.text ?? ""
            guard isName(name) else {
                note(key, "the receiver \(quoted(name)) cannot be a name: \(Shape.name.words).")
                continue
            }
            guard let keys = node.mapping else {
                note(node, "\"receivers.\(name)\" takes keys such as { kind: slack }.")
                continue
            }
            readReceiver(name, key, keys)
        }
    }

    private mutating func readReceiver(_ name: String, _ node: Node, _ mapping: Node.Mapping) {
        let path = "receivers.\(name)"
        let before = problems.count
        texts = [:]
        lists = [:]
        let names = Self.kinds.map(\.name)
        let found = mapping.first { $0.key.text == "kind" }?.value
        guard let kind = Self.kinds.first(where: { $0.name == found?.text }) else {
            note(found ?? node, "\"\(path).kind\" takes \(alternatives(names)).")
            return
        }
        for (key, value) in mapping { readKey(path, key, value, kind) }
        let receiver = receiver(name, kind.name, path, node)
        if problems.count == before, let receiver { receivers.append(receiver) }
    }

    private mutating func readKey(
        _ path: String,
        _ key: Node,
        _ value: Node,
        _ kind: (name: String, keys: [String])
    ) {
        let word = key.text ?? ""
        let valid = Self.common + kind.keys
        guard valid.contains(word) else {
            noteUnknown(key, word, path, valid)
            return
        }
        switch word {
        case "to", "command":
            let texts = value.sequence?.map { $0.text ?? "" } ?? []
            guard !texts.isEmpty, texts.allSatisfy({ isOneLine($0) }) else {
                note(value, "\"\(path).\(word)\" takes a list such as [a, b].")
                return
            }
            lists[word] = texts
        case "send_resolved":
            guard ["true", "false"].contains(value.text ?? "") else {
                note(value, "\"\(path).send_resolved\" takes true or false.")
                return
            }
            texts[word] = value.text
        case "timeout":
            guard let seconds = parseDuration(value.text ?? ""), seconds <= 300 else {
                note(value, "\"\(path).timeout\" takes a duration such as 15s, at most 5m.")
                return
            }
            texts[word] = "\(seconds)"
        default:
            guard let text = value.text, isOneLine(text) else {
                note(value, "\"\(path).\(word)\" takes a line of text.")
                return
            }
            texts[word] = text
        }
    }

    private mutating func receiver(
        _ name: String,
        _ kind: String,
        _ path: String,
        _ node: Node
    ) -> Receiver? {
        let found: ReceiverKind? =
            switch kind {
            case "mail": mail(path, node)
            case "command": command(path, node)
            default: web(WebhookShape(rawValue: kind) ?? .webhook, path, node)
            }
        return found.map {
            Receiver(
                name: name,
                kind: $0,
                sendsResolved: texts["send_resolved"] != "false",
                timeoutSeconds: texts["timeout"].flatMap { Double($0) } ?? 15
            )
        }
    }

    private mutating func command(_ path: String, _ node: Node) -> ReceiverKind? {
        guard let words = lists["command"], words[0].hasPrefix("/") else {
            note(node, "\"\(path).command\" needs the whole path of a program, such as [/bin/x].")
            return nil
        }
        return .command(words)
    }

    private mutating func mail(_ path: String, _ node: Node) -> ReceiverKind? {
        guard let from = texts["from"], let to = lists["to"],
            ([from] + to).allSatisfy(isMailAddress)
        else {
            note(node, "\"\(path)\" needs \"from\" and \"to\", addresses such as ops@example.org.")
            return nil
        }
        guard let url = texts["smtp"] else {
            let program = texts["sendmail"] ?? "/usr/sbin/sendmail"
            guard program.hasPrefix("/") else {
                note(node, "\"\(path).sendmail\" takes the whole path of a program.")
                return nil
            }
            return .mail(from: from, to: to, transport: .sendmail(path: program))
        }
        guard texts["sendmail"] == nil else {
            note(node, "\"\(path)\" has both \"sendmail\" and \"smtp\". Remove one.")
            return nil
        }
        guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://"), !url.contains("@") else {
            note(node, "\"\(path).smtp\" takes an address such as smtp://mail.example.org:587.")
            return nil
        }
        let password = secret("password", path, node)
        if (texts["user"] == nil) != (password == nil) {
            note(node, "\"\(path)\" needs \"user\" and \"password_file\" together.")
            return nil
        }
        return .mail(
            from: from,
            to: to,
            transport: .smtp(url: url, user: texts["user"], password: password)
        )
    }

    private mutating func web(
        _ shape: WebhookShape,
        _ path: String,
        _ node: Node
    ) -> ReceiverKind? {
        let hidden = secret("url", path, node)
        var address = texts["url"]
        if shape == .pagerduty {
            address = address ?? "https://events.pagerduty.com/v2/enqueue"
        }
        guard (address == nil) != (hidden == nil) else {
            note(node, "\"\(path)\" needs one of \"url\", \"url_file\" and \"url_env\".")
            return nil
        }
        if let address, !address.hasPrefix("http://") && !address.hasPrefix("https://") {
            note(node, "\"\(path).url\" takes an address such as https://example.org/hook.")
            return nil
        }
        let token = secret(shape == .pagerduty ? "key" : "token", path, node)
        if shape == .pagerduty && token == nil {
            note(node, "\"\(path)\" needs \"key_file\" or \"key_env\": the integration's key.")
            return nil
        }
        return .web(shape: shape, address: address, secretAddress: hidden, token: token)
    }

    /// A secret by the place it lies in; written into the file itself it is not taken.
    private mutating func secret(_ name: String, _ path: String, _ node: Node) -> Secret? {
        switch (texts["\(name)_file"], texts["\(name)_env"]) {
        case (nil, nil): return nil
        case (let file?, nil) where file.hasPrefix("/"): return .file(file)
        case (nil, let variable?): return .environment(variable)
        case (_?, nil):
            note(node, "\"\(path).\(name)_file\" takes a whole path.")
            return nil
        case (_?, _?):
            note(node, "\"\(path)\" has both \"\(name)_file\" and \"\(name)_env\". Remove one.")
            return nil
        }
    }

    private func isOneLine(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 2_000 && !text.unicodeScalars.contains(where: isControl)
    }

    private func isMailAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>,;\"\\".utf8.contains($0) }
            && !text.hasPrefix("-")
    }

    private mutating func note(_ node: Node, _ message: String) {
        problems.append(Problem(line: node.line, message: message))
    }

    private mutating func noteUnknown(
        _ node: Node,
        _ name: String,
        _ section: String,
        _ valid: [String]
    ) {
        let near = nearestName(to: name, among: valid).map { "; \"\($0)\" is the nearest" } ?? ""
        note(
            node,
            "the key \(quoted(name)) in \"\(section)\" is unknown\(near). "
                + "The keys are \(valid.joined(separator: ", "))."
        )
    }
}
