import Domain
import Statistics

/// A column of categories, counted.
package struct CategoryCounts: Sendable, Equatable {
    /// Of each category.
    package let rows: [String: Int]
    package let missing: Int

    package init(rows: [String: Int], missing: Int) {
        self.rows = rows
        self.missing = missing
    }

    /// nil is missing.
    package init(_ values: [String?]) {
        var rows: [String: Int] = [:]
        for case let value? in values { rows[value, default: 0] += 1 }
        self.init(rows: rows, missing: values.count { $0 == nil })
    }
}

/// What a column of categories shows of each cause.
struct CategoryEvidence {
    private let before: [String: Int]
    private let now: [String: Int]
    private let referenceRows: Int
    private let currentRows: Int
    private let referenceCount: Int
    private let currentCount: Int

    /// Words that stand for a missing value, in lower case.
    private static let placeholders: Set<String> = [
        "", "-", "--", "?", "n/a", "na", "nan", "none", "null", "nil", "unknown", "undefined",
        "default", "0", "-1", "99", "999", "9999", "-999", "-9999",
    ]

    private let serial: CauseQuestion.Serial?

    init(
        reference: CategoryCounts,
        current: CategoryCounts,
        serial: CauseQuestion.Serial? = nil
    ) {
        self.serial = serial
        before = reference.rows
        now = current.rows
        referenceCount = before.values.reduce(0, +)
        currentCount = now.values.reduce(0, +)
        referenceRows = referenceCount + reference.missing
        currentRows = currentCount + current.missing
    }

    /// Missing values and words that stand for them.
    func faults() -> [DriftCause.Candidate] {
        let loss = dataLoss(
            reference: (referenceRows - referenceCount, referenceRows),
            current: (currentRows - currentCount, currentRows),
            usualShare: serial?.missingLimit
        ) {
            let names = Set(before.keys).union(now.keys)
            return areAlike(names) ? "The categories that remain have their usual shares." : nil
        }
        return [loss, placeholder()].compactMap { $0 }
    }

    private func placeholder() -> DriftCause.Candidate? {
        guard min(referenceCount, currentCount) >= CauseLevel.leastValues else { return nil }
        let words = now.filter { Self.placeholders.contains($0.key.lowercased()) }
        let rises = words.compactMap { word, hits -> (word: String, hits: Int)? in
            let known = before[word] ?? 0
            let rise = share(hits, currentCount) - share(known, referenceCount)
            guard rise > CauseLevel.shareRise,
                share(hits, currentCount) >= 3 * share(known, referenceCount),
                isBeyondChance((hits, currentCount), (known, referenceCount))
            else { return nil }
            return (word, hits)
        }
        guard let top = rises.max(by: { ($0.hits, $1.word) < ($1.hits, $0.word) }) else {
            return nil
        }
        return DriftCause.Candidate(
            .sentinel,
            evidence: [
                """
                The placeholder \"\(top.word)\" has \
                \(Wording.percent(share(top.hits, currentCount))) of the values; in the \
                reference it had \
                \(Wording.percent(share(before[top.word] ?? 0, referenceCount))).
                """
            ]
        )
    }

    /// Categories the reference never had, while the others keep their proportions.
    func newCategory() -> DriftCause.Candidate? {
        guard min(referenceCount, currentCount) >= CauseLevel.leastValues else { return nil }
        let unseen = now.filter { before[$0.key] == nil }
        let hits = unseen.values.reduce(0, +)
        // Good and Turing: what is new by chance has the share of what the reference saw once.
        let singles = before.values.count { $0 == 1 }
        let chance = share(singles, referenceCount)
        guard share(hits, currentCount) - chance > CauseLevel.shareRise,
            isBeyondChance((hits, currentCount), (singles, referenceCount)),
            areAlike(Set(before.keys))
        else { return nil }
        let ordered = unseen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let names = ordered.prefix(3).map { "\"\($0.key)\"" }.joined(separator: ", ")
        return DriftCause.Candidate(
            .newCategory,
            evidence: [
                """
                \(Wording.percent(share(hits, currentCount))) of the values are of categories \
                the reference never had: \(names)\(unseen.count > 3 ? " and others" : "").
                """,
                hits == currentCount
                    ? "None of the known categories is left: the code list may be another one."
                    : "The other categories keep their proportions.",
            ]
        )
    }

    private func areAlike(_ names: Set<String>) -> Bool {
        let ordered = names.sorted()
        let test = Contingency.homogeneity(
            ordered.map { before[$0] ?? 0 },
            ordered.map { now[$0] ?? 0 }
        )
        return (test?.probability ?? 1) > CauseLevel.alikeProbability
    }

    private func isBeyondChance(
        _ current: (hits: Int, count: Int),
        _ reference: (hits: Int, count: Int)
    ) -> Bool {
        guard let test = Contingency.twoProportions(current, reference) else {
            // Undefined only where every value on both sides is a hit, or none is.
            return false
        }
        return test.z > 0 && test.probability < CauseLevel.changeProbability
    }

    private func share(_ hits: Int, _ count: Int) -> Double {
        Double(hits) / Double(max(1, count))
    }
}
