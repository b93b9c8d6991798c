import Domain
import EngineAPI
import FoundationEssentials
import Logging
import Storage

/// From a registered version to a serving one: evidence, approval, deployment.
extension Engine {
    /// How long a deploy or rollback order waits for the scoring process, in seconds.
    static let servingTimeoutSeconds: Double = 20

    /// What follows a finished run: the monitor is told, and unattended releases go out.
    func release(after run: Run) async {
        guard case .registered(_, let number) = run.status else { return }
        do {
            try await releases.open(ReleaseStage.afterRegistration, of: run.model, number)
        } catch {
            log.error("The release of \(run.model) v\(number) cannot begin: \(error)")
        }
        do {
            try await proposePolicies(of: run, by: run.actor)
        } catch {
            log.error("The policies that \(run.id) came with cannot be proposed: \(error)")
        }
        await deployWhatIsApproved()
    }

    /// Asks for the approval of a registered version in the first environment of its pipeline,
    /// once: what was asked before is named instead.
    func requestApproval(of version: ModelVersion) async throws -> ReleaseOutcome {
        let run = try await store.run(version.run)
        guard let environment = run.pipeline.environments.first else {
            return ReleaseOutcome("its pipeline names no environment to be released to")
        }
        let known = try await store.approvals(openOnly: false, limit: 10_000).first {
            $0.kind == .release && $0.model == version.model && $0.version == version.number
                && $0.environment == environment.name
        }
        if let known { return ReleaseOutcome("\(known.id) asks for it already") }
        let draft = try await approvalDraft(
            for: version,
            of: run,
            environment: environment,
            requester: run.actor
        )
        let opened = try await store.openApproval(draft, by: run.actor, at: settings.now())
        events.publish(opened.events)
        if opened.value.status == .approved { await deployWhatIsApproved() }
        return ReleaseOutcome(
            "\(opened.value.id) asks for \(environment.name), with \(draft.evidence.count) items of "
                + "evidence"
        )
    }

    /// Deploys the newest approved release of every environment that has not been deployed: after an
    /// approval, after registration where the policy asks nobody, and after a crash between the two.
    ///
    /// Older approved ones that never came to be deployed stay so: to put one in place of what came
    /// after it is a person's order. One that cannot be deployed holds no other one up.
    func deployWhatIsApproved() async {
        do {
            for approval in try await releasesToDeploy() {
                // Held, outside of hours, void or too old: it goes when and if its policy lets it.
                if try await obstacleToDeploy(approval) != nil { continue }
                let actor = approval.decisions.last?.actor ?? .engine
                do {
                    try await deploy(approval, reason: .deploy, note: "", by: actor)
                } catch {
                    log.error("Deploying \(approval.title), which is approved, failed: \(error)")
                    try await alertOwner(of: approval, to: error)
                }
            }
        } catch {
            log.error("What is approved to be deployed cannot be read: \(error)")
        }
    }

    /// Tells the owner once that an approved release did not come to be deployed.
    private func alertOwner(of approval: Approval, to error: any Error) async throws {
        let subject = approval.id.text
        let open = try await store.alerts(openOnly: true, limit: 1_000)
        guard !open.contains(where: { $0.rule == .failure && $0.subject == subject }) else {
            return
        }
        let reason = (error as? Refusal)?.message ?? "\(error)"
        let now = settings.now()
        let committed = try await store.openAlert(
            AlertDraft(
                rule: .failure,
                severity: .critical,
                model: approval.model,
                subject: subject,
                owner: try await store.owner(of: approval.model) ?? "",
                startedAt: now,
                dataTime: now,
                message: "\(approval.title) is approved but was not deployed. \(reason)",
                status: .firing
            )
        )
        events.publish(committed.events)
    }

    private func releasesToDeploy() async throws -> [Approval] {
        let deployments = try await store.deployments()
        let done = Set(deployments.flatMap { $0.revisions.map(\.approval) })
        let granted = try await store.approvals(openOnly: false, limit: 1_000)
            .filter { $0.grantedAt != nil && $0.kind == .release }
        let places = Dictionary(grouping: granted) { [$0.model, $0.environment] }
        return places.values
            .compactMap { $0.max(by: isGrantedBefore) }
            .filter { approval in
                guard approval.status == .approved else { return false }
                let serving = deployments.first {
                    $0.model == approval.model && $0.environment == approval.environment
                }
                return !done.contains(approval.id)
                    && serving?.current.bundleDigest != approval.bundleDigest
            }
            .sorted { $0.id < $1.id }
    }

    /// Puts an approved version into its environment and keeps its process.
    @discardableResult
    func deploy(
        _ approval: Approval,
        reason: DeploymentRevision.Reason,
        note: String,
        by actor: Actor
    ) async throws -> Deployment {
        let version = try await store.modelVersion(model: approval.model, number: approval.version)
        for digest in version.artifacts.values { try store.blobs.verify(digest) }
        let committed = try await store.deploy(
            version: version,
            environment: approval.environment,
            approval: approval.id,
            reason: reason,
            note: note,
            by: actor,
            at: settings.now()
        )
        events.publish(committed.events)
        await supervisor.keep(committed.value.id)
        if !settings.servesDeployments { try await noteServed(approval.id) }
        try await releases.open(
            ReleaseStage.afterDeployment,
            of: version.model,
            version.number,
            place: "\(committed.value.id) #\(committed.value.current.number)",
            by: actor
        )
        try await monitor.versionChanged(of: approval.model, to: version.number)
        return committed.value
    }

    /// The release request of a version, with its evidence.
    func approvalDraft(
        for version: ModelVersion,
        of run: Run,
        environment: EnvironmentPolicy,
        requester: Actor
    ) async throws -> ApprovalDraft {
        let inForce = try await store.policy(of: version.model, in: environment.name)
        let policy = inForce?.policy ?? environment
        var evidence = try await evidence(for: version, run: run, environment: policy)
        evidence.append(try policyItem(policy))
        return ApprovalDraft(
            model: version.model,
            version: version.number,
            environment: environment.name,
            bundleDigest: version.bundleDigest,
            evidence: evidence,
            evidenceDigest: sha256(try canonicalJSON(evidence)),
            policy: policy,
            isUnattended: run.trigger == .alert && policy.retrainsUnattended,
            requester: requester,
            authors: [run.actor, version.actor].filter { $0 != .engine },
            expiresAt: settings.now().adding(seconds: policy.requestSeconds)
        )
    }

    /// Waits for the process after a deploy or rollback; refuses with its own words when it fails.
    func serving(_ deployment: Deployment) async throws -> DeploymentRow {
        let current = deployment.current
        guard settings.servesDeployments else { return try await row(of: deployment) }
        let isServing = await supervisor.waitUntilServing(
            current.bundleDigest,
            in: deployment.id,
            seconds: Engine.servingTimeoutSeconds
        )
        let row = try await row(of: try await store.deployment(deployment.id))
        guard isServing else {
            throw Refusal(
                .unavailable,
                """
                "\(deployment.model) v\(current.version)" is recorded for "\(deployment.environment)" \
                but does not answer yet. \(row.health.problem ?? "Look at the deployment's log.")
                """
            )
        }
        return row
    }

    func row(of deployment: Deployment) async throws -> DeploymentRow {
        let waiting = try await store.approvals(openOnly: true, limit: 1_000)
            .first {
                $0.kind == .release && $0.model == deployment.model
                    && $0.environment == deployment.environment
            }
        let owner = try await store.owner(of: deployment.model) ?? ""
        var row = DeploymentRow(
            deployment: deployment,
            health: await supervisor.health(of: deployment),
            owner: owner,
            waiting: waiting?.version
        )
        if let traffic = await monitor.traffic[deployment.id] {
            row.lastRequestAt = traffic.hasRequests ? traffic.busyAt : nil
            row.requestsPerMinute = traffic.requestsPerMinute
        }
        return row
    }
}

/// Whether an approval was granted before another.
private func isGrantedBefore(_ left: Approval, _ right: Approval) -> Bool {
    guard let first = left.grantedAt, let second = right.grantedAt, first != second else {
        return left.id < right.id
    }
    return first < second
}

/// JSON with sorted keys and no escaped slashes: the bytes a digest is made of.
func canonicalJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
}
