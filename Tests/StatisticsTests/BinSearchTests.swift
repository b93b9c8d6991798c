import Testing

@testable import Statistics

/// Columns whose values lie in awkward places of a layout.
private func columns() -> [[Double]] {
    var generator = SeededGenerator(seed: 11)
    let uniform = (0..<3_000).map { _ in Double.random(in: -1..<1, using: &generator) }
    return [
        uniform,
        uniform.map { $0 * $0 * $0 * 1e9 },
        uniform.map { ($0 * 6).rounded() },
        uniform.map { ($0 * 6).rounded() * 0 + 5 },
        uniform.enumerated().map { $0.offset == 7 ? 1e90 : $0.element },
        uniform.map { 1e-300 * $0 },
        uniform.map { $0 < 0.9 ? 0 : $0 },
        uniform.map { $0 < 0 ? -0.0 : $0 },
    ]
}

@Test(arguments: 0..<8)
func `a search for many values finds the bin of each`(column: Int) throws {
    let values = columns()[column]
    let layout = BinLayout(baseline: Sample(values))
    let edges = layout.upperEdges
    let asked =
        edges + edges.map(\.nextUp) + edges.map(\.nextDown) + values
        + [.nan, .infinity, -1e99, 1e99, 0, -0.0, layout.clampLow, layout.clampHigh]
    var found = [Int32](repeating: 0, count: asked.count)
    var span = found.mutableSpan
    BinSearch(layout).find(asked.span, into: &span)
    for (value, bin) in zip(asked, found) {
        #expect(bin == (Sample.isUsable(value) ? Int32(layout.bin(of: value)) : -1))
    }
}

@Test func `a search of another layout is refused`() throws {
    let (one, other) = (columns()[0], columns()[1])
    var sketch = NumericSketch(layout: BinLayout(baseline: Sample(one)))
    let search = BinSearch(BinLayout(baseline: Sample(other)))
    #expect(throws: SketchMismatch.self) { try sketch.add(one.span, search: search) }
}

@Test(arguments: 0..<8)
func `bins frozen from a sample count all values and have the whole range inside`(
    column: Int
) throws {
    let values = columns()[column]
    let sample = stride(from: 0, to: values.count, by: 30).map { values[$0] }
    let layout = BinLayout(baseline: Sample(sample))
    let counted = try NumericSketch(layout: layout, values: values)
    let (wide, sketch) = try #require(counted.frozen(layout))
    #expect(sketch.outOfRangeCount == 0)
    #expect(sketch.counts.reduce(0, +) == values.count)
    // The same as counting the values in the wider bins.
    let again = try NumericSketch(layout: wide, values: values)
    #expect(again.counts == sketch.counts)
    #expect(again.moments == sketch.moments)
    let highest = try #require(values.max())
    let beyond = try NumericSketch(layout: wide, values: [highest.nextUp])
    #expect(beyond.outOfRangeCount == 1)
}
