import Statistics
import Testing

@testable import Monitoring

@Test(arguments: [1, 3, 1_000])
func `a scan in parts finds the longest run, the long runs and the far values`(part: Int) {
    var values: [Double] = (0..<500).map { Double($0 % 5) }
    values += Array(repeating: 7, count: 20) + [.nan] + Array(repeating: 7, count: 5)
    values += Array(repeating: 0, count: 90) + [1e6, -1e6, .infinity, .nan, 3]
    var scan = NumericScan(ignoring: [0], longRun: 10, usual: -100...100)
    for start in stride(from: 0, to: values.count, by: part) {
        scan.observe(values[start..<min(values.count, start + part)].span)
    }
    let done = scan.finished()
    // A gap does not hide a run, and the zeros' run is normal but long.
    #expect(done.longest == NumericScan.Run(value: 7, length: 25))
    #expect(done.longRuns == 2)
    #expect(done.longRunRows == 115)
    #expect(done.farCount == 3)
    #expect(done.count == values.count { !$0.isNaN })
    #expect(done.finished() == done)
}

@Test func `the longest run is that of the mergeable detector`() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50 {
        let values = (0..<400).map { _ in Double(Int.random(in: 0..<3, using: &generator)) }
        var scan = NumericScan(ignoring: [2])
        scan.observe(values.span)
        let longest = RunLength(values, ignoring: [2]).longest
        #expect(scan.finished().longest?.length == longest?.length)
        #expect(scan.finished().longest?.value == longest?.value)
    }
}
