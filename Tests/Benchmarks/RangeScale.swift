import Domain
import EngineAPI
import EngineCore
import Glibc
import Monitoring
import Statistics
import Synchronization

/// What monitoring costs at scale: any range of a year of minutes, rows taken in, one verdict.
enum RangeScale {
    private static let features = 50
    private static let minutes = 525_600
    private static let rowsPerMinute = 60

    /// The prefix sums and tree nodes in memory, in the bytes in which the store keeps them.
    private final class Shelf: Sendable {
        private let nodes = Mutex<[RangeNode: [UInt8]]>([:])

        func load(_ node: RangeNode) -> [UInt8]? { nodes.withLock { $0[node] } }
        func save(_ node: RangeNode, _ body: [UInt8]) { nodes.withLock { $0[node] = body } }
        var count: Int { nodes.withLock { $0.count } }
        var megabytes: Double {
            nodes.withLock { Double($0.values.reduce(0) { $0 + $1.count }) / 1e6 }
        }
    }

    /// Prints the figures, and says whether all keep to their limits.
    static func measure() async throws -> Bool {
        let baseline = try baseline(features: features, seed: 1)
        let ranges = try await ranges(baseline)
        let verdict = try verdict(baseline)
        let ingest = try ingest()
        return ranges && verdict && ingest
    }

    private static func ranges(_ baseline: Baseline) async throws -> Bool {
        let layout = RangeLayout(baseline: baseline, task: .classification)
        let pool = try (0..<256).map { seed in
            let columns = columns(features, rows: rowsPerMinute, seed: UInt64(1_000 + seed))
            var window = try WindowSketch(baseline: baseline, task: .classification)
            try window.add(columns: columns.0, scores: columns.1, baseline: baseline)
            return try RangeIndex.Window(place: 0, sketch: window, layout: layout).packed
        }
        let shelf = Shelf()
        let index = RangeIndex(
            layout: layout,
            windows: { places in
                try places.filter { 0 <= $0 && $0 < minutes }.map {
                    try RangeIndex.Window(place: $0, packed: pool[$0 % pool.count])
                }
            },
            load: { shelf.load($0) },
            save: { shelf.save($0, $1) }
        )
        let began = seconds()
        let whole = try await index.sketch(0..<minutes)
        guard whole.rows == minutes * rowsPerMinute else { return false }
        // Every prefix of the smallest blocks is asked for once, so that none is made below.
        for place in stride(from: 1_023, to: minutes, by: 1_024) {
            _ = try await index.cells(place - 1..<place)
            _ = try await index.cells((place | 31)..<min(minutes, (place | 31) + 1_024))
        }
        print("range_index_seconds \(seconds() - began)")
        print("range_index_nodes \(shelf.count)")
        print("range_index_megabytes \(shelf.megabytes)")
        var generator = SeededGenerator(seed: 5)
        var milliseconds: [Double] = []
        for round in 0..<400 {
            let ends = (0..<2).map { _ in Int(generator.nextUnit() * Double(minutes)) }.sorted()
            let start = seconds()
            let sketch = try await index.sketch(ends[0]..<ends[1] + 1)
            let taken = (seconds() - start) * 1e3
            guard sketch.rows == (ends[1] + 1 - ends[0]) * rowsPerMinute else { return false }
            if round >= 200 { milliseconds.append(taken) }
        }
        milliseconds.sort()
        print("range_median_milliseconds \(milliseconds[milliseconds.count / 2])")
        print("range_worst_milliseconds \(milliseconds[milliseconds.count - 1])")
        return milliseconds[milliseconds.count - 1] <= 5
    }

    /// A verdict over twenty features, from sketches to words.
    private static func verdict(_ full: Baseline) throws -> Bool {
        let names = Set(full.columns.prefix(20).map(\.name))
        let baseline = full.keeping(names)
        let (columns, scores) = columns(20, rows: 5_000, seed: 3)
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: columns, scores: scores, baseline: baseline)
        let policy = MonitorPolicy(
            retrain: RetrainPolicy(
                on: .any,
                cooldownSeconds: Timestamp.day,
                windowSeconds: Timestamp.day,
                approval: .required
            )
        )
        let subject = DriftSubject(
            model: "benchmark",
            version: 1,
            deployment: ID("deployment-1"),
            windowStart: Timestamp(microseconds: 0),
            windowEnd: Timestamp(microseconds: 60_000_000),
            rollingStart: Timestamp(microseconds: 0)
        )
        let rounds = 200
        let began = seconds()
        var verdicts = 0
        for _ in 0..<rounds {
            let report = try DriftReport(
                on: subject,
                baseline: baseline,
                window: window,
                policy: policy,
                expected: nil
            )
            verdicts += report.features.count
        }
        let taken = (seconds() - began) * 1e3 / Double(rounds)
        print("verdict_features \(verdicts / rounds)")
        print("verdict_milliseconds \(taken)")
        return taken <= 1
    }

    /// Rows as scoring processes send them, read and counted into the sketch of their window.
    private static func ingest() throws -> Bool {
        let baseline = try baseline(features: 20, seed: 9)
        let signature = Signature(
            task: .classification,
            features: baseline.columns.map { Feature(name: $0.name, encoding: .number) },
            target: "y",
            time: nil,
            id: nil,
            cleaning: Cleaning()
        )
        let batchRows = 10_000
        let (columns, scores) = columns(20, rows: batchRows, seed: 4)
        var bytes: [UInt8] = []
        for row in 0..<batchRows {
            let cells: [String?] = columns.map { column in
                guard case .numbers(let values) = column.values else { return nil }
                return String((values[row] * 1e6).rounded() / 1e6)
            }
            let collected = CollectedRow(
                id: "request-\(row)/0",
                version: 1,
                row: "\(row)",
                time: Timestamp(microseconds: Int64(row)),
                score: scores[row],
                cells: cells
            )
            CollectedRows.append(collected, to: &bytes)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let rounds = 20
        let began = seconds()
        var sum = try WindowSketch(baseline: baseline, task: .classification)
        for _ in 0..<rounds {
            let rows = try CollectedRows(text)
            let places = Array(0..<rows.count)
            try sum.merge(
                rows.window(
                    of: places,
                    labels: places.map { _ in nil },
                    signature: signature,
                    baseline: baseline
                )
            )
        }
        let rate = Double(rounds * batchRows) / (seconds() - began)
        guard sum.rows == rounds * batchRows else { return false }
        print("ingest_rows_per_second \(rate)")
        print("ingest_megabytes_per_second \(rate * Double(bytes.count) / Double(batchRows) / 1e6)")
        return rate >= 500_000
    }

    // MARK: - Rows

    private static func baseline(features: Int, seed: UInt64) throws -> Baseline {
        let (columns, scores) = columns(features, rows: 20_000, seed: seed)
        return try Baseline(columns: columns, scores: scores)
    }

    /// Columns of numbers: bell-shaped, one-sided with a long tail, and with a point mass.
    private static func columns(
        _ count: Int,
        rows: Int,
        seed: UInt64
    ) -> ([NamedColumn], [Double]) {
        var generator = SeededGenerator(seed: seed)
        let columns = (0..<count).map { number in
            let values = (0..<rows).map { _ -> Double in
                let bell = (0..<6).reduce(-3.0) { sum, _ in sum + generator.nextUnit() }
                switch number % 5 {
                case 3: return exp(bell)
                case 4: return generator.nextUnit() < 0.3 ? 0 : bell
                default: return bell
                }
            }
            return NamedColumn(name: "x\(number)", values: .numbers(values))
        }
        return (columns, (0..<rows).map { _ in generator.nextUnit() })
    }

    /// CPU seconds of the process: another program on the machine does not count.
    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
