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
