// How a request is written and read: its events are what counts, the rest is for whoever reads
// the JSON without folding them.
extension Approval {
    private enum CodingKeys: String, CodingKey {
        case id, kind, model, version, environment, bundleDigest, evidence, evidenceDigest
        case policy, policyDigest, slots, proposal, about, requester, authors, createdAt
        case expiresAt, events, decisions, status, approvalsNeeded, filledSlots
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(kind, forKey: .kind)
        try values.encode(model, forKey: .model)
        try values.encode(version, forKey: .version)
        try values.encode(environment, forKey: .environment)
        try values.encode(bundleDigest, forKey: .bundleDigest)
        try values.encode(evidence, forKey: .evidence)
        try values.encode(evidenceDigest, forKey: .evidenceDigest)
        try values.encode(policy, forKey: .policy)
        try values.encodeIfPresent(policyDigest, forKey: .policyDigest)
        try values.encode(slots, forKey: .slots)
        try values.encodeIfPresent(proposal, forKey: .proposal)
        try values.encodeIfPresent(about, forKey: .about)
        try values.encode(requester, forKey: .requester)
        try values.encode(authors, forKey: .authors)
        try values.encode(createdAt, forKey: .createdAt)
        try values.encode(expiresAt, forKey: .expiresAt)
        try values.encode(events, forKey: .events)
        try values.encode(decisions, forKey: .decisions)
        try values.encode(status, forKey: .status)
        try values.encode(approvalsNeeded, forKey: .approvalsNeeded)
        try values.encode(filledSlots, forKey: .filledSlots)
    }

    /// Folds the events again: a state written by hand that they do not lead to is refused.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let environment = try values.decode(String.self, forKey: .environment)
        let events = try values.decodeIfPresent([ApprovalEvent].self, forKey: .events)
        let policy =
            try values.decodeIfPresent(EnvironmentPolicy.self, forKey: .policy)
            ?? EnvironmentPolicy(
                name: environment,
                approvals: try values.decode(Int.self, forKey: .approvalsNeeded)
            )
        self.init(
            id: try values.decode(Domain.ID<Approval>.self, forKey: .id),
            kind: try values.decodeIfPresent(ApprovalKind.self, forKey: .kind) ?? .release,
            model: try values.decode(String.self, forKey: .model),
            version: try values.decode(Int.self, forKey: .version),
            environment: environment,
            bundleDigest: try values.decode(Digest.self, forKey: .bundleDigest),
            evidence: try values.decode([EvidenceItem].self, forKey: .evidence),
            evidenceDigest: try values.decode(Digest.self, forKey: .evidenceDigest),
            policy: policy,
            policyDigest: try values.decodeIfPresent(Digest.self, forKey: .policyDigest),
            slots: try values.decodeIfPresent([UserRole].self, forKey: .slots),
            proposal: try values.decodeIfPresent(EnvironmentPolicy.self, forKey: .proposal),
            about: try values.decodeIfPresent(Domain.ID<Approval>.self, forKey: .about),
            requester: try values.decode(Actor.self, forKey: .requester),
            authors: try values.decodeIfPresent([Actor].self, forKey: .authors) ?? [],
            checks: Approval.firstChecks(events),
            createdAt: try values.decode(Timestamp.self, forKey: .createdAt),
            expiresAt: try values.decode(Timestamp.self, forKey: .expiresAt)
        )
        let status = try values.decode(ApprovalStatus.self, forKey: .status)
        do {
            if let events {
                for event in events.dropFirst(2) { try apply(event) }
            } else {
                let decisions = try values.decode([Decision].self, forKey: .decisions)
                for decision in decisions { try decide(decision) }
                if status == .superseded { try supersede() }
                if status == .expired { try expire(at: expiresAt.adding(seconds: 1)) }
            }
            guard self.status == status else {
                throw Refusal(
                    .corrupt,
                    "\(id) says it is \(status.words), and its events say \(self.status.words)."
                )
            }
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: .events,
                in: values,
                debugDescription: "\(error)"
            )
        }
    }

    /// The request as it stood at a moment: its events up to then, folded again; nil before it was
    /// opened.
    package func asOf(_ date: Timestamp) -> Approval? {
        guard createdAt <= date else { return nil }
        var past = Approval(
            id: id,
            kind: kind,
            model: model,
            version: version,
            environment: environment,
            bundleDigest: bundleDigest,
            evidence: evidence,
            evidenceDigest: evidenceDigest,
            policy: policy,
            policyDigest: policyDigest,
            slots: slots,
            proposal: proposal,
            about: about,
            requester: requester,
            authors: authors,
            checks: Approval.firstChecks(events),
            createdAt: createdAt,
            expiresAt: expiresAt
        )
        for event in events.dropFirst(2) where event.at <= date {
            // What was accepted once follows again; an event that does not ends the fold.
            do { try past.apply(event) } catch { break }
        }
        return past
    }

    private static func firstChecks(_ events: [ApprovalEvent]?) -> [CheckResult] {
        if case .checked(let results, _)? = events?.dropFirst().first { results } else { [] }
    }
}
