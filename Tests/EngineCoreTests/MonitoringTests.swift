import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `Collected rows` {
    @Test func `are filed under the hour of their own time and judged when it is over`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let events = try await workshop.connection().events(after: nil)
            try await workshop.collect(0..<1)
            #expect(try await workshop.reports().isEmpty)
            try await workshop.collect(1..<3)
            let reports = try await workshop.reports()
            #expect(reports.map(\.windowStart) == [Stream.time(0, 0), Stream.time(1, 0)])
            #expect(reports.map(\.windowEnd) == [Stream.time(1, 0), Stream.time(2, 0)])
            #expect(reports.map(\.rows) == [60, 60])
            #expect(reports.allSatisfy { $0.verdict == .stable && $0.driftedShare == 0 })
            #expect(reports.allSatisfy { Set($0.features.map(\.feature)) == ["port", "wind"] })
            #expect(reports.allSatisfy { $0.performance == nil })
            var collected: [EngineEvent] = []
            for await event in events {
                if case .collected = event { collected.append(event) }
                if collected.count == 3 { break }
            }
            #expect(
                collected.last
                    == .collected(model: model, rows: 60, through: Stream.time(2, 59))
            )
            let ids = try await workshop.store.predictionIDs(row: "h1-7", model: model)
            try #require(ids.count == 1)
            let kept = try await workshop.store.prediction(ids[0])
            #expect(kept.cells == ["Gdansk", "9"])
            #expect(kept.row == "h1-7")
            #expect(kept.deployment == ID("deployment-1"))
        }
    }

    @Test func `of one batch count once, however often they come`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            for _ in 0..<3 { try await workshop.collect(0..<1) }
            try await workshop.collect(1..<2)
            #expect(try await workshop.reports().map(\.rows) == [60])
        }
    }

    @Test func `of one hour in many batches make one window`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let rows = Stream().rows(ofHour: 0)
            for part in 0..<6 {
                let slice = Array(rows[part * 10..<part * 10 + 10])
                try await workshop.send(Stream.batch(slice, name: "part \(part)"))
            }
            try await workshop.collect(1..<2)
            #expect(try await workshop.reports().map(\.rows) == [60])
        }
    }

    @Test func `that come late are added to their own hour`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "2h"))
            try await workshop.deploy()
            let rows = Stream().rows(ofHour: 0)
            try await workshop.send(Stream.batch(Array(rows.prefix(40)), name: "early"))
            try await workshop.collect(1..<2)
            try await workshop.send(Stream.batch(Array(rows.suffix(20)), name: "late"))
            try await workshop.collect(2..<3)
            #expect(try await workshop.reports().map(\.rows) == [40, 120])
        }
    }

    @Test func `of two environments are two rows, also where their callers number alike`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare(
                pipeline: pipelineText(
                    environments: "{ production: { approvals: 1 }, staging: { approvals: 0 } }"
                )
            )
            try await workshop.deploy()
            let request = RequestRelease(model: model, version: 1, environment: "staging")
            try await workshop.send(request)
            for deployment in try await workshop.send(ListDeployments()).map(\.deployment.id) {
                var batch = Stream().batch(ofHour: 0)
                batch.batch += " of \(deployment)"
                batch.deployment = deployment
                try await workshop.send(batch)
            }
            let count = try await workshop.store.countPredictions(
                model: model,
                from: Stream.time(0, 0),
                to: Stream.time(1, 0)
            )
            #expect(count.rows == 120)
        }
    }

    @Test func `dropped by a collector are counted`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.send(
                Stream.batch(Stream().rows(ofHour: 0), name: "a", dropped: 7)
            )
            try await workshop.send(Stream.batch([], name: "b", dropped: 5))
            #expect(try await workshop.send(GetEngineStatus()).dropped["collector"] == 12)
        }
    }

    @Test(arguments: [
        ("h0-0\t1", "Line 1 of a batch of collected rows is malformed."),
        (
            "a\t1\ta\t0\t0.5\tOslo\t1\nb\tone\tb\t0\t0.5\tOslo\t1\n",
            "Line 2 of a batch of collected rows is malformed."
        ),
        ("a\t9\ta\t0\t0.5\tOslo\t1\n", "late-ships/v9"),
        ("a\t1\ta\t0\tnan\tOslo\t1\n", "a score that is no number"),
        ("a\t1\ta\t0\tinf\tOslo\t1\n", "a score that is no number"),
        ("a\t1\ta\t\(Int64.max)\t0.5\tOslo\t1\n", "a time beyond the years 1 to 9998"),
        ("a\t1\ta\t\(Int64.min)\t0.5\tOslo\t1\n", "a time beyond the years 1 to 9998"),
    ])
    func `that make no sense are refused, and none of their batch is kept`(
        rows: String,
        words: String
    ) async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let request = RecordPredictions(
                deployment: ID("deployment-1"),
                batch: "bad",
                rows: rows,
                dropped: 0
            )
            let refused = await workshop.refusal(of: request)
            #expect(refused?.message.contains(words) == true)
            #expect(try await workshop.store.latestPredictionTime(of: model) == nil)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Labels` {
    @Test func `before and after their rows reach the window's performance`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let labels = Stream().labels(ofHour: 0, right: 0.8)
            let early = AddLabels(model: model, labels: Array(labels.prefix(20)))
            #expect(try await workshop.send(early) == LabelsAdded(received: 20, joined: 0))
            try await workshop.collect(0..<1)
            let late = AddLabels(model: model, labels: Array(labels.suffix(40)))
            #expect(try await workshop.send(late) == LabelsAdded(received: 40, joined: 40))
            // Known labels change nothing a second time.
            #expect(try await workshop.send(late) == LabelsAdded(received: 40, joined: 0))
            try await workshop.collect(1..<2)
            let performance = try #require(try await workshop.reports().first?.performance)
            #expect(performance.metric == .accuracy)
            #expect(performance.labelledRows == 60)
            #expect(performance.coverage == 1)
            #expect(abs(performance.value - 0.8) < 1e-9)
            #expect(abs(performance.expected - 0.95) < 1e-9)
            #expect(abs(performance.limit - 0.75) < 1e-9)
            let row = try await workshop.send(ListModels()).first
            #expect(row?.history.count == 1)
            #expect(row?.currentValue == performance.value)
        }
    }

    @Test func `after the report reach the next one of a rolling range`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "2h"))
            try await workshop.deploy()
            try await workshop.collect(0..<2)
            #expect(try await workshop.reports().map(\.performance) == [nil])
            let labels = AddLabels(model: model, labels: Stream().labels(ofHour: 0))
            try await workshop.send(labels)
            try await workshop.collect(2..<3)
            let performance = try await workshop.reports().last?.performance
            #expect(performance?.labelledRows == 60)
            #expect(performance?.coverage == 0.5)
        }
    }

    @Test func `that are no numbers, too many, or of nobody are refused`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let bad = AddLabels(model: model, labels: [RowLabel(row: "a", label: .nan)])
            #expect(
                await workshop.refusal(of: bad)
                    == Refusal(.invalid, "The label of row \"a\" is no finite number.")
            )
            let many = [RowLabel](repeating: RowLabel(row: "a", label: 1), count: 10_001)
            #expect(
                await workshop.refusal(of: AddLabels(model: model, labels: many))
                    == Refusal(
                        .invalid,
                        "10001 labels came at once; send at most 10,000 in one request."
                    )
            )
            let unknown = AddLabels(model: "boats", labels: [RowLabel(row: "a", label: 1)])
            #expect(await workshop.refusal(of: unknown)?.kind == .notFound)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A drifting stream` {
    @Test func `sets an alert off once it has drifted for long enough, and it is resolved`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let drifting = Stream(isDrifting: true)
            try await workshop.collect(0..<1)
            try await workshop.collect(1..<3, drifting)
            #expect(try await workshop.reports().map(\.verdict) == [.stable, .drift])
            #expect(try await workshop.send(ListAlerts()).isEmpty)
            try await workshop.collect(3..<4, drifting)
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .drift)
            #expect(alert.status == .firing)
            #expect(alert.severity == .warning)
            #expect(alert.owner == "harbour")
            #expect(alert.subject == "late-ships/v1")
            #expect(alert.dataTime == Stream.time(2, 0))
            #expect(alert.message.hasPrefix("2 of 2 features of late-ships v1 have drifted"))
            #expect(try await workshop.send(GetOverview()).counters.drifting == 1)

            // A third drifting hour is the same alert, and one good hour does not end it.
            try await workshop.collect(4..<5, drifting)
            try await workshop.collect(5..<7)
            #expect(try await workshop.send(ListAlerts()).map(\.status) == [.firing])
            try await workshop.collect(7..<8)
            #expect(try await workshop.send(ListAlerts()).map(\.status) == [.resolved])
            #expect(try await workshop.send(GetOverview()).counters.drifting == 0)
        }
    }

    @Test func `for one hour only alarms nobody`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<1)
            try await workshop.collect(1..<2, Stream(isDrifting: true))
            try await workshop.collect(2..<5)
            #expect(
                try await workshop.reports().map(\.verdict) == [.stable, .drift, .stable, .stable]
            )
            #expect(try await workshop.send(ListAlerts()).isEmpty)
        }
    }

    @Test func `is not judged before the version has scored a whole rolling range`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "3h"))
            try await workshop.deploy()
            try await workshop.collect(0..<6, Stream(isDrifting: true))
            let verdicts = try await workshop.reports().map(\.verdict)
            #expect(verdicts == [.tooFewRows, .tooFewRows, .drift, .drift, .drift])
            let alert = try await workshop.send(ListAlerts()).first
            #expect(alert?.dataTime == Stream.time(3, 0))
        }
    }

    @Test func `whose labels are wrong is an accuracy alert`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            for hour in 0..<3 {
                try await workshop.send(
                    AddLabels(model: model, labels: Stream().labels(ofHour: hour, right: 0.5))
                )
            }
            try await workshop.collect(0..<3)
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .performance)
            #expect(alert.severity == .critical)
            #expect(
                alert.message == """
                    accuracy of late-ships v1 is 0.500 over 60 labelled rows, below 0.750; \
                    validation had 0.950.
                    """
            )
            _ = try await workshop.send(MuteAlert(alert: alert.id, seconds: 3_600), as: carol)
            let quiet = try await workshop.send(GetOverview())
            #expect(quiet.needs.isEmpty && quiet.alerts.isEmpty)
            #expect(quiet.counters.criticalAlerts == 0)
            _ = try await workshop.send(MuteAlert(alert: alert.id, seconds: nil), as: carol)
            #expect(try await workshop.send(GetOverview()).counters.criticalAlerts == 1)
            let acknowledged = try await workshop.send(
                AcknowledgeAlert(alert: alert.id),
                as: carol
            )
            #expect(acknowledged.acknowledgedBy == carol)
            let needs = try await workshop.send(GetOverview()).needs
            #expect(needs.isEmpty)
            let again = await workshop.refusal(of: AcknowledgeAlert(alert: alert.id))
            let sentence = "\"carol\" has acknowledged the alert \"alert-1\" already."
            #expect(again == Refusal(.conflict, sentence))
        }
    }

    @Test func `ends with the version it was about`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<3, Stream(isDrifting: true))
            let alert = try #require(try await workshop.send(ListAlerts()).last)
            #expect(alert.rule == .drift)
            #expect(alert.status == .firing)
            try await workshop.deploy()
            // On a slow machine an alert about the service, which nobody runs here, may stand by.
            let after = try await workshop.send(ListAlerts())
            let words = after.map { "\($0.id) \($0.rule) \($0.status) \($0.message)" }
            #expect(after.first { $0.id == alert.id }?.status == .resolved, "\(words)")
        }
    }

    @Test func `is drawn over time, feature by feature, with its bins`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<1)
            try await workshop.collect(1..<3, Stream(isDrifting: true))
            let share = try await workshop.send(GetDrift(model: model))
            #expect(share.points.map(\.value) == [0, 1])
            #expect(share.threshold == 0.5)
            #expect(share.windowSeconds == 3_600)
            #expect(share.markers == [DriftMarker(time: Stream.time(0, 0), label: "v1")])
            #expect(share.latest?.windowStart == Stream.time(1, 0))
            let wind = try await workshop.send(GetDrift(model: model, feature: "wind"))
            #expect(wind.threshold == 0.25)
            #expect(wind.points.map(\.verdict) == [.stable, .drift])
            #expect((wind.points.last?.value ?? 0) > 1)
            let unseen = GetDrift(model: model, feature: "port", metric: .unseen)
            #expect(try await workshop.send(unseen).points.map(\.value) == [0, 1])
            let from = GetDrift(model: model, from: Stream.time(1, 0))
            #expect(try await workshop.send(from).points.count == 1)

            let newest = try await workshop.send(GetHistogram(model: model, feature: "port"))
            #expect(newest.from == Stream.time(1, 0))
            #expect(newest.to == Stream.time(2, 0))
            #expect(newest.windowRows == 60)
            #expect(newest.baselineRows == 400)
            #expect(abs(newest.bins.map(\.baselineShare).reduce(0, +) - 1) < 1e-9)
            #expect(abs(newest.bins.map(\.windowShare).reduce(0, +) - 1) < 1e-9)
            #expect(newest.drift?.verdict == .drift)
            let first = GetHistogram(
                model: model,
                feature: "port",
                windowStart: Stream.time(0, 0)
            )
            #expect(try await workshop.send(first).drift?.verdict == .stable)
        }
    }
}
