import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `A past verdict` {
    @Test func `is made again to the last bit, also by another engine`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "2h"))
            try await workshop.deploy()
            try await workshop.collect(0..<5)
            let reports = try await workshop.reports()
            try #require(reports.count == 4)
            try await workshop.reopen()
            for report in reports {
                let replayed = try await workshop.send(
                    ReplayDriftReport(model: model, windowStart: report.windowStart)
                )
                #expect(replayed.stored == report)
                #expect(replayed.firstDifference == nil)
                #expect(replayed.isIdentical)
            }
        }
    }

    @Test func `that is not the same names the first part that differs`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "2h"))
            try await workshop.deploy()
            try await workshop.collect(0..<3)
            var other = try #require(try await workshop.reports().last)
            other.causes = [
                DriftCause(
                    feature: DriftCause.wholeModel,
                    likely: DriftCause.Candidate(.benign, evidence: []),
                    runnerUp: nil,
                    action: "",
                    isRetrainAdvised: false,
                    retrainReason: ""
                )
            ]
            let replayed = try await workshop.engine.monitor.replay(other)
            #expect(!replayed.isIdentical)
            #expect(replayed.firstDifference?.hasPrefix("the causes") == true)
        }
    }

    @Test func `of a window that was not judged is refused`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let refusal = await workshop.refusal(
                of: ReplayDriftReport(model: model, windowStart: noon)
            )
            #expect(refusal?.kind == .notFound)
        }
    }

    @Test func `without what it was made of cannot be made again`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<2)
            var report = try #require(try await workshop.reports().last)
            report.inputs = nil
            await #expect(throws: Refusal.self) {
                try await workshop.engine.monitor.replay(report)
            }
        }
    }

    @Test func `is listed from a time to another`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<5)
            let found = try await workshop.send(
                ListDriftReports(model: model, from: Stream.time(1, 0), to: Stream.time(3, 0))
            )
            #expect(found.map(\.windowStart) == [Stream.time(2, 0), Stream.time(1, 0)])
        }
    }
}
