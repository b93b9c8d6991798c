import Domain

/// Everything a key or a word after `:` can ask for; the raw value is that word.
package enum Command: String, Hashable, Sendable, CaseIterable {
    case moveDown = "down"
    case moveUp = "up"
    case moveFirst = "first"
    case moveLast = "last"
    case halfPageDown = "half-page-down"
    case halfPageUp = "half-page-up"
    case pageDown = "page-down"
    case pageUp = "page-up"
    case left
    case right
    case panLeft = "pan-left"
    case panRight = "pan-right"
    case nextPane = "next-pane"
    case previousPane = "previous-pane"
    case open
    case back
    case backOrQuit = "close"
    case lastView = "last-view"
    case overview, models, runs, drift, inbox, lineage, jobs, deployments, alerts, audit, data
    case filter
    case nextMatch = "next-match"
    case previousMatch = "previous-match"
    case palette = "command"
    case help
    case messages
    case mark
    case markRange = "mark-range"
    case clear
    case columns
    case sortMenu = "sort"
    case export
    case raw
    case copyRow = "copy-row"
    case performance = "perf"
    case compare
    case setBase = "set-base"
    case onlyDifferences = "only-differences"
    case card
    case impact
    case nextEvidence = "next-evidence"
    case metric
    case table
    case nextModel = "next-model"
    case previousModel = "previous-model"
    case zoomIn = "zoom-in"
    case zoomOut = "zoom-out"
    case fit
    case timeRange = "time-range"
    case reference = "against"
    case rangeStart = "range-start"
    case rangeEnd = "range-end"
    case axis
    case origin
    case follow
    case wrap
    case errorsOnly = "errors-only"
    case times
    case sortNext = "sort-next"
    case sortPrevious = "sort-previous"
    case invertSort = "invert-sort"
    case zoomPane = "zoom-pane"
    case copy
    case asOf = "as-of"
    case present = "now"
    case refresh
    case repaint
    case mouse
    case suspend
    case reload
    case undo
    case interrupt
    case approve
    case reject
    case requestChanges = "request-changes"
    case revoke
    case acknowledge
    case mute
    case train
    case deploy
    case requestRelease = "request-release"
    case setAlias = "alias"
    case rollBack = "rollback"
    case breakGlass = "break-glass"
    case cancelJob = "cancel-job"
    case testReceiver = "test-receiver"
    case verify
    case pause
    case slower
    case faster

    /// What the engine asks of whoever runs it; nil where looking is enough.
    var permission: Permission? {
        switch self {
        case .approve, .reject, .requestChanges, .revoke: .decide
        case .acknowledge, .mute, .testReceiver: .handleAlerts
        case .train: .train
        case .deploy: .deploy
        case .requestRelease: .requestRelease
        case .rollBack: .rollBack
        case .breakGlass: .breakGlass
        case .cancelJob: .cancelJobs
        case .setAlias: .curate
        default: nil
        }
    }

    /// The view it opens, if it opens one.
    var view: ViewName? { ViewName.allCases.first { $0.command == self } }
}

/// How much it takes before a command acts.
package enum ConfirmationLevel: Int, Hashable, Sendable, Comparable {
    /// Looks only, or acts only here.
    case none
    /// One line: `y` yes, `n` no.
    case strip
    /// In production a dialog that wants the version typed; elsewhere one line.
    case dialog

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    var words: String {
        switch self {
        case .none: ""
        case .strip: "y"
        case .dialog: "y; in production type the version"
        }
    }
}
