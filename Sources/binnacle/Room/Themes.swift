import Domain
import FoundationEssentials
import Terminal

/// The theme of the control room, where it came from, and how it is read anew.
struct ThemeChoice {
    /// A theme's file, as it was read last.
    private struct File {
        let path: String
        let name: String
        var bytes: Data
    }

    private(set) var theme: Theme
    private var file: File?
    /// Whether the terminal's own background chooses between dark and light.
    private let followsBackground: Bool

    /// Finds a theme: a file's path, a name under the home's or the installed `themes`, else the
    /// built-in dark or light one; without a name the terminal's background decides.
    init(named name: String?, home: Home, environment: [String: String]) throws {
        followsBackground = name == nil
        guard let name else {
            theme = Self.isLight(environment["COLORFGBG"]) ? .light : .dark
            return
        }
        if let built = ["dark": Theme.dark, "light": .light][name] {
            theme = built
            return
        }
        let folders = [home.path + "/themes"] + Self.installedFolders()
        let candidates = [name] + folders.map { "\($0)/\(name).theme" }
        for path in candidates {
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            file = File(path: path, name: name, bytes: bytes)
            do {
                theme = try Self.theme(in: bytes, name: name)
            } catch {
                throw Refusal(.invalid, error.description)
            }
            return
        }
        throw Refusal(
            .notFound,
            """
            There is no theme "\(name)". Name a .theme file, "dark" or "light", or put the file \
            into "\(folders[0])".
            """
        )
    }

    /// The folder whose changes may concern the theme; nil for one that is built in.
    var folder: String? {
        guard let path = file?.path else { return nil }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        return folder.isEmpty ? "." : folder
    }

    /// Takes the dark or the light theme, whichever goes with the terminal's background.
    ///
    /// - Returns: Whether that is another one than before.
    mutating func follow(background: RGB) -> Bool {
        guard followsBackground else { return false }
        let before = theme
        theme = background.luminance > 0.4 ? .light : .dark
        return theme != before
    }

    /// Reads the theme's file anew; one that cannot be used leaves the colours as they are.
    ///
    /// - Parameter isAsked: Whether somebody waits for an answer even if nothing has changed.
    /// - Returns: Nil where there is nothing to say.
    mutating func reload(isAsked: Bool) -> (isDone: Bool, sentence: String)? {
        guard let known = file else {
            guard isAsked else { return nil }
            let sentence = """
                The theme "\(theme.name)" is built in and has no file to read anew. Start with \
                --theme FILE for one of your own.
                """
            return (false, sentence)
        }
        guard let bytes = FileManager.default.contents(atPath: known.path) else {
            guard isAsked else { return nil }
            let sentence = "The theme's file \"\(known.path)\" cannot be read. The colours stay."
            return (false, sentence)
        }
        guard isAsked || bytes != known.bytes else { return nil }
        file?.bytes = bytes
        do {
            theme = try Self.theme(in: bytes, name: known.name)
            return (true, "The theme \"\(known.name)\" was read anew.")
        } catch {
            return (false, "\(error.description) The colours stay as they were.")
        }
    }

    private static func theme(in bytes: Data, name: String) throws(ThemeProblem) -> Theme {
        try Theme(parsing: String(decoding: bytes, as: UTF8.self), name: name)
    }

    /// Reads what some terminals say of their colours, such as `0;15`: the last number is the
    /// background among the first sixteen.
    private static func isLight(_ colours: String?) -> Bool {
        guard let last = colours?.split(separator: ";").last, let index = Int(last) else {
            return false
        }
        return index == 7 || (9...15).contains(index)
    }

    /// The `themes` folders beside or above the program: a checkout's, or an installation's.
    private static func installedFolders() -> [String] {
        var folders: [String] = []
        var folder = URL(filePath: executablePath()).deletingLastPathComponent()
        for _ in 0..<5 {
            folders.append(folder.appending(path: "themes").path)
            folders.append(folder.appending(path: "share/binnacle/themes").path)
            folder.deleteLastPathComponent()
        }
        return folders
    }
}
