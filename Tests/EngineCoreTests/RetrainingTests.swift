import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

private func policy(
    on: String = "drift",
    cooldown: String = "1d",
    rows: Int = 50,
    approve: String = "required"
) -> String {
    pipelineText(
        retrain:
            "{ on: \(on), cooldown: \(cooldown), window: 2d, rows: \(rows), approve: \(approve) }"
    )
}

extension Workshop {
    /// A version that serves, and hours of drifting rows with as many labels an hour.
    fileprivate func drift(_ hours: Range<Int>, labels: Int = 60, version: Int = 1) async throws {
        let stream = Stream(version: version, isDrifting: true)
        for hour in hours {
            let known = Array(stream.labels(ofHour: hour).prefix(labels))
            try await send(AddLabels(model: model, labels: known))
            try await send(stream.batch(ofHour: hour))
        }
    }

    fileprivate func prepareSecond() throws {
        try Candidate(skill: 0.95, champion: (1, 0.5), name: "second").prepare(in: self)
    }

    fileprivate func runs() async throws -> [Run] {
        try await send(ListRuns(model: model)).reversed()
    }
}

/// What can be wrong with the wind of the rows that come in, and the cause it must be given.
struct WindFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: DriftCause.Kind
    /// The cell of a row; nil is missing.
    let cell: @Sendable (_ row: Int, _ wind: String) -> String?

    static let all: [WindFault] = [
        WindFault(testDescription: "a null surge", kind: .dataLoss) { $0 % 3 == 0 ? nil : $1 },
        WindFault(testDescription: "a sentinel", kind: .sentinel) { $0 % 5 == 0 ? "-999" : $1 },
        WindFault(testDescription: "a stuck sensor", kind: .stuckSensor) { _, _ in "21" },
        WindFault(testDescription: "another unit", kind: .unitChange) { "\($1)000" },
        WindFault(testDescription: "a feed that is gone", kind: .pipeline) { _, _ in nil },
    ]

    func batch(ofHour hour: Int) -> RecordPredictions {
        let rows = Stream().rows(ofHour: hour).enumerated().map { index, row in
            CollectedRow(
                id: row.id,
                version: row.version,
                row: row.row,
                time: row.time,
                score: row.score,
                cells: [row.cells[0], cell(index, row.cells[1] ?? "0")]
            )
        }
        return Stream.batch(rows, name: "hour-\(hour)")
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A retrain by policy` {
    @Test(arguments: WindFault.all)
    func `does not start for rows that are wrong, and it is said why`(fault: WindFault) async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(on: "any"))
            try await workshop.deploy()
            try workshop.prepareSecond()
            for hour in 0..<5 {
                let labels = Stream().labels(ofHour: hour)
                try await workshop.send(AddLabels(model: model, labels: labels))
                try await workshop.send(fault.batch(ofHour: hour))
            }
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .drift && alert.status == .firing)
            #expect(try await workshop.runs().map(\.trigger) == [.manual])
            let reports = try await workshop.send(ListDriftReports(model: model, limit: 1))
            let cause = try #require(reports.first?.causes?.first)
            #expect(cause.likely.kind == fault.kind)
            #expect(!cause.isRetrainAdvised)
            let reason = "The rows are wrong, not the model: it would learn the fault."
            #expect(cause.retrainReason == reason)
        }
    }

    @Test func `trains on the collected rows with labels, once`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(cooldown: "1h"))
            try await workshop.deploy()
            try workshop.prepareSecond()
            try await workshop.drift(0..<3)
            let run = try #require(try await workshop.runs().last)
            #expect(run.id == ID("run-2"))
            #expect(run.trigger == .alert)
            #expect(run.actor == .engine)
            let ended = try await workshop.finished(run)
            #expect(ended.status == .registered(at: noon, version: 2))
            let data = try await workshop.store.datasetVersion(run.data)
            #expect(data.dataset == "ships.collected")
            // Two whole hours, and every row of the third, which has only begun to be judged.
            #expect(data.rows == 180)
            #expect(data.columns.map(\.name) == ["id", "at", "port", "wind", "late"])
            #expect(data.source == "collected by late-ships, 2014-05-01 to 2014-05-01")
            // It waits for a person; more drifting hours start nothing while it does.
            try await workshop.drift(3..<6)
            #expect(try await workshop.runs().count == 2)
            let approval = try await workshop.openApproval()
            #expect(approval.version == 2)
            #expect(approval.requester == .engine)
            let monitoring = approval.evidence.first { $0.title == "monitoring" }
            #expect(monitoring?.state == .warning)
        }
    }

    @Test func `is linked to the alert that set it off`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy())
            try await workshop.deploy()
            try workshop.prepareSecond()
            try await workshop.drift(0..<3)
            let run = try #require(try await workshop.runs().last)
            _ = try await workshop.finished(run)
            let lineage = try await workshop.send(GetLineage(of: Subject(.run, run.id.text)))
            #expect(run.cause == "alert-1")
            let edge = LineageEdge(
                input: Subject(.alert, "alert-1"),
                output: Subject(.run, run.id.text),
                relation: "caused"
            )
            #expect(lineage.edges.contains(edge))
        }
    }

    @Test func `waits for enough labels`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(rows: 100))
            try await workshop.deploy()
            try workshop.prepareSecond()
            try await workshop.drift(0..<4, labels: 20)
            #expect(try await workshop.send(ListAlerts()).map(\.status) == [.firing])
            #expect(try await workshop.runs().count == 1)
            try await workshop.drift(4..<5, labels: 20)
            let run = try #require(try await workshop.runs().last)
            #expect(run.trigger == .alert)
            #expect(try await workshop.store.datasetVersion(run.data).rows == 100)
            _ = try await workshop.finished(run)
        }
    }

    @Test func `does not start while another run is open`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy())
            try await workshop.deploy()
            try workshop.prepareSecond()
            try workshop.write(waitsAtGate, to: "bench/steps")
            let gate = Gate(workshop)
            let manual = try await workshop.send(StartTraining(project: workshop.project))
            try await workshop.drift(0..<4)
            #expect(try await workshop.runs().map(\.trigger) == [.manual, .manual])
            // Nor are its rows collected in vain.
            #expect(try await workshop.send(ListDatasetVersions()).map(\.dataset) == ["ships"])
            gate.open()
            _ = try await workshop.finished(manual)
        }
    }

    @Test func `starts again only after the cooldown, in the time of the rows`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(cooldown: "5h"))
            try await workshop.deploy()
            // A candidate that the gate refuses leaves nothing waiting, and the drift goes on.
            let worse = Candidate(skill: 0.3, champion: (1, 0.9), name: "second")
            try worse.prepare(in: workshop)
            // Hour 1 is judged, at 2:00, when the first row of hour 2 comes.
            try await workshop.drift(0..<3)
            let first = try #require(try await workshop.runs().last)
            #expect(try await workshop.finished(first).status.name == "refused")
            try await workshop.drift(3..<7)
            #expect(try await workshop.runs().count == 2)
            try await workshop.drift(7..<8)
            let second = try #require(try await workshop.runs().last)
            #expect(second.id == ID("run-3"))
            #expect(try await workshop.finished(second).status.name == "refused")
            #expect(try await workshop.send(ListAlerts()).count { $0.rule == .drift } == 1)
        }
    }

    @Test(arguments: ["never", "performance"])
    func `does not start on drift where the policy says another thing`(on: String) async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(on: on))
            try await workshop.deploy()
            try await workshop.drift(0..<4)
            #expect(try await workshop.send(ListAlerts()).count { $0.rule == .drift } == 1)
            #expect(try await workshop.runs().count == 1)
        }
    }

    @Test func `that may go out by itself is deployed without a person`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: policy(approve: "automatic"))
            // The first version is no retrain: it waits for a person all the same.
            try await workshop.deploy()
            try workshop.prepareSecond()
            try await workshop.drift(0..<3)
            let second = Subject(.deployment, "deployment-1")
            for await event in try await workshop.connection().events(after: 0) {
                guard case .recorded(let recorded) = event,
                    recorded.content.subject == second, recorded.content.actor == .engine
                else { continue }
                #expect(recorded.content.action == "deployment.deployed")
                break
            }
            let deployment = try await workshop.send(ListDeployments()).first?.deployment
            #expect(deployment?.revisions.map(\.version) == [1, 2])
            // The drift of v1 is v2's no more.
            let alert = try await workshop.event("alert.resolved")
            #expect(alert.content.subject == Subject(.alert, "alert-1"))
        }
    }

    @Test func `by hand on collected rows needs labels`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<2)
            let request = StartTraining(model: model, usesCollectedRows: true)
            let refused = await workshop.refusal(of: request)
            let sentence = """
                No collected row of "late-ships" since 2014-04-29 has a label. Add labels with \
                "binnacle labels add".
                """
            #expect(refused == Refusal(.conflict, sentence))
            let labels = Stream().labels(ofHour: 0)
            try await workshop.send(AddLabels(model: model, labels: labels))
            try workshop.prepareSecond()
            let run = try await workshop.finished(try await workshop.send(request))
            #expect(run.status.name == "registered")
            #expect(run.trigger == .manual)
            #expect(try await workshop.store.datasetVersion(run.data).rows == 60)
        }
    }
}
