import Domain
import EngineAPI
import Terminal

/// What every list can: its columns picked, sorted, exported, its rows shown and copied as JSON.
extension RoomState {
    /// Runs a command that concerns any list; nil when it is about something else.
    mutating func runOnList(_ command: Command) -> [Effect]? {
        switch command {
        case .columns:
            guard let listing, !listing.allColumns.isEmpty, let list = screens[view]?.list else {
                return refuse(localized("This view has no columns to choose from."))
            }
            overlay = .columns(ColumnPicker(all: listing.allColumns, choice: list.columns))
        case .sortMenu:
            guard let listing, !listing.allColumns.isEmpty else {
                return refuse(localized("This view has no columns to sort by."))
            }
            overlay = .picker(
                Picker(kind: .choice(localized("Sort by")), choices: sortChoices(listing))
            )
        case .export:
            guard let listing, listing.count > 0 else {
                return refuse(localized("There is no list here that could be exported."))
            }
            overlay = .export(ExportPrompt(listing: listing))
        case .raw:
            guard let record = screens[view]?.record(in: context) else {
                return refuse(localized("Nothing under the cursor has a record."))
            }
            overlay = .page(
                TextPage(title: localized("\(record.title) as JSON"), text: record.text)
            )
        case .copyRow:
            guard let record = screens[view]?.record(in: context) else {
                return refuse(localized("Nothing under the cursor to copy."))
            }
            say(localized("Copied \(record.title) as JSON"), .ok)
            return [.copy(record.text)]
        case .performance: return [.measure]
        default: return nil
        }
        return []
    }

    private var listing: Listing? { screens[view]?.listing(in: context) }

    private mutating func refuse(_ sentence: String) -> [Effect] {
        say(sentence, .warning)
        return []
    }

    private func sortChoices(_ listing: Listing) -> [PickerEntry] {
        let sorting = screens[view]?.list?.sorting ?? Sorting()
        let own = PickerEntry("own order", localized("as the engine sends it"), action: .sort(nil))
        return [own]
            + listing.allColumns.map { name in
                let isSorted = sorting.column == name
                let way = sorting.isDescending ? localized("descending") : localized("ascending")
                return PickerEntry(
                    name,
                    isSorted ? localized("\(way) now; again the other way round") : "",
                    action: .sort(name)
                )
            }
    }

    mutating func sort(by column: String?) {
        let ids = listing?.ids ?? []
        screens[view]?.list?.sort(by: column, ids: ids)
    }

    // MARK: - Keys

    mutating func pressColumns(_ picker: ColumnPicker, _ key: Key) {
        var picker = picker
        switch picker.press(key) {
        case .open: overlay = .columns(picker)
        case .closed: overlay = nil
        case .sort(let name):
            sort(by: name)
            overlay = .columns(picker)
        case .say(let sentence): say(sentence, .warning)
        }
        screens[view]?.list?.columns = picker.choice
    }

    mutating func pressExport(_ prompt: ExportPrompt, _ key: Key) -> [Effect] {
        var prompt = prompt
        let time = now.timeText.split(separator: ":").prefix(2).joined()
        switch prompt.press(key, stamp: "\(now.dateText)-\(time)") {
        case .open:
            overlay = .export(prompt)
            return []
        case .cancelled:
            overlay = nil
            say(localized("Nothing was exported."))
            return []
        case .write(let path, let text):
            overlay = nil
            return [.write(path: path, text: text)]
        case .copy(let text):
            overlay = nil
            say(
                localized(
                    "Copied \(prompt.listing.count) rows, \(NumberText.bytes(text.utf8.count))"
                ),
                .ok
            )
            return [.copy(text)]
        }
    }

    mutating func pressPage(_ page: TextPage, _ key: Key) -> [Effect] {
        var page = page
        if key == .character("y") || key == .character("Y") {
            say(localized("Copied \(page.title)"), .ok)
            return [.copy(page.lines.joined(separator: "\n"))]
        }
        let isOpen = page.press(key, height: max(1, context.size.rows - 2))
        overlay = isOpen ? .page(page) : nil
        return []
    }

    // MARK: - Measures

    mutating func show(_ measures: FrameMeasures) {
        let seconds = max(1, measures.openSeconds)
        let rate = NumberText.bytes(Int(Double(measures.totalBytes) / seconds))
        let lines = [
            localized("frames           \(NumberText.thousands(measures.frames))"),
            localized(
                "last frame       \(NumberText.milliseconds(measures.lastMilliseconds)), "
                    + "\(NumberText.bytes(measures.lastBytes))"
            ),
            localized("mean frame       \(NumberText.milliseconds(measures.meanMilliseconds))"),
            localized("slowest frame    \(NumberText.milliseconds(measures.slowestMilliseconds))"),
            localized("sent in all      \(NumberText.bytes(measures.totalBytes))"),
            localized(
                "open for         \(NumberText.longDuration(measures.openSeconds)), \(rate) a second"
            ),
            localized("memory           \(NumberText.bytes(measures.residentBytes))"),
            localized("screen           \(size.columns)×\(size.rows)"),
        ]
        overlay = .page(TextPage(title: localized("Frames"), text: lines.joined(separator: "\n")))
    }
}
