import Dispatch
import Domain
package import EngineAPI
import Glibc
import Synchronization

/// Listens on a Unix socket and answers every client in a lane of its own.
package final class SocketServer: Sendable {
    /// Requests of one client at one time; one more gets a sentence.
    static let requestLimit = 64

    private struct State {
        var listener: Int32 = -1
        var clients: [ObjectIdentifier: ByteStream] = [:]
    }

    private let path: String
    /// The Unix group whose members may connect; nil is the owner alone.
    private let group: String?
    private let engineVersion: String
    private let clientLimit: Int
    private let connect: @Sendable (Caller) -> any EngineConnection
    private let nameOfUser: @Sendable (UInt32) -> String
    private let state = Mutex(State())

    /// `connect` makes the connection a client's requests go through; it gets who the kernel says
    /// the client is.
    ///
    /// - Parameter clientLimit: Clients at one time; one more gets a sentence.
    package init(
        path: String,
        group: String? = nil,
        engineVersion: String,
        clientLimit: Int = 256,
        nameOfUser: @escaping @Sendable (UInt32) -> String,
        connect: @escaping @Sendable (Caller) -> any EngineConnection
    ) {
        self.path = path
        self.group = group
        self.engineVersion = engineVersion
        self.clientLimit = clientLimit
        self.nameOfUser = nameOfUser
        self.connect = connect
    }

    /// Binds and listens; the caller holds the home's lock, so a socket that is there is stale.
    package func start() throws {
        var address = try socketAddress(path)
        let listener = try makeSocket()
        unlink(path)
        let bound = withAddress(&address) { bind(listener, $0, $1) }
        // Nobody can connect before it listens, so the mode is set in between; a umask is the whole
        // process's and would reach the files that other threads make at this moment.
        guard bound == 0, try letIn(), listen(listener, 128) == 0 else {
            let why = reason(errno)
            Glibc.close(listener)
            throw Refusal(
                .unavailable,
                "The engine cannot listen on \"\(path)\": \(why). Check the folder's permissions."
            )
        }
        state.withLock { $0.listener = listener }
        DispatchQueue(label: "binnacle.socket.accept").async { [self] in accept(on: listener) }
    }

    /// Opens the socket to its owner, and to the configured group; false with `errno` set.
    private func letIn() throws -> Bool {
        guard let group else { return chmod(path, 0o600) == 0 }
        var buffer = [CChar](repeating: 0, count: 65_536)
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        guard getgrnam_r(group, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw Refusal(
                .invalid,
                """
                There is no Unix group "\(group)", which "engine.yaml" names as "socket_group". \
                Make it with groupadd, or name another.
                """
            )
        }
        return chmod(path, 0o600) == 0 && chown(path, getuid(), entry.gr_gid) == 0
            && chmod(path, 0o660) == 0
    }

    /// Stops listening and ends every client.
    package func stop() {
        let (listener, clients) = state.withLock { state in
            defer {
                state.listener = -1
                state.clients = [:]
            }
            return (state.listener, Array(state.clients.values))
        }
        if listener >= 0 {
            // Ends the waiting accept, whose thread closes the descriptor: nobody else may get its
            // number before.
            shutdown(listener, Int32(SHUT_RDWR))
            unlink(path)
        }
        let deadline = DispatchTime.now() + .seconds(1)
        for client in clients {
            client.flush(until: deadline)
            client.close()
        }
    }

    private func accept(on listener: Int32) {
        defer { Glibc.close(listener) }
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            let code = errno
            let isOver = state.withLock { $0.listener != listener }
            if isOver {
                if descriptor >= 0 { Glibc.close(descriptor) }
                return
            }
            guard descriptor >= 0 else {
                // Out of descriptors or memory: others have to let go first.
                if code != EINTR && code != ECONNABORTED { usleep(50_000) }
                continue
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let stream = ByteStream(input: descriptor, output: descriptor, isSocket: true)
            guard let uid = peerUserID(of: descriptor) else {
                stream.close()
                continue
            }
            switch admit(stream, from: listener) {
            case .full: turnAway(stream)
            case .stopped: stream.close()
            case .welcome: serveOnOwnThread(stream, uid: uid)
            }
        }
    }

    private enum Admission {
        case welcome, full, stopped
    }

    private func admit(_ stream: ByteStream, from listener: Int32) -> Admission {
        state.withLock { state in
            if state.listener != listener { return .stopped }
            if state.clients.count >= clientLimit { return .full }
            state.clients[ObjectIdentifier(stream)] = stream
            return .welcome
        }
    }

    private func serveOnOwnThread(_ stream: ByteStream, uid: UInt32) {
        DispatchQueue(label: "binnacle.socket.read").async { [self] in
            serve(stream, uid: uid)
            _ = state.withLock { $0.clients.removeValue(forKey: ObjectIdentifier(stream)) }
        }
    }

    private func turnAway(_ stream: ByteStream) {
        let refusal = Refusal(
            .unavailable,
            "The engine serves \(clientLimit) clients already. Close one, then retry."
        )
        send(Welcome(binnacle: wireVersion, engine: engineVersion, refusal: refusal), to: stream)
        stream.flush()
        stream.close()
    }

    private func send(_ value: some Encodable, to stream: ByteStream) {
        if let bytes = try? line(value) { stream.write(bytes) }
    }

    // MARK: - One client

    private func serve(_ stream: ByteStream, uid: UInt32) {
        var client: ClientLane?
        let ending = stream.readLines(limit: maximumLineBytes) { bytes in
            if let client {
                client.take(bytes)
                return true
            }
            client = greet(bytes, on: stream, uid: uid)
            return client != nil
        }
        if ending == .tooLong {
            let refusal = Refusal(
                .invalid,
                "A line longer than \(maximumLineBytes) bytes is not read. Send less at once."
            )
            send(RefusalLine(id: 0, refusal: refusal), to: stream)
        }
        client?.finish()
        stream.flush()
        stream.close()
    }

    private func greet(_ bytes: [UInt8], on stream: ByteStream, uid: UInt32) -> ClientLane? {
        var welcome = Welcome(binnacle: wireVersion, engine: engineVersion, refusal: nil)
        do {
            let greeting = try decode(Greeting.self, from: bytes)
            guard greeting.binnacle == wireVersion else {
                throw Refusal(
                    .invalid,
                    """
                    This engine speaks version \(wireVersion) of its protocol and the client \
                    version \(greeting.binnacle). Use the same release of binnacle on both sides.
                    """
                )
            }
            send(welcome, to: stream)
            let actor = Actor(uid: uid, name: nameOfUser(uid))
            let name = String(greeting.client.prefix(64))
            return ClientLane(
                stream: stream,
                connection: connect(Caller(actor: actor, client: name))
            )
        } catch let refusal as Refusal {
            welcome.refusal = refusal
        } catch {
            welcome.refusal = Refusal(
                .invalid,
                "The first line must be a greeting with \"binnacle\" and \"client\"; it is not."
            )
        }
        send(welcome, to: stream)
        return nil
    }
}
