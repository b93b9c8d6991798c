package import Domain

/// How a measure moved while a run was trained, as its job's log tells it.
package struct LearningCurve: Sendable, Equatable {
    package let job: ID<Job>
    /// Such as `inner auc`; empty where the log tells of no rounds.
    package let name: String
    package let rounds: [Double]
    package let values: [Double]

    /// More points than a screen has columns would be drawn over each other.
    static let pointsMaximum = 5_000

    /// Reads lines such as `round 57: inner auc 0.7012` or `epoch 3 loss 0.41`; others are passed
    /// over.
    ///
    /// The first measure that a line with a number names is the curve's; a line that names another
    /// one is left out, so that two measures never become one line.
    package init(job: ID<Job>, lines: some Sequence<String>) {
        self.job = job
        var name = ""
        var rounds: [Double] = []
        var values: [Double] = []
        for line in lines {
            guard let point = Self.point(in: line) else { continue }
            if name.isEmpty { name = point.name }
            guard point.name == name, rounds.count < Self.pointsMaximum else { continue }
            rounds.append(point.round)
            values.append(point.value)
        }
        self.name = name
        self.rounds = rounds
        self.values = values
    }

    private static let words: Set = ["round", "epoch", "step", "iteration"]

    private static func point(in line: String) -> (round: Double, name: String, value: Double)? {
        let line = line.utf8.count > 400 ? String(line.prefix(400)) : line
        let parts = line.lowercased().split { " :,=\t".contains($0) }
        guard let start = parts.firstIndex(where: { words.contains(String($0)) }),
            start + 1 < parts.count,
            let round = Double(parts[start + 1].prefix { $0 != "/" }), round.isFinite
        else { return nil }
        var name: [Substring] = []
        for part in parts[(start + 2)...] {
            if let value = Double(part) {
                // `epoch 3 step 10 loss 0.4`: a counter is no measure.
                if name.count == 1, words.contains(String(name[0])) {
                    name = []
                    continue
                }
                guard !name.isEmpty, value.isFinite else { return nil }
                return (round, name.joined(separator: " "), value)
            }
            name.append(part)
        }
        return nil
    }
}
