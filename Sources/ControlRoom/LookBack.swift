import Domain
import EngineAPI
import Terminal

/// How the command is written.
var lookBackUsage: String {
    localized("as-of TIME: 2013-07-01T12:00, or 3d for three days ago; :now comes back")
}

/// Reads `as-of TIME` typed after `:`; nil where it is something else.
func lookBackEntry(reading text: String, now: Timestamp) -> PickerEntry? {
    guard text.hasPrefix("as-of ") else { return nil }
    let typed = text.dropFirst(6).split(separator: " ").joined(separator: " ")
    func complaint(_ sentence: String) -> PickerEntry {
        PickerEntry(text, lookBackUsage, obstacle: sentence, action: .complain(sentence))
    }
    guard let date = moment(typed, now: now) else {
        return complaint(localized("\(quoted(typed)) is no time: \(lookBackUsage)"))
    }
    guard date <= now else {
        return complaint(localized("\(date) has not come yet: \(lookBackUsage)"))
    }
    return PickerEntry(
        text,
        localized("every view as it was at \(date)"),
        action: .lookBack(date)
    )
}

/// An ISO 8601 time, or how long ago, such as `90m`.
private func moment(_ typed: String, now: Timestamp) -> Timestamp? {
    if let date = Timestamp(typed) { return date }
    guard let unit = typed.last, "smhdw".contains(unit), let seconds = FilterTerm.number(typed),
        (0...Timestamp.day * 36_525).contains(seconds)
    else { return nil }
    return now.adding(seconds: -seconds)
}

extension RoomState {
    /// Shows every view as it was. Models and Deployments have views of their own for that, and keep
    /// how they were left.
    mutating func lookBack(to date: Timestamp) -> [Effect] {
        if presentScreens.isEmpty {
            presentScreens = screens.filter { $0.key == .models || $0.key == .deployments }
        }
        screens[.models] = PastModelsScreen(date: date)
        screens[.deployments] = PastDeploymentsScreen(date: date)
        return turn(to: date)
    }

    mutating func lookAtPresent() -> [Effect] {
        guard world.pastDate != nil else {
            say(localized("This is now already; as-of TIME looks back."))
            return []
        }
        for (view, screen) in presentScreens { screens[view] = screen }
        presentScreens = [:]
        say(localized("This is now again."), .ok)
        return turn(to: nil)
    }

    /// Asks everything anew: what is here is of another moment.
    private mutating func turn(to date: Timestamp?) -> [Effect] {
        world.turn(to: date)
        feed.reset()
        return feed.refresh(watched)
    }
}
