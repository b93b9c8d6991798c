import Domain
import Terminal
import Testing

@testable import ControlRoom

/// What `/` takes: words, fields with signs, each the other way round.
@Suite struct FilterTests {
    @Test(
        arguments: [
            ("failed", ["run-10"]),
            ("outcome:failed", ["run-10"]),
            ("!model:late", ["run-11", "run-10"]),
            ("metric:>=0.7", ["run-12", "run-8"]),
            ("metric>=0.7 run>8", ["run-12"]),
            ("metric:<70%", []),
            ("rows:76118", ["run-12", "run-11", "run-10", "run-8"]),
            ("!rows:>76k", ["run-13"]),
            ("rows:>77k", []),
            ("run:=11", ["run-11"]),
            ("run:!=11", ["run-13", "run-12", "run-10", "run-8"]),
            ("age:<1h", ["run-13", "run-12"]),
            ("age:>10d", ["run-8"]),
            ("age:>=2013-06-14", ["run-13", "run-12", "run-11"]),
            ("age:>", ["run-13", "run-12", "run-11", "run-10", "run-8"]),
            ("by:ana outcome:~reg", ["run-8"]),
            ("nonsense:1", []),
        ] as [(String, [String])]
    )
    func `runs fit what was written`(text: String, expected: [String]) {
        var journey = Journey(columns: 140, rows: 30)
        journey.open(.runs)
        journey.press("/")
        journey.type(text)
        let rows = journey.lines.dropFirst(2).prefix { !$0.hasPrefix("╰") }
        let found = (8...13).reversed().map { "run-\($0)" }.filter { id in
            rows.contains { $0.prefix(20).contains("\(id) ") }
        }
        #expect(found == expected, "\(text)")
        journey.press("Enter")
        #expect(journey.status.contains("\(expected.count) of 5 runs fit"))
    }

    @Test(arguments: [
        ("90m", 5_400), ("13k", 13_000), ("47%", 0.47), ("0.7", 0.7), ("2w", 1_209_600),
    ])
    func `numbers carry units`(text: String, value: Double) {
        #expect(FilterTerm.number(text) == value)
    }

    @Test func `what is no number stays a word`() {
        #expect(FilterTerm.number("m") == nil)
        #expect(FilterTerm.number("") == nil)
    }
}
