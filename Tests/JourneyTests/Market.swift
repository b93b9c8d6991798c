import Domain
import EngineAPI

/// Repeatable chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A small world that rows come from: who buys, by a number, another number and a group.
///
/// In every phase the first number lies elsewhere and what it says is turned round, so that a model
/// of one phase knows nothing of the next and a model that saw both is plainly better.
struct Market {
    struct Row: Sendable {
        let id: String
        let time: Timestamp
        let level: Double
        let noise: Double
        let group: String
        let bought: Int
    }

    static let model = "buyers"
    static let secondsBetweenRows: Double = 30
    private static let groups = ["north", "south", "west"]

    /// Counted from 0.
    var phase = 0
    private var chance: Chance
    private var count = 0
    private var time = Timestamp(microseconds: 1_700_000_000_000_000)

    init(seed: UInt64) {
        chance = Chance(seed: seed)
    }

    mutating func rows(_ count: Int) -> [Row] {
        (0..<count).map { _ in row() }
    }

    private mutating func row() -> Row {
        let position = Double.random(in: 0..<1, using: &chance)
        let isHigh = position > 0.5
        let isLikely = isHigh == phase.isMultiple(of: 2)
        let share = isLikely ? 0.9 : 0.1
        count += 1
        time = time.adding(seconds: Market.secondsBetweenRows)
        return Row(
            id: "row-\(count)",
            time: time,
            level: position + 2 * Double(phase),
            noise: Double.random(in: 0..<1, using: &chance),
            group: Market.groups[Int.random(in: 0..<3, using: &chance)],
            bought: Double.random(in: 0..<1, using: &chance) < share ? 1 : 0
        )
    }

    // MARK: - Rows as text

    static func csv(_ rows: [Row]) -> String {
        rows.reduce(into: "id,time,level,noise,area,bought\n") { text, row in
            text += "\(row.id),\(row.time),\(row.level),\(row.noise),\(row.group),\(row.bought)\n"
        }
    }

    /// A scoring request, without what is not known yet.
    static func request(_ rows: [Row]) -> String {
        let data = rows.map {
            "[\"\($0.id)\",\"\($0.time)\",\($0.level),\($0.noise),\"\($0.group)\"]"
        }
        return "{\"dataframe_split\":{\"columns\":[\"id\",\"time\",\"level\",\"noise\",\"area\"],"
            + "\"data\":[\(data.joined(separator: ","))]}}"
    }

    static func labels(_ rows: [Row]) -> [RowLabel] {
        rows.map { RowLabel(row: $0.id, label: Double($0.bought)) }
    }

    private static let boosting = """
        trainer: xgboost
          parameters: { max_depth: 2, eta: 0.3, rounds: 30 }
          seed: 7
        """

    /// A pipeline with windows of 20 rows; `training` are the lines under `train:`.
    static func pipeline(
        training: String = boosting,
        policy: String = "{ approvals: 1 }"
    ) -> String {
        """
        model: \(model)
        owner: harbour
        task: classification
        data:
          target: bought
          time: time
          id: id
        train:
          \(training)
        validate:
          holdout: { last: 25% }
          metrics: [auc, accuracy]
          primary: auc
        environments:
          production: \(policy)
        monitor:
          window: 10m
          rolling: 30m
          drift: { for: 1 }
          performance: { drop: 0.1, rows: 40, for: 1 }
          retrain: { on: any, cooldown: 30m, window: 5h, rows: 100, approve: required }

        """
    }
}
