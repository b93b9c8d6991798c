import Domain
import EngineAPI
import Synchronization
import Terminal
import Testing

@testable import ControlRoom

/// `<`, `>` and `I` in the lists.
@Suite struct SortingTests {
    private struct Row: Equatable {
        let id: String
        let value: Double?
    }

    private static let columns = [
        SortColumn<Row>("id") { .id($0.id) }, SortColumn<Row>("value") { .number($0.value) },
    ]
    private static let rows = [
        Row(id: "run-9", value: 2), Row(id: "run-12", value: nil), Row(id: "run-10", value: 1),
        Row(id: "run-11", value: 2), Row(id: "run-8", value: .nan),
    ]

    private static func sorted(_ commands: [Command]) -> [String] {
        var sorting = Sorting()
        for command in commands { _ = sorting.press(command, titles: columns.map(\.title)) }
        return sorting.sorted(rows, by: columns).map(\.id)
    }

    @Test(
        arguments: [
            ([], ["run-9", "run-12", "run-10", "run-11", "run-8"]),
            ([.sortNext], ["run-8", "run-9", "run-10", "run-11", "run-12"]),
            ([.sortNext, .invertSort], ["run-12", "run-11", "run-10", "run-9", "run-8"]),
            ([.sortNext, .sortNext], ["run-10", "run-9", "run-11", "run-12", "run-8"]),
            ([.sortPrevious, .invertSort], ["run-9", "run-11", "run-10", "run-12", "run-8"]),
            ([.sortPrevious, .sortNext], ["run-9", "run-12", "run-10", "run-11", "run-8"]),
            ([.invertSort], ["run-9", "run-12", "run-10", "run-11", "run-8"]),
        ] as [([Command], [String])]
    )
    func `missing values come last both ways and equal ones keep their order`(
        commands: [Command],
        expected: [String]
    ) {
        #expect(Self.sorted(commands) == expected)
    }

    @Test func `words are sorted without regard to case, and numbers come before them`() {
        #expect(SortKey.text("alpha") < SortKey.text("Beta"))
        #expect(SortKey.number(9) < SortKey.text("1"))
        #expect(SortKey.id("data") == .text("data"))
    }

    @Test func `the key of a row is made once, however many rows there are`() {
        var sorting = Sorting()
        _ = sorting.press(.sortNext, titles: ["value"])
        let rows = (0..<10_000).map { ($0 * 7_919) % 10_007 }
        let made = Mutex(0)
        let column = SortColumn<Int>("value") { row in
            made.withLock { $0 += 1 }
            return .number(row)
        }
        #expect(sorting.sorted(rows, by: [column]) == rows.sorted())
        #expect(made.withLock { $0 } == rows.count)
    }

    @Test(arguments: [(ViewName.runs, 9), (.models, 8), (.jobs, 5), (.data, 8)])
    func `each column marks its header in turn, in the narrowest window too`(
        view: ViewName,
        count: Int
    ) {
        for columns in [60, 140] {
            var journey = Journey(columns: columns, rows: 24)
            journey.open(view)
            var headers: Set<String> = []
            for _ in 0..<count {
                journey.press(">")
                let header = Self.header(journey)
                #expect(header.contains("▲"), "\(header)")
                headers.insert(header)
                journey.press("I")
                #expect(Self.header(journey).contains("▼"))
            }
            #expect(headers.count == count)
            journey.press(">")
            #expect(!Self.header(journey).contains("▲"))
            #expect(journey.status.contains("The list is in its own order again."))
        }
    }

    /// The first line inside the box of the list.
    private static func header(_ journey: Journey) -> String {
        let lines = journey.lines
        let top = lines.firstIndex { $0.contains("╭") } ?? 0
        let inside = lines[top + 1].split(separator: "│", omittingEmptySubsequences: false)
        return String(inside[1])
    }

    @Test func `with ASCII glyphs the header is marked by ^ and v`() {
        var journey = Journey(columns: 140, rows: 24)
        journey.open(.runs)
        journey.press(">")
        #expect(journey.grid(glyphs: .ascii).plainText.contains("run^"))
        journey.press("I")
        #expect(journey.grid(glyphs: .ascii).plainText.contains("runv"))
    }

    @Test func `the versions of a model are sorted by themselves`() {
        var journey = Journey(columns: 140, rows: 24)
        journey.open(.models)
        journey.press("Enter", ">")
        #expect(Self.header(journey).contains("ver▲"))
        let lines = journey.lines
        let older = lines.firstIndex { $0.dropFirst(2).hasPrefix("v1 ") } ?? .max
        let newer = lines.firstIndex { $0.dropFirst(2).hasPrefix("v2 ") } ?? 0
        #expect(older < newer)
        journey.press("Esc")
        #expect(!journey.text.contains("ver▲"))
    }

    @Test func `the cursor stays on the same run, moved or not`() {
        var journey = Journey(columns: 140, rows: 24)
        journey.open(.runs)
        let first = Self.underCursor(journey)
        journey.press(">")
        #expect(Self.underCursor(journey) == first)
        journey.press("k")
        let other = Self.underCursor(journey)
        #expect(other != first)
        journey.press(">", "I", "<")
        #expect(Self.underCursor(journey) == other)
    }

    private static func underCursor(_ journey: Journey) -> String {
        let line = journey.lines.first { $0.contains("›") && $0.contains("run-") } ?? ""
        return String(line.split(separator: " ").first { $0.hasPrefix("run-") } ?? "")
    }

    @Test func `inverting says what is missing before a column was picked`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("I")
        #expect(journey.status.contains("> picks the column to sort by first."))
    }
}
