import Domain

/// A rule as the file gives it; what it leaves out is filled in later.
struct AlertRuleDraft {
    let name: String
    var kind = AlertRule.drift
    var metric: DriftMetric?
    var features: [String] = []
    var severity: AlertSeverity?
    var raise: Double?
    var clear: Double?
    var lasting: AlertSpan?
    var keepFiring: AlertSpan?
    var owner: String?
    var receivers: [String]?
    var groupBy: [String]?
    var repeatSeconds: Double?

    /// The rule, with what holds for all rules of the file where it says nothing of its own.
    func definition(grouping: AlertGrouping, standardRaise: Double) -> AlertRuleDefinition {
        var own = grouping
        own.receivers = receivers ?? grouping.receivers
        own.groupBy = groupBy ?? grouping.groupBy
        own.repeatSeconds = repeatSeconds ?? grouping.repeatSeconds
        return AlertRuleDefinition(
            name: name,
            kind: kind,
            metric: metric,
            features: features,
            severity: severity ?? (kind == .performance ? .critical : .warning),
            raise: raise ?? standardRaise,
            clear: clear,
            lasting: lasting ?? .windows(3),
            keepFiring: keepFiring ?? .windows(2),
            owner: owner,
            grouping: own
        )
    }
}

extension PipelineValues {
    private static let ruleKeys = [
        "kind", "metric", "features", "severity", "raise", "clear", "for", "keep_firing_for",
        "owner", "receivers", "group_by", "repeat",
    ]
    private static let kinds: [AlertRule] = [.drift, .performance, .feature, .quality]

    mutating func readAlertRules(_ node: Node) -> [AlertRuleDraft]? {
        guard let mapping = node.mapping else { return nil }
        var rules: [AlertRuleDraft] = []
        for (keyNode, ruleNode) in mapping {
            let name = keyNode.text ?? ""
            let path = "alerts.rules.\(name)"
            guard isName(name) else {
                note(
                    keyNode,
                    "the rule \(quoted(name)) cannot be a name. It takes \(Shape.name.words)."
                )
                continue
            }
            guard let keys = ruleNode.mapping else {
                note(
                    ruleNode,
                    "\(quoted(path)) is \(describe(ruleNode)). It takes a rule such as "
                        + "{ kind: feature, metric: psi, raise: 0.25 }."
                )
                continue
            }
            let before = problems.count
            var rule = AlertRuleDraft(name: name)
            readKind(of: &rule, keys, path)
            for (key, value) in keys { readRuleKey(key, value, path, &rule) }
            checkRule(&rule, keyNode, path)
            if problems.count == before { rules.append(rule) }
        }
        return rules
    }

    /// First, because what the other keys take depends on it.
    private mutating func readKind(
        of rule: inout AlertRuleDraft,
        _ keys: Node.Mapping,
        _ path: String
    ) {
        let standard = AlertRule(rawValue: rule.name)
        guard let node = keys.first(where: { $0.key.text == "kind" })?.value else {
            rule.kind = standard.flatMap { Self.kinds.contains($0) ? $0 : nil } ?? .feature
            return
        }
        let shape = Shape.choice(Self.kinds.map(\.rawValue))
        guard let kind = readText(node, shape).flatMap({ AlertRule(rawValue: $0) }) else {
            noteMismatch(node, "\(path).kind", shape)
            return
        }
        rule.kind = kind
    }

    private mutating func readRuleKey(
        _ key: Node,
        _ node: Node,
        _ path: String,
        _ rule: inout AlertRuleDraft
    ) {
        let word = key.text ?? ""
        let own = "\(path).\(word)"
        let level: Shape =
            rule.kind == .drift ? .share(includesEnds: true) : .number(0...1e12)
        switch word {
        case "kind": break
        case "metric":
            let shape = Shape.choice(DriftMetric.allCases.map(\.rawValue))
            rule.metric = text(node, own, shape).flatMap { DriftMetric(rawValue: $0) }
        case "severity":
            let shape = Shape.choice(AlertSeverity.allCases.map(\.rawValue))
            rule.severity = text(node, own, shape).flatMap { AlertSeverity(rawValue: $0) }
        case "owner": rule.owner = text(node, own, .text)
        case "features": rule.features = readTexts(node, own, .texts) ?? mismatch(node, own) ?? []
        case "receivers": rule.receivers = readTexts(node, own, .texts) ?? mismatch(node, own)
        case "group_by":
            rule.groupBy =
                readTexts(node, own, .choices(Alert.labelNames)) ?? mismatch(node, own)
        case "raise": rule.raise = number(node, own, level)
        case "clear": rule.clear = number(node, own, level)
        case "for": rule.lasting = span(node, own)
        case "keep_firing_for": rule.keepFiring = span(node, own)
        case "repeat": rule.repeatSeconds = number(node, own, .duration)
        default: noteUnknown(key, word, path, Self.ruleKeys)
        }
    }

    private mutating func checkRule(
        _ rule: inout AlertRuleDraft,
        _ node: Node,
        _ path: String
    ) {
        let isOfFeatures = rule.kind == .feature || rule.kind == .quality
        if rule.kind == .quality { rule.metric = rule.metric ?? .missing }
        if rule.kind == .quality, ![.missing, .unseen].contains(rule.metric) {
            note(node, "\(quoted(path)) is of quality: its metric is missing or unseen.")
        }
        if isOfFeatures && (rule.metric == nil || rule.raise == nil) {
            note(node, "\(quoted(path)) needs \"metric\" and \"raise\".")
        }
        if !isOfFeatures && (rule.metric != nil || !rule.features.isEmpty) {
            note(node, "\(quoted(path)) is about the whole model: no \"metric\" or \"features\".")
        }
        if let raise = rule.raise, let clear = rule.clear, clear > raise {
            note(node, "\(quoted(path)) has a \"clear\" above its \"raise\". Swap them.")
        }
    }

    private mutating func text(_ node: Node, _ path: String, _ shape: Shape) -> String? {
        let found = readText(node, shape)
        if found == nil { noteMismatch(node, path, shape) }
        return found
    }

    private mutating func number(_ node: Node, _ path: String, _ shape: Shape) -> Double? {
        let found = readNumber(node, shape)
        if found == nil { noteMismatch(node, path, shape) }
        return found
    }

    /// A list that is none; one whose entries are wrong has said so itself.
    private mutating func mismatch(_ node: Node, _ path: String) -> [String]? {
        if node.sequence == nil { noteMismatch(node, path, .texts) }
        return nil
    }

    /// `3` is windows in a row, `2d` is row time.
    private mutating func span(_ node: Node, _ path: String) -> AlertSpan? {
        if let windows = readNumber(node, .whole(1...1_000)) { return .windows(Int(windows)) }
        if let seconds = readNumber(node, .duration) { return .seconds(seconds) }
        note(
            node,
            "\(quoted(path)) is \(describe(node)). "
                + "It takes windows in a row such as 3, or a duration such as 2d."
        )
        return nil
    }
}
