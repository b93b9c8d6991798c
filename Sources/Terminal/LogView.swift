/// A line of a log and what it says about itself.
package struct LogLine: Hashable, Sendable {
    package var text: String
    package var role: Role

    package init(_ text: String, role: Role = .text) {
        self.text = text
        self.role = role
    }

    /// A line whose role is told by the words that most programs use for bad news.
    package init(reading text: String) {
        // Bytes, since a log of many thousand lines is read as a whole to find its errors.
        let head = text.utf8.prefix(160).map { (97...122).contains($0) ? $0 - 32 : $0 }
        let isBad = Self.badWords.contains { Self.holds($0, head) }
        let isWarning = !isBad && Self.holds(Self.warningWord, head)
        self.init(text, role: isBad ? .bad : isWarning ? .warning : .text)
    }

    private static let badWords = ["ERROR", "FATAL", "CRITICAL", "TRACEBACK", "PANIC"]
        .map { Array($0.utf8) }
    private static let warningWord = Array("WARN".utf8)

    private static func holds(_ word: [UInt8], _ head: [UInt8]) -> Bool {
        guard head.count >= word.count else { return false }
        return (0...(head.count - word.count)).contains { start in
            head[start] == word[0] && head[start..<start + word.count].elementsEqual(word)
        }
    }
}

extension LogLine {
    /// Whether a line begins with a time of the day, with or without its date, as
    /// `12:03:27 round 1` and `2026-11-23T12:03:27Z round 1` do.
    package static func beginsWithTime(_ text: String) -> Bool {
        timeBytes(text.utf8.prefix(40)) > 0
    }

    /// The line without the time it begins with.
    package static func withoutTime(_ text: String) -> String {
        String(text.utf8.dropFirst(timeBytes(text.utf8.prefix(40)))) ?? text
    }

    /// How many bytes a time, its date before it, and the blanks after it take; 0 without a time.
    private static func timeBytes(_ head: Substring.UTF8View) -> Int {
        let bytes = Array(head)
        func isPicture(_ picture: String, at start: Int) -> Bool {
            bytes.count >= start + picture.utf8.count
                && zip(bytes[start...], picture.utf8).allSatisfy { byte, wanted in
                    wanted == 0x39 ? (0x30...0x39).contains(byte) : byte == wanted
                }
        }
        var end = 0
        if isPicture("9999-99-99", at: 0), bytes.count > 10, [0x20, 0x54].contains(bytes[10]) {
            end = 11
        }
        guard isPicture("99:99:99", at: end) else { return 0 }
        end += 8
        // Fractions of a second and a zone, such as .123Z and +0000.
        while end < bytes.count, bytes[end] != 0x20 { end += 1 }
        while end < bytes.count, bytes[end] == 0x20 { end += 1 }
        return end
    }
}

/// Lines of text with search marks, following the end or standing still.
///
/// Lines are asked for one by one, so that a hundred thousand cost no more than the visible ones.
package struct LogView {
    package var lineCount: Int
    package var line: (Int) -> LogLine
    /// The first visible line; not read while the view follows the end.
    package var firstLine: Int
    package var isFollowing: Bool
    package var isWrapped: Bool
    /// Columns panned away to the left; not read while lines are wrapped.
    package var firstColumn: Int
    /// Marked where it occurs, whatever its case; empty marks nothing.
    package var search: String

    package init(
        lineCount: Int,
        firstLine: Int = 0,
        isFollowing: Bool = true,
        isWrapped: Bool = false,
        firstColumn: Int = 0,
        search: String = "",
        line: @escaping (Int) -> LogLine
    ) {
        self.lineCount = lineCount
        self.line = line
        self.firstLine = firstLine
        self.isFollowing = isFollowing
        self.isWrapped = isWrapped
        self.firstColumn = firstColumn
        self.search = search
    }

    package init(lines: [LogLine]) {
        self.init(lineCount: lines.count) { lines[$0] }
    }

    /// The first line drawn in a rectangle of this size; `firstLine` when following ends.
    package func firstShownLine(in size: Size) -> Int {
        guard isFollowing else { return min(max(0, firstLine), max(0, lineCount - 1)) }
        var rows = 0
        var first = lineCount
        while first > 0 {
            let height = isWrapped ? wrapped(first - 1, size.columns).count : 1
            if rows + height > size.rows { break }
            rows += height
            first -= 1
        }
        return min(first, max(0, lineCount - 1))
    }

    /// Numbers of the lines that hold the words, whatever their case.
    package static func matches(of search: String, count: Int, line: (Int) -> String) -> [Int] {
        guard !search.isEmpty else { return [] }
        if search.utf8.allSatisfy({ $0 < 0x80 }) {
            let bytes = Array(search.lowercased().utf8)
            return (0..<count).filter { holds(bytes, line($0)) }
        }
        let wanted = folded(search)
        return (0..<count).filter { !ranges(of: wanted, in: folded(line($0))).isEmpty }
    }

    /// Whether a text holds ASCII bytes whatever their case; a log of 100,000 lines is searched so.
    private static func holds(_ wanted: [UInt8], _ text: String) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count >= wanted.count else { return false }
            var start = 0
            while start + wanted.count <= bytes.count {
                if lower(bytes[start]) == wanted[0] {
                    var place = 1
                    while place < wanted.count, lower(bytes[start + place]) == wanted[place] {
                        place += 1
                    }
                    if place == wanted.count { return true }
                }
                start += 1
            }
            return false
        }
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        guard !rectangle.isEmpty else { return }
        var row = rectangle.row
        var index = firstShownLine(in: rectangle.size)
        while index < lineCount, row < rectangle.rowAfter {
            let lines = isWrapped ? wrapped(index, rectangle.columns) : [panned(index)]
            for text in lines where row < rectangle.rowAfter {
                let place = Point(column: rectangle.column, row: row)
                grid.reading?.add(text.plain)
                grid.put(text, at: place, limit: rectangle.columns)
                row += 1
            }
            index += 1
        }
    }

    private func panned(_ index: Int) -> StyledText {
        let text = styled(index)
        guard firstColumn > 0 else { return text }
        var left = firstColumn
        var parts: [StyledText.Part] = []
        for part in text.parts {
            let skipped = TextFit.prefix(of: part.text, columns: left)
            left -= CharacterWidth.columns(of: skipped)
            let rest = String(part.text.dropFirst(skipped.count))
            if !rest.isEmpty { parts.append(StyledText.Part(text: rest, style: part.style)) }
        }
        return StyledText(parts: parts)
    }

    private func wrapped(_ index: Int, _ columns: Int) -> [StyledText] {
        styled(index).wrapped(to: columns)
    }

    private func styled(_ index: Int) -> StyledText {
        let line = line(index)
        let style = Style(line.role)
        let wanted = Self.folded(search)
        guard !wanted.isEmpty else { return StyledText(line.text, style) }
        let characters = Array(line.text)
        var result = StyledText()
        var end = 0
        for range in Self.ranges(of: wanted, in: Self.folded(line.text)) {
            result.append(String(characters[end..<range.lowerBound]), style)
            result.append(String(characters[range]), style.reversed)
            end = range.upperBound
        }
        result.append(String(characters[end...]), style)
        return result
    }

    /// One entry a character, so that places in it are places in the text.
    private static func folded(_ text: String) -> [String] {
        text.map { $0.lowercased() }
    }

    private static func ranges(of wanted: [String], in text: [String]) -> [Range<Int>] {
        guard !wanted.isEmpty, text.count >= wanted.count else { return [] }
        var found: [Range<Int>] = []
        var start = 0
        while start + wanted.count <= text.count {
            if text[start..<start + wanted.count].elementsEqual(wanted) {
                found.append(start..<start + wanted.count)
                start += wanted.count
            } else {
                start += 1
            }
        }
        return found
    }
}
