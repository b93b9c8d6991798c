import ControlRoom
import Domain
import EngineAPI
import Terminal
import Testing

/// The registry from the keyboard: aliases, cards, searches, and the one act without a key.
@Suite struct RegistryJourneyTests {
    @Test func `P points an alias at the version under the cursor, after y`() {
        var journey = Journey(holdSeconds: 0)
        journey.open(.models)
        journey.press("P")
        #expect(journey.status.contains("put the cursor on a version first"))
        journey.press("Enter", "P")
        #expect(journey.status.contains("alias to point at late-flights v3"))
        journey.type("v1")
        journey.press("Enter")
        #expect(journey.text.contains("no name for an alias"))
        journey.press("Backspace", "Backspace")
        journey.type("night")
        journey.press("Enter")
        #expect(journey.status.contains("Point night at late-flights v3?"))
        #expect(journey.orders == [])
        journey.press("y")
        let change = RegistryChange.alias(name: "night", version: 3)
        #expect(journey.orders == [.registry(model: "late-flights", change)])
    }

    @Test func `a shows the card of a version and goes back`() {
        var journey = Journey()
        journey.open(.models)
        journey.press("Enter", "a")
        #expect(journey.calls.last == .card(model: "late-flights", version: 3))
        #expect(journey.text.contains("Card of late-flights v3"))
        #expect(journey.text.contains("Says which flights will be late."))
        #expect(journey.text.contains("planning of crews"))
        journey.press("a")
        #expect(!journey.text.contains("Card of"))
    }

    @Test func `a search by fields is the engine's`() {
        var journey = Journey()
        journey.open(.models)
        journey.press("/")
        journey.type("tag:ops")
        #expect(journey.calls.contains(.found("tag:ops")))
        #expect(journey.text.contains("Nothing fits the filter"))
        journey.press("Backspace", "Backspace", "Backspace")
        journey.press("Enter")
        #expect(journey.status.contains("Say what to look for."))
    }

    @Test(arguments: [
        ("purge", "Name a model"), ("purge late-flights v1", "three words"),
        ("purge late-flights x --reason it is too old", "is no version"),
        ("purge late-flights v1 --reason old", "three words"),
    ])
    func `purge says what is missing`(typed: String, words: String) {
        var journey = Journey(holdSeconds: 0)
        journey.press(":")
        journey.type(typed)
        journey.press("Enter")
        #expect(journey.status.contains(words) || journey.text.contains(words))
        #expect(journey.orders == [])
    }

    @Test func `purge wants a reason and the version typed`() {
        var journey = Journey(holdSeconds: 0)
        journey.press(":")
        journey.type("purge late-flights v1 --reason trained on bad rows")
        journey.press("Enter")
        #expect(journey.text.contains("Delete late-flights v1?"))
        #expect(journey.text.contains("Reason: trained on bad rows"))
        journey.type("v2")
        journey.press("Enter")
        #expect(journey.orders == [])
        journey.press("Backspace")
        journey.type("1")
        journey.press("Enter")
        let change = RegistryChange.delete(version: 1, reason: "trained on bad rows")
        #expect(journey.orders == [.registry(model: "late-flights", change)])
    }

    @Test func `a read-only room neither purges nor points`() {
        var journey = Journey(isReadOnly: true)
        journey.open(.models)
        journey.press("Enter", "P")
        #expect(journey.status.contains("read-only"))
        journey.press(":")
        journey.type("purge late-flights v1 --reason trained on bad rows")
        journey.press("Enter")
        #expect(journey.status.contains("read-only"))
    }
}
