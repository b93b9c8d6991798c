import Domain
import EngineAPI
import Terminal
import Testing

@testable import ControlRoom

/// What has no key: breaking the glass, and every subcommand of the command line.
@Suite struct SubcommandTests {
    private func typed(_ text: String, isReadOnly: Bool = false) -> Journey {
        var journey = Journey(holdSeconds: 0, isReadOnly: isReadOnly)
        journey.press(":")
        journey.type(text)
        journey.press("Enter")
        return journey
    }

    private func runs(_ journey: Journey) -> [[String]] {
        journey.effects.compactMap { if case .run(let words, _) = $0 { words } else { nil } }
    }

    @Test(arguments: [
        ("a  b", ["a", "b"]), ("--reason 'it is old'", ["--reason", "it is old"]),
        (#"a "b 'c' \"d\"" e\ f"#, ["a", #"b 'c' "d""#, "e f"]), ("''", [""]), ("  ", []),
        (#"'a\b'"#, [#"a\b"#]), ("'open", nil), ("a\\", nil),
    ])
    func `words are read as a shell reads them`(text: String, words: [String]?) {
        #expect(Subcommand.split(text) == words)
        guard let words, !words.isEmpty else { return }
        let again = Subcommand(words: words).text.dropFirst("binnacle ".count)
        #expect(Subcommand.split(again) == words, "\(again)")
    }

    @Test(arguments: [
        "keys", "keys list", "policy show late-flights", "gc", "audit prove 12", "audit",
        "models show late-flights", "help keys", "data --json",
    ])
    func `what only looks is run at once, also where nothing may be changed`(text: String) {
        let journey = typed("binnacle \(text)", isReadOnly: true)
        #expect(runs(journey) == [text.split(separator: " ").map(String.init)])
    }

    @Test(arguments: [
        "gc --apply", "keys enroll", "models tag late-flights team=a", "audit witness add file x",
    ])
    func `what changes something is asked for first, and not done where nothing may be`(
        text: String
    ) {
        var journey = typed("binnacle \(text)")
        #expect(runs(journey) == [])
        #expect(journey.status.contains("Run binnacle \(text)?"))
        journey.press("y")
        #expect(runs(journey) == [text.split(separator: " ").map(String.init)])
        let readOnly = typed("binnacle \(text)", isReadOnly: true)
        #expect(readOnly.status.contains("read-only"))
        #expect(runs(readOnly) == [])
    }

    @Test(arguments: [
        ("approve late-flights v1", "done by the room itself"), ("demo", "a shell of its own"),
        ("engine stop", "a shell of its own"), ("logs job-1 --follow", "a shell of its own"),
        ("keys 'a", "A quote is open"),
    ])
    func `what the room does itself, or cannot, says so`(text: String, words: String) {
        let journey = typed("binnacle \(text)")
        #expect(journey.status.contains(words), "\(journey.status)")
        #expect(runs(journey) == [])
    }

    @Test func `what it wrote is a page, or a line where a question is open`() {
        var journey = typed("binnacle keys")
        #expect(journey.status.contains("Running: binnacle keys"))
        let ended = EndedSubcommand(words: ["keys"], text: "key-1  ana\u{1B}[31m\n\n", status: 0)
        journey.send(.ended(ended))
        #expect(journey.text.contains("─ binnacle keys ─"))
        #expect(journey.text.contains("key-1  ana"))
        #expect(!journey.text.contains("\u{1B}"))
        journey.press("Esc")
        journey.press("?")
        journey.send(.ended(EndedSubcommand(words: ["gc"], text: "no engine\n", status: 1)))
        journey.press("Esc")
        #expect(!journey.text.contains("─ binnacle gc ─"))
        #expect(journey.status.contains("binnacle gc: no engine"))
        journey.send(.ended(EndedSubcommand(words: ["gc"], text: "no engine\n", status: 1)))
        #expect(journey.text.contains("binnacle gc · ended with 1"))
    }

    @Test func `the glass is broken by a reason and the version, and undone before it leaves`() {
        var journey = Journey(holdSeconds: 8)
        journey.open(.models)
        journey.press(":")
        journey.type("break-glass")
        journey.press("Enter")
        #expect(journey.status.contains("Put the cursor on a version"))
        journey.press("Enter", ":")
        journey.type("break-glass")
        journey.press("Enter")
        #expect(journey.text.contains("Break the glass for late-flights v3 → production?"))
        journey.type("v3")
        journey.press("Enter")
        #expect(journey.text.contains("needs a reason of three words or more"))
        journey.type("prices are wrong")
        journey.press("Enter")
        let order = Order.breakGlass(
            model: "late-flights",
            version: 3,
            environment: "production",
            reason: "prices are wrong"
        )
        #expect(journey.orders == [])
        var undone = journey
        undone.press("u")
        undone.wait(seconds: 9)
        #expect(undone.orders == [])
        journey.wait(seconds: 9)
        #expect(journey.orders == [order])
    }

    @Test func `a policy that has no glass to break says so in the inbox`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.inbox)
        let strict = EnvironmentPolicy(name: "production", approvals: 1)
        var others = strict
        others.breakGlass = BreakGlassPolicy(roles: [.administrator], seconds: 60)
        var overview = FixtureWorld.overview
        overview.principal = Principal(
            actor: Actor(uid: 1_000, name: "ana"),
            groups: [],
            roles: [.owner],
            isSingleUserHome: false
        )
        journey.send(.answer(to: .overview, .overview(overview)))
        func refused(_ policy: EnvironmentPolicy) -> String {
            let request = FixtureWorld.approval(3, policy: policy)
            journey.send(.answer(to: .approvals, .approvals([request])))
            journey.press(":")
            journey.type("break-glass")
            journey.press("Enter")
            return journey.status
        }
        #expect(refused(others).contains("may be broken by: administrator"))
        #expect(refused(strict).contains("has no break_glass: nobody may go around it"))
    }
}
