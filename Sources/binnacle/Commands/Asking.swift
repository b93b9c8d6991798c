import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials
import Glibc

extension ClientOptions {
    /// A connection to the engine these options name; starts it where none runs on this machine.
    func engine() async throws -> any EngineConnection {
        try await access().connect()
    }

    /// Sends one request and prints its answer, as JSON or as the text made of it.
    func show<Request: EngineRequest>(
        _ request: Request,
        text: (Request.Answer, Int?) -> String
    ) async throws {
        let answer = try await engine().send(request)
        try show(answer, text: text)
    }

    /// Prints an answer, as JSON or as the text made of it for this terminal's width.
    func show<Answer: Encodable>(_ answer: Answer, text: (Answer, Int?) -> String) throws {
        try print(answer) { text($0, terminalColumns()) }
    }

    /// A path as the engine must be told it: absolute on this machine, as it stands for another's.
    func enginePath(_ path: String) throws -> String {
        if path.hasPrefix("/") { return path }
        if let host {
            throw ValidationError(
                "The file lies on \(host): give its whole path there instead of \"\(path)\"."
            )
        }
        let folder = URL(filePath: FileManager.default.currentDirectoryPath + "/")
        return URL(filePath: folder.path + "/" + path).standardizedFileURL.path
    }
}

/// Names the width of the page on which a control room shows what a subcommand writes.
let pageColumnsVariable = "BINNACLE_PAGE_COLUMNS"

/// How wide the terminal is that standard output shows on; nil where it is a file or a pipe.
func terminalColumns(of descriptor: Int32 = 1) -> Int? {
    let page = ProcessInfo.processInfo.environment[pageColumnsVariable]
    if let columns = page.flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0,
        size.ws_col > 0
    else { return nil }
    return Int(size.ws_col)
}

/// A version as people type it: `2` or `v2`.
struct VersionNumber: ExpressibleByArgument, Equatable {
    let number: Int

    init?(argument: String) {
        let digits = argument.hasPrefix("v") ? argument.dropFirst() : argument[...]
        guard let number = Int(digits), number > 0, digits.allSatisfy(\.isNumber) else {
            return nil
        }
        self.number = number
    }
}

/// Whether a person sits at the other end of a descriptor.
func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
}

/// Writes a question without a newline, beside what programs read.
func ask(_ question: String) {
    let bytes = Array(question.utf8)
    _ = write(2, bytes, bytes.count)
}

/// Writes text to standard output at once, whole.
func writeOut(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// A moment as people type it: `2013-07-01T12:00Z`; without an offset it is UTC.
struct Moment: ExpressibleByArgument, Equatable {
    let timestamp: Timestamp

    init?(argument: String) {
        guard let timestamp = Timestamp(argument) else { return nil }
        self.timestamp = timestamp
    }
}

/// The option of everything that can be looked at as it was.
struct AsOfOption: ParsableArguments {
    @Option(
        name: .customLong("as-of"),
        help: ArgumentHelp(
            "As it was at this moment, such as 2013-07-01T12:00Z.",
            valueName: "time"
        )
    )
    var moment: Moment?

    func asOf<Request: LookingBack>(_ request: Request) -> Request {
        request.lookingBack(to: moment?.timestamp)
    }
}
