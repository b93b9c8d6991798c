import Domain

/// A key of an object and the cell behind it, as positions in the block.
private struct Pair {
    var key: Cell
    var value: Cell
}

/// What is wrong with a line, and at which character of it.
private struct JSONProblem: Error {
    let message: String
    let position: Int
}

extension RowReader {
    mutating func readJSONLines(into sink: inout some RowSink) throws(Refusal) {
        var names = ByteDictionary()
        var pairs: [Pair] = []
        var rowsOfColumns: [Int] = []
        var row = 0
        while rowsLeft > 0 {
            guard try findLine() else { break }
            let (start, end) = trimmedLine()
            defer { nextLine() }
            if start == end { continue }
            row += 1
            rowsLeft -= 1
            let problem = splitLine(start, end, into: &pairs)
            if let problem {
                let place = problem.position - position + 1
                try badRows.add(line: line, "\(problem.message) (character \(place)).")
                continue
            }
            undoEscapes(in: &pairs)
            try findColumns(of: pairs, in: &names, rowsOfColumns: &rowsOfColumns, sink: &sink)
            if let twice = place(pairs, row: row, names: names, rowsOfColumns: &rowsOfColumns) {
                try badRows.add(line: line, "the key \(quoted(columns[twice])) is there twice.")
                continue
            }
            if let problem = try sink.addRow(buffer.span, cells) { try noteProblem(problem) }
        }
        guard row > 0 else {
            throw Refusal(.invalid, "The file \"\(path)\" has no rows. Write one object a line.")
        }
    }

    /// Makes sure that a whole line lies at the current position.
    private mutating func findLine() throws(Refusal) -> Bool {
        var searched = 0
        while true {
            var index = position + searched
            while index < limit && buffer[index] != 10 { index += 1 }
            lineEnd = index
            if index < limit { return true }
            searched = limit - position
            if try refill() { continue }
            if isAtEnd {
                lineEnd = limit
                return position < limit
            }
            throw refuseLongLine()
        }
    }

    private func trimmedLine() -> (start: Int, end: Int) {
        var start = position
        var end = lineEnd
        while start < end && isSpace(buffer[start]) { start += 1 }
        while end > start && isSpace(buffer[end - 1]) { end -= 1 }
        return (start, end)
    }

    private mutating func nextLine() {
        position = min(lineEnd + 1, limit)
        line += 1
    }

    private func splitLine(_ start: Int, _ end: Int, into pairs: inout [Pair]) -> JSONProblem? {
        guard isUnicode(start, end) else {
            return JSONProblem(message: "this row is not UTF-8 text", position: start)
        }
        var scanner = ObjectScanner(index: start, end: end)
        do {
            try scanner.readObject(buffer.span, into: &pairs)
            return nil
        } catch {
            return error
        }
    }

    private mutating func undoEscapes(in pairs: inout [Pair]) {
        for index in pairs.indices {
            if pairs[index].key.isEscaped { unescape(&pairs[index].key) }
            if pairs[index].value.isEscaped { unescape(&pairs[index].value) }
        }
    }

    /// Adds the columns that this row has first.
    private mutating func findColumns(
        of pairs: [Pair],
        in names: inout ByteDictionary,
        rowsOfColumns: inout [Int],
        sink: inout some RowSink
    ) throws(Refusal) {
        for (index, pair) in pairs.enumerated() {
            let (start, end) = (Int(pair.key.start), Int(pair.key.end))
            if index < names.count, names.matches(index, buffer.span, start, end) { continue }
            let position = names.insert(buffer.span, start, end)
            guard position == columns.count else { continue }
            let name = names.text(at: position)
            guard !name.isEmpty, columns.count < RowReader.mostColumns else {
                throw Refusal(
                    .invalid,
                    name.isEmpty
                        ? "\"\(path)\", line \(line): a key is empty. Give every column a name."
                        : "\"\(path)\" has more than \(RowReader.mostColumns) different keys."
                )
            }
            columns.append(name)
            cells.append(Cell())
            rowsOfColumns.append(0)
            try sink.addColumn(name)
        }
    }

    /// Puts the values in the order of the columns; returns a column that is there twice.
    private mutating func place(
        _ pairs: [Pair],
        row: Int,
        names: ByteDictionary,
        rowsOfColumns: inout [Int]
    ) -> Int? {
        for index in cells.indices { cells[index] = Cell() }
        for (index, pair) in pairs.enumerated() {
            let (start, end) = (Int(pair.key.start), Int(pair.key.end))
            var column = index
            if !(index < names.count && names.matches(index, buffer.span, start, end)) {
                column = names.position(of: buffer.span, start, end) ?? 0
            }
            if rowsOfColumns[column] == row { return column }
            rowsOfColumns[column] = row
            cells[column] = pair.value
        }
        return nil
    }

    /// Undoes the escapes of a string where it lies; what comes out is never longer.
    private mutating func unescape(_ cell: inout Cell) {
        var target = Int(cell.start)
        var source = target
        let end = Int(cell.end)
        while source < end {
            guard buffer[source] == 92 else {
                buffer[target] = buffer[source]
                target += 1
                source += 1
                continue
            }
            let letter = buffer[source + 1]
            source += 2
            if letter == 117 {
                let scalar = readScalar(&source, end)
                for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    buffer[target] = unit
                    target += 1
                }
            } else {
                buffer[target] = plainEscape(letter) ?? letter
                target += 1
            }
        }
        cell.end = Int32(target)
        cell.isEscaped = false
    }

    /// Reads four hexadecimal digits, and the other half of a surrogate pair where there is one.
    private func readScalar(_ source: inout Int, _ end: Int) -> Unicode.Scalar {
        let first = hexadecimal(source)
        source += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, source + 6 <= end, buffer[source] == 92, buffer[source + 1] == 117 {
            let second = hexadecimal(source + 2)
            if second >= 0xDC00 && second < 0xE000 {
                source += 6
                let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                return Unicode.Scalar(value) ?? "\u{FFFD}"
            }
        }
        return "\u{FFFD}"
    }

    private func hexadecimal(_ start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<start + 4 {
            value = value << 4 | (hexadecimalDigit(buffer[index]) ?? 0)
        }
        return value
    }
}

private func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || byte == 9 || byte == 13
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: UInt32(byte - 48)
    case 65...70: UInt32(byte - 55)
    case 97...102: UInt32(byte - 87)
    default: nil
    }
}

private func plainEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 34, 47, 92: letter
    case 98: 8
    case 102: 12
    case 110: 10
    case 114: 13
    case 116: 9
    default: nil
    }
}

/// Walks one flat JSON object (RFC 8259, and `NaN` as Python writes it).
private struct ObjectScanner {
    var index: Int
    let end: Int

    mutating func readObject(
        _ bytes: Span<UInt8>,
        into pairs: inout [Pair]
    ) throws(JSONProblem) {
        pairs.removeAll(keepingCapacity: true)
        try expect(123, bytes, "a row is an object that begins with \"{\"")
        skipSpaces(bytes)
        if index < end && bytes[index] == 125 {
            index += 1
        } else {
            while true {
                skipSpaces(bytes)
                let key = try readString(bytes, "a key in double quotes is missing")
                skipSpaces(bytes)
                try expect(58, bytes, "a \":\" is missing")
                skipSpaces(bytes)
                pairs.append(Pair(key: key, value: try readValue(bytes)))
                skipSpaces(bytes)
                if index < end && bytes[index] == 125 { break }
                try expect(44, bytes, "a \",\" or \"}\" is missing")
            }
            index += 1
        }
        if index < end { throw problem("text follows the object") }
    }

    private func problem(_ message: String) -> JSONProblem {
        JSONProblem(message: message, position: index)
    }

    private mutating func skipSpaces(_ bytes: Span<UInt8>) {
        while index < end && isSpace(bytes[index]) { index += 1 }
    }

    private mutating func expect(
        _ byte: UInt8,
        _ bytes: Span<UInt8>,
        _ message: String
    ) throws(JSONProblem) {
        guard index < end, bytes[index] == byte else { throw problem(message) }
        index += 1
    }

    private mutating func readString(
        _ bytes: Span<UInt8>,
        _ message: String
    ) throws(JSONProblem) -> Cell {
        try expect(34, bytes, message)
        var cell = Cell(start: Int32(index), isString: true)
        while true {
            guard index < end else { throw problem("a string is not closed") }
            let byte = bytes[index]
            if byte == 34 { break }
            guard byte >= 32 else { throw problem("a control character stands in a string") }
            if byte == 92 {
                cell.isEscaped = true
                try checkEscape(bytes)
            } else {
                index += 1
            }
        }
        cell.end = Int32(index)
        index += 1
        return cell
    }

    private mutating func checkEscape(_ bytes: Span<UInt8>) throws(JSONProblem) {
        let length = index + 1 < end && bytes[index + 1] == 117 ? 6 : 2
        guard index + length <= end else { throw problem("an escape is not finished") }
        if length == 2 {
            guard plainEscape(bytes[index + 1]) != nil else {
                throw problem("an escape is unknown")
            }
        } else {
            for digit in index + 2..<index + 6 where hexadecimalDigit(bytes[digit]) == nil {
                throw problem("an escape is not four hexadecimal digits")
            }
        }
        index += length
    }

    private mutating func readValue(_ bytes: Span<UInt8>) throws(JSONProblem) -> Cell {
        guard index < end else { throw problem("a value is missing") }
        if bytes[index] == 34 { return try readString(bytes, "") }
        if bytes[index] == 123 || bytes[index] == 91 {
            throw problem("a value is an object or a list; only flat rows are read")
        }
        let start = index
        while index < end && bytes[index] != 44 && bytes[index] != 125 && !isSpace(bytes[index]) {
            index += 1
        }
        guard start < index else { throw problem("a value is missing") }
        let isWord =
            isMissing(bytes, start, index) || parseBoolean(bytes, start, index) != nil
        guard isWord || parseNumber(bytes, start, index) != nil else {
            index = start
            throw problem("a value is no number, text, true, false or null")
        }
        return Cell(start: Int32(start), end: Int32(index))
    }
}
