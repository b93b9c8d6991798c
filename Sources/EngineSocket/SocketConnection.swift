import Dispatch
import Domain
package import EngineAPI
import Glibc
import Synchronization

/// A connection to an engine over a Unix socket, or over any pair of descriptors.
package final class SocketConnection: EngineConnection {
    private struct Waiting {
        let finish: @Sendable (Result<[UInt8], Refusal>) -> Void
    }

    private struct State {
        var nextID = 1
        var waiting: [Int: Waiting] = [:]
        var watches: [Int: EventBuffer] = [:]
        var isOpen = true
    }

    private let stream: ByteStream
    private let state = Mutex(State())

    /// Connects to the socket of an engine and exchanges greetings.
    package static func connect(
        path: String,
        client: String
    ) async throws -> SocketConnection {
        let descriptor = try openSocket(path)
        let stream = ByteStream(input: descriptor, output: descriptor, isSocket: true)
        return try await greet(over: stream, client: client)
    }

    /// Speaks over two descriptors, such as the pipes of an `ssh` process; owns and closes them.
    package static func connect(
        input: Int32,
        output: Int32,
        client: String
    ) async throws -> SocketConnection {
        let stream = ByteStream(input: input, output: output, isSocket: false)
        return try await greet(over: stream, client: client)
    }

    private static func greet(
        over stream: ByteStream,
        client: String
    ) async throws -> SocketConnection {
        let connection = SocketConnection(stream: stream)
        stream.write(try line(Greeting(binnacle: wireVersion, client: client)))
        let welcome = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<Welcome, any Error>) in
            connection.startReading { done.resume(with: $0) }
        }
        if let refusal = welcome.refusal { throw refusal }
        return connection
    }

    private init(stream: ByteStream) {
        self.stream = stream
    }

    deinit {
        stream.close()
    }

    /// Ends the connection; everything that waits is refused.
    package func close() {
        stream.close()
    }

    // MARK: - Requests

    package func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let bytes = try line(RequestLine(id: id, name: Request.name, body: request))
        guard bytes.count <= maximumLineBytes else {
            throw Refusal(
                .invalid,
                """
                The request "\(Request.name)" has \(bytes.count) bytes and may have \
                \(maximumLineBytes). Send less at once.
                """
            )
        }
        let answer = try await exchange(bytes, id: id)
        do {
            return try decode(AnswerLine<Request.Answer>.self, from: answer).answer
        } catch {
            throw Refusal(
                .fault,
                """
                The engine's answer to "\(Request.name)" cannot be read: \(describe(error)). \
                Use the same release of binnacle on both sides.
                """
            )
        }
    }

    private func exchange(_ bytes: [UInt8], id: Int) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            let isOpen = state.withLock { state in
                guard state.isOpen else { return false }
                state.waiting[id] = Waiting { continuation.resume(with: $0) }
                return true
            }
            guard isOpen else {
                continuation.resume(throwing: SocketConnection.lost)
                return
            }
            stream.write(bytes)
        }
    }

    package func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent> {
        let (buffer, events) = EventBuffer.make()
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            state.watches[state.nextID] = buffer
            return state.nextID
        }
        // Who holds the events holds the connection they come over.
        buffer.keep(self)
        let request = WatchLine(id: id, watch: .init(after: sequence))
        do {
            _ = try await exchange(try line(request), id: id)
        } catch {
            _ = state.withLock { $0.watches.removeValue(forKey: id) }
            throw error
        }
        return events
    }

    private static let lost = Refusal(
        .unavailable,
        "The connection to the engine was lost before it answered. Ask again; nothing is half done."
    )

    // MARK: - Reading

    private func startReading(welcomed: @escaping @Sendable (Result<Welcome, any Error>) -> Void) {
        let stream = stream
        DispatchQueue(label: "binnacle.connection.read").async { [weak self] in
            var isWelcomed = false
            let ending = stream.readLines(limit: maximumLineBytes) { bytes in
                if isWelcomed {
                    guard let self else { return false }
                    self.take(bytes)
                    return true
                }
                isWelcomed = true
                welcomed(Result { try decode(Welcome.self, from: bytes) })
                return true
            }
            if !isWelcomed { welcomed(.failure(SocketConnection.lost)) }
            if ending == .tooLong { stream.close() }
            self?.finish()
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard let header = try? decode(AnswerHeader.self, from: bytes) else { return }
        if let watch = header.watch {
            deliver(bytes, to: watch)
        } else if let id = header.id, id != 0 {
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            if let refusal = header.refusal {
                waiting?.finish(.failure(refusal))
            } else {
                waiting?.finish(.success(bytes))
            }
        } else if let refusal = header.refusal {
            // A refusal without an id is about the stream itself: all that waits has failed.
            let waiting = state.withLock { state in
                defer { state.waiting = [:] }
                return Array(state.waiting.values)
            }
            for each in waiting { each.finish(.failure(refusal)) }
        }
    }

    private func deliver(_ bytes: [UInt8], to watch: Int) {
        guard let event = try? decode(EventLine.self, from: bytes).event else { return }
        state.withLock { state in
            state.watches[watch]?.offer(event)
            if state.watches[watch]?.isOver == true { state.watches[watch] = nil }
        }
    }

    private func finish() {
        let (waiting, watches) = state.withLock { state in
            defer {
                state.isOpen = false
                state.waiting = [:]
                state.watches = [:]
            }
            return (Array(state.waiting.values), Array(state.watches.values))
        }
        for each in waiting { each.finish(.failure(SocketConnection.lost)) }
        for watch in watches { watch.finish() }
    }
}
