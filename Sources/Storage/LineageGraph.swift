package import Domain

extension Store {
    /// The nearest nodes of a lineage, which come with their details; farther ones are only named.
    private static let detailedNodes = 30

    /// What a thing was made from and what was made from it, each at most `depth` steps away.
    ///
    /// A single prediction is found too: it hangs below the rows its deployment scored. A
    /// deployment stands for the version it serves now.
    ///
    /// - Parameters:
    ///   - date: What was there by then, as it then stood; nil is now.
    ///   - limit: Most nodes of the answer; the nearest are kept.
    package func lineage(
        of root: Subject,
        asOf date: Timestamp? = nil,
        depth: Int,
        limit: Int
    ) throws -> Lineage {
        if root.kind == .predictions, let group = try connection.group(ofPrediction: root.id) {
            let above = try lineage(
                of: group,
                asOf: date,
                depth: max(0, depth - 1),
                limit: max(0, limit - 1)
            )
            return Lineage(
                root: root,
                nodes: [try connection.node(root, asOf: date)] + above.nodes,
                edges: [LineageEdge(input: group, output: root, relation: "contains")]
                    + above.edges,
                isTruncated: above.isTruncated
            )
        }
        if let served = try connection.served(root, asOf: date) {
            return try lineage(of: served, asOf: date, depth: depth, limit: limit)
        }
        let bounds = LineageBounds(depth: depth, limit: limit, date: date)
        let upstream = try connection.reach(from: root, .upstream, bounds)
        let downstream = try connection.reach(from: root, .downstream, bounds)
        let count = upstream.steps.count + downstream.steps.count
        if count <= 2 { try connection.requireThere(root, asOf: date) }
        // The nearest first; a thing that lies on both sides is one node.
        let reached = (upstream.steps + downstream.steps).sorted { $0.distance < $1.distance }
        var kept: [Subject] = []
        var seen: Set<Subject> = []
        var isTruncated = upstream.isCut || downstream.isCut
        for step in reached where !seen.contains(step.subject) {
            guard step.distance <= depth, kept.count < limit else {
                isTruncated = true
                break
            }
            seen.insert(step.subject)
            kept.append(step.subject)
        }
        return Lineage(
            root: root,
            nodes: try kept.enumerated().map { place, subject in
                try place < Store.detailedNodes
                    ? connection.node(subject, asOf: date) : connection.briefNode(subject)
            },
            edges: try kept.flatMap { try connection.edges(into: $0, asOf: date) }
                .filter { seen.contains($0.input) },
            isTruncated: isTruncated
        )
    }
}

/// How far a walk through the lineage goes.
struct LineageBounds {
    /// Steps away from the root.
    let depth: Int
    /// Most things besides the root.
    let limit: Int
    /// Edges that came later are not there; nil is now.
    let date: Timestamp?
}

struct LineageStep {
    let subject: Subject
    let distance: Int
}

enum LineageDirection {
    case upstream, downstream
}

extension SQLiteConnection {
    /// Walks level by level, one step too far, so that a cut is noticed.
    ///
    /// A recursive query would queue every edge of a thing before it gives the first row: what
    /// thousands were made from costs no more here than what a few hundred were made from.
    ///
    /// - Returns: The nearest things, at most one more than `limit`, each with its distance; and
    ///   whether a bound left others out.
    func reach(
        from root: Subject,
        _ direction: LineageDirection,
        _ bounds: LineageBounds
    ) throws -> (steps: [LineageStep], isCut: Bool) {
        let limit = bounds.limit
        var steps = [LineageStep(subject: root, distance: 0)]
        var seen: Set<Subject> = [root]
        var isCut = false
        var level = [root]
        for distance in 1...(max(0, bounds.depth) + 1) {
            var next: [Subject] = []
            for subject in level {
                let found = try neighbours(of: subject, direction, bounds)
                if found.count > limit { isCut = true }
                for one in found where seen.insert(one).inserted {
                    guard steps.count <= limit else { return (steps, true) }
                    steps.append(LineageStep(subject: one, distance: distance))
                    next.append(one)
                }
            }
            if next.isEmpty { break }
            level = next
        }
        return (steps, isCut)
    }

    private func neighbours(
        of subject: Subject,
        _ direction: LineageDirection,
        _ bounds: LineageBounds
    ) throws -> [Subject] {
        let (here, there) =
            switch direction {
            case .upstream: ("output", "input")
            case .downstream: ("input", "output")
            }
        return try query(
            """
            SELECT \(there)_kind, \(there)_id FROM lineage_edges
            WHERE \(here)_kind = $1 AND \(here)_id = $2 AND COALESCE(at, $3) <= $3
            ORDER BY \(there)_kind, \(there)_id LIMIT $4
            """,
            .text(subject.kind.rawValue),
            .text(subject.id),
            .time(bounds.date ?? .distantFuture),
            .number(bounds.limit + 1)
        ) { try $0.subject(0, 1) }
    }

    fileprivate func edges(into output: Subject, asOf date: Timestamp?) throws -> [LineageEdge] {
        try query(
            """
            SELECT input_kind, input_id, relation FROM lineage_edges
            WHERE output_kind = $1 AND output_id = $2 AND COALESCE(at, $3) <= $3
            ORDER BY input_kind, input_id
            """,
            .text(output.kind.rawValue),
            .text(output.id),
            .time(date ?? .distantFuture)
        ) { row in
            LineageEdge(input: try row.subject(0, 1), output: output, relation: row.text(2))
        }
    }

    fileprivate func group(ofPrediction id: String) throws -> Subject? {
        try first(
            "SELECT deployment, version FROM predictions WHERE id = $1",
            .text(id)
        ) { Subject.predictions(of: $0.id(0), version: $0.number(1)) }
    }

    /// A deployment named without a version, as the version it serves, or served at a moment.
    func served(_ root: Subject, asOf date: Timestamp?) throws -> Subject? {
        guard root.kind == .deployment, !root.id.contains("/") else { return nil }
        return try deployments("WHERE d.id = $1", .text(root.id)).first.flatMap { deployment in
            let revision = deployment.revisions.last { $0.at <= date ?? .distantFuture }
            return revision.map { .deployment(deployment.id, serving: $0.version) }
        }
    }

    /// Refuses a thing that nothing is known of, or was not by a moment.
    func requireThere(_ subject: Subject, asOf date: Timestamp?) throws {
        guard let since = try known(subject) else { throw missing(subject.kind, subject.id) }
        guard let date, since > date else { return }
        throw missing(subject, at: date, since: since)
    }

    /// Since when there is a thing of this kind and id, edges or not; nil where there is none, and
    /// the distant past where it does not say.
    private func known(_ subject: Subject) throws -> Timestamp? {
        let edge =
            try first(
                """
                SELECT MIN(at) FROM lineage_edges
                WHERE output_kind = $1 AND output_id = $2 OR input_kind = $1 AND input_id = $2
                """,
                .text(subject.kind.rawValue),
                .text(subject.id)
            ) { $0.optionalTime(0) } ?? nil
        if let edge { return edge }
        do {
            _ = try details(of: subject, asOf: nil)
        } catch let refusal as Refusal where refusal.kind == .notFound {
            return nil
        }
        if [.file, .driftReport, .engine].contains(subject.kind) { return nil }
        let event =
            try first(
                "SELECT MIN(at) FROM audit_events WHERE subject_kind = $1 AND subject_id = $2",
                .text(subject.kind.rawValue),
                .text(subject.id)
            ) { $0.optionalTime(0) } ?? nil
        return event ?? .distantPast
    }
}

extension SQLRow {
    fileprivate func subject(_ kind: Int, _ id: Int) throws(Refusal) -> Subject {
        guard let known = SubjectKind(rawValue: text(kind)) else {
            throw Refusal(
                .corrupt,
                "The lineage names a \"\(text(kind))\", which this version does not know."
            )
        }
        return Subject(known, text(id))
    }
}
