package import Domain
import EngineAPI
package import Terminal

/// The whole control room: messages in, effects out, a frame whenever somebody wants one.
///
/// It has no clock and does nothing itself: time comes in with ticks, everything else goes out as
/// an effect. Each view keeps its own state; what is here concerns all of them.
package struct RoomState: Sendable {
    package let settings: RoomSettings
    package internal(set) var size: Size
    package internal(set) var now: Timestamp {
        didSet { world.now = now }
    }
    package internal(set) var view = ViewName.overview
    package internal(set) var demonstration: DemonstrationStatus?
    /// Why the engine does not answer; nil while it does.
    package internal(set) var lostReason: String?

    var world = World()
    var screens: [ViewName: any Screen]
    /// The views that show the past instead, as they were left.
    var presentScreens: [ViewName: any Screen] = [:]
    var overlay: Overlay?
    var held: HeldOrder?
    var notice: Notice?
    var log = NoticeLog()
    var feed = Feed()
    var lastView: ViewName?
    /// Views to go back to, newest last.
    var trail: [ViewName] = []
    var isZoomed = false
    var isMouseOn: Bool
    private var nextTick: Timestamp?
    /// When the open confirmation starts to take keys; nil is at once.
    private var armsAt: Timestamp?
    /// When what the cursor moved to is asked for; nil while nothing waits.
    private var followsAt: Timestamp?

    /// What was kept from the last time, with what was run since.
    var kept = RoomMemory()

    package init(
        settings: RoomSettings,
        size: Size,
        now: Timestamp,
        memory: RoomMemory = RoomMemory()
    ) {
        self.settings = settings
        self.size = size
        self.now = now
        isMouseOn = settings.isMouseOn
        world.now = now
        screens = [
            .overview: OverviewScreen(), .models: ModelsScreen(), .runs: RunsScreen(),
            .drift: DriftScreen(), .inbox: InboxScreen(), .lineage: LineageScreen(),
            .jobs: JobsScreen(), .deployments: DeploymentsScreen(), .alerts: AlertsScreen(),
            .audit: AuditScreen(), .data: DataScreen(),
        ]
        recall(memory)
    }

    /// What has to be done before the first message.
    package mutating func start() -> [Effect] {
        feed.refresh(watched) + scheduleNext()
    }

    /// The one way in; after it the effects have to be carried out and the frame drawn anew.
    package mutating func update(_ message: Message) -> [Effect] {
        Language.$current.withValue(settings.language) { take(message) }
    }

    private mutating func take(_ message: Message) -> [Effect] {
        switch message {
        case .input(let input): return take(input)
        case .answer(let call, let reply): return take(reply, to: call)
        case .event(let event): return take(event)
        case .tick(let date): return tick(date)
        case .connectionLost(let reason):
            lostReason = reason
            feed.reset()
            say(reason, .bad)
            return []
        case .connectionRestored:
            lostReason = nil
            feed.reset()
            say(localized("The engine answers again."), .ok)
            return feed.refresh(watched)
        case .demonstration(let status):
            demonstration = status
            return []
        case .written(let isDone, let sentence), .reloaded(let isDone, let sentence):
            say(sentence, isDone ? .ok : .bad)
            return []
        case .ended(let subcommand): return show(subcommand)
        case .measured(let measures):
            show(measures)
            return []
        }
    }

    /// Whether the engine owes an answer that can change the frame.
    package var isWaiting: Bool { !feed.isIdle }

    // MARK: - What screens are given

    /// What the view on the screen needs.
    var calls: [EngineCall] { ofMoment(screens[view]?.calls(in: world) ?? []) }

    /// What the header and the view on the screen need.
    var watched: [EngineCall] { unique(ofMoment([.overview]) + calls) }

    /// The calls for the moment one looks back to; what somebody reads of it then is not noted.
    private func ofMoment(_ calls: [EngineCall]) -> [EngineCall] {
        guard let date = world.pastDate else { return calls }
        return calls.filter { $0.kind != .opened }.map { $0.asOf(date) }
    }

    var context: ScreenContext { context(for: size) }

    func context(for size: Size) -> ScreenContext {
        let banners = size.rows <= 8 ? 0 : banners.count
        let chrome = 4 + banners + (demonstration == nil ? 0 : 1)
        return ScreenContext(
            world: world,
            // How old a thing was at the moment looked at.
            now: world.pastDate ?? now,
            size: Size(columns: size.columns, rows: size.rows - chrome),
            isNarrow: size.columns < 100 || isZoomed
        )
    }

    var focus: Focus { screens[view]?.focus(in: context) ?? Focus() }

    mutating func say(_ text: String, _ role: Role = .text) {
        let new = Notice(text: text, role: role, at: now)
        notice = new
        log.append(new)
    }

    // MARK: - Messages

    private mutating func take(_ input: Input) -> [Effect] {
        switch input {
        case .key(let key):
            let isMove = isMove(key)
            let effects = take(key)
            return effects + (isMove ? follow() : settle())
        case .mouse(let mouse): return take(mouse) + settle()
        case .paste(let text):
            paste(text)
            return []
        case .resize(let size):
            self.size = size
            return [.redraw]
        case .focus, .reply: return []
        }
    }

    /// Text is taken where nothing can be confirmed with it.
    private mutating func paste(_ text: String) {
        switch overlay {
        case .filter(var prompt):
            prompt.field.insert(text)
            overlay = .filter(prompt)
            screens[view]?.filterText = prompt.field.text
        case .export(var prompt) where prompt.format != nil:
            prompt.field.insert(text)
            overlay = .export(prompt)
        default: say(localized("Pasted text is ignored here: keys are typed one by one."), .warning)
        }
    }

    /// Whether a key only moves the cursor of the view.
    private func isMove(_ key: Key) -> Bool {
        guard settings.followSeconds > 0, overlay == nil else { return false }
        let isDemonstration = demonstration != nil
        let entry = KeyTable.entry(for: key, in: view, isDemonstration: isDemonstration)
        guard let command = entry?.command else { return false }
        let isAcross = [.left, .right, .panLeft, .panRight].contains(command)
        return ListState.moves.contains(command) || view == .drift && isAcross
    }

    /// Asks for what the cursor moved to as soon as the keys pause.
    private mutating func follow() -> [Effect] {
        followsAt = now.adding(seconds: settings.followSeconds)
        return schedule(within: settings.followSeconds)
    }

    /// Asks at once, and shows what belongs to the cursor.
    private mutating func settle() -> [Effect] {
        followsAt = nil
        return feed.want(calls)
    }

    /// Whether the cursor is on its way: what it passes is not worth its bytes.
    var isMoving: Bool { followsAt != nil }

    private mutating func take(_ key: Key) -> [Effect] {
        guard let overlay else {
            notice = nil
            let effects = press(key)
            armConfirmation(replacing: nil)
            return effects
        }
        if overlay.isConfirmation, let armsAt, now < armsAt, !key.isCancelling { return [] }
        let effects = pressOverlay(key)
        armConfirmation(replacing: overlay)
        return effects
    }

    private mutating func armConfirmation(replacing earlier: Overlay?) {
        guard overlay?.isConfirmation == true, earlier?.isConfirmation != true else { return }
        armsAt = now.adding(seconds: settings.armSeconds)
    }

    private mutating func take(_ reply: EngineReply, to call: EngineCall) -> [Effect] {
        world.take(reply, to: call)
        var effects = feed.answered(call)
        switch reply {
        case .refused(let refusal):
            if call.kind == .order || refusal.kind == .unavailable || refusal.kind == .fault {
                say(refusal.message, .bad)
            }
            if call.kind == .order { effects += feed.refresh(watched) }
        case .done(let sentence):
            say(sentence, .ok)
            effects += feed.refresh(watched)
        case .approvals: dropWhatOthersDecided()
        case .datasets:
            if case .training(var form) = overlay {
                form.choices = trainingChoices
                overlay = .training(form)
            }
        default: break
        }
        return effects + feed.want(calls)
    }

    private mutating func take(_ event: EngineEvent) -> [Effect] {
        // What was stays what it was; the header tells of emergencies and of a broken log of now.
        if world.pastDate != nil {
            guard case .recorded(let recorded) = event,
                [.approval, .deployment, .engine].contains(recorded.content.subject.kind)
            else { return [] }
            return feed.refresh(ofMoment([.overview]))
        }
        switch event {
        case .recorded(let recorded):
            let subject = recorded.content.subject.kind
            let wanted = isDeciding ? unique(watched + [.approvals]) : watched
            return feed.refresh(wanted.filter { $0.kind.isAffected(by: subject) })
        case .progress(let job, let progress):
            world.take(progress, of: job)
            return []
        case .logged(let job, _):
            guard view == .jobs, let shown = world.log, shown.job == job else { return [] }
            return feed.refresh([.jobLogAfter(job, line: shown.lineAfter)])
        case .health(let deployment, let health):
            if world.take(health, of: deployment) { return [] }
            feed.markStale([.overview, .deployments])
            return schedule(within: 1)
        case .collected:
            feed.markStale([.overview, .models, .drift, .histogram, .driftComparison])
            return schedule(within: 1)
        case .missed: return feed.refresh(watched)
        }
    }

    private mutating func tick(_ date: Timestamp) -> [Effect] {
        // A clock that was set back must not keep a confirmation shut until it has caught up.
        if date < now { armsAt = nil }
        now = max(now, date)
        if let due = nextTick, due <= now { nextTick = nil }
        var effects: [Effect] = []
        if let held, held.leavesAt <= now { effects += release(held) }
        if let due = followsAt, due <= now {
            followsAt = nil
            effects += feed.want(calls)
        }
        effects += feed.refreshStale(among: watched)
        return effects + scheduleNext()
    }

    /// A held order counts its seconds; else the header's clock shows minutes.
    private mutating func scheduleNext() -> [Effect] {
        if let held {
            return schedule(within: min(1, max(0.05, held.leavesAt.seconds(since: now))))
        }
        let next = now.floored(toSeconds: Timestamp.minute).adding(seconds: Timestamp.minute)
        return schedule(within: next.seconds(since: now))
    }

    mutating func schedule(within seconds: Double) -> [Effect] {
        let due = now.adding(seconds: seconds)
        if let nextTick, nextTick > now, nextTick <= due { return [] }
        nextTick = due
        return [.schedule(seconds: seconds)]
    }

    private func unique(_ calls: [EngineCall]) -> [EngineCall] {
        var seen: Set<EngineCall> = []
        return calls.filter { seen.insert($0).inserted }
    }
}
