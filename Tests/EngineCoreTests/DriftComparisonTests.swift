import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `Rows of any range` {
    private func compare(
        _ workshop: Workshop,
        _ reference: DriftReference,
        hours: Range<Int>,
        feature: String? = nil
    ) async throws -> DriftComparison {
        try await workshop.send(
            CompareDrift(
                model: model,
                from: Stream.time(hours.lowerBound, 0),
                to: Stream.time(hours.upperBound, 0),
                reference: reference,
                feature: feature
            )
        )
    }

    @Test func `are held against the training rows as a verdict over them would`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare(pipeline: pipelineText(rolling: "2h"))
            try await workshop.deploy()
            try await workshop.collect(0..<6)
            let verdict = try #require(try await workshop.reports().last)
            let newest = try await workshop.send(
                CompareDrift(model: model, reference: .training)
            )
            #expect(newest.rows == verdict.rows)
            #expect(newest.from == verdict.rollingStart)
            #expect(newest.to == verdict.windowEnd)
            #expect(newest.features.map(\.feature) == verdict.features.map(\.feature))
            for (left, right) in zip(newest.features, verdict.features) {
                #expect(left.psi == right.psi)
                #expect(left.kolmogorovSmirnov == right.kolmogorovSmirnov)
                #expect(left.missingShare == right.missingShare)
            }
            let all = try await compare(workshop, .training, hours: 0..<5, feature: "port")
            #expect(all.rows == 300)
            #expect(all.referenceRows == 400)
            #expect(all.histogram?.windowRows == 300)
            #expect(all.referenceTitle == "the training rows of v1")
        }
    }

    @Test func `are held against those of another range`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<3)
            try await workshop.collect(3..<6, Stream(isDrifting: true))
            let quiet = DriftReference.range(from: Stream.time(0, 0), to: Stream.time(1, 0))
            let same = try await compare(workshop, quiet, hours: 1..<3)
            #expect(same.verdict == .stable)
            #expect(same.referenceRows == 60)
            let moved = try await compare(workshop, quiet, hours: 3..<5)
            #expect(moved.verdict == .drift)
            #expect(moved.rows == 120)
            let drifting = DriftReference.range(from: Stream.time(3, 0), to: Stream.time(4, 0))
            let both = try await compare(workshop, drifting, hours: 4..<5)
            // A port and a wind that training never had, and both ranges have, are nothing new.
            let verdicts = both.features.map { "\($0.feature) \($0.verdict)" }
            #expect(verdicts.sorted() == ["port stable", "wind stable"])
        }
    }

    @Test func `are held against last week, the same month and another version`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<2)
            try await workshop.collect(168..<170, Stream(isDrifting: true))
            let week = try await compare(workshop, .lastWeek, hours: 168..<169)
            #expect(week.referenceRows == 60)
            #expect(week.verdict == .drift)
            let version = try await compare(workshop, .version(1), hours: 0..<2)
            #expect(version.rows == 120)
            let training = try await compare(workshop, .training, hours: 0..<2)
            for feature in version.features {
                let other = training.features.first { $0.feature == feature.feature }
                #expect(feature.psi == other?.psi)
            }
            let month = await workshop.refusal(
                of: CompareDrift(
                    model: model,
                    from: Stream.time(0, 0),
                    to: Stream.time(2, 0),
                    reference: .sameMonth
                )
            )
            #expect(month?.kind == .notFound)
            #expect(month?.message.contains("training") == true)
        }
    }

    @Test func `that came late are in the next answer`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let rows = Stream().rows(ofHour: 0)
            try await workshop.send(Stream.batch(Array(rows.prefix(40)), name: "early"))
            try await workshop.collect(1..<70)
            #expect(try await compare(workshop, .training, hours: 0..<70).rows == 40 + 69 * 60)
            try await workshop.send(Stream.batch(Array(rows.suffix(20)), name: "late"))
            #expect(try await compare(workshop, .training, hours: 0..<70).rows == 70 * 60)
        }
    }

    @Test func `that nobody scored are refused in a sentence, as an empty range is`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<2)
            for (from, to, kind) in [
                (50, 60, Refusal.Kind.notFound), (-9, -3, .notFound), (1, 1, .invalid),
                (2, 1, .invalid),
            ] {
                let refusal = await workshop.refusal(
                    of: CompareDrift(
                        model: model,
                        from: Stream.time(from, 0),
                        to: Stream.time(to, 0),
                        reference: .training
                    )
                )
                #expect(refusal?.kind == kind, "\(from) \(to)")
                #expect(refusal?.message.hasSuffix(".") == true)
            }
            let week = await workshop.refusal(of: CompareDrift(model: model, reference: .lastWeek))
            #expect(week?.kind == .notFound)
            let feature = await workshop.refusal(
                of: CompareDrift(model: model, reference: .training, feature: "tide")
            )
            #expect(feature?.message.contains("tide") == true)
            let version = await workshop.refusal(
                of: CompareDrift(model: model, reference: .version(9))
            )
            #expect(version?.kind == .notFound)
        }
    }

    @Test(arguments: [
        ("training", DriftReference.training), ("last-week", .lastWeek),
        ("same-month", .sameMonth), ("v12", .version(12)),
    ])
    func `are held against what a word names`(text: String, reference: DriftReference) {
        #expect(DriftReference(text) == reference)
        #expect(reference.description == text)
    }

    @Test(arguments: [
        "", "v", "v0", "v-1", "week", "2013-05-08..2013-05-01", "2013-05-01..", "..", "a..b",
    ])
    func `are held against nothing where a word names nothing`(text: String) {
        #expect(DriftReference(text) == nil)
    }
}
