import Domain
import Testing

@testable import Pipelines

private let minimal = """
    model: m
    task: classification
    data: { target: y }

    """

private let flightDelays = """
    model: late-flights
    owner: ops
    task: classification
    data:
      target: late
      time: scheduled_departure
      id: flight_id
      exclude: [arr_delay]
      categorical: [carrier, origin, dest, weekday]
    clean:
      duplicates: drop
      missing: { wind_gust: 0, temp: drop, carrier: "00" }
      outliers: { wind_speed: { max: 120, action: drop } }
    train:
      trainer: xgboost
      parameters: { max_depth: 6, eta: 0.1, rounds: 200, refresh: true }
      early_stopping: 20
      seed: 7
    validate:
      holdout: { last: 25% }
      metrics: [accuracy, auc, log_loss, f1]
      primary: auc
      must_improve_by: 0.0
      max_overfit_gap: 0.08
    environments: { staging: { approvals: 0 }, production: { approvals: 2 } }
    monitor:
      window: 12h
      rolling: 2w
      features: [carrier, wind_speed]
      drift: { psi: 0.2, share: 0.5, for: 4 }
      performance: { drop: 0.05, rows: 600, for: 2 }
      retrain: { on: any, cooldown: 90m, window: 30d, rows: 50, approve: automatic }
    """

@Test func `the whole file of the flight delays is read as it is written`() throws {
    let pipeline = try readPipeline(text: flightDelays, fileName: "binnacle.yaml")
    var staging = EnvironmentPolicy(name: "staging", approvals: 0)
    staging.retrainsUnattended = true
    let expected = Pipeline(
        model: "late-flights",
        owner: "ops",
        task: .classification,
        data: DataDefinition(
            dataset: "late-flights",
            target: "late",
            time: "scheduled_departure",
            id: "flight_id",
            exclude: ["arr_delay"],
            categorical: ["carrier", "origin", "dest", "weekday"]
        ),
        cleaning: Cleaning(
            dropsDuplicates: true,
            missing: [
                "wind_gust": .fill(.number(0)), "temp": .dropRow, "carrier": .fill(.text("00")),
            ],
            outliers: ["wind_speed": OutlierRule(minimum: nil, maximum: 120, action: .drop)]
        ),
        training: TrainingDefinition(
            trainer: .xgboost,
            parameters: [
                "max_depth": .number(6), "eta": .number(0.1), "rounds": .number(200),
                "refresh": .boolean(true),
            ],
            earlyStoppingRounds: 20,
            seed: 7
        ),
        validation: ValidationPolicy(
            holdoutShare: 0.25,
            metrics: [.accuracy, .auc, .logLoss, .f1],
            primary: .auc,
            mustImproveBy: 0,
            maximumOverfitGap: 0.08
        ),
        environments: [
            staging,
            EnvironmentPolicy(name: "production", approvals: 2),
        ],
        monitoring: MonitorPolicy(
            windowSeconds: 43_200,
            rollingSeconds: 14 * Timestamp.day,
            features: ["carrier", "wind_speed"],
            drift: DriftThreshold(psi: 0.2, share: 0.5, forWindows: 4),
            performance: PerformanceThreshold(drop: 0.05, minimumRows: 600, forWindows: 2),
            retrain: RetrainPolicy(
                on: .any,
                cooldownSeconds: 5_400,
                windowSeconds: 30 * Timestamp.day,
                minimumRows: 50,
                approval: .automatic
            )
        )
    )
    #expect(pipeline == expected)
}

@Test func `three keys are enough`() throws {
    let pipeline = try readPipeline(text: minimal, fileName: "binnacle.yaml")
    #expect(pipeline.owner == "")
    #expect(pipeline.data == DataDefinition(dataset: "m", target: "y"))
    #expect(pipeline.cleaning == Cleaning())
    #expect(pipeline.training == TrainingDefinition(trainer: .xgboost))
    #expect(pipeline.validation.metrics == [.auc, .logLoss, .accuracy, .f1])
    #expect(pipeline.validation.primary == .auc)
    #expect(pipeline.validation.holdoutShare == 0.2)
    #expect(pipeline.environments == [EnvironmentPolicy(name: "production", approvals: 1)])
    #expect(pipeline.monitoring.windowSeconds == Timestamp.day)
    #expect(pipeline.monitoring.rollingSeconds == 7 * Timestamp.day)
    #expect(pipeline.monitoring.features == nil)
    #expect(pipeline.monitoring.retrain.on == .drift)
    #expect(pipeline.monitoring.retrain.approval == .required)
}

@Test func `a regression is judged by the root mean squared error`() throws {
    let text = "model: m\ntask: regression\ndata: { target: y, dataset: rides }\n"
    let pipeline = try readPipeline(text: text, fileName: "binnacle.yaml")
    #expect(pipeline.validation.primary == .rootMeanSquaredError)
    #expect(pipeline.validation.metrics == [.rootMeanSquaredError, .meanAbsoluteError, .r2])
    #expect(pipeline.data.dataset == "rides")
}

@Test func `a primary metric alone is added to the usual ones`() throws {
    let pipeline = try readPipeline(
        text: minimal + "validate: { primary: brier }\n",
        fileName: "binnacle.yaml"
    )
    #expect(pipeline.validation.metrics == [.brier, .auc, .logLoss, .accuracy, .f1])
    #expect(pipeline.validation.primary == .brier)
}

@Test(arguments: [
    ("90s", 90), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600),
])
func `a duration is a count and a unit`(text: String, seconds: Double) throws {
    let pipeline = try readPipeline(
        text: minimal + "monitor: { retrain: { cooldown: \(text) } }\n",
        fileName: "binnacle.yaml"
    )
    #expect(pipeline.monitoring.retrain.cooldownSeconds == seconds)
}

@Test(arguments: [("20%", 0.2), ("0.2", 0.2), ("12.5%", 0.125), ("1%", 0.01)])
func `a share is a percentage or a fraction`(text: String, share: Double) throws {
    let pipeline = try readPipeline(
        text: minimal + "validate: { holdout: { last: \(text) } }\n",
        fileName: "binnacle.yaml"
    )
    #expect(pipeline.validation.holdoutShare == share)
}

@Test func `a command of the user's own may take any parameters`() throws {
    let pipeline = try readPipeline(
        text: minimal
            + "train: { trainer: command, command: [./train.sh, -v, -v], "
            + "parameters: { rounds: many } }\n",
        fileName: "binnacle.yaml"
    )
    #expect(pipeline.training.command == ["./train.sh", "-v", "-v"])
    #expect(pipeline.training.parameters == ["rounds": .text("many")])
}

@Test(arguments: PipelineKey.all.map(\.path))
func `the reference explains every key`(path: String) {
    let lines = pipelineReference.split(separator: "\n")
    #expect(lines.filter { $0 == path || $0 == "\(path) (required)" }.count == 1)
}

@Test func `a key of the table is in a section of the table`() {
    for key in PipelineKey.all where key.path.contains(".") {
        let section = key.path.split(separator: ".").dropLast().joined(separator: ".")
        guard case .section? = PipelineKey.find(section)?.shape else {
            Issue.record("\(key.path) has no section")
            continue
        }
    }
}

@Test func `an anchor is read wherever its alias stands, and quotes keep a number a text`() throws {
    let text = """
        # What a line begins with "#" says is for people.
        model: m
        task: &kind classification
        data: { target: "y" }
        train: { trainer: command, command: [sh, t.sh], parameters: { a: &depth 6, b: *depth, c: "6", d: *kind,
          e: true, f: 'true', g: "\\u00e9" } }
        """
    let pipeline = try readPipeline(text: text, fileName: "binnacle.yaml")
    let expected: [String: Scalar] = [
        "a": .number(6), "b": .number(6), "c": .text("6"), "d": .text("classification"),
        "e": .boolean(true), "f": .text("true"), "g": .text("é"),
    ]
    #expect(pipeline.training.parameters == expected)
}
