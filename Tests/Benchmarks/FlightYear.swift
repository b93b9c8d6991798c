import Boosting
import Domain
import Glibc
import Monitoring
import Statistics
import Tables

/// The flights that left New York in 2013, and a model of whether they came late.
struct FlightYear {
    static let categories = ["carrier", "origin", "dest", "weekday"]
    static let numbers = [
        "distance", "hour", "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust",
        "precip", "pressure", "visib",
    ]

    /// Some rows in the order of their time, by column.
    struct Rows {
        var numbers: [String: [Double]] = [:]
        var categories: [String: [String?]] = [:]
        var seconds: [Int] = []
        var ids: [String?] = []
        var late: [Double] = []

        var count: Int { seconds.count }

        var columns: [Monitoring.NamedColumn] {
            FlightYear.categories.map {
                Monitoring.NamedColumn(name: $0, values: .categories(categories[$0] ?? []))
            }
                + FlightYear.numbers.map {
                    Monitoring.NamedColumn(name: $0, values: .numbers(numbers[$0] ?? []))
                }
        }

        func selecting(_ places: [Int]) -> Rows {
            Rows(
                numbers: numbers.mapValues { all in places.map { all[$0] } },
                categories: categories.mapValues { all in places.map { all[$0] } },
                seconds: places.map { seconds[$0] },
                ids: places.map { ids[$0] },
                late: places.map { late[$0] }
            )
        }
    }

    let all: Rows

    /// Reads the file that the demonstration unpacks.
    init(fileAt path: String) throws {
        let schema = try profile(fileAt: path).schema
        let names = Self.categories + Self.numbers + ["scheduled_departure", "flight_id", "late"]
        let table = try readTable(fileAt: path, schema: schema, columns: names).table
        // A cancelled flight has no arrival that could be late.
        let late = try table.numbers("late")
        let order = try table.order(byTime: "scheduled_departure").filter { !late[$0].isNaN }
        let sorted = table.selecting(rows: order)
        var rows = Rows()
        rows.seconds = try sorted.times("scheduled_departure").map { Int($0 / 1_000_000) }
        rows.late = try sorted.numbers("late")
        for name in Self.numbers { rows.numbers[name] = try sorted.numbers(name) }
        for name in Self.categories + ["flight_id"] {
            let column = try sorted.column(name)
            let texts = (0..<sorted.rowCount).map { column.text(at: $0) }
            if name == "flight_id" { rows.ids = texts } else { rows.categories[name] = texts }
        }
        all = rows
    }
}

/// A boosted model of the flights, and what its training rows looked like.
struct FlightModel: ~Copyable {
    private var booster: Booster
    private let levels: [String: [String: Float]]
    let baseline: Baseline

    init(trainedOn rows: FlightYear.Rows) throws {
        let levels = rows.categories.mapValues { values in
            let names = Set(values.compactMap { $0 }).sorted()
            return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Float($0)) })
        }
        let features =
            FlightYear.categories.map { BoostingFeature(name: $0, isCategorical: true) }
            + FlightYear.numbers.map { BoostingFeature(name: $0) }
        let matrix = try DataMatrix(
            values: Self.encode(rows, levels),
            features: features,
            labels: rows.late.map { Float($0) }
        )
        // As the demonstration trains.
        var booster = try Booster(
            parameters: [
                "objective": "binary:logistic", "tree_method": "hist", "max_depth": "2",
                "eta": "0.05", "min_child_weight": "100", "nthread": "1", "seed": "7",
            ],
            for: matrix
        )
        for round in 0..<200 { try booster.trainRound(round, on: matrix) }
        let scores = try booster.scores(Self.encode(rows, levels)).map { Double($0) }
        baseline = try Baseline(
            columns: rows.columns,
            scores: scores,
            unixSeconds: rows.seconds.map { $0 }
        )
        self.booster = booster
        self.levels = levels
    }

    mutating func scores(of rows: FlightYear.Rows) throws -> [Double] {
        try booster.scores(Self.encode(rows, levels)).map { Double($0) }
    }

    private static func encode(
        _ rows: FlightYear.Rows,
        _ levels: [String: [String: Float]]
    ) -> [Float] {
        let columns: [[Float]] =
            FlightYear.categories.map { name in
                (rows.categories[name] ?? []).map { $0.flatMap { levels[name]?[$0] } ?? .nan }
            }
            + FlightYear.numbers.map { name in (rows.numbers[name] ?? []).map { Float($0) } }
        return (0..<rows.count).flatMap { row in columns.map { $0[row] } }
    }
}
