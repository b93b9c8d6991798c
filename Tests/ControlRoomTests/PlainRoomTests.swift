import Domain
import Terminal
import Testing

@testable import ControlRoom

/// Lines in, sentences out, with the engine of the fixtures behind.
struct PlainJourney {
    private(set) var plain: PlainRoom
    private(set) var orders: [Order] = []
    private(set) var isOver = false
    private(set) var said: [String] = []

    init(isReadOnly: Bool = false, holdSeconds: Double = 8, language: Language = .english) {
        plain = PlainRoom(
            settings: RoomSettings(
                user: "ana",
                host: "ml-box",
                holdSeconds: holdSeconds,
                armSeconds: 0,
                isReadOnly: isReadOnly,
                language: language
            ),
            now: FixtureWorld.now
        )
        carryOut(plain.start())
        said = plain.report()
    }

    /// Types lines; what is said to the last one stays.
    mutating func type(_ lines: String...) {
        for line in lines {
            carryOut(plain.take(line: line))
            said = plain.report()
        }
    }

    mutating func wait(seconds: Int) {
        for _ in 0..<seconds {
            carryOut(plain.take(.tick(plain.room.now.adding(seconds: 1))))
        }
        said = plain.announce()
    }

    var text: String { said.joined(separator: "\n") }

    private mutating func carryOut(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .quit: isOver = true
            case .send(.order(let order)):
                orders.append(order)
                let reply = EngineReply.done("carried out")
                carryOut(plain.take(.answer(to: .order(order), reply)))
            case .send(let call):
                guard let reply = FixtureEngine.reply(to: call, false) else { continue }
                carryOut(plain.take(.answer(to: call, reply)))
            default: break
            }
        }
    }
}

@Suite struct PlainRoomTests {
    @Test(arguments: ViewName.allCases)
    func `a view reads as it did`(view: ViewName) {
        var journey = PlainJourney()
        if view != .overview { journey.type(view.rawValue) } else { journey.type("read") }
        GoldenFile.check(journey.text, "plain-\(view.rawValue)")
    }

    @Test(arguments: ViewName.allCases)
    func `nothing of it is a drawing, a control or a colour`(view: ViewName) {
        var journey = PlainJourney()
        journey.type(view.rawValue, "read")
        let drawn = journey.text.unicodeScalars.filter {
            (0x2500...0x25FF).contains($0.value) || (0x2800...0x28FF).contains($0.value)
                || ($0.value < 0x20 && $0 != "\n")
        }
        #expect(drawn.isEmpty, "\(String(String.UnicodeScalarView(drawn)))")
        #expect(!journey.said.isEmpty)
    }

    @Test func `production is approved in words: evidence, version, hold`() {
        var journey = PlainJourney()
        journey.type("inbox", "approve")
        #expect(journey.text.contains("Evidence read 0/"))
        #expect(journey.orders.isEmpty)
        for _ in FixtureWorld.evidence { journey.type("next evidence") }
        journey.type("approve")
        #expect(journey.text.contains("Type v3 to confirm, or no."))
        journey.type("v1")
        #expect(journey.text.contains("\"v1\" is not v3. Nothing was sent."))
        journey.type("v3")
        #expect(journey.text.contains("leaves in 8 s; undo cancels it."))
        #expect(journey.orders.isEmpty && journey.plain.isHolding)
        journey.wait(seconds: 9)
        #expect(journey.orders.count == 1)
        #expect(journey.text.contains("carried out"))
    }

    @Test func `a held order is taken back with a word`() {
        var journey = PlainJourney()
        journey.type("inbox")
        for _ in FixtureWorld.evidence { journey.type("next evidence") }
        journey.type("approve", "v3", "undo")
        #expect(journey.text.contains("Cancelled, nothing was sent"))
        journey.wait(seconds: 9)
        #expect(journey.orders.isEmpty)
    }

    @Test func `a rejection takes its reason in the line and asks once`() {
        var journey = PlainJourney()
        journey.type("inbox", "reject no")
        #expect(journey.orders.isEmpty)
        journey.type("no", "reject the holdout is short")
        #expect(journey.text.contains("Answer yes or no."))
        journey.type("perhaps")
        #expect(journey.orders.isEmpty)
        journey.type("yes")
        #expect(journey.orders.count == 1)
    }

    @Test(arguments: ["v2", "yes", "y", "no", ""])
    func `what answers no question changes nothing`(line: String) {
        var journey = PlainJourney()
        journey.type("inbox", line)
        #expect(journey.orders.isEmpty && !journey.plain.isHolding)
    }

    @Test func `a read-only room refuses in words`() {
        var journey = PlainJourney(isReadOnly: true)
        journey.type("train")
        #expect(journey.text.contains("This control room is read-only."))
    }

    @Test func `numbers select rows and moving says the new row only`() {
        var journey = PlainJourney()
        journey.type("runs", "2")
        #expect(journey.said.count == 1 && journey.text.hasPrefix("2. "))
        journey.type("down")
        #expect(journey.said.count == 1 && journey.text.hasPrefix("3. "))
        journey.type("999")
        #expect(journey.text.contains("The list has the numbers 1 to"))
    }

    @Test func `unknown words and words of other views say so`() {
        var journey = PlainJourney()
        journey.type("frobnicate")
        #expect(journey.text == "\"frobnicate\" is no command here; help lists them.")
        journey.type("verify")
        #expect(journey.text.contains("works in: Audit."))
        journey.type("help")
        #expect(journey.text.contains("overview: view: Overview"))
        journey.type("quit")
        #expect(journey.isOver)
    }

    @Test func `it speaks Chinese`() {
        var journey = PlainJourney(language: .traditionalChinese)
        journey.type("models")
        GoldenFile.check(journey.text, "zh-plain-models")
    }
}
