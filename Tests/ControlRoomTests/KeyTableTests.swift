import ControlRoom
import Terminal
import Testing

@Suite struct KeyTableTests {
    @Test func `no key means two things in one view`() {
        for view in ViewName.allCases {
            var owners: [Key: Command] = [:]
            for entry in KeyTable.entries where entry.views.contains(view) {
                for key in entry.keys {
                    #expect(owners[key] == nil, "\(key) in \(view.rawValue)")
                    owners[key] = entry.command
                }
            }
        }
        var everywhere: Set<Key> = []
        for entry in KeyTable.entries where entry.views.isEmpty {
            for key in entry.keys { #expect(everywhere.insert(key).inserted, "\(key)") }
        }
    }

    @Test func `what needs a confirmation is one uppercase letter, or has to be searched for`() {
        for entry in KeyTable.entries {
            let isUppercase = entry.keys.allSatisfy { $0.typed?.isUppercase == true }
            let isAct = entry.level > .none
            if isAct { #expect(isUppercase && entry.keys.count <= 1, "\(entry.command)") }
        }
    }

    @Test func `a view's own key goes before the general one`() {
        #expect(KeyTable.entry(for: .character("A"), in: .alerts)?.command == .acknowledge)
        #expect(KeyTable.entry(for: .character("A"), in: .inbox)?.command == .approve)
        #expect(KeyTable.entry(for: .character("A"), in: .runs) == nil)
        #expect(KeyTable.entry(for: .character("c"), in: .audit)?.command == .verify)
    }

    @Test func `keys of the demonstration mean nothing without one`() {
        #expect(KeyTable.entry(for: .character("p"), in: .overview) == nil)
        let entry = KeyTable.entry(for: .character("p"), in: .overview, isDemonstration: true)
        #expect(entry?.command == .pause)
    }

    @Test func `the keys that terminals need are left alone`() {
        let reserved: [Key] = [.control("s"), .control("q"), Key(.character("\\"), .control)]
        for key in reserved {
            #expect(!KeyTable.entries.contains { $0.keys.contains(key) })
        }
    }

    @Test func `the table for the README names every entry once`() {
        let lines = KeyTable.keyTableMarkdown.split(separator: "\n")
        #expect(lines.count == KeyTable.entries.count + 2)
        #expect(lines.contains { $0.hasPrefix("| `A` | `:approve` |") })
        #expect(lines.allSatisfy { $0.filter { $0 == "|" }.count == 6 })
    }
}
