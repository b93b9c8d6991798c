package import Domain
package import EngineAPI
import Pipelines
import Storage
import Tables
import Training

extension AddDataset: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> DatasetVersion {
        guard dataset.isPlainName else {
            throw Refusal(
                .invalid,
                """
                "\(dataset)" is no dataset name. Use at most 64 letters, digits, "-", "_" and ".".
                """
            )
        }
        return try await engine.addDataset(
            fileAt: path,
            named: dataset,
            source: path,
            inputs: [Subject(.file, path)],
            badRowLimit: badRowLimit,
            by: caller.actor
        )
    }
}

extension ListDatasetVersions: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [DatasetVersion] {
        let versions = try await engine.store.datasetVersions(
            of: dataset,
            asOf: asOf ?? .distantFuture
        )
        if let dataset, versions.isEmpty {
            throw Refusal(
                .notFound,
                """
                There is no dataset "\(dataset)". Add one with "binnacle data add FILE --name \
                \(dataset)".
                """
            )
        }
        return versions
    }
}

extension StartTraining: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Run {
        let source: TrainingSource
        if let project {
            source = try await readProject(at: project)
        } else if let model {
            source = try await engine.lastSource(of: model)
        } else {
            throw Refusal(
                .invalid,
                "Say what to train: a project folder with a \"binnacle.yaml\", or a model's name."
            )
        }
        let version: DatasetVersion
        if usesCollectedRows {
            version = try await engine.collectTrainingData(for: source.pipeline, by: caller.actor)
        } else if let data {
            version = try await engine.store.datasetVersion(data)
        } else {
            version = try await engine.newestData(for: source.pipeline)
        }
        let words = cause.isEmpty ? "started by \(caller.actor)" : cause
        return try await engine.enqueue(
            source,
            on: version,
            trigger: .manual,
            cause: String(words.prefix(500)),
            by: caller.actor
        )
    }
}

extension ListRuns: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [Run] {
        let runs = try await engine.store.runs(
            of: model,
            before: before,
            asOf: asOf,
            limit: max(0, min(limit, 100_000))
        )
        return isBrief == true ? runs.map(\.withoutSlices) : runs
    }
}

extension GetRun: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Run {
        try await engine.store.run(run)
    }
}

extension String {
    /// Whether the text can name a dataset or a model: short, and safe in paths and terminals.
    var isPlainName: Bool {
        !isEmpty && utf8.count <= 64
            && utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 45 || $0 == 46 || $0 == 95
            } && utf8.first != 46 && utf8.first != 45
    }
}
