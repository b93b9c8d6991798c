import FoundationEssentials
import Statistics
import Testing

@Suite
struct SketchTests {
    private static let normal = normals(4_000, seed: 11)

    private func pair(
        _ reference: [Double],
        _ current: [Double]
    ) throws -> (layout: BinLayout, baseline: NumericSketch, window: NumericSketch) {
        let layout = BinLayout(baseline: Sample(reference))
        return (
            layout, try NumericSketch(layout: layout, values: reference),
            try NumericSketch(layout: layout, values: current)
        )
    }

    private func distance(_ reference: [Double], _ current: [Double]) throws -> NumericDistance {
        let (layout, baseline, window) = try pair(reference, current)
        return try #require(
            NumericDistance(layout: layout, baseline: baseline, window: window)
        )
    }

    @Test
    func `a continuous column has about a hundred bins in ascending order`() {
        let layout = BinLayout(baseline: Sample(Self.normal))
        #expect((80...160).contains(layout.binCount))
        #expect(zip(layout.upperEdges, layout.upperEdges.dropFirst()).allSatisfy { $0 < $1 })
        #expect(!layout.isDiscrete)
        #expect(layout.groupEnds.count == 9)
    }

    @Test
    func `a value lies in the bin of lower < x <= upper`() {
        let layout = BinLayout(baseline: Sample(Self.normal))
        for (bin, edge) in layout.upperEdges.enumerated() {
            #expect(layout.bin(of: edge) == bin)
            #expect(layout.bin(of: edge.nextUp) >= bin + 1)
        }
        #expect(layout.bin(of: -1e9) == 0)
        #expect(layout.bin(of: 1e9) == layout.binCount - 1)
    }

    @Test
    func `few different values get a bin each, and what lies between is another value`() throws {
        let reference = (0..<300).map { Double($0 % 3) }
        let (layout, baseline, window) = try pair(reference, [0, 1, 2, 1.5, -4, 9])
        #expect(layout.isDiscrete)
        #expect(layout.grouped(baseline.counts) == [100, 100, 100, 0])
        #expect(layout.grouped(window.counts) == [1, 1, 1, 3])
        #expect(window.outOfRangeCount == 2)
    }

    @Test
    func `a frequent value has a bin of its own`() {
        let zeros = [Double](repeating: 0, count: 400)
        let layout = BinLayout(baseline: Sample(Self.normal + zeros))
        #expect(layout.holdsOneValue(layout.bin(of: 0)))
        #expect(!layout.holdsOneValue(layout.bin(of: 1e-9)))
    }

    @Test(arguments: NumericReference.all)
    func `the sketch's PSI is the exact one and its KS is within the stated error`(
        _ expected: NumericReference
    ) throws {
        let halves = try expected.file.halves(expected.column)
        let found = try distance(halves.reference, halves.current)
        #expect(found.kolmogorovSmirnov <= expected.distance + 1e-12)
        let reached = found.kolmogorovSmirnov + found.kolmogorovSmirnovError
        #expect(expected.distance <= reached + 1e-12)
        #expect(agree(found.wasserstein, expected.normalisedWasserstein, within: 0.05))
        let layout = BinLayout(baseline: Sample(halves.reference))
        if !layout.isDiscrete {
            #expect(agree(found.populationStability, expected.decileStability))
        }
    }

    @Test
    func `one value at a time, all at once and in merged parts are the same`() throws {
        let values = normals(500, seed: 3) + [.nan, .infinity, 40]
        let layout = BinLayout(baseline: Sample(Self.normal))
        let whole = try NumericSketch(layout: layout, values: values)
        var single = NumericSketch(layout: layout)
        for value in values { try single.add(value, layout: layout) }
        var merged = try NumericSketch(layout: layout, values: Array(values[..<200]))
        try merged.merge(NumericSketch(layout: layout, values: Array(values[200...])))
        for other in [single, merged] {
            #expect(other.counts == whole.counts)
            #expect(other.missingCount == 1)
            #expect(other.infiniteCount == 1)
            #expect(other.minimum == whole.minimum)
            #expect(other.maximum == 40)
            #expect(agree(other.moments.mean, whole.moments.mean, within: 1e-9))
            #expect(agree(other.moments.squares, whole.moments.squares, within: 1e-9))
            #expect(zip(other.sums, whole.sums).allSatisfy { abs($0 - $1) < 1e-9 })
        }
    }

    @Test
    func `a gap says why it is one, counted alone, in blocks and merged`() throws {
        let layout = BinLayout(baseline: Sample(Self.normal))
        let gaps =
            Array(repeating: MissingNumber.absent.value, count: 3)
            + Array(repeating: MissingNumber.notANumber.value, count: 2)
            + [MissingNumber.unreadable.value, .nan, Double(nan: 77, signaling: false), .infinity]
        let expected = NumericGaps(missing: 8, infinite: 1, notANumber: 2, unreadable: 1)
        let few = try NumericSketch(layout: layout, values: gaps)
        #expect(few.gaps == expected)
        let many = try NumericSketch(layout: layout, values: normals(300, seed: 3) + gaps)
        #expect(many.gaps == expected)
        #expect(many.rowCount == 309)
        var sum = few
        try sum.merge(many)
        #expect(sum.unreadableCount == 2)
        #expect(sum.notANumberCount == 4)
        let (counts, sums) = sum.cells
        let again = try NumericSketch(
            layout: layout,
            counts: counts[...],
            sums: sums[...],
            extremes: sum.extremes
        )
        #expect(again == sum)
    }

    @Test
    func `sketches of different layouts refuse to mix`() throws {
        let one = BinLayout(baseline: Sample([1, 2, 3]))
        let two = BinLayout(baseline: Sample([1, 2, 4]))
        var sketch = NumericSketch(layout: one)
        #expect(throws: SketchMismatch()) { try sketch.merge(NumericSketch(layout: two)) }
        #expect(throws: SketchMismatch()) { try sketch.add(1, layout: two) }
        #expect(throws: SketchMismatch()) { try sketch.add([1].span, layout: two) }
        #expect(SketchMismatch().description.contains("Compare windows of one model version."))
    }

    @Test
    func `one wild value in the window moves no distance`() throws {
        let current = normals(5_000, seed: 21, shift: 1)
        let clean = try distance(Self.normal, current)
        let wild = try distance(Self.normal, current + [1e6])
        #expect(abs(wild.populationStability - clean.populationStability) < 0.01)
        #expect(abs(wild.jensenShannonBits - clean.jensenShannonBits) < 0.001)
        #expect(abs(wild.wasserstein - clean.wasserstein) < 0.01)
        #expect(clean.wasserstein > 0.9)
    }

    @Test
    func `one wild value in the baseline hides no shift`() throws {
        let current = normals(5_000, seed: 21, shift: 1)
        let clean = try distance(Self.normal, current)
        let wild = try distance(Self.normal + [1e4], current)
        #expect(abs(wild.populationStability - clean.populationStability) < 0.01)
        #expect(abs(wild.wasserstein - clean.wasserstein) < 0.02)
    }

    @Test
    func `a change of unit is a large distance although wild values are clamped`() throws {
        let found = try distance(Self.normal, Self.normal.map { $0 * 1_000 })
        #expect(found.wasserstein > 3)
        #expect(found.populationStability > 1)
    }

    @Test
    func `a constant column that changes is seen and one that stays is not`() throws {
        let constant = [Double](repeating: 7, count: 100)
        let same = try distance(constant, constant)
        #expect(same.populationStability == 0)
        #expect(same.wasserstein == 0)
        let changed = try distance(constant, [Double](repeating: 8, count: 100))
        #expect(changed.populationStability > 5)
        #expect(changed.wasserstein > 0.1)
        #expect(changed.kolmogorovSmirnov == 1)
    }

    @Test
    func `a column without values has no distance`() throws {
        let (layout, baseline, window) = try pair(Self.normal, [.nan, .nan])
        #expect(NumericDistance(layout: layout, baseline: baseline, window: window) == nil)
        #expect(window.missingShare == 1)
        let (empty, none, some) = try pair([.nan], [1, 2])
        #expect(NumericDistance(layout: empty, baseline: none, window: some) == nil)
    }

    @Test
    func `layout and sketch survive JSON and are compact`() throws {
        let (layout, baseline, _) = try pair(Self.normal, [])
        let encoder = JSONEncoder()
        let bytes = (try encoder.encode(layout), try encoder.encode(baseline))
        #expect(bytes.0.count + bytes.1.count < 10_000)
        #expect(try JSONDecoder().decode(BinLayout.self, from: bytes.0) == layout)
        #expect(try JSONDecoder().decode(NumericSketch.self, from: bytes.1) == baseline)
    }

    @Test
    func `enormous numbers count as infinite and still encode`() throws {
        let layout = BinLayout(baseline: Sample([1e300, 1, 2]))
        let sketch = try NumericSketch(layout: layout, values: [1e300, -1e200, 1])
        #expect(sketch.infiniteCount == 2)
        #expect(try !JSONEncoder().encode(sketch).isEmpty)
        #expect(try !JSONEncoder().encode(layout).isEmpty)
    }

    @Test
    func `the number of rows is known whatever the values`() throws {
        let layout = BinLayout(baseline: Sample([]))
        let sketch = try NumericSketch(layout: layout, values: [1, .nan, .infinity])
        #expect(layout.binCount == 1)
        #expect(sketch.rowCount == 3)
        #expect(sketch.count == 1)
        #expect(sketch.outOfRangeCount == 0)
        #expect(NumericSketch(layout: layout).missingShare == 0)
    }
}
