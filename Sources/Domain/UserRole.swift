/// What a person is to the models here; one person may be several.
package enum UserRole: String, Codable, Sendable, CaseIterable, Comparable {
    case viewer
    case dataEngineer = "data engineer"
    case dataScientist = "data scientist"
    case machineLearningEngineer = "machine-learning engineer"
    case approver
    case owner
    case administrator

    package static func < (left: Self, right: Self) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// What a request needs of whoever sends it; every request names one.
package enum Permission: String, Codable, Sendable, CaseIterable {
    /// To be told who one is; no role is needed where roles are granted at all.
    case identify = "ask who they are"
    case view = "look"
    case addData = "add data"
    case addLabels = "add labels"
    case train = "train"
    case cancelJobs = "cancel jobs"
    case requestRelease = "ask for a release"
    /// To decide on requests; which slot it fills is the environment's policy's word.
    case decide = "decide"
    case deploy = "deploy"
    case rollBack = "roll back"
    case breakGlass = "break the glass"
    case handleAlerts = "handle alerts"
    /// To name, tag, describe and hide models and versions.
    case curate = "tidy the registry"
    /// To protect aliases and to delete.
    case govern = "protect and delete"
    /// What scoring processes do, which run as the engine's own user.
    case serve = "serve"
    case administer = "administer"

    /// The roles that have it, each for itself; none for `identify`.
    package var roles: [UserRole] {
        switch self {
        case .identify: []
        case .view: UserRole.allCases
        case .addData: [.dataEngineer, .dataScientist, .machineLearningEngineer]
        case .addLabels: [.dataEngineer, .dataScientist, .machineLearningEngineer]
        case .train: [.dataScientist, .machineLearningEngineer, .owner]
        case .cancelJobs: [.dataScientist, .machineLearningEngineer, .owner, .administrator]
        case .requestRelease: [.dataScientist, .machineLearningEngineer, .owner]
        case .decide: [.dataScientist, .machineLearningEngineer, .approver, .owner, .administrator]
        case .deploy: [.machineLearningEngineer, .owner]
        case .rollBack: [.machineLearningEngineer, .approver, .owner, .administrator]
        case .breakGlass: [.machineLearningEngineer, .owner, .administrator]
        case .handleAlerts: [.dataScientist, .machineLearningEngineer, .owner, .administrator]
        case .curate: [.dataScientist, .machineLearningEngineer, .owner, .administrator]
        case .govern: [.owner, .administrator]
        case .serve, .administer: [.administrator]
        }
    }

    package func isGranted(to held: Set<UserRole>) -> Bool {
        roles.contains { held.contains($0) }
    }

    /// Such as `the role approver` or `one of the roles owner or administrator`.
    package var rolesText: String { neededRolesText(roles) }
}

/// Such as `the role approver` or `one of the roles owner or administrator`.
package func neededRolesText(_ roles: [UserRole]) -> String {
    let names = roles.map(\.rawValue)
    guard let last = names.last, names.count > 1 else { return "the role \(names.first ?? "")" }
    return "one of the roles \(names.dropLast().joined(separator: ", ")) or \(last)"
}

/// Who may do what in one engine, as its configuration grants it.
package struct AccessRules: Sendable, Equatable {
    package struct Grant: Sendable, Equatable {
        package var users: [String]
        /// Names of Unix groups.
        package var groups: [String]

        package init(users: [String] = [], groups: [String] = []) {
            self.users = users
            self.groups = groups
        }
    }

    /// The user id that owns the home.
    package let owner: UInt32
    /// nil in a home without configuration: one user, who has every role.
    package let grants: [UserRole: Grant]?
    /// The Unix group whose members may connect; nil is the owner alone.
    package let socketGroup: String?

    package init(owner: UInt32, grants: [UserRole: Grant]?, socketGroup: String? = nil) {
        self.owner = owner
        self.grants = grants
        self.socketGroup = socketGroup
    }

    package static func singleUser(owner: UInt32) -> AccessRules {
        AccessRules(owner: owner, grants: nil)
    }

    package var isSingleUser: Bool { grants == nil }

    /// The owner of the home is its administrator whatever is granted: the file is theirs to edit.
    package func roles(of actor: Actor, groups: [String]) -> Set<UserRole> {
        let isOwner = actor.uid == nil || actor.uid == owner
        guard let grants else { return isOwner ? Set(UserRole.allCases) : [] }
        let granted = grants.filter { _, grant in
            grant.users.contains(actor.name) || !Set(grant.groups).isDisjoint(with: groups)
        }
        return Set(granted.keys).union(isOwner ? [.administrator] : [])
    }
}

/// Who asks, as the kernel and the engine's configuration know them.
package struct Principal: Codable, Sendable, Equatable {
    package let actor: Actor
    /// The user's Unix groups, by name.
    package let groups: [String]
    /// In the order of `UserRole`.
    package let roles: [UserRole]
    /// Whether the home has one user, who may do everything.
    package let isSingleUserHome: Bool

    package init(actor: Actor, groups: [String], roles: Set<UserRole>, isSingleUserHome: Bool) {
        self.actor = actor
        self.groups = groups
        self.roles = roles.sorted()
        self.isSingleUserHome = isSingleUserHome
    }

    package func may(_ permission: Permission) -> Bool {
        if permission == .identify { return !isSingleUserHome || !roles.isEmpty }
        return permission.isGranted(to: Set(roles))
    }

    /// Why they may not, as a sentence; nil when they may.
    ///
    /// - Parameter act: What is asked, such as `approve` or `approvals.decide`.
    package func obstacle(to act: String, _ permission: Permission) -> Refusal? {
        if may(permission) { return nil }
        if isSingleUserHome {
            return Refusal(
                .forbidden,
                """
                This engine serves its owner alone, and "\(actor)" is somebody else. Its owner \
                can grant roles in the file "engine.yaml" of its home.
                """
            )
        }
        let held = roles.map(\.rawValue).joined(separator: ", ")
        let have = roles.isEmpty ? "has no role here" : "has \(held)"
        return Refusal(
            .forbidden,
            """
            "\(act)" needs \(permission.rolesText), and "\(actor)" \(have). Ask the \
            administrator for it; "binnacle whoami" shows what you have.
            """
        )
    }
}
