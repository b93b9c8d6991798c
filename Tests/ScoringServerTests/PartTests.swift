import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import ScoringServer

@Suite struct CollectorTests {
    private static func request(_ id: String, rows: Int) -> ScoredRequest {
        ScoredRequest(
            requestID: id,
            version: 1,
            arrival: Timestamp(microseconds: 7),
            width: 1,
            scores: [Float](repeating: 0.5, count: rows),
            texts: (0..<rows).map { "\($0)" },
            ids: [],
            times: [],
            bytes: 10
        )
    }

    private static func policy(rows: Int, batch: Int) -> Collector.Policy {
        var policy = Collector.Policy()
        policy.rowsMaximum = rows
        policy.batchRows = batch
        return policy
    }

    @Test func `batches keep the order, the size and a number each`() throws {
        let urgencies = Mutex<[Collector.Urgency]>([])
        let collector = Collector(policy: Self.policy(rows: 100, batch: 4), batchPrefix: "b") {
            urgency in urgencies.withLock { $0.append(urgency) }
        }
        #expect(collector.takeBatch() == nil)
        collector.offer(Self.request("a", rows: 3))
        collector.offer(Self.request("b", rows: 6))
        #expect(urgencies.withLock { $0 } == [.later, .now])
        let batches = (0..<3).compactMap { _ in collector.takeBatch() }
        #expect(batches.map(\.id) == ["b-0", "b-1", "b-2"])
        #expect(batches.map(\.rowCount) == [4, 4, 1])
        let ids = try batches.flatMap { try CollectedRows($0.rows).all }.map(\.id)
        #expect(ids == (0..<3).map { "a/\($0)" } + (0..<6).map { "b/\($0)" })
        #expect(collector.takeBatch() == nil)
        #expect(collector.waitingRows == 0)
    }

    @Test func `what does not fit is dropped and told once`() {
        let collector = Collector(policy: Self.policy(rows: 5, batch: 10), batchPrefix: "b") { _ in
        }
        collector.offer(Self.request("a", rows: 4))
        collector.offer(Self.request("b", rows: 2))
        collector.offer(Self.request("c", rows: 1))
        collector.offer(Self.request("d", rows: 1))
        #expect(collector.dropped == 3)
        #expect(collector.takeBatch()?.dropped == 3)
        collector.noteDelivered()
        collector.offer(Self.request("e", rows: 1))
        #expect(collector.takeBatch()?.dropped == 0)
    }

    @Test func `long bodies fill the queue before many rows do`() {
        var policy = Self.policy(rows: 100, batch: 10)
        policy.bytesMaximum = 25
        let collector = Collector(policy: policy, batchPrefix: "b") { _ in }
        for id in ["a", "b", "c"] { collector.offer(Self.request(id, rows: 1)) }
        #expect(collector.waitingRows == 2)
        #expect(collector.dropped == 1)
        _ = collector.takeBatch()
        collector.noteDelivered()
        collector.offer(Self.request("d", rows: 1))
        #expect(collector.waitingRows == 1)
    }

    @Test func `a batch put back comes first and unchanged`() {
        let collector = Collector(policy: Self.policy(rows: 9, batch: 2), batchPrefix: "b") { _ in }
        collector.offer(Self.request("a", rows: 3))
        let first = collector.takeBatch()
        if let first { collector.putBack(first) }
        #expect(collector.hasUnsent)
        // It still takes its place among what may wait.
        collector.offer(Self.request("b", rows: 7))
        #expect(collector.dropped == 7)
        #expect(collector.takeBatch() == first)
        #expect(collector.takeBatch()?.id == "b-1")
    }
}

@Suite struct HealthReportingTests {
    private static func health(
        _ state: DeploymentHealth.State = .ready,
        version: Int? = 1,
        requests: Int = 0
    ) -> DeploymentHealth {
        var health = DeploymentHealth(state: state, port: 8_000)
        health.servingVersion = version
        health.requests = requests
        return health
    }

    @Test(arguments: [
        (health(), 0.5, false), (health(), 9.9, false), (health(), 10, true),
        (health(requests: 1), 0.9, false), (health(requests: 1), 1, true),
        (health(version: 2), 0, true), (health(.failed), 0, true),
    ])
    func `a change is told at once, numbers now and then, silence never long`(
        health: DeploymentHealth,
        seconds: Double,
        isTold: Bool
    ) {
        var reporting = HealthReporting(intervalSeconds: 1, heartbeatSeconds: 10)
        #expect(reporting.shouldTell(health, atSeconds: 100))
        reporting.told(Self.health(), atSeconds: 100)
        #expect(reporting.shouldTell(health, atSeconds: 100 + seconds) == isTold)
        reporting.forget()
        #expect(reporting.shouldTell(health, atSeconds: 100 + seconds))
    }
}

@Suite struct LatencyWindowTests {
    @Test func `quantiles are those of the last minute within six percent`() throws {
        var window = LatencyWindow()
        for time in 1...1_000 { window.add(microseconds: 900_000 + time, atSeconds: 5) }
        for time in 1...1_000 { window.add(microseconds: time * 10, atSeconds: 100) }
        let found = window.quantilesMilliseconds([0.5, 0.95, 0.99], atSeconds: 119)
        for (value, expected) in zip(found, [5.0, 9.5, 9.9]) {
            #expect(abs(try #require(value) / expected - 1) < 0.06)
        }
        #expect(window.quantilesMilliseconds([0.5], atSeconds: 170) == [nil])
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100, 999, 65_535, 1 << 20, 1 << 26])
    func `a bucket holds the times it says`(microseconds: Int) {
        let bucket = LatencyWindow.bucket(of: microseconds)
        #expect(LatencyWindow.lowerEdge(of: bucket) <= microseconds)
        #expect(LatencyWindow.lowerEdge(of: bucket + 1) > microseconds)
    }
}

@Suite struct ModelLoaderTests {
    let folder: ReleaseFolder
    let loader = ModelLoader(lanes: 2)

    init() throws {
        folder = try ReleaseFolder()
    }

    private func message(of plan: DeploymentPlan) -> String {
        do {
            _ = try loader.load(plan)
            return "served"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a plan whose bytes and scores are as recorded is served`() throws {
        let plan = try folder.plan(version: 4)
        #expect(message(of: plan) == "served")
    }

    @Test func `changed bytes are refused before they are read as a model`() throws {
        let plan = try folder.plan(version: 4)
        let path = try #require(plan.artifacts[ArtifactName.model]).path
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: path))
        let found = sha256(Array(bytes))
        let recorded = try #require(plan.artifacts[ArtifactName.model]).digest
        #expect(
            message(of: plan) == """
                The artifact "model" of "late-flights v4" has the digest \(found.short), but \
                \(recorded.short) was recorded. It is not served; restore "\(path)".
                """
        )
    }

    @Test func `a plan that is not the approved bundle is refused`() throws {
        var plan = try folder.plan(version: 4)
        let other = try folder.plan(version: 5, isReversed: true)
        plan.artifacts[ArtifactName.model] = other.artifacts[ArtifactName.model]
        #expect(message(of: plan).contains("are not those of the approved bundle"))
    }

    @Test func `a missing file, a missing artifact and unusable bytes are told apart`() throws {
        var plan = try folder.plan(version: 4)
        let path = try #require(plan.artifacts[ArtifactName.golden]).path
        try FileManager.default.removeItem(atPath: path)
        #expect(message(of: plan).contains("cannot be read from \"\(path)\": No such file"))
        for (name, expected) in [
            (ArtifactName.model, "The model file of \"late-flights v4\" cannot be used."),
            (ArtifactName.signature, "The artifact \"signature\" of \"late-flights v4\" is not"),
        ] {
            plan = try folder.plan(version: 4)
            let file = "\(folder.path)/nonsense"
            try Data("nonsense".utf8).write(to: URL(filePath: file))
            plan.artifacts[name] = .init(path: file, digest: sha256(Array("nonsense".utf8)))
            plan.bundleDigest = sha256(
                Array(ModelVersion.bundleText(of: plan.artifacts.mapValues(\.digest)).utf8)
            )
            #expect(message(of: plan).hasPrefix(expected))
        }
        plan.artifacts[ArtifactName.golden] = nil
        plan.bundleDigest = sha256(
            Array(ModelVersion.bundleText(of: plan.artifacts.mapValues(\.digest)).utf8)
        )
        #expect(!message(of: plan).contains("served"))
    }

    @Test func `a score that differs from the one at training is refused with the difference`()
        throws
    {
        let refusal = message(of: try folder.plan(version: 4, goldenError: 0.25))
        #expect(
            refusal.hasPrefix("\"late-flights v4\" does not score row 0 kept at training"),
            "\(refusal)"
        )
        #expect(message(of: try folder.plan(version: 4, goldenError: 0.000_001)) == "served")
    }
}

@Suite struct StopSignalTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `the first signal asks, the second one kills`(number: CInt) async throws {
        await #expect(processExitsWith: .signal(number)) { [number] in
            let folder = try ReleaseFolder()
            let engine = FakeEngine(try folder.plan(version: 1))
            var options = ScoringOptions()
            options.log = { _ in }
            let serving = Task { [options] in
                try await serveDeployment(
                    ID("dep-1"),
                    connection: { engine },
                    lockFolder: folder.path,
                    options: options
                )
            }
            await engine.wait { $0.reports.last?.state == .ready }
            kill(getpid(), number)
            // Another ending would be another exit than the signal that is expected.
            guard try await serving.value == .stopped, engine.reports.last?.state == .stopped else {
                exit(1)
            }
            kill(getpid(), number)
        }
    }
}
