import ControlRoom
import Domain
import EngineAPI
import Terminal
import Testing

/// From the key to the order: what a release, a rejection and a rollback take.
@Suite struct ReleaseJourneyTests {
    private static let approval = FixtureWorld.approval(3)

    private static func decision(_ answer: Decision.Answer, reason: String = "") -> Order {
        .decide(
            approval: approval.id,
            title: approval.title,
            answer: answer,
            reason: reason,
            bundleDigest: approval.bundleDigest,
            evidenceDigest: approval.evidenceDigest,
            reading: answer == .approve
                ? approval.evidence.map { EvidenceReading(title: $0.title, seconds: 0) } : []
        )
    }

    @Test func `an approval is refused while evidence is unread`() {
        var journey = Journey()
        journey.open(.inbox)
        journey.press("e", "A")
        #expect(journey.status.contains("Evidence read 1/6"))
        journey.type("v3")
        journey.press("Enter")
        journey.wait(seconds: 20)
        #expect(journey.orders == [])
    }

    @Test func `an approval takes the evidence, the version and eight seconds`() {
        var journey = Journey()
        journey.readAllEvidence()
        journey.press("A")
        #expect(journey.text.contains("Approve late-flights v3 → production?"))
        journey.type("v3")
        journey.press("Enter")
        #expect(journey.status.contains("approving late-flights v3 → production in 8… u cancels"))
        journey.wait(seconds: 7)
        #expect(journey.status.contains("in 1…"))
        #expect(journey.orders == [])
        journey.wait(seconds: 1)
        #expect(journey.orders == [Self.decision(.approve)])
    }

    @Test func `a reason can go with an approval`() {
        var journey = Journey(holdSeconds: 0)
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        journey.press("Tab")
        journey.type("drift explained")
        journey.press("Enter")
        #expect(journey.orders == [Self.decision(.approve, reason: "drift explained")])
    }

    @Test(arguments: ["", "v2", "3", "V3", "v3 "])
    func `a wrong version approves nothing`(typed: String) {
        var journey = Journey(holdSeconds: 0)
        journey.readAllEvidence()
        journey.press("A")
        journey.type(typed)
        journey.press("Enter")
        #expect(journey.orders == [])
        #expect(journey.text.contains("Type v3 to confirm"))
    }

    @Test func `pasted text never fills the dialog`() {
        var journey = Journey(holdSeconds: 0)
        journey.readAllEvidence()
        journey.press("A")
        journey.send(.input(.paste("v3\n")))
        journey.press("Enter")
        #expect(journey.orders == [])
        #expect(journey.text.contains("Type v3 first."))
    }

    @Test func `u cancels a held order and nothing is sent`() {
        var journey = Journey()
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        journey.press("Enter")
        journey.wait(seconds: 3)
        journey.press("u")
        #expect(journey.status.contains("Cancelled, nothing was sent"))
        journey.wait(seconds: 20)
        #expect(journey.orders == [])
    }

    @Test func `a second act waits until the held one has left`() {
        var journey = Journey()
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        journey.press("Enter")
        journey.press("T")
        #expect(!journey.text.contains("y yes"))
        journey.press("q", "q", "q")
        #expect(!journey.effects.contains(.quit))
    }

    @Test func `an order held while the engine is lost is not sent`() {
        var journey = Journey()
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        journey.press("Enter")
        journey.send(.connectionLost(reason: "The engine stopped."))
        journey.wait(seconds: 9)
        #expect(journey.orders == [])
        #expect(journey.status.contains("Not sent"))
    }

    @Test func `staging asks one line and needs y, not Enter`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.inbox)
        journey.press("j")
        for _ in FixtureWorld.evidence { journey.press("e") }
        journey.press("A")
        #expect(journey.status.contains("Approve late-flights v4 → staging?"))
        journey.press("Enter")
        #expect(journey.orders == [])
        journey.press("y")
        #expect(journey.orders.count == 1)
    }

    @Test(arguments: [("", false), ("too bad", false), ("the holdout is short", true)])
    func `a rejection needs a reason of three words`(reason: String, isEnough: Bool) {
        var journey = Journey()
        journey.open(.inbox)
        journey.press("X")
        journey.type(reason)
        journey.press("Enter", "y")
        #expect(journey.orders == (isEnough ? [Self.decision(.reject, reason: reason)] : []))
    }

    @Test func `a second decider is told who was first`() {
        var journey = Journey()
        journey.readAllEvidence()
        journey.press("A")
        journey.type("v3")
        let decided = FixtureWorld.decided(
            Self.approval,
            .approve,
            by: FixtureWorld.ben,
            at: FixtureWorld.now
        )
        journey.send(.answer(to: .approvals, .approvals([decided])))
        #expect(journey.status.contains("was approved by ben"))
        #expect(!journey.text.contains("Type v3 to confirm"))
        journey.press("Enter")
        journey.wait(seconds: 9)
        #expect(journey.orders == [])
    }

    @Test func `the engine's refusal of a decision is shown as it stands`() {
        var journey = Journey(holdSeconds: 0)
        let sentence = "The request is approved by \"ben\". Nothing is left to decide."
        journey.send(
            .answer(to: .order(Self.decision(.approve)), .refused(Refusal(.conflict, sentence)))
        )
        #expect(journey.status.contains(sentence))
        journey.press("!")
        #expect(journey.text.contains(sentence))
    }

    @Test func `evidence that changed has to be read again`() {
        var journey = Journey()
        journey.readAllEvidence()
        let old = Self.approval
        let changed = Approval(
            id: old.id,
            model: old.model,
            version: old.version,
            environment: old.environment,
            bundleDigest: old.bundleDigest,
            evidence: old.evidence,
            evidenceDigest: FixtureWorld.digest("other evidence"),
            policy: EnvironmentPolicy(name: "production", approvals: 1),
            requester: old.requester,
            createdAt: old.createdAt,
            expiresAt: old.expiresAt
        )
        journey.send(.answer(to: .approvals, .approvals([changed])))
        journey.press("A")
        #expect(journey.status.contains("Evidence read 0/6"))
    }

    @Test func `a rollback wants the version that serves, and leaves at once`() {
        var journey = Journey()
        journey.open(.deployments)
        journey.press("B")
        #expect(journey.text.contains("Roll back late-flights in production: v2 → v1?"))
        journey.type("v1")
        journey.press("Enter")
        #expect(journey.orders == [])
        journey.press("Backspace", "2", "Enter")
        let expected = Order.rollBack(
            model: "late-flights",
            environment: "production",
            from: 2,
            to: 1
        )
        #expect(journey.orders == [expected])
    }

    @Test func `a deployment with one version says that there is nothing to go back to`() {
        var journey = Journey()
        journey.open(.deployments)
        journey.press("j", "B")
        #expect(journey.status.contains("has served one version only"))
    }

    @Test func `an overview's approval leads to its evidence first`() {
        var journey = Journey()
        journey.press("A")
        #expect(journey.state.view == .inbox)
        #expect(journey.status.contains("Read the evidence first"))
        journey.press("Esc")
        #expect(journey.state.view == .overview)
    }
}
