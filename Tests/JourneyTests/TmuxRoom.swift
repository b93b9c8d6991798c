import Domain
import FoundationEssentials
import Glibc

/// The control room of the built program in a terminal of tmux, used as a person uses it: by keys,
/// and by what stands on the screen.
struct TmuxRoom: Sendable {
    /// Seconds until what must come up on the screen is given up.
    private static let patienceSeconds: Double = 60
    /// No terminal tells when its screen has changed, so it is looked at this often.
    private static let glance: Duration = .milliseconds(15)

    private let home: JourneyHome
    /// A server of its own, so that nobody's sessions are touched.
    private let server: String
    private let session = "room-" + UUID().uuidString.prefix(8)

    static var isInstalled: Bool { access("/usr/bin/tmux", X_OK) == 0 }

    /// Opens the room of a home in a terminal of this size, in a shell's hands where asked.
    static func open(
        _ home: JourneyHome,
        columns: Int = 100,
        rows: Int = 30,
        options: [String] = ["--hold", "0"],
        inShell: Bool = false
    ) async throws -> TmuxRoom {
        let room = TmuxRoom(home: home, server: home.root.split(separator: "/").joined())
        let words = try [Program.path(), "room", "--home", home.path] + options
        let command =
            words.map { "'\($0)'" }.joined(separator: " ") + " 2>'\(home.root)/room.err'"
        let start = inShell ? "PS1='$ ' exec bash --norc" : "exec \(command)"
        _ = try await room.tmux(
            [
                "-f", "/dev/null", "new-session", "-d", "-s", room.session, "-x", "\(columns)",
                "-y",
                "\(rows)", "export LANG=C.UTF-8; \(start)",
            ]
        )
        if inShell {
            try await room.shows("$")
            try await room.type(command + "\n")
        }
        return room
    }

    /// Presses keys as tmux names them, such as `Enter`, or writes text.
    func press(_ keys: String...) async throws {
        for key in keys { _ = try await tmux(["send-keys", "-t", session, key]) }
    }

    func type(_ text: String) async throws {
        _ = try await tmux(["send-keys", "-t", session, "-l", text])
    }

    func screen() async throws -> String {
        try await tmux(["capture-pane", "-p", "-t", session])
    }

    /// Waits until the screen is as asked; throws with the screen as it was last.
    @discardableResult
    func waits(
        for what: String,
        until isRight: @Sendable (String) -> Bool
    ) async throws -> String {
        let began = currentTime()
        var last = ""
        while currentTime().seconds(since: began) < Self.patienceSeconds {
            last = try await screen()
            if isRight(last) { return last }
            try await Task.sleep(for: Self.glance)
        }
        throw Refusal(.fault, "The screen never showed \"\(what)\". It ends as:\n\(last)")
    }

    @discardableResult
    func shows(_ text: String) async throws -> String {
        try await waits(for: text) { $0.contains(text) }
    }

    /// Waits until the program has left its terminal.
    func ends() async throws {
        let began = currentTime()
        while (try? await screen()) != nil {
            guard currentTime().seconds(since: began) < Self.patienceSeconds else {
                throw Refusal(.fault, "The room does not end:\n\(try await screen())")
            }
            try await Task.sleep(for: Self.glance)
        }
    }

    /// Says yes to the question on the screen: keys pressed before it can be read are not taken,
    /// so the key is pressed until the question is gone.
    func confirm(_ question: String) async throws {
        try await shows(question)
        let began = currentTime()
        while try await screen().contains(question) {
            guard currentTime().seconds(since: began) < Self.patienceSeconds else {
                throw Refusal(.fault, "\"\(question)\" takes no yes:\n\(try await screen())")
            }
            try await press("y")
            try await Task.sleep(for: Self.glance)
        }
    }

    /// Writes into a dialog that takes no keys for a moment after it opened.
    func type(_ text: String, into field: String) async throws {
        // A terminal tells of no blanks at the end of a line.
        try await shows(field.last == " " ? String(field.dropLast()) : field)
        let first = String(text.prefix(1))
        let began = currentTime()
        while try await !screen().contains(field + first) {
            guard currentTime().seconds(since: began) < Self.patienceSeconds else {
                throw Refusal(.fault, "Nothing can be typed after \"\(field)\".")
            }
            let before = try await screen()
            try await press(first)
            // The key may be on its way still: it is pressed again only where nothing moved.
            for _ in 0..<20 where try await screen() == before {
                try await Task.sleep(for: Self.glance)
            }
        }
        try await type(String(text.dropFirst()))
        try await shows(field + text)
    }

    /// What tmux took as copied last.
    func copied() async throws -> String { try await tmux(["show-buffer"]) }

    private func tmux(_ arguments: [String]) async throws -> String {
        let name = "\(home.root)/tmux-\(UUID().uuidString)"
        let child = try Child(
            "/usr/bin/tmux",
            ["-L", server] + arguments,
            outputPath: name,
            errorPath: name + ".err"
        )
        let code = await child.ending()
        defer {
            unlink(name)
            unlink(name + ".err")
        }
        guard code == 0 else {
            let why = text(ofFileAt: name + ".err")
            let room = text(ofFileAt: home.root + "/room.err")
            throw Refusal(.unavailable, "tmux failed with code \(code): \(why) \(room)")
        }
        return text(ofFileAt: name)
    }
}
