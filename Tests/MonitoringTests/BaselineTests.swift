import Domain
import FoundationEssentials
import Monitoring
import Statistics
import Testing

@Suite
struct BaselineTests {
    @Test
    func `a baseline survives its bytes, and the same one gives the same bytes`() throws {
        let baseline = try Example(rows: 500, seed: 1).baseline()
        let again = try Example(rows: 500, seed: 1).baseline()
        let bytes = try baseline.encoded()
        #expect(try Baseline(encoded: bytes) == baseline)
        #expect(try again.encoded() == bytes)
    }

    @Test
    func `twenty columns take less than a megabyte`() throws {
        let columns = (0..<20).map { index in
            NamedColumn(
                name: "column \(index)",
                values: .numbers(normals(2_000, seed: UInt64(index + 1)))
            )
        }
        let baseline = try Baseline(columns: columns, scores: normals(2_000, seed: 99))
        #expect(try baseline.encoded().count < 700_000)
    }

    @Test
    func `columns of different lengths are refused`() {
        let error = #expect(throws: MonitoringError.self) {
            try Baseline(
                columns: [
                    NamedColumn(name: "a", values: .numbers([1, 2])),
                    NamedColumn(name: "b", values: .categories(["x"])),
                ],
                scores: []
            )
        }
        #expect(error == .rowCountDiffers(column: "b", found: 1, expected: 2))
        #expect(error?.description.contains("\"b\" has 1 row where 2 are expected") == true)
    }

    @Test
    func `bytes that are no baseline are refused with a sentence`() {
        let error = #expect(throws: MonitoringError.self) {
            try Baseline(encoded: Data("{}".utf8))
        }
        #expect(error?.description.hasPrefix("The baseline cannot be read:") == true)
        #expect(throws: MonitoringError.self) { try WindowSketch(encoded: Data("[]".utf8)) }
    }

    @Test
    func `cells are read as the signature says`() {
        let cells: [String?] = ["1.5", nil, "x", "-2"]
        guard case .numbers(let numbers) = ColumnValues(cells: cells, encoding: .number) else {
            Issue.record("Numbers were expected.")
            return
        }
        #expect(numbers.map(\.isNaN) == [false, true, true, false])
        #expect(numbers[3] == -2)
        let categories = ColumnValues(cells: cells, encoding: .category(levels: []))
        #expect(categories == .categories(cells))
    }
}

@Suite
struct WindowSketchTests {
    private let baseline: Baseline

    init() throws {
        baseline = try Example(rows: 1_000, seed: 1).baseline()
    }

    @Test
    func `days merge into the window of all their rows`() throws {
        var sum = try Example(rows: 100, seed: 2).window(of: baseline)
        try sum.merge(Example(rows: 60, seed: 3).window(of: baseline))
        #expect(sum.rows == 160)
        #expect(sum.scores.count == 160)
        guard case .category(let sketch) = sum.columns["carrier"] else {
            Issue.record("The carrier is a category.")
            return
        }
        #expect(sketch.counts == [80, 48, 32])
    }

    @Test
    func `a window survives its bytes`() throws {
        var window = try Example(rows: 100, seed: 2).window(of: baseline)
        window.addLabel(1, score: 0.7)
        #expect(try WindowSketch(encoded: window.encoded()) == window)
    }

    @Test
    func `a column that is not sent counts as missing`() throws {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(
            columns: [NamedColumn(name: "temperature", values: .numbers([1, 2]))],
            scores: [0.5, 0.5],
            baseline: baseline
        )
        guard case .category(let sketch) = window.columns["carrier"] else {
            Issue.record("The carrier is a category.")
            return
        }
        #expect(sketch.missingCount == 2)
    }

    @Test(arguments: [
        (
            NamedColumn(name: "speed", values: .numbers([1])),
            MonitoringError.unknownColumn("speed")
        ),
        (
            NamedColumn(name: "carrier", values: .numbers([1])),
            .kindDiffers(column: "carrier")
        ),
        (
            NamedColumn(name: "temperature", values: .categories(["warm"])),
            .kindDiffers(column: "temperature")
        ),
        (
            NamedColumn(name: "temperature", values: .numbers([1, 2])),
            .rowCountDiffers(column: "temperature", found: 2, expected: 1)
        ),
    ])
    func `a wrong column is refused and nothing is added`(
        column: NamedColumn,
        expected: MonitoringError
    ) throws {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        let before = window
        #expect(throws: expected) {
            try window.add(columns: [column], scores: [0.5], baseline: baseline)
        }
        #expect(window == before)
        #expect(expected.description.hasSuffix("."))
    }

    @Test
    func `windows of two versions refuse to mix`() throws {
        let other = try Example(rows: 900, seed: 5).baseline()
        var window = try Example(rows: 50, seed: 2).window(of: baseline)
        let before = window
        let stranger = try Example(rows: 50, seed: 2).window(of: other)
        #expect(throws: MonitoringError.otherBaseline(column: "temperature")) {
            try window.merge(stranger)
        }
        #expect(window == before)
        #expect(throws: MonitoringError.otherBaseline(column: "temperature")) {
            try report(baseline, stranger)
        }
        #expect(throws: MonitoringError.kindDiffers(column: Baseline.scoreColumn)) {
            try window.merge(WindowSketch(baseline: baseline, task: .regression))
        }
    }

    @Test
    func `rows by columns become a window with the labels of some`() throws {
        let window = try WindowSketch(
            columns: [
                NamedColumn(name: "carrier", values: .categories(["UA", "UA", "UA", "ZZ"])),
                NamedColumn(name: "temperature", values: .numbers([.nan, 0.5, 0.5, 0.5])),
            ],
            scores: [0.75, 0.75, 0.75, 0.75],
            labels: [1, 1, nil, nil],
            task: .classification,
            baseline: baseline
        )
        #expect(window.rows == 4)
        #expect(window.labelCoverage == 0.5)
        #expect(window.performance.value(of: .accuracy) == 1)
        guard case .category(let carrier) = window.columns["carrier"],
            case .numeric(let temperature) = window.columns["temperature"]
        else {
            Issue.record("Both columns were expected.")
            return
        }
        #expect(carrier.unseen == ["ZZ": 1])
        #expect(temperature.missingCount == 1)
    }

    @Test
    func `a rolling range sums the windows inside it only`() throws {
        var windows: [Timestamp: WindowSketch] = [:]
        for number in 0..<10 {
            windows[day(number)] = try Example(rows: 10 + number, seed: 9).window(of: baseline)
        }
        let range = try RollingRange(endingAt: day(9), policy: policy, windows: windows)
        #expect(range.start == day(2))
        #expect(range.sketch?.rows == (12...18).reduce(0, +))
        let none = try RollingRange(endingAt: day(90), policy: policy, windows: windows)
        #expect(none.sketch == nil)
    }
}

@Suite
struct PerformanceSketchTests {
    private func sketch(_ scores: [Double], _ labels: [Double], _ task: ModelTask)
        -> PerformanceSketch
    {
        var sketch = PerformanceSketch(task: task)
        for (score, label) in zip(scores, labels) { sketch.add(score: score, label: label) }
        return sketch
    }

    @Test(arguments: [
        (MetricName.accuracy, Metric.accuracy, 1e-12), (.auc, .auc, 0.002),
        (.logLoss, .logLoss, 1e-12), (.f1, .f1, 1e-12), (.precision, .precision, 1e-12),
        (.recall, .recall, 1e-12), (.brier, .brier, 1e-12),
    ])
    func `classification metrics equal those of the rows`(
        name: MetricName,
        metric: Metric,
        tolerance: Double
    ) throws {
        var generator = SeededGenerator(seed: 4)
        let labels = (0..<2_000).map { _ in generator.nextUnit() < 0.3 ? 1.0 : 0 }
        let scores = labels.map { min(1, 0.4 * $0 + 0.6 * generator.nextUnit()) }
        let exact = try #require(metric.value(scores: scores, labels: labels))
        var halves = sketch(Array(scores[..<900]), Array(labels[..<900]), .classification)
        try halves.merge(sketch(Array(scores[900...]), Array(labels[900...]), .classification))
        let value = try #require(halves.value(of: name))
        #expect(abs(value - exact) <= tolerance)
    }

    @Test(arguments: [
        (MetricName.rootMeanSquaredError, Metric.rootMeanSquaredError),
        (.meanAbsoluteError, .meanAbsoluteError), (.r2, .r2),
    ])
    func `regression metrics equal those of the rows`(name: MetricName, metric: Metric) throws {
        let (scores, labels) = ([2.5, 0, 2, 8], [3, -0.5, 2, 7])
        let exact = try #require(metric.value(scores: scores, labels: labels))
        let value = try #require(sketch(scores, labels, .regression).value(of: name))
        #expect(abs(value - exact) < 1e-12)
    }

    @Test
    func `a metric of the other task and one without rows are nil`() {
        #expect(sketch([1], [1], .regression).value(of: .accuracy) == nil)
        #expect(sketch([1], [1], .classification).value(of: .r2) == nil)
        #expect(sketch([], [], .classification).value(of: .accuracy) == nil)
        #expect(sketch([0.2, 0.4], [1, 1], .classification).value(of: .auc) == nil)
    }

    @Test
    func `rows that are no numbers are left out`() {
        let result = sketch([.nan, 0.9, 0.1], [1, .infinity, 0], .classification)
        #expect(result.rows == 1)
        #expect(result.value(of: .accuracy) == 1)
    }
}
