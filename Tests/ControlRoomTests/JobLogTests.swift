import Domain
import EngineAPI
import Terminal
import Testing

@testable import ControlRoom

/// `E` in the jobs: the errors of a log without the rest of it.
@Suite struct JobLogTests {
    private static func openLog() -> Journey {
        var journey = Journey(columns: 100, rows: 24)
        journey.open(.jobs)
        journey.press("Enter")
        return journey
    }

    @Test func `E leaves only the errors and brings the rest back`() {
        var journey = Self.openLog()
        let before = journey.text
        #expect(before.contains("round 94 auc"))
        journey.press("E")
        #expect(journey.text.contains("1 error in \(FixtureWorld.log.totalLines) lines"))
        #expect(journey.text.contains("no weather"))
        #expect(!journey.text.contains("round 94 auc"))
        journey.press("E")
        #expect(journey.text == before)
    }

    @Test func `t hides the times that lines begin with and brings them back`() {
        var journey = Self.openLog()
        let before = journey.text
        #expect(before.contains(" 12:03:59 round 88 auc"))
        journey.press("t")
        #expect(!journey.text.contains("12:03:59"))
        #expect(journey.text.contains("│ round 88 auc"))
        #expect(journey.text.contains("t shows times"))
        journey.press("t")
        #expect(journey.text == before)
    }

    @Test func `a log without times says so`() throws {
        var journey = Self.openLog()
        let job = try #require(journey.state.screens[.jobs]?.focus(in: journey.state.context).job)
        let log = JobLog(firstLine: 0, lines: ["round 1", "12 rows"], totalLines: 2)
        journey.send(.answer(to: .jobLog(job.id), .log(log)))
        journey.press("t")
        #expect(journey.status.contains("No line of this log begins with a time."))
    }

    @Test func `a search goes through the shown lines only`() {
        var journey = Self.openLog()
        journey.press("E", "/")
        journey.type("round 94")
        journey.press("Enter")
        #expect(journey.status.contains("0 matches"))
        journey.press("E")
        #expect(journey.status.contains("1 matches"))
    }

    @Test func `where the end is not followed the same error stays on top`() {
        var journey = Self.openLog()
        let lines = (0..<200).map { $0 % 50 == 49 ? "line \($0) ERROR" : "line \($0)" }
        let log = JobLog(firstLine: 0, lines: lines, totalLines: lines.count)
        journey.send(.answer(to: .jobLog(ID("job-13")), .log(log)))
        journey.press("g")
        for _ in 0..<60 { journey.press("j") }
        journey.press("E")
        #expect(!journey.text.contains("line 49 ERROR"))
        #expect(journey.lines[3].contains("line 99 ERROR"))
        journey.press("E")
        #expect(journey.lines[3].contains("line 99 ERROR"))
        #expect(journey.text.contains("line 100 "))
    }

    @Test func `going up fetches what stands before, and the place stays`() {
        var journey = Self.openLog()
        let lines = (20_000..<22_000).map { "line \($0)" }
        let log = JobLog(firstLine: 20_000, lines: lines, totalLines: 22_000)
        journey.send(.answer(to: .jobLog(ID("job-13")), .log(log)))
        journey.press("Ctrl-b")
        #expect(!journey.calls.contains(.jobLogBefore(ID("job-13"), line: 20_000)))
        journey.press("g")
        #expect(journey.calls.contains(.jobLogBefore(ID("job-13"), line: 20_000)))
        #expect(journey.lines[3].contains("line 0 "))
        journey.press("j")
        #expect(journey.lines[3].contains("line 1 "))
        // The log told anew by an event does not move the reader.
        journey.send(.answer(to: .jobLog(ID("job-13")), .log(log)))
        #expect(journey.lines[3].contains("line 1 "))
        journey.press("G")
        #expect(journey.text.contains("line 21999"))
    }

    @Test func `a hundred thousand lines are kept and no more`() {
        let tail = JobLog(firstLine: 150_000, lines: ["a", "b"], totalLines: 150_002)
        var log = ShownLog(job: ID("job-1"), log: tail)
        while log.hasEarlier {
            let first = max(0, log.firstLine - 60_000)
            let lines = (first..<log.firstLine).map { $0 % 1_000 == 0 ? "ERROR \($0)" : "\($0)" }
            log.prepend(JobLog(firstLine: first, lines: lines, totalLines: 150_002))
        }
        #expect(log.lines.count == ShownLog.capacity)
        #expect(log.firstLine == 50_002)
        #expect(log.lines.first == "50002")
        #expect(log.errorLines.first == "ERROR 51000")
        let found = LogView.matches(of: "error 9", count: log.lines.count) { log.lines[$0] }
        #expect(found.count == 10)
    }

    @Test func `a log without errors says so`() {
        var journey = Self.openLog()
        let log = JobLog(firstLine: 0, lines: ["all is well"], totalLines: 1)
        journey.send(.answer(to: .jobLog(ID("job-13")), .log(log)))
        journey.press("E")
        #expect(journey.text.contains("No line tells of an error; E shows all lines."))
    }

    @Test func `the numbers of the errors follow a log that grows, overlaps and loses its start`() {
        let first = JobLog(firstLine: 10, lines: ["ok", "ERROR a", "panic b"], totalLines: 13)
        var log = ShownLog(job: ID("job-1"), log: first)
        #expect(log.errors == [11, 12])
        log.append(JobLog(firstLine: 12, lines: ["fine", "Traceback c"], totalLines: 14))
        #expect(log.errors == [11, 13])
        #expect(log.errorLines == ["ERROR a", "Traceback c"])
        let rest = [String](repeating: "ok", count: ShownLog.capacity - 1)
        log.append(JobLog(firstLine: 14, lines: rest, totalLines: 14 + rest.count))
        #expect(log.errors == [13])
        #expect(log.errorLines == ["Traceback c"])
    }
}
