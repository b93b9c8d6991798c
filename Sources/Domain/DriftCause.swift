/// What probably made a feature, or a model, drift.
package struct DriftCause: Codable, Sendable, Equatable {
    /// In the order in which they are tried: the first that fits is the likely cause.
    package enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case technical
        case pipeline
        case duplicateFeed
        case dataLoss
        case sentinel
        case stuckSensor
        case unitChange
        case offset
        case sensorAgeing
        case newCategory
        case season
        case populationMix
        case behaviour
        case concept
        case versionChange
        case benign
        case labelsPending
        case distributionChanged
    }

    /// A cause that would fit, with what was measured for it: a sentence each.
    package struct Candidate: Codable, Sendable, Equatable {
        package let kind: Kind
        package let evidence: [String]

        package init(_ kind: Kind, evidence: [String]) {
            self.kind = kind
            self.evidence = evidence
        }
    }

    /// The feature's name; of a cause that is no single feature's, `wholeModel`.
    package let feature: String
    package let likely: Candidate
    /// The next cause that would fit; nil where nothing else would.
    package let runnerUp: Candidate?
    /// What to do, as a sentence.
    package let action: String
    package let isRetrainAdvised: Bool
    /// Why a retrain is advised or not, as a sentence.
    package let retrainReason: String

    package static let wholeModel = "the model"

    package init(
        feature: String,
        likely: Candidate,
        runnerUp: Candidate?,
        action: String,
        isRetrainAdvised: Bool,
        retrainReason: String
    ) {
        self.feature = feature
        self.likely = likely
        self.runnerUp = runnerUp
        self.action = action
        self.isRetrainAdvised = isRetrainAdvised
        self.retrainReason = retrainReason
    }
}

extension DriftCause.Kind {
    /// As text shows it.
    package var title: String {
        switch self {
        case .technical: "technical failure"
        case .pipeline: "broken pipeline or contract"
        case .duplicateFeed: "rows delivered twice"
        case .dataLoss: "data loss"
        case .sentinel: "sentinel or bad default value"
        case .stuckSensor: "stuck sensor"
        case .unitChange: "unit or scaling change"
        case .offset: "calibration or sensor bias"
        case .sensorAgeing: "sensor ageing"
        case .newCategory: "new category"
        case .season: "season"
        case .populationMix: "another mix of segments"
        case .behaviour: "changed behaviour"
        case .concept: "concept drift"
        case .versionChange: "change of model version"
        case .benign: "benign"
        case .labelsPending: "unknown until labels come"
        case .distributionChanged: "distribution changed"
        }
    }

    /// Whether the rows are wrong rather than the world: a model must not learn from them.
    package var isFault: Bool {
        switch self {
        case .technical, .pipeline, .duplicateFeed, .dataLoss, .sentinel, .stuckSensor,
            .unitChange, .offset, .sensorAgeing:
            true
        default: false
        }
    }

    /// The place in the order of trial, from 0.
    package var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}
