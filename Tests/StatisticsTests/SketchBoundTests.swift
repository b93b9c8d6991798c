import Glibc
import Statistics
import Testing

/// A law of values that sketches find hard.
struct HardLaw: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let values: @Sendable (_ count: Int, _ seed: UInt64) -> [Double]

    private static func drawn(
        _ name: String,
        _ value: @escaping @Sendable (inout SeededGenerator) -> Double
    ) -> HardLaw {
        HardLaw(testDescription: name) { count, seed in
            var generator = SeededGenerator(seed: seed)
            return (0..<count).map { _ in value(&generator) }
        }
    }

    static let all: [HardLaw] = [
        drawn("tails without a variance") { tan(.pi * ($0.nextUnit() - 0.5)) },
        drawn("one long tail") { pow(1 - $0.nextUnit(), -1 / 1.2) },
        drawn("two point masses") {
            let unit = $0.nextUnit()
            return unit < 0.5 ? 0 : unit < 0.7 ? 3 : 10 * $0.nextUnit()
        },
        drawn("a constant") { _ in 42 },
        drawn("two values") { $0.nextUnit() < 0.2 ? 1 : 0 },
        drawn("whole numbers") { ($0.nextUnit() * 200).rounded() },
        drawn("clusters far from each other") {
            ($0.nextUnit() < 0.5 ? -1e6 : 1e6) + $0.nextUnit()
        },
        HardLaw(testDescription: "one wild value") { count, seed in
            var values = normals(count, seed: seed)
            values[count / 2] = 1e6
            return values
        },
        HardLaw(testDescription: "nine of ten missing") { count, seed in
            normals(count, seed: seed).enumerated().map { $0.offset % 10 == 0 ? $0.element : .nan }
        },
    ]
}

@Suite
struct SketchBoundTests {
    /// The mean distance of values to their mean, bin by bin, as a share of all.
    private func scatter(_ values: [Double], _ layout: BinLayout) -> Double {
        let groups = Dictionary(grouping: values) { layout.bin(of: $0) }
        let sum = groups.values.reduce(0.0) { sum, group in
            let mean = group.reduce(0, +) / Double(group.count)
            return sum + group.reduce(0) { $0 + abs($1 - mean) }
        }
        return sum / Double(values.count)
    }

    @Test(arguments: HardLaw.all, [UInt64(1), 2, 3])
    func `a distance is as far from the exact one as its bound says, whatever the law`(
        law: HardLaw,
        seed: UInt64
    ) throws {
        let reference = law.values(1_500, seed)
        // The law itself, a shift of it, and another law altogether.
        for current in [
            law.values(900, seed + 50), law.values(900, seed + 60).map { $0 * 1.3 + 0.5 },
            normals(900, seed: seed + 70),
        ] {
            let layout = BinLayout(baseline: Sample(reference))
            let baseline = try NumericSketch(layout: layout, values: reference)
            let window = try NumericSketch(layout: layout, values: current)
            let found = try #require(
                NumericDistance(layout: layout, baseline: baseline, window: window)
            )
            let (old, new) = (Sample(reference), Sample(current))
            let exact = try #require(KolmogorovSmirnov.distance(old, new))
            #expect(found.kolmogorovSmirnov <= exact + 1e-12)
            #expect(exact <= found.kolmogorovSmirnov + found.kolmogorovSmirnovError + 1e-12)

            func clamped(_ sample: Sample) -> [Double] {
                sample.sorted.map { min(max($0, layout.clampLow), layout.clampHigh) }
            }
            let (first, second) = (clamped(old), clamped(new))
            let far = try #require(Wasserstein.distance(Sample(first), Sample(second)))
            let bound = scatter(first, layout) + scatter(second, layout)
            let scale = NumericDistance.scale(layout, baseline)
            let slack = 1e-9 * max(1, abs(layout.clampLow), abs(layout.clampHigh))
            #expect(abs(found.wasserstein * scale - far) <= bound + slack)
            if !layout.isDiscrete {
                let shares = Binning.deciles(reference: old, current: new)
                let stability = ShareDistance.populationStability(
                    ShareDistance.floored(shares.reference),
                    ShareDistance.floored(shares.current)
                )
                #expect(agree(found.populationStability, stability) || stability < 1e-12)
            }
        }
    }

    @Test
    func `no value at all has no distance, and its rows are counted`() throws {
        let reference = normals(500, seed: 1)
        let layout = BinLayout(baseline: Sample(reference))
        let baseline = try NumericSketch(layout: layout, values: reference)
        let empty = try NumericSketch(layout: layout, values: Array(repeating: .nan, count: 300))
        #expect(NumericDistance(layout: layout, baseline: baseline, window: empty) == nil)
        #expect(empty.rowCount == 300)
        #expect(empty.missingShare == 1)
        let nothing = BinLayout(baseline: Sample([.nan, .nan]))
        #expect(nothing.binCount == 1)
    }
}
