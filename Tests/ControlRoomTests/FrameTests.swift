import ControlRoom
import EngineAPI
import Terminal
import Testing

/// Whole screens, cell by cell, from one world of realistic values.
@Suite struct FrameTests {
    static let sizes = [Size(columns: 80, rows: 24), Size(columns: 140, rows: 45)]

    @Test(arguments: ViewName.allCases, sizes)
    func `a view looks as it did`(view: ViewName, size: Size) {
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(view)
        GoldenFile.check(journey.text, "\(view.rawValue)-\(size.columns)x\(size.rows)")
    }

    @Test(
        arguments: ["models", "runs", "drift", "inbox", "jobs", "deployments", "audit", "data"],
        sizes
    )
    func `the details of a view look as they did`(name: String, size: Size) throws {
        let view = try #require(ViewName(rawValue: name))
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(view)
        switch view {
        case .models: journey.press("Enter", "Enter")
        case .drift: journey.press("h", "h", "h", "v")
        case .inbox: journey.press("e", "e")
        default: journey.press("Enter")
        }
        GoldenFile.check(journey.text, "\(view.rawValue)-detail-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: sizes)
    func `what lies over a view looks as it did`(size: Size) {
        let name = "\(size.columns)x\(size.rows)"
        var help = Journey(columns: size.columns, rows: size.rows)
        help.open(.inbox)
        help.press("?")
        GoldenFile.check(help.text, "help-\(name)")
        var dialog = Journey(columns: size.columns, rows: size.rows)
        dialog.readAllEvidence()
        dialog.press("A")
        dialog.type("v")
        GoldenFile.check(dialog.text, "approve-\(name)")
        var palette = Journey(columns: size.columns, rows: size.rows)
        palette.press(":")
        palette.type("dr")
        GoldenFile.check(palette.text, "palette-\(name)")
        var training = Journey(columns: size.columns, rows: size.rows)
        training.press("T")
        GoldenFile.check(training.text, "train-\(name)")
        var rejection = Journey(columns: size.columns, rows: size.rows)
        rejection.open(.inbox)
        rejection.press("X")
        rejection.type("the holdout is too short")
        GoldenFile.check(rejection.text, "reject-\(name)")
        rejection.press("Enter", "n", "!")
        GoldenFile.check(rejection.text, "messages-\(name)")
    }

    @Test(arguments: ViewName.allCases)
    func `the looks are as they were`(view: ViewName) {
        var journey = Journey(columns: 80, rows: 24)
        journey.open(view)
        GoldenFile.check(journey.grid().styleText, "\(view.rawValue)-80x24-style")
    }

    /// Every look of a view with what a terminal of each depth shows it as.
    @Test(arguments: ViewName.allCases)
    func `each depth of colour shows the looks as it did`(view: ViewName) {
        var journey = Journey(columns: 120, rows: 36)
        journey.open(view)
        let styles = Set(journey.grid().cells.map(\.style))
        func text(_ paint: Paint) -> String {
            switch paint {
            case .standard: "-"
            case .indexed(let index): "\(index)"
            case .direct(let colour): "\(colour.red),\(colour.green),\(colour.blue)"
            }
        }
        let lines = styles.map { style in
            let name = "\(style.role) on \(style.ground) \(style.attributes.rawValue):"
            let looks = ColourDepth.allCases.map { depth in
                let look = Theme.dark.look(style, at: depth)
                let attributes = look.attributes.rawValue
                return " \(text(look.foreground))/\(text(look.background))/\(attributes)"
            }
            return name + looks.joined()
        }
        GoldenFile.check(lines.sorted().joined(separator: "\n"), "\(view.rawValue)-depths")
    }

    @Test(arguments: ViewName.allCases, sizes)
    func `with ASCII glyphs a view looks as it did`(view: ViewName, size: Size) {
        var journey = Journey(columns: size.columns, rows: size.rows)
        journey.open(view)
        let name = "\(view.rawValue)-\(size.columns)x\(size.rows)-ascii"
        GoldenFile.check(journey.grid(glyphs: .ascii).plainText, name)
    }

    @Test(arguments: sizes)
    func `a log that does not verify is the whole header, in every view`(size: Size) {
        var journey = Journey(columns: size.columns, rows: size.rows)
        var broken = FixtureWorld.overview
        broken.engine.auditFirstBad = 37
        broken.engine.auditProblem = "Event 37 was edited."
        for view in ViewName.allCases {
            journey.open(view)
            journey.send(.answer(to: .overview, .overview(broken)))
            #expect(journey.lines[0].contains("AUDIT LOG BROKEN AT EVENT 37"), "\(view.rawValue)")
        }
        let isRed = journey.grid().styleText.split(separator: "\n").first
        #expect(isRed == Substring(String(repeating: "P", count: size.columns)))
    }

    @Test func `with ASCII glyphs nothing else reaches the terminal`() {
        for view in ViewName.allCases {
            var journey = Journey(columns: 80, rows: 24)
            journey.open(view)
            let text = journey.grid(glyphs: .ascii).plainText
            #expect(text.allSatisfy { $0.isASCII }, "\(view.rawValue)")
        }
    }

    @Test(arguments: ViewName.allCases)
    func `an empty world says what to do next`(view: ViewName) {
        var journey = Journey(columns: 80, rows: 24, isEmpty: true)
        journey.open(view)
        GoldenFile.check(journey.text, "\(view.rawValue)-empty-80x24")
    }

    @Test func `no size is too small or too large to draw`() {
        for view in ViewName.allCases {
            for (columns, rows) in [(1, 1), (10, 5), (40, 8), (60, 16), (200, 60)] {
                var journey = Journey(columns: columns, rows: rows)
                journey.open(view)
                for key in ["Enter", "e", "?", "Esc"] {
                    journey.press(key)
                    let grid = journey.grid()
                    #expect(grid.size == Size(columns: columns, rows: rows))
                }
            }
        }
    }

    @Test func `the demonstration has its own line and keys in every view`() {
        var journey = Journey(columns: 80, rows: 24)
        let status = DemonstrationStatus(
            day: "2013-06-14",
            fraction: 0.45,
            speed: 4,
            isPaused: false,
            caption: "labels arrive"
        )
        journey.send(.demonstration(status))
        for view in ViewName.allCases {
            journey.open(view)
            let line = journey.lines[journey.lines.count - 3]
            #expect(line.hasPrefix(" DEMO  2013-06-14 ▶ ×4 labels arrive"))
            #expect(line.hasSuffix("p pause  , . pace  q quit"))
            journey.forgetEffects()
            journey.press("p", ",", ".")
            #expect(
                journey.effects == [
                    .demonstration(.pauseOrGoOn), .demonstration(.slower), .demonstration(.faster),
                ]
            )
        }
    }
}

extension Journey {
    /// Opens a view by its key, or by its name where it has none.
    mutating func open(_ view: ViewName) {
        if let number = view.number {
            press(String(number))
        } else {
            press(":")
            type(view.rawValue)
            press("Enter")
        }
    }

    /// Goes to the release that waits for production and opens every piece of evidence.
    mutating func readAllEvidence() {
        open(.inbox)
        for _ in FixtureWorld.evidence { press("e") }
    }
}
