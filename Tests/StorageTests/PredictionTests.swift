import Domain
import Synchronization
import Testing

@testable import Storage

struct PredictionTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `rows come back as they were scored`() async throws {
        let deployment = try await home.deployed()
        let row = makeRow(deployment, 0, cells: ["5", nil, "", "tab\t\"quote\" \u{1F6EB}"])
        #expect(try await store.recordPredictions(batch: "b1", [row], windows: [:]))
        #expect(try await store.prediction(row.id) == row)
        await expectRefusal(.notFound, "no prediction \"x/9\"") {
            try await store.prediction(ID("x/9"))
        }
    }

    @Test
    func `a batch that comes twice is recorded once, sketches included`() async throws {
        let deployment = try await home.deployed()
        let key = WindowKey(model: "late-flights", version: 1, start: noon)
        let rows = (0..<3).map { makeRow(deployment, $0) }
        #expect(try await store.recordPredictions(batch: "b1", rows, windows: [key: [1]]))
        #expect(try await store.recordPredictions(batch: "b1", rows, windows: [key: [2]]) == false)
        #expect(try await store.countPredictions(model: "late-flights").rows == 3)
        #expect(try await sketches() == [[1]])
        #expect(try await store.recordPredictions(batch: "b2", [], windows: [key: [3]]))
        #expect(try await sketches() == [[3]])
    }

    @Test
    func `a row that comes in two batches is one row`() async throws {
        let deployment = try await home.deployed()
        let rows = (0..<3).map { makeRow(deployment, $0) }
        _ = try await store.recordPredictions(batch: "b1", rows, windows: [:])
        _ = try await store.recordPredictions(
            batch: "b2",
            rows + [makeRow(deployment, 3)],
            windows: [:]
        )
        #expect(try await store.countPredictions(model: "late-flights").rows == 4)
        let node = try await store.lineage(
            of: Subject(.predictions, "deployment-1/v1"),
            depth: 0,
            limit: 1
        ).nodes.first
        #expect(node?.title == "rows of late-flights v1")
        #expect(node?.details.first == "4 rows")
    }

    @Test
    func `a score or label that is no number refuses the batch, which can come again`()
        async throws
    {
        let deployment = try await home.deployed()
        let good = makeRow(deployment, 0)
        for bad in [
            makeRow(deployment, 1, score: .nan), makeRow(deployment, 1, label: .nan),
        ] {
            await expectRefusal(.invalid, "\"request/1\" has a score or label") {
                try await store.recordPredictions(batch: "b1", [good, bad], windows: [:])
            }
        }
        #expect(try await store.recordPredictions(batch: "b1", [good], windows: [:]))
    }

    @Test
    func `rows of a deployment that is not there are refused whole`() async throws {
        let deployment = try await home.deployed()
        let stray = Prediction(
            id: ID("stray/0"),
            deployment: ID("deployment-9"),
            model: "late-flights",
            version: 1,
            row: nil,
            time: noon,
            score: 0.5,
            label: nil,
            cells: []
        )
        await expectRefusal(.notFound, "no deployment \"deployment-9\"") {
            try await store.recordPredictions(
                batch: "b1",
                [makeRow(deployment, 0), stray],
                windows: [:]
            )
        }
        let other = try await home.deployed("churn")
        await expectRefusal(.invalid, "\"deployment-2\" serves \"churn\"") {
            try await store.recordPredictions(
                batch: "b1",
                [
                    Prediction(
                        id: ID("stray/1"),
                        deployment: other.id,
                        model: "late-flights",
                        version: 1,
                        row: nil,
                        time: noon,
                        score: 0.5,
                        label: nil,
                        cells: []
                    )
                ],
                windows: [:]
            )
        }
        #expect(try await store.countPredictions(model: "late-flights").rows == 0)
    }

    @Test
    func `windows are read by the time they start, the end exclusive`() async throws {
        let keys = (0..<4).map {
            WindowKey(
                model: "late-flights",
                version: 1,
                start: noon.adding(seconds: Double($0) * Timestamp.day)
            )
        }
        let other = WindowKey(model: "late-flights", version: 2, start: noon)
        let windows = Dictionary(
            uniqueKeysWithValues: keys.enumerated().map { ($1, [UInt8($0)]) } + [(other, [9])]
        )
        _ = try await store.addLabels(model: "late-flights", [], windows: windows, at: noon)
        let found = try await store.windowSketches(
            model: "late-flights",
            version: 1,
            from: keys[1].start,
            to: keys[3].start
        )
        #expect(found.map(\.0) == [keys[1].start, keys[2].start])
        #expect(found.map(\.1) == [[1], [2]])
        _ = try await store.addLabels(
            model: "late-flights",
            [],
            windows: [keys[1]: []],
            at: noon
        )
        let empty = try await store.windowSketches(
            model: "late-flights",
            version: 1,
            from: keys[1].start,
            to: keys[2].start
        )
        #expect(empty.map(\.1) == [[]])
    }

    @Test
    func `labelled rows are paged by time and id without loss or repetition`() async throws {
        let deployment = try await home.deployed()
        // Many rows share a time, so that pages end between equal times.
        let rows = (0..<25).map { number in
            makeRow(
                deployment,
                number,
                at: noon.adding(seconds: Double(number / 7)),
                label: number % 5 == 4 ? nil : Double(number)
            )
        }
        _ = try await store.recordPredictions(batch: "b", rows.shuffled(), windows: [:])
        let expected = rows.filter { $0.label != nil }
            .sorted { ($0.time, $0.id.text) < ($1.time, $1.id.text) }
        for limit in [1, 3, 20, 100] {
            var found: [Prediction] = []
            var cursor: PredictionCursor?
            for _ in 0...rows.count {
                let page = try await store.labelledPredictions(
                    model: "late-flights",
                    from: noon,
                    to: noon.adding(seconds: 100),
                    after: cursor,
                    limit: limit
                )
                found += page
                guard let last = page.last, page.count == limit else { break }
                cursor = PredictionCursor(time: last.time, id: last.id)
            }
            #expect(found == expected, "with pages of \(limit)")
        }
    }

    @Test
    func `ranges begin inclusive and end exclusive`() async throws {
        let deployment = try await home.deployed()
        let rows = (0..<4).map {
            makeRow(deployment, $0, at: noon.adding(seconds: Double($0)), label: 1)
        }
        _ = try await store.recordPredictions(batch: "b", rows, windows: [:])
        let counted = try await store.countPredictions(
            model: "late-flights",
            from: rows[1].time,
            to: rows[3].time
        )
        #expect(counted.rows == 2)
        #expect(counted.labelled == 2)
        let collected = Collected()
        try await store.labelledPredictions(
            model: "late-flights",
            from: rows[1].time,
            to: rows[3].time
        ) { collected.append($0.id) }
        #expect(collected.ids == [rows[1].id, rows[2].id])
        #expect(try await store.latestPredictionTime(of: "late-flights") == rows[3].time)
        #expect(try await store.latestPredictionTime(of: "none") == nil)
    }

    @Test
    func `what a reader of rows refuses is handed on`() async throws {
        let deployment = try await home.deployed()
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, label: 1)],
            windows: [:]
        )
        await expectRefusal(.invalid, "enough") {
            try await store.labelledPredictions(
                model: "late-flights",
                from: noon,
                to: noon.adding(seconds: 1)
            ) { _ in throw Refusal(.invalid, "enough") }
        }
        #expect(try await store.countPredictions(model: "late-flights").rows == 1)
    }

    @Test
    func `a row scored many times names its newest predictions, at most a hundred`() async throws {
        let deployment = try await home.deployed()
        let rows = (0..<105).map { number in
            makeRow(deployment, number, row: "DL1", at: noon.adding(seconds: Double(number)))
        }
        _ = try await store.recordPredictions(batch: "b", rows, windows: [:])
        let ids = try await store.predictionIDs(row: "DL1", model: "late-flights")
        #expect(ids.count == Store.idsPerRowLimit)
        #expect(ids.first?.text == "request/104")
        #expect(try await store.predictionIDs(row: "DL1", model: "other") == [])
    }

    private func sketches() async throws -> [[UInt8]] {
        try await store.windowSketches(
            model: "late-flights",
            version: 1,
            from: noon,
            to: noon.adding(seconds: 1)
        ).map(\.1)
    }
}

struct LabelTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a label that comes after its row joins it once`() async throws {
        let deployment = try await home.deployed()
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A", score: 0.3), makeRow(deployment, 1, row: "B")],
            windows: [:]
        )
        let joined = try await store.addLabels(model: "late-flights", [("A", 1)], at: noon)
        #expect(
            joined == [
                LabelledPrediction(
                    model: "late-flights",
                    version: 1,
                    row: "A",
                    time: noon,
                    score: 0.3,
                    label: 1
                )
            ]
        )
        #expect(try await store.prediction(ID("request/0")).label == 1)
        #expect(try await store.prediction(ID("request/1")).label == nil)
        let again = try await store.addLabels(model: "late-flights", [("A", 0)], at: noon)
        #expect(again == [])
        #expect(try await store.prediction(ID("request/0")).label == 1)
        #expect(try await store.waitingLabelCounts(of: "late-flights").waiting == 0)
    }

    @Test
    func `what labels would join is known beforehand, the first label of a row`() async throws {
        let deployment = try await home.deployed()
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A", score: 0.3), makeRow(deployment, 1, row: "B")],
            windows: [:]
        )
        let labels: [(row: String, label: Double)] = [("A", 1), ("A", 0), ("C", 1)]
        let awaiting = try await store.predictionsAwaiting(model: "late-flights", labels)
        #expect(awaiting.map(\.row) == ["A"])
        #expect(try await store.prediction(ID("request/0")).label == nil)
        let joined = try await store.addLabels(model: "late-flights", labels, at: noon)
        #expect(joined == awaiting)
        #expect(try await store.predictionsAwaiting(model: "late-flights", labels) == [])
    }

    @Test
    func `a window whose sketch cannot be stored leaves its labels unjoined`() async throws {
        let deployment = try await home.deployed()
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A", score: 0.3)],
            windows: [:]
        )
        let raw = try SQLiteConnection(path: home.databasePath)
        try raw.run(
            script: """
                CREATE TRIGGER refuse BEFORE INSERT ON window_sketches
                BEGIN SELECT RAISE(ABORT, 'no room'); END
                """
        )
        let window = WindowKey(model: "late-flights", version: 1, start: noon)
        await #expect(throws: Refusal.self) {
            _ = try await store.addLabels(
                model: "late-flights",
                [("A", 1)],
                windows: [window: [1]],
                at: noon
            )
        }
        #expect(try await store.prediction(ID("request/0")).label == nil)
    }

    @Test
    func `a label that comes before its row waits for it, the newest alone`() async throws {
        let deployment = try await home.deployed()
        for label in [0.0, 1.0] {
            let joined = try await store.addLabels(
                model: "late-flights",
                [("A", label)],
                at: noon
            )
            #expect(joined == [])
        }
        #expect(try await store.waitingLabelCounts(of: "late-flights").waiting == 1)
        #expect(
            try await store.waitingLabels(model: "late-flights", rows: ["A", "B"]) == ["A": 1]
        )
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A"), makeRow(deployment, 1, row: nil)],
            windows: [:]
        )
        #expect(try await store.prediction(ID("request/0")).label == 1)
        #expect(try await store.prediction(ID("request/1")).label == nil)
        #expect(try await store.waitingLabelCounts(of: "late-flights").waiting == 0)
    }

    @Test
    func `a row that brings its label keeps it and ends the waiting`() async throws {
        let deployment = try await home.deployed()
        _ = try await store.addLabels(model: "late-flights", [("A", 1)], at: noon)
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A", label: 0)],
            windows: [:]
        )
        #expect(try await store.prediction(ID("request/0")).label == 0)
        #expect(try await store.waitingLabels(model: "late-flights", rows: ["A"]) == [:])
    }

    @Test
    func `all predictions of a row get its label, those of another model do not`() async throws {
        let deployment = try await home.deployed()
        let other = try await home.deployed("churn")
        _ = try await store.recordPredictions(
            batch: "b",
            [makeRow(deployment, 0, row: "A"), makeRow(deployment, 1, row: "A")],
            windows: [:]
        )
        _ = try await store.recordPredictions(
            batch: "c",
            [makeRow(other, 2, row: "A")],
            windows: [:]
        )
        let joined = try await store.addLabels(model: "late-flights", [("A", 1)], at: noon)
        #expect(joined.count == 2)
        #expect(try await store.prediction(ID("request/2")).label == nil)
    }

    @Test
    func `labels that wait are bounded: the oldest go, and are counted`() async throws {
        for number in 0..<6 {
            _ = try await store.addLabels(
                model: "late-flights",
                [("row \(number)", 1)],
                at: noon.adding(seconds: Double(number)),
                waitingLimit: 4
            )
        }
        let counts = try await store.waitingLabelCounts(of: "late-flights")
        #expect(counts.waiting == 4)
        #expect(counts.dropped == 2)
        let rows = (0..<6).map { "row \($0)" }
        let waiting = try await store.waitingLabels(model: "late-flights", rows: rows)
        #expect(waiting.keys.sorted() == ["row 2", "row 3", "row 4", "row 5"])
    }

    @Test
    func `a label that is no number refuses all`() async throws {
        await expectRefusal(.invalid, "The label of the row \"B\" is no number") {
            try await store.addLabels(
                model: "late-flights",
                [("A", 1), ("B", .nan)],
                at: noon
            )
        }
        #expect(try await store.waitingLabelCounts(of: "late-flights").waiting == 0)
    }
}

func makeRow(
    _ deployment: Deployment,
    _ number: Int,
    row: String? = nil,
    at time: Timestamp = noon,
    score: Double = 0.5,
    label: Double? = nil,
    cells: [String?] = ["200", nil]
) -> Prediction {
    Prediction(
        id: ID("request/\(number)"),
        deployment: deployment.id,
        model: deployment.model,
        version: deployment.current.version,
        row: row,
        time: time,
        score: score,
        label: label,
        cells: cells
    )
}

extension Store {
    func countPredictions(model: String) throws -> (rows: Int, labelled: Int) {
        try countPredictions(
            model: model,
            from: Timestamp(microseconds: .min),
            to: Timestamp(microseconds: .max)
        )
    }
}

/// Ids in the order they were handed over.
private final class Collected: Sendable {
    private let stored = Mutex<[ID<Prediction>]>([])

    var ids: [ID<Prediction>] { stored.withLock { $0 } }

    func append(_ id: ID<Prediction>) {
        stored.withLock { $0.append(id) }
    }
}
