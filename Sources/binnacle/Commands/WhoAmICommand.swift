import ArgumentParser
import Domain
import EngineAPI

struct WhoAmICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Say who the engine takes you for, and which roles that gives you."
    )

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await options.show(WhoAmI()) { principal, columns in
            PrincipalText.text(principal, columns: columns)
        }
    }
}

/// A person and what they may do, as text.
enum PrincipalText {
    static func text(_ principal: Principal, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let uid = principal.actor.uid.map { " (uid \($0))" } ?? ""
        page.field("user", "\(principal.actor)\(uid)")
        page.field("groups", listed(principal.groups))
        page.field("roles", listed(principal.roles.map(\.rawValue)))
        let acts = Permission.allCases.filter { $0 != .identify && principal.may($0) }
        page.field("may", listed(acts.map(\.rawValue)))
        if principal.isSingleUserHome {
            page.sentence(
                "This home has one user: you have every role, and what you approve of your own "
                    + "is recorded as self-approved."
            )
        }
        return page.text
    }

    private static func listed(_ words: [String]) -> String {
        words.isEmpty ? "none" : words.joined(separator: ", ")
    }
}
