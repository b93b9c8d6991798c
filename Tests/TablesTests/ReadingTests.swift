import Domain
import Testing

@testable import Tables

private func cells(_ csv: String, name: String = "rows.csv") throws -> [[String?]] {
    try withFile(csv, name: name) { path in
        let found = try profile(fileAt: path)
        let schema = found.columns.map { ColumnSchema(name: $0.name, type: .text) }
        let table = try readTable(fileAt: path, schema: schema).table
        return [table.names]
            + (0..<table.rowCount).map { row in table.columns.map { $0.text(at: row) } }
    }
}

@Test(
    arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n1,2\r", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\n1,2\n\r\n\n", [["a", "b"], ["1", "2"]]),
        ("\n\na,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        (" a , b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\"x,y\",\"2\"\n", [["a", "b"], ["x,y", "2"]]),
        ("a,b\n\"x\ny\",2\n", [["a", "b"], ["x\ny", "2"]]),
        ("a,b\n\"x\r\ny\",2\r\n", [["a", "b"], ["x\r\ny", "2"]]),
        ("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", [["a", "b"], ["say \"hi\"", "\""]]),
        ("a,b\n5\" pipe,x\"y\"\n", [["a", "b"], ["5\" pipe", "x\"y\""]]),
        ("a,b\n,\n1,\"\"\n", [["a", "b"], [nil, nil], ["1", nil]]),
        ("a\n1\n\n\"\"\n2\n", [["a"], ["1"], [nil], ["2"]]),
        ("\"a\"\"b\",\"c,d\"\n1,2\n", [["a\"b", "c,d"], ["1", "2"]]),
        ("a,b\n\"1\",\"2\"", [["a", "b"], ["1", "2"]]),
        ("a,b\n\"1\",\"2\"\r", [["a", "b"], ["1", "2"]]),
        ("é,b\nü,\" ñ \"\n", [["é", "b"], ["ü", " ñ "]]),
    ] as [(String, [[String?]])]
)
func `CSV is read as RFC 4180 says`(csv: String, expected: [[String?]]) throws {
    #expect(try cells(csv) == expected)
}

@Test(
    arguments: [
        ("{\"a\": 1, \"b\": \"x\"}\n{\"a\":2}\n", [["a", "b"], ["1", "x"], ["2", nil]]),
        ("{\"a\":1}\n\n{\"b\":2,\"a\":3}", [["a", "b"], ["1", nil], ["3", "2"]]),
        ("{\"a\":null,\"b\":true}\n", [["a", "b"], [nil, "true"]]),
        ("{\"a\":NaN,\"b\":-1.5e3}\r\n", [["a", "b"], [nil, "-1.5e3"]]),
        (
            "{\"a\":\"\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00\\ud800\"}\n",
            [["a"], ["\"\\/\né😀\u{FFFD}"]]
        ),
        ("{ \"a\\u0062\" : \"{},\" }\n", [["ab"], ["{},"]]),
    ] as [(String, [[String?]])]
)
func `JSON Lines are read key by key`(json: String, expected: [[String?]]) throws {
    #expect(try cells(json, name: "rows.jsonl") == expected)
}

private let wideRow = "\"rows.csv\", line 3: this row has 3 values, but the header names 2 columns."

@Test(arguments: [
    ("a,b\n1,2\n1,2,3\n", wideRow),
    (
        "a,b\n1,2\n1\n",
        "\"rows.csv\", line 3: this row has 1 value, but the header names 2 columns."
    ),
    (
        "a,b\n\"x\ny\",2\n1\n",
        "\"rows.csv\", line 4: this row has 1 value, but the header names 2 columns."
    ),
    (
        "a,b\n1,\"2\n3,4\n",
        "\"rows.csv\", line 2, column \"b\": a quote is opened and never closed."
    ),
    ("a,b\n\"1\"x,2\n", "\"rows.csv\", line 2, column \"a\": text follows a closing quote."),
])
func `a bad CSV row is told with its line`(csv: String, expected: String) throws {
    try withFile(csv) { path in
        #expect(refusal { _ = try profile(fileAt: path, badRowLimit: 0) } == expected)
    }
}

@Test func `a row that is not UTF-8 is a bad row`() throws {
    try withFile(Array("a,b\n1,2\ncaf".utf8) + [0xE9] + Array(",3\n4,5\n".utf8)) { path in
        let found = try profile(fileAt: path)
        #expect(found.rows == 2)
        #expect(found.badRows == 1)
        #expect(found.badRowMessages == ["\"\(path)\", line 3: this row is not UTF-8 text."])
    }
}

@Test(arguments: [
    ("[1]", "a row is an object that begins with \"{\" (character 1)."),
    ("{\"a\":1", "a \",\" or \"}\" is missing (character 7)."),
    ("{\"a\" 1}", "a \":\" is missing (character 6)."),
    ("{a:1}", "a key in double quotes is missing (character 2)."),
    ("{\"a\":}", "a value is missing (character 6)."),
    ("{\"a\":[1]}", "a value is an object or a list; only flat rows are read (character 6)."),
    ("{\"a\":1} x", "text follows the object (character 8)."),
    ("{\"a\":\"x}", "a string is not closed (character 9)."),
    ("{\"a\":\"\\x\"}", "an escape is unknown (character 7)."),
    ("{\"a\":\"\\u12g4\"}", "an escape is not four hexadecimal digits (character 7)."),
    ("{\"a\":abc}", "a value is no number, text, true, false or null (character 6)."),
    ("{\"a\":1,\"a\":2}", "the key \"a\" is there twice."),
])
func `a bad JSON row is told with its character`(line: String, expected: String) throws {
    try withFile("{\"a\":0}\n\(line)\n{\"a\":3}\n", name: "rows.jsonl") { path in
        let found = try profile(fileAt: path)
        #expect(found.rows == 2)
        #expect(found.badRowMessages == ["\"\(path)\", line 2: \(expected)"])
        #expect(found.columns.map(\.name) == ["a"])
    }
}

@Test func `reading goes on behind a bad row`() throws {
    let csv = "a,b\n1,2\n\"3\"x,4\n5,6\n7,\"8\n9,10\n11,12\n1,2,3\n13,14\n"
    try withFile(csv) { path in
        let schema = ["a", "b"].map { ColumnSchema(name: $0, type: .integer) }
        let reading = try readTable(fileAt: path, schema: schema)
        #expect(try reading.table.numbers("a") == [1, 5, 9, 11, 13])
        #expect(try reading.table.numbers("b") == [2, 6, 10, 12, 14])
        #expect(reading.badRows == 3)
        #expect(reading.badRowMessages.map { $0.contains("line 3") } == [true, false, false])
    }
}

@Test(arguments: [
    (ColumnType.integer, "1.5", "\"1.5\" is not a whole number."),
    (.integer, "abc", "\"abc\" is not a whole number."),
    (.decimal, "1,5", "\"1,5\" is not a number."),
    (.boolean, "2", "\"2\" is not true or false."),
    (.timestamp, "yesterday", "\"yesterday\" is not an ISO 8601 time."),
    (
        .decimal, String(repeating: "9", count: 50) + "x",
        "\"\(String(repeating: "9", count: 40))…\" is not a number."
    ),
])
func `a cell that does not fit its type makes a bad row`(
    type: ColumnType,
    value: String,
    expected: String
) throws {
    try withFile("k,v\na,\nb,\"\(value)\"\nc,\n") { path in
        let schema = [ColumnSchema(name: "k", type: .text), ColumnSchema(name: "v", type: type)]
        let reading = try readTable(fileAt: path, schema: schema)
        #expect(reading.table.rowCount == 2)
        #expect(reading.table["k"]?.text(at: 1) == "c")
        #expect(reading.badRowMessages == ["\"\(path)\", line 3, column \"v\": \(expected)"])
        let found = try profile(fileAt: path, schema: schema)
        #expect(found.rows == 2)
        #expect(found.badRowMessages == reading.badRowMessages)
    }
}

@Test func `one bad row too many stops the reading`() throws {
    let csv = "a,b\n" + String(repeating: "1\n", count: 3) + "1,2\n"
    try withFile(csv) { path in
        let found = try profile(fileAt: path, badRowLimit: 3)
        #expect(found.badRows == 3)
        let message = refusal { _ = try profile(fileAt: path, badRowLimit: 2) }
        #expect(
            message
                == "\"rows.csv\" has more than 2 bad rows, so nothing of it was taken. The first: "
                + "\"rows.csv\", line 2: this row has 1 value, but the header names 2 columns."
        )
    }
}

@Test(
    arguments: [
        ("rows.csv", [], "The file \"rows.csv\" is empty. It needs a header and rows."),
        ("rows.csv", Array("a,b\n".utf8), "The file \"rows.csv\" has no rows that can be read."),
        (
            "rows.csv", Array("\n\n".utf8),
            "The file \"rows.csv\" has no header that can be read. "
                + "The first line must name the columns, separated by commas."
        ),
        (
            "rows.csv", Array("a,,c\n1,2,3\n".utf8),
            "The header of \"rows.csv\" does not name column 2. Give every column a name."
        ),
        (
            "rows.csv", Array("a,b,a\n1,2,3\n".utf8),
            "The header of \"rows.csv\" names \"a\" twice, as columns 1 and 3. Rename one."
        ),
        (
            "rows.csv", Array("a;b\n1;2\n".utf8),
            "The header of \"rows.csv\" has no comma, but semicolons. Separate the columns by commas."
        ),
        (
            "rows.csv", Array("caf".utf8) + [0xE9] + Array(",b\n1,2\n".utf8),
            "The header of \"rows.csv\" is not UTF-8 text. "
                + "Convert the file with \"iconv -f latin1 -t utf-8\"."
        ),
        (
            "rows.json", Array("[{\"a\":1}]\n".utf8),
            "The file \"rows.json\" is a JSON array. Write one object a line (\"jq -c '.[]'\")."
        ),
        (
            "rows.parquet", Array("PAR1".utf8),
            "The file \"rows.parquet\" is a Parquet file. Convert it to CSV."
        ),
        (
            "rows.csv", [0xFF, 0xFE, 0x61, 0],
            "The file \"rows.csv\" is UTF-16 text. Convert it with \"iconv -f utf-16 -t utf-8\"."
        ),
        (
            "rows.csv.gz", [0x1F, 0x8B, 1, 2, 3],
            "The compressed file \"rows.csv.gz\" is damaged. Copy or compress it again."
        ),
    ] as [(String, [UInt8], String)]
)
func `a file that cannot be read is refused in words`(
    name: String,
    bytes: [UInt8],
    expected: String
) throws {
    try withFile(bytes, name: name) { path in
        #expect(refusal { _ = try profile(fileAt: path) } == expected)
    }
}

@Test func `a file that is not there, and a folder, are refused`() throws {
    try withFolder { folder in
        #expect(
            refusal { _ = try profile(fileAt: folder + "/none.csv") }
                == "The file \"none.csv\" cannot be opened: No such file or directory. "
                + "Check the path and who may read it."
        )
        #expect(
            refusal { _ = try profile(fileAt: folder + "/..") }
                == "\"..\" is a folder. Name a file in it."
        )
    }
}

@Test func `a line without an end is refused before it fills the memory`() throws {
    let long = [UInt8](repeating: 0x61, count: RowReader.longestRow + 1)
    try withFile(Array("a,b\n1,2\n".utf8) + long) { path in
        #expect(
            refusal { _ = try profile(fileAt: path) }
                == "\"rows.csv\", line 3: the line is longer than 4 MB. Is this a text file?"
        )
    }
}

@Test func `an open quote costs one row, not the rest of the file`() throws {
    let row = "1," + String(repeating: "2", count: 1_021) + "\n"
    let filler = String(repeating: row, count: RowReader.longestRow / 512)
    try withFile("a,b\n3,\"4\n" + filler) { path in
        let found = try profile(fileAt: path)
        #expect(found.rows == RowReader.longestRow / 512)
        #expect(found.badRows == 1)
    }
}

@Test(arguments: [false, true])
func `rows may lie across blocks`(isCompressed: Bool) throws {
    try withFolder { folder in
        let path = folder + "/rows.csv"
        let count = 20_000
        var writer = try CSVWriter(path: path, columns: ["n", "t"], compresses: isCompressed)
        for row in 0..<count { try writer.write([String(row), "x\"\(row)\n,"]) }
        try writer.finish()
        let found = try profile(fileAt: path)
        #expect(found.format == (isCompressed ? .csvGzip : .csv))
        #expect(found.rows == count)
        let reading = try readTable(fileAt: path, schema: found.schema, badRowLimit: 0)
        #expect(try reading.table.numbers("n") == (0..<count).map(Double.init))
        #expect(reading.table["t"]?.text(at: count - 1) == "x\"\(count - 1)\n,")
    }
}

@Test func `gzip members one after the other are one file, and half of one is refused`() throws {
    try withFolder { folder in
        let part = folder + "/part.csv"
        var bytes: [UInt8] = []
        for row in ["a", "1", "2"] {
            var writer = try CSVWriter(path: part, columns: [row], compresses: true)
            try writer.finish()
            bytes += try contents(of: part)
        }
        try withFile(bytes, name: "rows.csv.gz") { path in
            let found = try profile(fileAt: path)
            #expect(found.rows == 2)
        }
        try withFile(Array(bytes.dropLast(9)), name: "rows.csv.gz") { path in
            #expect(
                refusal { _ = try profile(fileAt: path) }
                    == "The compressed file \"rows.csv.gz\" ends in the middle. Copy it again."
            )
        }
    }
}

@Test func `the blocks handed on are the bytes of the file`() throws {
    let csv = "a,b\n" + String(repeating: "123456,abcdef\n", count: 40_000)
    try withFile(csv) { path in
        var seen: [UInt8] = []
        var blocks = 0
        let found = try profile(
            fileAt: path,
            onBlock: { block throws(Refusal) in
                blocks += 1
                for index in 0..<block.count { seen.append(block[index]) }
            }
        )
        #expect(seen == Array(csv.utf8))
        #expect(found.bytes == csv.utf8.count)
        #expect(blocks > 1)
    }
}

@Test func `a recorded format must be the one that is found`() throws {
    try withFile("a\n1\n") { path in
        let schema = [ColumnSchema(name: "a", type: .integer)]
        #expect(
            refusal { _ = try readTable(fileAt: path, format: .csvGzip, schema: schema) }
                == "The file \"rows.csv\" was recorded as csvGzip, but is not compressed."
        )
    }
}
