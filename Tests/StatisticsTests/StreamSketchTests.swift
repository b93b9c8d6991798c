import Statistics
import Testing

@Suite
struct StreamSketchTests {
    @Test
    func `the longest run is found, gaps do not end it and ignored values do not count`() {
        let runs = RunLength([1, 2, 2, .nan, 2, 0, 0, 0, 0, 0, 3], ignoring: [0])
        #expect(runs.longest?.value == 2)
        #expect(runs.longest?.length == 3)
        #expect(runs.count == 10)
        #expect(RunLength([]).longest == nil)
        #expect(RunLength([0, 0, 2, 0, 2], ignoring: [0]).longest == nil)
    }

    /// Every split of short streams over two values and an ignored one.
    @Test
    func `parts merged in order are the whole stream`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let values = (0..<9).map { _ in Double(generator.next(below: 3)) }
            let whole = RunLength(values, ignoring: [0])
            for split in 0...values.count {
                let head = RunLength(Array(values[..<split]), ignoring: [0])
                var merged = head
                merged.merge(RunLength(Array(values[split...]), ignoring: [0]))
                #expect(merged == whole, "\(values) at \(split)")
                var streamed = head
                streamed.observe(Array(values[split...]).span, ignoring: [0])
                #expect(streamed == whole, "\(values) at \(split)")
            }
        }
    }

    @Test
    func `a sensor is stuck beyond ten values and twice the reference`() {
        let reference = RunLength([1, 2, 2, 2, 2, 2, 2, 3])
        let twelve = RunLength(Array(repeating: 5, count: 12))
        let thirteen = RunLength(Array(repeating: 5, count: 13))
        #expect(!twelve.isStuck(reference: reference))
        #expect(thirteen.isStuck(reference: reference))
        let lively = RunLength([1, 2, 3])
        #expect(!RunLength(Array(repeating: 5, count: 10)).isStuck(reference: lively))
        #expect(RunLength(Array(repeating: 5, count: 11)).isStuck(reference: lively))
    }

    @Test
    func `sketches of different settings do not merge`() {
        #expect(throws: SketchMismatch.self) {
            var sketch = DistinctSketch(precision: 10)
            try sketch.merge(DistinctSketch(precision: 11))
        }
        #expect(throws: SketchMismatch.self) {
            var values = FrequentValues(capacity: 4)
            try values.merge(FrequentValues(capacity: 5))
        }
    }

    /// Four standard errors of 1.04 / sqrt(1024).
    @Test(arguments: [1, 10, 100, 1_000, 5_000, 50_000])
    func `the number of different values is estimated within its error`(count: Int) {
        var sketch = DistinctSketch()
        for value in 0..<count {
            sketch.observe([Double(value), .nan].span)
            if value < 100 { sketch.observe([Double(value)].span) }
        }
        let error = abs(sketch.estimate - Double(count)) / Double(count)
        #expect(error < 4 * 1.04 / 32)
    }

    @Test
    func `merged estimates count a shared value once`() throws {
        var first = DistinctSketch()
        var second = DistinctSketch()
        var whole = DistinctSketch()
        for value in 0..<3_000 {
            let name = "device-\(value)"
            if value < 2_000 { first.observe(name) }
            if value >= 1_000 { second.observe(name) }
            whole.observe(name)
        }
        try first.merge(second)
        #expect(first == whole)
        #expect(abs(whole.estimate / 3_000 - 1) < 0.13)
        #expect(DistinctSketch().estimate == 0)
    }

    @Test(arguments: [0, 1, 7, 3_000])
    func `sketches are read from their bytes as they were`(count: Int) throws {
        var (distinct, names) = (DistinctSketch(), FrequentValues(capacity: 8))
        var runs = RunLength()
        for value in 0..<count {
            distinct.observe([Double(value)].span)
            names.observe("name \(value % 11)", count: 1 + value % 3)
            runs.observe([Double(value / 2)].span)
        }
        var writer = PackedWriter()
        distinct.put(into: &writer)
        names.put(into: &writer)
        runs.put(into: &writer)
        var reader = PackedReader(writer.bytes)
        #expect(try DistinctSketch(&reader) == distinct)
        let read = try FrequentValues(&reader)
        #expect(read.counts == names.counts)
        #expect(read.largestError == names.largestError)
        #expect(try RunLength(&reader) == runs)
        #expect(reader.isAtEnd)
        #expect(writer.bytes.count < 1_300)
        var cut = PackedReader(Array(writer.bytes.dropLast(writer.bytes.count / 2 + 1)))
        #expect(throws: PackedBytesMalformed.self) {
            _ = try DistinctSketch(&cut)
            _ = try FrequentValues(&cut)
            _ = try RunLength(&cut)
        }
    }

    @Test
    func `every frequent value is listed and no count is too high`() throws {
        var generator = SeededGenerator(seed: 9)
        var parts = [FrequentValues(capacity: 8), FrequentValues(capacity: 8)]
        var exact: [String: Int] = [:]
        for index in 0..<2_000 {
            // "0" takes a third, "1" a sixth; the rest is spread over 200 values.
            let roll = generator.next(below: 6)
            let value = roll < 2 ? "0" : roll < 3 ? "1" : "\(2 + generator.next(below: 200))"
            parts[index / 1_000].observe(value)
            exact[value, default: 0] += 1
        }
        var sum = parts[0]
        try sum.merge(parts[1])
        #expect(sum.totalCount == 2_000)
        #expect(sum.largestError <= 2_000 / 9)
        #expect(sum.counts.count <= 8)
        for (value, count) in exact {
            let listed = sum.counts[value] ?? 0
            #expect(listed <= count)
            #expect(count - listed <= sum.largestError)
        }
        #expect(sum.counts["0"] != nil)
        #expect(sum.counts["1"] != nil)
    }
}
