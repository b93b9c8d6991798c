import Domain
import Terminal

/// A sentence for the status line, kept in the history behind `!`.
struct Notice: Sendable, Equatable {
    let text: String
    let role: Role
    let at: Timestamp
}

/// The latest notices, newest last; the oldest go when there are too many.
struct NoticeLog: Sendable, Equatable {
    private(set) var notices: [Notice] = []
    /// Ever said, those that went included.
    private(set) var total = 0
    static let capacity = 200

    mutating func append(_ notice: Notice) {
        notices.append(notice)
        total += 1
        if notices.count > Self.capacity { notices.removeFirst(notices.count - Self.capacity) }
    }
}
