package import Domain

/// Reads an `engine.yaml`: who has which role, and which group may connect.
///
/// - Parameters:
///   - fileName: What the sentences call the file.
///   - owner: The user id that owns the home.
/// - Throws: Everything that is wrong with the file, a sentence a line, in the order of the file.
package func readEngineConfiguration(
    text: String,
    fileName: String,
    owner: UInt32
) throws(Refusal) -> AccessRules {
    var reader = EngineConfigurationReader()
    reader.read(try readMapping(text, fileName: fileName))
    guard reader.problems.isEmpty else {
        throw Refusal(
            .invalid,
            reader.problems.map { "\(quoted(fileName)), line \($0.line): \($0.message)" }
                .joined(separator: "\n")
        )
    }
    // A file that speaks of receivers alone leaves a home of one user as it is.
    let isAboutAccess = reader.isAboutAccess
    return AccessRules(
        owner: owner,
        grants: isAboutAccess ? reader.grants : nil,
        socketGroup: reader.socketGroup
    )
}

private struct EngineConfigurationReader {
    private(set) var grants: [UserRole: AccessRules.Grant] = [:]
    private(set) var socketGroup: String?
    /// Whether anything but receivers is in it.
    private(set) var isAboutAccess = false
    private(set) var problems: [Problem] = []

    mutating func read(_ mapping: Node.Mapping) {
        isAboutAccess = mapping.contains { $0.key.text != "receivers" }
        for (key, node) in mapping {
            switch key.text ?? "" {
            case "socket_group":
                socketGroup = name(node)
                if socketGroup == nil {
                    note(node, "\"socket_group\" takes the name of a Unix group.")
                }
            case "roles": readRoles(node)
            // `readReceivers` reads and checks them.
            case "receivers": break
            case let other: noteUnknown(key, other, "", ["receivers", "roles", "socket_group"])
            }
        }
    }

    private mutating func readRoles(_ node: Node) {
        guard let mapping = node.mapping else {
            note(node, "\"roles\" takes roles such as { approver: { users: [ann] } }.")
            return
        }
        for (key, node) in mapping {
            let word = key.text ?? ""
            guard let role = UserRole(rawValue: word) else {
                noteUnknown(key, word, "roles", UserRole.allCases.map(\.rawValue))
                continue
            }
            guard let kinds = node.mapping else {
                note(
                    node,
                    "\"roles.\(word)\" takes users and groups such as { users: [ann], groups: [qa] }."
                )
                continue
            }
            var grant = AccessRules.Grant()
            for (kind, node) in kinds {
                switch kind.text ?? "" {
                case "users": grant.users = names(node, "roles.\(word).users")
                case "groups": grant.groups = names(node, "roles.\(word).groups")
                case let other: noteUnknown(kind, other, "roles.\(word)", ["users", "groups"])
                }
            }
            grants[role] = grant
        }
    }

    private mutating func names(_ node: Node, _ path: String) -> [String] {
        let found = node.sequence?.map(name) ?? [nil]
        if found.contains(nil) { note(node, "\(quoted(path)) takes a list of names.") }
        return found.compactMap(\.self)
    }

    private func name(_ node: Node) -> String? {
        guard let text = node.text, !text.isEmpty, text.utf8.count <= 64,
            !node.isNull
        else { return nil }
        return text
    }

    private mutating func note(_ node: Node, _ message: String) {
        problems.append(Problem(line: node.line, message: message))
    }

    private mutating func noteUnknown(
        _ node: Node,
        _ name: String,
        _ section: String,
        _ valid: [String]
    ) {
        let place = section.isEmpty ? "" : " in \"\(section)\""
        let near = nearestName(to: name, among: valid).map { "; \"\($0)\" is the nearest" } ?? ""
        note(
            node,
            "the key \(quoted(name))\(place) is unknown\(near). "
                + "The keys are \(valid.joined(separator: ", "))."
        )
    }
}
