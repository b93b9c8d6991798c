import Domain
import EngineAPI
import Storage

/// The model card: what the pipeline file says for people, with the facts the store has.
extension Engine {
    func card(of model: String, version number: Int?) async throws -> ModelCard {
        guard let row = try await modelRow(model), let newest = row.champion ?? row.latest else {
            throw Refusal(
                .notFound,
                """
                "\(model)" has no version to make a card of. "binnacle models" lists the models \
                there are.
                """
            )
        }
        let version = try await store.modelVersion(model: model, number: number ?? newest)
        let run = try await store.run(version.run)
        let data = try await store.datasetVersion(run.data)
        let text = run.pipeline.card ?? CardText()
        let approvals = try await store.approvals(of: model, version: version.number)
        let deployments = try await store.deployments().filter { deployment in
            deployment.model == model
                && deployment.revisions.contains { $0.version == version.number }
        }
        let entry = try await store.modelEntry(of: model)
        return ModelCard(
            model: model,
            version: version.number,
            stage: text.stage ?? (deployments.isEmpty ? .modelling : .deployment),
            sections: [
                purposeSection(text, entry),
                dataSection(text, data, run),
                metricsSection(version.report),
                limitsSection(text, row),
                trainingSection(version, run),
                approvalSection(approvals),
                deploymentSection(deployments, version: version.number),
            ]
        )
    }

    private func purposeSection(_ text: CardText, _ entry: ModelEntry) -> ModelCard.Section {
        var section = ModelCard.Section("Business purpose and intended use")
        section.sentences = [text.purpose, entry.description].filter { !$0.isEmpty }
        if section.sentences.isEmpty {
            section.sentences = [
                "The pipeline file says nothing: add \"card.purpose\" to \"binnacle.yaml\"."
            ]
        }
        if !text.intendedUse.isEmpty {
            section.facts.append(ModelCard.Fact("intended use", text.intendedUse))
        }
        if !text.outOfScope.isEmpty {
            section.facts.append(ModelCard.Fact("not for", text.outOfScope))
        }
        section.facts.append(ModelCard.Fact("owner", entry.owner))
        section.facts.append(
            ModelCard.Fact("contact", text.contact.isEmpty ? entry.owner : text.contact)
        )
        if !entry.tags.isEmpty {
            let tags = entry.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            section.facts.append(ModelCard.Fact("tags", tags.joined(separator: ", ")))
        }
        return section
    }

    private func dataSection(
        _ text: CardText,
        _ data: DatasetVersion,
        _ run: Run
    ) -> ModelCard.Section {
        var section = ModelCard.Section(
            "Data",
            sentences: text.data.isEmpty ? [] : [text.data],
            facts: [
                ModelCard.Fact("dataset", "\(data.dataset) v\(data.number) (\(data.id))"),
                ModelCard.Fact("digest", data.digest.text),
                ModelCard.Fact("rows", "\(data.rows), and \(data.badRows) bad ones left out"),
                ModelCard.Fact("columns", data.columns.map(\.name).joined(separator: ", ")),
                ModelCard.Fact("source", data.source),
                ModelCard.Fact("target", run.pipeline.data.target),
            ]
        )
        if !run.pipeline.data.exclude.isEmpty {
            let names = run.pipeline.data.exclude.joined(separator: ", ")
            section.facts.append(ModelCard.Fact("not shown to the model", names))
        }
        for count in run.record?.cleaning ?? [] {
            section.facts.append(ModelCard.Fact(count.step, "\(count.rows) rows"))
        }
        return section
    }

    private func metricsSection(_ report: ValidationReport) -> ModelCard.Section {
        var section = ModelCard.Section("Metrics on rows it has not seen")
        let from = report.holdoutStart?.dateText ?? "?"
        let to = report.holdoutEnd?.dateText ?? "?"
        let against = report.championVersion.map { "compared with v\($0)" } ?? "no older model"
        section.sentences = ["\(report.holdoutRows) holdout rows, \(from) to \(to), \(against)."]
        for one in report.comparisons {
            let interval = one.candidateInterval
            var value = "\(decimals(one.candidate, 4)) "
            value += "[\(decimals(interval.low, 4)), \(decimals(interval.high, 4))]"
            if let champion = one.champion, let difference = one.difference {
                value += ", was \(decimals(champion, 4)), \(signed(difference, 4))"
            }
            section.facts.append(ModelCard.Fact(one.metric.rawValue, value))
        }
        section.facts.append(ModelCard.Fact("verdict", report.verdict.words))
        return section
    }

    private func limitsSection(_ text: CardText, _ row: ModelRow) -> ModelCard.Section {
        var section = ModelCard.Section("Limits", sentences: text.limits)
        if text.limits.isEmpty {
            section.sentences = ["None are written down: \"card.limits\" in \"binnacle.yaml\"."]
        }
        if let drift = row.drift, let share = row.driftedShare {
            let worst = row.worstFeature.map { ", most of all \($0)" } ?? ""
            section.facts.append(
                ModelCard.Fact(
                    "drift of production data",
                    "\(drift.rawValue): \(decimals(share * 100, 0)) % of features\(worst)"
                )
            )
        }
        if let value = row.currentValue, let metric = row.metric {
            section.facts.append(
                ModelCard.Fact("\(metric.rawValue) in production", decimals(value, 4))
            )
        }
        return section
    }

    private func trainingSection(_ version: ModelVersion, _ run: Run) -> ModelCard.Section {
        var section = ModelCard.Section(
            "Training",
            facts: [
                ModelCard.Fact("run", "\(run.id), \(run.trigger.rawValue): \(run.cause)"),
                ModelCard.Fact("code", run.code.commit ?? "in no git repository"),
                ModelCard.Fact("bundle", version.bundleDigest.text),
                ModelCard.Fact("made", "\(version.createdAt) by \(version.actor)"),
            ]
        )
        if let record = run.record {
            section.facts.append(
                ModelCard.Fact(
                    "trainer",
                    "\(record.trainerVersion), \(record.trainingRows) rows on \(record.host)"
                )
            )
        }
        return section
    }

    private func approvalSection(_ approvals: [Approval]) -> ModelCard.Section {
        var section = ModelCard.Section("Approvals")
        if approvals.isEmpty { section.sentences = ["Nobody was asked to approve it."] }
        for approval in approvals {
            let decisions = approval.decisions.map { decision in
                let own = decision.isSelfApproval ? ", their own request" : ""
                let reason = decision.reason.isEmpty ? "" : " (\(decision.reason))"
                return "\(decision.answer.rawValue) by \(decision.actor) "
                    + "\(decision.decidedAt)\(own)\(reason)"
            }
            section.facts.append(
                ModelCard.Fact(
                    "\(approval.environment), \(approval.id)",
                    ([approval.status.rawValue] + decisions).joined(separator: "; ")
                )
            )
        }
        return section
    }

    private func deploymentSection(
        _ deployments: [Deployment],
        version: Int
    ) -> ModelCard.Section {
        var section = ModelCard.Section("Deployments")
        if deployments.isEmpty { section.sentences = ["It has not served anywhere."] }
        for deployment in deployments {
            let isServing = deployment.current.version == version
            let since = deployment.revisions.last { $0.version == version }?.at
            section.facts.append(
                ModelCard.Fact(
                    deployment.environment,
                    isServing
                        ? "serves since \(since.map(\.description) ?? "?")"
                        : "has served; v\(deployment.current.version) serves now"
                )
            )
        }
        return section
    }
}
