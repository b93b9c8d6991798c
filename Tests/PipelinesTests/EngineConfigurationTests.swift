import Domain
import Pipelines
import Testing

@Suite struct `An engine configuration` {
    @Test func `grants roles to users and groups`() throws {
        let text = """
            socket_group: mlops
            roles:
              machine-learning engineer: { users: [ann, bob], groups: [ml] }
              viewer: { groups: [staff] }
            """
        let rules = try readEngineConfiguration(text: text, fileName: "engine.yaml", owner: 7)
        #expect(rules.socketGroup == "mlops")
        #expect(rules.owner == 7)
        #expect(
            rules.grants == [
                .machineLearningEngineer: .init(users: ["ann", "bob"], groups: ["ml"]),
                .viewer: .init(groups: ["staff"]),
            ]
        )
        #expect(!rules.isSingleUser)
    }

    @Test(arguments: [
        ("rolls: {}", "the key \"rolls\" is unknown; \"roles\" is the nearest."),
        ("roles: { aprover: {} }", "the key \"aprover\" in \"roles\" is unknown; \"approver\""),
        ("roles: { owner: { user: [a] } }", "the key \"user\" in \"roles.owner\" is unknown"),
        ("roles: { owner: [ann] }", "\"roles.owner\" takes users and groups"),
        ("roles: { owner: { users: ann } }", "\"roles.owner.users\" takes a list of names."),
        ("roles: { owner: { users: [{}] } }", "\"roles.owner.users\" takes a list of names."),
        ("roles: all", "\"roles\" takes roles such as"),
        ("socket_group: [a]", "\"socket_group\" takes the name of a Unix group."),
        ("", "the file is empty."),
    ])
    func `is refused where it does not say what it must`(text: String, words: String) {
        let refusal = #expect(throws: Refusal.self) {
            try readEngineConfiguration(text: text, fileName: "engine.yaml", owner: 7)
        }
        #expect(refusal?.kind == .invalid)
        #expect(refusal?.message.contains(words) == true, "\(refusal?.message ?? "")")
    }
}
