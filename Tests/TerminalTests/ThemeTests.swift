import FoundationEssentials
import Testing

@testable import Terminal

@Suite struct ThemeTests {
    static let names = [
        "binnacle-dark", "binnacle-light", "high-contrast", "deuteranopia", "tritanopia",
        "monochrome",
    ]

    private static func text(of name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "themes/\(name).theme")
        return try String(contentsOf: file, encoding: .utf8)
    }

    private static func theme(_ name: String) throws -> Theme {
        try Theme(parsing: text(of: name), name: name)
    }

    /// In the manner of a theme that knows nothing of this program.
    private static let foreign = """
        # A theme
        theme[main_bg]="#1e1e2e"
        theme[main_fg]="#cdd6f4"  # words
        theme[title]=#cdd6f4
        theme[hi_fg]='#89b4fa'
        theme[selected_bg]="#45475a"
        theme[selected_fg]="#89b4fa"
        theme[inactive_fg]="#7f849c"
        theme[graph_text]=""
        theme[div_line]="60"
        theme[cpu_start]="#a6e3a1"
        theme[cpu_mid]="249 226 175"
        theme[cpu_end]="#f38ba8"
        theme[some_future_key]="#ff"
        """

    @Test func `a theme of btop gives every role a colour`() throws {
        let text = Self.foreign.replacing("\"60\"", with: "\"#60\"")
        let theme = try Theme(parsing: text, name: "foreign")
        #expect(theme.isDark)
        #expect(theme.background(.normal) == RGB(0x1E1E2E))
        #expect(theme.chosen(.text) == RGB(0xCDD6F4))
        #expect(theme.chosen(.hintKey) == RGB(0x89B4FA))
        #expect(theme.chosen(.muted) == RGB(0x7F849C))
        #expect(theme.chosen(.border) == RGB(0x606060))
        #expect(theme.chosen(.ok) == RGB(0xA6E3A1))
        #expect(theme.chosen(.warning) == RGB(0xF9E2AF))
        #expect(theme.chosen(.bad) == RGB(0xF38BA8))
        #expect(theme.background(.selection) == RGB(0x45475A))
        for role in Role.allCases {
            let contrast = theme.foreground(role).contrast(with: RGB(0x1E1E2E))
            #expect(contrast >= Theme.leastContrast(of: role), "\(role)")
        }
    }

    /// Written by hand from the keys that btop documents, each in another manner.
    private static let manners = [
        // All of it left to the terminal.
        "theme[main_bg]=\"\"\ntheme[main_fg]=\"\"\ntheme[title]=\"#ee\"",
        // Greys of two digits, single quotes, blanks around the sign, a comment behind.
        "# grey\ntheme[main_bg] = '#11' # dark\n\ttheme[main_fg]='#cc'\ntheme[div_line]=\"#40\"",
        // Decimals, CRLF, and gradients of one colour only.
        """
        theme[main_bg]="255 255 255"\r
        theme[main_fg]="10 10 10"\r
        theme[cpu_start]="0 120 60"\r
        theme[cpu_mid]=""\r
        theme[cpu_end]=""\r
        theme[proc_misc]="9 9 9"\r
        """,
        // Light text on a light ground: whatever is written, words must be legible.
        "theme[main_bg]=\"#ffffff\"\ntheme[main_fg]=\"#fefefe\"\ntheme[hi_fg]=\"#ffff00\"",
    ]

    @Test(arguments: manners)
    func `a theme of btop in any manner is legible`(text: String) throws {
        let theme = try Theme(parsing: text, name: "manner")
        for ground in Ground.allCases {
            for role in Role.allCases {
                let contrast = theme.foreground(role, on: ground)
                    .contrast(with: theme.opaqueBackground(ground))
                let least = Theme.leastContrast(of: role)
                let isText = ground != .production && ground != .staging
                #expect(!isText || contrast >= least, "\(role) on \(ground)")
            }
        }
    }

    @Test func `a gradient without red is not taken for bad`() throws {
        let text = "theme[cpu_start]=\"#81A1C1\"\ntheme[cpu_end]=\"#ECEFF4\""
        let theme = try Theme(parsing: text, name: "blue")
        #expect(theme.chosen(.bad) == Theme.dark.chosen(.bad))
        #expect(theme.chosen(.gradientHigh) == RGB(0xECEFF4))
    }

    @Test(arguments: [
        ("theme[main_fg]=\"#12345\"", "Line 1 of the theme \"x\" has no colour"),
        ("\n[main_fg]=\"#123456\"", "Line 2 of the theme \"x\" is no setting"),
        ("theme[main_fg] \"#123456\"", "has no \"=\" after the key"),
        ("theme[main_fg]=\"#123456", "has a quote that is not closed"),
        ("theme[main_fg]=\"300 0 0\"", "has no colour"),
        ("# only words", "sets no colour"),
        ("", "sets no colour"),
    ])
    func `a file that is no theme is refused with its line`(text: String, reason: String) {
        let problem = #expect(throws: ThemeProblem.self) { try Theme(parsing: text, name: "x") }
        #expect(problem?.description.contains(reason) == true)
    }

    @Test(arguments: names.dropLast())
    func `words of a shipped theme are legible as its author chose them`(name: String) throws {
        let theme = try Self.theme(name)
        for ground in [Ground.normal, .header] {
            let behind = theme.opaqueBackground(ground)
            for role in Role.allCases {
                let least = Theme.leastContrast(of: role)
                #expect(theme.chosen(role).contrast(with: behind) >= least, "\(role) on \(ground)")
            }
        }
        for ground in Ground.allCases {
            let behind = theme.opaqueBackground(ground)
            for role in Role.allCases {
                let contrast = theme.foreground(role, on: ground).contrast(with: behind)
                #expect(contrast >= Theme.leastContrast(of: role), "\(role) on \(ground)")
            }
        }
    }

    @Test func `words of the theme of high contrast stand at seven to one`() throws {
        let theme = try Self.theme("high-contrast")
        for role in Role.allCases where Theme.leastContrast(of: role) == Theme.contrastMinimum {
            let contrast = theme.foreground(role).contrast(with: theme.opaqueBackground(.normal))
            #expect(contrast >= 7, "\(role)")
        }
    }

    @Test(arguments: names, [ColourDepth.eight, .sixteen, .indexed256])
    func `words stay legible with fewer colours`(name: String, depth: ColourDepth) throws {
        let theme = try Self.theme(name)
        for role in Role.allCases where role != .border {
            let look = theme.look(Style(role), at: depth)
            guard case .indexed(let front) = look.foreground,
                case .indexed(let back) = look.background
            else { continue }
            let contrast = RGB.indexed(front).contrast(with: RGB.indexed(back))
            let least = Theme.leastContrast(of: role)
            let isFew = depth != .indexed256
            #expect(contrast >= (isFew ? min(least, Theme.fewColoursContrast) : least), "\(role)")
        }
    }

    @Test(arguments: [ColourDepth.eight: 0, .sixteen: 8])
    func `with few colours bad is still red and ok green`(depth: ColourDepth, offset: Int) throws {
        func entry(_ name: String, _ role: Role) throws -> Paint {
            try Self.theme(name).look(Style(role), at: depth).foreground
        }
        #expect(try entry("binnacle-dark", .bad) == .indexed(1 + offset))
        #expect(try entry("binnacle-dark", .ok) == .indexed(2 + offset))
        #expect(try entry("binnacle-dark", .warning) == .indexed(3 + offset))
        #expect(try entry("deuteranopia", .bad) == .indexed(1 + offset))
        #expect(try entry("deuteranopia", .ok) == .indexed(6 + offset))
    }

    @Test(arguments: names, ColourDepth.allCases)
    func `the row under the cursor never looks like the others`(
        name: String,
        depth: ColourDepth
    ) throws {
        let theme = try Self.theme(name)
        for ground in [Ground.selection, .production, .staging] {
            let marked = theme.look(Style(.text, on: ground), at: depth)
            let plain = theme.look(.text, at: depth)
            let isTold =
                marked.background != plain.background
                || marked.attributes.contains(.reverse)
            #expect(isTold, "\(ground)")
        }
    }

    @Test func `the themes in the program are those in the files`() throws {
        #expect(try Self.theme("binnacle-dark") == .dark)
        #expect(try Self.theme("binnacle-light") == .light)
    }

    @Test func `without colours the meaning stays in attributes`() throws {
        for theme in [Theme.dark, try Self.theme("monochrome")] {
            let bad = theme.look(.bad, at: .monochrome)
            #expect(bad == Look(foreground: .standard, background: .standard, attributes: .bold))
            #expect(theme.look(.muted, at: .monochrome).attributes == .dim)
            let row = theme.look(Style(.muted, on: .selection), at: .monochrome)
            #expect(row.attributes == .reverse)
        }
        #expect(try Self.theme("monochrome").look(.bad, at: .direct).foreground == .standard)
    }

    @Test func `contrast is what WCAG defines`() {
        #expect(RGB(0x000000).contrast(with: RGB(0xFFFFFF)) == 21)
        #expect(abs(RGB(0x777777).contrast(with: RGB(0xFFFFFF)) - 4.478) < 0.001)
        #expect(RGB(0x123456).contrast(with: RGB(0x123456)) == 1)
    }

    @Test(
        arguments: [
            (0xFF0000, ColourDepth.indexed256, Paint.indexed(196)),
            (0x00000A, .direct, .direct(RGB(0x00000A))),
            (0x000001, .direct, .direct(RGB(0x000008))),
            (0x808080, .indexed256, .indexed(244)),
            (0xFFFFFF, .sixteen, .indexed(15)),
            (0xFF0000, .eight, .indexed(1)),
            (0xFF0000, .monochrome, .standard),
        ] as [(UInt32, ColourDepth, Paint)]
    )
    func `a colour becomes the nearest that there is`(
        value: UInt32,
        depth: ColourDepth,
        paint: Paint
    ) {
        #expect(RGB(value).paint(at: depth) == paint)
    }
}
