import Domain
import FoundationEssentials
import Glibc
import Testing

/// The built program on terminals good and old, and on those that go away.
@Suite struct DegradationTests {
    struct Look: Sendable {
        let environment: [String: String]
        /// What must be among the bytes, and what must not.
        var has: [String] = []
        var lacks: [String] = []
        var columns = 80
        var rows = 24
        var arguments: [String] = []
    }

    private static let utf8 = ["LANG": "C.UTF-8"]
    private static let colours = ["38;", "48;", "[31", "[32", "[33", "[39"]

    private static func look(
        _ term: String,
        _ more: [String: String] = utf8,
        has: [String] = [],
        lacks: [String] = [],
        size: (columns: Int, rows: Int) = (80, 24),
        arguments: [String] = []
    ) -> Look {
        Look(
            environment: more.merging(["TERM": term]) { one, _ in one },
            has: has,
            lacks: lacks,
            columns: size.columns,
            rows: size.rows,
            arguments: arguments
        )
    }

    private static let looks: [Look] = [
        look("xterm-256color", ["LANG": "C.UTF-8", "COLORTERM": "truecolor"], has: ["38;2;"]),
        look("xterm-256color", has: ["38;5;", "╭"], lacks: ["38;2;"]),
        look("linux", has: ["\u{1B}[3"], lacks: ["38;5;", "38;2;", "?1002h"]),
        look("xterm-mono", has: ["╭"], lacks: colours),
        look("xterm-256color", ["LANG": "C.UTF-8", "NO_COLOR": "1"], has: ["╭"], lacks: colours),
        look("vt100", ["LC_ALL": "C"], has: ["+-"], lacks: ["38;", "?1049h", "?2004h", "[22m"]),
        look("xterm-256color", ["LC_ALL": "C", "LANG": "C.UTF-8"], has: ["+-", "38;5;"]),
        look("xterm-256color", has: ["+-", "38;5;"], lacks: ["╭"], arguments: ["--ascii"]),
        look("xterm-kitty", has: ["38;2;", "╭"]),
        look("xterm-ghostty", has: ["38;2;", "╭"]),
        look("xterm-never-heard-of", has: ["38;5;"]),
        look("screen", has: ["╭"]),
        look("tmux-256color", has: ["38;5;"]),
        look("xterm-256color", has: ["38;5;"], size: (60, 16)),
        look("xterm-256color", size: (20, 4)),
        look("xterm-256color", size: (300, 80)),
    ]

    @Test(.timeLimit(.minutes(2)))
    func `the program shows itself on every terminal and gives it back`() async throws {
        try await JourneyHome.lend { home in
            _ = try await home.connect()
            for look in Self.looks {
                let room = try PtyRoom(
                    home,
                    look.environment,
                    arguments: look.arguments,
                    columns: look.columns,
                    rows: look.rows
                )
                let text = try await room.shows("ok")
                for piece in look.has { #expect(text.contains(piece), "\(look): \(piece)") }
                for piece in look.lacks { #expect(!text.contains(piece), "\(look): \(piece)") }
                let isASCII = look.environment["LC_ALL"] == "C" || !look.arguments.isEmpty
                #expect(!isASCII || text.utf8.allSatisfy { $0 < 0x80 }, "\(look)")
                room.type("q")
                let code = try await room.ends()
                #expect(code == 0, "\(look)")
                #expect(room.isSane, "\(look)")
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["dumb", "unknown", ""])
    func `a terminal without a cursor is read line by line`(term: String) async throws {
        try await JourneyHome.lend { home in
            let room = try PtyRoom(home, ["TERM": term, "LANG": "C.UTF-8"])
            try await room.shows("Nothing waits for you.")
            room.type("jobs\n")
            try await room.shows("Jobs")
            room.type("quit\n")
            let code = try await room.ends()
            #expect(code == 0)
            #expect(!room.bytes.contains(0x1B))
            #expect(room.isSane)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a terminal that answers chooses light colours and repeats marks`() async throws {
        try await withRoom(answers: .modern(background: "rgb:ffff/ffff/ffff")) { room in
            let text = try await room.shows("48;5;231m")
            #expect(text.contains("─\u{1B}["))
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [SIGSEGV, SIGABRT, SIGTERM])
    func `whatever ends the program, the terminal is given back`(signal: Int32) async throws {
        try await withRoom { room in
            room.tell(signal)
            let code = try await room.ends()
            #expect(code == (signal == SIGTERM ? 0 : 128 + signal))
            try await room.shows("?1049l")
            let text = String(decoding: room.bytes, as: UTF8.self)
            for mode in ["?1002l", "?2004l"] { #expect(text.contains(mode)) }
            #expect(room.isSane)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a window that is closed ends the program`() async throws {
        try await withRoom { room in
            room.hangUp()
            let code = try await room.ends()
            #expect(code == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a storm of sizes ends with a whole frame of the last`() async throws {
        try await withRoom { room in
            for step in 0..<200 {
                room.resize(columns: 20 + step % 90, rows: 5 + step % 40)
            }
            room.resize(columns: 100, rows: 30)
            let start = room.bytes.count
            room.type("?")
            // Row 30 is written, and nothing to the right of column 100.
            try await room.shows("copy the row as JSON", after: start)
            try await room.waits(for: "row 30") { bytes in
                String(decoding: bytes[start...], as: UTF8.self).contains("\u{1B}[30")
            }
            let help = room.bytes.count
            room.type("\u{3}")
            try await room.shows("Needs you", after: help)
            room.type("q")
            let code = try await room.ends()
            #expect(code == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `pasted text is no keys, and % gives the mouse back`() async throws {
        try await withRoom { room in
            room.type("\u{1B}[200~q:q\r\u{1B}[201~")
            try await room.shows("Pasted text is ignored")
            room.type("%")
            try await room.shows("\u{1B}[?1002l")
            let start = room.bytes.count
            room.type("%")
            try await room.shows("\u{1B}[?1002h", after: start)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `SIGHUP reads the theme's file anew, and so does writing it`() async throws {
        try await JourneyHome.lend { home in
            _ = try await home.connect()
            let path = home.root + "/mine.theme"
            func write(_ text: String) throws {
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            try write("theme[main_bg]=\"#000000\"\ntheme[main_fg]=\"#ffffff\"\n")
            let room = try PtyRoom(
                home,
                ["TERM": "xterm-kitty", "LANG": "C.UTF-8"],
                arguments: ["--theme", path],
                columns: 120
            )
            try await room.shows("ok")
            try write("theme[main_bg]=\"#102030\"\ntheme[main_fg]=\"#ffffff\"\n")
            try await room.shows("48;2;16;32;48")
            try await room.shows("was read anew")
            let start = room.bytes.count
            room.tell(SIGHUP)
            try await room.shows("was read anew", after: start)
            try write("theme[main_bg]=\"none of it\"\n")
            try await room.shows("has no colour", after: start)
            room.type("q")
            let code = try await room.ends()
            #expect(code == 0)
        }
    }

    /// Lends the room of an empty home in a terminal of 256 colours, once its engine answers.
    private func withRoom(
        answers: PtyRoom.Answers = .nothing,
        _ body: @Sendable (PtyRoom) async throws -> Void
    ) async throws {
        try await JourneyHome.lend { home in
            _ = try await home.connect()
            let room = try PtyRoom(
                home,
                // Of a program that crashes the language's runtime asks what to do.
                ["TERM": "xterm-256color", "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"],
                answers: answers
            )
            try await room.shows("ok")
            try await body(room)
        }
    }
}

/// The built program inside tmux, where one sees whole screens.
@Suite struct TmuxTests {
    @Test(.enabled(if: TmuxRoom.isInstalled), .timeLimit(.minutes(2)))
    func `an engine that is killed is told, started again, and what was typed stays`() async throws
    {
        try await JourneyHome.lend { home in
            var market = Market(seed: 21)
            _ = try await Story.begin(in: home, rows: market.rows(300))
            let room = try await TmuxRoom.open(home)
            try await room.shows("Needs you")
            try await room.press("/")
            try await room.type("abc")
            try await room.shows("abc")
            try await home.withoutEngine {
                try await room.shows(" lost ")
                try await room.type("d")
                try await room.shows("abcd")
            }
            try await room.shows("ok ")
            try await room.type("e")
            try await room.shows("abcde")
        }
    }

    @Test(.enabled(if: TmuxRoom.isInstalled), .timeLimit(.minutes(2)))
    func `it is suspended and continued by its shell, and copies through tmux`() async throws {
        try await JourneyHome.lend { home in
            var market = Market(seed: 22)
            _ = try await Story.begin(in: home, rows: market.rows(300))
            let room = try await TmuxRoom.open(home, columns: 60, rows: 16, inShell: true)
            try await room.shows("Needs you")
            try await room.press("C-z")
            try await room.waits(for: "the shell") { screen in
                screen.contains("Stopped") && !screen.contains("Needs you")
            }
            try await room.type("fg\n")
            let screen = try await room.shows("Needs you")
            let widest = screen.split(separator: "\n").map(\.count).max() ?? 0
            #expect(widest <= 60)
            try await room.press(":")
            try await room.type("data")
            try await room.press("Enter")
            try await room.shows("1 snapshot")
            try await room.press("y")
            try await room.shows("Copied ")
            let copied = try await room.copied()
            #expect(copied.contains("sha256:"), "\(copied)")
            try await room.press("q", "q")
            try await room.waits(for: "the shell") { $0.contains("Stopped") }
            try await room.type("echo still $((40 + 2))\n")
            try await room.shows("still 42")
        }
    }
}
