import FoundationEssentials
import Statistics
import Testing

@Suite
struct CategorySketchTests {
    private let layout = CategoryLayout(baseline: ["b", "a", "b", nil, "c", "a", "b"])

    @Test
    func `categories are ordered by frequency and then by name`() {
        #expect(layout.categories == ["b", "a", "c"])
        #expect(!layout.hasRest)
    }

    @Test
    func `new categories are counted and listed`() throws {
        let sketch = try CategorySketch(layout: layout, values: ["a", "x", "y", "x", nil])
        #expect(sketch.counts == [0, 1, 0])
        #expect(sketch.unseenCount == 3)
        #expect(sketch.unseen == ["x": 2, "y": 1])
        #expect(sketch.unseenShare == 0.75)
        #expect(sketch.missingShare == 0.2)
    }

    @Test
    func `more categories than the limit share one rest`() throws {
        let short = CategoryLayout(baseline: ["a", "a", "b", "c"], limit: 1)
        let sketch = try CategorySketch(layout: short, values: ["a", "b", "zebra"])
        #expect(short.hasRest)
        #expect(sketch.restCount == 2)
        #expect(sketch.unseenCount == 0)
    }

    @Test
    func `the list of new categories is bounded, and a frequent one is always in it`() throws {
        let values = (0..<100).map { "new \($0)" } + [String(repeating: "z", count: 500)]
        var sketch = try CategorySketch(layout: layout, values: values)
        #expect(sketch.unseen.count <= sketch.newValues.capacity)
        #expect(sketch.newValues.largestError == 1)
        #expect(sketch.unseenCount == 101)
        #expect(abs(sketch.distinctCount - 101) < 13)
        try sketch.merge(CategorySketch(layout: layout, values: ["often", "a", "often"]))
        #expect(sketch.unseen["often"] == 2)
        #expect(sketch.unseenCount == 103)
        #expect(abs(sketch.distinctCount - 103) < 13)
        // After a thousand others that came once, one of fifty is still listed.
        for value in 0..<1_000 {
            try sketch.add("other \(value)", layout: layout)
            if value % 20 == 0 { try sketch.add("last", layout: layout) }
        }
        let listed = try #require(sketch.unseen["last"])
        #expect(50 - sketch.newValues.largestError...50 ~= listed)
    }

    @Test
    func `what is written is read again, that of earlier versions as well`() throws {
        var sketch = try CategorySketch(layout: layout, values: ["a", "x", "y", "x", nil])
        let bytes = try JSONEncoder().encode(sketch)
        #expect(try JSONDecoder().decode(CategorySketch.self, from: bytes) == sketch)
        let old =
            #"{"counts":[1,0,0],"missingCount":1,"restCount":0,"unseen":{"x":2,"y":1},"#
            + #""unseenCount":3,"unseenUnlistedCount":0}"#
        let read = try JSONDecoder().decode(CategorySketch.self, from: Data(old.utf8))
        #expect(read.unseen == ["x": 2, "y": 1])
        #expect(read.rowCount == 5)
        #expect(read.distinctCount == 3)
        try sketch.merge(read)
        #expect(sketch.unseen == ["x": 4, "y": 2])
    }

    @Test
    func `a long new category is cut`() throws {
        let long = String(repeating: "z", count: 500)
        let sketch = try CategorySketch(layout: layout, values: [long])
        #expect(sketch.unseen.keys.first?.count == CategorySketch.unseenLength)
    }

    @Test
    func `sketches of different categories refuse to mix`() {
        let other = CategoryLayout(baseline: ["a"])
        var sketch = CategorySketch(layout: layout)
        #expect(throws: SketchMismatch()) { try sketch.merge(CategorySketch(layout: other)) }
        #expect(throws: SketchMismatch()) { try sketch.add("a", layout: other) }
    }

    @Test(arguments: CategoryReference.all)
    func `distances of sketches are the reference values`(_ expected: CategoryReference) throws {
        let halves = try expected.file.halves(expected.column)
        // Sketches take the current half as a baseline too, so that no category is unseen.
        let names = (halves.reference + halves.current).map { Optional("\($0)") }
        let layout = CategoryLayout(baseline: names)
        let found = try #require(
            CategoryDistance(
                baseline: try CategorySketch(
                    layout: layout,
                    values: Array(names[..<halves.reference.count])
                ),
                window: try CategorySketch(
                    layout: layout,
                    values: Array(names[halves.reference.count...])
                )
            )
        )
        #expect(agree(found.jensenShannonBits, expected.jensenShannonBits))
        #expect(agree(found.jensenShannonNats, expected.jensenShannonNats))
        #expect(agree(found.largestDifference, expected.largestDifference))
        #expect(agree(found.homogeneity?.statistic, expected.homogeneity[0]))
    }

    @Test
    func `a new category raises PSI although it is rare`() throws {
        let reference = (0..<1_000).map { Optional($0 % 2 == 0 ? "a" : "b") }
        let layout = CategoryLayout(baseline: reference)
        let baseline = try CategorySketch(layout: layout, values: reference)
        let current = reference.enumerated().map { $0.offset % 50 == 0 ? "new" : $0.element }
        let window = try CategorySketch(layout: layout, values: current)
        let found = try #require(CategoryDistance(baseline: baseline, window: window))
        #expect(found.populationStability > 0.05)
        #expect(CategoryDistance(baseline: baseline, window: CategorySketch(layout: layout)) == nil)
    }

    @Test
    func `layout and sketch survive JSON`() throws {
        let sketch = try CategorySketch(layout: layout, values: ["a", "x", nil])
        let bytes = (try JSONEncoder().encode(layout), try JSONEncoder().encode(sketch))
        #expect(try JSONDecoder().decode(CategoryLayout.self, from: bytes.0) == layout)
        #expect(try JSONDecoder().decode(CategorySketch.self, from: bytes.1) == sketch)
        let again = try JSONDecoder().decode(CategoryLayout.self, from: bytes.0)
        #expect(again.position(of: "c") == 2)
    }
}
