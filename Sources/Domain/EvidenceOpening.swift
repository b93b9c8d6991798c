/// That somebody had one piece of a request's evidence shown to them, by the engine's clock.
package struct EvidenceOpening: Sendable, Equatable {
    package let title: String
    package let actor: Actor
    package let at: Timestamp

    package init(title: String, actor: Actor, at date: Timestamp) {
        self.title = title
        self.actor = actor
        at = date
    }
}

/// What an approver must have done with the evidence; a policy without one asks nothing.
package enum EvidenceDemand: String, Codable, Sendable, CaseIterable {
    /// Each piece was opened, in the control room or with `binnacle approvals show`.
    case opened
}

extension Approval {
    /// The pieces of evidence, in their order, that this person has not had shown to them yet.
    package func unopenedEvidence(of actor: Actor) -> [String] {
        let opened = openings.filter { $0.actor.isSamePerson(as: actor) }.map(\.title)
        return evidence.map(\.title).filter { !opened.contains($0) }
    }

    /// What somebody read of that which the engine saw opened, by the engine's clock.
    ///
    /// What their program says can only make it shorter, and nothing that was not opened counts.
    /// Pieces it says nothing of share the time since they were shown equally; all of them together
    /// took no longer than has passed since the first was opened.
    package func reading(
        of actor: Actor,
        said: [EvidenceReading],
        at date: Timestamp
    ) -> [EvidenceReading] {
        let titles = evidence.map(\.title)
        let shown = openings.filter { opening in
            opening.actor.isSamePerson(as: actor) && titles.contains(opening.title)
        }
        func passed(_ opening: EvidenceOpening) -> Double {
            max(0, min(Timestamp.day, date.seconds(since: opening.at)))
        }
        let saidOf = Dictionary(said.map { ($0.title, $0.seconds) }) { max($0, $1) }
        let silent = Double(shown.count { saidOf[$0.title] == nil })
        let seconds = shown.map { opening in
            saidOf[opening.title].map { min($0, passed(opening)) } ?? passed(opening) / silent
        }
        let (sum, longest) = (seconds.reduce(0, +), shown.map(passed).max() ?? 0)
        let scale = sum > longest ? longest / sum : 1
        return zip(shown, seconds).map { opening, seconds in
            EvidenceReading(title: opening.title, seconds: seconds * scale)
        }
    }

    /// The pieces of evidence that a decision does not say were opened.
    package func unreadEvidence(in decision: Decision) -> [String] {
        let read = Set(decision.reading.map(\.title))
        return evidence.map(\.title).filter { !read.contains($0) }
    }

    func checkReading(_ decision: Decision) throws(Refusal) {
        guard policy.evidence == .opened else { return }
        let unread = unreadEvidence(in: decision)
        guard !unread.isEmpty else { return }
        let names = unread.map { "\"\($0)\"" }.joined(separator: ", ")
        throw Refusal(
            .forbidden,
            """
            "\(decision.actor)" has not opened \(names) of the evidence of "\(title)", and the \
            policy of \(environment) wants all of it opened. Open it in the Inbox with e, or with \
            "binnacle approvals show \(id)", then decide.
            """
        )
    }
}
