package import Domain

/// Reads a `binnacle.yaml`.
///
/// - Parameter fileName: What the sentences call the file.
/// - Throws: Everything that is wrong with the file, a sentence a line, in the order of the file.
package func readPipeline(text: String, fileName: String) throws(Refusal) -> Pipeline {
    var reader = PipelineReader(PipelineValues(try readMapping(text, fileName: fileName)))
    let pipeline = reader.read()
    let problems = reader.values.problems.enumerated().sorted {
        ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
    }
    guard problems.isEmpty else {
        throw Refusal(
            .invalid,
            problems.map { "\(quoted(fileName)), line \($0.element.line): \($0.element.message)" }
                .joined(separator: "\n")
        )
    }
    return pipeline
}

/// Puts the values together, with what holds where nothing was said, and checks them together.
private struct PipelineReader {
    private(set) var values: PipelineValues

    init(_ values: PipelineValues) {
        self.values = values
    }

    mutating func read() -> Pipeline {
        for path in ["model", "task", "data.target"] where !values.isGiven(path) {
            values.note("the key \"\(path)\" is missing.", at: path)
        }
        let task = choice("task") ?? ModelTask.classification
        let model = text("model") ?? ""
        let data = DataDefinition(
            dataset: text("data.dataset") ?? model,
            target: text("data.target") ?? "",
            time: text("data.time"),
            id: text("data.id"),
            exclude: texts("data.exclude") ?? [],
            categorical: texts("data.categorical") ?? []
        )
        let pipeline = Pipeline(
            model: model,
            owner: text("owner") ?? "",
            task: task,
            data: data,
            cleaning: cleaning,
            training: training,
            validation: validation(task),
            environments: environments,
            monitoring: monitoring,
            card: card
        )
        checkColumns(pipeline)
        checkCleaning(pipeline)
        checkTraining(pipeline)
        checkValidation(pipeline)
        checkMonitoring(pipeline)
        return pipeline
    }

    private func text(_ path: String) -> String? {
        if case .text(let value) = values.values[path] { value } else { nil }
    }

    private func texts(_ path: String) -> [String]? {
        if case .texts(let value) = values.values[path] { value } else { nil }
    }

    private func number(_ path: String) -> Double? {
        if case .number(let value) = values.values[path] { value } else { nil }
    }

    private func choice<Choice: RawRepresentable<String>>(_ path: String) -> Choice? {
        text(path).flatMap { Choice(rawValue: $0) }
    }

    private var cleaning: Cleaning {
        var missing: [String: MissingRule] = [:]
        var outliers: [String: OutlierRule] = [:]
        if case .missingRules(let rules) = values.values["clean.missing"] { missing = rules }
        if case .outlierRules(let rules) = values.values["clean.outliers"] { outliers = rules }
        return Cleaning(
            dropsDuplicates: text("clean.duplicates") == "drop",
            missing: missing,
            outliers: outliers
        )
    }

    private var training: TrainingDefinition {
        var parameters: [String: Scalar] = [:]
        if case .parameters(let given) = values.values["train.parameters"] { parameters = given }
        return TrainingDefinition(
            trainer: choice("train.trainer") ?? .xgboost,
            command: texts("train.command") ?? [],
            parameters: parameters,
            earlyStoppingRounds: number("train.early_stopping").map { Int($0) },
            seed: Int(number("train.seed") ?? 0),
            timeLimitSeconds: number("train.time_limit")
        )
    }

    private func validation(_ task: ModelTask) -> ValidationPolicy {
        let usual: [MetricName] =
            task == .classification
            ? [.auc, .logLoss, .accuracy, .f1]
            : [.rootMeanSquaredError, .meanAbsoluteError, .r2]
        let given = texts("validate.metrics")?.compactMap { MetricName(rawValue: $0) } ?? []
        var metrics = given.isEmpty ? usual : given
        let primary: MetricName = choice("validate.primary") ?? metrics[0]
        if given.isEmpty && !metrics.contains(primary) { metrics.insert(primary, at: 0) }
        return ValidationPolicy(
            holdoutShare: number("validate.holdout.last") ?? 0.2,
            metrics: metrics,
            primary: primary,
            mustImproveBy: number("validate.must_improve_by") ?? 0,
            maximumOverfitGap: number("validate.max_overfit_gap")
        )
    }

    private var environments: [EnvironmentPolicy] {
        var policies = [EnvironmentPolicy(name: "production", approvals: 1)]
        if case .environments(let given) = values.values["environments"] { policies = given }
        let approval: RetrainApproval? = choice("monitor.retrain.approve")
        // Where new versions go first: letting a retrain go there unasked is part of its policy.
        if !policies.isEmpty { policies[0].retrainsUnattended = approval == .automatic }
        return policies
    }

    private var card: CardText? {
        guard values.isGiven("card") else { return nil }
        return CardText(
            purpose: text("card.purpose") ?? "",
            intendedUse: text("card.intended_use") ?? "",
            outOfScope: text("card.out_of_scope") ?? "",
            data: text("card.data") ?? "",
            limits: texts("card.limits") ?? [],
            contact: text("card.contact") ?? "",
            stage: choice("card.stage")
        )
    }

    private var monitoring: MonitorPolicy {
        let window = number("monitor.window") ?? Timestamp.day
        var features: [String]?
        if case .features(let names) = values.values["monitor.features"] { features = names }
        return MonitorPolicy(
            windowSeconds: window,
            rollingSeconds: number("monitor.rolling") ?? 7 * window,
            features: features,
            drift: DriftThreshold(
                psi: number("monitor.drift.psi") ?? DriftThreshold().psi,
                share: number("monitor.drift.share") ?? DriftThreshold().share,
                forWindows: number("monitor.drift.for").map { Int($0) }
                    ?? DriftThreshold().forWindows
            ),
            performance: PerformanceThreshold(
                drop: number("monitor.performance.drop") ?? PerformanceThreshold().drop,
                minimumRows: number("monitor.performance.rows").map { Int($0) }
                    ?? PerformanceThreshold().minimumRows,
                forWindows: number("monitor.performance.for").map { Int($0) }
                    ?? PerformanceThreshold().forWindows
            ),
            retrain: RetrainPolicy(
                on: choice("monitor.retrain.on") ?? .drift,
                cooldownSeconds: number("monitor.retrain.cooldown") ?? 7 * Timestamp.day,
                windowSeconds: number("monitor.retrain.window") ?? 90 * Timestamp.day,
                minimumRows: Int(number("monitor.retrain.rows") ?? 1_000),
                approval: choice("monitor.retrain.approve") ?? .required
            ),
            alerts: alerts(window: window),
            absenceSeconds: number("monitor.absence")
        )
    }

    /// nil where the file says nothing of alerts: the standard rules hold.
    private func alerts(window: Double) -> AlertPolicy? {
        guard values.isGiven("alerts") else { return nil }
        let standard = AlertGrouping()
        let grouping = AlertGrouping(
            receivers: texts("alerts.receivers"),
            groupBy: texts("alerts.group_by") ?? standard.groupBy,
            waitSeconds: number("alerts.group_wait") ?? standard.waitSeconds,
            intervalSeconds: number("alerts.group_interval") ?? standard.intervalSeconds,
            repeatSeconds: number("alerts.repeat") ?? standard.repeatSeconds
        )
        var drafts: [AlertRuleDraft] = []
        if case .alertRules(let given) = values.values["alerts.rules"] { drafts = given }
        var flapping: FlapPolicy?
        if values.isGiven("alerts.flapping") {
            flapping = FlapPolicy(
                changes: number("alerts.flapping.changes").map { Int($0) } ?? 5,
                periodSeconds: number("alerts.flapping.period") ?? 20 * window
            )
        }
        let share = number("monitor.drift.share") ?? DriftThreshold().share
        let drop = number("monitor.performance.drop") ?? PerformanceThreshold().drop
        return AlertPolicy(
            rules: drafts.map { draft in
                draft.definition(
                    grouping: grouping,
                    standardRaise: draft.kind == .drift ? share : drop
                )
            },
            grouping: grouping,
            flapping: flapping
        )
    }
}

// MARK: Checks of values together

extension PipelineReader {
    /// A column has one part to play.
    private mutating func checkColumns(_ pipeline: Pipeline) {
        let data = pipeline.data
        let parts: [(path: String, names: [String])] = [
            ("data.target", [data.target].filter { !$0.isEmpty }),
            ("data.time", [data.time].compactMap(\.self)),
            ("data.id", [data.id].compactMap(\.self)),
            ("data.exclude", data.exclude),
            ("data.categorical", data.categorical),
        ]
        var firstPart: [String: String] = [:]
        for part in parts {
            for name in part.names {
                if let first = firstPart[name] {
                    values.note(
                        "\(quoted(part.path)) has \(quoted(name)), "
                            + "which is already in \(quoted(first)).",
                        at: part.path
                    )
                } else {
                    firstPart[name] = part.path
                }
            }
        }
        for name in pipeline.monitoring.features ?? [] {
            guard let part = firstPart[name], part != "data.categorical" else { continue }
            values.note(
                "\"monitor.features\" has \(quoted(name)), which is no feature: "
                    + "it is in \(quoted(part)).",
                at: "monitor.features"
            )
        }
    }

    private mutating func checkCleaning(_ pipeline: Pipeline) {
        let cleaning = pipeline.cleaning
        for (name, rule) in cleaning.outliers.sorted(by: { $0.key < $1.key }) {
            let path = "clean.outliers.\(name)"
            if pipeline.data.categorical.contains(name) {
                values.note(
                    "\(quoted(path)) sets limits, but \(quoted(name)) is in \"data.categorical\".",
                    at: path
                )
            }
            guard case .fill(.number(let value)) = cleaning.missing[name] else { continue }
            if value < rule.minimum ?? -.infinity || value > rule.maximum ?? .infinity {
                values.note(
                    "\(quoted("clean.missing.\(name)")) fills in \(Scalar.number(value)), which "
                        + "is outside the limits in \(quoted(path)).",
                    at: "clean.missing.\(name)"
                )
            }
        }
        if case .fill = cleaning.missing[pipeline.data.target] {
            values.note(
                "\"clean.missing\" fills in the target \(quoted(pipeline.data.target)). "
                    + "Write \"drop\": a made-up label teaches nothing.",
                at: "clean.missing.\(pipeline.data.target)"
            )
        }
    }

    private mutating func checkTraining(_ pipeline: Pipeline) {
        let training = pipeline.training
        if training.trainer == .command {
            if training.command.isEmpty && !values.isGiven("train.command") {
                values.note(
                    "\"trainer: command\" needs \"train.command\", such as [./train.sh].",
                    at: "train.trainer"
                )
            } else if training.command.isEmpty && values.values["train.command"] != nil {
                values.note("\"train.command\" is empty. Name a program.", at: "train.command")
            }
            return
        }
        if values.isGiven("train.command") {
            values.note(
                "\"train.command\" is only for \"trainer: command\".",
                at: "train.command"
            )
        }
        if let rounds = training.parameters["rounds"] {
            var isFine = false
            if case .number(let value) = rounds {
                isFine = value == value.rounded() && (1...100_000).contains(value)
            }
            if !isFine {
                values.note(
                    "\"train.parameters.rounds\" is \(quoted(rounds.description)). "
                        + "It takes a whole number from 1 to 100000.",
                    at: "train.parameters.rounds"
                )
            }
        }
        if let objective = training.parameters["objective"]?.description {
            checkObjective(objective, pipeline.task)
        }
    }

    private mutating func checkObjective(_ objective: String, _ task: ModelTask) {
        let isBinary = objective.hasPrefix("binary:")
        let isOther = objective.hasPrefix("multi:") || objective.hasPrefix("rank:")
        guard task == .classification ? !isBinary : isBinary || isOther else { return }
        let wanted = task == .classification ? "binary:logistic" : "reg:squarederror"
        values.note(
            "\"train.parameters.objective\" is \(quoted(objective)), which does not suit "
                + "\"task: \(task.rawValue)\". Use \"\(wanted)\".",
            at: "train.parameters.objective"
        )
    }

    private mutating func checkValidation(_ pipeline: Pipeline) {
        guard values.values["task"] != nil else { return }
        let validation = pipeline.validation
        let suiting = MetricName.allCases.filter { $0.suits(pipeline.task) }.map(\.rawValue)
        for metric in validation.metrics where !metric.suits(pipeline.task) {
            let path = values.isGiven("validate.metrics") ? "validate.metrics" : "validate.primary"
            values.note(
                "\(quoted(path)) has \"\(metric.rawValue)\", which does not suit "
                    + "\"task: \(pipeline.task.rawValue)\". Use \(alternatives(suiting)).",
                at: path
            )
        }
        if !validation.metrics.contains(validation.primary) {
            values.note(
                "\"validate.primary\" is \"\(validation.primary.rawValue)\", "
                    + "which is not in \"validate.metrics\". Add it there.",
                at: "validate.primary"
            )
        }
        if values.isGiven("validate.metrics"), texts("validate.metrics") == [] {
            values.note(
                "\"validate.metrics\" is empty. Leave the key out, or name one.",
                at: "validate.metrics"
            )
        }
    }

    private mutating func checkMonitoring(_ pipeline: Pipeline) {
        let monitoring = pipeline.monitoring
        let windows = monitoring.rollingSeconds / monitoring.windowSeconds
        if windows < 1 || windows != windows.rounded() {
            values.note(
                "\"monitor.rolling\" is no multiple of \"monitor.window\". Use such as 1d and 7d.",
                at: values.isGiven("monitor.rolling") ? "monitor.rolling" : "monitor.window"
            )
        }
        if windows > 366 {
            values.note(
                "\"monitor.rolling\" has more than 366 windows. Make \"monitor.window\" longer.",
                at: values.isGiven("monitor.rolling") ? "monitor.rolling" : "monitor.window"
            )
        }
    }
}
