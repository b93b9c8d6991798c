import Domain
import EngineAPI
import Testing

@testable import ControlRoom

/// One yes for several requests.
@Suite struct BatchApprovalTests {
    /// The inbox with these requests, all read and all marked.
    private static func inbox(_ approvals: [Approval], isRead: Bool = true) -> Journey {
        var journey = Journey(columns: 120, rows: 36)
        journey.open(.inbox)
        journey.send(.answer(to: .approvals, .approvals(approvals)))
        journey.press("g")
        for _ in approvals {
            if isRead {
                for _ in FixtureWorld.evidence { journey.press("e") }
                journey.press("Esc")
            }
            journey.press("Space")
        }
        return journey
    }

    private static let staging = [4, 5].map { FixtureWorld.approval($0, environment: "staging") }

    @Test func `the number of marked requests is typed, and each is decided as it was read`() {
        var journey = Self.inbox(Self.staging)
        journey.press("A")
        for one in Self.staging { #expect(journey.text.contains(one.title)) }
        journey.type("3")
        journey.press("Enter")
        #expect(journey.text.contains("is not 2"))
        journey.press("Backspace")
        journey.type("2")
        journey.press("Enter")
        journey.wait(seconds: 9)
        guard case .all(let orders) = journey.orders.last else {
            Issue.record("No order for all of them: \(journey.orders)")
            return
        }
        let digests: [Digest] = orders.compactMap {
            if case .decide(_, _, .approve, _, let bundle, _, _) = $0 { return bundle }
            return nil
        }
        #expect(digests == Self.staging.map(\.bundleDigest))
    }

    @Test(
        arguments: [
            ([4, 3], true, "decided one by one"), ([4, 5], false, "Evidence read 0/"),
        ] as [([Int], Bool, String)]
    )
    func `what cannot be decided together says why`(numbers: [Int], isRead: Bool, words: String) {
        let approvals = numbers.map {
            FixtureWorld.approval($0, environment: $0 == 3 ? "production" : "staging")
        }
        var journey = Self.inbox(approvals, isRead: isRead)
        journey.press("A")
        #expect(journey.status.contains(words), "\(journey.status)")
        #expect(journey.state.overlay == nil)
        #expect(journey.orders == [])
    }

    @Test func `requests of two environments are not decided together`() {
        var journey = Self.inbox([
            FixtureWorld.approval(4, environment: "staging"),
            FixtureWorld.approval(5, environment: "test"),
        ])
        journey.press("A")
        #expect(journey.status.contains("not of the same kind and environment"))
    }
}
