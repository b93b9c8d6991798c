import Domain
import Synchronization

/// The rows of a list that fit its filter, in its order, remembered until either changes.
///
/// One frame asks for them a dozen times: for the table, the cursor, the status, what each hint
/// could do. Copies of a screen share it, which changes nothing but the time it takes.
final class ShownRows<Row: Sendable>: Sendable {
    private struct Question: Equatable {
        /// Of the answers in the world: new rows come with a new number.
        let revision: Int
        let filter: Filter
        let sorting: Sorting
        /// What ages in a filter are measured from.
        let now: Timestamp?
    }

    private let last = Mutex<(question: Question, rows: [Row])?>(nil)

    /// What was found for the same question, else what is found now.
    func rows(_ list: ListState, of world: World, find: () -> [Row]) -> [Row] {
        let question = Question(
            revision: world.revision,
            filter: list.filter,
            sorting: list.sorting,
            now: list.filter.isEmpty ? nil : world.now
        )
        if let found = last.withLock({ $0?.question == question ? $0?.rows : nil }) { return found }
        let rows = find()
        last.withLock { $0 = (question, rows) }
        return rows
    }
}
