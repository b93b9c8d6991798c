import Domain
import FoundationEssentials
import Glibc
import Testing

/// An SSH key of one person, made and used by the machine's own ssh-keygen.
struct PersonalKey: Sendable {
    let path: String
    /// The line of the `.pub` file.
    let line: String

    init(_ name: String, in folder: String) throws {
        path = "\(folder)/\(name)-\(UUID())"
        let made = try run("ssh-keygen -q -t ed25519 -N '' -C '\(name) on box' -f '\(path)'")
        try #require(made.status == 0)
        let text = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        line = text.filter { !$0.isNewline }
    }

    /// The key without its comment.
    var text: String { line.split(separator: " ").prefix(2).joined(separator: " ") }

    func sign(
        _ text: String,
        in namespace: String = DecisionStatement.namespace
    ) throws -> SignedStatement {
        let file = path + "-\(UUID())"
        try Data(text.utf8).write(to: URL(filePath: file))
        let signed = try run("ssh-keygen -q -Y sign -n '\(namespace)' -f '\(path)' < '\(file)'")
        try #require(signed.status == 0)
        return SignedStatement(statement: text, signature: signed.output)
    }
}

/// Runs a line of shell to its end; its output must be short.
func run(_ line: String) throws -> (status: Int32, output: String) {
    let pipe = try #require(popen(line + " 2>&1", "r"))
    var bytes: [UInt8] = []
    while true {
        let next = fgetc(pipe)
        guard next >= 0 else { break }
        bytes.append(UInt8(truncatingIfNeeded: next))
    }
    return (pclose(pipe), String(decoding: bytes, as: UTF8.self))
}
