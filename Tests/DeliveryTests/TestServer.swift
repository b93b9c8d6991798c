import Domain
import NIOCore
import NIOPosix
import Synchronization

/// A server on the loopback that keeps what it reads, and answers as it is told, line by line.
final class TestServer: Sendable {
    private final class Heard: Sendable {
        let pieces = Mutex<[String]>([])
    }

    private let heard = Heard()
    private let channel: any Channel

    /// - Parameters:
    ///   - greeting: Said before anything is read, as mail servers do.
    ///   - answer: What is said to each piece that came; nil is nothing.
    init(
        greeting: String? = nil,
        answer: @escaping @Sendable (_ piece: String, _ number: Int) -> String?
    ) async throws {
        let heard = heard
        let keep: @Sendable (String) -> Int = { piece in
            heard.pieces.withLock { pieces in
                pieces.append(piece)
                return pieces.count
            }
        }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Talker(greeting: greeting) { piece in answer(piece, keep(piece)) }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    /// Everything that was read, in pieces as they came.
    var pieces: [String] { heard.pieces.withLock { $0 } }

    var text: String { pieces.joined() }

    func close() async throws {
        try await channel.close()
    }

    /// A server for the web: one request, one answer with this status.
    static func web(
        _ statuses: [Int],
        body: String = ""
    ) async throws -> TestServer {
        try await TestServer { piece, number in
            // libcurl sends the head and a short body in one piece.
            guard piece.hasPrefix("POST ") else { return nil }
            let status = statuses[min(number, statuses.count) - 1]
            return "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
        }
    }
}

private final class Talker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: String?
    private let answer: (String) -> String?

    init(greeting: String?, answer: @escaping (String) -> String?) {
        self.greeting = greeting
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        if let greeting { say(greeting, context) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = String(buffer: unwrapInboundIn(data))
        if let text = answer(piece) { say(text, context) }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
