/// What a thing has reached: everything that was made from it, counted.
package struct LineageImpact: Codable, Sendable, Equatable {
    /// Things of one kind, the nearest first.
    package struct Group: Codable, Sendable, Equatable {
        package let kind: SubjectKind
        package let count: Int
        /// At most `LineageImpact.exampleLimit`.
        package let examples: [Subject]

        package init(kind: SubjectKind, count: Int, examples: [Subject]) {
            self.kind = kind
            self.count = count
            self.examples = examples
        }
    }

    /// The rows that one deployment scored with one version.
    package struct Scored: Codable, Sendable, Equatable {
        package let deployment: ID<Deployment>
        package let model: String
        package let environment: String
        package let version: Int
        /// Rows of the time asked for.
        package let rows: Int
        /// Of all its rows, by the time of the rows; nil before the first.
        package let first: Timestamp?
        package let last: Timestamp?
        /// Whether the deployment is ordered to serve this version now.
        package let isServing: Bool

        package init(
            deployment: ID<Deployment>,
            model: String,
            environment: String,
            version: Int,
            rows: Int,
            first: Timestamp?,
            last: Timestamp?,
            isServing: Bool
        ) {
            self.deployment = deployment
            self.model = model
            self.environment = environment
            self.version = version
            self.rows = rows
            self.first = first
            self.last = last
            self.isServing = isServing
        }
    }

    package let root: Subject
    /// Such as `flights v3`.
    package let title: String
    /// Rows before this moment are not counted; nil counts all.
    package let since: Timestamp?
    package let groups: [Group]
    package let scored: [Scored]
    /// Whether a bound cut something off, so that every count is a lower bound.
    package let isTruncated: Bool

    package static let exampleLimit = 8

    package init(
        root: Subject,
        title: String,
        since: Timestamp?,
        groups: [Group],
        scored: [Scored],
        isTruncated: Bool
    ) {
        self.root = root
        self.title = title
        self.since = since
        self.groups = groups
        self.scored = scored
        self.isTruncated = isTruncated
    }

    package var rows: Int { scored.reduce(0) { $0 + $1.rows } }

    package func count(_ kind: SubjectKind) -> Int { groups.first { $0.kind == kind }?.count ?? 0 }

    /// Where something that came of it serves now.
    package var servingNow: [Scored] { scored.filter(\.isServing) }

    /// The whole in one sentence.
    package var summary: String {
        func words(_ number: Int, _ noun: String) -> String {
            "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        let parts = [
            words(count(.run), "run"), words(count(.modelVersion), "version"),
            words(count(.deployment), "deployment"), words(rows, "prediction"),
        ]
        let tail = since.map { " since \($0)" } ?? ""
        let least = isTruncated ? "at least " : ""
        let serving = servingNow.map { "\($0.model) v\($0.version) in \($0.environment)" }
        let now = serving.isEmpty ? "nothing of it serves" : serving.joined(separator: ", ")
        return "\(title) reached \(least)\(parts.joined(separator: ", "))\(tail); now: \(now)."
    }
}
