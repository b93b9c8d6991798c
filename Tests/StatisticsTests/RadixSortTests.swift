import Testing

@testable import Statistics

@Test(arguments: [0, 1, 4_096, 4_097, 20_000])
func `numbers are sorted as a comparison sorts them`(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let special = [
        0, -0.0, 1, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e100, -1e100, 0.1 + 0.2,
    ]
    let kinds: [(Int) -> Double] = [
        { _ in Double.random(in: -1e6...1e6, using: &generator) },
        { Double($0 % 7) },
        { special[$0 % special.count] },
        { Double(-$0) },
        { _ in 42 },
    ]
    for kind in kinds {
        let values = (0..<count).map(kind)
        var sorted = values
        sorted.sortAscending()
        #expect(sorted == values.sorted())
    }
}
