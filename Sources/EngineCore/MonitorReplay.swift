import Domain
package import EngineAPI
import FoundationEssentials
import Monitoring
import Storage

/// What a verdict was made of beside the baseline, the policy, the rows and the earlier reports.
struct ReportEvidence: Codable {
    let subject: DriftSubject
    let window: WindowSketch
    /// Whether the version scored through the whole range.
    let isWhole: Bool
    /// Windows of earlier years that say what is usual.
    let seasons: [SeasonHistory.Window]
    let service: ServiceFacts?
}

extension Monitor {
    /// The report that follows from its evidence, with the digests of all it was made of.
    func verdict(
        from bytes: [UInt8],
        digest: Digest,
        state: VersionState
    ) async throws -> DriftReport {
        let evidence = try JSONDecoder().decode(ReportEvidence.self, from: Data(bytes))
        let trained = state.baseline.history
        let history =
            evidence.seasons.isEmpty ? trained : trained?.adding(evidence.seasons)
        var report = try DriftReport(
            on: evidence.subject,
            baseline: state.baseline,
            window: evidence.window,
            policy: state.policy,
            expected: ExpectedPerformance(state.version.report),
            history: history
        )
        if !evidence.isWhole { report = report.withoutVerdict() }
        report.causes = try await causes(
            of: report,
            state: state,
            service: evidence.service,
            history: history
        )
        guard let baseline = state.version.artifacts[ArtifactName.baseline] else { return report }
        report.inputs = ReportInputs(
            baseline: baseline,
            policy: sha256(try canonicalJSON(state.policy)),
            evidence: digest
        )
        return report
    }

    /// Makes a stored verdict again from what it was made of, and compares.
    func replay(_ stored: DriftReport) async throws -> ReplayedReport {
        guard let inputs = stored.inputs else {
            throw Refusal(
                .notFound,
                """
                The report of "\(stored.model)" for \(stored.windowStart) was made before \
                verdicts kept what they were made of, so it cannot be made again.
                """
            )
        }
        let state = try await versionState(stored.model, stored.version)
        let replayed = try await verdict(
            from: try store.blobs.read(inputs.evidence),
            digest: inputs.evidence,
            state: state
        )
        return ReplayedReport(
            stored: stored,
            storedDigest: sha256(try canonicalJSON(stored)),
            replayedDigest: sha256(try canonicalJSON(replayed)),
            firstDifference: Self.difference(stored, replayed)
        )
    }

    /// The first part that is not the same, in the order in which a verdict is made.
    private static func difference(_ stored: DriftReport, _ replayed: DriftReport) -> String? {
        if stored.inputs != replayed.inputs { return "what it was made of" }
        for (left, right) in zip(stored.features, replayed.features) where left != right {
            return "the feature \"\(left.feature)\""
        }
        if stored.features.count != replayed.features.count { return "the watched features" }
        if stored.prediction != replayed.prediction { return "the scores" }
        if stored.performance != replayed.performance { return "the performance" }
        if stored.estimate != replayed.estimate { return "the estimated performance" }
        if stored.scoreShift != replayed.scoreShift { return "what moved the scores" }
        if stored.verdict != replayed.verdict { return "the verdict" }
        if stored.causes != replayed.causes {
            return "the causes, which also look at rows and reports that may have come since"
        }
        return stored == replayed ? nil : "the range"
    }
}

extension ReplayDriftReport: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> ReplayedReport {
        let found = try await engine.store.driftReports(
            model: model,
            version: version,
            from: windowStart,
            to: windowStart.adding(seconds: 1e-6),
            limit: 1
        )
        guard let stored = found.first else {
            throw Refusal(
                .notFound,
                """
                "\(model)" has no report of the window that begins at \(windowStart). "binnacle \
                drift \(model) --history" lists them.
                """
            )
        }
        return try await engine.monitor.replay(stored)
    }
}
