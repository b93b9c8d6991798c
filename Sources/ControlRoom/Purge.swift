import Domain
import Terminal

/// `:purge MODEL [VERSION] --reason WORDS`: the one act without a key.
struct Purge: Sendable, Equatable {
    let model: String
    /// nil is the whole model.
    let version: Int?
    let reason: String

    static var usage: String { localized("purge MODEL [VERSION] --reason WHY IT HAS TO GO") }

    /// Reads what was typed after `:`; nil where it is no purge.
    static func entry(reading text: String) -> PickerEntry? {
        guard text == "purge" || text.hasPrefix("purge ") else { return nil }
        let parts = text.dropFirst(5).split(separator: " ").map(String.init)
        let names = parts.prefix { $0 != "--reason" }
        let reason = parts.drop { $0 != "--reason" }.dropFirst().joined(separator: " ")
        func complaint(_ sentence: String) -> PickerEntry {
            PickerEntry(text, usage, obstacle: sentence, action: .complain(sentence))
        }
        var version: Int?
        guard let model = names.first, names.count <= 2 else {
            return complaint(
                localized("Name a model, and a version if only that is to go: \(usage)")
            )
        }
        if names.count == 2 {
            let digits = names[1].hasPrefix("v") ? names[1].dropFirst() : names[1][...]
            guard let number = Int(digits), number > 0 else {
                return complaint(localized("\(quoted(names[1])) is no version: \(usage)"))
            }
            version = number
        }
        do {
            try RegistryChange.delete(version: version, reason: reason).check()
        } catch {
            return complaint(error.message)
        }
        let what = version.map { "\(model) v\($0)" } ?? localized("\(model) with all its versions")
        return PickerEntry(
            text,
            localized("leave only a tombstone of \(what)"),
            action: .purge(Purge(model: model, version: version, reason: reason))
        )
    }
}

extension RoomState {
    /// Asks for the name to be typed once more before anything is sent.
    mutating func begin(_ purge: Purge) -> [Effect] {
        if let obstacle = obstacleToAll {
            say(obstacle, .warning)
            return []
        }
        let what = purge.version.map { "\(purge.model) v\($0)" } ?? purge.model
        let change = RegistryChange.delete(version: purge.version, reason: purge.reason)
        overlay = .version(
            VersionDialog(
                title: localized("Delete \(what)?"),
                lines: [
                    StyledText(localized("You are \(settings.user) on \(settings.host).")),
                    StyledText(
                        localized(
                            "Only a tombstone stays; \"binnacle gc --apply\" frees the bytes."
                        )
                    ),
                    StyledText(localized("Reason: \(purge.reason)")),
                ],
                expected: purge.version.map { "v\($0)" } ?? purge.model,
                kind: .order(.registry(model: purge.model, change))
            )
        )
        return []
    }
}
