import Domain
import EngineAPI
import Terminal
import Testing

@testable import ControlRoom

/// Several runs beside each other, with their learning curves in one chart.
@Suite struct RunComparisonTests {
    private static func compared() -> Journey {
        var journey = Journey(columns: 140, rows: 45)
        journey.open(.runs)
        journey.press("j", "Space", "j", "j", "Space", "c")
        return journey
    }

    @Test(arguments: FrameTests.sizes)
    func `marked runs look as they did`(size: Size) {
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(.runs)
        journey.press("j", "Space", "j", "j", "Space", "c")
        GoldenFile.check(journey.text, "runs-compared-\(size.columns)x\(size.rows)")
    }

    @Test func `the curves of the marked runs are asked for and named`() {
        let journey = Self.compared()
        #expect(journey.calls.last == .curves([ID("job-12"), ID("job-8")]))
        #expect(journey.text.contains("── run-12 inner auc .7600"))
        #expect(journey.text.contains("── run-8 inner auc .7120"))
    }

    @Test func `x leaves what differs`() {
        var journey = Self.compared()
        #expect(journey.text.contains("seed"))
        journey.press("x")
        #expect(!journey.text.contains("seed"))
        #expect(journey.text.contains("trigger"))
        journey.press("e", "C")
        guard case .copy(let text) = journey.effects.last else {
            Issue.record("nothing is copied")
            return
        }
        #expect(text.hasPrefix("what,run-12,run-8\r\n"))
        #expect(!text.contains("seed"))
        journey.press("Esc")
        #expect(journey.text.contains("─ Runs ─"))
    }

    @Test func `one run is compared with nothing`() {
        var journey = Journey()
        journey.open(.runs)
        journey.press("Space", "c")
        #expect(journey.status.contains("2 to 8 of them are compared, 1 are marked"))
    }

    @Test func `rounds are read from what trainers write`() {
        let lines = [
            "reading", "round 1: inner auc 0.6", "round 2: inner auc 0.7", "round 2: outer auc 0.1",
            "epoch x", "Epoch 3/30 step 4 loss=0.25",
        ]
        let curve = LearningCurve(job: ID("job-1"), lines: lines)
        #expect(curve.name == "inner auc")
        #expect(curve.rounds == [1, 2])
        #expect(curve.values == [0.6, 0.7])
        let loss = LearningCurve(job: ID("job-1"), lines: [lines[5]])
        #expect(loss.name == "loss" && loss.rounds == [3] && loss.values == [0.25])
        #expect(LearningCurve(job: ID("job-1"), lines: ["round inf: a nan"]).values.isEmpty)
    }
}
