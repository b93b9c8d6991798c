import Domain
import EngineAPI
import FoundationEssentials
import Monitoring
import Testing

@testable import EngineCore

/// A request that no engine knows.
private struct Sing: EngineRequest {
    static let name = "engine.sing"
    static let permission = Permission.view
    typealias Answer = Done
}

@Suite(.timeLimit(.minutes(5))) struct `Requests` {
    @Test func `are all handled by the engine`() {
        let unhandled = engineRequests.filter { !($0 is any EngineHandled.Type) }.map { $0.name }
        #expect(unhandled == [])
    }

    @Test func `have names of their own`() {
        let names = engineRequests.map { $0.name }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(\.[a-z]+)?/) != nil })
        let types = engineRequests.map { ObjectIdentifier($0) }
        #expect(Set(types).count == types.count)
    }

    @Test func `that are not in the table are refused`() async throws {
        try await withWorkshop { workshop in
            let sentence = "The engine does not know the request \"engine.sing\"."
            #expect(await workshop.refusal(of: Sing()) == Refusal(.invalid, sentence))
        }
    }

    @Test func `about things that are not there are refused in sentences`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let digest = Digest(sha256: [UInt8](repeating: 1, count: 32))
            let decide = Decide(
                approval: ID("approval-9"),
                answer: .approve,
                reason: "",
                bundleDigest: digest,
                evidenceDigest: digest
            )
            let health = ReportHealth(
                deployment: ID("deployment-9"),
                health: DeploymentHealth(state: .ready)
            )
            let rows = RecordPredictions(
                deployment: ID("deployment-9"),
                batch: "a",
                rows: "",
                dropped: 0
            )
            let requests: [(any EngineRequest, String)] = [
                (ListDatasetVersions(dataset: "boats"), "boats"),
                (StartTraining(project: workshop.folder + "/none"), "/none"),
                (StartTraining(model: "boats"), "boats"),
                (StartTraining(project: workshop.project, data: ID("data-9")), "data-9"),
                (GetRun(run: ID("run-9")), "run-9"),
                (GetJobLog(job: ID("job-9")), "job-9"),
                (CancelJob(job: ID("job-9")), "job-9"),
                (GetModel(model: "boats"), "boats"),
                (CompareVersions(model: model, base: nil, candidate: 9), "late-ships/v9"),
                (CompareVersions(model: model, base: 9, candidate: 1), "late-ships/v9"),
                (GetApproval(approval: ID("approval-9")), "approval-9"),
                (decide, "approval-9"),
                (RequestRelease(model: model, version: 9, environment: production), "v9"),
                (RequestRelease(model: model, version: 1, environment: "moon"), "moon"),
                (Deploy(model: "boats", version: 1, environment: production), "boats/v1"),
                (RollBack(model: "boats", environment: production), "boats"),
                (GetDeploymentPlan(deployment: ID("deployment-9")), "deployment-9"),
                (health, "deployment-9"),
                (rows, "deployment-9"),
                (AddLabels(model: "boats", labels: []), "boats"),
                (GetDrift(model: "boats"), "boats"),
                (GetHistogram(model: model, feature: "wind"), model),
                (CompareDrift(model: model, reference: .lastWeek), model),
                (AcknowledgeAlert(alert: ID("alert-9")), "alert-9"),
                (GetLineage(of: Subject(.run, "run-9")), "run-9"),
                (GetLineage(of: Subject(.file, "/none.csv")), "/none.csv"),
            ]
            for (request, thing) in requests {
                let refused = await workshop.refusal(of: request)
                let name = type(of: request).name
                #expect(refused?.kind == .notFound, "\(name)")
                #expect(refused?.message.contains(thing) == true, "\(name)")
                #expect(refused?.message.hasSuffix(".") == true, "\(name)")
            }
        }
    }

    @Test func `with limits beyond reason are answered within reason`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let run = try await workshop.train(steps: "echo one >&2; echo two >&2\n")
            #expect(try await workshop.send(ListRuns(limit: -1)).isEmpty)
            #expect(try await workshop.send(ListRuns(limit: .max)).count == 1)
            #expect(try await workshop.send(ListJobs(limit: .min)).isEmpty)
            #expect(try await workshop.send(ListJobs(limit: .max)).count == 1)
            #expect(try await workshop.send(ListAuditEvents(limit: -5)).isEmpty)
            let events = try await workshop.send(ListAuditEvents(after: -1, limit: .max))
            #expect(events.count == 8)
            #expect(try await workshop.send(ListDriftReports(model: model, limit: -1)).isEmpty)
            let node = GetLineage(of: Subject(.run, run.id.text), depth: .max)
            #expect(try await workshop.send(node).isTruncated == false)
            for (from, limit, lines) in [
                (0, 10, ["one", "two"]), (1, 10, ["two"]), (-1, 10, ["two"]), (0, 1, ["one"]),
                (.max, .max, []), (.min, .max, ["one", "two"]), (0, -1, []), (1, .max, ["two"]),
            ] {
                let request = GetJobLog(job: run.job, fromLine: from, limit: limit)
                let log = try await workshop.send(request)
                #expect(log.lines == lines, "from \(from), \(limit)")
                #expect(log.totalLines == 2)
            }
        }
    }

    @Test func `to stop are recorded with who asked, and the engine is told`() async throws {
        try await withWorkshop { workshop in
            try await workshop.send(StopEngine(), as: bob)
            await workshop.engine.waitForStop()
            let event = try await workshop.event("engine.stopped")
            #expect(event.content.actor == bob)
            #expect(event.content.summary == "bob stopped the engine.")
        }
    }

    @Test func `after the end are refused`() async throws {
        try await withWorkshop { workshop in
            let connection = workshop.connection()
            try await workshop.reopen()
            await #expect(throws: Refusal.self) { try await connection.send(ListRuns()) }
        }
    }
}

private let rows: [CollectedRow] = [
    row(),
    row(id: "a/0", cells: []),
    row(cells: ["", nil, "\\N", "N", "\\", "\\\\", "\\t"]),
    row(cells: ["a\tb", "a\nb", "a\r\nb", "\t", "\n", "tab\\\ttab"]),
    row(name: nil, cells: [nil]),
    row(name: "", cells: ["Ærø", "🚢", "\u{0}", "\u{7f}", "\u{2028}"]),
    row(version: 12, time: -1, score: -0.1),
    row(time: .max, score: 1e-300),
    row(time: .min, score: .infinity),
]

private func row(
    id: String = "8f3c/0",
    version: Int = 1,
    name: String? = "row-1",
    time: Int64 = 1_400_000_000_000_001,
    score: Double = 0.1,
    cells: [String?] = ["Oslo", "7.5"]
) -> CollectedRow {
    CollectedRow(
        id: id,
        version: version,
        row: name,
        time: Timestamp(microseconds: time),
        score: score,
        cells: cells
    )
}

@Suite struct `Rows on their way to the engine` {
    @Test(arguments: rows)
    func `are read as they were written`(row: CollectedRow) throws {
        var bytes: [UInt8] = []
        CollectedRows.append(row, to: &bytes)
        #expect(bytes.count { $0 == 10 } == 1)
        #expect(bytes.count { $0 == 9 } == 4 + row.cells.count)
        #expect(try CollectedRows(String(decoding: bytes, as: UTF8.self)).all == [row])
    }

    @Test func `follow each other in one text`() throws {
        var bytes: [UInt8] = []
        for row in rows { CollectedRows.append(row, to: &bytes) }
        #expect(try CollectedRows(String(decoding: bytes, as: UTF8.self)).all == rows)
        #expect(try CollectedRows("").all == [])
    }

    @Test func `are the text PostgreSQL copies`() {
        var bytes: [UInt8] = []
        CollectedRows.append(row(name: nil, cells: ["a\tb", nil]), to: &bytes)
        let text = "8f3c/0\t1\t\\N\t1400000000000001\t0.1\ta\\tb\t\\N\n"
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("a", 1), ("a\t1\tr\t0", 1), ("\\N\t1\tr\t0\t0.5", 1), ("a\t\\N\tr\t0\t0.5", 1),
        ("a\t1.5\tr\t0\t0.5", 1), ("a\t1\tr\t2014-05-13\t0.5", 1), ("a\t1\tr\t0\thigh", 1),
        ("a\t1\tr\t0\t\\N", 1), ("a\t1\tr\t0\t0.5\nb\t1\tr\t0", 2),
    ])
    func `are refused with the number of the line that is wrong`(text: String, line: Int) {
        let sentence = "Line \(line) of a batch of collected rows is malformed."
        #expect(throws: Refusal(.invalid, sentence)) { try CollectedRows(text) }
    }
    @Test func `give their columns without a text for each cell`() throws {
        let cells = [
            "7", "-7.25", "0.1", "-0", "007", "123456789012345", "1234567890.12345",
            "0.1234567890123456", "12345678901234567890", "1e3", "-1.5E-7", ".5", "5.", "-", "",
            ".", "+1", "1.2.3", "0x1p3", "nan", "inf", "seven", "1,5", " 1", "9007199254740993",
        ]
        var bytes: [UInt8] = []
        for cell in cells { CollectedRows.append(row(cells: [nil, cell]), to: &bytes) }
        CollectedRows.append(row(cells: []), to: &bytes)
        let batch = try CollectedRows(String(decoding: bytes, as: UTF8.self))
        let places = Array(0..<batch.count)
        func numbers(_ feature: Int, of rows: [Int]) -> [Double] {
            batch.numbers(feature, of: rows, otherwise: ColumnValues.number)
        }
        for (cell, number) in zip(cells, numbers(1, of: places)) {
            let expected = ColumnValues.number(cell)
            #expect(number.bitPattern == expected.bitPattern, "of \(cell)")
            #expect(Double(cell)?.isFinite != true || number == Double(cell), "of \(cell)")
        }
        let absent = ColumnValues.number(nil).bitPattern
        #expect(numbers(1, of: [places.count - 1]).map(\.bitPattern) == [absent])
        #expect(numbers(0, of: places).allSatisfy { $0.bitPattern == absent })
        #expect(batch.categories(1, of: places) == cells + [nil])
        #expect(batch.categories(0, of: [0, places.count - 1]) == [nil, nil])
        #expect(numbers(1, of: [1]) == [-7.25])
    }
}
