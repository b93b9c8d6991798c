import ControlRoom
import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Synchronization
import Terminal
import TerminalNcurses

/// Messages on their way to the control room's thread, from any other.
final class Mailbox: Sendable {
    private let waiting = Mutex<[Message]>([])
    private let wakeUp: WakeUp

    init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    func post(_ message: Message) {
        waiting.withLock { $0.append(message) }
        wakeUp.post()
    }

    func takeAll() -> [Message] {
        waiting.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}

/// Carries messages to the control room and its effects out of it, on one thread of its own.
final class RoomDriver {
    private let screen: Screen
    private let input: InputLoop
    private let mailbox: Mailbox
    private let line: EngineLine
    private let demonstration: (@Sendable (DemonstrationControl) -> Void)?
    private var room: RoomState
    /// Whether the terminal's own background chooses between dark and light.
    private let followsBackground: Bool
    private let memoryFile: RoomMemoryFile
    private var meter: FrameMeter
    private var nextTick: Timestamp?
    private var isOver = false

    /// Takes over the terminal; throws a sentence when there is none to take.
    init(
        settings: RoomSettings,
        access: EngineAccess,
        theme: Theme?,
        options: Screen.Options,
        demonstration: (@Sendable (DemonstrationControl) -> Void)?,
        ready: (Mailbox) -> Void
    ) throws {
        input = try InputLoop()
        screen = try Screen(
            environment: ProcessInfo.processInfo.environment,
            theme: theme ?? .dark,
            options: options
        )
        followsBackground = theme == nil
        mailbox = Mailbox(wakeUp: input.wakeUp)
        line = EngineLine(access: access, mailbox: mailbox)
        self.demonstration = demonstration
        memoryFile = RoomMemoryFile(home: access.home)
        meter = FrameMeter(openedAt: currentTime())
        room = RoomState(
            settings: settings,
            size: screen.size,
            now: currentTime(),
            memory: memoryFile.read()
        )
        ready(mailbox)
    }

    /// Shows the room until the user leaves it.
    func run() {
        if followsBackground { screen.askBackground() }
        draw()
        let line = line
        Task { await line.keepOpen() }
        perform(room.start())
        while !isOver {
            draw()
            let events = input.next(timeoutMilliseconds: millisecondsToTick())
            for event in events { take(event) }
            if let due = nextTick, due <= currentTime() {
                nextTick = nil
                perform(room.update(.tick(currentTime())))
            }
        }
        Task { await line.close() }
        screen.close()
        memoryFile.write(room.memory)
    }

    private func draw() {
        let began = ContinuousClock.now
        var grid = CellGrid(size: screen.size, glyphs: screen.glyphs)
        room.draw(into: &grid)
        let before = screen.writtenBytes
        screen.show(grid)
        meter.add(ContinuousClock.now - began, bytes: screen.writtenBytes - before)
    }

    private func millisecondsToTick() -> Int? {
        nextTick.map { max(0, Int(($0.seconds(since: currentTime()) * 1_000).rounded(.up))) }
    }

    private func take(_ event: TerminalEvent) {
        switch event {
        case .input(let input):
            if case .resize(let size) = input { screen.resize(to: size) }
            if case .reply(.background(let colour)) = input, followsBackground {
                screen.use(colour.luminance > 0.4 ? .light : .dark)
            }
            tickBeforeInput()
            perform(room.update(.input(input)))
        case .woken:
            tickBeforeInput()
            for message in mailbox.takeAll() { perform(room.update(message)) }
        case .stopAsked: screen.suspend()
        case .continued:
            screen.resume()
            if let size = Screen.windowSize {
                screen.resize(to: size)
                perform(room.update(.input(.resize(size))))
            }
        case .endAsked, .hangUp: isOver = true
        }
    }

    /// The room reads the time from ticks only; what follows must not find an old one.
    private func tickBeforeInput() {
        perform(room.update(.tick(currentTime())))
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .send(let call):
                let (line, mailbox) = (line, mailbox)
                Task { mailbox.post(.answer(to: call, await line.ask(call))) }
            case .copy(let text): _ = screen.copy(text)
            case .write(let path, let text):
                perform(room.update(writeExport(text, to: path)))
            case .measure:
                let measures = meter.measures(at: currentTime(), total: screen.writtenBytes)
                perform(room.update(.measured(measures)))
            case .mouse(let isOn): screen.setMouse(isOn: isOn)
            case .suspend:
                screen.suspend()
                perform(room.update(.input(.resize(screen.size))))
            case .redraw: screen.repaint()
            case .demonstration(let control): demonstration?(control)
            case .schedule(let seconds):
                let due = currentTime().adding(seconds: seconds)
                nextTick = nextTick.map { min($0, due) } ?? due
            case .quit: isOver = true
            }
        }
    }
}

/// The room's connection to its engine: kept open, tried again when it is lost.
actor EngineLine {
    /// Seconds between two tries; the last repeats.
    private static let retrySeconds: [Double] = [0.1, 0.3, 1, 2, 5]

    private let access: EngineAccess
    private let mailbox: Mailbox
    private var connection: (any EngineConnection)?
    private var waiting: [CheckedContinuation<(any EngineConnection)?, Never>] = []
    private var isClosed = false

    init(access: EngineAccess, mailbox: Mailbox) {
        self.access = access
        self.mailbox = mailbox
    }

    func ask(_ call: EngineCall) async -> EngineReply {
        guard let connection = await openConnection() else {
            return .refused(
                Refusal(.unavailable, "The engine does not answer. It is tried again by itself.")
            )
        }
        return await ControlRoom.perform(call, on: connection)
    }

    /// Connects, passes events on, and connects again whenever the line is lost.
    func keepOpen() async {
        var failures = 0
        var wasLost = false
        while !isClosed {
            do {
                let opened = try await access.connect()
                let events = try await opened.events(after: nil)
                connection = opened
                failures = 0
                if wasLost { mailbox.post(.connectionRestored) }
                answerWaiting(opened)
                for await event in events { mailbox.post(.event(event)) }
            } catch {
                answerWaiting(nil)
                if !wasLost { mailbox.post(.connectionLost(reason: "\(error)")) }
            }
            if isClosed { return }
            if connection != nil {
                mailbox.post(.connectionLost(reason: "The engine went away. It is tried again."))
            }
            connection = nil
            wasLost = true
            let pause = Self.retrySeconds[min(failures, Self.retrySeconds.count - 1)]
            failures += 1
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    func close() {
        isClosed = true
        connection = nil
        answerWaiting(nil)
    }

    /// The open connection; the first asker waits for the first try, later ones get what is there.
    private func openConnection() async -> (any EngineConnection)? {
        if let connection { return connection }
        if isClosed { return nil }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func answerWaiting(_ connection: (any EngineConnection)?) {
        for each in waiting { each.resume(returning: connection) }
        waiting = []
    }
}
