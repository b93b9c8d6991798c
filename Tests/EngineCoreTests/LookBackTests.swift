import Domain
import EngineAPI
import Testing

@testable import EngineCore

/// Every view as of a moment that has passed.
@Suite struct LookBackTests {
    private struct Moments {
        let empty: Timestamp
        /// Version 1 waits for its approval.
        let waiting: Timestamp
        /// It serves, and some windows of it were judged.
        let serving: Timestamp
    }

    /// Version 1 is asked for, approved, deployed and watched, then version 2 takes its place.
    private func lived(_ workshop: Workshop) async throws -> Moments {
        try await workshop.prepare()
        let empty = workshop.clock.now
        workshop.clock.advance(seconds: 60)
        try await workshop.register()
        let waiting = workshop.clock.now
        workshop.clock.advance(seconds: 60)
        try await workshop.decide(try await workshop.openApproval())
        try await workshop.collect(0..<4)
        let serving = workshop.clock.now
        workshop.clock.advance(seconds: 60)
        try await workshop.collect(4..<8)
        _ = try await workshop.deploy()
        return Moments(empty: empty, waiting: waiting, serving: serving)
    }

    @Test func `the overview shows what waited, what served and what had been judged`() async throws
    {
        try await withWorkshop { workshop in
            let moments = try await lived(workshop)
            func overview(_ date: Timestamp) async throws -> Overview {
                try await workshop.send(GetOverview().lookingBack(to: date))
            }
            let empty = try await overview(moments.empty)
            #expect(empty.models == [] && empty.needs == [] && empty.jobs == [])
            #expect(empty.recent.allSatisfy { $0.content.at <= moments.empty })
            let waiting = try await overview(moments.waiting)
            #expect(waiting.needs.map(\.title) == ["\(model) v1 → production"])
            #expect(waiting.counters.inbox == 1)
            #expect(waiting.models.map(\.waiting) == [1])
            #expect(waiting.models.first?.environment == nil)
            #expect(waiting.models.first?.validationValue != nil)
            let serving = try await overview(moments.serving)
            #expect(serving.needs.filter { $0.kind == .approval } == [])
            #expect(serving.models.map(\.environment) == ["production"])
            #expect(serving.models.map(\.champion) == [1])
            #expect(serving.models.first?.drift != nil)
            let now = try await workshop.send(GetOverview())
            #expect(now.models.map(\.champion) == [2])
        }
    }

    @Test func `lists hold what there was, as it then stood`() async throws {
        try await withWorkshop { workshop in
            let moments = try await lived(workshop)
            let date = moments.waiting
            let approvals = try await workshop.send(
                ListApprovals(openOnly: false).lookingBack(to: date)
            )
            #expect(approvals.map(\.status) == [.pending])
            #expect(approvals.flatMap(\.decisions) == [])
            let open = ListApprovals().lookingBack(to: moments.serving)
            #expect(try await workshop.send(open) == [])
            let runs = try await workshop.send(ListRuns().lookingBack(to: date))
            #expect(runs.map(\.id.text) == ["run-1"])
            #expect(try await workshop.send(ListRuns()).count == 2)
            let jobs = try await workshop.send(ListJobs().lookingBack(to: date))
            #expect(!jobs.isEmpty && jobs.allSatisfy { $0.createdAt <= date })
            let data = ListDatasetVersions().lookingBack(to: moments.empty)
            #expect(try await workshop.send(data).count == 1)
            for request in [ListAuditEvents(), ListAuditEvents(after: 0)] {
                let events = try await workshop.send(request.lookingBack(to: date))
                #expect(!events.isEmpty && events.allSatisfy { $0.content.at <= date })
                let all = try await workshop.send(request)
                #expect(events.count == all.count { $0.content.at <= date })
            }
        }
    }

    @Test func `lineage has what had come of a thing, and not what came later`() async throws {
        try await withWorkshop { workshop in
            let moments = try await lived(workshop)
            let version = Subject(.modelVersion, "\(model)/v1")
            func kinds(_ date: Timestamp?) async throws -> Set<SubjectKind> {
                let lineage = try await workshop.send(
                    GetLineage(of: version).lookingBack(to: date)
                )
                return Set(lineage.nodes.map(\.subject.kind))
            }
            #expect(try await !kinds(moments.waiting).contains(.deployment))
            #expect(try await kinds(moments.serving).isSuperset(of: [.deployment, .approval]))
            let approval = Subject(.approval, "approval-1")
            let then = try await workshop.send(
                GetLineage(of: approval, depth: 1).lookingBack(to: moments.waiting)
            )
            #expect(then.nodes.first?.details.first?.contains("pending, 0 of") == true)
            #expect(then.edges.map(\.relation) == ["shown"])
            let data = Subject(.datasetVersion, "data-1")
            let impact = try await workshop.send(
                GetImpact(of: data).lookingBack(to: moments.waiting)
            )
            #expect(impact.count(.modelVersion) == 1 && impact.scored == [])
            let now = try await workshop.send(GetImpact(of: data))
            #expect(now.count(.modelVersion) == 2 && now.rows > 0)
            for subject in [version, Subject(.deployment, "deployment-1")] {
                let early = await workshop.refusal(
                    of: GetLineage(of: subject).lookingBack(to: moments.empty)
                )
                #expect(early?.kind == .notFound, "\(subject)")
            }
        }
    }

    @Test func `drift ends with the windows that had been judged`() async throws {
        try await withWorkshop { workshop in
            let moments = try await lived(workshop)
            let now = try await workshop.send(GetDrift(model: model))
            let then = try await workshop.send(
                GetDrift(model: model).lookingBack(to: moments.serving)
            )
            #expect(!then.points.isEmpty && then.points.count < now.points.count)
            #expect(then.points.map(\.time) == Array(now.points.map(\.time).prefix(3)))
            #expect(then.latest?.windowStart == then.points.last?.time)
            let histogram = GetHistogram(model: model, feature: "wind")
            let bars = try await workshop.send(histogram.lookingBack(to: moments.serving))
            #expect(bars.to == then.latest?.windowEnd)
            #expect(try await workshop.send(histogram).to == now.latest?.windowEnd)
            let comparison = CompareDrift(model: model, reference: .training)
            let held = try await workshop.send(comparison.lookingBack(to: moments.serving))
            #expect(held.to == then.latest?.windowEnd)
            let early = histogram.lookingBack(to: moments.waiting)
            #expect(await workshop.refusal(of: early)?.kind == .notFound)
        }
    }

    @Test func `a moment that has not come is refused by every one of them`() async throws {
        try await withWorkshop { workshop in
            let tomorrow = workshop.clock.now.adding(seconds: Timestamp.day)
            let requests: [any LookingBack] = [
                GetOverview(), ListModels(), ListRuns(), ListJobs(), ListApprovals(), ListAlerts(),
                ListAuditEvents(), ListDatasetVersions(), GetLineage(of: Subject(.run, "run-1")),
                GetImpact(of: Subject(.run, "run-1")), GetDrift(model: "m"),
                GetHistogram(model: "m", feature: "f"),
                CompareDrift(model: "m", reference: .training),
            ]
            let all = engineRequests.filter { $0 is any LookingBack.Type }
            #expect(all.count == requests.count)
            for request in requests {
                let early = await workshop.refusal(of: request.lookingBack(to: tomorrow))
                #expect(early?.message.contains("has not come yet") == true, "\(request)")
            }
            let search = ListModels(query: "late").lookingBack(to: workshop.clock.now)
            #expect(await workshop.refusal(of: search)?.message.contains("of now") == true)
        }
    }
}
