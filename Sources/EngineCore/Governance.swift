package import Domain
package import EngineAPI
import Logging
import Storage
import Synchronization

/// What policies ask beside approvals: changes of themselves, holds, hours, broken glass, and to
/// be asked again.
extension Engine {
    /// Seconds between two looks at what is due.
    private static let lookSeconds: Double = 15

    /// Looks at what is due until the engine stops.
    func keepTime() async {
        while (try? await Task.sleep(for: .seconds(Engine.lookSeconds))) != nil {
            await takeWhatIsDue()
        }
    }

    /// Expires, checks again, recertifies, warns and deploys what has become due by now.
    ///
    /// One look after the other: what two found to be due at once would be done twice.
    func takeWhatIsDue() async {
        let look = dueWork.withLock { newest in
            let before = newest
            let look = Task {
                await before?.value
                await takeAllThatIsDue()
            }
            newest = look
            return look
        }
        await look.value
    }

    private func takeAllThatIsDue() async {
        do {
            try await expireRequests()
            try await askForRecertification()
            try await askForReviews()
            try await warnOfBrokenGlass()
        } catch {
            log.error("What is due cannot be taken: \(error)")
        }
        await deployWhatIsApproved()
        await monitor.watchSilence()
    }

    /// Why an approved release does not go at this moment; nil when it may.
    func obstacleToDeploy(_ approval: Approval) async throws -> Refusal? {
        let failed = try await store.alerts(openOnly: true, limit: 1_000)
            .contains { $0.rule == .failure && $0.subject == approval.id.text }
        if failed, !approval.hasBrokenGlass {
            return Refusal(.conflict, "\(approval.title) failed to deploy; its alert is open.")
        }
        let version = try await store.modelVersion(
            model: approval.model,
            number: approval.version
        )
        let now = settings.now()
        return approval.obstacleToDeploy(
            at: now,
            policy: try await store.policy(of: approval.model, in: approval.environment)?.digest,
            checks: try await store.releaseChecks(approval.policy, for: version, at: now)
        )
    }

    func noteServed(_ approval: ID<Approval>) async throws {
        guard try await store.approval(approval).status == .deploying else { return }
        events.publish(try await store.noteServed(approval, at: settings.now()).events)
    }

    func policyItem(_ policy: EnvironmentPolicy) throws -> EvidenceItem {
        let digest = "policy \(try policyDigest(policy).short) of \(policy.name)"
        return EvidenceItem(title: "policy", lines: [digest] + policy.lines, state: .fine)
    }

    // MARK: - Changes of policy

    /// Asks, under the policy in force, for every policy of a pipeline that is another one.
    func proposePolicies(of run: Run, by actor: Actor) async throws {
        guard case .registered(_, let number) = run.status else { return }
        for proposal in run.pipeline.environments {
            guard let inForce = try await store.policy(of: run.model, in: proposal.name),
                inForce.policy != proposal
            else { continue }
            let waiting = try await store.approvals(openOnly: true, limit: 10_000).contains {
                $0.kind == .policy && $0.model == run.model && $0.proposal == proposal
            }
            if waiting { continue }
            let evidence = [policyChangeItem(from: inForce, to: proposal)]
            let now = settings.now()
            let draft = ApprovalDraft(
                kind: .policy,
                model: run.model,
                version: number,
                environment: proposal.name,
                bundleDigest: try policyDigest(proposal),
                evidence: evidence,
                evidenceDigest: sha256(try canonicalJSON(evidence)),
                policy: inForce.policy,
                proposal: proposal,
                requester: actor,
                authors: [run.actor].filter { $0 != .engine },
                expiresAt: now.adding(seconds: inForce.policy.requestSeconds)
            )
            events.publish(try await store.openApproval(draft, by: actor, at: now).events)
        }
    }

    private func policyChangeItem(
        from record: PolicyRecord,
        to proposal: EnvironmentPolicy
    ) -> EvidenceItem {
        let before = record.policy.lines
        let after = proposal.lines
        let gone = before.filter { !after.contains($0) }.map { "- \($0)" }
        let new = after.filter { !before.contains($0) }.map { "+ \($0)" }
        let same = after.filter(before.contains).map { "  \($0)" }
        return EvidenceItem(
            title: "change",
            lines: ["in force \(record.digest.short) since \(record.at)"] + gone + new + same,
            state: .warning
        )
    }

    // MARK: - Asked again

    private func askForRecertification() async throws {
        let now = settings.now()
        for deployment in try await store.deployments() {
            let environment = deployment.environment
            guard let record = try await store.policy(of: deployment.model, in: environment),
                let period = record.policy.recertifySeconds
            else { continue }
            let serving = try await store.approval(deployment.current.approval)
            let earlier = try await store.approvals(openOnly: false, limit: 10_000).filter {
                $0.kind == .recertification && $0.model == deployment.model
                    && $0.environment == environment && $0.version == deployment.current.version
            }
            let certified = (earlier + [serving]).compactMap(\.grantedAt).max()
            guard let certified, now > certified.adding(seconds: period),
                !earlier.contains(where: {
                    $0.createdAt.adding(seconds: record.policy.requestSeconds) >= now
                })
            else { continue }
            let days = Int(now.seconds(since: certified) / Timestamp.day)
            let why = "It was last approved on \(certified.dateText), \(days) days ago."
            let draft = try await askAgain(.recertification, of: serving, record.policy, why)
            events.publish(try await store.openApproval(draft, by: .engine, at: now).events)
        }
    }

    /// A review that nobody answered in time is asked for again: what was let in goes on serving.
    private func askForReviews() async throws {
        for emergency in try await emergencies() {
            let approval = emergency.approval
            let newest = try await store.approvals(of: approval.model, version: approval.version)
                .last { $0.kind == .review && $0.about == approval.id }
            guard newest?.status == .expired,
                let broken = approval.decisions.last(where: { $0.answer == .override }),
                let record = try await store.policy(of: approval.model, in: approval.environment)
            else { continue }
            var draft = try await askAgain(
                .review,
                of: approval,
                record.policy,
                """
                \(broken.actor) broke the glass at \(broken.decidedAt): \(broken.reason) \
                Nobody answered the review before.
                """
            )
            draft.authors = [broken.actor]
            events.publish(
                try await store.openApproval(draft, by: .engine, at: settings.now()).events
            )
        }
    }

    /// A request to look again at what serves, with what is known now as its evidence.
    private func askAgain(
        _ kind: ApprovalKind,
        of approval: Approval,
        _ policy: EnvironmentPolicy,
        _ why: String
    ) async throws -> ApprovalDraft {
        let version = try await store.modelVersion(
            model: approval.model,
            number: approval.version
        )
        let run = try await store.run(version.run)
        var evidence = [EvidenceItem(title: kind.rawValue, lines: [why], state: .warning)]
        evidence += try await self.evidence(for: version, run: run, environment: policy)
        evidence.append(try policyItem(policy))
        return ApprovalDraft(
            kind: kind,
            model: approval.model,
            version: approval.version,
            environment: approval.environment,
            bundleDigest: approval.bundleDigest,
            evidence: evidence,
            evidenceDigest: sha256(try canonicalJSON(evidence)),
            policy: policy,
            about: approval.id,
            requester: .engine,
            expiresAt: settings.now().adding(seconds: policy.requestSeconds)
        )
    }

    // MARK: - Broken glass

    func breakGlass(_ request: BreakGlass, by caller: Caller) async throws -> Approval {
        let version = try await store.modelVersion(model: request.model, number: request.version)
        let run = try await store.run(version.run)
        let inForce = try await store.policy(of: request.model, in: request.environment)?.policy
        let named = run.pipeline.environments.first { $0.name == request.environment }
        guard let policy = inForce ?? named else {
            throw Refusal(
                .notFound,
                "\"\(request.model)\" has no environment \"\(request.environment)\"."
            )
        }
        guard let rule = policy.breakGlass else {
            throw Refusal(
                .forbidden,
                """
                The policy of "\(policy.name)" has no "break_glass": nobody may go around its \
                approvals.
                """
            )
        }
        guard !caller.roles.isDisjoint(with: rule.roles) else {
            throw Refusal(
                .forbidden,
                """
                To break the glass of "\(policy.name)" needs \(neededRolesText(rule.roles)), \
                which "\(caller.actor)" has not.
                """
            )
        }
        guard request.reason.split(separator: " ").count >= 3 else {
            throw Refusal(
                .invalid,
                "To break the glass needs a reason of three words or more. Say what happens."
            )
        }
        let approval = try await openRequest(for: version, of: run, policy, by: caller.actor)
        let now = settings.now()
        var draft = try await askAgain(
            .review,
            of: approval,
            policy,
            "\(caller.actor) broke the glass at \(now): \(request.reason)"
        )
        draft.authors = [caller.actor]
        let decision = Decision(
            answer: .override,
            reason: String(request.reason.prefix(2_000)),
            actor: caller.actor,
            bundleDigest: approval.bundleDigest,
            evidenceDigest: approval.evidenceDigest,
            decidedAt: now,
            isSelfApproval: approval.isAuthor(caller.actor),
            client: caller.client,
            roles: caller.roles
        )
        let committed = try await store.breakGlass(
            approval.id,
            decision,
            until: now.adding(seconds: rule.seconds),
            review: draft
        )
        events.publish(committed.events)
        await deployWhatIsApproved()
        return try await store.approval(approval.id)
    }

    private func openRequest(
        for version: ModelVersion,
        of run: Run,
        _ policy: EnvironmentPolicy,
        by actor: Actor
    ) async throws -> Approval {
        let known = try await store.approvals(openOnly: false, limit: 10_000).first {
            $0.kind == .release && $0.model == version.model && $0.version == version.number
                && $0.environment == policy.name && ($0.status.isOpen || $0.status == .approved)
        }
        if let known { return known }
        let draft = try await approvalDraft(
            for: version,
            of: run,
            environment: policy,
            requester: actor
        )
        let opened = try await store.openApproval(draft, by: actor, at: settings.now())
        events.publish(opened.events)
        return opened.value
    }

    /// What serves behind a broken glass: nobody has looked at it yet, or its time is over.
    func emergencies() async throws -> [(approval: Approval, words: String)] {
        let reviews = try await store.approvals(openOnly: false, limit: 10_000)
            .filter { $0.kind == .review }
        var found: [(approval: Approval, words: String)] = []
        for deployment in try await store.deployments() {
            let approval = try await store.approval(deployment.current.approval)
            guard let until = approval.overrideUntil,
                let broken = approval.decisions.last(where: { $0.answer == .override }),
                !reviews.contains(where: { $0.about == approval.id && $0.status == .approved })
            else { continue }
            let isOver = settings.now() > until
            let second = until.floored(toSeconds: 1)
            let limit = isOver ? "since \(second) without approval" : "until \(second)"
            let words = "\(approval.title) by \(broken.actor), \(limit): \(broken.reason)"
            found.append((approval, words))
        }
        return found
    }

    /// Tells the owner once that a broken glass has run out and what it let in still serves.
    private func warnOfBrokenGlass() async throws {
        let now = settings.now()
        for emergency in try await emergencies() {
            guard let until = emergency.approval.overrideUntil, now > until else { continue }
            let id = emergency.approval.id.text + " over"
            let known = try await store.alerts(openOnly: false, limit: 10_000)
            if known.contains(where: { $0.subject == id }) { continue }
            let model = emergency.approval.model
            let committed = try await store.openAlert(
                AlertDraft(
                    rule: .failure,
                    severity: .critical,
                    model: model,
                    subject: id,
                    owner: try await store.owner(of: model) ?? "",
                    startedAt: now,
                    dataTime: now,
                    message: """
                        The break-glass is over and its version still serves: \
                        \(emergency.words). Approve its review, or roll back with B.
                        """,
                    status: .firing
                )
            )
            events.publish(committed.events)
        }
    }
}

extension BreakGlass: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> Approval {
        try await engine.breakGlass(self, by: caller)
    }
}

extension GetPolicy: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> PolicyState {
        let history = try await engine.store.policyHistory(of: model, in: environment)
        guard !history.isEmpty else {
            throw Refusal(
                .notFound,
                """
                "\(model)" has no policy for "\(environment)" yet: the first release that is \
                asked for brings it.
                """
            )
        }
        let change = try await engine.store.approvals(openOnly: true, limit: 10_000).first {
            $0.kind == .policy && $0.model == model && $0.environment == environment
        }
        return PolicyState(history: history, change: change)
    }
}
