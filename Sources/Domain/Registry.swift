/// Whether a model or a version is shown, hidden, or gone but for its history.
package enum RegistryState: String, Codable, Sendable, CaseIterable {
    case active
    /// Hidden from lists until it is asked for; can be undone.
    case archived
    /// A tombstone: the record of what there was stays, the bytes go with `binnacle gc --apply`.
    case deleted
}

/// What people have said of a model in the registry, beside what its runs have made.
package struct ModelEntry: Codable, Sendable, Equatable {
    package var description: String
    package var owner: String
    package var state: RegistryState
    /// By name.
    package var tags: [String: String]
    /// Tags of single versions, by version number.
    package var versionTags: [Int: [String: String]]
    /// Numbers of the versions that are hidden.
    package var archivedVersions: [Int]
    /// Numbers of the versions of which only a tombstone is left.
    package var deletedVersions: [Int]
    /// Aliases that nobody sets by hand, in the order of their names.
    package var protectedAliases: [String]

    package init(
        description: String = "",
        owner: String = "",
        state: RegistryState = .active,
        tags: [String: String] = [:],
        versionTags: [Int: [String: String]] = [:],
        archivedVersions: [Int] = [],
        deletedVersions: [Int] = [],
        protectedAliases: [String] = [Alias.champion]
    ) {
        self.description = description
        self.owner = owner
        self.state = state
        self.tags = tags
        self.versionTags = versionTags
        self.archivedVersions = archivedVersions
        self.deletedVersions = deletedVersions
        self.protectedAliases = protectedAliases
    }
}

/// A change that a person makes in the registry; each is one audit event.
package enum RegistryChange: Codable, Sendable, Hashable {
    /// Points an alias at a version, or (nil) takes it away.
    case alias(name: String, version: Int?)
    /// Says whether an alias may be set by hand.
    case protection(alias: String, isProtected: Bool)
    /// Sets a tag of the model (version nil) or of one version; a nil value takes it away.
    case tag(version: Int?, name: String, value: String?)
    case description(String)
    case owner(String)
    /// Hides the model (version nil) or one version, or shows it again.
    case archive(version: Int?, isArchived: Bool)
    /// Leaves a tombstone of the model (version nil) or of one version.
    case delete(version: Int?, reason: String)
}

extension RegistryChange {
    /// Whether only those may make it who answer for the model.
    package var isGoverning: Bool {
        switch self {
        case .protection, .delete: true
        case .alias, .tag, .description, .owner, .archive: false
        }
    }

    /// The fewest words that count as the reason for a deletion.
    package static let reasonWordsMinimum = 3
    /// The longest tag value, alias and owner, in bytes; a description may be 20 times as long.
    package static let textLimit = 200

    /// Refuses what is wrong with the change itself, whatever the store holds.
    package func check() throws(Refusal) {
        switch self {
        case .alias(let name, _), .protection(let name, _):
            try Self.check(name: name, as: "alias")
            if case .protection(_, false) = self, name == Alias.champion {
                throw Refusal(
                    .forbidden,
                    "The \"champion\" is what serves: the deployer moves it, and nobody by hand."
                )
            }
        case .tag(_, let name, let value):
            try Self.check(name: name, as: "tag")
            if let value { try Self.check(value, as: "tag value", limit: Self.textLimit) }
        case .description(let text):
            try Self.check(text, as: "description", limit: 20 * Self.textLimit)
        case .owner(let name):
            try Self.check(name, as: "owner", limit: Self.textLimit)
            guard !name.allSatisfy(\.isWhitespace) else {
                throw Refusal(.invalid, "A model needs an owner. Name the user or team.")
            }
        case .archive: break
        case .delete(_, let reason):
            try Self.check(reason, as: "reason", limit: 20 * Self.textLimit)
            guard reason.split(separator: " ").count >= Self.reasonWordsMinimum else {
                throw Refusal(
                    .invalid,
                    "A deletion needs a reason of three words or more. Say why it has to go."
                )
            }
        }
    }

    private static func check(name: String, as noun: String) throws(Refusal) {
        let isPlain =
            !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 45 || $0 == 46 || $0 == 95
            }
        let looksLikeVersion =
            name.first == "v" && name.count > 1 && name.dropFirst().allSatisfy(\.isNumber)
        guard isPlain, !(noun == "alias" && (looksLikeVersion || Int(name) != nil)) else {
            throw Refusal(
                .invalid,
                """
                \(quoted(name)) is no name for \(noun == "alias" ? "an alias" : "a tag"). Use at \
                most 64 letters, digits, "-", "_" and "."; an alias cannot look like a version.
                """
            )
        }
    }

    private static func check(_ text: String, as noun: String, limit: Int) throws(Refusal) {
        guard text.utf8.count <= limit else {
            throw Refusal(.invalid, "The \(noun) is longer than \(limit) bytes. Shorten it.")
        }
    }
}

/// What a search of the registry asks for: words, and fields such as `owner:ops tag:team=a`.
package struct RegistryQuery: Codable, Sendable, Equatable {
    package enum Term: Codable, Sendable, Equatable {
        /// Is in the name, the description or the owner.
        case word(String)
        case name(String)
        case owner(String)
        /// A nil value asks only that the tag is there.
        case tag(name: String, value: String?)
        case alias(String)
        case environment(String)
        case state(RegistryState)
        indirect case not(Term)
    }

    package var terms: [Term]

    package init(terms: [Term] = []) {
        self.terms = terms
    }

    /// The words that may stand before a colon.
    package static let fields = ["alias", "env", "name", "owner", "state", "tag"]
    /// The most terms of one query.
    package static let termLimit = 20

    /// Reads what somebody typed; `!` before a term asks for its opposite.
    package init(_ text: String) throws(Refusal) {
        terms = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            let isNegated = word.first == "!"
            let body = isNegated ? word.dropFirst() : word
            if body.isEmpty { continue }
            let term = try Self.term(body)
            terms.append(isNegated ? .not(term) : term)
        }
        guard terms.count <= Self.termLimit else {
            throw Refusal(
                .invalid,
                "The search has more than \(Self.termLimit) terms. Leave some of them out."
            )
        }
    }

    private static func term(_ text: Substring) throws(Refusal) -> Term {
        guard let colon = text.firstIndex(of: ":") else { return .word(String(text)) }
        let field = String(text[..<colon])
        let value = String(text[text.index(after: colon)...])
        guard fields.contains(field) else {
            let near = nearestName(to: field, among: fields).map { "; \"\($0)\" is near" } ?? ""
            throw Refusal(
                .invalid,
                """
                \(quoted(field)) is no field to search by\(near). The fields are \
                \(fields.joined(separator: ", ")), as in "owner:ops tag:team=a late".
                """
            )
        }
        guard !value.isEmpty else {
            throw Refusal(.invalid, "Nothing stands after \"\(field):\". Say what to look for.")
        }
        switch field {
        case "name": return .name(value)
        case "owner": return .owner(value)
        case "alias": return .alias(value)
        case "env": return .environment(value)
        case "state":
            guard let state = RegistryState(rawValue: value) else {
                throw Refusal(
                    .invalid,
                    "\(quoted(value)) is no state. The states are active, archived and deleted."
                )
            }
            return .state(state)
        default:
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return .tag(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil)
        }
    }

    /// Whether the query itself says which states it wants; else only what is active is found.
    package var namesState: Bool {
        terms.contains { term in
            if case .state = term { return true }
            if case .not(.state) = term { return true }
            return false
        }
    }
}
