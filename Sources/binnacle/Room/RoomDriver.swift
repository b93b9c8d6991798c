import ControlRoom
import Domain
import EngineAPI
import FoundationEssentials
import Terminal
import TerminalNcurses

/// Carries messages to the control room and its effects out of it, on one thread of its own.
final class RoomDriver {
    private let screen: Screen
    private let input: InputLoop
    private let mailbox: Mailbox
    private let line: EngineLine
    private let demonstration: (@Sendable (DemonstrationControl) -> Void)?
    private var room: RoomState
    private var colours: ThemeChoice
    private let memoryFile: RoomMemoryFile
    private var meter: FrameMeter
    private var nextTick: Timestamp?
    private var isOver = false
    private var pace: FramePace
    private var memory = SpareMemory()

    /// Takes over the terminal; throws a sentence when there is none to take.
    init(
        settings: RoomSettings,
        access: EngineAccess,
        colours: ThemeChoice,
        options: Screen.Options,
        demonstration: (@Sendable (DemonstrationControl) -> Void)?,
        ready: (Mailbox) -> Void
    ) throws {
        input = try InputLoop()
        screen = try Screen(
            environment: ProcessInfo.processInfo.environment,
            theme: colours.theme,
            options: options
        )
        self.colours = colours
        pace = FramePace(isSlow: settings.isSlow)
        mailbox = Mailbox { [wakeUp = input.wakeUp] in wakeUp.post() }
        var settings = settings
        // A terminal that shows ASCII only has no Chinese characters.
        if screen.traits.glyphs == .ascii { settings.language = .english }
        line = EngineLine(access: access, mailbox: mailbox, language: settings.language)
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
        if let folder = colours.folder { input.watch(folder: folder) }
        pace.open(awaitsTerminal: screen.ask())
        let line = line
        Task { await line.keepOpen() }
        perform(room.start())
        while !isOver {
            if pace.isDue(whileWaiting: room.isWaiting) {
                draw()
                pace.isDrawn()
                memory.trim(whileWaiting: room.isWaiting)
            }
            let waits = [millisecondsToTick(), pace.millisecondsLeft(whileWaiting: room.isWaiting)]
            let events = input.next(timeoutMilliseconds: waits.compactMap(\.self).min())
            for event in events { take(event) }
            if let due = nextTick, due <= currentTime() {
                nextTick = nil
                perform(room.update(.tick(currentTime())))
                pace.take([])
            }
            if !events.isEmpty { pace.take(events) }
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
            if case .reply(let reply) = input { take(reply) }
            tickBeforeInput()
            perform(room.update(.input(input)))
        case .woken:
            tickBeforeInput()
            for message in mailbox.takeAll() {
                if case .answer = message { memory.mayHaveGrown() }
                perform(room.update(message))
            }
        case .stopAsked: screen.suspend()
        case .continued:
            screen.resume()
            if let size = Screen.windowSize {
                screen.resize(to: size)
                perform(room.update(.input(.resize(size))))
            }
        case .reloadAsked: reload(isAsked: true)
        case .folderChanged: reload(isAsked: false)
        case .endAsked, .hangUp: isOver = true
        }
    }

    private func take(_ reply: TerminalReply) {
        if screen.take(reply) { pace.terminalAnswered() }
        if case .background(let colour) = reply, colours.follow(background: colour) {
            screen.use(colours.theme)
        }
    }

    /// Reads the theme anew; where that fails its colours stay.
    private func reload(isAsked: Bool) {
        guard let outcome = colours.reload(isAsked: isAsked) else { return }
        if outcome.isDone { screen.use(colours.theme) }
        perform(room.update(.reloaded(isDone: outcome.isDone, sentence: outcome.sentence)))
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
            case .run(let words, let columns):
                let (line, mailbox) = (line, mailbox)
                Task { mailbox.post(.ended(await line.run(words, columns: columns))) }
            case .measure:
                let measures = meter.measures(at: currentTime(), total: screen.writtenBytes)
                perform(room.update(.measured(measures)))
            case .mouse(let isOn): screen.setMouse(isOn: isOn)
            case .suspend:
                screen.suspend()
                perform(room.update(.input(.resize(screen.size))))
            case .reload: reload(isAsked: true)
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
