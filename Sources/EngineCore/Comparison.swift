import Domain
import EngineAPI
import Storage

/// What differs between two versions, part by part.
extension Engine {
    func comparison(
        of model: String,
        base: Int?,
        candidate: Int
    ) async throws -> VersionComparison {
        let new = try await store.modelVersion(model: model, number: candidate)
        let baseNumber = base ?? new.report.championVersion
        let newRun = try await store.run(new.run)
        let old = try await baseNumber.asyncMap {
            try await store.modelVersion(model: model, number: $0)
        }
        let oldRun = try await old.asyncMap { try await store.run($0.run) }
        let isPaired = baseNumber != nil && new.report.championVersion == baseNumber
        var comparison = VersionComparison(
            model: model,
            base: baseNumber,
            candidate: candidate,
            metrics: new.report.comparisons,
            isPaired: isPaired,
            report: new.report,
            parameters: parameterDifferences(oldRun, newRun),
            data: dataDifferences(oldRun, newRun)
        )
        if let old, !isPaired { comparison.metrics = unpaired(old.report, new.report) }
        comparison.columns = differences(old.map(columnLines), columnLines(new))
        comparison.cleaning = differences(
            old.map { cleaningLines($0.signature.cleaning) },
            cleaningLines(new.signature.cleaning)
        )
        comparison.bytes = differences(old.map(byteLines), byteLines(new))
        return comparison
    }

    /// Values of two reports made on different rows: a difference, but no interval of it.
    private func unpaired(
        _ old: ValidationReport,
        _ new: ValidationReport
    ) -> [MetricComparison] {
        new.comparisons.map { comparison in
            let base = old.comparison(comparison.metric)?.candidate
            return MetricComparison(
                metric: comparison.metric,
                candidate: comparison.candidate,
                candidateInterval: comparison.candidateInterval,
                champion: base,
                difference: base.map { comparison.candidate - $0 },
                differenceInterval: nil
            )
        }
    }

    private func parameterDifferences(_ old: Run?, _ new: Run) -> [Difference] {
        differences(old.map(parameterLines), parameterLines(new))
    }

    private func parameterLines(_ run: Run) -> [String: String] {
        var lines = run.pipeline.training.parameters.mapValues(\.description)
        lines["seed"] = String(run.pipeline.training.seed)
        lines["trainer"] = run.pipeline.training.trainer.rawValue
        if let record = run.record { lines["best round"] = record.bestRound.map(String.init) }
        return lines
    }

    private func dataDifferences(_ old: Run?, _ new: Run) -> [Difference] {
        differences(old.map(dataLines), dataLines(new))
    }

    private func dataLines(_ run: Run) -> [String: String] {
        var lines = ["data": run.data.text, "digest": run.dataDigest.short]
        if let record = run.record {
            lines["training rows"] = String(record.trainingRows)
            lines["holdout rows"] = String(record.holdoutRows)
        }
        lines["code"] = run.code.commit.map { String($0.prefix(12)) }
        return lines
    }

    /// Features by name, with how their cells become numbers.
    private func columnLines(_ version: ModelVersion) -> [String: String] {
        var lines = [version.signature.target: "target"]
        for (index, feature) in version.signature.features.enumerated() {
            switch feature.encoding {
            case .number: lines[feature.name] = "number, column \(index + 1)"
            case .category(let levels):
                lines[feature.name] = "\(levels.count) categories, column \(index + 1)"
            }
        }
        return lines
    }

    private func cleaningLines(_ cleaning: Cleaning) -> [String: String] {
        var lines = ["duplicates": cleaning.dropsDuplicates ? "dropped" : "kept"]
        for (name, rule) in cleaning.missing {
            switch rule {
            case .dropRow: lines["missing \(name)"] = "row dropped"
            case .fill(let value): lines["missing \(name)"] = "filled with \(value)"
            }
        }
        for (name, rule) in cleaning.outliers {
            let low = rule.minimum.map { "from \(Scalar.number($0)) " } ?? ""
            let high = rule.maximum.map { "to \(Scalar.number($0)) " } ?? ""
            lines["outliers \(name)"] = "\(low)\(high)else \(rule.action.rawValue)"
        }
        return lines
    }

    private func byteLines(_ version: ModelVersion) -> [String: String] {
        var lines = version.artifacts.mapValues(\.short)
        lines["bundle"] = version.bundleDigest.short
        if let digest = version.artifacts[ArtifactName.model],
            let size = store.blobs.bytes(of: digest)
        {
            lines["model size"] = "\(size) bytes"
        }
        return lines
    }

    private func differences(
        _ old: [String: String]?,
        _ new: [String: String]
    ) -> [Difference] {
        Set(new.keys).union(old?.keys ?? [:].keys).sorted().map {
            Difference(name: $0, base: old?[$0], candidate: new[$0])
        }
    }
}

extension Optional {
    /// As `map`, for what has to wait.
    func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
