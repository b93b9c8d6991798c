import Domain
import FoundationEssentials
import Statistics
import Testing

@testable import binnacle

/// The causes as a reader of the JSON finds them.
private struct Causes: Decodable {
    struct Candidate: Decodable {
        var kind: String
        var evidence: [String]
    }

    struct Cause: Decodable {
        var feature: String
        var likely: Candidate
        var runnerUp: Candidate?
        var action: String
        var isRetrainAdvised: Bool
        var retrainReason: String
    }

    var causes: [Cause]

    static func of(_ drift: FileDrift) throws -> [Cause] {
        try JSONDecoder().decode(Causes.self, from: JSONEncoder().encode(drift)).causes
    }
}

struct FileDriftTests {
    private let folder = "/tmp/binnacle-file-drift-\(UUID().uuidString.prefix(8))"

    private func write(_ name: String, _ header: String, shift: Double) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        var generator = SeededGenerator(seed: 7)
        var text = header + "\n"
        for row in 0..<2_000 {
            let moved = Double.random(in: 0..<1, using: &generator) + shift
            let steady = Double.random(in: 0..<1, using: &generator)
            text += "\(moved),\(steady),\(row % 3 == 0 ? "red" : "blue")\n"
        }
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func clean() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func `only the column that moved has drifted, by our verdict and another tool's`() throws
    {
        defer { clean() }
        let before = try write("before.csv", "moved,steady,colour", shift: 0)
        let after = try write("after.csv", "moved,steady,colour", shift: 0.5)
        let drift = try FileDrift(of: after, against: before, as: .evidently)
        #expect(drift.columns.map(\.drift.feature).first == "moved")
        #expect(drift.columns.map(\.drift.verdict) == [.drift, .stable, .stable])
        #expect(drift.columns.map { $0.tool?.isDrift } == [true, false, false])
        let text = FileDriftText.text(drift, columns: nil)
        #expect(text.hasPrefix("1 of 3 columns"))
        #expect(FileDriftText.markdown(drift).contains("| moved |"))
    }

    @Test func `files without a common column are refused`() throws {
        defer { clean() }
        let before = try write("before.csv", "a,b,c", shift: 0)
        let after = try write("after.csv", "d,e,f", shift: 0)
        let refusal = #expect(throws: Refusal.self) {
            try FileDrift(of: after, against: before, as: nil)
        }
        #expect(refusal?.message.contains("no column in common") == true)
    }

    /// 1,000 rows of a temperature, its dew point, a steady number and a colour.
    private func faulty(
        _ name: String,
        header: String = "temperature,dew,steady,colour",
        seed: UInt64,
        row change: (Int, [String]) -> [String] = { $1 }
    ) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        var generator = SeededGenerator(seed: seed)
        var text = header + "\n"
        for row in 0..<1_000 {
            let heat = Int.random(in: 100...300, using: &generator)
            let steady = Double.random(in: 0..<1, using: &generator)
            let cells = ["\(Double(heat) / 10)", "\(heat / 2)", "\(steady)", "red"]
            text += change(row, cells).joined(separator: ",") + "\n"
        }
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `each drifted column gets its cause in text, JSON and Markdown`() throws {
        defer { clean() }
        let before = try faulty("before.csv", seed: 1)
        let after = try faulty("after.csv", seed: 2) { row, cells in
            let heat = (Double(cells[0]) ?? 0) * 1.8 + 32
            let steady = row.isMultiple(of: 3) ? "" : cells[2]
            return ["\(heat)", cells[1], steady, row.isMultiple(of: 5) ? "blue" : "red"]
        }
        let drift = try FileDrift(of: after, against: before, as: nil)
        let found = try Causes.of(drift)
        let kinds = Dictionary(
            uniqueKeysWithValues: found.map { ($0.feature, $0.likely.kind) }
        )
        #expect(
            kinds == ["temperature": "unitChange", "steady": "dataLoss", "colour": "newCategory"]
        )
        let text = FileDriftText.text(drift, columns: nil)
        #expect(text.contains("temperature: unit or scaling change"))
        #expect(text.contains("runner-up    distribution changed."))
        #expect(text.contains("retrain      not advised. The rows are wrong, not the model"))
        let markdown = FileDriftText.markdown(drift)
        #expect(markdown.contains("| steady | data loss | "))
        #expect(found.allSatisfy { !$0.isRetrainAdvised && !$0.retrainReason.isEmpty })
        #expect(found.allSatisfy { !$0.action.isEmpty && $0.runnerUp != nil })
    }

    @Test func `cells of another type and columns that are gone are a broken pipeline`() throws {
        defer { clean() }
        let before = try faulty("before.csv", seed: 1)
        let after = try faulty("after.csv", header: "temperature,damp,steady,colour", seed: 2) {
            // The whole numbers of a column may come back as decimals; these may not.
            [$0 < 300 ? "warm" : $1[0], $1[1], $1[2], $1[3]]
        }
        let drift = try FileDrift(of: after, against: before, as: nil)
        let found = try Causes.of(drift)
        #expect(found.map(\.feature) == ["dew", "temperature"])
        #expect(found.allSatisfy { $0.likely.kind == "pipeline" })
        #expect(found.last?.likely.evidence.first?.contains("such as \"warm\"") == true)
        #expect(drift.left == ["damp", "dew"])
    }

    @Test func `whole numbers that come back as decimals are read and explained`() throws {
        defer { clean() }
        let before = try faulty("before.csv", seed: 1)
        let after = try faulty("after.csv", seed: 2) { _, cells in
            [cells[0], "\((Double(cells[1]) ?? 0) / 2.54)", cells[2], cells[3]]
        }
        let drift = try FileDrift(of: after, against: before, as: nil)
        let found = try Causes.of(drift)
        #expect(found.map(\.likely.kind) == ["unitChange"])
        #expect(
            found.first?.likely.evidence.first?.contains("centimetres to inches") == true
        )
    }

    @Test func `columns that move together are not called a sensor's bias`() throws {
        defer { clean() }
        let before = try faulty("before.csv", seed: 1)
        let warmer: (Int, [String]) -> [String] = { _, cells in
            ["\((Double(cells[0]) ?? 0) + 8)", cells[1], cells[2], cells[3]]
        }
        let alone = try FileDrift(
            of: faulty("alone.csv", seed: 2, row: warmer),
            against: before,
            as: nil
        )
        #expect(try Causes.of(alone).map(\.likely.kind) == ["offset"])
        let both = try FileDrift(
            of: faulty("both.csv", seed: 2) { row, cells in
                let next = warmer(row, cells)
                return [next[0], "\((Int(cells[1]) ?? 0) + 40)", next[2], next[3]]
            },
            against: before,
            as: nil
        )
        #expect(
            try Causes.of(both).map(\.likely.kind) == [
                "distributionChanged", "distributionChanged",
            ]
        )
        #expect(FileDriftText.text(both, columns: 80).contains("time, labels and a model"))
    }

    @Test func `rows that cannot be read are counted and shown`() throws {
        defer { clean() }
        let before = try faulty("before.csv", seed: 1)
        let after = try faulty("after.csv", seed: 2) { $0 == 9 ? ["1", "2"] : $1 }
        let drift = try FileDrift(of: after, against: before, as: nil)
        let found = try Causes.of(drift)
        #expect(drift.badRows == 1)
        #expect(found.isEmpty)
        #expect(FileDriftText.text(drift, columns: nil).contains("1 row of \(after) could not be"))
        #expect(FileDriftText.markdown(drift).contains("could not be read: fix the file upstream"))
    }

    /// 120,000 rows of a temperature with now and then a fault of one row.
    private func long(
        _ name: String,
        seed: UInt64,
        cell: (Int, Double) -> String = { "\($1)" }
    ) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        var generator = SeededGenerator(seed: seed)
        var text = "temperature\n"
        for row in 0..<120_000 {
            let heat = Double(Int.random(in: 0...10_000_000, using: &generator)) / 100_000
            text += cell(row, heat) + "\n"
        }
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `in files too long to be held, single rows still count`() throws {
        defer { clean() }
        let before = try long("before.csv", seed: 1)
        let after = try long("after.csv", seed: 2) { row, heat in
            // A stuck piece and three wild values that a sample would miss; and one beyond the range.
            (61_000..<61_060).contains(row) ? "21.5" : row % 50_001 == 1 ? "99999" : "\(heat)"
        }
        let drift = try FileDrift(of: after, against: before, as: nil)
        #expect(drift.baselineRows == 120_000)
        #expect(drift.columns.map(\.drift.rows) == [120_000])
        let found = try Causes.of(drift)
        #expect(found.first?.likely.kind == "sentinel")
        #expect(found.first?.likely.evidence.first?.hasPrefix("3 values lie more than") == true)
        #expect(found.first?.runnerUp?.kind == "stuckSensor")
        #expect(found.first?.runnerUp?.evidence.first?.contains("60 times in a row") == true)
    }

    @Test func `a type that only late rows show is that of the column`() throws {
        defer { clean() }
        let before = try long("before.csv", seed: 1) { row, heat in
            row < 100_000 ? "\(heat)" : "warm"
        }
        let drift = try FileDrift(of: before, against: before, as: nil)
        #expect(drift.columns.map(\.drift.isCategorical) == [true])
        #expect(drift.columns.map(\.drift.verdict) == [.stable])
        #expect(drift.causes.isEmpty)
    }
}
