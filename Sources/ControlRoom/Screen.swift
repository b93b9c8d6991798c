import Domain
import EngineAPI
import Terminal

/// One view: its own small state, what it asks for, what it does with a command, how it looks.
protocol Screen: Sendable {
    /// The filter (or the search) of the pane that has the keys.
    var filterText: String { get set }
    /// The list that has the keys, with its cursor, order, columns and marks; nil where none has.
    var list: ListState? { get set }
    /// Every list of the view by its name, for the memory that outlives the program.
    var lists: [String: ListState] { get set }
    /// What the list with the keys shows, for exports and the picker of its columns.
    func listing(in context: ScreenContext) -> Listing?
    /// What is under the cursor as the engine sent it, in JSON; nil where nothing is.
    func record(in context: ScreenContext) -> Record?
    /// What it needs from the engine to draw what it shows now.
    func calls(in world: World) -> [EngineCall]
    mutating func press(_ command: Command, in context: ScreenContext) -> Step
    /// Puts the cursor on what another view or a name led to.
    mutating func show(_ destination: Destination)
    /// What an act would act on.
    func focus(in context: ScreenContext) -> Focus
    /// The line above the hints when nothing else has to be said.
    func status(in context: ScreenContext) -> StyledText
    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext)
}

extension Screen {
    var filterText: String {
        get { list?.filter.text ?? "" }
        set { list?.filter.text = newValue }
    }
    var list: ListState? {
        get { nil }
        set {}
    }
    var lists: [String: ListState] {
        get { [:] }
        set {}
    }
    func listing(in context: ScreenContext) -> Listing? { nil }
    func record(in context: ScreenContext) -> Record? { nil }
}

/// One thing as JSON, indented for reading.
struct Record: Sendable, Equatable {
    /// Such as `run-8`.
    let title: String
    let text: String

    init?(_ title: String, _ value: (some Encodable)?) {
        guard let value, let text = readableJSON(value) else { return nil }
        self.title = title
        self.text = text
    }
}

/// What a screen may look at.
struct ScreenContext: Sendable {
    let world: World
    let now: Timestamp
    /// The rows and columns between the row of views and the status line.
    let size: Size
    /// Whether panes take turns instead of standing beside each other.
    let isNarrow: Bool

    /// Rows of a list that fills the body.
    var listHeight: Int { max(1, size.rows - 3) }

    func look(_ glyphs: GlyphSet) -> ListLook { ListLook(now: now, glyphs: glyphs) }

    /// `18m`, `2h`: how long ago.
    func age(_ date: Timestamp) -> String { ListLook(now: now, glyphs: .unicode).age(date) }
}

/// What pressing a command led to.
enum Step: Sendable, Equatable {
    case done
    /// The screen has no use for the command.
    case unhandled
    /// Done, and something to say about it; or not done, and why.
    case say(String)
    case go(Destination)
    case ask(EngineCall)
}

/// A place to jump to.
enum Destination: Sendable, Hashable {
    case view(ViewName)
    case model(String)
    case version(model: String, number: Int)
    case run(ID<Run>)
    case drift(model: String, feature: String?, at: Timestamp?)
    case approval(ID<Approval>)
    case lineage(Subject)
    case job(ID<Job>)
    case deployment(ID<Deployment>)
    case alert(ID<Alert>)
    case dataset(ID<DatasetVersion>)
}

extension Destination {
    /// The view that shows it.
    var view: ViewName {
        switch self {
        case .view(let view): view
        case .model, .version: .models
        case .run: .runs
        case .drift: .drift
        case .approval: .inbox
        case .lineage: .lineage
        case .job: .jobs
        case .deployment: .deployments
        case .alert: .alerts
        case .dataset: .data
        }
    }
}

/// What is under the cursor, as far as acts need it.
struct Focus: Sendable, Equatable {
    var model: String?
    var version: Int?
    var approval: Approval?
    /// The requests that are marked, for one decision on all of them.
    var marked: [Focus] = []
    /// Pieces of its evidence that were not opened yet.
    var unreadEvidence = 0
    /// How long each opened piece has been on the screen.
    var reading: [EvidenceReading] = []
    /// An approval that is only known by its id here.
    var approvalID: ID<Approval>?
    var job: Job?
    var deployment: DeploymentRow?
    var alert: Alert?
    /// What the lineage of it is asked by.
    var subject: Subject?
    /// What `y` copies.
    var text: String?
}

extension EnvironmentPolicy {
    static func isProduction(_ name: String) -> Bool {
        EnvironmentPolicy(name: name, approvals: 0).isProduction
    }
}
