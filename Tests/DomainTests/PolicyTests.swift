import Testing

@testable import Domain

private func policy(_ change: (inout EnvironmentPolicy) -> Void) -> EnvironmentPolicy {
    var policy = EnvironmentPolicy(name: "production", approvals: 2)
    policy.roles = [RoleSlots(.machineLearningEngineer, 1), RoleSlots(.owner, 1)]
    change(&policy)
    return policy
}

private func request(_ change: (inout EnvironmentPolicy) -> Void = { _ in }) -> Approval {
    Approval(
        id: ID("approval-7"),
        model: "late-flights",
        version: 2,
        environment: "production",
        bundleDigest: digest(3),
        evidence: [],
        evidenceDigest: digest(4),
        policy: policy(change),
        policyDigest: digest(5),
        requester: alice,
        createdAt: noon,
        expiresAt: noon.adding(seconds: Timestamp.day)
    )
}

private func decision(by actor: Actor, as roles: Set<UserRole>, at date: Timestamp = later)
    -> Decision
{
    Decision(
        answer: .approve,
        reason: "",
        actor: actor,
        bundleDigest: digest(3),
        evidenceDigest: digest(4),
        decidedAt: date,
        isSelfApproval: actor == alice,
        client: "test",
        roles: roles
    )
}

@Suite struct `A quorum` {
    @Test func `seats one person in one slot, and moves them where another could not sit`() {
        let slots: [UserRole] = [.machineLearningEngineer, .owner]
        #expect(seat([[.machineLearningEngineer, .owner]], in: slots).count { $0 != nil } == 1)
        // The first could take either; the second only the one she was given first.
        #expect(
            seat([[.machineLearningEngineer, .owner], [.machineLearningEngineer]], in: slots)
                == [1, 0]
        )
        #expect(seat([[.viewer]], in: slots) == [nil, nil])
        #expect(seat([], in: []) == [])
    }

    @Test func `is filled by roles, and a person without one of them is told which`() throws {
        var approval = request()
        try approval.decide(decision(by: bob, as: [.owner, .machineLearningEngineer]))
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(by: carol, as: [.approver]))
        }
        #expect(refused?.kind == .forbidden)
        #expect(
            refused?.message == """
                "late-flights v2 → production" still needs the role owner, and "carol" has approver.
                """
        )
        // Bob moves to the owner's slot, because Carol can fill the other one only.
        try approval.decide(decision(by: carol, as: [.machineLearningEngineer]))
        #expect(approval.status == .approved)
        #expect(approval.filledSlots.map(\.filledBy) == [carol, bob])
    }

    @Test func `is not filled by who asked, where the policy says so, under any name`() throws {
        var approval = request { $0.forbidsSelfApproval = true }
        let renamed = Actor(uid: alice.uid, name: "alice-2")
        for person in [alice, renamed] {
            let refused = refusal { () throws(Refusal) in
                try approval.decide(decision(by: person, as: [.owner]))
            }
            #expect(refused?.message.contains("forbids self-approval") == true)
        }
        #expect(approval.approvals == 0)
    }

    @Test func `does not seat a person twice under two names`() throws {
        var approval = request()
        try approval.decide(decision(by: bob, as: [.owner]))
        let again = Actor(uid: bob.uid, name: "robert")
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(by: again, as: [.machineLearningEngineer]))
        }
        #expect(refused?.message.contains("has decided on") == true)
    }

    @Test func `takes no decision from before what happened already`() throws {
        var approval = request()
        try approval.decide(decision(by: bob, as: [.owner]))
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(by: carol, as: [.machineLearningEngineer], at: noon))
        }
        #expect(refused?.message.contains("Set the engine's clock right") == true)
    }

    @Test func `waits while a check is red, and goes on once it is green`() throws {
        var approval = request()
        try approval.apply(.checked([CheckResult(.cleanCode, problem: "Dirty.")], at: noon))
        #expect(approval.status == .checks)
        let refused = refusal { () throws(Refusal) in
            try approval.decide(decision(by: bob, as: [.owner]))
        }
        #expect(refused?.message.contains("\"clean_code\"") == true)
        try approval.apply(.checked([CheckResult(.cleanCode, problem: nil)], at: noon))
        #expect(approval.status == .pending)
    }

    @Test func `permits a deployment only while everything the policy asks holds`() throws {
        var approval = request {
            $0.waitSeconds = 3_600
            $0.grantSeconds = Timestamp.day
            $0.hours = BusinessHours("Mon-Fri 09:00-17:00")
        }
        try approval.decide(decision(by: bob, as: [.owner]))
        try approval.decide(decision(by: carol, as: [.machineLearningEngineer]))
        func words(_ date: Timestamp, _ inForce: Digest? = digest(5), red: Bool = false) -> String?
        {
            let checks = red ? [CheckResult(.better, problem: "Worse.")] : []
            return approval.obstacleToDeploy(at: date, policy: inForce, checks: checks)?.message
        }
        // Noon of the tests is Tuesday, 2014-05-13, 16:53:20.
        let morning = noon.adding(seconds: 17 * 3_600)
        #expect(words(morning) == nil)
        #expect(words(noon.adding(seconds: 60))?.contains("is held until") == true)
        #expect(
            words(noon.adding(seconds: 7_200))?.contains("Mon-Fri 09:00-17:00 UTC only") == true
        )
        #expect(words(morning, digest(6))?.contains("voids its approval") == true)
        #expect(words(morning, red: true)?.contains("is not green") == true)
        #expect(words(noon.adding(seconds: 2 * Timestamp.day))?.contains("was good until") == true)
    }

    @Test func `is not needed behind a broken glass, which counts so long and no longer`() throws {
        var approval = request { $0.waitSeconds = 3_600 }
        let until = noon.adding(seconds: 4 * 3_600)
        let override = Decision(
            answer: .override,
            reason: "prices are wrong now",
            actor: alice,
            bundleDigest: digest(3),
            evidenceDigest: digest(4),
            decidedAt: later,
            isSelfApproval: true,
            client: "test"
        )
        try approval.apply(.overridden(override, until: until))
        #expect(approval.permits(bundle: digest(3), in: "production"))
        #expect(approval.obstacleToDeploy(at: later, policy: digest(5), checks: []) == nil)
        let late = until.adding(seconds: 1)
        #expect(approval.obstacleToDeploy(at: late, policy: digest(5), checks: []) != nil)
    }
}

@Suite struct `Business hours` {
    @Test(
        arguments: [
            ("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00 UTC"), ("Sat 00:00-24:00 UTC", nil),
            ("Sun 08:30-09:15", "Sun 08:30-09:15 UTC"),
        ] as [(String, String?)]
    )
    func `are read as they are written`(text: String, again: String?) throws {
        let hours = try #require(BusinessHours(text))
        #expect(hours.description == again ?? text)
        #expect(BusinessHours(hours.description) == hours)
    }

    @Test(arguments: [
        "", "Mon", "Fri-Mon 09:00-17:00", "Mon-Fri 17:00-09:00", "Mon-Fri 9-17",
        "Mon-Fri 09:00-25:00", "Monday 09:00-10:00", "Mon-Fri 09:00-17:00 CET",
    ])
    func `are refused where they are something else`(text: String) {
        #expect(BusinessHours(text) == nil)
    }

    @Test func `open at the next day that has them`() throws {
        let hours = try #require(BusinessHours("Mon-Fri 09:00-17:00"))
        let friday = try #require(Timestamp("2014-05-16T17:00"))
        #expect(!hours.contains(friday))
        #expect(hours.contains(friday.adding(seconds: -1)))
        #expect(hours.opening(from: friday) == Timestamp("2014-05-19T09:00"))
        #expect(hours.opening(from: friday.adding(seconds: -1)) == friday.adding(seconds: -1))
    }
}
