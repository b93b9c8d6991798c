import Terminal

/// What the control room keeps from one time to the next: how each list was left, what was asked.
package struct RoomMemory: Sendable, Equatable, Codable {
    /// Lists by their name, such as `runs`.
    var lists: [String: ListMemory] = [:]
    /// What was run from the command line, newest last.
    var history: [String] = []

    static let historyMaximum = 50
    static let listsMaximum = 100
    /// Longer texts are not what somebody typed.
    static let textMaximum = 1_000

    package init() {}

    mutating func remember(command: String) {
        guard !command.isEmpty, command.count <= Self.textMaximum else { return }
        history.removeAll { $0 == command }
        history.append(command)
        history = Array(history.suffix(Self.historyMaximum))
    }
}

/// How one list was left.
struct ListMemory: Sendable, Equatable, Codable {
    var id: String?
    var filter = ""
    var sorting = Sorting()
    var columns = ColumnChoice()
}

extension ListState {
    var memory: ListMemory {
        ListMemory(id: id, filter: filter.text, sorting: sorting, columns: columns)
    }

    /// A list as it was left, with nothing marked.
    init(_ memory: ListMemory) {
        self.init()
        if let id = memory.id, id.count <= RoomMemory.textMaximum { select(id) }
        filter.text = String(memory.filter.prefix(RoomMemory.textMaximum))
        columns = memory.columns
        recall(memory.sorting)
    }
}

extension RoomState {
    /// What to keep when the control room closes.
    package var memory: RoomMemory {
        var memory = kept
        for screen in screens.merging(presentScreens, uniquingKeysWith: { $1 }).values {
            for (name, list) in screen.lists where memory.lists.count < RoomMemory.listsMaximum {
                memory.lists[name] = list.memory
            }
        }
        return memory
    }

    /// Puts every list back as it was left.
    mutating func recall(_ memory: RoomMemory) {
        kept = memory
        kept.history = memory.history.suffix(RoomMemory.historyMaximum)
            .filter { $0.count <= RoomMemory.textMaximum }
        for view in screens.keys {
            let names = screens[view]?.lists.keys.map { $0 } ?? []
            var found: [String: ListState] = [:]
            for name in names { found[name] = memory.lists[name].map { ListState($0) } }
            if !found.isEmpty { screens[view]?.lists = found }
        }
    }
}
