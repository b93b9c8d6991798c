import Domain
import EngineAPI
import FoundationEssentials
import Synchronization
import Testing

@testable import ScoringServer

let flight = #"{"dataframe_records":[{"distance":700,"carrier":"UA"}]}"#

/// Serves the plan in this process, runs the body once the engine has heard how it is, and stops.
///
/// - Returns: How the serving ended.
@discardableResult
func withServer(
    _ engine: FakeEngine,
    _ folder: ReleaseFolder,
    adjust: (inout ScoringOptions) -> Void = { _ in },
    _ body: (Int, Task<ServingEnd, any Error>) async throws -> Void
) async throws -> ServingEnd {
    var options = ScoringOptions()
    options.stopsOnSignals = false
    options.reportIntervalSeconds = 0.02
    options.reconnectSeconds = 0.005...0.02
    options.collectorDelayMilliseconds = 5
    options.log = { _ in }
    adjust(&options)
    let serving = Task { [options] in
        try await serveDeployment(
            ID("dep-1"),
            connection: { try engine.connect() },
            lockFolder: folder.path,
            options: options
        )
    }
    await engine.wait { $0.reports.contains { $0.state == .ready || $0.state == .failed } }
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(try await body(engine.reports.last?.port ?? 0, serving))
    } catch {
        outcome = .failure(error)
    }
    serving.cancel()
    let end = try await serving.value
    try outcome.get()
    return end
}

@Suite(.timeLimit(.minutes(5))) struct ServingTests {
    let folder: ReleaseFolder

    init() throws {
        folder = try ReleaseFolder()
    }

    @Test func `rows are scored and the answer names the version`() async throws {
        let plan = try folder.plan(version: 3)
        let engine = FakeEngine(plan)
        let end = try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            let reply = try await client.post(flight, headers: "X-Request-Id: my-id_7\r\n")
            #expect(reply.status == 200)
            #expect(reply.headers["x-model-name"] == "late-flights")
            #expect(reply.headers["x-model-version"] == "3")
            #expect(reply.headers["x-request-id"] == "my-id_7")
            #expect(reply.headers["content-type"] == "application/json")
            let expected = try TinyModel.goldenScores(of: try TinyModel.bytes())[1]
            #expect(reply.body == "{\"predictions\":[\(expected)]}\n")
            let csv = try await client.post(
                "x,carrier,distance\n1,UA,700\n2,UA,700\n",
                type: "text/csv; charset=utf-8"
            )
            #expect(csv.body == "{\"predictions\":[\(expected),\(expected)]}\n")
            #expect(csv.headers["x-ignored-columns"] == "1")
            #expect(csv.headers["x-request-id"] != nil)
            await engine.wait { $0.reports.last?.rows == 3 }
        }
        #expect(end == .stopped)
        let health = try #require(engine.reports.last)
        #expect(health.state == .stopped)
        #expect(health.requests == 2)
        #expect(health.servingDigest == plan.bundleDigest)
        #expect(engine.reports.contains { $0.state == .ready && $0.servingVersion == 3 })
        #expect((health.latency99Milliseconds ?? 0) > 0)
    }

    @Test func `scored rows reach the engine with their cells, ids and times`() async throws {
        let engine = FakeEngine(try folder.plan(version: 3))
        let before = currentTime()
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            let body = """
                {"inputs":{"flight":["F1",null],"departed":["2013-01-02T03:04:05Z",null],
                "distance":[7e2,null],"carrier":["UA","a\\tb"]}}
                """
            _ = try await client.post(body, headers: "X-Request-Id: a/b c\r\n")
            try await engine.wait { try $0.rows().count == 2 }
        }
        let rows = try engine.rows()
        #expect(rows.map(\.id) == ["a_b_c/0", "a_b_c/1"])
        #expect(rows.map(\.row) == ["F1", nil])
        #expect(rows.map(\.version) == [3, 3])
        #expect(rows[0].time.description == "2013-01-02T03:04:05Z")
        #expect(rows[1].time >= before)
        #expect(rows.map(\.cells) == [["7e2", "UA"], [nil, "a\tb"]])
        #expect(engine.batches.allSatisfy { $0.deployment == ID("dep-1") && $0.dropped == 0 })
    }

    @Test func `the small pages say what is served`() async throws {
        let plan = try folder.plan(version: 3)
        let engine = FakeEngine(plan)
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            for path in ["/ping", "/health", "/ping?x=1"] {
                let reply = try await client.get(path)
                #expect(reply.status == 200)
                #expect(reply.body == "\n")
            }
            let version = try await client.get("/version")
            let modelDigest = try #require(plan.artifacts[ArtifactName.model]).digest
            #expect(
                version.body == """
                    {"model":"late-flights","version":3,"digest":"\(plan.bundleDigest)",\
                    "model_digest":"\(modelDigest)"}

                    """
            )
            let text = try await client.get("/version", headers: "Accept: text/plain\r\n")
            #expect(text.body == "late-flights v3 \(plan.bundleDigest)\n")
            _ = try await client.post(#"{"inputs":[[700,"UA"],[null,"ZZ"]]}"#)
            _ = try await client.post("{")
            let metrics = try await client.get("/metrics").body
            let labels = "model=\"late-flights\",version=\"3\""
            for line in [
                "binnacle_requests_total{code=\"200\"} 1", "binnacle_inflight 1",
                "binnacle_requests_total{code=\"400\"} 1", "binnacle_rows_total{\(labels)} 2",
                "binnacle_request_duration_seconds_bucket{le=\"+Inf\"} 2",
                "binnacle_prediction_count{\(labels)} 2",
                "binnacle_feature_missing_total{\(labels),feature=\"distance\"} 1",
                "binnacle_feature_unseen_total{\(labels),feature=\"carrier\"} 1",
                "binnacle_collector_dropped_total 0",
                "binnacle_model_info{\(labels),digest=\"\(plan.bundleDigest)\"} 1",
            ] {
                #expect(metrics.split(separator: "\n").contains(Substring(line)), "\(line)")
            }
        }
    }

    @Test func `a caller's error is none of the service`() async throws {
        let engine = FakeEngine(try folder.plan(version: 3))
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            for body in ["{", "{\"instances\": [{}]}", "[]"] {
                let reply = try await client.post(body)
                #expect((400..<500).contains(reply.status), "\(reply.status)")
            }
            #expect(try await client.post(flight).status == 200)
            await engine.wait { $0.reports.last?.requests == 4 }
        }
        let health = try #require(engine.reports.last)
        #expect(health.requests == 4)
        #expect(health.errors == 0)
        #expect(health.refused == 3)
    }

    @Test func `what is not known is refused in a sentence`() async throws {
        let engine = FakeEngine(try folder.plan(version: 3))
        try await withServer(engine, folder, adjust: { $0.bodyBytesMaximum = 1_024 }) { port, _ in
            let client = try HTTPClient(port: port)
            let id = "X-Request-Id: r\r\n"
            func error(_ reply: HTTPReply) -> String {
                "\(reply.status) \(reply.body.prefix { $0 != "," })"
            }
            #expect(
                error(try await client.get("/nothing", headers: id))
                    == "404 {\"error_code\":\"NOT_FOUND\""
            )
            let wrong = try await client.get("/invocations", headers: id)
            #expect(error(wrong) == "405 {\"error_code\":\"METHOD_NOT_ALLOWED\"")
            #expect(wrong.headers["allow"] == "POST")
            #expect(
                wrong.body == """
                    {"error_code":"METHOD_NOT_ALLOWED","message":"This path answers \\"POST\\" \
                    only.","details":[],"request_id":"r"}

                    """
            )
            #expect(try await client.get("/ping", method: "DELETE").headers["allow"] == "GET")
            #expect(
                error(try await client.post(flight, type: "application/x-www-form-urlencoded"))
                    == "415 {\"error_code\":\"UNSUPPORTED_MEDIA_TYPE\""
            )
            let large = try await client.post(String(repeating: "x", count: 1_500))
            #expect(error(large) == "413 {\"error_code\":\"REQUEST_LIMIT_EXCEEDED\"")
            #expect(large.headers["connection"] == nil)
            #expect(try await client.post(flight).status == 200)
            let huge = try await client.send(
                """
                POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\n\
                Content-Length: 999999999\r\n\r\n{
                """
            )
            #expect(huge.status == 413)
            #expect(huge.headers["connection"] == "close")
            #expect(await client.isClosed())
        }
    }

    @Test func `kept, pipelined, old and cautious clients are answered`() async throws {
        let engine = FakeEngine(try folder.plan(version: 3))
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            let requests = (0..<20).map { index in
                """
                POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\n\
                X-Request-Id: p\(index)\r\nContent-Length: \(flight.utf8.count)\r\n\r\n\(flight)
                """
            }
            let replies = try await client.pipeline(requests)
            #expect(replies.map { $0.headers["x-request-id"] } == (0..<20).map { "p\($0)" })
            #expect(replies.allSatisfy { $0.status == 200 })
            let old = try await client.send(
                "GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
            )
            #expect(old.headers["connection"] == "keep-alive")
            let cautious = try await client.send(
                """
                POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\n\
                Expect: 100-continue\r\nContent-Length: \(flight.utf8.count)\r\n\r\n
                """
            )
            #expect(cautious.status == 100)
            #expect(try await client.send(flight).status == 200)
            let last = try await client.get("/ping", headers: "Connection: close\r\n")
            #expect(last.headers["connection"] == "close")
            #expect(await client.isClosed())
        }
    }

    @Test func `a large body is scored off the event loop and answered in turn`() async throws {
        let engine = FakeEngine(try folder.plan(version: 3))
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            let count = 20_000
            let rows = [String](repeating: "[700,\"UA\"]", count: count).joined(separator: ",")
            let reply = try await client.post("{\"inputs\":[\(rows)],\"params\":{}}")
            #expect(reply.status == 200)
            #expect(reply.body.split(separator: ",").count == count)
            #expect(try await client.post("{\"inputs\":[\(rows)]").status == 400)
            try await engine.wait { try $0.rows().count == count }
        }
    }
}
