import Domain
import EngineAPI
import Terminal

/// One yes for several requests: where a mistake can be taken back, and after each was read.
extension RoomState {
    /// Why the marked requests cannot be approved together; nil when they can.
    func batchObstacle(_ marked: [Focus]) -> String? {
        let approvals = marked.compactMap(\.approval)
        guard let first = approvals.first else { return nil }
        if let one = approvals.first(where: { EnvironmentPolicy.isProduction($0.environment) }) {
            return localized(
                "\(one.title) is for production, which is decided one by one: Esc clears marks."
            )
        }
        if let other = approvals.first(where: {
            $0.kind != first.kind || $0.environment != first.environment
        }) {
            return localized(
                "\(other.title) is not of the same kind and environment as \(first.title)."
            )
        }
        for one in marked {
            let obstacle =
                one.decisionObstacle(to: .approve) ?? slotObstacle(to: .approve, one.approval)
            if let obstacle, let approval = one.approval {
                return "\(approval.title): \(obstacle)"
            }
        }
        return nil
    }

    /// Lists every request, and wants their number typed.
    func batchDialog(_ marked: [Focus]) -> VersionDialog {
        let approvals = marked.compactMap { one in
            one.approval.map { ($0, $0.approvalOrder(reading: one.reading)) }
        }
        let lines = approvals.map { approval, _ in
            StyledText(localized("\(approval.title)  bundle \(approval.bundleDigest.short)"))
        }
        return VersionDialog(
            title: localized("Approve these \(approvals.count) requests?"),
            lines: [StyledText(localized("You are \(settings.user) on \(settings.host)."))] + lines,
            expected: "\(approvals.count)",
            kind: .order(.all(approvals.map(\.1)))
        )
    }
}

extension Approval {
    /// The yes to exactly this bundle and this evidence.
    func approvalOrder(reading: [EvidenceReading]) -> Order {
        .decide(
            approval: id,
            title: title,
            answer: .approve,
            reason: "",
            bundleDigest: bundleDigest,
            evidenceDigest: evidenceDigest,
            reading: reading
        )
    }
}

/// Carries out one order after the other; a refusal says how far that went.
func carryOutAll(_ orders: [Order], by engine: any EngineConnection) async throws -> String {
    for (index, order) in orders.enumerated() {
        if case .refused(let refusal) = await perform(.order(order), on: engine) {
            throw Refusal(
                refusal.kind,
                localized(
                    "\(index) of \(orders.count) are done; \(order.progressWords) was refused: "
                ) + refusal.message
            )
        }
    }
    return localized("All \(orders.count) are done.")
}
