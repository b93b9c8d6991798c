import Domain
import EngineAPI
import Glibc
import Logging
import Pipelines
import Storage
import Tables
import Training

/// Everything a run takes from its project folder.
struct TrainingSource {
    let pipeline: Pipeline
    let pipelineDigest: Digest
    let pipelineText: [UInt8]
    let project: String?
    let code: CodeVersion
    /// The text of local changes, to be filed under its digest.
    let dirtyDiff: [UInt8]?
}

/// What a set of collected rows came from.
private struct CollectedRange {
    /// The time of the earliest row; nil while there is none.
    private(set) var first: Timestamp?
    private(set) var inputs: Set<Subject> = []

    /// Takes the next row in; rows come in the order of their time.
    mutating func add(_ row: Prediction) {
        if first == nil { first = row.time }
        inputs.insert(Subject(.predictions, "\(row.deployment)/v\(row.version)"))
    }
}

/// Reads a project folder's `binnacle.yaml` and its git state.
func readProject(at folder: String) async throws -> TrainingSource {
    let path = folder + "/binnacle.yaml"
    guard let bytes = readBytes(at: path) else {
        throw Refusal(
            .notFound,
            "There is no \"binnacle.yaml\" in \"\(folder)\". Write one, or name another folder."
        )
    }
    // By its name alone: a long path would be cut just where the name stands.
    let pipeline = try readPipeline(
        text: String(decoding: bytes, as: UTF8.self),
        fileName: "binnacle.yaml"
    )
    let state = try await codeVersion(ofProjectFolder: folder)
    let diff = state?.diff.map { Array($0.utf8) }
    return TrainingSource(
        pipeline: pipeline,
        pipelineDigest: sha256(bytes),
        pipelineText: bytes,
        project: folder,
        code: CodeVersion(commit: state?.commit, dirtyDiff: diff.map { sha256($0) }),
        dirtyDiff: diff
    )
}

extension Engine {
    /// The pipeline of the model's newest run, with the project's present code if it is still there.
    func lastSource(of model: String) async throws -> TrainingSource {
        guard let last = try await store.runs(of: model, limit: 1).first else {
            throw Refusal(
                .notFound,
                """
                "\(model)" has never been trained here. Train it from its project: \
                "binnacle train FOLDER".
                """
            )
        }
        return TrainingSource(
            pipeline: last.pipeline,
            pipelineDigest: last.pipelineDigest,
            pipelineText: try store.blobs.read(last.pipelineDigest),
            project: last.project,
            code: last.code,
            dirtyDiff: nil
        )
    }

    func newestData(for pipeline: Pipeline) async throws -> DatasetVersion {
        guard let version = try await store.latestDatasetVersion(of: pipeline.data.dataset) else {
            throw Refusal(
                .notFound,
                """
                The pipeline of "\(pipeline.model)" trains on the dataset \
                "\(pipeline.data.dataset)", which has no version. Add one with \
                "binnacle data add FILE --name \(pipeline.data.dataset)".
                """
            )
        }
        return version
    }

    /// Profiles a file, files its bytes by digest and records the version.
    func addDataset(
        fileAt path: String,
        named dataset: String,
        source: String,
        inputs: [Subject],
        badRowLimit: Int,
        by actor: Actor
    ) async throws -> DatasetVersion {
        let blobs = store.blobs
        let (profile, digest) = try await onOwnThread {
            try fileData(at: path, into: blobs, badRowLimit: badRowLimit)
        }
        let committed = try await store.addDatasetVersion(
            DatasetVersionDraft(
                dataset: dataset,
                digest: digest,
                format: profile.format,
                bytes: profile.bytes,
                rows: profile.rows,
                badRows: profile.badRows,
                columns: profile.columns,
                source: source,
                inputs: inputs
            ),
            by: actor,
            at: settings.now()
        )
        events.publish(committed.events)
        return committed.value
    }

    /// Queues a run and lets the trainer look at its queue.
    func enqueue(
        _ source: TrainingSource,
        on data: DatasetVersion,
        trigger: Trigger,
        cause: String,
        by actor: Actor
    ) async throws -> Run {
        _ = try PipelineColumns(source.pipeline, schema: data.schema)
        _ = try store.blobs.put(source.pipelineText)
        if let diff = source.dirtyDiff { _ = try store.blobs.put(diff) }
        let now = settings.now()
        let committed = try await store.enqueueTraining(at: now) { runID, jobID in
            let run = Run(
                id: runID,
                model: source.pipeline.model,
                pipeline: source.pipeline,
                pipelineDigest: source.pipelineDigest,
                project: source.project,
                code: source.code,
                data: data.id,
                dataDigest: data.digest,
                trigger: trigger,
                cause: cause,
                job: jobID,
                createdAt: now,
                actor: actor
            )
            let job = Job(
                id: jobID,
                kind: .train,
                title: "train \(source.pipeline.model)",
                model: source.pipeline.model,
                createdAt: now,
                actor: actor
            )
            return (run, job)
        }
        events.publish(committed.events)
        await trainer.kick()
        return committed.value
    }

    /// Starts a retrain by policy on what production collected; false when it has to wait.
    func retrain(_ model: String, cause: String) async -> Bool {
        do {
            let source = try await lastSource(of: model)
            guard try await hasEnoughLabels(source.pipeline) else { return false }
            let data = try await collectTrainingData(for: source.pipeline, by: .engine)
            _ = try await enqueue(source, on: data, trigger: .alert, cause: cause, by: .engine)
            return true
        } catch {
            log.warning("A retrain of \(model) did not start: \(error)")
            return false
        }
    }

    private func hasEnoughLabels(_ pipeline: Pipeline) async throws -> Bool {
        let policy = pipeline.monitoring.retrain
        guard let until = try await store.latestPredictionTime(of: pipeline.model) else {
            return false
        }
        let count = try await store.countPredictions(
            model: pipeline.model,
            from: until.adding(seconds: -policy.windowSeconds),
            to: until.adding(seconds: 1)
        )
        return count.labelled >= policy.minimumRows
    }

    /// Writes the labelled rows of the pipeline's retrain window as a dataset version.
    func collectTrainingData(
        for pipeline: Pipeline,
        by actor: Actor
    ) async throws -> DatasetVersion {
        let model = pipeline.model
        let until = try await store.latestPredictionTime(of: model)
        guard let until else {
            throw Refusal(
                .conflict,
                """
                "\(model)" has collected no rows yet. Deploy it and let it score, or train on a \
                dataset.
                """
            )
        }
        // From the beginning of a window on: which rows of the present one have already come must
        // not decide which old ones are left out.
        let from = until.adding(seconds: -pipeline.monitoring.retrain.windowSeconds)
            .floored(toSeconds: pipeline.monitoring.windowSeconds)
        let version = try await collectedSignature(of: model)
        let path = "\(settings.home)/staging/collected-\(model).csv"
        var columns = version.signature.features.map(\.name)
        if let time = version.signature.time { columns.insert(time, at: 0) }
        if let id = version.signature.id { columns.insert(id, at: 0) }
        columns.append(version.signature.target)
        var writer = try CSVWriter(path: path, columns: columns)
        let rows = try await writeCollected(
            model: model,
            signature: version.signature,
            from: from,
            to: until.adding(seconds: 1e-6),
            into: &writer
        )
        try writer.finish()
        defer { unlink(path) }
        guard let first = rows.first else {
            throw Refusal(
                .conflict,
                """
                No collected row of "\(model)" since \(from.dateText) has a label. Add labels with \
                "binnacle labels add".
                """
            )
        }
        return try await addDataset(
            fileAt: path,
            named: pipeline.data.dataset + ".collected",
            source: "collected by \(model), \(first.dateText) to \(until.dateText)",
            inputs: rows.inputs.sorted { $0.id < $1.id },
            badRowLimit: 0,
            by: actor
        )
    }

    /// The version whose signature says what the collected cells are.
    private func collectedSignature(of model: String) async throws -> ModelVersion {
        if let champion = try await store.champion(of: model) { return champion }
        let versions = try await store.modelVersions(of: model)
        guard let newest = versions.max(by: { $0.number < $1.number }) else {
            throw Refusal(.notFound, "\"\(model)\" has no version yet. Train it first.")
        }
        return newest
    }

    private func writeCollected(
        model: String,
        signature: Signature,
        from: Timestamp,
        to: Timestamp,
        into writer: inout CSVWriter
    ) async throws -> CollectedRange {
        let hasID = signature.id != nil
        let hasTime = signature.time != nil
        let width = signature.features.count
        var range = CollectedRange()
        var after: PredictionCursor?
        while true {
            let page = try await store.labelledPredictions(
                model: model,
                from: from,
                to: to,
                after: after,
                limit: 5_000
            )
            for prediction in page where prediction.cells.count == width {
                guard let label = prediction.label else { continue }
                var row: [String?] = []
                if hasID { row.append(prediction.row) }
                if hasTime { row.append(prediction.time.description) }
                row += prediction.cells
                row.append(Scalar.number(label).description)
                try writer.write(row)
                range.add(prediction)
            }
            guard let last = page.last, page.count == 5_000 else { return range }
            after = PredictionCursor(time: last.time, id: last.id)
        }
    }
}

/// Profiles a file and files its bytes in one pass; what is refused leaves nothing behind.
private func fileData(
    at path: String,
    into blobs: BlobStore,
    badRowLimit: Int
) throws -> (FileProfile, Digest) {
    let writer = try blobs.makeWriter()
    do {
        let found = try profile(fileAt: path, badRowLimit: badRowLimit) {
            (block: Span<UInt8>) throws(Refusal) in try writer.append(block)
        }
        return (found, try writer.finish())
    } catch {
        writer.discard()
        throw error
    }
}
