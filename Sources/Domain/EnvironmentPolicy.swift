/// How many people of a role must approve.
package struct RoleSlots: Codable, Sendable, Equatable {
    package var role: UserRole
    package var count: Int

    package init(_ role: UserRole, _ count: Int) {
        self.role = role
        self.count = count
    }
}

/// What must be green before anybody may approve, and again when it is deployed.
package enum ReleaseCheck: String, Codable, Sendable, CaseIterable {
    /// The gate judged the version better than what served before.
    case better = "eval_better"
    /// No critical alert of the model is open.
    case noOpenAlerts = "no_open_alerts"
    /// Every artifact is there, byte for byte.
    case bytesVerified = "bytes_verified"
    /// The run's code was committed, without local changes.
    case cleanCode = "clean_code"
}

/// What one check found.
package struct CheckResult: Codable, Sendable, Equatable {
    package let check: ReleaseCheck
    /// What is wrong, as a sentence; nil is green.
    package let problem: String?

    package init(_ check: ReleaseCheck, problem: String?) {
        self.check = check
        self.problem = problem
    }
}

/// Who may put a version into an environment without the quorum, and for how long.
package struct BreakGlassPolicy: Codable, Sendable, Equatable {
    package var roles: [UserRole]
    /// After so many seconds the version needs a proper approval; at most four hours.
    package var seconds: Double

    package init(roles: [UserRole], seconds: Double) {
        self.roles = roles
        self.seconds = seconds
    }

    package static let longestSeconds = 4 * Timestamp.hour
}

/// The hours of a week in which deployments are made, in UTC.
package struct BusinessHours: Codable, Sendable, Equatable, CustomStringConvertible {
    private static let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// 0 is Monday; the range may not wrap around the end of the week.
    package let days: ClosedRange<Int>
    /// Minutes of the day; the end is the first minute outside.
    package let minutes: Range<Int>

    /// Reads `Mon-Fri 09:00-17:00`, with or without ` UTC` behind it; nil where it is something else.
    package init?(_ text: String) {
        var words = text.split(separator: " ").map(String.init)
        if words.count == 3, words[2] == "UTC" { words.removeLast() }
        guard words.count == 2 else { return nil }
        let names = words[0].split(separator: "-").map(String.init)
        let days = names.compactMap { BusinessHours.names.firstIndex(of: $0) }
        let times = words[1].split(separator: "-").compactMap { BusinessHours.minutes(String($0)) }
        guard days.count == names.count, (1...2).contains(days.count),
            days[0] <= days[days.count - 1], times.count == 2, times[0] < times[1]
        else { return nil }
        self.days = days[0]...days[days.count - 1]
        minutes = times[0]..<times[1]
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute),
            hour * 60 + minute <= 1_440
        else { return nil }
        return hour * 60 + minute
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = BusinessHours(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" are no hours."
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package var description: String {
        func time(_ minutes: Int) -> String {
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "\(two(minutes / 60)):\(two(minutes % 60))"
        }
        let first = BusinessHours.names[days.lowerBound]
        let last = BusinessHours.names[days.upperBound]
        return (first == last ? first : "\(first)-\(last)")
            + " \(time(minutes.lowerBound))-\(time(minutes.upperBound)) UTC"
    }

    package func contains(_ date: Timestamp) -> Bool {
        let start = date.floored(toSeconds: Timestamp.day)
        // 1970-01-01 was a Thursday.
        let day = Int(start.microseconds / 86_400_000_000)
        let weekday = ((day + 3) % 7 + 7) % 7
        let minute = Int(date.seconds(since: start) / 60)
        return days.contains(weekday) && minutes.contains(minute)
    }

    /// The first moment from this one on that is inside.
    package func opening(from date: Timestamp) -> Timestamp {
        if contains(date) { return date }
        let today = date.floored(toSeconds: Timestamp.day)
        for offset in 0...8 {
            let start = today.adding(
                seconds: Double(offset) * Timestamp.day + Double(minutes.lowerBound) * 60
            )
            if start >= date, contains(start) { return start }
        }
        return date
    }
}

/// What an environment asks before a version may go there; data, and itself changed by approval.
package struct EnvironmentPolicy: Codable, Sendable, Equatable {
    package var name: String
    /// How many people must approve; 0 releases unattended.
    package var approvals: Int
    /// Which of them must have which role; the others need the role approver.
    package var roles: [RoleSlots] = []
    /// Whether who asked for it, trained it or wrote the policy is kept from approving.
    package var forbidsSelfApproval = false
    /// The least time between the request and the deployment.
    package var waitSeconds: Double = 0
    package var requestSeconds: Double = 7 * Timestamp.day
    /// How long an approval lets a version be deployed.
    package var grantSeconds: Double = 30 * Timestamp.day
    package var hours: BusinessHours?
    package var checks: [ReleaseCheck] = []
    /// nil asks no signatures.
    package var signature: SignatureLevel?
    /// nil takes an approval of what nobody has opened.
    package var evidence: EvidenceDemand?
    package var breakGlass: BreakGlassPolicy?
    /// After so long what serves must be approved again; nil is never.
    package var recertifySeconds: Double?
    /// Whether a version that a retrain made and the gate passed needs nobody.
    package var retrainsUnattended = false

    package init(name: String, approvals: Int) {
        self.name = name
        self.approvals = approvals
    }

    package var isProduction: Bool { name == "production" || name == "prod" }

    /// One role for every person who must approve.
    package var slots: [UserRole] {
        let named = roles.flatMap { Array(repeating: $0.role, count: $0.count) }
        return named + Array(repeating: .approver, count: max(0, approvals - named.count))
    }

    /// What it asks, one sentence a line: the whole of it is evidence.
    package var lines: [String] {
        var lines: [String] = []
        let counted = Dictionary(grouping: slots) { $0 }.sorted { $0.key < $1.key }
            .map { "\($0.value.count) \($0.key.rawValue)" }
        lines.append(counted.isEmpty ? "asks nobody" : "asks \(counted.joined(separator: ", "))")
        lines.append(
            forbidsSelfApproval
                ? "who asked, trained or wrote the policy may not approve"
                : "who asks may approve as well; it is recorded as self-approved"
        )
        if waitSeconds > 0 {
            lines.append("deploys \(durationText(waitSeconds)) after the request")
        }
        lines.append("the request expires after \(durationText(requestSeconds))")
        lines.append("the approval is good for \(durationText(grantSeconds))")
        if let hours { lines.append("deploys \(hours)") }
        if !checks.isEmpty {
            lines.append("checks: \(checks.map(\.rawValue).joined(separator: ", "))")
        }
        switch signature {
        case .required: lines.append("approvals must be signed with an enrolled key")
        case .optional: lines.append("approvals are signed by who has an enrolled key")
        case nil: break
        }
        if evidence == .opened {
            lines.append("who approves must have opened all of the evidence")
        }
        if let breakGlass {
            let names = breakGlass.roles.map(\.rawValue).joined(separator: ", ")
            lines.append("break-glass: \(names), for \(durationText(breakGlass.seconds))")
        }
        if let recertifySeconds {
            lines.append("approved again every \(durationText(recertifySeconds))")
        }
        if retrainsUnattended { lines.append("a retrain that passes the gate asks nobody") }
        return lines
    }
}

extension EnvironmentPolicy {
    private enum CodingKeys: String, CodingKey {
        case name, approvals, roles, forbidsSelfApproval, waitSeconds, requestSeconds
        case grantSeconds, hours, checks, signature, evidence, breakGlass, recertifySeconds
        case retrainsUnattended
    }

    /// What an older record does not say is what held then.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ standard: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? standard
        }
        self.init(
            name: try values.decode(String.self, forKey: .name),
            approvals: try values.decode(Int.self, forKey: .approvals)
        )
        roles = try value(.roles, roles)
        forbidsSelfApproval = try value(.forbidsSelfApproval, false)
        waitSeconds = try value(.waitSeconds, waitSeconds)
        requestSeconds = try value(.requestSeconds, requestSeconds)
        grantSeconds = try value(.grantSeconds, grantSeconds)
        hours = try values.decodeIfPresent(BusinessHours.self, forKey: .hours)
        checks = try value(.checks, checks)
        signature = try values.decodeIfPresent(SignatureLevel.self, forKey: .signature)
        evidence = try values.decodeIfPresent(EvidenceDemand.self, forKey: .evidence)
        breakGlass = try values.decodeIfPresent(BreakGlassPolicy.self, forKey: .breakGlass)
        recertifySeconds = try values.decodeIfPresent(Double.self, forKey: .recertifySeconds)
        retrainsUnattended = try value(.retrainsUnattended, false)
    }
}

/// `30m`, `12h`, `7d`, as policies are written; seconds where nothing larger fits.
package func durationText(_ seconds: Double) -> String {
    for (unit, letter) in [(Timestamp.day, "d"), (Timestamp.hour, "h"), (Timestamp.minute, "m")]
    where seconds >= unit && seconds.truncatingRemainder(dividingBy: unit) == 0 {
        return "\(Int64(seconds / unit))\(letter)"
    }
    return "\(Int64(seconds))s"
}

/// A policy that was in force in an environment of a model, from a moment on.
package struct PolicyRecord: Codable, Sendable, Equatable {
    package let model: String
    package let policy: EnvironmentPolicy
    /// SHA-256 of the canonical JSON of `policy`.
    package let digest: Digest
    package let author: Actor
    /// The approval that put it in force; nil for the first, which nobody could approve.
    package let approval: ID<Approval>?
    package let at: Timestamp

    package init(
        model: String,
        policy: EnvironmentPolicy,
        digest: Digest,
        author: Actor,
        approval: ID<Approval>?,
        at: Timestamp
    ) {
        self.model = model
        self.policy = policy
        self.digest = digest
        self.author = author
        self.approval = approval
        self.at = at
    }
}
