import Domain
import EngineAPI
import Terminal

/// What changes something: what it needs, how it is asked, how long it is held.
extension RoomState {
    /// Why a command cannot be run now, as a sentence; nil when it can.
    func obstacle(to command: Command) -> String? {
        if KeyTable.acts.contains(command) {
            if let reason = obstacleToAll { return reason }
            if let obstacle = roleObstacle(to: command) { return obstacle }
        }
        let focus = focus
        switch command {
        case .approve where focus.marked.count > 1: return batchObstacle(focus.marked)
        case .approve, .reject, .requestChanges, .revoke:
            return focus.decisionObstacle(to: command)
                ?? slotObstacle(to: command, focus.approval)
        case .acknowledge: return focus.alertObstacle
        case .mute:
            guard let alert = focus.alert else { return localized("No alert is under the cursor.") }
            return alert.isOpen ? nil : localized("\(alert.id) is resolved; nothing to mute.")
        case .testReceiver: return receiverObstacle
        case .cancelJob:
            guard let job = focus.job else { return localized("No job is under the cursor.") }
            return job.status.isOpen
                ? nil
                : localized("\(job.id) is \(localized(word: job.status.name)); nothing to cancel.")
        case .deploy: return deployObstacle(focus)
        case .requestRelease, .setAlias:
            return focus.version == nil
                ? localized("Open a model and put the cursor on a version first (Enter).") : nil
        case .rollBack: return rollBackObstacle(focus)
        case .breakGlass: return glassObstacle(focus)
        case .train:
            return world.knownModels.isEmpty
                ? localized(
                    "No models yet. Train one: binnacle train PROJECT, or :train /path/to/project."
                )
                : nil
        case .undo:
            return held == nil ? localized("Nothing is held; an act that was sent stays.") : nil
        default: return nil
        }
    }

    /// Which role a command needs that the user has not, such as `approve needs the role approver.`
    private func roleObstacle(to command: Command) -> String? {
        guard let principal = world.overview?.principal, let permission = command.permission,
            !principal.may(permission)
        else { return nil }
        return localized(
            "\(command.rawValue) needs \(permission.rolesText); you have none of that here."
        )
    }

    /// Why nothing that changes something can be done now; nil when it can.
    var obstacleToAll: String? {
        if settings.isReadOnly { return localized("This control room is read-only.") }
        if lostReason != nil {
            return localized("The engine does not answer; nothing can be sent now.")
        }
        if let date = world.pastDate {
            return localized("You look at \(date): nothing can be changed there. :now comes back.")
        }
        return nil
    }

    mutating func begin(_ command: Command) -> [Effect] {
        let focus = focus
        let isSafer = [.rollBack, .reject, .revoke, .requestChanges].contains(command)
        if let held, !isSafer {
            let left = held.secondsLeft(at: now)
            say(
                localized("\(held.order.progressWords) leaves in \(left) s; u cancels it."),
                .warning
            )
            return []
        }
        switch command {
        case .approve where focus.marked.count > 1: overlay = .version(batchDialog(focus.marked))
        case .approve: return beginApproval(focus)
        case .reject, .requestChanges, .revoke:
            if let approval = focus.approval {
                let answer: Decision.Answer =
                    switch command {
                    case .requestChanges: .requestChanges
                    case .revoke: .revoke
                    default: .reject
                    }
                overlay = .reason(
                    ReasonPrompt(approval: approval, answer: answer, reading: focus.reading)
                )
            }
        case .acknowledge:
            guard let alert = focus.alert else { return [] }
            return ask(
                localized("Acknowledge \(alert.id) of \(alert.model)?"),
                .acknowledge(alert.id)
            )
        case .mute:
            guard let alert = focus.alert else { return [] }
            if alert.isMuted(at: now) {
                return ask(
                    localized("End the muting of \(alert.id)?"),
                    .mute(alert.id, seconds: nil)
                )
            }
            overlay = .picker(Picker(kind: .mute(alert)))
        case .testReceiver: return pickReceiver()
        case .cancelJob:
            guard let job = focus.job else { return [] }
            return ask(localized("Cancel \(job.id), \(job.title)?"), .cancel(job.id))
        case .train:
            overlay = trainingForm(focus).map { .training($0) }
            return feed.want([.datasets])
        case .requestRelease:
            guard let model = focus.model, let version = focus.version else { return [] }
            let environment = environment(of: model)
            return ask(
                localized("Ask for the release of \(model) v\(version) → \(environment)?"),
                .requestRelease(model: model, version: version, environment: environment)
            )
        case .setAlias:
            guard let model = focus.model, let version = focus.version else { return [] }
            overlay = .alias(AliasPrompt(model: model, version: version))
        case .deploy: return beginDeployment(focus)
        case .rollBack: return beginRollBack(focus)
        case .breakGlass: beginBreakGlass(focus)
        default: break
        }
        return []
    }

    mutating func ask(
        _ question: String,
        _ order: Order,
        obstacle command: Command? = nil
    ) -> [Effect] {
        if obstacleToAll != nil, let command, let obstacle = obstacle(to: command) {
            say(obstacle, .warning)
        } else {
            overlay = .strip(ConfirmStrip(question: question, order: order))
        }
        return []
    }

    // MARK: - Held orders

    mutating func confirm(_ order: Order) -> [Effect] {
        if lostReason != nil {
            say(localized("Not sent, the engine does not answer: \(order.progressWords)."), .bad)
            return []
        }
        if order.isUrgent || settings.holdSeconds <= 0 { return send(order) }
        held = HeldOrder(order: order, leavesAt: now.adding(seconds: settings.holdSeconds))
        return schedule(within: min(1, settings.holdSeconds))
    }

    mutating func release(_ held: HeldOrder) -> [Effect] {
        self.held = nil
        if lostReason != nil {
            say(
                localized("Not sent, the engine does not answer: \(held.order.progressWords)."),
                .bad
            )
            return []
        }
        return send(held.order)
    }

    private mutating func send(_ order: Order) -> [Effect] {
        if case .subcommand(let words) = order { return run(Subcommand(words: words)) }
        say(localized("Sent: \(order.progressWords)."), .accent)
        return [.send(.order(order))]
    }

    mutating func undo() {
        guard let held else { return }
        self.held = nil
        say(localized("Cancelled, nothing was sent: \(held.order.progressWords)."), .ok)
    }

    /// Whether a decision is being made or held, so that other people's decisions matter.
    var isDeciding: Bool { decidingApproval != nil }

    private var decidingApproval: ID<Approval>? {
        switch overlay {
        case .reason(let prompt): return prompt.approval.id
        case .version(let dialog):
            if case .approve(let approval, _) = dialog.kind { return approval.id }
        case .strip(let strip):
            if case .decide(let id, _, _, _, _, _, _) = strip.order { return id }
        default: break
        }
        if case .decide(let id, _, _, _, _, _, _) = held?.order { return id }
        // Of several the engine says which one somebody else decided first.
        return nil
    }

    /// What is granted can still be revoked, so that its state does not close the prompt.
    private var isRevoking: Bool {
        if case .reason(let prompt) = overlay { prompt.answer == .revoke } else { false }
    }

    /// Closes a dialog, and lets go of a held decision, once somebody else was first.
    mutating func dropWhatOthersDecided() {
        guard let id = decidingApproval,
            let approval = world.approvals?.first(where: { $0.id == id }),
            !approval.status.isOpen, !isRevoking
        else { return }
        overlay = nil
        held = nil
        let first = approval.decisions.last.map {
            localized(" by \($0.actor) at \($0.decidedAt.timeText)")
        }
        say(
            localized(
                "\(approval.title) was \(localized(word: approval.status.words))\(first ?? "") first. "
                    + "Nothing was sent."
            ),
            .warning
        )
    }

    // MARK: - Beginning

    private mutating func beginApproval(_ focus: Focus) -> [Effect] {
        if view != .inbox, let id = focus.approvalID {
            trail.append(view)
            say(localized("Read the evidence first: e opens it piece by piece, then A."))
            return go(.approval(id))
        }
        guard let approval = focus.approval else { return [] }
        let order = approval.approvalOrder(reading: focus.reading)
        guard EnvironmentPolicy.isProduction(approval.environment) else {
            return ask(localized("Approve \(approval.title)?"), order)
        }
        overlay = .version(
            VersionDialog(
                title: localized("Approve \(approval.title)?"),
                lines: approvalLines(approval),
                expected: "v\(approval.version)",
                kind: .approve(approval, reading: focus.reading)
            )
        )
        return []
    }

    private func approvalLines(_ approval: Approval) -> [StyledText] {
        let count = approval.evidence.count
        let missing = approval.approvalsNeeded - approval.approvals
        var lines = [
            StyledText(
                localized("You are \(settings.user) on \(settings.host). ")
                    + (missing > 1
                        ? localized("\(missing) approvals are missing.")
                        : lastApprovalWords(approval))
            ),
            StyledText(localized("bundle   \(approval.bundleDigest.short)")),
            StyledText(
                localized("evidence \(approval.evidenceDigest.short), \(count)/\(count) read")
            ),
        ]
        for item in approval.evidence where item.state != .fine {
            let text = "\(localized(word: item.title)): \(item.lines.first ?? "")"
            lines.append(StyledText(text, item.state == .bad ? .bad : .warning))
        }
        return lines
    }

    private func lastApprovalWords(_ approval: Approval) -> String {
        let signed =
            approval.policy.signature == .required ? localized(" Your SSH key signs it.") : ""
        guard approval.kind == .release else {
            return localized("Your approval is the last it needs.") + signed
        }
        let words =
            approval.holdUntil > now
            ? localized("Your approval deploys it at \(approval.holdUntil.timeText.prefix(5))Z.")
            : localized("Your approval deploys it.")
        return words + signed
    }

    /// Why the user cannot fill a slot of the request under the cursor.
    func slotObstacle(to command: Command, _ approval: Approval?) -> String? {
        guard command == .approve, let approval, let principal = world.overview?.principal
        else { return nil }
        return approval.obstacle(to: principal.actor, with: Set(principal.roles))
    }

    private mutating func beginDeployment(_ focus: Focus) -> [Effect] {
        guard let target = deployTarget(focus) else { return [] }
        let order = Order.deploy(
            model: target.model,
            version: target.version,
            environment: target.environment
        )
        let title = "\(target.model) v\(target.version) → \(target.environment)"
        guard EnvironmentPolicy.isProduction(target.environment) else {
            return ask(localized("Deploy \(title)?"), order)
        }
        var lines = [StyledText(localized("You are \(settings.user) on \(settings.host)."))]
        if let serving = focus.deployment?.deployment.current.version {
            lines.append(
                StyledText(localized("It replaces v\(serving), which stays ready for a rollback."))
            )
        }
        overlay = .version(
            VersionDialog(
                title: localized("Deploy \(title)?"),
                lines: lines,
                expected: "v\(target.version)",
                kind: .order(order)
            )
        )
        return []
    }

    private mutating func beginRollBack(_ focus: Focus) -> [Effect] {
        guard let row = deploymentRow(focus), let target = row.deployment.rollbackTarget else {
            return []
        }
        let deployment = row.deployment
        let from = deployment.current.version
        let order = Order.rollBack(
            model: deployment.model,
            environment: deployment.environment,
            from: from,
            to: target.version
        )
        let title =
            localized(
                "\(deployment.model) in \(deployment.environment): v\(from) → v\(target.version)"
            )
        guard EnvironmentPolicy.isProduction(deployment.environment) else {
            return ask(localized("Roll back \(title)?"), order)
        }
        overlay = .version(
            VersionDialog(
                title: localized("Roll back \(title)?"),
                lines: [
                    StyledText(localized("You are \(settings.user) on \(settings.host).")),
                    StyledText(
                        localized(
                            "v\(target.version) served until \(deployment.current.at.dateText) "
                                + "\(deployment.current.at.timeText)Z. It is sent at once."
                        )
                    ),
                    StyledText(localized("Type the version that serves now.")),
                ],
                expected: "v\(from)",
                kind: .order(order)
            )
        )
        return []
    }

    private func trainingForm(_ focus: Focus) -> TrainingForm? {
        let models = world.knownModels.map(\.name)
        guard !models.isEmpty else { return nil }
        let model = focus.model ?? models[0]
        return TrainingForm(
            models: models,
            choices: trainingChoices,
            modelIndex: models.firstIndex(of: model) ?? 0
        )
    }

    /// What a model can be trained on, as far as the catalogue is here.
    var trainingChoices: [TrainingForm.Choice] {
        let newest = TrainingForm.Choice(
            title: localized("the newest version of its dataset"),
            data: nil,
            usesCollectedRows: false
        )
        let collected = TrainingForm.Choice(
            title: localized("collected production rows with labels"),
            data: nil,
            usesCollectedRows: true
        )
        let versions = (world.datasets ?? []).prefix(8).map { data in
            TrainingForm.Choice(
                title: localized(
                    "\(data.dataset) v\(data.number), \(NumberText.thousands(data.rows)) rows"
                ),
                data: data.id,
                usesCollectedRows: false
            )
        }
        return [newest, collected] + versions
    }
}

// MARK: - What stands in the way

extension Focus {
    func decisionObstacle(to command: Command) -> String? {
        if command == .approve, approval == nil, approvalID != nil { return nil }
        guard let approval else { return localized("No release is under the cursor.") }
        let isGranted = [.approved, .deploying, .live].contains(approval.status)
        guard approval.status.isOpen || (command == .revoke && isGranted) else {
            let last = approval.decisions.last
            let who = last.map { localized(" by \($0.actor) at \($0.decidedAt.timeText)") } ?? ""
            return localized(
                "\(approval.title) is \(localized(word: approval.status.words))\(who)."
            )
        }
        if command == .approve, approval.status == .checks,
            let red = approval.checks.first(where: { $0.problem != nil })
        {
            return "\(red.check.rawValue): \(red.problem ?? "")"
        }
        guard command == .approve, unreadEvidence > 0 else { return nil }
        let read = approval.evidence.count - unreadEvidence
        return localized(
            "Evidence read \(read)/\(approval.evidence.count): e opens the next piece, then A."
        )
    }

    fileprivate var alertObstacle: String? {
        guard let alert else { return localized("No alert is under the cursor.") }
        if !alert.isOpen { return localized("\(alert.id) is resolved; nothing to acknowledge.") }
        return alert.acknowledgedBy.map { localized("\($0) has acknowledged \(alert.id) already.") }
    }
}

extension RoomState {
    func environment(of model: String) -> String {
        let row = world.knownModels.first { $0.name == model }
        return row?.environment ?? "production"
    }

    private func deploymentRow(_ focus: Focus) -> DeploymentRow? {
        if let row = focus.deployment { return row }
        return world.deployments?.first { $0.deployment.model == focus.model }
    }

    private struct DeployTarget {
        let model: String
        let version: Int
        let environment: String
    }

    /// The version under the cursor, or the newest approved one that does not serve.
    private func deployTarget(_ focus: Focus) -> DeployTarget? {
        guard let model = focus.model else { return nil }
        let environment = focus.deployment?.deployment.environment ?? environment(of: model)
        if let version = focus.version, focus.deployment == nil {
            return DeployTarget(model: model, version: version, environment: environment)
        }
        let serving = focus.deployment?.deployment.current.version
        let approved = (world.approvals ?? []).filter { approval in
            approval.model == model && approval.environment == environment
                && approval.permitsDeployment && approval.version != serving
        }
        guard let newest = approved.map(\.version).max() else { return nil }
        return DeployTarget(model: model, version: newest, environment: environment)
    }

    private func deployObstacle(_ focus: Focus) -> String? {
        guard let model = focus.model else { return localized("No model is under the cursor.") }
        if let target = deployTarget(focus) { return obstacle(to: target) }
        if let waiting = focus.deployment?.waiting {
            return localized("\(model) v\(waiting) waits for approval: 5 opens the inbox.")
        }
        return localized(
            "No approved version of \(model) is left to deploy: S in its versions asks for one."
        )
    }

    private func obstacle(to target: DeployTarget) -> String? {
        guard let approvals = world.approvals else { return nil }
        let name = "\(target.model) v\(target.version)"
        let fitting = approvals.filter {
            $0.kind == .release && $0.model == target.model && $0.version == target.version
                && $0.environment == target.environment
        }
        if fitting.contains(where: { $0.permitsDeployment }) { return nil }
        if fitting.contains(where: { $0.status.isOpen }) {
            return localized("\(name) waits for approval: 5 opens the inbox.")
        }
        return localized(
            "\(name) has no approval for \(target.environment): S asks for its release."
        )
    }

    private func rollBackObstacle(_ focus: Focus) -> String? {
        guard let row = deploymentRow(focus) else {
            return localized("No deployment is under the cursor.")
        }
        guard row.deployment.rollbackTarget != nil else {
            return localized(
                "\(row.deployment.id) has served one version only; nothing to go back to."
            )
        }
        return nil
    }
}
