import ControlRoom
import Dispatch
import Domain
import EngineAPI
import Terminal

/// The control room through standard input and output, a line at a time.
final class PlainDriver {
    private enum Event: Sendable {
        case line(String)
        case ended
        case woken
        case tick
    }

    private let mailbox: Mailbox
    private let line: EngineLine
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation
    private let readsInput: Bool
    private let demonstration: (@Sendable (DemonstrationControl) -> Void)?
    private var plain: PlainRoom
    private var typed: [String] = []
    private var isEnded = false
    private var isOver = false
    /// Whether what was typed last has not been answered yet.
    private var owesAnswer = true

    /// - Parameter readsInput: False prints the overview and ends.
    init(
        settings: RoomSettings,
        access: EngineAccess,
        readsInput: Bool,
        demonstration: (@Sendable (DemonstrationControl) -> Void)?,
        ready: (Mailbox) -> Void
    ) {
        let (events, post) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        self.post = post
        self.readsInput = readsInput
        self.demonstration = demonstration
        mailbox = Mailbox { post.yield(.woken) }
        line = EngineLine(access: access, mailbox: mailbox, language: settings.language)
        // What was typed before a question is no answer to it only where keys are typed ahead.
        var settings = settings
        settings.armSeconds = 0
        plain = PlainRoom(settings: settings, now: currentTime())
        ready(mailbox)
    }

    /// Reads commands until the user leaves or the input ends.
    func run() async {
        let line = line
        let keepsOpen = Task { await line.keepOpen() }
        perform(plain.start())
        if readsInput { readInput() } else { isEnded = true }
        for await event in events {
            switch event {
            case .line(let text): typed.append(text)
            case .ended: isEnded = true
            case .tick: perform(plain.take(.tick(currentTime())))
            case .woken:
                perform(plain.take(.tick(currentTime())))
                for message in mailbox.takeAll() { perform(plain.take(message)) }
            }
            goOn()
            if isOver { break }
        }
        keepsOpen.cancel()
        await line.close()
    }

    /// Answers what was typed, then takes the next line; ends where nothing more comes.
    private func goOn() {
        while plain.isSettled, !isOver {
            if owesAnswer {
                owesAnswer = false
                say(plain.report())
            } else {
                say(plain.announce())
            }
            if !typed.isEmpty {
                let text = typed.removeFirst()
                perform(plain.take(.tick(currentTime())))
                perform(plain.take(line: text))
                owesAnswer = true
            } else {
                // A confirmed order that is held still leaves, though nothing more is typed.
                if isEnded, !plain.isHolding { isOver = true }
                return
            }
        }
    }

    private func say(_ lines: [String]) {
        if !lines.isEmpty {
            writeOut(lines.map { SafeText.cleaned($0) + "\n" }.joined())
        }
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .send(let call):
                let (line, mailbox) = (line, mailbox)
                Task { mailbox.post(.answer(to: call, await line.ask(call))) }
            case .run(let words, let columns):
                let (line, mailbox) = (line, mailbox)
                Task { mailbox.post(.ended(await line.run(words, columns: columns))) }
            case .schedule(let seconds):
                let post = post
                Task {
                    try? await Task.sleep(for: .seconds(seconds))
                    post.yield(.tick)
                }
            case .demonstration(let control): demonstration?(control)
            case .copy(let text): say([text])
            case .write(let path, let text): perform(plain.take(writeExport(text, to: path)))
            case .quit: isOver = true
            default: break
            }
        }
    }

    private func readInput() {
        let post = post
        // Reading blocks: a thread of its own, not one of the shared pool.
        DispatchQueue(label: "binnacle.plain").async {
            while let text = readLine(strippingNewline: true) { post.yield(.line(text)) }
            post.yield(.ended)
        }
    }
}
