import Terminal

/// Words that rows must contain, or with `!` must not.
struct Filter: Sendable, Equatable {
    var text = ""

    var isEmpty: Bool { text.allSatisfy { $0 == " " } }

    func accepts(_ row: String) -> Bool {
        guard !isEmpty else { return true }
        let row = row.lowercased()
        return text.lowercased().split(separator: " ").allSatisfy { word in
            guard word.first == "!" else { return row.contains(word) }
            return word.count == 1 || !row.contains(word.dropFirst())
        }
    }
}

/// The cursor of a list, kept on the same thing while rows come and go.
struct ListState: Sendable, Equatable {
    /// What the cursor is on, by id.
    private(set) var id: String?
    private var index = 0
    private(set) var firstRow = 0
    var pannedColumns = 0
    var filter = Filter()
    private(set) var sorting = Sorting()

    /// The row of the cursor; nil without rows.
    func position(in ids: [String]) -> Int? {
        guard !ids.isEmpty else { return nil }
        if let id, let found = ids.firstIndex(of: id) { return found }
        return min(index, ids.count - 1)
    }

    /// What the cursor is on; the first row until it was moved.
    func current(in ids: [String]) -> String? { position(in: ids).map { ids[$0] } }

    mutating func select(_ id: String, in ids: [String] = []) {
        self.id = id
        if let found = ids.firstIndex(of: id) { index = found }
    }

    /// Changes what the list is sorted by; the cursor stays on the same thing.
    mutating func sort(_ command: Command, by titles: [String], ids: [String]) -> Step {
        let step = sorting.press(command, titles: titles)
        if step != .unhandled, let id = current(in: ids) { select(id, in: ids) }
        return step
    }

    /// Moves the cursor; false when the command is no movement.
    mutating func move(_ command: Command, ids: [String], height: Int) -> Bool {
        let count = ids.count
        let now = position(in: ids) ?? 0
        let height = max(1, height)
        let target: Int
        switch command {
        case .moveDown: target = now + 1
        case .moveUp: target = now - 1
        case .moveFirst: target = 0
        case .moveLast: target = count - 1
        case .halfPageDown: target = now + max(1, height / 2)
        case .halfPageUp: target = now - max(1, height / 2)
        case .pageDown: target = now + height
        case .pageUp: target = now - height
        case .panLeft:
            pannedColumns = max(0, pannedColumns - 1)
            return true
        case .panRight:
            pannedColumns = min(20, pannedColumns + 1)
            return true
        default: return false
        }
        guard count > 0 else { return true }
        index = min(max(0, target), count - 1)
        id = ids[index]
        firstRow = TableWidget.firstRow(
            showing: index,
            from: firstRow,
            height: height,
            count: count
        )
        return true
    }

    /// Moves to the next row that fits, around the end; false when none does.
    mutating func find(
        _ ids: [String],
        forward: Bool,
        height: Int,
        where fits: (String) -> Bool
    ) -> Bool {
        guard let now = position(in: ids) else { return false }
        for step in 1...ids.count {
            let offset = forward ? step : ids.count - step
            let candidate = (now + offset) % ids.count
            if fits(ids[candidate]) {
                index = candidate
                id = ids[candidate]
                firstRow = TableWidget.firstRow(
                    showing: index,
                    from: firstRow,
                    height: height,
                    count: ids.count
                )
                return true
            }
        }
        return false
    }
}
