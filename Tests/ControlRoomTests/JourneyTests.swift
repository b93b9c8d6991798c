import ControlRoom
import Domain
import EngineAPI
import Terminal
import Testing

/// Moving around, filtering, training, watching: keys in, state and effects out.
@Suite struct JourneyTests {
    @Test func `number keys open the views and minus goes back`() {
        var journey = Journey()
        for view in ViewName.allCases where view.number != nil {
            journey.open(view)
            #expect(journey.state.view == view)
        }
        journey.press("2", "7", "-")
        #expect(journey.state.view == .models)
    }

    @Test func `q goes back and quits in the first view`() {
        var journey = Journey()
        journey.press("Tab", "Enter")
        #expect(journey.state.view == .models)
        journey.press("q", "q")
        #expect(journey.state.view == .overview)
        #expect(!journey.effects.contains(.quit))
        journey.press("q")
        #expect(journey.effects.last == .quit)
    }

    @Test func `q leads to the overview before it quits, and :q quits from anywhere`() {
        var journey = Journey()
        journey.press("7", "q")
        #expect(journey.state.view == .overview)
        #expect(!journey.effects.contains(.quit))
        journey.press("7", ":")
        journey.type("q")
        journey.press("Enter")
        #expect(journey.effects.last == .quit)
    }

    @Test func `a filter narrows the list while it is typed and Esc clears it`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("/")
        journey.type("failed")
        #expect(journey.text.contains("run-10"))
        #expect(!journey.text.contains("run-12"))
        journey.press("Enter")
        #expect(journey.status.contains("1 of 5 runs fit \"failed\""))
        journey.press("/", "Esc")
        #expect(journey.text.contains("run-12"))
    }

    @Test func `a word with an exclamation mark leaves rows out`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("/")
        journey.type("!late-flights")
        #expect(!journey.text.contains("run-12"))
        #expect(journey.text.contains("run-11"))
    }

    @Test func `the cursor stays on the same run when new ones come`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("j", "j")
        #expect(journey.text.contains("›▲  run-11"))
        let new = FixtureWorld.run(14, .queued, .manual, "late-flights")
        journey.send(.answer(to: .runs(newest: 250), .runs([new] + FixtureWorld.runs)))
        #expect(journey.text.contains("›▲  run-11"))
    }

    @Test func `help lists the keys of the view first and Enter runs one`() {
        var journey = Journey()
        journey.open(.drift)
        journey.press("?")
        journey.type("exact values")
        journey.press("Enter")
        #expect(journey.text.contains("2013-06-13"))
        #expect(journey.text.contains("drifted       auc"))
    }

    @Test func `the palette finds commands and nouns by a few letters`() {
        var journey = Journey()
        journey.press(":")
        journey.type("aud")
        journey.press("Enter")
        #expect(journey.state.view == .audit)
        journey.press(":")
        journey.type("drift energy")
        journey.press("Enter")
        #expect(journey.state.view == .drift)
        #expect(
            journey.calls.contains(
                .drift(model: "energy-demand", feature: "temperature", metric: .psi)
            )
        )
    }

    @Test func `an unknown command says so`() {
        var journey = Journey()
        journey.press(":")
        journey.type("zzzzz")
        journey.press("Enter")
        #expect(journey.status.contains("No command is called \"zzzzz\""))
    }

    @Test func `training starts with y, on the data that was chosen`() {
        var journey = Journey()
        journey.press("T", "Enter")
        #expect(journey.text.contains("Train late-flights"))
        journey.press("Tab", "y")
        journey.wait(seconds: 8)
        let expected = Order.train(model: "late-flights", data: nil, usesCollectedRows: true)
        #expect(journey.orders == [expected])
    }

    @Test func `a project's folder can be trained from the palette`() {
        var journey = Journey(holdSeconds: 0, isEmpty: true)
        journey.press("T")
        #expect(journey.status.contains("No models yet"))
        journey.press(":")
        journey.type("train /srv/models/late-flights")
        journey.press("Enter", "y")
        #expect(journey.orders == [.trainProject(path: "/srv/models/late-flights")])
    }

    @Test func `K cancels an open job and says why not for another`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.jobs)
        journey.press("K", "y")
        #expect(journey.orders == [.cancel(ID("job-13"))])
        journey.press("G", "K")
        #expect(journey.status.contains("job-9 is succeeded; nothing to cancel."))
    }

    @Test func `an alert is acknowledged once`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.alerts)
        journey.press("A")
        #expect(journey.status.contains("ben has acknowledged alert-3 already."))
        journey.press("n", "A", "y")
        #expect(journey.orders == [.acknowledge(ID("alert-2"))])
    }

    @Test func `a receiver is picked by name and told a made-up alert`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.alerts)
        journey.press("E")
        #expect(journey.text.contains("slack · never told"))
        journey.type("pag")
        journey.press("Enter")
        #expect(journey.text.contains("Send a made-up alert to pager?"))
        journey.press("y")
        #expect(journey.orders == [.testReceiver("pager")])
        var empty = Journey(isEmpty: true)
        empty.open(.alerts)
        empty.press("E")
        #expect(empty.status.contains("Nobody is told of alerts"))
    }

    @Test func `Enter on a drift alert opens the chart at its window`() {
        var journey = Journey()
        journey.open(.alerts)
        journey.press("j", "Enter")
        #expect(journey.state.view == .drift)
        #expect(journey.text.contains("2013-06-07"))
        #expect(
            journey.calls.contains(
                .histogram(
                    model: "late-flights",
                    feature: "departure_delay",
                    window: FixtureWorld.stamp("2013-06-07")
                )
            )
        )
    }

    @Test func `the cursor of the drift chart asks for its own histogram`() {
        var journey = Journey()
        journey.open(.drift)
        journey.press("h", "h")
        #expect(journey.status.contains("window 73/75 2013-06-12"))
        #expect(
            journey.calls.last
                == .histogram(
                    model: "late-flights",
                    feature: "departure_delay",
                    window: FixtureWorld.stamp("2013-06-12")
                )
        )
        journey.press("l", "l")
        #expect(journey.status.contains("window 75/75"))
    }

    @Test func `m picks the measure of drift`() {
        var journey = Journey()
        journey.open(.drift)
        journey.press("m")
        journey.type("js")
        journey.press("Enter")
        #expect(journey.status.contains("JS distance: distance of the two distributions"))
        #expect(
            journey.calls.contains(
                .drift(model: "late-flights", feature: "departure_delay", metric: .jensenShannon)
            )
        )
    }

    @Test func `b holds the rows of the window against last week, a version or the time shown`() {
        var journey = Journey(columns: 140, rows: 45)
        journey.open(.drift)
        journey.press("b")
        journey.type("last")
        journey.press("Enter")
        #expect(journey.status.contains("Features and histogram: against last week."))
        func call(_ range: Range<Timestamp>?, _ reference: DriftReference) -> EngineCall {
            .driftComparison(
                model: "late-flights",
                feature: "departure_delay",
                range: range,
                reference: reference
            )
        }
        #expect(journey.calls.last == call(nil, .lastWeek))
        #expect(journey.text.contains("By PSI against last week"))
        #expect(journey.text.contains("Against last week: 2013-06-08 to 2013-06-14"))
        #expect(journey.text.contains("wind_speed"))
        journey.press("h")
        let day = FixtureWorld.stamp("2013-06-14")
        let week = day.adding(seconds: -7 * Timestamp.day)
        #expect(journey.calls.last == call(week..<day, .lastWeek))
        journey.press("l", "b")
        journey.type("v1")
        journey.press("Enter")
        #expect(journey.calls.last == call(nil, .version(1)))
        journey.press("h", "h", "]", "b")
        journey.type("time shown")
        journey.press("Enter")
        let shown = DriftReference.range(
            from: FixtureWorld.series.points[0].time,
            to: FixtureWorld.stamp("2013-06-13")
        )
        #expect(journey.calls.contains { "\($0)".contains("\(shown)") })
        journey.press("b")
        journey.type("training")
        journey.press("Enter")
        #expect(journey.status.contains("against the training rows"))
        #expect(journey.text.contains("Features by PSI"))
    }

    @Test func `two marked versions are compared`() {
        var journey = Journey()
        journey.press("2", "Enter", "Space", "j", "Space", "c")
        #expect(
            journey.calls.last == .comparison(model: "late-flights", base: 1, candidate: 3)
        )
    }

    @Test func `D says why a version cannot be deployed`() {
        var journey = Journey()
        journey.press("2", "Enter", "D")
        #expect(journey.status.contains("late-flights v3 waits for approval"))
        journey.press("G", "D")
        #expect(journey.status.contains("late-flights v1 has no approval for production"))
        journey.press("k", "D")
        #expect(journey.text.contains("Deploy late-flights v2 → production?"))
    }

    @Test func `training can name a snapshot once the catalogue came`() {
        var journey = Journey(columns: 140, rows: 30, holdSeconds: 0)
        journey.press("T", "Tab", "Tab")
        #expect(journey.status.contains("flights v3, 98,730 rows"))
        journey.press("y")
        let expected = Order.train(
            model: "late-flights",
            data: ID("flights-v3"),
            usesCollectedRows: false
        )
        #expect(journey.orders == [expected])
    }

    @Test func `evidence that is opened is told to the engine, and not before`() throws {
        var journey = Journey(columns: 140, rows: 40)
        journey.open(.inbox)
        let approval = try #require(FixtureWorld.approvals.first { $0.status.isOpen })
        func opened(_ count: Int) -> EngineCall {
            .opened(
                approval.id,
                evidence: approval.evidenceDigest,
                titles: approval.evidence.prefix(count).map(\.title)
            )
        }
        #expect(!journey.calls.contains { $0.kind == .opened })
        journey.press("e")
        #expect(journey.calls.last == opened(1))
        journey.press("e")
        #expect(journey.calls.last == opened(2))
    }

    @Test func `lineage is walked with h and l and re-rooted with Enter`() {
        var journey = Journey(columns: 140, rows: 30)
        journey.open(.lineage)
        journey.press("h")
        #expect(
            journey.text.split(separator: "\n").contains { line in
                line.contains("›") && line.contains(" run-12")
            }
        )
        journey.press("Enter")
        #expect(journey.calls.last == .lineage(Subject(.run, "run-12")))
    }

    @Test func `lineage tells what a version has otherwise than the one before`() {
        var journey = Journey(columns: 140, rows: 40)
        journey.open(.lineage)
        let model = FixtureWorld.model
        #expect(journey.calls.contains(.comparison(model: model, base: 2, candidate: 3)))
        #expect(journey.text.contains("Otherwise than v2"))
        for one in FixtureWorld.comparison.parameters where one.base != one.candidate {
            #expect(journey.text.contains("\(one.name): "))
        }
        journey.press("h")
        #expect(!journey.text.contains("Otherwise than"))
    }

    @Test func `while keys follow one another details are held, and come once keys pause`() {
        var journey = Journey(columns: 120, rows: 36, followSeconds: 0.1)
        journey.open(.runs)
        journey.send(.tick(journey.state.now.adding(seconds: 1)))
        #expect(journey.grid().held.isEmpty)
        journey.press("j")
        #expect(!journey.grid().held.isEmpty)
        journey.send(.tick(journey.state.now.adding(seconds: 0.2)))
        #expect(journey.grid().held.isEmpty)
        journey.press("j", "Enter")
        #expect(journey.grid().held.isEmpty)
    }

    @Test func `what is said of the row under the cursor waits with its details`() {
        var journey = Journey(columns: 120, rows: 36, followSeconds: 0.1)
        journey.open(.jobs)
        journey.send(.tick(journey.state.now.adding(seconds: 1)))
        let shown = journey.grid()
        let status = shown.size.rows - 2
        journey.press("j")
        #expect(!journey.grid().isRow(status, sameIn: shown))
        #expect(journey.grid().keepingHeld(of: shown).isRow(status, sameIn: shown))
        journey.send(.tick(journey.state.now.adding(seconds: 0.2)))
        let settled = journey.grid()
        #expect(!settled.keepingHeld(of: shown).isRow(status, sameIn: shown))
    }

    @Test func `more runs are asked for near the end of those that are here`() {
        var journey = Journey(columns: 120, rows: 36)
        journey.open(.runs)
        #expect(journey.calls.contains(.runs(newest: 250)))
        let runs = (0..<250).map { FixtureWorld.run(1_000 - $0, .queued, .manual, "late-flights") }
        journey.send(.answer(to: .runs(newest: 250), .runs(runs)))
        #expect(journey.status.contains("G fetches more"))
        journey.press("G")
        #expect(journey.calls.contains(.runs(newest: 1_000)))
    }

    @Test func `a list in another order fetches more for G alone`() {
        var journey = Journey(columns: 120, rows: 36)
        journey.open(.runs)
        journey.press(">")
        #expect(journey.calls.contains(.runs(newest: 1_000)))
        let runs = (0..<1_000).map {
            FixtureWorld.run(2_000 - $0, .queued, .manual, "late-flights")
        }
        journey.send(.answer(to: .runs(newest: 1_000), .runs(runs)))
        // Sorted by its name, the newest run under the cursor is the last one.
        journey.press("j", "k", "j")
        #expect(!journey.calls.contains(.runs(newest: 4_000)))
        journey.press("G")
        #expect(journey.calls.contains(.runs(newest: 4_000)))
    }

    @Test func `y copies what is under the cursor`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("y")
        #expect(journey.effects.last == .copy("run-13"))
    }

    @Test func `a read-only room refuses every act and says so`() {
        var journey = Journey(holdSeconds: 0, isReadOnly: true)
        journey.readAllEvidence()
        journey.press("A")
        #expect(journey.status.contains("read-only"))
        journey.press("T", "y", "8", "B", "7", "K", "y")
        #expect(journey.orders == [])
    }

    @Test func `lowercase keys never send an order`() {
        for view in ViewName.allCases {
            var journey = Journey(holdSeconds: 0)
            journey.open(view)
            for letter in "abcdefghijklmnoprstuvwxyz" where letter != "q" {
                journey.press(String(letter))
            }
            #expect(journey.orders == [], "\(view.rawValue)")
        }
    }

    @Test func `a press on a view's name opens it`() {
        var journey = Journey(columns: 80, rows: 24)
        let row = journey.lines[1]
        let column = Array(row).firstIndex(of: "5") ?? 0
        journey.send(.input(.mouse(Mouse(.press, at: Point(column: column, row: 1)))))
        #expect(journey.state.view == .inbox)
    }

    @Test func `a press on a row takes the cursor there`() {
        var journey = Journey(columns: 140, rows: 45)
        journey.open(.runs)
        let row = journey.lines.firstIndex { $0.contains("run-10 ") } ?? 0
        journey.send(.input(.mouse(Mouse(.press, at: Point(column: 20, row: row)))))
        #expect(journey.text.contains("›✖  run-10"))
    }

    @Test func `a press in another pane takes the keys there`() {
        var journey = Journey(columns: 140, rows: 45)
        let row = journey.lines.firstIndex { $0.contains("deploy late-flights") } ?? 0
        journey.send(.input(.mouse(Mouse(.press, at: Point(column: 90, row: row)))))
        #expect(journey.lines[row].contains("›✔  deploy late-flights"))
    }

    @Test func `a press beside every pane changes nothing`() {
        for view in ViewName.allCases {
            var journey = Journey(columns: 80, rows: 24)
            journey.open(view)
            let before = journey.text
            journey.send(.input(.mouse(Mouse(.press, at: Point(column: 5, row: 0)))))
            #expect(journey.text == before, "\(view.rawValue)")
        }
    }

    @Test func `foreign text cannot write to the terminal`() {
        var journey = Journey()
        journey.open(.jobs)
        journey.press("Enter")
        #expect(journey.text.contains("NRT→KIX"))
        #expect(!journey.text.contains("\u{1B}"))
    }
}
