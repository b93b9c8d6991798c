import Testing

@testable import Domain

private let title = "late-flights v2 → production"

private let tomorrow = noon.adding(seconds: 2 * Timestamp.day)

/// An approval in each state, all reached by events and never set by hand.
private func approval(_ status: ApprovalStatus) throws -> Approval {
    var approval = makeApproval()
    switch status {
    case .draft, .pending: break
    case .checks:
        try approval.apply(.checked([CheckResult(.better, problem: "Worse.")], at: noon))
    case .approved: try approval.decide(decision())
    case .deploying:
        try approval.decide(decision())
        try approval.apply(.deploying(at: later))
    case .live:
        try approval.decide(decision())
        try approval.apply(.deploying(at: later))
        try approval.apply(.served(at: later))
    case .rejected: try approval.decide(decision(.reject, reason: "worse at night"))
    case .changesRequested: try approval.decide(decision(.requestChanges, reason: "more rows"))
    case .revoked: try approval.decide(decision(.revoke, reason: "wrong data"))
    case .superseded: try approval.supersede()
    case .expired: try approval.expire(at: tomorrow)
    }
    return approval
}

/// Every state that is ever stored; a draft is what a request is before its first event.
private let stored = ApprovalStatus.allCases.filter { $0 != .draft }

private func alreadyDecided(_ approval: Approval) -> Refusal {
    let who = approval.decisions.last.map { " by \"\($0.actor)\" at \(later)" } ?? ""
    return Refusal(
        .conflict,
        "The request \"\(title)\" is \(approval.status.words)\(who). Nothing is left to decide."
    )
}

/// Which events each state takes; every other one is refused and changes nothing.
private let transitions: [ApprovalStatus: Set<String>] = [
    .checks: ["checked", "open", "reject", "changes", "revoke", "override", "supersede", "expire"],
    .pending: [
        "checked", "open", "approve", "reject", "changes", "revoke", "override", "supersede",
        "expire",
    ],
    .approved: ["revoke", "override", "supersede", "deploying"],
    .deploying: ["revoke", "served", "replaced"],
    .live: ["revoke", "replaced", "deploying"],
    .superseded: [], .rejected: [], .changesRequested: [], .expired: [], .revoked: [],
]

private let events: [String: ApprovalEvent] = [
    "opened": .opened(at: tomorrow),
    "checked": .checked([], at: tomorrow),
    "open": .evidenceOpened(by: carol, titles: ["metrics"], at: later),
    "approve": .decided(decision(by: carol, at: later)),
    "reject": .decided(decision(.reject, by: carol, reason: "no", at: later)),
    "changes": .decided(decision(.requestChanges, by: carol, reason: "no", at: later)),
    "revoke": .decided(decision(.revoke, by: carol, reason: "no", at: tomorrow)),
    "override": .overridden(
        decision(.override, by: carol, reason: "fire", at: later),
        until: tomorrow
    ),
    "supersede": .superseded(by: "approval-8", at: tomorrow),
    "expire": .expired(at: tomorrow),
    "deploying": .deploying(at: tomorrow),
    "served": .served(at: tomorrow),
    "replaced": .replaced(at: tomorrow),
]

@Suite struct `An approval` {
    @Test func `waits until somebody approves`() throws {
        var approval = makeApproval()
        #expect(approval.status == .pending)
        #expect(approval.title == title)
        try approval.decide(decision())
        #expect(approval.status == .approved)
        #expect(approval.decisions == [decision()])
    }

    @Test func `that needs nobody is approved from the start`() {
        #expect(makeApproval(needs: 0).status == .approved)
    }

    @Test func `that needs two people waits for the second`() throws {
        var approval = makeApproval(needs: 2)
        try approval.decide(decision(by: bob))
        #expect(approval.status == .pending)
        #expect(approval.approvals == 1)
        #expect(!approval.permits(bundle: digest(3), in: "production"))
        try approval.decide(decision(by: carol))
        #expect(approval.status == .approved)
        #expect(approval.approvals == 2)
    }

    @Test func `does not count one person twice`() throws {
        var approval = makeApproval(needs: 2)
        try approval.decide(decision(by: bob))
        for answer in [Decision.Answer.approve, .reject] {
            let refused = refusal { () throws(Refusal) in
                try approval.decide(decision(answer, by: bob, reason: "again"))
            }
            let sentence = "\"bob\" has decided on \"\(title)\" before. Another person must."
            #expect(refused == Refusal(.conflict, sentence))
        }
        #expect(approval.approvals == 1)
        #expect(approval.status == .pending)
    }

    @Test func `is rejected by one person even where two must approve`() throws {
        var approval = makeApproval(needs: 2)
        try approval.decide(decision(by: bob))
        try approval.decide(decision(.reject, by: carol, reason: "worse at night"))
        #expect(approval.status == .rejected)
    }

    @Test(arguments: ["", " ", "\n\t "])
    func `is not rejected without a reason`(reason: String) {
        var approval = makeApproval()
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(.reject, reason: reason))
        }
        let sentence = "A rejection of \"\(title)\" needs a reason. Say in a few words why."
        #expect(refused == Refusal(.invalid, sentence))
        #expect(approval.status == .pending)
    }

    @Test(arguments: [(digest(8), digest(4)), (digest(3), digest(8)), (digest(4), digest(3))])
    func `is decided on exactly what was shown`(bundle: Digest, evidence: Digest) {
        var approval = makeApproval()
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(bundle: bundle, evidence: evidence))
        }
        let sentence = """
            The decision on "\(title)" names other digests than the request. \
            Open the evidence again and decide on what it shows now.
            """
        #expect(refused == Refusal(.conflict, sentence))
        #expect(approval.decisions.isEmpty)
    }

    @Test func `is decided up to the moment it expires, and not after`() throws {
        var approval = makeApproval()
        let tooLate = approval.expiresAt.adding(seconds: 0.000_001)
        let refused = refusal { () throws(Refusal) in try approval.decide(decision(at: tooLate)) }
        let sentence = """
            The request "\(title)" expired at 2014-05-14T16:53:20Z. Ask for the release again.
            """
        #expect(refused == Refusal(.conflict, sentence))
        try approval.decide(decision(at: approval.expiresAt))
        #expect(approval.status == .approved)
    }

    @Test(arguments: stored)
    func `takes the events of its state and refuses every other`(status: ApprovalStatus) throws {
        let before = try approval(status)
        #expect(before.status == status)
        let taken = try #require(transitions[status])
        for (name, event) in events {
            var after = before
            let refused = refusal { () throws(Refusal) in try after.apply(event) }
            #expect((refused == nil) == taken.contains(name), "\(status) and \(name)")
            if refused != nil { #expect(after == before) }
        }
    }

    @Test(arguments: stored)
    func `is the fold over its events, also when it was written and read`(
        status: ApprovalStatus
    ) throws {
        let approval = try approval(status)
        #expect(try value(Approval.self, from: try json(approval)) == approval)
        let text = try json(approval)
        let other = status == .live ? "pending" : "live"
        let forged = text.replacing(
            "\"status\":\"\(status.rawValue)\"",
            with: "\"status\":\"\(other)\""
        )
        #expect(throws: DecodingError.self) { try value(Approval.self, from: forged) }
    }

    @Test(arguments: stored)
    func `takes no decision once it is closed`(status: ApprovalStatus) throws {
        var approval = try approval(status)
        let before = approval
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(.reject, by: carol, reason: "no"))
        }
        #expect(refused == (status.isOpen ? nil : alreadyDecided(before)))
    }

    @Test func `does not expire before its time`() {
        var approval = makeApproval()
        let refused = refusal { () throws(Refusal) in
            try approval.expire(at: approval.expiresAt)
        }
        let sentence = """
            The request "\(title)" can be decided until 2014-05-14T16:53:20Z. \
            It has not expired.
            """
        #expect(refused == Refusal(.conflict, sentence))
        #expect(approval.status == .pending)
    }

    @Test(arguments: stored)
    func `permits its own bytes in its own environment, once it is approved`(
        status: ApprovalStatus
    ) throws {
        let approval = try approval(status)
        let isGranted = [.approved, .deploying, .live].contains(status)
        #expect(approval.permits(bundle: digest(3), in: "production") == isGranted)
        #expect(!approval.permits(bundle: digest(8), in: "production"))
        #expect(!approval.permits(bundle: digest(3), in: "staging"))
    }

    @Test func `in which one person was put in two slots by hand is not read`() throws {
        var approval = makeApproval(needs: 2)
        try approval.decide(decision(by: bob))
        try approval.decide(decision(by: carol))
        #expect(approval.permits(bundle: digest(3), in: "production"))
        let text = try json(approval).replacing(
            "\"name\":\"carol\",\"uid\":1003",
            with: "\"name\":\"bob\",\"uid\":1002"
        )
        #expect(throws: DecodingError.self) { try value(Approval.self, from: text) }
    }
}
