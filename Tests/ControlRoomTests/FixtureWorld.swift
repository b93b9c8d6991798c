import Domain
import EngineAPI

/// One world of realistic values: flights that are late, and three models beside them.
enum FixtureWorld {
    static let now = stamp("2013-06-15T12:04:31Z")
    static let ana = Actor(uid: 1001, name: "ana")
    static let ben = Actor(uid: 1002, name: "ben")
    static let model = "late-flights"

    static func stamp(_ text: String) -> Timestamp {
        Timestamp(text) ?? Timestamp(microseconds: 0)
    }

    static func ago(_ seconds: Double) -> Timestamp { now.adding(seconds: -seconds) }

    /// A digest that differs for every name, and looks like one.
    static func digest(_ name: String) -> Digest {
        var state: UInt64 = 14_695_981_039_346_656_037
        for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 1_099_511_628_211 }
        return Digest(
            sha256: (0..<32).map { index in
                state = state &* 6_364_136_223_846_793_005 &+ UInt64(index) &+ 1
                return UInt8(truncatingIfNeeded: state >> 33)
            }
        )
    }

    // MARK: - Training

    static let pipeline = Pipeline(
        model: model,
        owner: "ana",
        task: .classification,
        data: DataDefinition(dataset: "flights", target: "late", time: "departure", id: "flight"),
        cleaning: Cleaning(dropsDuplicates: true),
        training: TrainingDefinition(
            trainer: .xgboost,
            parameters: [
                "eta": .number(0.1), "max_depth": .number(6), "num_round": .number(200),
                "objective": .text("binary:logistic"),
            ],
            earlyStoppingRounds: 20,
            seed: 7
        ),
        validation: ValidationPolicy(
            holdoutShare: 0.2,
            metrics: [.auc, .accuracy, .logLoss],
            primary: .auc,
            mustImproveBy: 0.005,
            maximumOverfitGap: 0.1
        ),
        environments: [EnvironmentPolicy(name: "production", approvals: 1)],
        monitoring: MonitorPolicy(
            retrain: RetrainPolicy(
                on: .any,
                cooldownSeconds: 7 * Timestamp.day,
                windowSeconds: 90 * Timestamp.day,
                approval: .required
            )
        )
    )

    static func report(_ number: Int) -> ValidationReport {
        let isFirst = number == 1
        let values: [(MetricName, Double, Double, Double, Double)] = [
            (.auc, 0.7012, 0.7424, 0.0190, 0.0634), (.accuracy, 0.6871, 0.7153, 0.0112, 0.0452),
            (.logLoss, 0.5841, 0.5533, -0.0402, -0.0214),
            (.recall, 0.6120, 0.6044, -0.0181, 0.0029),
        ]
        return ValidationReport(
            verdict: .better,
            reasons: isFirst
                ? ["The first model of its name: nothing to compare with."]
                : [
                    "auc improves by 0.0412, and the interval [+0.0190, +0.0634] lies above 0.005.",
                    "The over-fitting gap 0.0307 is below 0.1.",
                ],
            primary: .auc,
            championVersion: isFirst ? nil : number - 1,
            comparisons: values.map { metric, old, new, low, high in
                MetricComparison(
                    metric: metric,
                    candidate: isFirst ? old : new,
                    candidateInterval: Interval(low: new - 0.016, high: new + 0.015),
                    champion: isFirst ? nil : old,
                    difference: isFirst ? nil : new - old,
                    differenceInterval: isFirst ? nil : Interval(low: low, high: high)
                )
            },
            overfitGap: 0.0307,
            trainingValue: 0.7731,
            holdoutRows: 5_412,
            holdoutStart: stamp("2013-05-20"),
            holdoutEnd: stamp("2013-06-13"),
            bootstrapReplicates: 1_000,
            seed: 7,
            slices: [
                ("origin", "LGA", 1_812, 0.6810, 0.6620), ("carrier", "UA", 902, 0.7102, 0.7249),
            ]
            .map { column, value, rows, old, new in
                SliceComparison(
                    column: column,
                    value: value,
                    rows: rows,
                    candidate: new,
                    champion: isFirst ? nil : old
                )
            }
        )
    }

    static let features = [
        "departure_delay", "carrier", "distance", "wind_speed", "hour", "origin", "precipitation",
    ]

    static func version(_ number: Int) -> ModelVersion {
        ModelVersion(
            id: ID("\(model)/v\(number)"),
            model: model,
            number: number,
            run: ID("run-\(number * 4)"),
            artifacts: ["model": digest("model\(number)"), "report": digest("report\(number)")],
            bundleDigest: digest("bundle\(number)"),
            signature: Signature(
                task: .classification,
                features: features.map { Feature(name: $0, encoding: .number) },
                target: "late",
                time: "departure",
                id: "flight",
                cleaning: Cleaning(dropsDuplicates: true)
            ),
            report: report(number),
            createdAt: ago(18 * Timestamp.minute + Double(3 - number) * 11 * Timestamp.day),
            actor: number == 3 ? .engine : ana
        )
    }

    static func run(_ number: Int, _ status: RunStatus, _ trigger: Trigger, _ name: String) -> Run {
        var run = Run(
            id: ID("run-\(number)"),
            model: name,
            pipeline: pipeline,
            pipelineDigest: digest("pipeline"),
            project: "/srv/models/late-flights",
            code: CodeVersion(commit: "3f9a1c0de2b45f6789aa", dirtyDiff: nil),
            data: ID("flights-v3"),
            dataDigest: digest("flights3"),
            trigger: trigger,
            cause: trigger == .alert ? "alert-2: 43 % of features drifted" : "started by ana",
            job: ID("job-\(number)"),
            createdAt: ago([13: 70, 12: 1_440, 11: 93_600, 10: 180_000][number] ?? 951_000),
            actor: trigger == .manual ? ana : .engine
        )
        run.status = status
        if !status.isOpen {
            run.record = TrainingRecord(
                trainerVersion: "xgboost 1.7.4",
                host: "ml-box",
                rowsRead: 98_730,
                trainingRows: 76_118,
                holdoutRows: 5_412,
                rounds: 143,
                bestRound: 123,
                cleaning: [CleaningCount(step: "duplicates dropped", rows: 212)],
                prepareSeconds: 2.4,
                trainSeconds: 41.7,
                peakMemoryBytes: 218_000_000
            )
            run.report = name == model ? report(number / 4) : nil
            run.artifacts = [
                "model": digest("model\(number)"), "report": digest("report\(number)"),
            ]
        }
        return run
    }

    static let runs: [Run] = [
        run(13, .running(since: ago(64)), .alert, model),
        run(
            12,
            .registered(at: ago(18 * Timestamp.minute), version: 3),
            .alert,
            model
        ),
        run(
            11,
            .refused(
                at: ago(Timestamp.day),
                reasons: ["rmse improves by 0.4, but the interval [-0.3, +1.1] holds 0."]
            ),
            .schedule,
            "energy-demand"
        ),
        run(
            10,
            .failed(at: ago(2 * Timestamp.day), reason: "The trainer ended with code 137."),
            .manual,
            "顧客離反-予測"
        ),
        run(8, .registered(at: ago(11 * Timestamp.day), version: 2), .manual, model),
    ]

    // MARK: - Release

    static let evidence: [EvidenceItem] = [
        EvidenceItem(
            title: "metrics",
            lines: [
                "auc 0.7012 → 0.7424  +0.0412 [+0.0190, +0.0634]",
                "log_loss 0.5841 → 0.5533  -0.0308 [-0.0402, -0.0214]",
                "5412 holdout rows, 2013-05-20 to 2013-06-13, against v2 on the same rows",
            ],
            state: .fine
        ),
        EvidenceItem(
            title: "gate",
            lines: [
                "verdict: better", "auc improves by 0.0412.", "over-fitting gap +0.0307 on auc",
            ],
            state: .fine
        ),
        EvidenceItem(
            title: "digests",
            lines: [
                "bundle \(digest("bundle3").text)", "model \(digest("model3").short)",
                "all bytes read back and verified",
            ],
            state: .fine
        ),
        EvidenceItem(
            title: "data",
            lines: ["flights-v3: flights v3, 98730 rows", "duplicates dropped: 212 rows"],
            state: .fine
        ),
        EvidenceItem(
            title: "monitoring",
            lines: [
                "43 % of features drifted at 2013-06-14", "departure_delay: PSI 0.41",
                "auc in production 0.6210, at validation 0.7012",
            ],
            state: .warning
        ),
        EvidenceItem(
            title: "rollback",
            lines: ["replaces v2, which stays ready for a rollback"],
            state: .fine
        ),
    ]

    /// One approval, and a glass that its owner may break.
    static var policy: EnvironmentPolicy {
        var policy = EnvironmentPolicy(name: "production", approvals: 1)
        policy.breakGlass = BreakGlassPolicy(roles: [.owner], seconds: 4 * Timestamp.hour)
        return policy
    }

    static func approval(
        _ number: Int,
        environment: String = "production",
        policy: EnvironmentPolicy = policy
    ) -> Approval {
        Approval(
            id: ID("approval-\(number)"),
            model: model,
            version: number,
            environment: environment,
            bundleDigest: digest("bundle\(number)"),
            evidence: evidence,
            evidenceDigest: digest("evidence\(number)"),
            policy: policy,
            requester: .engine,
            createdAt: ago(18 * Timestamp.minute + Double(max(0, 3 - number)) * 11 * Timestamp.day),
            expiresAt: now.adding(seconds: 6 * Timestamp.day)
        )
    }

    static func decided(
        _ approval: Approval,
        _ answer: Decision.Answer,
        by actor: Actor,
        at date: Timestamp,
        reason: String = ""
    ) -> Approval {
        var approval = approval
        try? approval.decide(
            Decision(
                answer: answer,
                reason: reason,
                actor: actor,
                bundleDigest: approval.bundleDigest,
                evidenceDigest: approval.evidenceDigest,
                decidedAt: date,
                isSelfApproval: false,
                client: "control room"
            )
        )
        return approval
    }

    static let approvals: [Approval] = [
        approval(3),
        approval(4, environment: "staging"),
        decided(approval(2), .approve, by: ana, at: ago(10.9 * Timestamp.day)),
        decided(
            approval(1),
            .reject,
            by: ben,
            at: ago(20 * Timestamp.day),
            reason: "the holdout is too short"
        ),
    ]

    static let health: DeploymentHealth = {
        var health = DeploymentHealth(state: .ready, port: 41_873)
        health.servingVersion = 2
        health.servingDigest = digest("bundle2")
        health.startedAt = ago(10.8 * Timestamp.day)
        health.lastSeen = ago(2)
        health.requests = 128_412
        health.rows = 411_906
        health.errors = 26
        health.latencyMedianMilliseconds = 0.42
        health.latency95Milliseconds = 1.31
        health.latency99Milliseconds = 2.9
        health.residentBytes = 61_000_000
        return health
    }()

    static let deployments: [DeploymentRow] = {
        func revision(_ number: Int, _ note: String) -> DeploymentRevision {
            DeploymentRevision(
                number: number,
                version: number,
                bundleDigest: digest("bundle\(number)"),
                approval: ID("approval-\(number)"),
                reason: .deploy,
                note: note,
                actor: ana,
                at: ago(Double(3 - number) * 10.8 * Timestamp.day)
            )
        }
        var first = Deployment(
            id: ID("late-flights-production"),
            model: model,
            environment: "production",
            port: 41_873,
            first: revision(1, "the first one")
        )
        try? first.add(revision(2, ""))
        let second = Deployment(
            id: ID("energy-demand-staging"),
            model: "energy-demand",
            environment: "staging",
            port: 41_874,
            first: revision(1, "")
        )
        var failed = DeploymentHealth(state: .failed, port: 41_874)
        failed.problem = "The process ended twice within a minute; its log says \"out of memory\"."
        return [
            DeploymentRow(deployment: first, health: health, owner: "ana", waiting: 3),
            DeploymentRow(deployment: second, health: failed, owner: "ben", waiting: nil),
        ]
    }()
}
