import ArgumentParser
import Domain
import FoundationEssentials
import Glibc
import Monitoring
import Tables
import Training

/// The child process of one run; the engine starts it, and it can be run by hand on a kept plan.
struct TrainWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train-worker",
        abstract: "Train one candidate as a plan file says (the engine starts this).",
        shouldDisplay: false
    )

    @Argument(help: "The plan file.")
    var plan: String

    func run() async throws {
        let code = await runTrainingWorker(planPath: plan) { plan, outcome in
            let bytes = try baseline(of: outcome, plan: plan).encoded()
            let path = plan.outputFolder + "/" + TrainingFile.baseline
            try bytes.write(to: URL(filePath: path), options: .atomic)
            return [ArtifactName.baseline: TrainingFile.baseline]
        }
        if code != 0 { Glibc.exit(code) }
    }
}

/// The drift baseline of a candidate: its training rows as they came, and its scores of them.
private func baseline(of outcome: TrainingOutcome, plan: TrainingPlan) throws -> Baseline {
    let table = outcome.trainingFeatures
    let columns = try outcome.result.signature.features.map { feature in
        let column = try table.column(feature.name)
        let values: ColumnValues =
            switch feature.encoding {
            case .number: .numbers(try table.numbers(feature.name))
            case .category: .categories((0..<table.rowCount).map { column.text(at: $0) })
            }
        return Monitoring.NamedColumn(name: feature.name, values: values)
    }
    return try Baseline(
        columns: columns,
        scores: outcome.trainingScores,
        unixSeconds: outcome.trainingSeconds,
        windowSeconds: plan.pipeline.monitoring.windowSeconds,
        calibration: ScoreCalibration(
            scores: outcome.holdoutScores,
            labels: outcome.holdoutLabels,
            task: plan.pipeline.task
        )
    )
}
