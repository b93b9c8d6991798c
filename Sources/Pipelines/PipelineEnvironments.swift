import Domain

/// The policies of environments: `{ production: { approvals: 1 } }`, and all that may stand there.
extension PipelineValues {
    private static let policyKeys = [
        "approvals", "roles", "no_self_approval", "wait", "request_expires", "grant_expires",
        "hours", "checks", "signature", "evidence", "break_glass", "recertify",
    ]
    private static let count = Shape.whole(0...20)

    mutating func readEnvironments(_ node: Node) -> [EnvironmentPolicy]? {
        guard let mapping = node.mapping else { return nil }
        var environments: [EnvironmentPolicy] = []
        for (keyNode, policyNode) in mapping {
            let name = keyNode.text ?? ""
            let path = "environments.\(name)"
            guard isName(name) else {
                note(
                    keyNode,
                    "the environment \(quoted(name)) cannot be a name. "
                        + "It takes \(Shape.name.words)."
                )
                continue
            }
            guard let keys = policyNode.mapping else {
                note(
                    policyNode,
                    "\(quoted(path)) is \(describe(policyNode)). "
                        + "It takes a policy such as { approvals: 1 }."
                )
                continue
            }
            environments.append(readPolicy(name, keys, path))
        }
        if environments.isEmpty && mapping.isEmpty {
            note(node, "\"environments\" names none. Leave the key out, or name one.")
        }
        return environments
    }

    private mutating func readPolicy(
        _ name: String,
        _ keys: Node.Mapping,
        _ path: String
    ) -> EnvironmentPolicy {
        var policy = EnvironmentPolicy(name: name, approvals: 1)
        var approvals: Int?
        for (key, value) in keys {
            let word = key.text ?? ""
            let place = "\(path).\(word)"
            lines[place] = key.line
            switch word {
            case "approvals":
                approvals = number(value, place, PipelineValues.count).map { Int($0) }
            case "roles": policy.roles = readSlots(value, place)
            case "no_self_approval": policy.forbidsSelfApproval = flag(value, place)
            case "wait": policy.waitSeconds = duration(value, place) ?? 0
            case "request_expires":
                policy.requestSeconds = duration(value, place) ?? policy.requestSeconds
            case "grant_expires":
                policy.grantSeconds = duration(value, place) ?? policy.grantSeconds
            case "hours": policy.hours = readHours(value, place)
            case "checks": policy.checks = readChecks(value, place)
            case "signature": policy.signature = readSignature(value, place)
            case "evidence": policy.evidence = readEvidenceDemand(value, place)
            case "break_glass": policy.breakGlass = readBreakGlass(value, place)
            case "recertify": policy.recertifySeconds = duration(value, place)
            default: noteUnknown(key, word, path, PipelineValues.policyKeys)
            }
        }
        let named = policy.roles.reduce(0) { $0 + $1.count }
        policy.approvals = approvals ?? (policy.roles.isEmpty ? 1 : named)
        if policy.approvals < named {
            note(
                "\(quoted(path)) asks \(policy.approvals) people, and its roles \(named). "
                    + "Leave \"approvals\" out, or make it \(named) or more.",
                at: "\(path).approvals"
            )
        }
        return policy
    }

    private mutating func readSignature(_ node: Node, _ path: String) -> SignatureLevel? {
        let levels = Shape.choice(["none"] + SignatureLevel.allCases.map(\.rawValue))
        guard let text = readText(node, levels) else {
            noteMismatch(node, path, levels)
            return nil
        }
        return SignatureLevel(rawValue: text)
    }

    private mutating func readEvidenceDemand(_ node: Node, _ path: String) -> EvidenceDemand? {
        let demands = Shape.choice(["none"] + EvidenceDemand.allCases.map(\.rawValue))
        guard let text = readText(node, demands) else {
            noteMismatch(node, path, demands)
            return nil
        }
        return EvidenceDemand(rawValue: text)
    }

    private mutating func number(_ node: Node, _ path: String, _ shape: Shape) -> Double? {
        let value = readNumber(node, shape)
        if value == nil { noteMismatch(node, path, shape) }
        return value
    }

    private mutating func duration(_ node: Node, _ path: String) -> Double? {
        number(node, path, .duration)
    }

    private mutating func flag(_ node: Node, _ path: String) -> Bool {
        switch node.text {
        case "true": return true
        case "false": return false
        default:
            note(node, "\(quoted(path)) is \(describe(node)). It takes true or false.")
            return false
        }
    }

    /// Roles that can decide; a viewer and a data engineer cannot.
    private static let deciding = Permission.decide.roles

    private mutating func readSlots(_ node: Node, _ path: String) -> [RoleSlots] {
        guard let mapping = node.mapping else {
            note(
                node,
                "\(quoted(path)) is \(describe(node)). It takes roles and how many of each, "
                    + "such as { owner: 1 }."
            )
            return []
        }
        var slots: [RoleSlots] = []
        for (key, value) in mapping {
            let word = key.text ?? ""
            guard let role = role(word) else {
                noteUnknown(key, word, path, PipelineValues.deciding.map(\.rawValue))
                continue
            }
            let count = number(value, "\(path).\(word)", .whole(1...20))
            slots.append(RoleSlots(role, Int(count ?? 1)))
        }
        return slots
    }

    private func role(_ word: String) -> UserRole? {
        UserRole(rawValue: word).flatMap { PipelineValues.deciding.contains($0) ? $0 : nil }
    }

    private mutating func readHours(_ node: Node, _ path: String) -> BusinessHours? {
        let hours = node.text.flatMap { BusinessHours($0) }
        if hours == nil {
            note(
                node,
                "\(quoted(path)) is \(describe(node)). It takes days and times in UTC such as "
                    + "\"Mon-Fri 09:00-17:00\"."
            )
        }
        return hours
    }

    private mutating func readChecks(_ node: Node, _ path: String) -> [ReleaseCheck] {
        let shape = Shape.choices(ReleaseCheck.allCases.map(\.rawValue))
        guard let texts = readTexts(node, path, shape) else {
            if node.sequence == nil { noteMismatch(node, path, shape) }
            return []
        }
        return texts.compactMap { ReleaseCheck(rawValue: $0) }
    }

    private mutating func readBreakGlass(_ node: Node, _ path: String) -> BreakGlassPolicy? {
        guard let mapping = node.mapping else {
            note(
                node,
                "\(quoted(path)) is \(describe(node)). It takes roles and a time such as "
                    + "{ roles: [owner], expires: 4h }."
            )
            return nil
        }
        let breaking = Permission.breakGlass.roles.map(\.rawValue)
        var policy = BreakGlassPolicy(roles: [], seconds: BreakGlassPolicy.longestSeconds)
        for (key, value) in mapping {
            let word = key.text ?? ""
            switch word {
            case "roles":
                let texts = readTexts(value, "\(path).roles", .choices(breaking))
                if texts == nil, value.sequence == nil {
                    noteMismatch(value, "\(path).roles", .choices(breaking))
                }
                policy.roles = (texts ?? []).compactMap { UserRole(rawValue: $0) }
            case "expires":
                let seconds = duration(value, "\(path).expires")
                policy.seconds = seconds ?? policy.seconds
                if policy.seconds > BreakGlassPolicy.longestSeconds {
                    note(
                        value,
                        "\(quoted("\(path).expires")) is longer than 4h, the most there is."
                    )
                }
            default: noteUnknown(key, word, path, ["roles", "expires"])
            }
        }
        if policy.roles.isEmpty {
            note(node, "\(quoted(path)) names no role. Say who may break the glass.")
        }
        return policy
    }
}
