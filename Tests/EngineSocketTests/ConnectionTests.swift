import Domain
import EngineAPI
import Glibc
import Testing

@testable import EngineSocket

@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    // MARK: - Events

    @Test func `events come from where they are asked, then live`() async throws {
        let engine = FakeEngine()
        for number in 1...3 { engine.record("event \(number)") }
        try await withServer(engine) { path, _ in
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let events = try await connection.events(after: 1)
            engine.record("event 4")
            engine.publish(.missed(count: 9))
            var seen: [String] = []
            for await event in events {
                switch event {
                case .recorded(let event): seen.append(event.content.summary)
                case .missed(let count): seen.append("missed \(count)")
                default: Issue.record("\(event) was not sent")
                }
                if seen.count == 4 { break }
            }
            #expect(seen == ["event 2", "event 3", "event 4", "missed 9"])
        }
    }

    @Test func `without a number only what happens from now on comes`() async throws {
        let engine = FakeEngine()
        engine.record("old")
        try await withServer(engine) { path, _ in
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let events = try await connection.events(after: nil)
            engine.record("new")
            var next = events.makeAsyncIterator()
            guard case .recorded(let event) = await next.next() else {
                Issue.record("nothing came")
                return
            }
            #expect(event.content.summary == "new")
        }
    }

    @Test func `events hold the connection they come over`() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { path, _ in
            let events = try await SocketConnection.connect(path: path, client: "test")
                .events(after: nil)
            engine.record("heard")
            var next = events.makeAsyncIterator()
            #expect(await next.next() != nil)
        }
    }

    @Test func `two watches of one client get the same events`() async throws {
        let engine = FakeEngine()
        try await withServer(engine) { path, _ in
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let first = try await connection.events(after: nil)
            let second = try await connection.events(after: nil)
            engine.record("once")
            var one = first.makeAsyncIterator()
            var two = second.makeAsyncIterator()
            let heard = await one.next()
            #expect(heard != nil)
            #expect(await two.next() == heard)
        }
    }

    // MARK: - Over pipes

    @Test func `a conversation goes over pipes and the relay as over the socket`() async throws {
        try await withServer { path, _ in
            let (far, input, output) = try pipePair()
            let relayed = Task { try await far.relay(to: path) }
            let connection = try await SocketConnection.connect(
                input: input,
                output: output,
                client: "test"
            )
            let log = try await connection.send(GetJobLog(job: ID("job-1"), limit: 20_000))
            #expect(log.lines.count == 20_000)
            // The relay ends because closing the connection ends its input.
            connection.close()
            try await relayed.value
        }
    }

    @Test func `the relay ends when the engine stops, though nobody ends its input`() async throws {
        try await withServer { path, server in
            let (far, input, output) = try pipePair()
            let relayed = Task { try await far.relay(to: path) }
            let connection = try await SocketConnection.connect(
                input: input,
                output: output,
                client: "test"
            )
            server.stop()
            try await relayed.value
            connection.close()
        }
    }

    @Test func `what is sent before the end of input is still answered`() async throws {
        try await withServer { path, _ in
            let (far, input, output) = try pipePair()
            let near = RawClient(input: input, output: output)
            await near.say(RawClient.greeting)
            await near.say(#"{"id":1,"name":"engine.stop","body":{}}"#)
            near.endSending()
            try await far.relay(to: path)
            #expect(await near.hear() != nil)
            let answer = try #require(await near.hear())
            #expect(try JSON(answer) == JSON(#"{"id":1,"answer":{}}"#))
        }
    }

    @Test func `the relay refuses where no engine listens`() async throws {
        let (far, input, output) = try pipePair()
        defer {
            close(input)
            close(output)
        }
        let refusal = await #expect(throws: Refusal.self) {
            try await far.relay(to: "/tmp/no-engine-here.sock")
        }
        #expect(refusal?.kind == .unavailable)
        #expect(refusal?.message.contains("\"binnacle engine run\" starts one.") == true)
    }

    @Test func `closing a connection over pipes ends the other side's input`() async throws {
        let (far, input, output) = try pipePair()
        async let opened = SocketConnection.connect(input: input, output: output, client: "test")
        _ = await far.hear()
        await far.say(#"{"binnacle":1,"engine":"9.9"}"#)
        let connection = try await opened
        let waiting = Task { try await connection.send(StopEngine()) }
        _ = await far.hear()
        connection.close()
        #expect(await far.hear() == nil)
        let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
        #expect(refusal?.kind == .unavailable)
    }

    // MARK: - Engines that misbehave

    @Test(arguments: ["", #"{"binnacle":1,"eng"#])
    func `an engine that ends before its welcome is lost`(said: String) async throws {
        var (far, input, output): (RawClient?, Int32, Int32) = try pipePair()
        await far?.send(Array(said.utf8))
        far = nil
        let refusal = await #expect(throws: Refusal.self) {
            try await SocketConnection.connect(input: input, output: output, client: "test")
        }
        #expect(refusal?.kind == .unavailable)
    }

    @Test func `an engine that dies within an answer refuses what waits`() async throws {
        var (far, input, output): (RawClient?, Int32, Int32) = try pipePair()
        let begun = try #require(far)
        async let opened = SocketConnection.connect(input: input, output: output, client: "test")
        _ = await begun.hear()
        await begun.say(#"{"binnacle":1,"engine":"9.9"}"#)
        let connection = try await opened
        let waiting = Task { try await connection.send(StopEngine()) }
        _ = await begun.hear()
        await begun.send(Array(#"{"id":1,"ans"#.utf8))
        begun.endSending()
        far = nil
        let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
        #expect(refusal?.kind == .unavailable)
    }

    @Test func `an answer of another shape is a fault with the request's name`() async throws {
        let (far, input, output) = try pipePair()
        async let opened = SocketConnection.connect(input: input, output: output, client: "test")
        _ = await far.hear()
        await far.say(#"{"binnacle":1,"engine":"9.9"}"#)
        let connection = try await opened
        async let log = connection.send(GetJobLog(job: ID("job-1")))
        let asked = try #require(await far.hear())
        #expect(asked.contains("jobs.log"))
        await far.say("this line is no JSON and is passed over")
        await far.say(#"{"id":1,"answer":{"firstLine":0,"lines":[]}}"#)
        do {
            _ = try await log
            Issue.record("the answer was taken")
        } catch let refusal as Refusal {
            #expect(refusal.kind == .fault)
            #expect(refusal.message.contains("the key \"totalLines\" is missing"))
        }
        connection.close()
    }

    @Test func `a request too long for a line is refused before it is sent`() async throws {
        try await withServer { path, _ in
            let connection = try await SocketConnection.connect(path: path, client: "test")
            let words = String(repeating: "w", count: maximumLineBytes)
            let refusal = await #expect(throws: Refusal.self) {
                try await connection.send(StartTraining(model: "m", cause: words))
            }
            #expect(refusal?.kind == .invalid)
            #expect(refusal?.message.hasPrefix("The request \"runs.start\" has ") == true)
            _ = try await connection.send(StopEngine())
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct EventBufferTests {
    @Test(arguments: [1, 3, 8, 9, 20, 500])
    func `every event is read or counted as missed`(count: Int) async throws {
        var (buffer, events) = EventBuffer.make(capacity: 8)
        for number in 0..<count { buffer.offer(event(number)) }
        var next = events.makeAsyncIterator()
        var read: [Int] = []
        var missed = 0
        func take(_ event: EngineEvent) {
            switch event {
            case .logged(_, let lines): read.append(lines)
            case .missed(let count): missed += count
            default: Issue.record("\(event) was not offered")
            }
        }
        // Room for the buffer to say what it still owes, then the last event.
        for _ in 0..<min(count, 3) { take(try #require(await next.next())) }
        buffer.offer(event(count))
        buffer.finish()
        while let event = await next.next() { take(event) }
        #expect(read.count + missed == count + 1)
        #expect(read == read.sorted())
        #expect(read.last == count)
        #expect((missed > 0) == (count > 8))
    }

    private func event(_ number: Int) -> EngineEvent {
        .logged(job: ID("job-1"), lines: number)
    }
}
