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
            : left > 0
                ? localized("expires in \(NumberText.longDuration(left))") : localized("expired")
        let age = context.age(approval.createdAt)
        add("request", localized("by \(approval.requester), \(age) ago · \(expiry)"))
        addVotes(approval)
        addSlots(approval, context)
        addHold(approval, context)
        for check in approval.checks where check.problem != nil {
            add("check", StyledText("\(check.check.rawValue): \(check.problem ?? "")", .warning))
        }
        let policy = approval.policyDigest.map { localized(" · policy \($0.short)") } ?? ""
        add(
            "digests",
            localized(
                "bundle \(approval.bundleDigest.short) · evidence \(approval.evidenceDigest.short)"
            )
                + policy
        )
        add(StyledText(String(repeating: glyphs.horizontal, count: columns), .border))
    }

    private func grantWords(_ approval: Approval, _ context: ScreenContext) -> String {
        guard let end = approval.grantExpiresAt else { return localized("closed") }
        let left = end.seconds(since: context.now)
        let what =
            approval.hasBrokenGlass ? localized("the broken glass counts") : localized("good")
        return left > 0
            ? localized("\(what) for \(NumberText.longDuration(left))")
            : localized("no longer good")
    }

    private mutating func addVotes(_ approval: Approval) {
        let missing = approval.approvalsNeeded - approval.approvals
        var votes = StyledText(
            approval.status.isOpen
                ? localized("\(missing) more needed") : localized(word: approval.status.words),
            approval.status.isOpen ? .pending : .text
        )
        if approval.isSelfApproved { votes.append(localized(" · self-approved"), .warning) }
        for decision in approval.decisions {
            let own = decision.isSelfApproval ? localized(" (own request)") : ""
            votes.append(
                " · \(decision.actor) \(decision.answer.pastWords) "
                    + "\(decision.decidedAt.timeText.prefix(5))\(own)"
            )
            if decision.signed != nil { votes.append(localized(" signed"), .ok) }
            if decision.secondsRead > 0 {
                votes.append(
                    localized(" after \(NumberText.longDuration(decision.secondsRead))"),
                    .muted
                )
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
            slot.filledBy.map { "\(slot.role.rawValue): \($0)" }
                ?? localized("\(slot.role.rawValue): open")
        }
        add("slots", words.joined(separator: " · "))
        if approval.policy.forbidsSelfApproval {
            let names = approval.authors.map(\.name).joined(separator: ", ")
            add("not by", localized("\(names), who asked for it or made it"))
        }
        guard approval.status.isOpen, let me = context.world.overview?.principal else { return }
        let obstacle = approval.obstacle(to: me.actor, with: Set(me.roles))
        add("you", obstacle ?? localized("may fill a slot"), obstacle == nil ? .ok : .warning)
    }

    private mutating func addHold(_ approval: Approval, _ context: ScreenContext) {
        guard approval.kind == .release, approval.status.isOpen || approval.status == .approved
        else { return }
        let left = approval.holdUntil.seconds(since: context.now)
        if left > 0 {
            add(
                "hold",
                localized("\(NumberText.longDuration(left)) left, until \(approval.holdUntil)")
            )
        }
        if let hours = approval.policy.hours {
            let isOpen = hours.contains(context.now)
            add(
                "hours",
                isOpen ? localized("\(hours), open now") : localized("\(hours), closed now")
            )
        }
    }
}
