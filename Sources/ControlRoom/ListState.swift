import Terminal

/// The cursor of a list, kept on the same thing while rows come and go.
struct ListState: Sendable, Equatable {
    /// What the cursor is on, by id.
    private(set) var id: String?
    private var index = 0
    private(set) var firstRow = 0
    var pannedColumns = 0
    var filter = Filter()
    private(set) var sorting = Sorting()
    var columns = ColumnChoice()
    /// The rows that were marked, by id.
    private(set) var marks: Set<String> = []
    /// Where a range of marks begins, while one is being made.
    private(set) var anchor: String?

    /// The most rows that can be marked.
    static let marksMaximum = 10_000

    /// The commands that move the cursor and do nothing else.
    static let moves: Set<Command> = [
        .moveDown, .moveUp, .moveFirst, .moveLast, .halfPageDown, .halfPageUp, .pageDown, .pageUp,
    ]

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

    mutating func recall(_ sorting: Sorting) { self.sorting = sorting }

    /// Changes what the list is sorted by; the cursor stays on the same thing.
    mutating func sort(_ command: Command, by titles: [String], ids: [String]) -> Step {
        let step = sorting.press(command, titles: titles)
        if step != .unhandled, let id = current(in: ids) { select(id, in: ids) }
        return step
    }

    /// Sorts by a column, and by the same column again the other way round.
    mutating func sort(by title: String?, ids: [String]) {
        sorting.sort(by: title)
        if let id = current(in: ids) { select(id, in: ids) }
    }

    // MARK: - Marks

    /// Marks rows or takes their marks away; false when the command is about something else.
    mutating func mark(_ command: Command, ids: [String]) -> Step {
        guard let id = current(in: ids) else { return .done }
        switch command {
        case .mark:
            if marks.remove(id) == nil, marks.count < Self.marksMaximum { marks.insert(id) }
            return .done
        case .markRange:
            guard let start = anchor, let first = ids.firstIndex(of: start),
                let last = ids.firstIndex(of: id)
            else {
                anchor = id
                return .say(
                    localized("A range begins at \(id): move to its other end, then V again.")
                )
            }
            anchor = nil
            let range = ids[min(first, last)...max(first, last)]
            marks.formUnion(range.prefix(Self.marksMaximum))
            return .done
        case .clear:
            clearMarks()
            return .done
        default: return .unhandled
        }
    }

    /// Whether there was anything to clear.
    @discardableResult
    mutating func clearMarks() -> Bool {
        guard !marks.isEmpty || anchor != nil else { return false }
        marks = []
        anchor = nil
        return true
    }

    /// The same columns and order for another list of the same kind.
    var forAnotherList: ListState {
        var other = ListState()
        other.columns = columns
        other.sorting = sorting
        return other
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
