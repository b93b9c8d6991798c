import Domain
import EngineAPI
import Terminal
import Testing

@testable import ControlRoom

/// The control room as of a moment that has passed.
@Suite struct LookBackTests {
    private func lookingBack(_ typed: String, from view: ViewName = .deployments) -> Journey {
        var journey = Journey(columns: 140, rows: 40, holdSeconds: 0)
        journey.open(view)
        journey.press(":")
        journey.type("as-of \(typed)")
        journey.press("Enter")
        return journey
    }

    @Test(arguments: ["2013-06-10T12:00", "5d"])
    func `shows what served then, who put it there, and on which evidence`(typed: String) {
        let journey = lookingBack(typed)
        #expect(journey.text.contains("AS OF 2013-06-10T12:0"))
        #expect(journey.text.contains("Deployments as of 2013-06-10 12:0"))
        #expect(journey.text.contains("deploy by ana"))
        #expect(journey.text.contains("approval-2, approved then"))
        #expect(journey.text.contains("Evidence "))
        #expect(!journey.text.contains("Traffic"))
    }

    @Test func `looks as it is kept`() {
        GoldenFile.check(lookingBack("2013-06-10T12:00").text, "deployments-as-of-140x40")
    }

    @Test func `every list shows what there was then`() {
        var journey = lookingBack("2013-06-14T20:00", from: .alerts)
        let date = Timestamp("2013-06-14T20:00:00Z") ?? Timestamp(microseconds: 0)
        func isShown(_ view: ViewName, _ keys: String, _ now: Int, _ then: Int) {
            journey.press(keys)
            #expect(then < now, "\(view) was the same")
            #expect(journey.text.contains("of \(then) ") || then == 0, "\(view): \(journey.text)")
        }
        let (alerts, runs) = (FixtureWorld.alerts, FixtureWorld.runs)
        isShown(.alerts, "9", alerts.count, alerts.count { $0.startedAt <= date })
        isShown(.runs, "3", runs.count, runs.count { $0.createdAt <= date })
        for one in alerts.compactMap({ $0.past(at: date) }) {
            #expect(one.resolvedAt.map { $0 <= date } ?? true)
            #expect(one.acknowledgedAt.map { $0 <= date } ?? true)
        }
        for one in FixtureWorld.approvals.compactMap({ $0.asOf(date) }) {
            #expect(one.events.allSatisfy { $0.at <= date })
            #expect(one.decisions.allSatisfy { $0.decidedAt <= date })
        }
        journey.press(":")
        journey.type("now")
        journey.press("Enter")
        journey.press("9")
        #expect(journey.text.contains("of \(alerts.count) "))
    }

    @Test func `changes nothing there, and comes back by a word`() {
        var journey = lookingBack("5d", from: .deployments)
        journey.press("B")
        #expect(journey.status.contains("nothing can be changed there"))
        #expect(journey.orders == [])
        journey.press("2")
        #expect(journey.text.contains("Models as of 2013-06-10"))
        journey.press(":")
        journey.type("now")
        journey.press("Enter")
        #expect(journey.status.contains("This is now again."))
        #expect(!journey.text.contains("AS OF"))
        journey.press("8")
        #expect(journey.text.contains("Traffic"))
        journey.press(":")
        journey.type("now")
        journey.press("Enter")
        #expect(journey.status.contains("This is now already"))
    }

    @Test(arguments: ViewName.allCases)
    func `stays in the view, asks for that moment only, and keeps the lists for later`(
        view: ViewName
    ) {
        var journey = Journey(columns: 140, rows: 40, holdSeconds: 0)
        journey.open(view)
        journey.forgetEffects()
        journey.press(":")
        journey.type("as-of 5d")
        journey.press("Enter")
        #expect(journey.state.view == view)
        let ofThen = journey.calls.filter { if case .asOf = $0 { true } else { false } }
        #expect(ofThen.contains { $0.kind == .overview })
        let others = journey.calls.filter { !ofThen.contains($0) }.map(\.kind)
        #expect(others.allSatisfy { !$0.looksBack && $0 != .opened }, "\(others)")
        let kept = journey.state.memory
        journey.forgetEffects()
        journey.press(":")
        journey.type("now")
        journey.press("Enter")
        #expect(journey.state.view == view)
        #expect(journey.calls.contains(.overview))
        #expect(kept.lists.keys.contains("deployments") && kept.lists.keys.contains("models"))
        #expect(kept.lists == journey.state.memory.lists)
    }

    @Test(arguments: ViewName.allCases)
    func `before there was anything no view says what to do about it`(view: ViewName) {
        var journey = Journey(holdSeconds: 0, isEmpty: true)
        journey.open(view)
        journey.press(":")
        journey.type("as-of 5d")
        journey.press("Enter")
        #expect(!journey.text.contains("binnacle train") && !journey.text.contains("; T trains"))
        #expect(journey.text.contains("AS OF 2013-06-10T12:0") && !journey.text.contains("ends i…"))
    }

    @Test func `ages are those of the moment looked at`() throws {
        let alert = try #require(FixtureWorld.alerts.max { $0.startedAt < $1.startedAt })
        let date = alert.startedAt.adding(seconds: 120)
        let journey = lookingBack("\(date)", from: .alerts)
        let line = try #require(journey.lines.first { $0.contains("›") })
        #expect(line.contains(" 2m "), "\(line)")
    }

    @Test func `a log that was being written is said to be the whole of it`() throws {
        let job = try #require(FixtureWorld.jobs.first { !$0.status.isOpen })
        let date = job.createdAt.adding(seconds: 1)
        var journey = lookingBack("\(date)", from: .jobs)
        #expect(journey.text.contains("as it is now"))
        journey.press(":")
        journey.type("now")
        journey.press("Enter")
        #expect(!journey.text.contains("as it is now"))
    }

    @Test func `an answer of another moment, or of now, is not shown`() {
        var journey = lookingBack("2013-06-14T20:00", from: .alerts)
        let before = journey.text
        let now = Timestamp(microseconds: 0)
        for call in [EngineCall.alerts, EngineCall.alerts.asOf(now)] {
            journey.send(.answer(to: call, .alerts([])))
        }
        #expect(journey.text == before)
    }

    @Test(arguments: [Size(columns: 140, rows: 40), Size(columns: 80, rows: 24)])
    func `I in the lineage says how far a thing reached, and goes back`(size: Size) {
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(.lineage)
        journey.press("I")
        #expect(journey.calls.last?.kind == .impact)
        #expect(journey.text.contains("Impact of late-flights"))
        #expect(journey.text.contains("48,113 predictions"))
        #expect(journey.text.contains("serves now"))
        journey.press("I")
        #expect(!journey.text.contains("Impact of"))
    }

    @Test(arguments: [
        ("as-of tomorrow", "is no time"), ("as-of 2031-01-01", "has not come yet"),
        ("as-of 2013-02-30", "is no time"), ("as-of -3d", "is no time"), ("as-of", "3d for three"),
    ])
    func `says what is wrong with a time`(typed: String, words: String) {
        var journey = Journey()
        journey.press(":")
        journey.type(typed)
        journey.press("Enter")
        #expect(journey.status.contains(words), "\(journey.status)")
        #expect(!journey.text.contains("AS OF"))
    }
}
