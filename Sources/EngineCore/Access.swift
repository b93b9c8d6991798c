package import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Pipelines

extension Engine {
    /// Who a caller is, with the Unix groups they have now.
    func principal(of caller: Caller) -> Principal {
        Principal(
            actor: caller.actor,
            groups: caller.actor.uid.map { groupNames(of: $0) } ?? [],
            roles: caller.roles,
            isSingleUserHome: settings.access.isSingleUser
        )
    }
}

/// Who may do what in a home, from its `engine.yaml`; without the file its owner alone may.
///
/// - Throws: A file that others could have written, or that does not say what it must.
package func readAccessRules(home: String) throws -> AccessRules {
    let path = home + "/engine.yaml"
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
        if errno == ENOENT { return .singleUser(owner: getuid()) }
        throw Refusal(
            .unavailable,
            "The file \"\(path)\" cannot be read: \(String(cString: strerror(errno)))."
        )
    }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(.invalid, "\"\(path)\" is no plain file. Put the engine's roles in one.")
    }
    guard information.st_uid == getuid() || information.st_uid == 0,
        information.st_mode & 0o022 == 0
    else {
        throw Refusal(
            .forbidden,
            """
            The file "\(path)" grants roles, and others than its owner can write it. \
            Make it the engine's user's own: chmod 644, and chown to them.
            """
        )
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0, bytes.count <= 1_048_576 else { break }
        bytes += buffer[0..<count]
    }
    return try readEngineConfiguration(
        text: String(decoding: bytes, as: UTF8.self),
        fileName: path,
        owner: getuid()
    )
}

/// The names of a user's Unix groups, the primary one first; empty for a user nobody knows.
package func groupNames(of uid: UInt32) -> [String] {
    var buffer = [CChar](repeating: 0, count: 65_536)
    var user = passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(uid, &user, &buffer, buffer.count, &found) == 0, found != nil else {
        return []
    }
    var groups = [gid_t](repeating: 0, count: 1_024)
    var count = Int32(groups.count)
    guard getgrouplist(user.pw_name, user.pw_gid, &groups, &count) >= 0 else { return [] }
    return groups.prefix(Int(count)).map(groupName)
}

private func groupName(_ identifier: gid_t) -> String {
    var buffer = [CChar](repeating: 0, count: 65_536)
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    guard getgrgid_r(identifier, &entry, &buffer, buffer.count, &found) == 0, found != nil
    else { return "gid \(identifier)" }
    return String(cString: entry.gr_name)
}
