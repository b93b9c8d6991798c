import Domain
import Monitoring
import Statistics
import Synchronization
import Testing

/// The nodes and windows of an index in memory, as the store keeps them.
private final class Shelf: Sendable {
    private struct State {
        var windows: [Int: RangeIndex.Window] = [:]
        var nodes: [RangeNode: [UInt8]] = [:]
        var reads = 0
    }

    private let state = Mutex(State())
    let layout: RangeLayout

    init(_ baseline: Baseline) {
        layout = RangeLayout(baseline: baseline, task: .classification)
    }

    func put(_ window: WindowSketch, at place: Int) throws {
        let packed = try RangeIndex.Window(place: place, sketch: window, layout: layout)
        let read = try RangeIndex.Window(place: place, packed: packed.packed)
        state.withLock { state in
            state.windows[place] = read
            state.nodes = state.nodes.filter { !$0.key.windows.contains(place) }
        }
    }

    var nodeCount: Int { state.withLock { $0.nodes.count } }

    /// What was read since this was last asked.
    func takeReads() -> Int {
        state.withLock { state in
            defer { state.reads = 0 }
            return state.reads
        }
    }

    var index: RangeIndex {
        RangeIndex(
            layout: layout,
            windows: { [self] places in
                state.withLock { state in
                    let found = places.compactMap { state.windows[$0] }
                    state.reads += found.count
                    return found
                }
            },
            load: { [self] node in
                state.withLock { state in
                    state.reads += 1
                    return state.nodes[node]
                }
            },
            save: { [self] node, body in state.withLock { $0.nodes[node] = body } }
        )
    }
}

struct RangeIndexTests {
    private func window(_ baseline: Baseline, _ place: Int) throws -> WindowSketch {
        var example = Example(rows: 3 + place % 5, seed: UInt64(place + 1), shift: 0.01)
        if place % 7 == 0 { example.temperature[0] = .nan }
        if place % 11 == 0 { example.temperature[1] = place % 2 == 0 ? 1e6 : -.infinity }
        if place % 5 == 0 { example.carrier[0] = "new\(place % 3)" }
        var window = try example.window(of: baseline)
        window.addLabel(Double(place % 2), score: 0.3)
        return window
    }

    private func merged(
        _ windows: [Int: WindowSketch],
        _ places: Range<Int>,
        _ baseline: Baseline
    ) throws -> WindowSketch {
        var sum = try WindowSketch(baseline: baseline, task: .classification)
        for place in places { if let window = windows[place] { try sum.merge(window) } }
        return sum
    }

    /// All that is counted is the same; sums and moments to twelve digits.
    private func expectSame(_ found: WindowSketch, _ merged: WindowSketch, _ note: Comment) {
        #expect(found.rows == merged.rows, note)
        guard case .numeric(let left)? = found.columns["temperature"],
            case .numeric(let right)? = merged.columns["temperature"],
            case .category(let names)? = found.columns["carrier"],
            case .category(let expected)? = merged.columns["carrier"]
        else {
            Issue.record("The columns are of other kinds.")
            return
        }
        #expect(left.counts == right.counts, note)
        #expect(left.missingCount == right.missingCount, note)
        #expect(left.infiniteCount == right.infiniteCount, note)
        #expect(left.minimum == right.minimum, note)
        #expect(left.maximum == right.maximum, note)
        #expect(left.moments.count == right.moments.count, note)
        #expect(isNear(left.moments.mean, right.moments.mean), note)
        #expect(isNear(left.moments.squares, right.moments.squares), note)
        #expect(zip(left.sums, right.sums).allSatisfy { isNear($0, $1) }, note)
        #expect(names == expected, note)
        #expect(found.runs == merged.runs, note)
        #expect(found.scores.counts == merged.scores.counts, note)
        #expect(found.performance.rows == merged.performance.rows, note)
        #expect(found.performance.positiveBins == merged.performance.positiveBins, note)
        #expect(isNear(found.performance.logLoss, merged.performance.logLoss), note)
    }

    private func isNear(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) <= 1e-12 * max(1, abs(left), abs(right))
    }

    @Test
    func `any range is what its windows merge to, gaps, wild values and late rows included`()
        async throws
    {
        let baseline = try Example(rows: 400, seed: 1).baseline()
        let shelf = Shelf(baseline)
        var windows: [Int: WindowSketch] = [:]
        // Over three levels of blocks, with a hole of a whole block.
        for place in 0..<1_200 where !(64..<100).contains(place) && place % 13 != 5 {
            windows[place] = try window(baseline, place)
            if let made = windows[place] { try shelf.put(made, at: place) }
        }
        var generator = SeededGenerator(seed: 3)
        func check(_ places: Range<Int>) async throws {
            let found = try await shelf.index.sketch(places)
            expectSame(found, try merged(windows, places, baseline), "\(places)")
        }
        for places in [0..<1, 0..<1_200, 31..<33, 64..<96, 70..<80, -40..<1, 0..<1_024] {
            try await check(places)
        }
        for _ in 0..<15 {
            let ends = (0..<2).map { _ in Int(generator.nextUnit() * 1_300) - 20 }.sorted()
            try await check(ends[0]..<ends[1] + 1)
        }
        let late = try window(baseline, 4)
        try windows[500]?.merge(late)
        if let changed = windows[500] { try shelf.put(changed, at: 500) }
        try await check(0..<1_200)
        try await check(480..<505)
        try await check(501..<900)
    }

    @Test
    func `a range with a window of an earlier version tells no runs, one beside it does`()
        async throws
    {
        let baseline = try Example(rows: 200, seed: 1).baseline()
        let shelf = Shelf(baseline)
        for place in 0..<100 where place != 40 { try shelf.put(window(baseline, place), at: place) }
        try shelf.put(ofEarlierVersion(window(baseline, 40)), at: 40)
        #expect(try await shelf.index.sketch(0..<100).runs == nil)
        #expect(try await shelf.index.sketch(41..<100).runs?["temperature"]?.longest == nil)
        #expect(try await shelf.index.sketch(41..<100).runs?["temperature"] != nil)
    }

    @Test
    func `a long range reads no more than a short one once its sums are made`() async throws {
        let baseline = try Example(rows: 200, seed: 1).baseline()
        let shelf = Shelf(baseline)
        let one = try window(baseline, 1)
        for place in 0..<4_096 { try shelf.put(one, at: place) }
        _ = try await shelf.index.sketch(17..<4_001)
        _ = shelf.takeReads()
        let long = try await shelf.index.sketch(17..<4_001)
        #expect(long.rows == one.rows * (4_001 - 17))
        // Two windows' blocks and a prefix on either side and level; the tree takes the others.
        _ = try await shelf.index.cells(17..<4_001)
        #expect(shelf.takeReads() < 260)
        _ = try await shelf.index.cells(17..<4_001)
        #expect(shelf.takeReads() <= 4 + 2 * 31)
    }

    @Test
    func `a late row makes void the sums of its own blocks, not those of all later time`()
        async throws
    {
        let baseline = try Example(rows: 200, seed: 1).baseline()
        let shelf = Shelf(baseline)
        let one = try window(baseline, 1)
        for place in 0..<4_096 { try shelf.put(one, at: place) }
        for end in stride(from: 32, through: 4_064, by: 32) {
            _ = try await shelf.index.sketch(0..<end)
        }
        let before = shelf.nodeCount
        try shelf.put(one, at: 100)
        #expect(shelf.nodeCount < before)
        #expect(before - shelf.nodeCount <= 3 * 32)
    }

    @Test(arguments: [[255], [10, 1], [1], [0xff, 0xff, 0xff, 1, 1]] as [[UInt8]])
    func `bytes that are no cells are refused`(bytes: [UInt8]) {
        var cells = RangeCells(size: 4)
        #expect(throws: PackedBytesMalformed.self) { try cells.add(bytes) }
    }
}
