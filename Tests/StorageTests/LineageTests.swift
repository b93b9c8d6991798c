import Domain
import Testing

@testable import Storage

struct LineageTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `from a prediction the whole way back to the file is found`() async throws {
        let deployment = try await home.deployed()
        let row = makeRow(deployment, 0, row: "DL1", score: 0.25)
        _ = try await store.recordPredictions(batch: "b", [row], windows: [:])
        let lineage = try await store.lineage(
            of: Subject(.predictions, row.id.text),
            depth: 10,
            limit: 100
        )
        #expect(!lineage.isTruncated)
        #expect(
            lineage.nodes.map(\.subject.description) == [
                "predictions request/0", "predictions deployment-1/v1",
                "deployment deployment-1/v1", "approval approval-1",
                "modelVersion late-flights/v1", "evidence approval-1", "run run-1",
                "datasetVersion data-1", "file /data/flights.csv",
            ]
        )
        #expect(
            lineage.nodes.map(\.title) == [
                "row DL1", "rows of late-flights v1", "late-flights v1 in production",
                "late-flights v1 → production", "late-flights v1",
                "late-flights v1 → production", "run-1", "flights v1", "flights.csv",
            ]
        )
        #expect(
            Set(lineage.edges.map { "\($0.input.kind) \($0.relation) \($0.output.kind)" }) == [
                "file imported datasetVersion", "datasetVersion trained run",
                "run registered modelVersion", "modelVersion judged evidence",
                "evidence shown approval", "approval permitted deployment",
                "modelVersion served deployment",
                "deployment scored predictions", "predictions contains predictions",
            ]
        )
        #expect(lineage.nodes.first?.details.contains("score 0.25") == true)
    }

    @Test
    func `from a dataset version all that came of it is found, and nothing beside it`()
        async throws
    {
        let data = try await home.data()
        let other = try await home.data("other", text: "other", source: "/data/other.csv")
        try await home.deployed()
        try await home.deployed("churn")
        let lineage = try await store.lineage(
            of: .init(.datasetVersion, data.id.text),
            depth: 10,
            limit: 100
        )
        let kinds = lineage.nodes.map(\.subject.kind)
        #expect(kinds.count { $0 == .deployment } == 2)
        #expect(kinds.count { $0 == .file } == 1)
        #expect(!lineage.nodes.contains { $0.subject.id == other.id.text })
        #expect(lineage.nodes.first?.subject.id == data.id.text)
    }

    @Test
    func `siblings are left out: the way is up or down, never around`() async throws {
        let first = try await home.registered("late-flights")
        let second = try await home.registered("churn")
        let lineage = try await store.lineage(
            of: Subject(.modelVersion, first.id.text),
            depth: 10,
            limit: 100
        )
        #expect(!lineage.nodes.contains { $0.subject.id == second.id.text })
    }

    /// `file → data → run → version → evidence → approval → deployment`, and `version → deployment`.
    @Test(arguments: [(0, 1, true), (1, 3, true), (2, 4, true), (4, 6, true), (5, 7, false)])
    func `depth bounds both ways, and says when it cut`(
        depth: Int,
        nodes: Int,
        isTruncated: Bool
    ) async throws {
        let version = try await home.registered()
        let approval = try await home.approved(version)
        _ = try await home.deploy(version, with: approval)
        let lineage = try await store.lineage(
            of: Subject(.approval, approval.id.text),
            depth: depth,
            limit: 100
        )
        #expect(lineage.nodes.count == nodes)
        #expect(lineage.isTruncated == isTruncated)
    }

    @Test
    func `the limit keeps the nearest and says that it cut`() async throws {
        let version = try await home.registered()
        let lineage = try await store.lineage(
            of: Subject(.modelVersion, version.id.text),
            depth: 9,
            limit: 2
        )
        #expect(lineage.nodes.map(\.subject.kind) == [.modelVersion, .run])
        #expect(lineage.edges.count == 1)
        #expect(lineage.isTruncated)
    }

    @Test
    func `an alert that set off a run is above it`() async throws {
        let alert = try await store.openAlert(makeAlert()).value
        let run = try await home.queuedRun(trigger: .alert, cause: alert.id.text)
        let lineage = try await store.lineage(
            of: Subject(.run, run.id.text),
            depth: 1,
            limit: 9
        )
        #expect(lineage.nodes.map(\.subject.kind) == [.run, .alert, .datasetVersion])
        #expect(lineage.edges.map(\.relation).sorted() == ["caused", "trained"])
        #expect(lineage.nodes[1].title == "alert-1: drift")
    }

    @Test
    func `a thing without edges is a graph of one`() async throws {
        let run = try await home.queuedRun()
        let lineage = try await store.lineage(
            of: Subject(.job, run.job.text),
            depth: 5,
            limit: 9
        )
        #expect(lineage.nodes.map(\.title) == ["train late-flights"])
        #expect(lineage.edges == [])
        #expect(!lineage.isTruncated)
    }

    @Test(arguments: SubjectKind.allCases)
    func `what there is not is refused`(kind: SubjectKind) async {
        await expectRefusal(.notFound, "\"nothing\"") {
            try await store.lineage(of: Subject(kind, "nothing"), depth: 5, limit: 9)
        }
    }

    /// Version 1 and then version 2 of one deployment, each with a scored row.
    private func servedTwice() async throws {
        for number in 1...2 {
            let deployment = try await home.deployed()
            let row = makeRow(deployment, number)
            _ = try await store.recordPredictions(batch: "b\(number)", [row], windows: [:])
        }
    }

    private func belowVersions(_ store: Store) async throws -> [[String]] {
        var found: [[String]] = []
        for number in 1...2 {
            let lineage = try await store.lineage(
                of: Subject(.modelVersion, "late-flights/v\(number)"),
                depth: 10,
                limit: 99
            )
            found.append(lineage.nodes.filter { $0.subject.kind == .predictions }.map(\.title))
        }
        return found
    }

    @Test
    func `what one version scored does not hang below another of the same deployment`()
        async throws
    {
        try await servedTwice()
        #expect(
            try await belowVersions(store) == [
                ["rows of late-flights v1"], ["rows of late-flights v2"],
            ]
        )
        // The deployment itself stands for what it serves now.
        let now = try await store.lineage(
            of: Subject(.deployment, "deployment-1"),
            depth: 1,
            limit: 9
        )
        #expect(now.root.id == "deployment-1/v2")
    }

    @Test
    func `of what hundreds were made from, the nearest come with details and the rest by name`()
        async throws
    {
        for number in 1...40 { _ = try await home.queuedRun("model-\(number)") }
        let root = Subject(.datasetVersion, "data-1")
        let all = try await store.lineage(of: root, depth: 12, limit: 500)
        #expect(all.nodes.count == 42)
        #expect(all.edges.count == 41)
        #expect(!all.isTruncated)
        #expect(all.nodes.first?.subject == root)
        #expect(all.nodes[5].details.isEmpty == false)
        let last = try #require(all.nodes.last)
        #expect(last.subject.kind == .run && last.title == last.subject.id)
        #expect(last.details.isEmpty)
        let cut = try await store.lineage(of: root, depth: 12, limit: 10)
        #expect(cut.nodes.count == 10)
        #expect(cut.isTruncated)
    }

    @Test
    func `from a bad data version one reads what it reached and how many rows were scored`()
        async throws
    {
        try await servedTwice()
        let file = try await store.impact(of: Subject(.datasetVersion, "data-1"), since: nil)
        #expect(file.count(.run) == 2)
        #expect(file.count(.modelVersion) == 2)
        #expect(file.count(.deployment) == 2)
        #expect(file.scored.map(\.version) == [1, 2])
        #expect(file.rows == 2)
        #expect(file.servingNow.map(\.version) == [2])
        #expect(!file.isTruncated)
        let first = try await store.impact(
            of: Subject(.modelVersion, "late-flights/v1"),
            since: nil
        )
        #expect(first.scored.map(\.version) == [1])
        #expect(first.servingNow.isEmpty)
        #expect(first.summary.contains("1 prediction; now: nothing of it serves"))
        let late = try await store.impact(
            of: Subject(.datasetVersion, "data-1"),
            since: noon.adding(seconds: 100 * Timestamp.day)
        )
        #expect(late.rows == 0)
        let early = try await store.impact(
            of: Subject(.datasetVersion, "data-1"),
            since: noon.adding(seconds: -100 * Timestamp.day)
        )
        #expect(early.rows == 2)
        let cut = try await store.impact(
            of: Subject(.datasetVersion, "data-1"),
            since: nil,
            limit: 2
        )
        #expect(cut.isTruncated)
        await expectRefusal(.notFound, "data-99") {
            try await store.impact(of: Subject(.datasetVersion, "data-99"), since: nil)
        }
    }

    @Test
    func `edges of a store that did not tell versions apart are told apart when it opens`()
        async throws
    {
        try await servedTwice()
        await store.close()
        try SQLiteConnection(path: home.databasePath).run(
            script: """
                ALTER TABLE lineage_edges DROP COLUMN at;
                UPDATE OR IGNORE lineage_edges SET output_id = 'deployment-1'
                    WHERE output_kind = 'deployment';
                UPDATE lineage_edges SET input_id = 'deployment-1' WHERE input_kind = 'deployment';
                \(Migrations.steps[1] + Migrations.edgeTimes)
                """
        )
        let again = try Store(folder: home.folder, now: noon)
        #expect(
            try await belowVersions(again) == [
                ["rows of late-flights v1"], ["rows of late-flights v2"],
            ]
        )
        // The tree over the audit events was made as well.
        #expect(try await again.verifyAudit().problem == nil)
        await again.close()
    }

    @Test
    func `since when an edge of an earlier version is there, its output says`() async throws {
        try await servedTwice()
        let byHand = try home.openByHand()
        func times() throws -> [Timestamp?] {
            try byHand.query("SELECT at FROM lineage_edges ORDER BY rowid") { $0.optionalTime(0) }
        }
        let before = try times()
        #expect(before.allSatisfy { $0 != nil })
        try byHand.run(script: "ALTER TABLE lineage_edges DROP COLUMN at; \(Migrations.edgeTimes)")
        #expect(try times() == before)
    }

    @Test
    func `what a run did to its rows stands between them`() async throws {
        let data = try await home.data()
        _ = try await store.enqueueTraining(at: noon) { run, job in
            var pipeline = makePipeline("late-flights")
            pipeline.cleaning = Cleaning(
                dropsDuplicates: true,
                missing: ["wind": .dropRow],
                outliers: [:]
            )
            return makeRun(run, job, model: "late-flights", data: data, pipeline: pipeline)
        }
        let lineage = try await store.lineage(
            of: Subject(.run, "run-1"),
            depth: 3,
            limit: 9
        )
        #expect(lineage.nodes.map(\.subject.kind) == [.run, .cleaning, .datasetVersion, .file])
        #expect(
            lineage.nodes[1].details == ["drops duplicates", "missing values of wind"]
        )
    }

    @Test
    func `many predictions of one deployment are one node`() async throws {
        let deployment = try await home.deployed()
        for batch in 0..<3 {
            _ = try await store.recordPredictions(
                batch: "b\(batch)",
                (0..<10).map { makeRow(deployment, batch * 10 + $0) },
                windows: [:]
            )
        }
        let lineage = try await store.lineage(
            of: Subject(.deployment, deployment.id.text),
            depth: 1,
            limit: 99
        )
        let below = lineage.nodes.filter { $0.subject.kind == .predictions }
        #expect(below.map(\.details.first) == ["30 rows"])
    }
}
