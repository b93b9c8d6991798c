import Terminal
import Testing

@testable import ControlRoom

/// What the last row and the help offer is there, and answers.
@Suite struct HintTests {
    private static let sizes = [(80, 24), (100, 30), (140, 45), (200, 50)]
        .map { Size(columns: $0.0, rows: $0.1) }

    /// The view as it opens, or with its details open.
    private static func room(_ view: ViewName, _ size: Size, isOpen: Bool) -> Journey {
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(view)
        if isOpen { journey.press("Enter") }
        journey.forgetEffects()
        return journey
    }

    @Test(arguments: ViewName.allCases, sizes)
    func `no key of a view is silent`(view: ViewName, size: Size) {
        for isOpen in [false, true] {
            let before = Self.room(view, size, isOpen: isOpen)
            let shown = before.state.view
            let entries = KeyTable.entries.filter { entry in
                entry.applies(in: shown) && (entry.views.contains(shown) || entry.hint != nil)
            }
            for entry in entries {
                guard let key = entry.keys.first,
                    KeyTable.entry(for: key, in: shown)?.command == entry.command
                else { continue }
                var after = before
                after.send(.input(.key(key)))
                let isAnswered =
                    after.grid().cells != before.grid().cells
                    || after.state.log.total > before.state.log.total
                    || after.grid().cursor != before.grid().cursor
                    || after.effects.contains { if case .schedule = $0 { false } else { true } }
                #expect(isAnswered, "\(key) (\(entry.command)) in \(shown), open \(isOpen)")
            }
        }
    }

    @Test(arguments: ViewName.allCases, sizes)
    func `the names of the views and the keys below are whole`(view: ViewName, size: Size) {
        let journey = Self.room(view, size, isOpen: false)
        let tabs = journey.state.viewTabs(columns: size.columns)
        for tab in tabs {
            #expect(tab.column + tab.text.columns <= size.columns, "\(tab.text)")
        }
        #expect(tabs.count >= 9)
        #expect(journey.lines.last?.contains("? help") == true)
    }
}
