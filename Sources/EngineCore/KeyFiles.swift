import Attestation
import Domain
import Glibc

/// The folder of the engine's own keys, beside the database: who can write only the database cannot
/// sign.
struct KeyFiles: Sendable {
    let folder: String

    init(home: String) {
        folder = home + "/keys"
    }

    var logKeyPath: String { folder + "/log.key" }
    /// The public halves, one a line, the newest last.
    var logVerifiersPath: String { folder + "/log.pub" }

    /// The key the log is signed with; made when there is none.
    func logKeys(host: String) throws -> LogKeys {
        try createFolder(folder)
        let earlier = (readBytes(at: logVerifiersPath) ?? [])
            .split(separator: 10)
            .compactMap { NoteVerifier(String(decoding: $0, as: UTF8.self)) }
        if let bytes = readBytes(at: logKeyPath) {
            guard let signer = NoteSigner(String(decoding: bytes, as: UTF8.self)) else {
                throw Refusal(
                    .corrupt,
                    """
                    The file "\(logKeyPath)" holds no key. Restore it from a backup, or move it \
                    away: then a new key is made.
                    """
                )
            }
            return LogKeys(signer: signer, earlier: earlier)
        }
        let name = host.map { $0.isWhitespace || $0 == "+" ? "-" : $0 }
        let signer = NoteSigner(newNamed: "binnacle/" + String(name.isEmpty ? ["-"] : name))
        let lines = (earlier + [signer.verifier]).map { $0.text + "\n" }.joined()
        // The public half first: a key whose signatures nobody can check must never be used.
        try writeWhole(lines, to: logVerifiersPath, mode: 0o644)
        try writeWhole(signer.text, to: logKeyPath, mode: 0o600)
        return LogKeys(signer: signer, earlier: earlier)
    }
}

extension KeyFiles {
    var statementKeyPath: String { folder + "/statements.key" }
    var statementPublicPath: String { folder + "/statements.pub" }

    /// The key that statements about versions and runs are signed with; made when there is none.
    func statementSigner() throws -> StatementSigner {
        try createFolder(folder)
        if let bytes = readBytes(at: statementKeyPath) {
            guard let signer = StatementSigner(pem: String(decoding: bytes, as: UTF8.self)) else {
                throw Refusal(
                    .corrupt,
                    """
                    The file "\(statementKeyPath)" holds no key. Restore it from a backup, or \
                    move it away: then a new key is made.
                    """
                )
            }
            return signer
        }
        let signer = StatementSigner()
        try writeWhole(signer.publicPEM, to: statementPublicPath, mode: 0o644)
        try writeWhole(signer.pem, to: statementKeyPath, mode: 0o600)
        return signer
    }
}

/// Puts a file in place whole and waits until it is on the disk.
func writeWhole(_ text: String, to path: String, mode: mode_t) throws {
    let beside = path + ".new"
    _ = unlink(beside)
    try append(text, to: beside, mode: mode)
    guard rename(beside, path) == 0 else { throw unwritable(path) }
}

/// Adds text to the end of a file, or makes it, and waits until it is on the disk.
func append(_ text: String, to path: String, mode: mode_t) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw unwritable(path) }
        bytes = bytes.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
}

private func unwritable(_ path: String) -> Refusal {
    let words = String(cString: strerror(errno))
    return Refusal(
        .unavailable,
        "The file \"\(path)\" cannot be written: \(words). Check who owns the folder."
    )
}
