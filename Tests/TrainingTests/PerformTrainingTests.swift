import Boosting
import Domain
import FoundationEssentials
import Tables
import Testing

@testable import Training

@Suite struct PerformTrainingTests {
    @Test func `a training learns, stops early and writes all its files`() async throws {
        let folder = try Folder()
        let listener = Listener()
        let plan = try makePlan(in: folder)
        let outcome = try await train(plan, listener)
        let record = outcome.result.record
        #expect(record.rowsRead == 400)
        #expect(record.trainingRows == 300 && record.holdoutRows == 100)
        #expect(record.bestRound.map { (1...record.rounds).contains($0) } == true)
        #expect(record.trainerVersion == "XGBoost \(libraryVersion)")
        #expect(record.peakMemoryBytes > 1_000_000)
        #expect(record.cleaning.map(\.step).contains("wind missing filled with 7"))
        for file in outcome.result.artifacts.values {
            #expect(FileManager.default.fileExists(atPath: folder.file("out/" + file)))
        }
        let holdout = try HoldoutScores(fileAt: folder.file("out/holdout.scores"))
        #expect(agreement(holdout.candidate, holdout.labels) > 0.9)
        #expect(listener.progress.last?.fraction == 1)
        #expect(listener.progress.contains { $0.metric?.hasPrefix("auc ") == true })
        #expect(listener.lines.contains { $0.hasPrefix("round 1: inner auc ") })
    }

    @Test func `the holdout is the newest rows, whatever their order in the file`() async throws {
        let folder = try Folder()
        let outcome = try await train(makePlan(in: folder))
        let holdout = try HoldoutScores(fileAt: folder.file("out/holdout.scores"))
        #expect(holdout.labels.count == 100)
        #expect(holdout.start == Timestamp(seconds: 1_700_000_000 + 300 * 3_600))
        #expect(holdout.end == Timestamp(seconds: 1_700_000_000 + 399 * 3_600))
        #expect(outcome.trainingFeatures.rowCount == 300)
        #expect(outcome.trainingScores.count == 300)
        #expect(holdout.champion == nil && holdout.championVersion == nil)
        // The over-fitting gap is measured on the rows the trees were fitted on.
        #expect(holdout.trainingScores.count == 255)
    }

    @Test func `features are what is left, and raw cells are kept for the baseline`() async throws {
        let folder = try Folder()
        let outcome = try await train(makePlan(in: folder))
        #expect(outcome.trainingFeatures.names == ["port", "wind", "size"])
        #expect(outcome.result.signature.features.map(\.name) == ["port", "wind", "size"])
        let winds = try outcome.trainingFeatures.numbers("wind")
        #expect(winds.contains { $0.isNaN }, "missing values must stay missing in the baseline")
        #expect(winds.contains { $0 > 35 }, "outliers must stay in the baseline")
    }

    @Test func `equal inputs and seed give equal bytes, another seed does not`() async throws {
        let folder = try Folder()
        var training = makePipeline().training
        training.parameters["subsample"] = .number(0.6)
        let pipeline = makePipeline(training: training)
        _ = try await train(makePlan(in: folder, pipeline: pipeline, output: "a"))
        _ = try await train(makePlan(in: folder, pipeline: pipeline, output: "b"))
        training.seed = 4
        let other = makePipeline(training: training)
        _ = try await train(makePlan(in: folder, pipeline: other, output: "c"))
        for file in ["model.ubj", "signature.json", "golden.json", "holdout.scores"] {
            #expect(try folder.bytes("a/" + file) == folder.bytes("b/" + file), "\(file)")
        }
        #expect(try folder.bytes("a/model.ubj") != folder.bytes("c/model.ubj"))
    }

    @Test func `golden rows score through text cells as the trainer scored them`() async throws {
        let folder = try Folder()
        let outcome = try await train(makePlan(in: folder))
        let golden = try readJSON(GoldenRows.self, at: folder.file("out/golden.json"))
        #expect(golden.rows.count == 20)
        #expect(Set(golden.rows).count == 20)
        let encoder = try FeatureEncoder(outcome.result.signature)
        var booster = try Booster(model: folder.bytes("out/model.ubj"))
        for (cells, score) in zip(golden.rows, golden.scores) {
            let values = try zip(encoder.rules, cells).map { rule, cell in
                try cell.map { try rule.encode(text: $0).value } ?? rule.encodedMissing.value
            }
            #expect(abs(Double(try booster.score(values.span)) - score) <= golden.tolerance)
        }
    }

    @Test func `categories that only the holdout has are unknown to the model`() async throws {
        let folder = try Folder()
        let plan = try makePlan(in: folder, ships: Ships(newPortFrom: 300))
        let features = try await train(plan).result.signature.features
        #expect(features[0].encoding == .category(levels: ["Kiel", "Oslo", "Riga", "Ærø"]))
    }

    @Test func `without early stopping all rounds are run and kept`() async throws {
        let folder = try Folder()
        var training = makePipeline().training
        training.earlyStoppingRounds = nil
        training.parameters["rounds"] = .number(7)
        let listener = Listener()
        let plan = try makePlan(in: folder, pipeline: makePipeline(training: training))
        let outcome = try await train(plan, listener)
        #expect(outcome.result.record.rounds == 7)
        #expect(outcome.result.record.bestRound == nil)
        var booster = try Booster(model: folder.bytes("out/model.ubj"))
        #expect(try booster.rounds() == 7)
        #expect(listener.lines.contains { $0.hasPrefix("round 7: training auc ") })
    }

    @Test func `a stopped training keeps the rounds up to the best one`() async throws {
        let folder = try Folder()
        let outcome = try await train(makePlan(in: folder))
        var booster = try Booster(model: folder.bytes("out/model.ubj"))
        #expect(try booster.rounds() == outcome.result.record.bestRound)
    }

    @Test func `regression starts from the mean and scores numbers`() async throws {
        let folder = try Folder()
        let plan = try makePlan(in: folder, pipeline: makePipeline(task: .regression))
        _ = try await train(plan)
        let holdout = try HoldoutScores(fileAt: folder.file("out/holdout.scores"))
        let error = zip(holdout.candidate, holdout.labels).map { abs($0 - $1) }.reduce(0, +)
        #expect(error / 100 < 0.6)
        #expect(holdout.candidate.contains { $0 > 2 })
    }

    @Test func `duplicates without an id column are whole rows`() async throws {
        let folder = try Folder()
        var pipeline = makePipeline()
        pipeline.data.id = nil
        pipeline.data.exclude.append("id")
        let plan = try makePlan(in: folder, pipeline: pipeline)
        let rows = Ships().csv.split(separator: "\n")
        let doubled = rows + rows[1...10]
        try folder.write(doubled.joined(separator: "\n"), as: "ships.csv")
        let outcome = try await train(plan)
        #expect(outcome.result.record.rowsRead == 410)
        let duplicates = outcome.result.record.cleaning.first { $0.step == "duplicates dropped" }
        #expect(duplicates?.rows == 10)
        #expect(outcome.trainingFeatures.names == ["port", "wind", "size"])
    }

    @Test func `the champion scores the same rows through its own signature`() async throws {
        let folder = try Folder()
        // The champion knows a column that the candidate leaves out, and fills in another value.
        var old = makePipeline(cleaning: Cleaning(missing: ["wind": .fill(.number(30))]))
        old.data.exclude = ["hours"]
        let champion = try await train(makePlan(in: folder, pipeline: old, output: "old"))
        let plan = try makePlan(
            in: folder,
            champion: TrainingPlan.Champion(
                version: 4,
                modelPath: folder.file("old/model.ubj"),
                signature: champion.result.signature
            )
        )
        let outcome = try await train(plan)
        #expect(outcome.result.signature.features.map(\.name) == ["port", "wind", "size"])
        let own = try HoldoutScores(fileAt: folder.file("old/holdout.scores"))
        let both = try HoldoutScores(fileAt: folder.file("out/holdout.scores"))
        #expect(both.championVersion == 4)
        #expect(both.labels == own.labels)
        #expect(both.champion == own.candidate)
        #expect(both.champion != both.candidate)
    }

    private func agreement(_ scores: [Double], _ labels: [Double]) -> Double {
        let right = zip(scores, labels).filter { ($0 >= 0.5) == ($1 > 0.5) }.count
        return Double(right) / Double(labels.count)
    }
}

@Suite struct TrainingRefusalTests {
    @Test(arguments: [
        ("rounds", Scalar.number(0), "\"rounds\" is \"0\""),
        ("rounds", .text("many"), "\"rounds\" is \"many\""),
        ("threads", .number(0.5), "\"threads\""),
        ("n_estimators", .number(10), "call it \"rounds\""),
        ("seed", .number(1), "beside \"trainer\""),
        ("eval_metric", .text("auc"), "primary metric"),
        ("max_deepth", .number(3), "max_deepth"),
        ("max_depth", .number(-3), "max_depth"),
        ("booster", .text("gblinear"), "\"gblinear\""),
        ("objective", .text("reg:squarederror"), "does not fit the task"),
        ("objective", .text("multi:softprob"), "does not fit the task"),
    ])
    func `a wrong parameter is refused`(name: String, value: Scalar, words: String) async throws {
        let folder = try Folder()
        var training = makePipeline().training
        training.parameters[name] = value
        let plan = try makePlan(in: folder, pipeline: makePipeline(training: training))
        let message = await refusal(of: plan)
        #expect(message?.contains(words) == true, "\(message ?? "no refusal")")
    }

    @Test func `too few rows are refused with their number`() async throws {
        let folder = try Folder()
        let plan = try makePlan(in: folder, ships: Ships(rows: 18))
        let message = await refusal(of: plan)
        #expect(message?.contains("18 rows after cleaning") == true, "\(message ?? "")")
    }

    @Test(arguments: [0.0, 1.0, -0.2, 2.0])
    func `a holdout share that is no share is refused`(share: Double) async throws {
        let folder = try Folder()
        var pipeline = makePipeline()
        pipeline.validation.holdoutShare = share
        let message = await refusal(of: try makePlan(in: folder, pipeline: pipeline))
        #expect(message?.contains("not between 0 and 1") == true)
    }

    @Test func `data that is gone is refused by its path`() async throws {
        let folder = try Folder()
        var plan = try makePlan(in: folder)
        plan.data.path = folder.file("gone.csv")
        #expect(await refusal(of: plan)?.contains("gone.csv") == true)
    }

    @Test func `a champion that misses a feature is refused by its version`() async throws {
        let folder = try Folder()
        let first = try await train(makePlan(in: folder, output: "old"))
        let features = first.result.signature.features + [Feature(name: "depth", encoding: .number)]
        let signature = Signature(
            task: .classification,
            features: features,
            target: "late",
            time: nil,
            id: nil,
            cleaning: Cleaning()
        )
        let champion = TrainingPlan.Champion(
            version: 2,
            modelPath: folder.file("old/model.ubj"),
            signature: signature
        )
        let message = await refusal(of: try makePlan(in: folder, champion: champion))
        #expect(message?.contains("champion v2") == true)
        #expect(message?.contains("\"depth\"") == true, "\(message ?? "")")
    }

    @Test func `the frequent values of columns of words are slices`() throws {
        let rows = 0..<400
        let table = try Table(columns: [
            NamedColumn(
                name: "port",
                type: .text,
                cells: .texts(TextColumn(rows.map { $0 % 10 == 9 ? nil : $0 % 4 == 0 ? "a" : "b" }))
            ),
            NamedColumn(
                name: "rare",
                type: .text,
                cells: .texts(TextColumn(rows.map { "\($0 % 20)" }))
            ),
            NamedColumn(
                name: "other",
                type: .text,
                cells: .texts(TextColumn(rows.map { $0 % 2 == 0 ? "x" : "y" }))
            ),
            NamedColumn(name: "wind", type: .decimal, cells: .numbers(rows.map(Double.init))),
        ])
        let slices = HoldoutSlices.of(table, columns: ["port", "rare", "wind"])
        #expect(slices.map(\.column) == ["port"])
        #expect(slices.first?.values == ["b", "a"])
        #expect(slices.first?.codes.prefix(10) == [1, 0, 0, 0, 1, 0, 0, 0, 1, -1])
    }

    @Test func `a holdout file that was cut is refused`() throws {
        let folder = try Folder()
        let scores = HoldoutScores(
            labels: [0, 1],
            candidate: [0.25, 0.1 + 0.2],
            champion: [0, 1],
            championVersion: 3,
            start: Timestamp("2024-01-01"),
            end: nil,
            trainingLabels: [1],
            trainingScores: [-.infinity],
            slices: [
                HoldoutSlices(column: "origin", values: ["JFK", "LGA"], codes: [1, -1]),
                HoldoutSlices(column: "carrier", values: ["UA"], codes: [0, 0]),
            ]
        )
        try scores.write(to: folder.file("whole"))
        #expect(try HoldoutScores(fileAt: folder.file("whole")) == scores)
        let bytes = try folder.bytes("whole")
        try writeWhole(bytes.dropLast(), to: folder.file("cut"))
        let refusal = #expect(throws: Refusal.self) {
            try HoldoutScores(fileAt: folder.file("cut"))
        }
        #expect(refusal?.kind == .corrupt)
    }

    @Test(arguments: [
        (MetricName.auc, [0.0, 1.0], "auc", true), (.auc, [1.0, 1.0], "logloss", false),
        (.accuracy, [0, 1], "error", false), (.brier, [0, 1], "rmse", false),
        (.f1, [0, 1], "logloss", false), (.meanAbsoluteError, [2, 3], "mae", false),
    ])
    func `rounds are compared by what agrees with the primary metric`(
        primary: MetricName,
        labels: [Double],
        name: String,
        isHigherBetter: Bool
    ) {
        let metric = StoppingMetric(for: primary, labels: labels)
        #expect(metric.name == name)
        #expect(metric.isHigherBetter == isHigherBetter)
        #expect(metric.isBetter(2, than: 1) == isHigherBetter)
    }

    @Test func `rows are spread from the first to the last`() {
        #expect(spread(3, over: 11) == [0, 5, 10])
        #expect(spread(1, over: 9) == [4])
        #expect(spread(0, over: 9) == [])
        #expect(spread(20, over: 20) == Array(0..<20))
    }
}
