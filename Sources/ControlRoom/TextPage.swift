import Terminal

/// A text over the whole body, such as the JSON of a row.
struct TextPage: Sendable, Equatable {
    let title: String
    let lines: [String]
    var firstLine = 0
    /// Characters that long lines have been moved to the left.
    private var pan = 0

    private static let panStep = 20

    init(title: String, text: String) {
        self.title = title
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Whether it stays open.
    mutating func press(_ key: Key, height: Int) -> Bool {
        switch key {
        case .character("j"), .down: firstLine += 1
        case .character("k"), .up: firstLine -= 1
        case .control("d"): firstLine += height / 2
        case .control("u"): firstLine -= height / 2
        case .control("f"), .pageDown, .space: firstLine += height
        case .control("b"), .pageUp: firstLine -= height
        case .character("g"), .home: (firstLine, pan) = (0, 0)
        case .character("G"), .end: firstLine = lines.count
        case .character("l"), .character("L"), .right: pan += TextPage.panStep
        case .character("h"), .character("H"), .left: pan = max(0, pan - TextPage.panStep)
        case .escape, .enter, .character("q"), .character("i"), .control("c"), .backspace:
            return false
        default: break
        }
        firstLine = min(max(0, firstLine), max(0, lines.count - height))
        let longest = lines.lazy.map(\.count).max() ?? 0
        pan = min(pan, longest / TextPage.panStep * TextPage.panStep)
        return true
    }

    func draw(into grid: inout CellGrid, in body: Rectangle) {
        grid.fill(body)
        let room = max(1, body.rows - 2)
        let last = min(lines.count, firstLine + room)
        let inner = grid.box(
            body,
            title: StyledText(title),
            isFocused: true,
            footer: StyledText(localized("\(min(firstLine + 1, last))–\(last) of \(lines.count)"))
        ).padded
        for (offset, line) in lines[min(firstLine, lines.count)..<last].enumerated() {
            let shown = String(line.dropFirst(pan))
            grid.put(shown, at: inner.droppingTop(offset).origin, limit: inner.columns)
        }
        grid.cursor = inner.origin
    }
}
