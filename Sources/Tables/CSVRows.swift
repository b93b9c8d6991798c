import Domain

/// How far one CSV record went.
private struct Record {
    enum End {
        case complete
        /// The bytes end inside the record; the column is set when a quote is open.
        case incomplete(openQuoteAt: Int?)
        case textAfterQuote(column: Int)
    }

    var end: End
    /// The position after the record and its line end.
    var next: Int
    /// Line ends passed.
    var lines = 0
    var cellCount = 0
    var hasHighBytes = false
    var hasEscapes = false
}

extension RowReader {
    mutating func readCSV(into sink: inout some RowSink) throws(Refusal) {
        try readHeader(into: &sink)
        let width = columns.count
        while rowsLeft > 0 {
            if sink.rowsToSkip > 0 {
                let count = skipPlainLines(sink.rowsToSkip)
                sink.skipped(count)
                if count > 0 { continue }
            }
            let plain = try sink.addPlainRows(buffer.span, from: position, to: limit)
            if plain.rows > 0 {
                position = plain.next
                line += plain.rows
                continue
            }
            if cells.count > width { cells.removeLast(cells.count - width) }
            let record = splitNext()
            if case .incomplete(let openQuote) = record.end {
                if position == limit && isAtEnd { return }
                if try refill() { continue }
                if isAtEnd && openQuote == nil { continue }
                guard let openQuote else { throw refuseLongLine() }
                try note("a quote is opened and never closed.", at: openQuote)
                try skipLine()
                continue
            }
            if case .textAfterQuote(let column) = record.end {
                try note("text follows a closing quote.", at: column)
                try skipLine()
                continue
            }
            if isBlank(record) {
                advance(over: record)
                continue
            }
            if record.cellCount != width {
                try badRows.add(line: line, widthMessage(record.cellCount))
            } else if record.hasHighBytes && !isUnicode(position, record.next) {
                try badRows.add(line: line, "this row is not UTF-8 text.")
            } else {
                if record.hasEscapes { undoubleQuotes() }
                if let problem = try sink.addRow(buffer.span, cells) { try noteProblem(problem) }
            }
            advance(over: record)
            rowsLeft -= 1
        }
    }

    /// Whether the line at the current position is empty; a quoted empty cell is not.
    private func isBlank(_ record: Record) -> Bool {
        record.cellCount == 1 && cells[0].end == position && cells[0].start == position
    }

    private mutating func splitNext() -> Record {
        var kept: [Cell] = []
        swap(&kept, &cells)
        let record = splitRecord(buffer.span, position, limit, isAtEnd: isAtEnd, cells: &kept)
        swap(&kept, &cells)
        return record
    }

    private mutating func advance(over record: Record) {
        position = record.next
        line += record.lines
    }

    private mutating func note(_ message: String, at column: Int) throws(Refusal) {
        let name = column < columns.count ? columns[column] : nil
        try badRows.add(line: line, column: name, message)
    }

    private func widthMessage(_ count: Int) -> String {
        "this row has \(counted(count, "value")), "
            + "but the header names \(counted(columns.count, "column"))."
    }

    /// Reads the names of the columns, which must be there, named and different.
    private mutating func readHeader(into sink: inout some RowSink) throws(Refusal) {
        cells = [Cell()]
        var record = Record(end: .incomplete(openQuoteAt: nil), next: position)
        while true {
            record = splitNext()
            if case .complete = record.end {
                guard isBlank(record) else { break }
                advance(over: record)
                continue
            }
            if case .incomplete = record.end, try refill() { continue }
            if case .incomplete(openQuoteAt: nil) = record.end, isAtEnd, position < limit {
                continue
            }
            throw Refusal(
                .invalid,
                "The file \"\(path)\" has no header that can be read. "
                    + "The first line must name the columns, separated by commas."
            )
        }
        guard isUnicode(position, record.next) else {
            throw Refusal(
                .invalid,
                "The header of \"\(path)\" is not UTF-8 text. "
                    + "Convert the file with \"iconv -f latin1 -t utf-8\"."
            )
        }
        if record.hasEscapes { undoubleQuotes() }
        let names = (0..<record.cellCount).map { index in
            let cell = cells[index]
            let span = buffer.span
            let (start, end) = trimmed(span, Int(cell.start), Int(cell.end))
            return String(decoding: buffer[start..<end], as: UTF8.self)
        }
        try checkNames(names)
        columns = names
        cells = [Cell](repeating: Cell(), count: names.count)
        for name in names { try sink.addColumn(name) }
        try sink.finishHeader()
        advance(over: record)
    }

    private func checkNames(_ names: [String]) throws(Refusal) {
        if names.count == 1, names[0].contains(";") || names[0].contains("\t") {
            throw Refusal(
                .invalid,
                "The header of \"\(path)\" has no comma, but "
                    + (names[0].contains(";") ? "semicolons" : "tabs")
                    + ". Separate the columns by commas."
            )
        }
        if names.count > RowReader.mostColumns {
            throw Refusal(
                .invalid,
                "\"\(path)\" has \(names.count) columns; at most \(RowReader.mostColumns) are read."
            )
        }
        var seen: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            if name.isEmpty {
                throw Refusal(
                    .invalid,
                    "The header of \"\(path)\" does not name column \(index + 1). "
                        + "Give every column a name."
                )
            }
            if let first = seen.updateValue(index, forKey: name) {
                throw Refusal(
                    .invalid,
                    "The header of \"\(path)\" names \(quoted(name)) twice, "
                        + "as columns \(first + 1) and \(index + 1). Rename one."
                )
            }
        }
    }

    /// Makes `""` one quote in the cells of the current row.
    private mutating func undoubleQuotes() {
        for index in cells.indices where cells[index].isEscaped {
            var target = Int(cells[index].start)
            var source = target
            let end = Int(cells[index].end)
            while source < end {
                let byte = buffer[source]
                buffer[target] = byte
                source += byte == 34 ? 2 : 1
                target += 1
            }
            cells[index].end = Int32(target)
            cells[index].isEscaped = false
        }
    }
}

/// Splits the record that begins at `start` into cells (RFC 4180, line ends LF or CRLF).
///
/// A quote inside an unquoted cell is an ordinary character. Cells beyond the known columns are
/// counted, not kept, except in the header, whose `cells` grow as needed.
private func splitRecord(
    _ bytes: Span<UInt8>,
    _ start: Int,
    _ limit: Int,
    isAtEnd: Bool,
    cells: inout [Cell]
) -> Record {
    var record = Record(end: .incomplete(openQuoteAt: nil), next: start)
    var index = start
    var cellStart = start
    var high: UInt8 = 0
    while index < limit {
        let byte = bytes[index]
        if byte > 44 {
            high |= byte
            index += 1
        } else if byte == 44 {
            record.keep(Cell(start: Int32(cellStart), end: Int32(index)), in: &cells)
            index += 1
            cellStart = index
        } else if byte == 10 {
            let isCarriageReturn = index > cellStart && bytes[index - 1] == 13
            let end = isCarriageReturn ? index - 1 : index
            record.keep(Cell(start: Int32(cellStart), end: Int32(end)), in: &cells)
            return record.completed(at: index + 1, high: high)
        } else if byte == 34 && index == cellStart {
            guard let afterQuote = record.readQuoted(bytes, &index, limit, &high, &cells) else {
                record.end = .incomplete(openQuoteAt: record.cellCount)
                return record
            }
            switch afterQuote {
            case .comma: cellStart = index
            case .lineEnd: return record.completed(at: index, high: high)
            case .end:
                if isAtEnd { return record.completed(at: index, high: high) }
                record.end = .incomplete(openQuoteAt: nil)
                return record
            case .text:
                record.end = .textAfterQuote(column: record.cellCount - 1)
                return record
            }
        } else {
            index += 1
        }
    }
    if isAtEnd && start < limit {
        let isCarriageReturn = index > cellStart && bytes[index - 1] == 13
        let end = isCarriageReturn ? index - 1 : index
        record.keep(Cell(start: Int32(cellStart), end: Int32(end)), in: &cells)
        return record.completed(at: limit, high: high)
    }
    return record
}

/// What stands behind a closing quote.
private enum AfterQuote {
    case comma, lineEnd, end, text
}

extension Record {
    fileprivate mutating func keep(_ cell: Cell, in cells: inout [Cell]) {
        if cellCount < cells.count {
            cells[cellCount] = cell
        } else if cellCount <= RowReader.mostColumns {
            cells.append(cell)
        }
        cellCount += 1
    }

    fileprivate func completed(at next: Int, high: UInt8) -> Record {
        var record = self
        record.end = .complete
        record.next = next
        record.lines += 1
        record.hasHighBytes = high >= 0x80
        return record
    }

    /// Reads a quoted cell and what ends it; nil where the closing quote has not come.
    fileprivate mutating func readQuoted(
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        _ limit: Int,
        _ high: inout UInt8,
        _ cells: inout [Cell]
    ) -> AfterQuote? {
        index += 1
        var cell = Cell(start: Int32(index))
        while true {
            guard index < limit else { return nil }
            let byte = bytes[index]
            if byte == 34 {
                guard index + 1 < limit, bytes[index + 1] == 34 else { break }
                cell.isEscaped = true
                hasEscapes = true
                index += 1
            } else if byte == 10 {
                lines += 1
            }
            high |= byte
            index += 1
        }
        cell.end = Int32(index)
        keep(cell, in: &cells)
        index += 1
        if index < limit && bytes[index] == 13 {
            if index + 1 == limit {
                index += 1
                return .end
            }
            if bytes[index + 1] == 10 { index += 1 }
        }
        guard index < limit else { return .end }
        let byte = bytes[index]
        index += 1
        return byte == 44 ? .comma : byte == 10 ? .lineEnd : .text
    }
}
