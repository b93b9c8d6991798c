package import Domain

extension Store {
    /// The nearest nodes of a lineage, which come with their details; farther ones are only named.
    private static let detailedNodes = 30

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
        let count = upstream.steps.count + downstream.steps.count
        guard try count > 2 || connection.exists(root) else {
            throw missing(root.kind, root.id)
        }
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
                    ? connection.node(subject) : connection.briefNode(subject)
            },
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
        depth: Int,
        limit: Int
    ) throws -> (steps: [LineageStep], isCut: Bool) {
        var steps = [LineageStep(subject: root, distance: 0)]
        var seen: Set<Subject> = [root]
        var isCut = false
        var level = [root]
        for distance in 1...(max(0, depth) + 1) {
            var next: [Subject] = []
            for subject in level {
                let found = try neighbours(of: subject, direction, limit: limit + 1)
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
        limit: Int
    ) throws -> [Subject] {
        let (here, there) =
            switch direction {
            case .upstream: ("output", "input")
            case .downstream: ("input", "output")
            }
        return try query(
            """
            SELECT \(there)_kind, \(there)_id FROM lineage_edges
            WHERE \(here)_kind = $1 AND \(here)_id = $2
            ORDER BY \(there)_kind, \(there)_id LIMIT $3
            """,
            .text(subject.kind.rawValue),
            .text(subject.id),
            .number(limit)
        ) { try $0.subject(0, 1) }
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
