import Domain
import FoundationEssentials
import Glibc

/// The folder an engine owns: store, blobs, logs, socket and lock.
struct Home: Sendable {
    let path: String

    var socketPath: String { path + "/engine.sock" }
    var lockPath: String { path + "/engine.lock" }
    var logPath: String { path + "/engine.log" }

    /// The named folder, else `$BINNACLE_HOME`, else `$XDG_DATA_HOME/binnacle`,
    /// else `~/.local/share/binnacle`; made absolute.
    init(_ named: String?) throws {
        let environment = ProcessInfo.processInfo.environment
        var chosen: String
        if let named, !named.isEmpty {
            chosen = named
        } else if let home = environment["BINNACLE_HOME"], !home.isEmpty {
            chosen = home
        } else if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
            chosen = data + "/binnacle"
        } else if let user = environment["HOME"], !user.isEmpty {
            chosen = user + "/.local/share/binnacle"
        } else {
            throw Refusal(
                .invalid,
                "No home folder is known. Set BINNACLE_HOME to a folder that binnacle may own."
            )
        }
        if !chosen.hasPrefix("/") {
            chosen = FileManager.default.currentDirectoryPath + "/" + chosen
        }
        path = chosen
    }

    /// Makes the folder, open to its owner only.
    func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Refusal(
                .unavailable,
                "The home \"\(path)\" cannot be made: \(error). Choose another with BINNACLE_HOME."
            )
        }
    }
}

extension Home {
    /// Lets a Unix group pass through the folder to the socket, and to nothing else in it.
    ///
    /// What lies in the folder is closed first: a member who may pass could open it by its name.
    func open(to group: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let entry = path + "/" + name
            var information = stat()
            guard lstat(entry, &information) == 0 else { continue }
            let kind = information.st_mode & S_IFMT
            guard kind == S_IFDIR || kind == S_IFREG else { continue }
            _ = chmod(entry, information.st_mode & 0o700)
        }
        var buffer = [CChar](repeating: 0, count: 65_536)
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        guard getgrnam_r(group, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            chown(path, getuid(), entry.gr_gid) == 0, chmod(path, 0o710) == 0
        else {
            throw Refusal(
                .invalid,
                """
                The home "\(path)" cannot be opened to the Unix group "\(group)", which \
                "engine.yaml" names as "socket_group". It must exist, and the engine's user be in it.
                """
            )
        }
    }
}

/// The path of this very program, for children that run its other subcommands.
func executablePath() -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { return CommandLine.arguments.first ?? "binnacle" }
    return String(decoding: buffer[0..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The wall clock: the only place that reads it for the engine and the screens.
func currentTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}
