import Domain
import EngineAPI
import FoundationEssentials
import Terminal
import Testing

@testable import ControlRoom

/// What every list can: marks, columns, sorting from a menu, exports, records, a memory.
@Suite struct ListTests {
    private static let lists: [ViewName] = [
        .models, .runs, .inbox, .jobs, .deployments, .alerts, .audit, .data,
    ]

    @Test(arguments: lists)
    func `a column is hidden, moved and brought back`(view: ViewName) {
        var journey = Journey(columns: 200, rows: 30)
        journey.open(view)
        let before = journey.text
        journey.press("v")
        #expect(journey.text.contains("─ Columns ─"))
        journey.press("Space")
        let hidden = journey.state.screens[view]?.list?.columns.hidden ?? []
        #expect(hidden.count == 1)
        journey.press("J", "Esc")
        #expect(journey.state.screens[view]?.list?.columns.order.isEmpty == false)
        #expect(journey.text != before)
        journey.press("v", "0", "Esc")
        #expect(journey.text == before)
    }

    @Test func `the last column stays`() {
        var journey = Journey(columns: 140, rows: 30)
        journey.open(.jobs)
        journey.press("v")
        for _ in 0..<8 { journey.press("Space", "j") }
        #expect(journey.state.screens[.jobs]?.list?.columns.hidden.count == 4)
        #expect(journey.status.contains("One column has to stay."))
    }

    @Test(arguments: lists)
    func `the sort menu sorts, and once more the other way round`(view: ViewName) {
        var journey = Journey(columns: 140, rows: 30)
        journey.open(view)
        journey.press("s", "Down", "Enter")
        let sorting = journey.state.screens[view]?.list?.sorting
        #expect(sorting?.column != nil && sorting?.isDescending == false)
        journey.press("s", "Down", "Enter")
        #expect(journey.state.screens[view]?.list?.sorting.isDescending == true)
        journey.press("s", "Enter")
        #expect(journey.state.screens[view]?.list?.sorting.column == nil)
    }

    @Test func `rows are marked one by one and as a range, and Esc clears them`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("Space")
        #expect(journey.status.contains("1 marked"))
        journey.press("V", "G", "V")
        #expect(journey.status.contains("5 runs · 5 marked, Esc clears"))
        journey.press("Esc")
        #expect(!journey.status.contains("marked"))
        #expect(journey.state.view == .runs)
    }

    @Test func `an export names the view and the time and has the columns shown`() {
        var journey = Journey()
        journey.open(.jobs)
        journey.press("v", "j", "j", "Space", "Esc", "e")
        #expect(journey.status.contains("export 5 rows as"))
        journey.press("c")
        #expect(journey.status.contains("write to file: jobs-2013-06-15-1204.csv"))
        journey.press("Enter")
        guard case .write(let path, let text) = journey.effects.last else {
            Issue.record("nothing is written")
            return
        }
        #expect(path == "jobs-2013-06-15-1204.csv")
        #expect(text.hasPrefix("job,what,age,by\r\njob-13,"))
        journey.send(.written(isDone: false, sentence: "The file exists."))
        #expect(journey.status.contains("The file exists."))
    }

    @Test func `marked rows alone are exported`() throws {
        var journey = Journey()
        journey.open(.runs)
        journey.press("j", "Space", "e")
        #expect(journey.status.contains("export 1 marked rows as"))
        journey.press("J")
        guard case .copy(let text) = journey.effects.last else {
            Issue.record("nothing is copied")
            return
        }
        let runs = try JSONDecoder().decode([Run].self, from: Data(text.utf8))
        #expect(runs.map(\.id.text) == ["run-12"])
    }

    @Test(arguments: ViewName.allCases)
    func `every view is exported as CSV, JSON and Markdown`(view: ViewName) throws {
        var journey = Journey(columns: 140, rows: 45)
        journey.open(view)
        let screen = try #require(journey.state.screens[view])
        let listing = try #require(screen.listing(in: journey.state.context))
        let rows = listing.rows().count
        #expect(rows > 0)
        #expect(listing.text(.csv).split(separator: "\r\n").count == rows + 1)
        #expect(listing.text(.markdown).split(separator: "\n").count == rows + 2)
        let json = try JSONDecoder().decode([Anything].self, from: Data(listing.text(.json).utf8))
        #expect(json.count == rows)
    }

    @Test func `fields with commas, quotes and bars are written so that they can be read`() {
        let listing = Listing(
            name: "x",
            columns: ["a|b", "n"],
            allColumns: ["a|b", "n"],
            rows: { [[.text("one, \"two\" | three"), .number(1.5)], [.none, .number(12.0)]] },
            ids: ["1", "2"],
            isMarkedOnly: false,
            records: { [] }
        )
        #expect(listing.text(.csv) == "a|b,n\r\n\"one, \"\"two\"\" | three\",1.5\r\n,12\r\n")
        #expect(
            listing.text(.markdown)
                == "| a\\|b | n |\n| --- | ---: |\n| one, \"two\" \\| three | 1.5 |\n|  | 12 |\n"
        )
        #expect(listing.text(.json) == "[]\n")
    }

    @Test(arguments: ViewName.allCases)
    func `every view exports and shows its row as JSON`(view: ViewName) {
        var journey = Journey(columns: 140, rows: 40)
        journey.open(view)
        if view == .inbox {
            journey.press(":")
            journey.type("export")
            journey.press("Enter")
        } else {
            journey.press("e")
        }
        journey.press("M")
        guard case .copy(let text) = journey.effects.last else {
            Issue.record("\(view.rawValue) exports nothing: \(journey.status)")
            return
        }
        #expect(text.split(separator: "\n").count > 2)
        journey.press("i")
        #expect(journey.text.contains("as JSON"), "\(view.rawValue)")
        #expect(journey.text.contains("\" : "), "\(view.rawValue)")
        journey.press("Esc", "Y")
        guard case .copy(let row) = journey.effects.last else { return }
        #expect(row.hasPrefix("{"))
    }

    @Test func `how lists were left is there the next time`() throws {
        var first = Journey(columns: 140, rows: 30)
        first.open(.runs)
        first.press("j", "j", ">", "I", "v", "j", "Space", "Esc", "/")
        first.type("run")
        first.press("Enter", ":")
        first.type("audit")
        first.press("Enter")
        let data = try JSONEncoder().encode(first.state.memory)
        let memory = try JSONDecoder().decode(RoomMemory.self, from: data)
        #expect(memory.history == ["audit"])
        var second = Journey(columns: 140, rows: 30, memory: memory)
        second.open(.runs)
        let left = first.state.screens[.runs]?.list
        let found = second.state.screens[.runs]?.list
        #expect(found?.id == left?.id && found?.id != nil)
        #expect(found?.sorting == left?.sorting)
        #expect(found?.columns == left?.columns)
        #expect(second.status.contains("fit \"run\""))
        second.press(":", "Up")
        #expect(second.text.contains(": audit"))
    }

    @Test func `a view and its filter are opened with one line`() {
        var journey = Journey()
        journey.press(":")
        journey.type("runs /outcome:failed")
        journey.press("Enter")
        #expect(journey.state.view == .runs)
        #expect(journey.status.contains("1 of 5 runs fit"))
    }

    @Test func `a key of other views says where it works`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("X")
        #expect(journey.status.contains("X works in Inbox: reject the release"))
    }

    @Test func `an alert is muted for a time and the muting is ended with the same key`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.alerts)
        journey.press("M")
        #expect(journey.text.contains("Mute alert-3 of"))
        journey.type("90m")
        journey.press("Enter")
        #expect(journey.status.contains("for 1h30m?"))
        journey.press("y")
        #expect(journey.orders == [.mute(ID("alert-3"), seconds: 5_400)])
        var alerts = FixtureWorld.alerts
        alerts[0].mutedUntil = FixtureWorld.now.adding(seconds: 5_400)
        alerts[0].mutedBy = FixtureWorld.ana
        journey.send(.answer(to: .alerts, .alerts(alerts)))
        #expect(journey.text.contains("1 muted"))
        journey.press("M", "y")
        #expect(journey.orders.last == .mute(alerts[0].id, seconds: nil))
    }

    @Test(arguments: ["40d", "90", "x", "-1h"])
    func `a time that is none mutes nothing`(text: String) {
        var journey = Journey(holdSeconds: 0)
        journey.open(.alerts)
        journey.press("M")
        journey.type(text)
        journey.press("Enter")
        #expect(journey.status.contains("is no time up to 30 days"))
        #expect(journey.orders == [])
    }

    @Test func `the frames say what they cost`() {
        var journey = Journey()
        journey.press(":")
        journey.type("perf")
        journey.press("Enter")
        #expect(journey.effects.last == .measure)
    }

    @Test func `the time of the drift chart is picked, cut at the cursor and shown whole again`() {
        var journey = Journey(columns: 140, rows: 45)
        journey.open(.drift)
        journey.press("r")
        journey.type("30")
        journey.press("Enter")
        #expect(journey.text.contains("last 30 days · window"))
        journey.press("H", "[")
        #expect(journey.text.contains("2013-06-04 to 2013-06-14 · window"))
        journey.press("l", "l", "]", "v")
        #expect(journey.text.contains("›2013-06-06"))
        #expect(!journey.text.contains("2013-06-07"))
        journey.press("v", "0", "a")
        #expect(!journey.text.contains("2013-06-06 · window"))
        #expect(journey.status.contains("logarithmic"))
    }
}

/// A value of any form.
private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
}
