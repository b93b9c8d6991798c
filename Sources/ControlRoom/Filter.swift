import Domain

/// What rows must fit: words, `field:value`, `field:>5`, each the other way round with `!`.
struct Filter: Sendable, Equatable {
    var text = ""

    var isEmpty: Bool { text.allSatisfy { $0 == " " } }

    /// Whether a text has all the words; fields mean nothing here.
    func accepts(_ row: String) -> Bool {
        guard !isEmpty else { return true }
        let row = row.lowercased()
        return terms(fields: []).allSatisfy { $0.accepts(row) }
    }

    /// The parts of the filter; what names none of the fields is a plain word.
    func terms(fields: [String]) -> [FilterTerm] {
        let known = Dictionary(fields.map { ($0.lowercased(), $0) }) { first, _ in first }
        return text.split(separator: " ").map { FilterTerm(String($0), fields: known) }
    }
}

/// One part of a filter.
struct FilterTerm: Sendable, Equatable {
    enum Comparison: String, Sendable, CaseIterable {
        // The longer signs first, so that `>=` is not read as `>`.
        case atLeast = ">="
        case atMost = "<="
        case different = "!="
        case above = ">"
        case below = "<"
        case equal = "="
        case holds = "~"
    }

    /// Nil is the whole row.
    let field: String?
    let comparison: Comparison
    /// In lower case.
    let value: String
    let isInverse: Bool

    /// Reads `word`, `!word`, `rows:>9000`, `rows>9000`, `model:late`, `!state:firing`.
    ///
    /// - Parameter fields: The names of the fields by their lower case.
    init(_ written: String, fields: [String: String]) {
        let isInverse = written.first == "!" && written.count > 1
        self.isInverse = isInverse
        let term = (isInverse ? String(written.dropFirst()) : written).lowercased()
        if let split = Self.split(term), let field = fields[split.name] {
            self.field = field
            comparison = split.comparison
            value = split.value
        } else {
            field = nil
            comparison = .holds
            value = term == "!" ? "" : term
        }
    }

    private static func split(
        _ term: String
    ) -> (name: String, comparison: Comparison, value: String)? {
        guard let end = term.firstIndex(where: { ":<>=".contains($0) }), end > term.startIndex
        else { return nil }
        var name = String(term[..<end])
        var rest = String(term[end...])
        if rest.hasPrefix("="), name.hasSuffix("!") {
            name.removeLast()
            rest = "!" + rest
        }
        if rest.hasPrefix(":") { rest.removeFirst() }
        for comparison in Comparison.allCases where rest.hasPrefix(comparison.rawValue) {
            return (name, comparison, String(rest.dropFirst(comparison.rawValue.count)))
        }
        return (name, .holds, rest)
    }

    /// - Parameter row: In lower case.
    func accepts(_ row: String) -> Bool { row.contains(value) != isInverse || value.isEmpty }

    func accepts(_ found: ListValue, now: Timestamp) -> Bool {
        // While the value is still being typed the rows stay.
        if value.isEmpty { return true }
        return fits(found, now: now) != isInverse
    }

    private func fits(_ found: ListValue, now: Timestamp) -> Bool {
        if let number = number(of: found, now: now), let wanted = Self.number(value) {
            switch comparison {
            case .atLeast: return number >= wanted
            case .atMost: return number <= wanted
            case .above: return number > wanted
            case .below: return number < wanted
            case .different: return number != wanted
            case .equal: return number == wanted
            case .holds: break
            }
        }
        let text = found.exported.lowercased()
        switch comparison {
        case .equal: return text == value
        case .different: return text != value
        case .holds: return text.contains(value)
        case .atLeast: return !text.isEmpty && text >= value
        case .atMost: return !text.isEmpty && text <= value
        case .above: return !text.isEmpty && text > value
        case .below: return !text.isEmpty && text < value
        }
    }

    /// What is compared as a number: for a moment the seconds since then.
    private func number(of found: ListValue, now: Timestamp) -> Double? {
        switch found {
        case .number(let value): value
        case .id(let text):
            if case .number(let value) = SortKey.id(text) { value } else { nil }
        // A written date is compared as text: ISO 8601 sorts as time does.
        case .date(let date): value.contains("-") ? nil : now.seconds(since: date)
        case .none, .text: nil
        }
    }

    /// Reads `9000`, `13k`, `0.7`, `47%`, and times such as `45s`, `18m`, `2h`, `5d`.
    static func number(_ text: String) -> Double? {
        if let plain = Double(text) { return plain }
        let units: [Character: Double] = [
            "k": 1_000, "s": 1, "m": Timestamp.minute, "h": Timestamp.hour,
            "d": Timestamp.day, "w": 7 * Timestamp.day,
        ]
        if text.last == "%" { return Double(text.dropLast()).map { $0 / 100 } }
        guard let unit = text.last.flatMap({ units[$0] }), let value = Double(text.dropLast())
        else { return nil }
        return value * unit
    }
}
