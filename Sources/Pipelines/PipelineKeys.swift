import Domain

/// What stands behind a key of the pipeline file.
enum Shape: Sendable {
    /// Keys of its own, which the table lists under `path.`.
    case section
    /// A name that is also a file name: model, dataset, environment.
    case name
    case text
    case texts
    case choice([String])
    case choices([String])
    case whole(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// `20%` or `0.2`, both ends allowed or not.
    case share(includesEnds: Bool)
    /// `30m`, `12h`, `7d`, `2w`; at least a second, at most ten years.
    case duration
    case parameters
    case missingRules
    case outlierRules
    case environments
    case features
    case alertRules
}

/// One key of the pipeline file: how it is read, checked and explained.
struct PipelineKey: Sendable {
    /// Such as `train.early_stopping`.
    let path: String
    let shape: Shape
    /// What holds where the key is left out; nil where it must be there.
    let standard: String?
    let summary: String

    init(_ path: String, _ shape: Shape, _ standard: String?, _ summary: String) {
        self.path = path
        self.shape = shape
        self.standard = standard
        self.summary = summary
    }

    var name: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The keys that may stand in a section, in the order of the table.
    static func names(in section: String) -> [String] {
        let prefix = section.isEmpty ? "" : section + "."
        return all.filter { key in
            key.path.hasPrefix(prefix) && !key.path.dropFirst(prefix.count).contains(".")
        }
        .map(\.name)
    }

    static func find(_ path: String) -> PipelineKey? { all.first { $0.path == path } }

    /// Every key there is: the reader, the checks and the reference all come from this table.
    static let all: [PipelineKey] =
        top + data + cleaning + training + validation + monitoring
        + alerting + card

    private static let top: [PipelineKey] = [
        PipelineKey("model", .name, nil, "The model that this file makes."),
        PipelineKey("owner", .text, "nobody", "Who answers for the model."),
        PipelineKey(
            "task",
            .choice(ModelTask.allCases.map(\.rawValue)),
            nil,
            "What is predicted: 0 or 1, or a number."
        ),
        PipelineKey("data", .section, nil, "Where rows come from, and what their columns are."),
        PipelineKey("clean", .section, "nothing", "What is done to rows before training."),
        PipelineKey("train", .section, "xgboost", "How the model is trained."),
        PipelineKey("validate", .section, "see below", "When a new version is good enough."),
        PipelineKey(
            "environments",
            .environments,
            "production, 1 approval",
            "Where versions are released, and how many people must approve."
        ),
        PipelineKey("monitor", .section, "see below", "What is watched in production."),
        PipelineKey("alerts", .section, "see below", "Who is told of what, and how often."),
        PipelineKey("card", .section, "nothing", "What people should know of the model."),
    ]

    private static let data: [PipelineKey] = [
        PipelineKey("data.dataset", .name, "the model's name", "The dataset to train on."),
        PipelineKey("data.target", .text, nil, "The column to predict."),
        PipelineKey("data.time", .text, "none", "The column that holds a row's own time."),
        PipelineKey("data.id", .text, "none", "The column by which labels join later."),
        PipelineKey(
            "data.exclude",
            .texts,
            "none",
            "Columns the model must not see, such as those known only afterwards."
        ),
        PipelineKey(
            "data.categorical",
            .texts,
            "none",
            "Columns of names, though they look like numbers; text always is."
        ),
    ]

    private static let card: [PipelineKey] = [
        PipelineKey("card.purpose", .text, "nothing", "Which question of the business it answers."),
        PipelineKey("card.intended_use", .text, "nothing", "Who may use it, and for what."),
        PipelineKey("card.out_of_scope", .text, "nothing", "What it must not be used for."),
        PipelineKey("card.data", .text, "nothing", "Where the data come from, in a sentence."),
        PipelineKey("card.limits", .texts, "none", "Where it is known to be weak, a text each."),
        PipelineKey("card.contact", .text, "the owner", "Whom to ask."),
        PipelineKey(
            "card.stage",
            .choice(ProjectStage.allCases.map(\.rawValue)),
            "what the store can tell",
            "Where the project stands."
        ),
    ]

    private static let cleaning: [PipelineKey] = [
        PipelineKey(
            "clean.duplicates",
            .choice(["drop", "keep"]),
            "keep",
            "Rows whose id, or else every column, was there before."
        ),
        PipelineKey(
            "clean.missing",
            .missingRules,
            "none",
            "For a column, the value to fill in, or \"drop\" to leave such rows out."
        ),
        PipelineKey(
            "clean.outliers",
            .outlierRules,
            "none",
            "For a column, the limits, and what is done to values outside."
        ),
    ]

    private static let training: [PipelineKey] = [
        PipelineKey(
            "train.trainer",
            .choice(Trainer.allCases.map(\.rawValue)),
            "xgboost",
            "The built-in trainer, or a command of your own."
        ),
        PipelineKey(
            "train.command",
            .texts,
            "none",
            "The program and its arguments, for \"trainer: command\"."
        ),
        PipelineKey("train.parameters", .parameters, "none", "Handed to the trainer as they are."),
        PipelineKey(
            "train.early_stopping",
            .whole(1...10_000),
            "none",
            "Stop after so many rounds without a better value."
        ),
        PipelineKey("train.seed", .whole(0...2_147_483_647), "0", "Makes chance repeatable."),
        PipelineKey("train.time_limit", .duration, "none", "A training that takes longer fails."),
    ]

    private static let validation: [PipelineKey] = [
        PipelineKey("validate.holdout", .section, "last: 20%", "The rows no training step sees."),
        PipelineKey(
            "validate.holdout.last",
            .share(includesEnds: false),
            "20%",
            "The newest share of the rows."
        ),
        PipelineKey(
            "validate.metrics",
            .choices(MetricName.allCases.map(\.rawValue)),
            "the usual of the task",
            "What is computed for candidate and champion."
        ),
        PipelineKey(
            "validate.primary",
            .choice(MetricName.allCases.map(\.rawValue)),
            "the first metric",
            "The metric that decides."
        ),
        PipelineKey(
            "validate.must_improve_by",
            .number(0...1e12),
            "0",
            "The least improvement over the champion."
        ),
        PipelineKey(
            "validate.max_overfit_gap",
            .number(0...1e12),
            "none",
            "The largest difference between training and holdout."
        ),
    ]

    private static let monitoring: [PipelineKey] = [
        PipelineKey("monitor.window", .duration, "1d", "How long one window is."),
        PipelineKey(
            "monitor.rolling",
            .duration,
            "7 windows",
            "What a verdict looks back on: a multiple of the window."
        ),
        PipelineKey(
            "monitor.absence",
            .duration,
            "none",
            "Without a request for so long, by the clock, the owner is told."
        ),
        PipelineKey("monitor.features", .features, "all", "The features to watch."),
        PipelineKey("monitor.drift", .section, "see below", "When the data have drifted."),
        PipelineKey(
            "monitor.drift.psi",
            .number(0.001...100),
            "0.25",
            "The population stability index a feature must exceed."
        ),
        PipelineKey(
            "monitor.drift.share",
            .share(includesEnds: true),
            "0.3",
            "The share of features that must have drifted."
        ),
        PipelineKey("monitor.drift.for", .whole(1...1_000), "3", "Windows in a row."),
        PipelineKey("monitor.performance", .section, "see below", "When the model got worse."),
        PipelineKey(
            "monitor.performance.drop",
            .number(0...1e12),
            "0.03",
            "How far the primary metric may fall below its validation value."
        ),
        PipelineKey(
            "monitor.performance.rows",
            .whole(1...1_000_000_000),
            "500",
            "Labelled rows a verdict needs."
        ),
        PipelineKey("monitor.performance.for", .whole(1...1_000), "3", "Windows in a row."),
        PipelineKey("monitor.retrain", .section, "see below", "When to train again."),
        PipelineKey(
            "monitor.retrain.on",
            .choice(RetrainTrigger.allCases.map(\.rawValue)),
            "drift",
            "What starts a training."
        ),
        PipelineKey("monitor.retrain.cooldown", .duration, "7d", "The least time in between."),
        PipelineKey("monitor.retrain.window", .duration, "90d", "How far back rows are taken."),
        PipelineKey(
            "monitor.retrain.rows",
            .whole(1...1_000_000_000),
            "1000",
            "Labelled rows the window must hold before a training starts by itself."
        ),
        PipelineKey(
            "monitor.retrain.approve",
            .choice(RetrainApproval.allCases.map(\.rawValue)),
            "required",
            "Whether a person approves the new version."
        ),
    ]
}

extension PipelineKey {
    fileprivate static let alerting: [PipelineKey] = [
        PipelineKey(
            "alerts.receivers",
            .texts,
            "all of engine.yaml",
            "Who is told, by their names in the engine's configuration."
        ),
        PipelineKey(
            "alerts.group_by",
            .choices(Alert.labelNames),
            "[model]",
            "Alerts that agree in these labels are told together."
        ),
        PipelineKey("alerts.group_wait", .duration, "30s", "How long a new group gathers."),
        PipelineKey("alerts.group_interval", .duration, "5m", "When a group may be told again."),
        PipelineKey("alerts.repeat", .duration, "4h", "When it is told again though unchanged."),
        PipelineKey("alerts.flapping", .section, "see below", "When an alert comes and goes."),
        PipelineKey(
            "alerts.flapping.changes",
            .whole(1...1_000),
            "5",
            "More changes in a period than this are told as one alert that flaps."
        ),
        PipelineKey(
            "alerts.flapping.period",
            .duration,
            "20 windows",
            "Row time; as long without a change ends it."
        ),
        PipelineKey(
            "alerts.rules",
            .alertRules,
            "drift and performance, as in monitor",
            """
            Rules beside the two standard ones; one of their name takes its place. Keys: kind \
            (drift, performance, feature, quality), metric, features, severity, raise, clear, for, \
            keep_firing_for, owner, receivers, group_by, repeat.
            """
        ),
    ]
}

extension Shape {
    /// What is accepted, as the end of a sentence that begins with "It takes".
    var words: String {
        switch self {
        case .section: "keys and values"
        case .name:
            "at most 64 letters, digits, \"-\", \"_\" and \".\", a letter or digit first"
        case .text: "text"
        case .texts: "a list such as [a, b]"
        case .choice(let values): alternatives(values)
        case .choices(let values): "a list of \(values.joined(separator: ", "))"
        case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound >= 1e12
                ? "a number from \(Scalar.number(range.lowerBound)) up"
                : "a number from \(Scalar.number(range.lowerBound))"
                    + " to \(Scalar.number(range.upperBound))"
        case .share(let includesEnds):
            "a share such as 20% or 0.2, "
                + (includesEnds ? "from 0% to 100%" : "above 0% and below 100%")
        case .duration: "a duration such as 30m, 12h, 7d or 2w"
        case .parameters: "names and values such as { max_depth: 6 }"
        case .missingRules: "columns and values such as { wind_gust: 0, temp: drop }"
        case .outlierRules:
            "columns and limits such as { wind_speed: { max: 120, action: drop } }"
        case .environments: "names and policies such as { production: { approvals: 1 } }"
        case .alertRules:
            "names and rules such as { wind-psi: { kind: feature, metric: psi, raise: 0.25 } }"
        case .features: "\"all\" or a list such as [a, b]"
        }
    }
}

/// Every key of `binnacle.yaml`, what it takes and what holds without it: a line or two each.
package let pipelineReference: String = PipelineKey.all.map { key in
    let isRequired = key.standard == nil
    let standard = key.standard.map { "Default: \($0)." } ?? "Must be there."
    let accepts = if case .section = key.shape { "" } else { " Takes \(key.shape.words)." }
    return "\(key.path)\(isRequired ? " (required)" : "")\n"
        + "    \(key.summary)\(accepts) \(standard)\n"
}.joined()
