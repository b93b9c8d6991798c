import Domain

/// A value of the pipeline file that has the shape its key asks for.
enum PipelineValue {
    case text(String)
    case texts([String])
    case number(Double)
    case parameters([String: Scalar])
    case missingRules([String: MissingRule])
    case outlierRules([String: OutlierRule])
    case environments([EnvironmentPolicy])
    /// nil is all.
    case features([String]?)
    case alertRules([AlertRuleDraft])
}

/// Something wrong in the file, with its line for the order of the report.
struct Problem {
    let line: Int
    let message: String
}

/// Walks the file along the table of keys; keeps what fits and a sentence for what does not.
struct PipelineValues {
    private(set) var values: [String: PipelineValue] = [:]
    var lines: [String: Int] = [:]
    private(set) var problems: [Problem] = []

    init(_ mapping: Node.Mapping) {
        readSection("", mapping)
    }

    mutating func note(_ message: String, at path: String) {
        problems.append(Problem(line: line(of: path), message: message))
    }

    /// The line of the key, or of the nearest section around it that is there.
    func line(of path: String) -> Int {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let dot = path.lastIndex(of: ".") else { return 1 }
            path = path[..<dot]
        }
    }

    func isGiven(_ path: String) -> Bool { lines[path] != nil }

    mutating func note(_ node: Node, _ message: String) {
        problems.append(Problem(line: node.line, message: message))
    }

    private mutating func readSection(_ section: String, _ mapping: Node.Mapping) {
        for (keyNode, node) in mapping {
            let name = keyNode.text ?? ""
            let path = section.isEmpty ? name : "\(section).\(name)"
            guard let key = PipelineKey.find(path), !name.contains(".") else {
                noteUnknown(keyNode, name, section, PipelineKey.names(in: section))
                continue
            }
            lines[path] = keyNode.line
            if case .section = key.shape {
                guard let inner = node.mapping else {
                    noteMismatch(node, path, key.shape)
                    continue
                }
                readSection(path, inner)
            } else if let value = read(node, key) {
                values[path] = value
            }
        }
    }

    mutating func noteUnknown(
        _ node: Node,
        _ name: String,
        _ section: String,
        _ valid: [String]
    ) {
        let place = section.isEmpty ? "" : " in \"\(section)\""
        let near = nearestName(to: name, among: valid).map { "; \"\($0)\" is the nearest" } ?? ""
        note(
            node,
            "the key \(quoted(name))\(place) is unknown\(near). "
                + (valid.count == 1 ? "The only key is " : "The keys are ")
                + "\(valid.joined(separator: ", "))."
        )
    }

    mutating func noteMismatch(_ node: Node, _ path: String, _ shape: Shape) {
        note(node, "\(quoted(path)) is \(describe(node)). It takes \(shape.words).")
    }

    func describe(_ node: Node) -> String {
        if node.mapping != nil { return "keys and values" }
        if node.sequence != nil { return "a list" }
        if isEmpty(node) { return "empty" }
        return quoted(node.text ?? "")
    }

    /// Whether nothing stands behind the key.
    private func isEmpty(_ node: Node) -> Bool {
        node.isNull || node.text?.isEmpty == true
    }

    private mutating func read(_ node: Node, _ key: PipelineKey) -> PipelineValue? {
        let value: PipelineValue? =
            switch key.shape {
            case .section: nil
            case .name, .text, .choice: readText(node, key.shape).map { .text($0) }
            case .texts, .choices:
                readTexts(node, key.path, key.shape).map { .texts($0) }
            case .whole, .number, .share, .duration:
                readNumber(node, key.shape).map { .number($0) }
            case .parameters: readParameters(node, key.path).map { .parameters($0) }
            case .missingRules: readMissingRules(node, key.path).map { .missingRules($0) }
            case .outlierRules: readOutlierRules(node, key.path).map { .outlierRules($0) }
            case .environments: readEnvironments(node).map { .environments($0) }
            case .alertRules: readAlertRules(node).map { .alertRules($0) }
            case .features:
                node.text == "all"
                    ? .features(nil)
                    : readTexts(node, key.path, key.shape).map { .features($0) }
            }
        // A value that was taken apart has said itself what is wrong inside of it.
        switch key.shape {
        case .parameters, .missingRules, .outlierRules, .environments, .alertRules:
            if value == nil && node.mapping == nil { noteMismatch(node, key.path, key.shape) }
        case .texts, .choices, .features:
            if value == nil && node.sequence == nil { noteMismatch(node, key.path, key.shape) }
        default:
            if value == nil { noteMismatch(node, key.path, key.shape) }
        }
        return value
    }

    func readText(_ node: Node, _ shape: Shape) -> String? {
        guard let text = node.text, !isEmpty(node) else { return nil }
        switch shape {
        case .name: return isName(text) ? text : nil
        case .choice(let values): return values.contains(text) ? text : nil
        default: return text
        }
    }

    mutating func readTexts(
        _ node: Node,
        _ path: String,
        _ shape: Shape
    ) -> [String]? {
        guard let sequence = node.sequence else { return nil }
        var texts: [String] = []
        var isFine = true
        for element in sequence {
            guard let text = element.text, !isEmpty(element) else {
                let found = isEmpty(element) ? "an empty entry" : describe(element)
                note(element, "\(quoted(path)) holds \(found). It takes \(shape.words).")
                isFine = false
                continue
            }
            if case .choices(let valid) = shape, !valid.contains(text) {
                let near =
                    nearestName(to: text, among: valid).map { "; \"\($0)\" is the nearest" } ?? ""
                note(
                    element,
                    "\(quoted(path)) holds \(quoted(text))\(near). It takes \(shape.words)."
                )
                isFine = false
            } else if texts.contains(text) && path != "train.command" {
                note(element, "\(quoted(path)) lists \(quoted(text)) twice. Remove one.")
                isFine = false
            }
            texts.append(text)
        }
        return isFine ? texts : nil
    }

    func readNumber(_ node: Node, _ shape: Shape) -> Double? {
        guard let text = node.text else { return nil }
        switch shape {
        case .whole(let range):
            return Int(text).flatMap { range.contains($0) ? Double($0) : nil }
        case .number(let range):
            return plainNumber(text).flatMap { range.contains($0) ? $0 : nil }
        case .share(let includesEnds):
            guard let share = parseShare(text) else { return nil }
            return includesEnds || share > 0 && share < 1 ? share : nil
        default: return parseDuration(text)
        }
    }

    private mutating func readParameters(_ node: Node, _ path: String) -> [String: Scalar]? {
        guard let mapping = node.mapping else { return nil }
        var parameters: [String: Scalar] = [:]
        for (keyNode, valueNode) in mapping {
            let name = keyNode.text ?? ""
            lines["\(path).\(name)"] = keyNode.line
            guard let value = scalar(valueNode) else {
                note(
                    valueNode,
                    "\(quoted("\(path).\(name)")) is \(describe(valueNode)). "
                        + "It takes a number, text, true or false."
                )
                continue
            }
            parameters[name] = value
        }
        return parameters
    }

    private mutating func readMissingRules(_ node: Node, _ path: String) -> [String: MissingRule]? {
        readParameters(node, path)?.mapValues { $0 == .text("drop") ? .dropRow : .fill($0) }
    }

    private mutating func readOutlierRules(_ node: Node, _ path: String) -> [String: OutlierRule]? {
        guard let mapping = node.mapping else { return nil }
        var rules: [String: OutlierRule] = [:]
        for (keyNode, ruleNode) in mapping {
            let column = keyNode.text ?? ""
            let rulePath = "\(path).\(column)"
            lines[rulePath] = keyNode.line
            guard let rule = ruleNode.mapping else {
                note(
                    ruleNode,
                    "\(quoted(rulePath)) is \(describe(ruleNode)). "
                        + "It takes limits such as { min: 0, max: 120, action: drop }."
                )
                continue
            }
            if let rule = readOutlierRule(rule, rulePath) { rules[column] = rule }
        }
        return rules
    }

    private mutating func readOutlierRule(_ mapping: Node.Mapping, _ path: String) -> OutlierRule? {
        let actions = Shape.choice(OutlierAction.allCases.map(\.rawValue))
        let range = -1e300...1e300
        var limits: [String: Double] = [:]
        var action = OutlierAction.drop
        let before = problems.count
        for (keyNode, node) in mapping {
            let name = keyNode.text ?? ""
            switch name {
            case "min", "max":
                limits[name] = readNumber(node, .number(range))
                if limits[name] == nil {
                    note(
                        node,
                        "\(quoted("\(path).\(name)")) is \(describe(node)). It takes a number."
                    )
                }
            case "action":
                if let text = readText(node, actions), let found = OutlierAction(rawValue: text) {
                    action = found
                } else {
                    noteMismatch(node, "\(path).action", actions)
                }
            default: noteUnknown(keyNode, name, path, ["min", "max", "action"])
            }
        }
        guard problems.count == before else { return nil }
        if limits.isEmpty {
            note("\(quoted(path)) has no limit. Give \"min\", \"max\" or both.", at: path)
            return nil
        }
        if let low = limits["min"], let high = limits["max"], low > high {
            note("\(quoted(path)) has a \"min\" above its \"max\". Swap them.", at: path)
            return nil
        }
        return OutlierRule(minimum: limits["min"], maximum: limits["max"], action: action)
    }

    /// A plain scalar by its look; a quoted one is always text.
    private func scalar(_ node: Node) -> Scalar? {
        guard let text = node.text, !isEmpty(node) else { return nil }
        guard node.isPlain else { return .text(text) }
        if text == "true" { return .boolean(true) }
        if text == "false" { return .boolean(false) }
        return plainNumber(text).map { .number($0) } ?? .text(text)
    }
}

/// A finite decimal number; no hexadecimal, no infinity.
private func plainNumber(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
        let value = Double(text), value.isFinite
    else { return nil }
    return value
}

/// `20%` or `0.2` as 0.2; nil outside 0...1.
private func parseShare(_ text: String) -> Double? {
    let number =
        text.hasSuffix("%")
        ? plainNumber(String(text.dropLast())).map { $0 / 100 } : plainNumber(text)
    return number.flatMap { (0...1).contains($0) ? $0 : nil }
}

/// `90s`, `30m`, `12h`, `7d` or `2w` in seconds.
func parseDuration(_ text: String) -> Double? {
    let units: [Character: Double] = [
        "s": Timestamp.second, "m": Timestamp.minute, "h": Timestamp.hour, "d": Timestamp.day,
        "w": 7 * Timestamp.day,
    ]
    guard let last = text.last, let unit = units[last],
        let count = Int(text.dropLast()), count > 0, text.first != "+"
    else { return nil }
    let seconds = Double(count) * unit
    return seconds <= 3_660 * Timestamp.day ? seconds : nil
}

func isName(_ text: String) -> Bool {
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 64 else {
        return false
    }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 45 || $0 == 95 || $0 == 46 }
}
