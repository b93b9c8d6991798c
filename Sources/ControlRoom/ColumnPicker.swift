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
