import Domain
import EngineAPI

extension FixtureWorld {
    /// The fixture's model as it was, folded from its versions, deployments and approvals.
    static func moment(at date: Timestamp) -> RegistryMoment {
        var facts = ModelFacts(name: model)
        facts.registrations = page.versions.map { version in
            ModelFacts.Registration(
                number: version.number,
                run: version.run,
                bundleDigest: version.bundleDigest,
                createdAt: version.createdAt
            )
        }
        facts.aliasMoves = page.aliases
        facts.deployments = deployments.map(\.deployment).filter { $0.model == model }
        facts.approvals = approvals
        return RegistryMoment(at: date, models: [facts.moment(at: date)].compactMap { $0 })
    }
}

extension FixtureWorld {
    static func impact(of subject: Subject) -> LineageImpact {
        LineageImpact(
            root: subject,
            title: lineage.nodes.first { $0.subject == subject }?.title ?? subject.id,
            since: nil,
            groups: [
                LineageImpact.Group(kind: .run, count: 3, examples: []),
                LineageImpact.Group(kind: .modelVersion, count: 2, examples: []),
            ],
            scored: [
                LineageImpact.Scored(
                    deployment: ID("late-flights-production"),
                    model: model,
                    environment: "production",
                    version: 2,
                    rows: 48_113,
                    first: nil,
                    last: nil,
                    isServing: true
                )
            ],
            isTruncated: false
        )
    }
}
