package import Domain
import Statistics

/// The values of one column, as a baseline or a window takes them in.
package enum ColumnValues: Sendable, Equatable {
    /// NaN is missing; `MissingNumber` says why.
    case numbers([Double])
    /// nil is missing.
    case categories([String?])

    /// Reads cells as the feature's encoding says; a cell that is no number counts as missing, and as
    /// one that cannot be read.
    package init(cells: some Sequence<String?>, encoding: Feature.Encoding) {
        switch encoding {
        case .number: self = .numbers(cells.map { Self.number($0) })
        case .category: self = .categories(Array(cells))
        }
    }

    /// The cell as a number, or the NaN that says why it is none.
    package static func number(_ cell: String?) -> Double {
        guard let cell else { return MissingNumber.absent.value }
        guard let number = Double(cell) else { return MissingNumber.unreadable.value }
        return number.isNaN ? MissingNumber.notANumber.value : number
    }

    /// What could not be read of the cells these numbers come from; nil where all was.
    func unreadable(_ cells: [String?]) -> CauseQuestion.Unreadable? {
        guard case .numbers(let numbers) = self else { return nil }
        let places = numbers.indices.filter {
            numbers[$0].isNaN && MissingNumber(of: numbers[$0]) == .unreadable
        }
        guard let first = places.first, let example = cells[first] else { return nil }
        return CauseQuestion.Unreadable(
            count: places.count,
            example: String(example.prefix(CategorySketch.unseenLength))
        )
    }

    package var count: Int {
        switch self {
        case .numbers(let values): values.count
        case .categories(let values): values.count
        }
    }
}

/// A column by its name.
package struct NamedColumn: Sendable, Equatable {
    package let name: String
    package let values: ColumnValues

    package init(name: String, values: ColumnValues) {
        self.name = name
        self.values = values
    }
}

/// Why a sketch could not be made or combined.
package enum MonitoringError: Error, Equatable, CustomStringConvertible {
    case unknownColumn(String)
    case kindDiffers(column: String)
    case otherBaseline(column: String)
    case rowCountDiffers(column: String, found: Int, expected: Int)
    case unreadable(what: String, reason: String)

    package var description: String {
        switch self {
        case .unknownColumn(let column):
            "The column \"\(column)\" is not in the baseline. Send the columns of the signature."
        case .kindDiffers(let column):
            """
            The column \"\(column)\" holds numbers on one side and categories on the other. \
            Read it as the signature says.
            """
        case .otherBaseline(let column):
            """
            The sketch of \"\(column)\" was made with another baseline. \
            Compare windows with the baseline of their own model version.
            """
        case .rowCountDiffers(let column, let found, let expected):
            """
            The column \"\(column)\" has \(Wording.rows(found)) where \(Wording.count(expected)) \
            are expected. Send one value for each row.
            """
        case .unreadable(let what, let reason):
            "The \(what) cannot be read: \(reason) Train the version again to make a new one."
        }
    }
}
