import Domain
import Monitoring
import Statistics
import Testing

@Suite
struct EvaluationTests {
    private let labels: [Double]
    private let good: [Double]
    private let poor: [Double]
    private let policy = ValidationPolicy(
        holdoutShare: 0.2,
        metrics: [.auc, .logLoss, .accuracy],
        primary: .auc,
        mustImproveBy: 0,
        maximumOverfitGap: 0.1
    )

    init() {
        var generator = SeededGenerator(seed: 42)
        labels = (0..<800).map { _ in generator.nextUnit() < 0.4 ? 1 : 0 }
        good = labels.map { label in
            min(1, max(0, 0.3 + 0.4 * label + 0.6 * (generator.nextUnit() - 0.5)))
        }
        poor = labels.map { label in
            min(1, max(0, 0.45 + 0.1 * label + 0.6 * (generator.nextUnit() - 0.5)))
        }
    }

    private func judge(
        _ candidate: [Double],
        against champion: [Double]? = nil,
        training: Holdout.Training? = nil,
        policy: ValidationPolicy? = nil,
        seed: Int = 7
    ) -> ValidationReport {
        ValidationReport(
            judging: Holdout(
                labels: labels,
                candidate: candidate,
                champion: champion.map { Holdout.Champion(version: 2, scores: $0) },
                training: training,
                start: day(0),
                end: day(5)
            ),
            policy: policy ?? self.policy,
            replicates: 200,
            seed: seed
        )
    }

    @Test
    func `the slice that got worst comes first, and one that says nothing is left out`() throws {
        let half = labels.count / 2
        // Good in the first half, turned round in the second.
        let mixed = good.enumerated().map { $0 < half ? $1 : 1 - $1 }
        let positive = labels.indices.filter { labels[$0] == 1 }
        func report(against champion: [Double]?) -> ValidationReport {
            ValidationReport(
                judging: Holdout(
                    labels: labels,
                    candidate: mixed,
                    champion: champion.map { Holdout.Champion(version: 2, scores: $0) },
                    training: nil,
                    slices: [
                        Holdout.Slice(column: "part", value: "first", rows: Array(0..<half)),
                        Holdout.Slice(
                            column: "part",
                            value: "second",
                            rows: Array(half..<labels.count)
                        ),
                        Holdout.Slice(column: "label", value: "one", rows: positive),
                        Holdout.Slice(column: "part", value: "none", rows: [labels.count]),
                    ]
                ),
                policy: policy,
                replicates: 20,
                seed: 7
            )
        }
        for champion in [poor, nil] {
            let slices = try #require(report(against: champion).slices)
            // AUC is undefined where all labels are one; rows that are not there are no slice.
            #expect(slices.map(\.title) == ["part=second", "part=first"])
            #expect(slices.map(\.rows) == [labels.count - half, half])
            #expect((slices[0].difference == nil) == (champion == nil))
            #expect(slices[0].candidate < 0.3 && slices[1].candidate > 0.7)
        }
        #expect(try #require(report(against: poor).slices?.first?.difference) < 0)
        #expect(judge(good).slices == [])
    }

    @Test
    func `a clearly better candidate is better, and the numbers are in the reason`() throws {
        let report = judge(good, against: poor)
        #expect(report.verdict == .better)
        #expect(report.reasons.first?.contains("of v2: better by") == true)
        #expect(report.comparisons.map(\.metric) == [.auc, .logLoss, .accuracy])
        let auc = try #require(report.comparison(.auc))
        #expect(try #require(auc.differenceInterval).low > 0)
        #expect(try #require(report.comparison(.logLoss)?.difference) < 0)
        #expect(report.championVersion == 2)
        #expect(report.holdoutRows == 800)
        #expect(report.bootstrapReplicates == 200)
        #expect(report.seed == 7)
        #expect(report.holdoutStart == day(0))
    }

    @Test
    func `a worse candidate is not better`() {
        let report = judge(poor, against: good)
        #expect(report.verdict == .notBetter)
        #expect(report.reasons.first?.contains("the lower end must exceed 0.0000") == true)
    }

    @Test
    func `the same scores are not better`() {
        #expect(judge(good, against: good).verdict == .notBetter)
    }

    @Test
    func `an improvement smaller than asked is not better`() {
        var demanding = policy
        demanding.mustImproveBy = 0.5
        #expect(judge(good, against: poor, policy: demanding).verdict == .notBetter)
    }

    @Test
    func `a metric that is better when lower is judged by its fall`() {
        var byLoss = policy
        byLoss.primary = .logLoss
        byLoss.metrics = [.auc]
        let report = judge(good, against: poor, policy: byLoss)
        #expect(report.verdict == .better)
        #expect(report.comparisons.map(\.metric) == [.logLoss, .auc])
        #expect(judge(poor, against: good, policy: byLoss).verdict == .notBetter)
    }

    @Test
    func `over-fitting refuses a candidate that is better`() {
        let training = Holdout.Training(labels: [0, 1, 0, 1], scores: [0.1, 0.9, 0.2, 0.8])
        var strict = policy
        strict.maximumOverfitGap = 0.001
        let report = judge(good, against: poor, training: training, policy: strict)
        #expect(report.verdict == .notBetter)
        #expect(report.reasons.first?.hasPrefix("It over-fits: training auc is 1.0000") == true)
        #expect(report.trainingValue == 1)
        #expect((report.overfitGap ?? 0) > 0)
        #expect(judge(good, against: poor, training: training).verdict == .better)
    }

    @Test
    func `missing training scores are said`() {
        let report = judge(good, against: poor)
        #expect(report.overfitGap == nil)
        #expect(report.reasons.contains { $0.hasPrefix("The over-fitting gap is unknown") })
    }

    @Test
    func `a first model has to beat a constant`() {
        let report = judge(good)
        #expect(report.verdict == .better)
        #expect(report.reasons.first?.contains("beats the 0.5000 of always answering") == true)
        #expect(report.comparison(.auc)?.champion == nil)
        let reversed = judge(good.map { 1 - $0 })
        #expect(reversed.verdict == .notBetter)
        #expect(reversed.reasons.first?.contains("is no better than the 0.5000") == true)
    }

    @Test
    func `rows that cannot be judged fail with what to do`() {
        let faults: [(Holdout, String)] = [
            (holdout([], [], nil), "The holdout has no rows"),
            (
                holdout([0, .nan], [0.1, 0.2], nil), "1 of 2 of the holdout's labels are no numbers"
            ),
            (holdout([0, 1], [0.1], nil), "The candidate gave 1 scores for 2 rows"),
            (holdout([0, 1], [0.1, .nan], nil), "1 of 2 of the candidate's scores"),
            (holdout([0, 1], [0.1, 0.2], [0.3]), "The champion v2 gave 1 scores for 2 rows"),
            (
                holdout([0, 1], [0.1, 0.2], [.nan, 0.3]), "1 of 2 of the scores of the champion v2"
            ),
            (holdout([1, 1], [0.1, 0.2], nil), "The primary metric auc is undefined"),
        ]
        for (holdout, expected) in faults {
            let report = ValidationReport(judging: holdout, policy: policy, seed: 1)
            #expect(report.verdict == .failed)
            #expect(report.reasons.count == 1)
            #expect(report.reasons[0].hasPrefix(expected))
        }
    }

    private func holdout(
        _ labels: [Double],
        _ candidate: [Double],
        _ champion: [Double]?
    ) -> Holdout {
        Holdout(
            labels: labels,
            candidate: candidate,
            champion: champion.map { Holdout.Champion(version: 2, scores: $0) },
            training: nil
        )
    }

    @Test
    func `a seed repeats the report`() {
        #expect(judge(good, against: poor) == judge(good, against: poor))
        #expect(judge(good, against: poor) != judge(good, against: poor, seed: 8))
    }

    @Test
    func `the value of a report is what production is held against`() {
        let report = judge(good, against: poor)
        let expected = ExpectedPerformance(report)
        #expect(expected?.metric == .auc)
        #expect(expected?.value == report.comparison(.auc)?.candidate)
        let failed = ValidationReport(judging: holdout([], [], nil), policy: policy, seed: 1)
        #expect(ExpectedPerformance(failed) == nil)
    }
}
