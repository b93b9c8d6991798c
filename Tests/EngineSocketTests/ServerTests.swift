import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Testing

@testable import EngineSocket

@Suite(.timeLimit(.minutes(5)))
struct ServerTests {
    // MARK: - One client cannot hurt another

    @Test func `half a line hurts nobody`() async throws {
        try await withServer { path, _ in
            let other = try await SocketConnection.connect(path: path, client: "other")
            var client: RawClient? = try await RawClient.greeted(path: path)
            await client?.send(Array(#"{"id":1,"name":"engine.st"#.utf8))
            client = nil
            _ = try await other.send(StopEngine())
        }
    }

    @Test func `a line over the limit gets a sentence and closes only its client`() async throws {
        try await withServer { path, _ in
            let other = try await SocketConnection.connect(path: path, client: "other")
            let client = try await RawClient.greeted(path: path)
            let bytes = [UInt8](repeating: 120, count: maximumLineBytes + 1)
            async let isSent = client.send(bytes + bytes)
            let heard = try #require(await client.hear())
            #expect(heard.contains("A line longer than \(maximumLineBytes) bytes is not read."))
            #expect(await client.hear() == nil)
            #expect(await isSent == false)
            _ = try await other.send(StopEngine())
        }
    }

    @Test func `a client that never reads is cut off and others go on`() async throws {
        let engine = FakeEngine { request in
            guard request is GetJobLog else { return Done() }
            let line = String(repeating: "x", count: 8 << 20)
            return JobLog(firstLine: 0, lines: [line], totalLines: 1)
        }
        try await withServer(engine) { path, _ in
            let other = try await SocketConnection.connect(path: path, client: "other")
            let client = try await RawClient.greeted(path: path)
            for id in 1...10 {
                await client.say(
                    #"{"id":\#(id),"name":"jobs.log","body":{"job":"j","fromLine":0,"limit":1}}"#
                )
            }
            await client.waitForHangUp()
            _ = try await other.send(StopEngine())
        }
    }

    @Test func `as many requests as may wait are answered, and one more is refused`() async throws {
        let gate = Gate()
        let engine = FakeEngine { request in
            await gate.pass()
            return try FakeEngine.answer(request)
        }
        try await withServer(engine) { path, _ in
            defer { gate.open() }
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let limit = SocketServer.requestLimit
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<limit {
                    group.addTask {
                        let request = GetJobLog(job: ID("job-1"), fromLine: number, limit: 1)
                        return try await connection.send(request).firstLine
                    }
                }
                await gate.wait(for: limit)
                let refusal = await #expect(throws: Refusal.self) {
                    try await connection.send(StopEngine())
                }
                #expect(refusal?.kind == .unavailable)
                #expect(refusal?.message.hasPrefix("\(limit) requests of this client") == true)
                gate.open()
                var answered: Set<Int> = []
                for try await number in group { answered.insert(number) }
                #expect(answered == Set(0..<limit))
            }
            _ = try await connection.send(StopEngine())
        }
    }

    @Test func `one client more than fit is turned away in words`() async throws {
        try await withServer(clientLimit: 2) { path, _ in
            let first = try await RawClient.greeted(path: path)
            let second = try await RawClient.greeted(path: path)
            let refusal = await #expect(throws: Refusal.self) {
                try await SocketConnection.connect(path: path, client: "third")
            }
            #expect(refusal?.kind == .unavailable)
            #expect(refusal?.message.hasPrefix("The engine serves 2 clients already.") == true)
            first.endSending()
            #expect(await first.hear() == nil)
            second.endSending()
            #expect(await second.hear() == nil)
        }
    }

    @Test func `an answer too long for a line is refused in words`() async throws {
        let engine = FakeEngine { request in
            let line = String(repeating: "x", count: maximumLineBytes)
            return JobLog(firstLine: 0, lines: [line], totalLines: 1)
        }
        try await withServer(engine) { path, _ in
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let refusal = await #expect(throws: Refusal.self) {
                try await connection.send(GetJobLog(job: ID("job-1")))
            }
            #expect(refusal?.message.hasPrefix("The answer to \"jobs.log\" has ") == true)
        }
    }

    // MARK: - Who and where

    @Test func `the caller is whom the kernel names, and what it calls itself`() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { path, _ in
            _ = try await SocketConnection.connect(path: path, client: "root, honestly")
            let actor = Actor(uid: getuid(), name: "user \(getuid())")
            #expect(engine.callers == [Caller(actor: actor, client: "root, honestly")])
        }
    }

    @Test func `a long name of a client is cut`() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { path, _ in
            let name = String(repeating: "n", count: 1_000)
            _ = try await SocketConnection.connect(path: path, client: name)
            #expect(engine.callers.map(\.client) == [String(name.prefix(64))])
        }
    }

    @Test func `the socket is open to its owner only`() async throws {
        try await withServer { path, _ in
            var found = stat()
            #expect(stat(path, &found) == 0)
            #expect(found.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a socket that a dead engine left is replaced`() async throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/engine.sock"
        var address = try socketAddress(path)
        let dead = try makeSocket()
        #expect(withAddress(&address) { bind(dead, $0, $1) } == 0)
        close(dead)
        let refusal = await #expect(throws: Refusal.self) {
            try await SocketConnection.connect(path: path, client: "test")
        }
        #expect(refusal?.kind == .unavailable)
        let engine = FakeEngine()
        let server = SocketServer(
            path: path,
            engineVersion: "9.9",
            nameOfUser: { "user \($0)" },
            connect: { engine.welcome($0) }
        )
        try server.start()
        _ = try await SocketConnection.connect(path: path, client: "test").send(StopEngine())
        server.stop()
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a path too long for a socket is refused with its length`() throws {
        let path = "/tmp/" + String(repeating: "p", count: 200)
        let refusal = #expect(throws: Refusal.self) { try socketAddress(path) }
        #expect(refusal?.message.contains("has 205 bytes and may have 107.") == true)
    }

    // MARK: - The end

    @Test func `what waits when the server stops is refused as unavailable`() async throws {
        let gate = Gate()
        let engine = FakeEngine { request in
            await gate.pass()
            return try FakeEngine.answer(request)
        }
        try await withServer(engine) { path, server in
            defer { gate.open() }
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let events = try await connection.events(after: nil)
            let waiting = Task { try await connection.send(StopEngine()) }
            await gate.wait(for: 1)
            server.stop()
            let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
            #expect(refusal?.kind == .unavailable)
            #expect(refusal?.message.hasPrefix("The connection to the engine was lost") == true)
            for await _ in events { Issue.record("an event came after the end") }
            let later = await #expect(throws: Refusal.self) {
                try await connection.send(StopEngine())
            }
            #expect(later?.kind == .unavailable)
        }
    }

    @Test func `stopping does not wait for a client that never reads`() async throws {
        let engine = FakeEngine { request in
            let line = String(repeating: "x", count: 4 << 20)
            return JobLog(firstLine: 0, lines: [line], totalLines: 1)
        }
        try await withServer(engine) { path, server in
            let client = try await RawClient.greeted(path: path)
            await client.say(
                #"{"id":1,"name":"jobs.log","body":{"job":"j","fromLine":0,"limit":1}}"#
            )
            await onOwnThread { server.stop() }
            await client.waitForHangUp()
        }
    }

    @Test func `no descriptor is left of 200 connections`() async throws {
        try await withServer { path, _ in
            for number in 0..<200 {
                if number.isMultiple(of: 2) {
                    let connection = try await SocketConnection.connect(path: path, client: "test")
                    _ = try await connection.send(StopEngine())
                } else {
                    _ = try await RawClient.greeted(path: path)
                }
            }
            // The listener alone; both ends of a connection are let go by threads of their own.
            while descriptors(on: path) > 1 { await Task.yield() }
            #expect(descriptors(on: path) == 1)
        }
    }

    /// How many descriptors of this process are an end of a connection at this path.
    private func descriptors(on path: String) -> Int {
        (0..<Int32(4_096)).count { descriptor in
            address(descriptor, getsockname) == path || address(descriptor, getpeername) == path
        }
    }

    private func address(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                ask(descriptor, $0, &size)
            }
        }
        guard status == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        return withUnsafeBytes(of: address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
