import Testing

@testable import Terminal

@Suite struct InputParserTests {
    static let sequences: [(String, [Input])] = [
        ("j", [.key(.character("j"))]),
        ("G", [.key(.character("G"))]),
        ("é専👍", [.key(.character("é")), .key(.character("専")), .key(.character("👍"))]),
        ("\r\t\u{7F}\u{08}", [.key(.enter), .key(.tab), .key(.backspace), .key(.backspace)]),
        ("\u{04}\u{1A}\u{1F}", [.key(.control("d")), .key(.control("z")), .key(.control("_"))]),
        ("\u{00}", [.key(Key(.character(" "), .control))]),
        ("\u{1B}[A\u{1B}OB", [.key(.up), .key(.down)]),
        ("\u{1B}[1;5C\u{1B}[1;2D", [.key(Key(.right, .control)), .key(Key(.left, .shift))]),
        ("\u{1B}[H\u{1B}[4~\u{1B}OF\u{1B}[7~", [.key(.home), .key(.end), .key(.end), .key(.home)]),
        ("\u{1B}[5~\u{1B}[6;5~", [.key(.pageUp), .key(Key(.pageDown, .control))]),
        ("\u{1B}[3~\u{1B}[2~\u{1B}[Z", [.key(.delete), .key(.insert), .key(.backTab)]),
        (
            "\u{1B}OP\u{1B}[15~\u{1B}[24~",
            [.key(.function(1)), .key(.function(5)), .key(.function(12))]
        ),
        ("\u{1B}[[A\u{1B}[[E", [.key(.function(1)), .key(.function(5))]),
        ("\u{1B}[1;2P", [.key(Key(.function(1), .shift))]),
        ("\u{1B}x\u{1B}\u{04}", [.key(.alt("x")), .key(Key(.character("d"), [.alt, .control]))]),
        ("\u{1B}é", [.key(.alt("é"))]),
        ("\u{1B}\u{1B}[A", [.key(Key(.up, .alt))]),
        ("\u{1B}Oj\u{1B}OM", [.key(.character("*")), .key(.enter)]),
        (
            "\u{1B}[97;5u\u{1B}[27u\u{1B}[97;2u",
            [
                .key(.control("a")), .key(.escape), .key(.character("A")),
            ]
        ),
        ("\u{1B}[27;5;46~", [.key(.control("."))]),
        ("\u{1B}[<0;10;3M", [.mouse(Mouse(.press, .left, at: Point(column: 9, row: 2)))]),
        ("\u{1B}[<0;10;3m", [.mouse(Mouse(.release, .left, at: Point(column: 9, row: 2)))]),
        ("\u{1B}[<65;300;3M", [.mouse(Mouse(.wheelDown, .none, at: Point(column: 299, row: 2)))]),
        ("\u{1B}[<34;1;1M", [.mouse(Mouse(.drag, .right, at: Point(column: 0, row: 0)))]),
        (
            "\u{1B}[<20;1;1M",
            [
                .mouse(
                    Mouse(
                        .press,
                        .left,
                        at: Point(column: 0, row: 0),
                        modifiers: [.shift, .control]
                    )
                )
            ]
        ),
        ("\u{1B}[<66;1;1M\u{1B}[<0;0;1M", []),
        ("\u{1B}[I\u{1B}[O", [.focus(isGained: true), .focus(isGained: false)]),
        (
            "\u{1B}[200~A\u{1B}[31mX\r\u{1B}[201~q",
            [
                .paste("A\u{1B}[31mX\r"), .key(.character("q")),
            ]
        ),
        (
            "\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\r",
            [
                .reply(.background(RGB(0x1E1E2E))), .key(.character("r")),
            ]
        ),
        ("\u{1B}]11;rgb:ff/ff/ff\u{07}", [.reply(.background(RGB(0xFFFFFF)))]),
        ("\u{1B}]52;c;aGk=\u{07}\u{1B}P1$r0m\u{1B}\\", [.reply(.other), .reply(.other)]),
        (
            "\u{1B}[?62;4c\u{1B}[?2026;2$y",
            [
                .reply(.attributes([62, 4])), .reply(.mode(2026, state: 2)),
            ]
        ),
        (
            "\u{1B}[24;80R\u{1B}[0n",
            [.reply(.cursor(Point(column: 79, row: 23))), .reply(.other)]
        ),
        ("\u{1B}[3\u{1B}[A", [.key(.up)]),
        ("\u{1B}[99~\u{1B}[4h", []),
    ]

    @Test(arguments: sequences)
    func `bytes become the keys they stand for`(text: String, expected: [Input]) {
        var parser = InputParser()
        #expect(parser.feed(Array(text.utf8)) == expected)
        #expect(!parser.isWaiting)
        #expect(parser.flush().isEmpty)
    }

    @Test(arguments: sequences)
    func `it does not matter where the bytes are cut`(text: String, expected: [Input]) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var parser = InputParser()
            #expect(parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...]) == expected)
        }
        var parser = InputParser()
        #expect(bytes.flatMap { parser.feed([$0]) } == expected)
    }

    @Test(
        arguments: [
            ([0x1B], [.key(.escape)]),
            ([0x1B, 0x1B], [.key(.escape), .key(.escape)]),
            ([0x1B, 0x5B], [.key(.alt("["))]),
            ([0x1B, 0x4F], [.key(.alt("O"))]),
            ([0x1B, 0x5B, 0x31], []),
            (Array("\u{1B}]11;rgb:1e".utf8), []),
            ([0xC3], [.key(.character("\u{FFFD}"))]),
            ([0x61], []),
        ] as [([UInt8], [Input])]
    )
    func `silence decides what a lone escape byte was`(bytes: [UInt8], expected: [Input]) {
        var parser = InputParser()
        _ = parser.feed(bytes)
        #expect(parser.flush() == expected)
        #expect(!parser.isWaiting)
        #expect(parser.feed([0x6A]) == [.key(.character("j"))])
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xC3, 0x28], [0xF4, 0xBF, 0xBF, 0xBF],
            [0xC2, 0x9B],
        ] as [[UInt8]]
    )
    func `bytes that are no text become marks and never keys of their own`(bytes: [UInt8]) {
        var parser = InputParser()
        let events = parser.feed(bytes) + parser.flush()
        #expect(events.first == .key(.character("\u{FFFD}")))
        #expect(parser.feed([0x6A]) == [.key(.character("j"))])
    }

    @Test func `a paste that is too long is cut and what was dropped is counted`() {
        var parser = InputParser()
        let length = InputParser.pasteMaximum + 10
        let paste = Array("\u{1B}[200~".utf8) + Array(repeating: 0x61, count: length)
        let events = parser.feed(paste + Array("\u{1B}[201~".utf8))
        guard case .paste(let text)? = events.first else {
            Issue.record("no paste came")
            return
        }
        #expect(text.utf8.count == InputParser.pasteMaximum)
        #expect(parser.droppedPasteBytes == 10)
    }

    @Test func `any bytes leave the parser ready after a flush`() {
        // A linear congruential generator, so that every run is the same.
        var seed: UInt64 = 42
        func next() -> UInt8 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let byte = UInt8(truncatingIfNeeded: seed >> 56)
            return byte < 80 ? Array("\u{1B}[<;~0O]\u{07}".utf8)[Int(byte) % 9] : byte
        }
        for _ in 0..<200 {
            var parser = InputParser()
            _ = parser.feed((0..<60).map { _ in next() })
            _ = parser.feed(Array("\u{1B}[201~".utf8))
            _ = parser.flush()
            #expect(parser.feed([0x6A]).last == .key(.character("j")))
        }
    }

    @Test(arguments: [
        ("j", Key.character("j")), ("^d", .control("d")), ("Alt-x", .alt("x")),
        ("F5", .function(5)),
        ("Space", .space), ("Enter", .enter), ("Shift-Tab", .backTab), ("PgDn", .pageDown),
        ("Ctrl-Alt-Up", Key(.up, [.control, .alt])), ("-", .character("-")), ("F", .character("F")),
        ("Alt-F3", Key(.function(3), .alt)),
    ])
    func `a key has a name that reads back as the key`(name: String, key: Key) {
        #expect(key.description == name)
        #expect(Key(name) == key)
    }

    @Test(arguments: ["", "Hyper-x", "F0", "F99", "jj", "Alt-"])
    func `an unknown name is no key`(name: String) {
        #expect(Key(name) == nil)
    }
}
