import Terminal

/// Which columns a list shows and in which order, changed with keys while it is open.
struct ColumnPicker: Sendable, Equatable {
    /// All columns, in the order shown.
    private(set) var names: [String]
    private(set) var hidden: Set<String>
    private(set) var cursor = 0
    private let original: [String]

    init(all: [String], choice: ColumnChoice) {
        original = all
        hidden = choice.hidden
        let order = choice.order.filter(all.contains)
        names = order + all.filter { !order.contains($0) }
    }

    var current: String { names.indices.contains(cursor) ? names[cursor] : "" }

    var choice: ColumnChoice {
        ColumnChoice(hidden: hidden, order: names == original ? [] : names)
    }

    enum Outcome: Sendable, Equatable {
        case open
        case closed
        case sort(String)
        case say(String)
    }

    mutating func press(_ key: Key) -> Outcome {
        switch key {
        case .character("j"), .down: cursor += 1
        case .character("k"), .up: cursor -= 1
        case .character("g"), .home: cursor = 0
        case .character("G"), .end: cursor = names.count - 1
        case .space, .character("x"): return toggle()
        case .character("J"), .character("L"): move(1)
        case .character("K"), .character("H"): move(-1)
        case .character("s"), .character(">"): return .sort(current)
        case .character("0"):
            names = original
            hidden = []
        case .enter, .escape, .character("q"), .character("v"), .control("c"), .backspace:
            return .closed
        default: break
        }
        cursor = min(max(0, cursor), max(0, names.count - 1))
        return .open
    }

    private mutating func toggle() -> Outcome {
        if hidden.remove(current) != nil { return .open }
        guard hidden.count < names.count - 1 else {
            return .say(localized("One column has to stay."))
        }
        hidden.insert(current)
        return .open
    }

    private mutating func move(_ step: Int) {
        let target = cursor + step
        guard names.indices.contains(target) else { return }
        names.swapAt(cursor, target)
        cursor = target
    }
}

/// In which form a list leaves, and under which name.
struct ExportPrompt: Sendable {
    let listing: Listing
    /// Nil until one was picked.
    var format: ExportFormat?
    var field = TextField()

    enum Outcome: Sendable, Equatable {
        case open
        case cancelled
        case write(path: String, text: String)
        case copy(String)
    }

    /// - Parameter stamp: Part of the name proposed, such as `2013-06-15-1204`.
    mutating func press(_ key: Key, stamp: String) -> Outcome {
        if key == .escape || key == .control("c") { return .cancelled }
        guard let format else {
            guard let letter = key.typed else { return .open }
            for format in ExportFormat.allCases {
                if letter == format.key {
                    self.format = format
                    field = TextField("\(listing.name)-\(stamp).\(format.suffix)")
                }
                if String(letter) == String(format.key).uppercased() {
                    return .copy(listing.text(format))
                }
            }
            return letter == "q" ? .cancelled : .open
        }
        guard key == .enter else {
            _ = field.press(key)
            return .open
        }
        let path = field.text.split(separator: " ").joined(separator: " ")
        return path.isEmpty ? .open : .write(path: path, text: listing.text(format))
    }
}

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
