import Domain
import Testing

@testable import Tables

/// The number a short road reads in a cell, and where it ends; nil where it leaves it alone.
private func plain(_ cell: String, places: Int = 0) -> (value: Double, end: Int)? {
    let bytes = Array((cell + "," + String(repeating: "7", count: 60)).utf8)
    let powers = PowersOfTen()
    var (cursor, decimals) = (0, places)
    let value = parsePlainNumber(
        bytes.span.bytes,
        &cursor,
        &decimals,
        powers.numbers.span,
        powers.wholes.span
    )
    return value.map { ($0, cursor) }
}

@Test(arguments: [
    "0", "7", "42", "1013", "12345678", "123456789", "123456789012345", "-5", "-0", "0.5", "-0.5",
    "3.25", "-1.234560", "1.23456789", "1.234567890123", "20.5", "-273.15", "99999999.9999999",
    "00.10", ".5", "5.", "-.25", "0.000001", "9.99999999",
])
func `a plain number is what the general reader reads`(cell: String) throws {
    let bytes = Array(cell.utf8)
    let general = parseNumber(bytes.span, 0, bytes.count)
    let expected = try #require(general).value
    for places in 0...8 {
        let found = try #require(plain(cell, places: places))
        #expect(found.value.bitPattern == expected.bitPattern)
        #expect(found.end == bytes.count)
    }
}

@Test(arguments: [
    "-", "+5", "1e5", "1.5e3", "abc", " 5", "5 ", "1.2.3", "--5", "0x10", ".", "-.", "1-5",
    "1234567890123456", "0.1234567890123456", "NA", "\"5\"", "1:5",
])
func `what is no plain number is left to the general reader`(cell: String) {
    for places in 0...8 { #expect(plain(cell, places: places) == nil) }
}

/// A file's numbers by the stream, batches put together, and by the reader of whole tables.
private func columns(_ path: String, _ names: [String]) throws -> (
    streamed: [[Double]], reading: StreamReading
) {
    var streamed = names.map { _ in [Double]() }
    let reading = try readStream(
        fileAt: path,
        numbers: names,
        onBatch: { batch in
            for column in streamed.indices {
                streamed[column] += batch.numbers[batch.range(of: column)]
            }
        }
    )
    return (streamed, reading)
}

@Test(
    arguments: [
        ("plain numbers", "1.5,2\n-3.25,4\n"),
        ("carriage returns", "1.5,2\r\n-3.25,4\r\n"),
        ("no line end at the end", "1.5,2\n-3.25,4"),
        ("empty cells", ",2\n1.5,\n,\n"),
        ("empty lines", "1.5,2\n\n\r\n-3.25,4\n"),
        ("quoted cells", "\"1.5\",2\n-3.25,\"4\"\n"),
        ("exponents and spaces", "1.5e3,2\n -3.25 ,4\n"),
        ("seventeen digits", "0.49671415301123270,2\n1,12345678901234567\n"),
        ("missing by name", "NA,null\nNaN,4\n"),
    ]
)
func `a stream has the numbers of the table, whatever road its rows take`(
    name: String,
    rows: String
) throws {
    // Enough rows around them for several batches and blocks.
    var text = "a,b\n"
    for row in 0..<30_000 { text += "\(row % 7).\(100_000 + row),\(row)\n" }
    text += rows
    if rows.hasSuffix("\n") { for row in 0..<3_000 { text += "\(row % 3).25,\(row)\n" } }
    try withFile(text) { path in
        let schema = ["a", "b"].map { ColumnSchema(name: $0, type: .decimal) }
        let table = try readTable(fileAt: path, schema: schema).table
        let (streamed, reading) = try columns(path, ["b", "a"])
        #expect(reading.rows == table.rowCount)
        let (first, second) = (try table.numbers("a"), try table.numbers("b"))
        #expect(streamed[1].map(\.bitPattern) == first.map(\.bitPattern))
        #expect(streamed[0].map(\.bitPattern) == second.map(\.bitPattern))
        #expect(reading.numbers.allSatisfy { $0.misfits.count == 0 })
    }
}

@Test func `a stream counts misfits, texts and bad rows and names what the file has`() throws {
    let csv = "a,b,c,d\n1,x,2013-01-01,9\n2,x,,9\nwarm,y,z,9\n4,,z,9\n1,2\nhot,y,z,9\n"
    try withFile(csv) { path in
        var batches: [[Double]] = []
        var absent: [Double] = []
        let reading = try readStream(
            fileAt: path,
            numbers: ["a", "gone"],
            texts: ["b", "absent"],
            onBatch: { batch in
                batches.append(Array(batch.numbers[batch.range(of: 0)]))
                absent += batch.numbers[batch.range(of: 1)]
            }
        )
        #expect(reading.names == ["a", "b", "c", "d"])
        #expect(reading.rows == 5)
        #expect(reading.badRows == 1)
        #expect(reading.badRowMessages.first?.contains("line 6") == true)
        #expect(reading.numbers[0].misfits == .init(count: 2, example: "warm"))
        #expect(reading.texts[0].counts == ["x": 2, "y": 2])
        #expect(reading.texts.map(\.missing) == [1, 5])
        #expect(batches.count == 1)
        #expect(absent.count == 5 && absent.allSatisfy(\.isNaN))
        #expect(batches[0].filter { !$0.isNaN } == [1, 2, 4])
    }
}

@Test(arguments: [(100, 1), (1_000, 1), (1_001, 2), (30_000, 32), (100_000, 128)])
func `a sample is every so-manieth row, passed over or read`(rows: Int, stride: Int) throws {
    var text = "row,twice\n"
    for row in 0..<rows { text += row % 1_000 == 17 ? "\"\(row)\",\n" : "\(row),\(2 * row)\n" }
    try withFile(text) { path in
        let passed = try readStream(fileAt: path, numbers: ["row", "twice"], sampleRows: 1_000)
        let read = try readStream(
            fileAt: path,
            numbers: ["row", "twice"],
            sampleRows: 1_000,
            onBatch: { _ in }
        )
        let expected = Swift.stride(from: 0, to: rows, by: stride).map(Double.init)
        #expect(read.rows == rows)
        #expect(read.numbers[0].sample == expected)
        #expect(passed.numbers[0].sample == expected)
        let twice = expected.map { Int($0) % 1_000 == 17 ? .nan : 2 * $0 }
        #expect(read.numbers[1].sample.map(\.bitPattern) == twice.map(\.bitPattern))
        #expect(passed.numbers[1].sample.map(\.bitPattern) == twice.map(\.bitPattern))
    }
}

@Test func `JSON Lines stream like CSV`() throws {
    let rows = "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\"}\n{\"a\":\"2\"}\n"
    try withFile(rows, name: "rows.jsonl") { path in
        var numbers: [Double] = []
        let reading = try readStream(
            fileAt: path,
            numbers: ["a"],
            texts: ["b"],
            onBatch: { batch in numbers += batch.numbers[batch.range(of: 0)] }
        )
        #expect(numbers.map { $0.isNaN ? -1 : $0 } == [1, -1, 2])
        #expect(reading.texts[0].counts == ["x": 1, "y": 1])
        #expect(reading.texts[0].missing == 1)
    }
}

@Test func `a file without rows that can be read is refused`() throws {
    try withFile("a,b\n1\n") { path in
        let message = refusal { _ = try readStream(fileAt: path, numbers: ["a"]) }
        #expect(message?.hasPrefix("The file \"rows.csv\" has no rows that can be read.") == true)
    }
}
