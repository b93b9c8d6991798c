import Domain
import EngineAPI

/// The same world in production: drift, alerts, jobs, lineage, audit, data.
extension FixtureWorld {
    static let modelRows: [ModelRow] = {
        var late = ModelRow(name: model, owner: "ana", versions: 3)
        late.latest = 3
        late.champion = 2
        late.environment = "production"
        late.metric = .auc
        late.validationValue = 0.7012
        late.currentValue = 0.621
        late.history = (0..<30).map { 0.702 - Double($0 * $0) * 0.00009 }
        late.drift = .drift
        late.driftedShare = 0.43
        late.worstPSI = 0.41
        late.worstFeature = "departure_delay"
        late.health = health
        late.waiting = 3
        var energy = ModelRow(name: "energy-demand", owner: "ben", versions: 1)
        energy.latest = 1
        energy.champion = 1
        energy.environment = "staging"
        energy.metric = .rootMeanSquaredError
        energy.validationValue = 412.7
        energy.drift = .stable
        energy.driftedShare = 0
        energy.worstPSI = 0.06
        energy.worstFeature = "temperature"
        energy.health = deployments[1].health
        var churn = ModelRow(name: "顧客離反-予測", owner: "mei", versions: 0)
        churn.metric = .accuracy
        return [late, energy, churn]
    }()

    static let page = ModelPage(
        row: modelRows[0],
        versions: [version(3), version(2), version(1)],
        aliases: [
            Alias(
                model: model,
                name: Alias.champion,
                version: 1,
                movedAt: ago(21 * Timestamp.day),
                actor: ana
            ),
            Alias(
                model: model,
                name: Alias.champion,
                version: 2,
                movedAt: ago(10.8 * Timestamp.day),
                actor: ana
            ),
        ]
    )

    static let comparison = VersionComparison(
        model: model,
        base: 2,
        candidate: 3,
        metrics: report(3).comparisons,
        isPaired: true,
        report: report(3),
        parameters: [
            Difference(name: "eta", base: "0.3", candidate: "0.1"),
            Difference(name: "max_depth", base: "6", candidate: "6"),
            Difference(name: "early_stopping_rounds", base: nil, candidate: "20"),
        ],
        data: [
            Difference(name: "rows", base: "81,204", candidate: "98,730"),
            Difference(name: "snapshot", base: "flights-v2", candidate: "flights-v3"),
        ]
    )

    // MARK: - Drift

    static func feature(_ name: String, psi: Double, isCategorical: Bool = false) -> FeatureDrift {
        FeatureDrift(
            feature: name,
            isCategorical: isCategorical,
            rows: 5_904,
            psi: psi,
            jensenShannon: psi * 0.4,
            wasserstein: isCategorical ? nil : psi * 1.7,
            kolmogorovSmirnov: isCategorical ? nil : psi * 0.6,
            missingShare: name == "wind_speed" ? 0.062 : 0.002,
            baselineMissingShare: 0.002,
            unseenShare: 0,
            psiFloor: 0.004,
            verdict: psi > 0.25 ? .drift : psi > 0.1 ? .warning : .stable,
            reason: "PSI \(psi) against the limit 0.25.",
            quality: ColumnQuality(
                missing: 12,
                notANumber: 2,
                unreadable: 3,
                aboveRange: 41,
                longestRun: ColumnQuality.Run(value: 12.5, length: 9)
            )
        )
    }

    static let latest = report([
        feature("departure_delay", psi: 0.41), feature("wind_speed", psi: 0.33),
        feature("precipitation", psi: 0.27), feature("carrier", psi: 0.14, isCategorical: true),
        feature("hour", psi: 0.04), feature("distance", psi: 0.02),
        feature("origin", psi: 0.01, isCategorical: true),
    ])

    private static func report(_ features: [FeatureDrift]) -> DriftReport {
        DriftReport(
            model: model,
            version: 2,
            deployment: ID("late-flights-production"),
            windowStart: stamp("2013-06-14"),
            windowEnd: stamp("2013-06-15"),
            rollingStart: stamp("2013-06-08"),
            rows: 5_904,
            features: features,
            prediction: feature("prediction", psi: 0.19),
            driftedShare: 0.43,
            verdict: .drift,
            performance: nil
        )
    }

    static let series: DriftSeries = {
        let start = stamp("2013-04-01")
        let points = (0..<75).map { day in
            let wave = Double((day * 37) % 11) * 0.004
            let value = day < 45 ? 0.04 + wave : 0.05 + Double(day - 44) * 0.012 + wave
            let auc = day < 45 ? 0.702 - wave * 0.4 : 0.702 - Double(day - 44) * 0.0028 - wave * 0.3
            let isDrift = value > 0.25
            return DriftPoint(
                time: start.adding(seconds: Double(day) * Timestamp.day),
                version: day < 64 ? 1 : 2,
                value: day == 20 ? nil : value,
                verdict: day == 20
                    ? .tooFewRows : isDrift ? .drift : value > 0.15 ? .warning : .stable,
                rows: day == 20 ? 61 : 5_400 + (day * 131) % 900,
                driftedShare: isDrift ? 0.43 : 0.14,
                performance: day > 70
                    ? nil
                    : WindowPerformance(
                        metric: .auc,
                        value: auc,
                        labelledRows: 5_100,
                        coverage: 0.94,
                        expected: 0.7012,
                        limit: 0.6712
                    )
            )
        }
        return DriftSeries(
            model: model,
            feature: "departure_delay",
            metric: .psi,
            windowSeconds: Timestamp.day,
            rollingSeconds: 7 * Timestamp.day,
            threshold: 0.25,
            points: points,
            markers: [DriftMarker(time: stamp("2013-06-04"), label: "v2 deployed")],
            latest: latest
        )
    }()

    static let histogram = FeatureHistogram(
        model: model,
        version: 2,
        feature: "departure_delay",
        from: stamp("2013-06-08"),
        to: stamp("2013-06-15"),
        baselineRows: 76_118,
        windowRows: 41_204,
        bins: [
            ("< -5", 0.24, 0.11), ("-5 to 0", 0.31, 0.18), ("0 to 5", 0.14, 0.13),
            ("5 to 15", 0.12, 0.17), ("15 to 45", 0.11, 0.21), ("45 to 120", 0.06, 0.14),
            ("> 120", 0.02, 0.06),
        ].map { HistogramBin(label: $0.0, baselineShare: $0.1, windowShare: $0.2) },
        drift: feature("departure_delay", psi: 0.41)
    )

    /// The newest verdict's rows as they differ from a reference: less than from the training rows.
    static func comparison(
        with reference: DriftReference,
        _ name: String?
    ) -> DriftComparison {
        DriftComparison(
            report: report([
                feature("wind_speed", psi: 0.19), feature("departure_delay", psi: 0.02),
            ]),
            reference: reference,
            title: "\(reference)",
            referenceRows: 39_870,
            histogram: name.map { _ in histogram }
        )
    }

    // MARK: - Alerts and jobs

    private static func alert(
        _ number: Int,
        _ rule: AlertRule,
        _ severity: AlertSeverity,
        _ name: String,
        _ subject: String,
        _ hours: Double,
        _ message: String,
        _ status: AlertStatus
    ) -> Alert {
        Alert(
            id: ID("alert-\(number)"),
            rule: rule,
            severity: severity,
            model: name,
            subject: subject,
            owner: name == model ? "ana" : "ben",
            startedAt: ago(hours * Timestamp.hour),
            dataTime: stamp("2013-06-07"),
            message: message,
            status: status
        )
    }

    static let alerts: [Alert] = {
        var loss = alert(
            3,
            .performance,
            .critical,
            model,
            "late-flights-production",
            5,
            "auc 0.6210 is below 0.6712 for 3 windows.",
            .firing
        )
        let drift = alert(
            2,
            .drift,
            .critical,
            model,
            "late-flights-production",
            29,
            "43 % of features drifted for 3 windows, most of all departure_delay (PSI 0.41).",
            .firing
        )
        var old = alert(
            1,
            .refusedCandidate,
            .warning,
            "energy-demand",
            "run-11",
            26,
            "The candidate of run-11 was refused: the interval of rmse holds 0.",
            .resolved
        )
        loss.status = .firing
        try? loss.acknowledge(by: ben, at: ago(3 * Timestamp.hour))
        old.resolvedAt = ago(20 * Timestamp.hour)
        return [loss, drift, old]
    }()

    static let jobs: [Job] = {
        func job(_ number: Int, _ kind: JobKind, _ title: String, _ hours: Double) -> Job {
            Job(
                id: ID("job-\(number)"),
                kind: kind,
                title: title,
                model: title.split(separator: " ").last.map(String.init) ?? model,
                createdAt: ago(hours * Timestamp.hour),
                actor: number == 13 ? .engine : ana
            )
        }
        var running = job(13, .train, "train late-flights", 0.02)
        running.status = .running(since: ago(64))
        running.progress = JobProgress(
            fraction: 0.47,
            step: "round 94 of 200",
            metric: "auc 0.7391",
            secondsLeft: 72
        )
        let queued = job(14, .train, "train energy-demand", 0.01)
        var done = job(12, .train, "train late-flights", 0.4)
        done.status = .succeeded(at: ago(18 * Timestamp.minute))
        var failed = job(10, .train, "train 顧客離反-予測", 50)
        failed.status = .failed(
            at: ago(2 * Timestamp.day),
            reason: "The trainer ended with code 137: it was killed, most likely for its memory."
        )
        var deployed = job(9, .deploy, "deploy late-flights", 259)
        deployed.status = .succeeded(at: ago(10.8 * Timestamp.day))
        return [queued, running, done, failed, deployed]
    }()

    static let log: JobLog = {
        var lines = ["12:03:27 reading flights v3: 98730 rows, 12 columns"]
        lines.append("12:03:29 duplicates dropped: 212 rows")
        lines.append("12:03:29 WARN column wind_speed: 6.2 % missing in the newest month")
        for round in 1...94 where round % 3 == 1 {
            let seconds = 30 + round / 3
            lines.append(
                "12:03:\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) round \(round) auc 0.7\(100 + round * 3)"
            )
        }
        lines.append(
            "12:04:30 路線 NRT→KIX: ERROR \u{1B}[31mno weather\u{1B}[0m, rows kept as missing"
        )
        return JobLog(firstLine: 0, lines: lines, totalLines: lines.count)
    }()

    // MARK: - Lineage, audit, data

    static let lineage: Lineage = {
        func node(_ kind: SubjectKind, _ id: String, _ title: String, _ details: [String])
            -> LineageNode
        {
            LineageNode(subject: Subject(kind, id), title: title, details: details)
        }
        let nodes = [
            node(.file, "/srv/data/flights.csv.gz", "flights.csv.gz", ["/srv/data/flights.csv.gz"]),
            node(
                .datasetVersion,
                "flights-v3",
                "flights v3",
                ["98730 rows", "digest 91c2d0…e07a"]
            ),
            node(.alert, "alert-2", "alert-2", ["43 % of features drifted"]),
            node(.run, "run-12", "run-12", ["registered", "alert: 43 % of features drifted"]),
            node(.modelVersion, "late-flights/v3", "late-flights v3", ["auc 0.7424 (+0.0412)"]),
            node(.approval, "approval-3", "late-flights v3 → production", ["pending"]),
            node(
                .deployment,
                "late-flights-production",
                "late-flights in production",
                ["serves v2"]
            ),
        ]
        func edge(_ from: Int, _ to: Int, _ relation: String) -> LineageEdge {
            LineageEdge(input: nodes[from].subject, output: nodes[to].subject, relation: relation)
        }
        return Lineage(
            root: nodes[4].subject,
            nodes: nodes,
            edges: [
                edge(0, 1, "read"), edge(1, 3, "trained on"), edge(2, 3, "set off"),
                edge(3, 4, "registered"), edge(4, 5, "asked for"), edge(5, 6, "approved"),
            ],
            isTruncated: false
        )
    }()

    static let audit: [AuditEvent] = {
        let contents: [(Double, Actor, String, Subject, String)] = [
            (
                64, .engine, "run.started", Subject(.run, "run-13"),
                "run-13 of late-flights started."
            ),
            (
                1_080, .engine, "version.registered", Subject(.modelVersion, "late-flights/v3"),
                "late-flights v3 was registered from run-12."
            ),
            (
                18_000, ben, "alert.acknowledged", Subject(.alert, "alert-3"),
                "ben acknowledged alert-3."
            ),
            (
                933_120, ana, "deployment.changed", Subject(.deployment, "late-flights-production"),
                "late-flights-production serves v2."
            ),
        ]
        return contents.enumerated().map { index, content in
            AuditEvent(
                sequence: Int64(147 - index),
                content: AuditDraft(
                    at: ago(content.0),
                    actor: content.1,
                    action: content.2,
                    subject: content.3,
                    summary: content.4,
                    digests: index == 1 ? ["bundle": digest("bundle3")] : [:]
                ),
                previousHash: digest("audit\(146 - index)"),
                hash: digest("audit\(147 - index)")
            )
        }
    }()

    static let datasets: [DatasetVersion] = {
        func column(
            _ name: String,
            _ type: ColumnType,
            missing: Int = 0,
            distinct: Int,
            range: (Double, Double)? = nil,
            top: [(String, Int)] = []
        ) -> ColumnProfile {
            ColumnProfile(
                name: name,
                type: type,
                rows: 98_730,
                missing: missing,
                distinct: distinct,
                isDistinctEstimated: distinct > 10_000,
                minimum: range?.0,
                maximum: range?.1,
                mean: range.map { ($0.0 + $0.1) / 2 },
                quantiles: range.map { low, high in
                    (0..<7).map { low + (high - low) * Double($0) / 6 }
                } ?? [],
                top: top.map { ValueCount(value: $0.0, count: $0.1) }
            )
        }
        func snapshot(_ number: Int, rows: Int) -> DatasetVersion {
            DatasetVersion(
                id: ID("flights-v\(number)"),
                dataset: "flights",
                number: number,
                digest: digest("flights\(number)"),
                format: .csvGzip,
                bytes: 2_400_000 * number,
                rows: rows,
                badRows: number == 3 ? 4 : 0,
                columns: [
                    column("flight", .text, distinct: 98_518, top: [("UA1545-0101", 2)]),
                    column(
                        "departure",
                        .timestamp,
                        distinct: 61_204,
                        range: (stamp("2013-01-01").seconds, stamp("2013-06-13").seconds)
                    ),
                    column(
                        "carrier",
                        .text,
                        distinct: 16,
                        top: [("UA", 17_400), ("B6", 16_100), ("EV", 15_900)]
                    ),
                    column(
                        "departure_delay",
                        .decimal,
                        missing: 1_204,
                        distinct: 527,
                        range: (-43, 1_301)
                    ),
                    column("wind_speed", .decimal, missing: 6_121, distinct: 36, range: (0, 42.6)),
                    column("late", .boolean, distinct: 2, range: (0, 1)),
                ],
                source: "/srv/data/incoming/2013/flights-through-june-with-weather.csv.gz",
                createdAt: ago(Double(4 - number) * 9 * Timestamp.day),
                actor: ana
            )
        }
        return [snapshot(3, rows: 98_730), snapshot(2, rows: 81_204)]
    }()

    static let overview = Overview(
        engine: EngineStatus(
            version: "0.1.0",
            home: "/home/ana/.local/share/binnacle",
            host: "ml-box",
            user: "ana",
            processID: 4_711,
            startedAt: ago(12 * Timestamp.day),
            residentBytes: 40_000_000,
            auditEvents: 147,
            auditHead: digest("audit147"),
            dropped: [:]
        ),
        needs: [
            Need(
                kind: .approval,
                id: "approval-3",
                title: "late-flights v3 → production",
                detail: "auc +0.0412 [+0.0190, +0.0634]",
                since: ago(18 * Timestamp.minute)
            ),
            Need(
                kind: .alert,
                id: "alert-2",
                title: "late-flights: drift",
                detail: "43 % of features drifted for 3 windows",
                since: ago(29 * Timestamp.hour)
            ),
        ],
        models: modelRows,
        jobs: jobs,
        alerts: alerts.filter(\.isOpen),
        recent: audit,
        counters: Counters(
            inbox: 2,
            criticalAlerts: 2,
            warningAlerts: 0,
            runningJobs: 1,
            drifting: 1
        )
    )
}
