import Domain
import Monitoring
import Statistics
import Testing

/// Temperatures in °C with one decimal, about 18 ± 6.
private func temperatures(_ count: Int, seed: UInt64) -> [Double] {
    normals(count, seed: seed).map { ((18 + 6 * $0) * 10).rounded() / 10 }
}

private func verdict(_ reference: ColumnValues, _ current: ColumnValues) throws -> DriftVerdict {
    let baseline = try Baseline(columns: [NamedColumn(name: "x", values: reference)], scores: [])
    var window = try WindowSketch(baseline: baseline, task: .regression)
    try window.add(
        columns: [NamedColumn(name: "x", values: current)],
        scores: [Double](repeating: .nan, count: current.count),
        baseline: baseline
    )
    return try #require(report(baseline, window).features.first?.verdict)
}

private func cause(
    _ reference: ColumnValues,
    _ current: ColumnValues,
    unreadable: CauseQuestion.Unreadable? = nil,
    companions: [CauseQuestion.Companion] = []
) throws -> DriftCause? {
    CauseQuestion(
        feature: "x",
        reference: reference,
        current: current,
        unreadable: unreadable,
        verdict: try verdict(reference, current),
        companions: companions
    ).cause()
}

/// A change of 800 current temperatures and the cause it must be given.
struct NumericFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: DriftCause.Kind
    let evidence: String
    let change: @Sendable ([Double]) -> [Double]

    init(
        _ testDescription: String,
        _ kind: DriftCause.Kind,
        _ evidence: String,
        _ change: @escaping @Sendable ([Double]) -> [Double]
    ) {
        self.testDescription = testDescription
        self.kind = kind
        self.evidence = evidence
        self.change = change
    }

    /// The same change in every row whose number this divides.
    private static func every(_ step: Int, _ value: Double) -> @Sendable ([Double]) -> [Double] {
        { $0.enumerated().map { $0.offset.isMultiple(of: step) ? value : $0.element } }
    }

    private static func affine(
        _ factor: Double,
        _ offset: Double
    ) -> @Sendable ([Double]) -> [Double] {
        { $0.map { $0 * factor + offset } }
    }

    static let all: [NumericFault] = [
        NumericFault("nothing is left", .pipeline, "No row has a value") { $0.map { _ in .nan } },
        NumericFault("a quarter is missing", .dataLoss, "25.0 % are missing", every(4, .nan)),
        NumericFault("-1 for missing", .sentinel, "The value -1 has 5.0 %", every(20, -1)),
        NumericFault("0 for missing", .sentinel, "The value 0 has", every(20, 0)),
        NumericFault("9999 for missing", .sentinel, "The value 9999 has", every(40, 9_999)),
        NumericFault("wild values", .sentinel, "8 values lie more than ten times") {
            $0.enumerated().map { $0.offset.isMultiple(of: 100) ? 1e6 + $0.element : $0.element }
        },
        NumericFault("all zero", .sentinel, "The value 0 has 100.0 %", every(1, 0)),
        NumericFault("stuck for 40 rows", .stuckSensor, "stands 40 times in a row") {
            $0.enumerated().map { (300..<340).contains($0.offset) ? 21.3 : $0.element }
        },
        NumericFault("stuck at two thirds", .stuckSensor, "stands 500 times in a row") {
            $0.enumerated().map { $0.offset >= 300 ? 21.3 : $0.element }
        },
        NumericFault("stuck throughout", .stuckSensor, "one value is left", every(1, 21.3)),
        NumericFault("only noise is left", .stuckSensor, "Nine values of ten span only 0.006") {
            $0.enumerated().map { 18 + Double($0.offset % 7) / 1_000 }
        },
        NumericFault("°C to °F", .unitChange, "°C to °F", affine(1.8, 32)),
        NumericFault("°C to K", .unitChange, "°C to K", affine(1, 273.15)),
        NumericFault("inches", .unitChange, "inches to centimetres", affine(2.54, 0)),
        NumericFault("pounds", .unitChange, "pounds to kilograms", affine(0.453_592_37, 0)),
        NumericFault("thousands", .unitChange, "times 1000", affine(1_000, 0)),
        NumericFault("thousandths", .unitChange, "times 0.001", affine(0.001, 0)),
        NumericFault("percent", .unitChange, "shares to percent", affine(100, 0)),
        NumericFault("a large factor", .unitChange, "times 7", affine(7.3, 0)),
        NumericFault("3 degrees too warm", .offset, "higher by about 3", affine(1, 3)),
        NumericFault("6 degrees too cold", .offset, "lower by about 5.9", affine(1, -6)),
        NumericFault("twice the spread", .distributionChanged, "no fault", affine(2, -18)),
        NumericFault("only one tail moved", .distributionChanged, "no fault") {
            $0.map { $0 > 18 ? 18 + 2.5 * ($0 - 18) : $0 }
        },
    ]
}

/// A change of 600 current categories and the cause it must be given.
struct CategoryFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: DriftCause.Kind
    let evidence: String
    /// The category in a row, from its number and what stood there.
    let change: @Sendable (Int, String?) -> String?

    static let all: [CategoryFault] = [
        CategoryFault(
            testDescription: "nothing is left",
            kind: .pipeline,
            evidence: "No row has a value",
            change: { _, _ in nil }
        ),
        CategoryFault(
            testDescription: "a third is missing",
            kind: .dataLoss,
            evidence: "are missing",
            change: { $0.isMultiple(of: 3) ? nil : $1 }
        ),
        CategoryFault(
            testDescription: "unknown for missing",
            kind: .sentinel,
            evidence: "The placeholder \"Unknown\" has",
            change: { $0.isMultiple(of: 7) ? "Unknown" : $1 }
        ),
        CategoryFault(
            testDescription: "a new carrier",
            kind: .newCategory,
            evidence: "\"WN\"",
            change: { $0.isMultiple(of: 7) ? "WN" : $1 }
        ),
        CategoryFault(
            testDescription: "another code list",
            kind: .newCategory,
            evidence: "None of the known categories is left",
            change: { _, name in name?.lowercased() }
        ),
        CategoryFault(
            testDescription: "another mix",
            kind: .distributionChanged,
            evidence: "no fault",
            change: { row, name in row.isMultiple(of: 3) ? "EV" : name }
        ),
    ]
}

@Suite
struct CauseTests {
    @Test(arguments: NumericFault.all)
    func `an injected fault of numbers is named with its evidence`(fault: NumericFault) throws {
        let current = fault.change(temperatures(800, seed: 2))
        let found = try #require(
            try cause(.numbers(temperatures(3_000, seed: 1)), .numbers(current))
        )
        #expect(found.likely.kind == fault.kind)
        #expect(found.likely.evidence.joined(separator: " ").contains(fault.evidence))
        #expect(found.runnerUp?.kind != found.likely.kind)
        #expect(!found.isRetrainAdvised && !found.retrainReason.isEmpty && !found.action.isEmpty)
    }

    @Test(arguments: CategoryFault.all)
    func `an injected fault of categories is named with its evidence`(fault: CategoryFault) throws {
        let current = carriers(600).enumerated().map { fault.change($0.offset, $0.element) }
        let found = try #require(try cause(.categories(carriers(3_000)), .categories(current)))
        #expect(found.likely.kind == fault.kind)
        #expect(found.likely.evidence.joined(separator: " ").contains(fault.evidence))
    }

    @Test(arguments: UInt64(0)..<50)
    func `clean samples have no cause`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1_000)
        func sample(_ count: Int, _ value: (inout SeededGenerator) -> Double) -> [Double] {
            (0..<count).map { _ in value(&generator) }
        }
        let makers: [(inout SeededGenerator) -> Double] = [
            { $0.nextUnit() },
            // Rain: mostly zero.
            { $0.nextUnit() < 0.6 ? 0 : ($0.nextUnit() * 200).rounded() / 10 },
            // Counts of passengers.
            { Double($0.next(below: 5)) },
            // A heavy tail, and missing values.
            { $0.nextUnit() < 0.1 ? .nan : 1 / (1 - $0.nextUnit()) },
            { _ in 7 },
        ]
        for make in makers {
            let (old, new) = (sample(2_000, make), sample(500, make))
            #expect(try cause(.numbers(old), .numbers(new)) == nil)
            #expect(faultKind(.numbers(old), .numbers(new)) == .distributionChanged)
        }
        let old = temperatures(2_000, seed: seed &* 2 &+ 1)
        let new = temperatures(500, seed: seed &* 2 &+ 2)
        #expect(try cause(.numbers(old), .numbers(new)) == nil)
        #expect(faultKind(.numbers(old), .numbers(new)) == .distributionChanged)
        // Most names are rare, so that new ones turn up by chance.
        func names(_ count: Int) -> ColumnValues {
            .categories(
                sample(count) { 1 / (1 - $0.nextUnit()) }.map { "n\(Int(min($0, 1e6)))" }
            )
        }
        let (before, after) = (names(2_000), names(500))
        #expect(faultKind(before, after) == .distributionChanged)
    }

    /// The cause that would be named had the feature drifted.
    private func faultKind(
        _ reference: ColumnValues,
        _ current: ColumnValues
    ) -> DriftCause.Kind? {
        CauseQuestion(feature: "x", reference: reference, current: current, verdict: .drift)
            .cause()?.likely.kind
    }

    @Test
    func `a column that is gone or does not parse is a broken pipeline before all else`() throws {
        let old = temperatures(500, seed: 1)
        let gone = CauseQuestion(
            feature: "x",
            reference: .numbers(old),
            current: nil,
            verdict: .drift
        )
        #expect(gone.cause()?.likely.kind == .pipeline)
        let new = temperatures(500, seed: 2).enumerated().map {
            $0.offset < 200 ? .nan : $0.element
        }
        let found = try cause(
            .numbers(old),
            .numbers(new),
            unreadable: CauseQuestion.Unreadable(count: 200, example: "12,5")
        )
        #expect(found?.likely.kind == .pipeline)
        #expect(found?.likely.evidence.first?.contains("200 of 500 rows do not fit") == true)
        #expect(found?.runnerUp?.kind == .dataLoss)
        let kinds = CauseQuestion(
            feature: "x",
            reference: .numbers(old),
            current: .categories(["a"]),
            verdict: .stable
        )
        #expect(kinds.cause()?.likely.kind == .pipeline)
    }

    @Test(arguments: [true, false])
    func `an offset is no bias when a correlated column moved along`(hasMoved: Bool) throws {
        let companion = CauseQuestion.Companion(
            name: "dew point",
            correlation: 0.9,
            hasMoved: hasMoved
        )
        let found = try cause(
            .numbers(temperatures(2_000, seed: 1)),
            .numbers(temperatures(500, seed: 2).map { $0 + 4 }),
            companions: [companion]
        )
        #expect(found?.likely.kind == (hasMoved ? .distributionChanged : .offset))
        #expect(found?.likely.evidence.joined().contains("\"dew point\"") == true)
    }

    @Test
    func `companions are the columns that go along in the reference`() {
        let own = temperatures(300, seed: 1)
        let columns = [
            NamedColumn(name: "own", values: .numbers(own)),
            NamedColumn(name: "along", values: .numbers(own.map { -2 * $0 })),
            NamedColumn(name: "apart", values: .numbers(temperatures(300, seed: 9))),
            NamedColumn(name: "flat", values: .numbers(own.map { _ in 1 })),
            NamedColumn(name: "carrier", values: .categories(carriers(300))),
        ]
        let found = CauseQuestion.companions(of: "own", in: columns, moved: ["along"])
        #expect(found.map(\.name) == ["along"])
        #expect(found.allSatisfy { $0.hasMoved && $0.correlation < -0.99 })
        #expect(CauseQuestion.companions(of: "carrier", in: columns, moved: []).isEmpty)
    }

    @Test
    func `a value that was common before, and rows in groups, are neither default nor stuck`() {
        let rain = (0..<3_000).map { $0 % 10 < 6 ? 0 : Double($0 % 97) }
        let dry = (0..<800).map { $0 % 10 < 8 ? 0 : Double($0 % 97) }
        #expect(faultKind(.numbers(rain), .numbers(dry)) == .distributionChanged)
        let mixed = temperatures(3_000, seed: 1).map { $0.rounded() }
        let sorted = temperatures(800, seed: 2).map { $0.rounded() }.sorted()
        #expect(faultKind(.numbers(mixed), .numbers(sorted)) == .distributionChanged)
    }

    @Test
    func `missing values with another distribution left are no mere loss`() throws {
        let old = temperatures(3_000, seed: 1)
        let new = temperatures(800, seed: 2).map { $0 > 20 ? .nan : $0 }
        let found = try cause(.numbers(old), .numbers(new))
        #expect(found?.likely.kind == .distributionChanged)
    }
}
