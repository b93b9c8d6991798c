import Domain
import EngineAPI
import Terminal

extension Approval {
    /// Whether a deployment under it can be ordered, as far as can be seen from here.
    var permitsDeployment: Bool { permits(bundle: bundleDigest, in: environment) }
}

/// What a request is, before its evidence: who asked, who has said what, who may still.
extension DetailLines {
    mutating func addRequest(
        _ approval: Approval,
        _ context: ScreenContext,
        _ glyphs: GlyphSet
    ) {
        let left = approval.expiresAt.seconds(since: context.now)
        let expiry =
            !approval.status.isOpen
            ? grantWords(approval, context)
            : left > 0 ? "expires in \(NumberText.longDuration(left))" : "expired"
        let age = context.age(approval.createdAt)
        add("request", "by \(approval.requester), \(age) ago · \(expiry)")
        addVotes(approval)
        addSlots(approval, context)
        addHold(approval, context)
        for check in approval.checks where check.problem != nil {
            add("check", StyledText("\(check.check.rawValue): \(check.problem ?? "")", .warning))
        }
        let policy = approval.policyDigest.map { " · policy \($0.short)" } ?? ""
        add(
            "digests",
            "bundle \(approval.bundleDigest.short) · evidence \(approval.evidenceDigest.short)"
                + policy
        )
        add(StyledText(String(repeating: glyphs.horizontal, count: columns), .border))
    }

    private func grantWords(_ approval: Approval, _ context: ScreenContext) -> String {
        guard let end = approval.grantExpiresAt else { return "closed" }
        let left = end.seconds(since: context.now)
        let what = approval.hasBrokenGlass ? "the broken glass counts" : "good"
        return left > 0 ? "\(what) for \(NumberText.longDuration(left))" : "no longer good"
    }

    private mutating func addVotes(_ approval: Approval) {
        let missing = approval.approvalsNeeded - approval.approvals
        var votes = StyledText(
            approval.status.isOpen ? "\(missing) more needed" : approval.status.words,
            approval.status.isOpen ? .pending : .text
        )
        if approval.isSelfApproved { votes.append(" · self-approved", .warning) }
        for decision in approval.decisions {
            let own = decision.isSelfApproval ? " (own request)" : ""
            votes.append(
                " · \(decision.actor) \(decision.answer.pastWords) "
                    + "\(decision.decidedAt.timeText.prefix(5))\(own)"
            )
            if decision.signed != nil { votes.append(" signed", .ok) }
            if decision.secondsRead > 0 {
                votes.append(" after \(NumberText.longDuration(decision.secondsRead))", .muted)
            }
            if !decision.reason.isEmpty { votes.append(": \(decision.reason)", .muted) }
        }
        add("votes", votes)
    }

    /// One word a slot: who fills it, or whom it waits for; only where roles or people matter.
    private mutating func addSlots(_ approval: Approval, _ context: ScreenContext) {
        let slots = approval.filledSlots
        let isPlain = approval.policy.roles.isEmpty && !approval.policy.forbidsSelfApproval
        guard !slots.isEmpty, !isPlain else { return }
        let words = slots.map { slot in
            slot.filledBy.map { "\(slot.role.rawValue): \($0)" } ?? "\(slot.role.rawValue): open"
        }
        add("slots", words.joined(separator: " · "))
        if approval.policy.forbidsSelfApproval {
            let names = approval.authors.map(\.name).joined(separator: ", ")
            add("not by", "\(names), who asked for it or made it")
        }
        guard approval.status.isOpen, let me = context.world.overview?.principal else { return }
        let obstacle = approval.obstacle(to: me.actor, with: Set(me.roles))
        add("you", obstacle ?? "may fill a slot", obstacle == nil ? .ok : .warning)
    }

    private mutating func addHold(_ approval: Approval, _ context: ScreenContext) {
        guard approval.kind == .release, approval.status.isOpen || approval.status == .approved
        else { return }
        let left = approval.holdUntil.seconds(since: context.now)
        if left > 0 {
            add("hold", "\(NumberText.longDuration(left)) left, until \(approval.holdUntil)")
        }
        if let hours = approval.policy.hours {
            let isOpen = hours.contains(context.now)
            add("hours", isOpen ? "\(hours), open now" : "\(hours), closed now")
        }
    }
}
