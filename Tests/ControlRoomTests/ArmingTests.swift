import ControlRoom
import Domain
import Terminal
import Testing

/// A confirmation takes no keys for the first 200 ms: they were typed before it could be read.
@Suite struct ArmingTests {
    private static func journey(holdSeconds: Double = 0) -> Journey {
        Journey(holdSeconds: holdSeconds, armSeconds: 0.2)
    }

    private static func pass(_ seconds: Double, _ journey: inout Journey) {
        journey.send(.tick(journey.state.now.adding(seconds: seconds)))
    }

    @Test(arguments: [(0.0, 0), (0.199, 0), (0.2, 1), (5, 1)])
    func `y counts only once the question could be read`(seconds: Double, orders: Int) {
        var journey = Self.journey()
        journey.open(.jobs)
        journey.press("K")
        Self.pass(seconds, &journey)
        journey.press("y")
        #expect(journey.orders.count == orders)
    }

    @Test func `a question that dropped a key stays open and takes the next one`() {
        var journey = Self.journey()
        journey.open(.jobs)
        journey.press("K", "y", "n")
        #expect(journey.text.contains("Cancel job-13"))
        Self.pass(0.2, &journey)
        journey.press("y")
        #expect(journey.orders.count == 1)
    }

    @Test func `the training form and a question from the palette are guarded as well`() {
        var form = Self.journey()
        form.press("T", "y")
        #expect(form.orders.isEmpty)
        var palette = Self.journey()
        palette.open(.jobs)
        Self.pass(60, &palette)
        palette.press(":")
        palette.type("cancel-job")
        palette.press("Enter", "y")
        #expect(palette.orders.isEmpty)
        Self.pass(0.2, &palette)
        palette.press("y")
        #expect(palette.orders.count == 1)
    }

    @Test func `a version typed ahead does not reach the dialog of production`() {
        var journey = Self.journey()
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        journey.press("Enter")
        #expect(journey.orders.isEmpty)
        Self.pass(0.2, &journey)
        journey.press("Enter")
        #expect(journey.text.contains("Type v3 first."))
    }

    @Test func `Esc closes a question at any time, and the filter takes keys at once`() {
        var journey = Self.journey()
        journey.open(.jobs)
        journey.press("K", "Esc")
        #expect(journey.status.contains("Cancelled: nothing was sent."))
        journey.press("/")
        journey.type("train")
        #expect(journey.text.contains("/train"))
    }

    @Test func `a clock that is set back does not keep a question shut`() {
        var journey = Self.journey()
        journey.open(.jobs)
        journey.press("K")
        journey.send(.tick(journey.state.now.adding(seconds: -3_600)))
        journey.press("y")
        #expect(journey.orders.count == 1)
    }
}
