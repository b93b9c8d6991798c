import Domain
import Terminal

/// What lies over the screen and takes the keys; one at a time.
enum Overlay: Sendable {
    case filter(FilterPrompt)
    case picker(Picker)
    case messages(MessageList)
    case strip(ConfirmStrip)
    case reason(ReasonPrompt)
    case alias(AliasPrompt)
    case version(VersionDialog)
    case training(TrainingForm)
    case columns(ColumnPicker)
    case export(ExportPrompt)
    case page(TextPage)

    /// Whether an answer to it changes something in the engine.
    var isConfirmation: Bool {
        switch self {
        case .strip, .reason, .alias, .version, .training: true
        case .filter, .picker, .messages, .columns, .export, .page: false
        }
    }
}

/// What a key did to a prompt.
enum PromptStep: Sendable, Equatable {
    case open
    case cancelled
    case confirmed(Order)
}

struct FilterPrompt: Sendable {
    var field: TextField
    /// What stood there before, for Esc.
    let before: String
}

struct MessageList: Sendable {
    var firstLine = 0
}

/// The one-line question: `y` and nothing else says yes.
struct ConfirmStrip: Sendable {
    let question: String
    let order: Order

    func press(_ key: Key) -> PromptStep {
        switch key {
        case .character("y"): .confirmed(order)
        case .character("n"), .escape, .character("q"), .control("c"): .cancelled
        default: .open
        }
    }
}

/// Why a release is rejected, sent back or revoked, then `y`.
struct ReasonPrompt: Sendable {
    let approval: Approval
    var answer = Decision.Answer.reject
    var reading: [EvidenceReading] = []
    var field = TextField()
    /// Whether the reason stands and only `y` is missing.
    var isAsking = false
    var complaint: String?

    /// The fewest words that count as a reason.
    static let wordsMinimum = 3

    mutating func press(_ key: Key) -> PromptStep {
        if isAsking {
            switch key {
            case .character("y"): return .confirmed(order)
            case .character("n"), .escape, .control("c"): return .cancelled
            case .backspace, .left: isAsking = false
            default: break
            }
            return .open
        }
        switch key {
        case .escape, .control("c"): return .cancelled
        case .enter:
            let words = field.text.split(separator: " ").count
            if words >= Self.wordsMinimum {
                isAsking = true
                complaint = nil
            } else {
                complaint = localized("\(noun) needs a reason of three words or more.")
            }
        default:
            if field.press(key) { complaint = nil }
        }
        return .open
    }

    /// Such as `reject`, before what is decided on.
    var verb: String {
        switch answer {
        case .requestChanges: localized("ask for changes to")
        case .revoke: localized("revoke")
        default: localized("reject")
        }
    }

    private var noun: String {
        switch answer {
        case .requestChanges: localized("A request for changes")
        case .revoke: localized("A revocation")
        default: localized("A rejection")
        }
    }

    private var order: Order {
        .decide(
            approval: approval.id,
            title: approval.title,
            answer: answer,
            reason: field.text,
            bundleDigest: approval.bundleDigest,
            evidenceDigest: approval.evidenceDigest,
            reading: reading
        )
    }
}

/// Which alias is to point at a version, then `y`.
struct AliasPrompt: Sendable {
    let model: String
    let version: Int
    var field = TextField()
    /// Whether the name stands and only `y` is missing.
    var isAsking = false
    var complaint: String?

    var change: RegistryChange { .alias(name: field.text, version: version) }

    mutating func press(_ key: Key) -> PromptStep {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .character("n") where isAsking: return .cancelled
        case .character("y") where isAsking:
            return .confirmed(.registry(model: model, change))
        case .backspace where isAsking, .left where isAsking: isAsking = false
        case .enter where !isAsking:
            do {
                try change.check()
                isAsking = true
                complaint = nil
            } catch {
                complaint = error.message
            }
        default:
            if !isAsking, field.press(key) { complaint = nil }
        }
        return .open
    }
}

/// The question before production changes: the version has to be typed.
///
/// All that the order will name is frozen here when the dialog opens; the engine refuses it if the
/// target changed meanwhile.
struct VersionDialog: Sendable {
    enum Kind: Sendable {
        case approve(Approval, reading: [EvidenceReading])
        case order(Order)
        case breakGlass(model: String, version: Int, environment: String)
    }

    let title: String
    let lines: [StyledText]
    /// Such as `v2`.
    let expected: String
    let kind: Kind
    var version = TextField()
    var reason = TextField()
    var isReasonFocused = false
    var complaint: String?

    init(title: String, lines: [StyledText], expected: String, kind: Kind) {
        self.title = title
        self.lines = lines
        self.expected = expected
        self.kind = kind
    }

    var hasReason: Bool {
        if case .order = kind { return false }
        return true
    }

    /// Whether nothing goes without a reason.
    var needsReason: Bool {
        if case .breakGlass = kind { return true }
        return false
    }

    private var isReasonMissing: Bool {
        needsReason && reason.text.split(separator: " ").count < ReasonPrompt.wordsMinimum
    }

    mutating func press(_ key: Key) -> PromptStep {
        switch key {
        case .escape, .control("c"): return .cancelled
        case .tab, .backTab:
            if hasReason { isReasonFocused.toggle() }
        case .enter:
            if version.text == expected, isReasonMissing {
                isReasonFocused = true
                complaint = localized("Breaking the glass needs a reason of three words or more.")
                return .open
            }
            if version.text == expected { return .confirmed(order) }
            complaint =
                version.isEmpty
                ? localized("Type \(expected) first.")
                : localized("\"\(version.text)\" is not \(expected). Nothing was sent.")
        default:
            let isTaken = isReasonFocused ? reason.press(key) : version.press(key)
            if isTaken { complaint = nil }
        }
        return .open
    }

    private var order: Order {
        switch kind {
        case .order(let order): order
        case .breakGlass(let model, let version, let environment):
            .breakGlass(
                model: model,
                version: version,
                environment: environment,
                reason: reason.text
            )
        case .approve(let approval, let reading):
            .decide(
                approval: approval.id,
                title: approval.title,
                answer: .approve,
                reason: reason.text,
                bundleDigest: approval.bundleDigest,
                evidenceDigest: approval.evidenceDigest,
                reading: reading
            )
        }
    }
}

/// Which model to train, and on what.
struct TrainingForm: Sendable {
    struct Choice: Sendable, Equatable {
        /// Such as `newest flights data (v3, 98 730 rows)`.
        let title: String
        let data: ID<DatasetVersion>?
        let usesCollectedRows: Bool
    }

    let models: [String]
    var choices: [Choice]
    var modelIndex: Int
    var choiceIndex = 0

    var model: String { models[modelIndex] }
    var choice: Choice { choices[choiceIndex] }

    mutating func press(_ key: Key) -> PromptStep {
        switch key {
        case .character("y"):
            return .confirmed(
                .train(
                    model: model,
                    data: choice.data,
                    usesCollectedRows: choice.usesCollectedRows
                )
            )
        case .character("n"), .escape, .character("q"), .control("c"): return .cancelled
        case .tab, .character("d"), .right, .character("l"):
            choiceIndex = (choiceIndex + 1) % choices.count
        case .backTab, .left, .character("h"):
            choiceIndex = (choiceIndex + choices.count - 1) % choices.count
        case .character("j"), .down, .character("m"):
            modelIndex = (modelIndex + 1) % models.count
        case .character("k"), .up:
            modelIndex = (modelIndex + models.count - 1) % models.count
        default: break
        }
        return .open
    }
}

/// A confirmed order that has not left yet.
struct HeldOrder: Sendable, Equatable {
    let order: Order
    let leavesAt: Timestamp

    func secondsLeft(at now: Timestamp) -> Int {
        max(0, Int(leavesAt.seconds(since: now).rounded(.up)))
    }
}

extension Key {
    /// Closing a question is safe at any time.
    var isCancelling: Bool { self == .escape || self == .control("c") }
}
