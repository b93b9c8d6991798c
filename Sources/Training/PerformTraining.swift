import Boosting
import Domain
import FoundationEssentials
import Glibc
package import Tables

/// What a finished training hands to its caller, beside the files it wrote.
package struct TrainingOutcome: Sendable {
    package let result: TrainingResult
    /// The training rows that cleaning kept, features only, in the signature's order.
    ///
    /// Cells are as they came, as raw rows come at scoring time: outliers and missing values are
    /// treated by the encoder only, so that a baseline made of these knows the raw missing share.
    package let trainingFeatures: Table
    /// The model's scores of the same rows.
    package let trainingScores: [Double]
    /// Of the same rows in seconds since 1970; nil where the pipeline names no time column.
    package let trainingSeconds: [Int?]?
    /// Labels and scores of the rows that were held out.
    package let holdoutLabels: [Double]
    package let holdoutScores: [Double]
}

/// Trains one candidate in this process and writes its files into the plan's output folder.
///
/// Steps: read, clean, hold out the newest rows, train on the others, read the written model back,
/// score the holdout with it and with the champion. Equal data, pipeline and seed give equal bytes.
/// - Throws: `Refusal`, with what the user can do; nothing is left half written under its name.
package func performTraining(
    plan: TrainingPlan,
    report: TrainingReporter
) async throws -> TrainingOutcome {
    let start = ContinuousClock.now
    report.progress(JobProgress(fraction: 0, step: "reading data"))
    let data = try PreparedData(plan, log: report.log)
    let values = try data.encoder.encode(data.training)
    let folder = plan.outputFolder + "/"
    try writeJSON(data.signature, to: folder + TrainingFile.signature)
    let prepared = ContinuousClock.now

    let trained = try await train(data, values: values, plan: plan, report: report)
    let finished = ContinuousClock.now

    report.progress(JobProgress(fraction: 1, step: "scoring the holdout"))
    try writeWhole(trained.model, to: folder + TrainingFile.model)
    let judged = try Judgement(data, values: values, model: trained.model, plan: plan)
    try judged.holdout.write(to: folder + TrainingFile.holdout)
    try writeJSON(judged.golden, to: folder + TrainingFile.golden)
    report.log("wrote model, signature, golden rows and holdout scores")

    let record = TrainingRecord(
        trainerVersion: trained.trainerVersion,
        host: hostName(),
        rowsRead: data.rowsRead,
        trainingRows: data.training.rowCount,
        holdoutRows: data.holdout.rowCount,
        rounds: trained.rounds,
        bestRound: trained.bestRound,
        cleaning: data.counts,
        prepareSeconds: (prepared - start) / .seconds(1),
        trainSeconds: (finished - prepared) / .seconds(1),
        peakMemoryBytes: peakMemoryBytes()
    )
    let features = try data.signature.features.map { feature in
        try data.training.column(feature.name)
    }
    return TrainingOutcome(
        result: TrainingResult(
            record: record,
            signature: data.signature,
            artifacts: [
                ArtifactName.model: TrainingFile.model,
                ArtifactName.signature: TrainingFile.signature,
                ArtifactName.golden: TrainingFile.golden,
            ],
            holdoutFile: TrainingFile.holdout
        ),
        trainingFeatures: try Table(columns: features),
        trainingScores: judged.trainingScores,
        trainingSeconds: try plan.pipeline.data.time.map { name in
            try data.training.times(name).map { $0 == .min ? nil : Int($0 / 1_000_000) }
        },
        holdoutLabels: data.holdoutLabels,
        holdoutScores: judged.holdout.candidate
    )
}

private struct Trained {
    let model: [UInt8]
    let trainerVersion: String
    let rounds: Int
    let bestRound: Int?
}

private func train(
    _ data: PreparedData,
    values: [Float],
    plan: TrainingPlan,
    report: TrainingReporter
) async throws -> Trained {
    switch plan.pipeline.training.trainer {
    case .xgboost:
        let done = try BoostingRounds(data, values: values, plan: plan, report: report)
        return Trained(
            model: done.model,
            trainerVersion: "XGBoost \(libraryVersion)",
            rounds: done.rounds,
            bestRound: done.bestRound
        )
    case .command:
        let done = try await CommandTraining(data, values: values, plan: plan, report: report)
        var booster = try Booster(model: done.model)
        return Trained(
            model: done.model,
            trainerVersion: "\(plan.pipeline.training.command.joined(separator: " ")) "
                + "(model by XGBoost \(done.modelVersion))",
            rounds: try booster.rounds(),
            bestRound: nil
        )
    }
}

/// The scores by which the gate and the server judge, all made by the model as it was written.
private struct Judgement {
    let holdout: HoldoutScores
    let golden: GoldenRows
    /// Of every training row.
    let trainingScores: [Double]

    private static let goldenRows = 20

    init(
        _ data: PreparedData,
        values: [Float],
        model: [UInt8],
        plan: TrainingPlan
    ) throws {
        do {
            var booster = try Booster(model: model)
            let candidate = try booster.scores(try data.encoder.encode(data.holdout))
            let known = try booster.scores(values).map { Double($0) }
            trainingScores = known
            let scores = candidate.map { Double($0) }
            try Judgement.refuseNonsense(scores, task: plan.pipeline.task)
            golden = Judgement.golden(data, scores: scores)
            let fitted = BoostingRounds.fittedRows(
                of: data.trainingLabels.count,
                plan.pipeline.training
            )
            let limit = HoldoutScores.trainingSampleMaximum
            let sample = spread(min(fitted, limit), over: fitted)
            let times = try Judgement.times(of: data.holdout, column: plan.pipeline.data.time)
            holdout = HoldoutScores(
                labels: data.holdoutLabels,
                candidate: scores,
                champion: try plan.champion.map { try Judgement.score($0, data.holdout) },
                championVersion: plan.champion?.version,
                start: times.first,
                end: times.last,
                trainingLabels: sample.map { data.trainingLabels[$0] },
                trainingScores: sample.map { known[$0] },
                slices: HoldoutSlices.of(
                    data.holdout,
                    columns: data.signature.features.map(\.name)
                )
            )
        } catch let error as BoostingError {
            throw Refusal(.invalid, "The candidate cannot be scored: \(error.message)")
        }
    }

    /// A trainer's own model may hold anything; a probability is between 0 and 1.
    private static func refuseNonsense(_ scores: [Double], task: ModelTask) throws(Refusal) {
        let range: ClosedRange<Double> =
            task == .classification
            ? 0...1
            : -Double(
                Float.greatestFiniteMagnitude
            )...Double(
                Float.greatestFiniteMagnitude
            )
        guard let wrong = scores.first(where: { !range.contains($0) }) else { return }
        throw Refusal(
            .invalid,
            "The model scores a holdout row with \(wrong)"
                + (task == .classification
                    ? ", which is no probability. Train with the objective \"binary:logistic\"."
                    : ". Check the training data for extreme values.")
        )
    }

    /// The champion reads the rows through its own signature, as it does in production.
    private static func score(
        _ champion: TrainingPlan.Champion,
        _ rows: Table
    ) throws -> [Double] {
        do {
            let values = try FeatureEncoder(champion.signature).encode(rows)
            var booster = try Booster(model: try readWhole(champion.modelPath))
            return try booster.scores(values).map { Double($0) }
        } catch {
            throw Refusal(
                .conflict,
                "The champion v\(champion.version) cannot score the holdout: \(error) "
                    + "Train on data that has all its features, so that both can be compared."
            )
        }
    }

    private static func golden(_ data: PreparedData, scores: [Double]) -> GoldenRows {
        let rows = spread(min(goldenRows, scores.count), over: scores.count)
        let names = data.signature.features.map(\.name)
        let columns = names.compactMap { data.holdout[$0] }
        return GoldenRows(
            columns: names,
            rows: rows.map { row in columns.map { $0.text(at: row) } },
            scores: rows.map { scores[$0] }
        )
    }

    /// The times of the first and the last holdout row that has one.
    private static func times(
        of table: Table,
        column: String?
    ) throws(Refusal) -> (first: Timestamp?, last: Timestamp?) {
        guard let column else { return (nil, nil) }
        let known = try table.times(column).filter { $0 != Column.missingTime }
        return (
            known.first.map { Timestamp(microseconds: $0) },
            known.last.map { Timestamp(microseconds: $0) }
        )
    }
}

/// Row numbers at equal distances, the first and the last among them where there are two or more.
func spread(_ count: Int, over rows: Int) -> [Int] {
    guard count > 1 else { return count == 1 && rows > 0 ? [rows / 2] : [] }
    return (0..<count).map { $0 * (rows - 1) / (count - 1) }
}

/// The parameters as one line of JSON with sorted names.
func parametersText(_ parameters: [String: Scalar]) throws(Refusal) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(parameters) else {
        throw Refusal(.invalid, "The parameters hold a number that JSON cannot write.")
    }
    return String(decoding: data, as: UTF8.self)
}

private func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The most memory this process, or a trainer it ran, has had at once.
private func peakMemoryBytes() -> Int {
    var (own, children) = (rusage(), rusage())
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
    return max(own.ru_maxrss, children.ru_maxrss) * 1_024
}
