import Boosting
import Crypto
import Domain
import EngineAPI
import FoundationEssentials
import Glibc

/// Turns a deployment plan into a model that has proved itself: every digest checked, and the
/// rows kept at training scored as they were then.
struct ModelLoader: Sendable {
    /// A longer artifact is refused.
    static let mostBytes = 2 * 1024 * 1024 * 1024

    /// Boosters a model gets, one for each thread that scores.
    let lanes: Int

    /// Blocks while it reads, hashes and scores; call it on a thread that may.
    func load(_ plan: DeploymentPlan) throws -> ScoringModel {
        let files = try readArtifacts(of: plan)
        let signature: Signature = try decode(ArtifactName.signature, of: plan, from: files)
        let golden: GoldenRows = try decode(ArtifactName.golden, of: plan, from: files)
        guard let model = files[ArtifactName.model],
            let modelDigest = plan.artifacts[ArtifactName.model]?.digest
        else { throw lacks(ArtifactName.model, plan) }
        let loaded: ScoringModel
        do {
            loaded = try ScoringModel(
                plan: ModelIdentity(
                    name: plan.model,
                    version: plan.version,
                    bundleDigest: plan.bundleDigest,
                    modelDigest: modelDigest
                ),
                signature: signature,
                model: model,
                lanes: lanes,
                scoreRange: scoreRange(of: signature.task, golden)
            )
        } catch let error as BoostingError {
            throw Refusal(
                .corrupt,
                "The model file of \"\(plan.label)\" cannot be used. \(error.message)"
            )
        }
        try prove(loaded, with: golden)
        return loaded
    }

    /// The rows kept at training.
    func golden(of plan: DeploymentPlan) throws -> GoldenRows {
        try decode(ArtifactName.golden, of: plan, from: try readArtifacts(of: plan))
    }

    private func readArtifacts(of plan: DeploymentPlan) throws(Refusal) -> [String: [UInt8]] {
        let text = ModelVersion.bundleText(of: plan.artifacts.mapValues(\.digest))
        guard sha256(Array(text.utf8)) == plan.bundleDigest else {
            throw Refusal(
                .corrupt,
                """
                The artifacts planned for "\(plan.label)" are not those of the approved bundle \
                \(plan.bundleDigest.short). It is not served; ask for a new release.
                """
            )
        }
        var files: [String: [UInt8]] = [:]
        for (name, file) in plan.artifacts.sorted(by: { $0.key < $1.key }) {
            let bytes = try readFile(file.path, artifact: name, of: plan)
            let digest = sha256(bytes)
            guard digest == file.digest else {
                throw Refusal(
                    .corrupt,
                    """
                    The artifact "\(name)" of "\(plan.label)" has the digest \(digest.short), but \
                    \(file.digest.short) was recorded. It is not served; restore "\(file.path)".
                    """
                )
            }
            files[name] = bytes
        }
        return files
    }

    private func readFile(
        _ path: String,
        artifact: String,
        of plan: DeploymentPlan
    ) throws(Refusal) -> [UInt8] {
        func refused(_ reason: String) -> Refusal {
            Refusal(
                .unavailable,
                """
                The artifact "\(artifact)" of "\(plan.label)" cannot be read from "\(path)": \
                \(reason). Restore the file.
                """
            )
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refused(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw refused("it is no file")
        }
        guard facts.st_size <= Self.mostBytes else { throw refused("it is larger than 2 GB") }
        let size = Int(facts.st_size)
        var failure: String?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if got < 0 && errno == EINTR { continue }
                if got <= 0 {
                    failure = got == 0 ? "it ends early" : String(cString: strerror(errno))
                    return
                }
                count += got
            }
        }
        if let failure { throw refused(failure) }
        return bytes
    }

    private func decode<Value: Decodable>(
        _ name: String,
        of plan: DeploymentPlan,
        from files: [String: [UInt8]]
    ) throws(Refusal) -> Value {
        guard let bytes = files[name] else { throw lacks(name, plan) }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw Refusal(
                .corrupt,
                "The artifact \"\(name)\" of \"\(plan.label)\" is not understood. Train it again."
            )
        }
    }

    private func lacks(_ name: String, _ plan: DeploymentPlan) -> Refusal {
        Refusal(
            .corrupt,
            "The version \"\(plan.label)\" has no artifact \"\(name)\". Train it again."
        )
    }

    /// The range the histogram of predictions covers.
    private func scoreRange(of task: ModelTask, _ golden: GoldenRows) -> ClosedRange<Double> {
        guard task == .regression, let low = golden.scores.min(), let high = golden.scores.max(),
            low < high
        else { return 0...1 }
        return low...high
    }

    /// Scores the rows kept at training on the road every request takes.
    private func prove(_ model: ScoringModel, with golden: GoldenRows) throws {
        let label = "\(model.name) v\(model.version)"
        guard !golden.rows.isEmpty, golden.rows.count == golden.scores.count,
            golden.rows.allSatisfy({ $0.count == golden.columns.count })
        else {
            throw Refusal(
                .corrupt,
                """
                The rows kept at the training of "\(label)" cannot prove anything: they are none \
                or do not fit their scores. It is not served; train it again.
                """
            )
        }
        let scores: [Float]
        do {
            scores = try model.scores(of: try RowBatch(golden: golden, for: model), lane: 0)
        } catch let refusal as RequestRefusal {
            throw Refusal(
                .corrupt,
                "The rows kept at the training of \"\(label)\" do not fit it. \(refusal.message)"
            )
        }
        for (row, (score, expected)) in zip(scores, golden.scores).enumerated() {
            let difference = abs(Double(score) - expected)
            guard difference <= golden.tolerance else {
                throw Refusal(
                    .corrupt,
                    """
                    "\(label)" does not score row \(row) kept at training as it did then: the \
                    difference is \(difference), and \(golden.tolerance) is allowed. It is not \
                    served; check how its model file was made.
                    """
                )
            }
        }
    }
}

func sha256(_ bytes: [UInt8]) -> Domain.Digest {
    Domain.Digest(sha256: SHA256.hash(data: bytes))
}

extension DeploymentPlan {
    /// `late-flights v2`, for sentences.
    var label: String { "\(model) v\(version)" }
}

extension RowBatch {
    /// Rows as text cells, such as those kept at training.
    init(golden: GoldenRows, for model: ScoringModel) throws(RequestRefusal) {
        self.init(for: model)
        var targets: [Target] = []
        for name in golden.columns {
            let bytes = Array(name.utf8)
            targets.append(target(bytes.span, 0, bytes.count, hint: -1))
        }
        for (row, cells) in golden.rows.enumerated() {
            try addRow()
            for (target, cell) in zip(targets, cells) {
                guard case .column(let position) = target else { continue }
                let bytes = Array((cell ?? "").utf8)
                let kind: CellKind = cell == nil ? .null : .plain
                let scanned = ScannedCell(kind: kind, start: 0, end: bytes.count)
                set(row, position, bytes.span, scanned)
            }
        }
        try check()
    }
}
