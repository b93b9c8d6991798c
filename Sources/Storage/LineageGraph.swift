package import Domain

extension Store {
    /// What a thing was made from and what was made from it, each at most `depth` steps away.
    ///
    /// A single prediction is found too: it hangs below the rows its deployment scored. A
    /// deployment stands for the version it serves now.
    ///
    /// - Parameter limit: Most nodes of the answer; the nearest are kept.
    package func lineage(of root: Subject, depth: Int, limit: Int) throws -> Lineage {
        if root.kind == .predictions, let group = try connection.group(ofPrediction: root.id) {
            let above = try lineage(of: group, depth: max(0, depth - 1), limit: max(0, limit - 1))
            return Lineage(
                root: root,
                nodes: [try connection.node(root)] + above.nodes,
                edges: [LineageEdge(input: group, output: root, relation: "contains")]
                    + above.edges,
                isTruncated: above.isTruncated
            )
        }
        if let served = try connection.servedNow(root) {
            return try lineage(of: served, depth: depth, limit: limit)
        }
        let upstream = try connection.reach(from: root, .upstream, depth: depth, limit: limit)
        let downstream = try connection.reach(from: root, .downstream, depth: depth, limit: limit)
        guard try upstream.count + downstream.count > 2 || connection.exists(root) else {
            throw missing(root.kind, root.id)
        }
        // The nearest first; a thing that lies on both sides is one node.
        let reached = (upstream + downstream).sorted { $0.distance < $1.distance }
        var kept: [Subject] = []
        var seen: Set<Subject> = []
        var isTruncated = false
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
            nodes: try kept.map(connection.node),
            edges: try kept.flatMap { try connection.edges(into: $0) }
                .filter { seen.contains($0.input) },
            isTruncated: isTruncated
        )
    }
}

struct LineageStep {
    let subject: Subject
    let distance: Int
}

enum LineageDirection {
    case upstream, downstream
}

extension SQLiteConnection {
    /// One bounded query; it goes one step too far, so that a cut is noticed.
    func reach(
        from root: Subject,
        _ direction: LineageDirection,
        depth: Int,
        limit: Int
    ) throws -> [LineageStep] {
        let (here, there) =
            switch direction {
            case .upstream: ("output", "input")
            case .downstream: ("input", "output")
            }
        return try query(
            """
            WITH RECURSIVE reached (kind, id, distance) AS (
                SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), 0
                UNION
                SELECT e.\(there)_kind, e.\(there)_id, reached.distance + 1
                FROM reached JOIN lineage_edges e
                    ON e.\(here)_kind = reached.kind AND e.\(here)_id = reached.id
                WHERE reached.distance <= $3
            )
            SELECT kind, id, MIN(distance) AS nearest FROM reached
            GROUP BY kind, id ORDER BY nearest, kind, id LIMIT $4
            """,
            .text(root.kind.rawValue),
            .text(root.id),
            .number(depth),
            .number(limit + 1)
        ) { row in
            LineageStep(subject: try row.subject(0, 1), distance: row.number(2))
        }
    }

    fileprivate func edges(into output: Subject) throws -> [LineageEdge] {
        try query(
            """
            SELECT input_kind, input_id, relation FROM lineage_edges
            WHERE output_kind = $1 AND output_id = $2 ORDER BY input_kind, input_id
            """,
            .text(output.kind.rawValue),
            .text(output.id)
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

    /// A deployment named without a version, as the version it serves now.
    func servedNow(_ root: Subject) throws -> Subject? {
        guard root.kind == .deployment, !root.id.contains("/") else { return nil }
        return try deployments("WHERE d.id = $1", .text(root.id)).first
            .map { .deployment($0.id, serving: $0.current.version) }
    }

    /// Whether there is a thing of this kind and id, beside any edge of it.
    func exists(_ subject: Subject) throws -> Bool {
        do {
            _ = try details(of: subject)
            return subject.kind != .file && subject.kind != .driftReport
                && subject.kind != .engine
        } catch let refusal as Refusal where refusal.kind == .notFound {
            return false
        }
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
