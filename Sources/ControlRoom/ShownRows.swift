import Domain
import Synchronization

/// Rows in an order of their own: the places of those that are shown, not copies of them.
struct ListRows<Row: Sendable>: RandomAccessCollection, Sendable {
    private let rows: [Row]
    /// nil where all are shown as they came.
    private let places: [Int]?
    /// Of the rows as they are shown.
    let ids: [String]

    /// - Parameter ids: Of all rows as they came.
    init(_ rows: [Row], ids: [String], _ places: [Int]? = nil) {
        self.rows = rows
        self.places = places
        self.ids = places?.map { ids[$0] } ?? ids
    }

    var startIndex: Int { 0 }
    var endIndex: Int { places?.count ?? rows.count }
    subscript(place: Int) -> Row { rows[places?[place] ?? place] }
}

/// The rows of a list that fit its filter, in its order, remembered until either changes.
///
/// One frame asks for them a dozen times: for the table, the cursor, the status, what each hint
/// could do. Copies of a screen share it, which changes nothing but the time it takes.
final class ShownRows<Row: Sendable & Encodable>: Sendable {
    private struct Question: Equatable {
        /// Of the answers in the world: new rows come with a new number.
        let revision: Int
        let filter: Filter
        let sorting: Sorting
        /// What ages in a filter are measured from.
        let now: Timestamp?
    }

    private let last = Mutex<(question: Question, rows: ListRows<Row>)?>(nil)
    private let known = Mutex<(revision: Int, ids: [String])?>(nil)

    /// What was found for the same question, else what the columns find now.
    func rows(
        _ list: ListState,
        of world: World,
        _ all: [Row],
        _ columns: ListColumns<Row>
    ) -> ListRows<Row> {
        let question = Question(
            revision: world.revision,
            filter: list.filter,
            sorting: list.sorting,
            now: list.filter.isEmpty ? nil : world.now
        )
        if let found = last.withLock({ $0?.question == question ? $0?.rows : nil }) { return found }
        let ids =
            known.withLock { $0?.revision == world.revision ? $0?.ids : nil } ?? all.map(columns.id)
        known.withLock { $0 = (world.revision, ids) }
        let rows = ListRows(all, ids: ids, columns.places(all, list, now: world.now))
        last.withLock { $0 = (question, rows) }
        return rows
    }
}
