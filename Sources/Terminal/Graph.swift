/// Nodes and arrows between them, such as the lineage of a model version.
///
/// Nodes are known by their index. Arrows that would close a circle are left out of every layout.
package struct Graph: Hashable, Sendable {
    package struct Edge: Hashable, Sendable {
        package let from: Int
        package let to: Int

        package init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    package let labels: [StyledText]
    /// Without those that name no node, repeat another one or close a circle.
    package let edges: [Edge]
    /// Indices of the nodes that each node comes from, and of those that come from it.
    package let inputs: [[Int]]
    package let outputs: [[Int]]

    package init(labels: [StyledText], edges: [Edge]) {
        self.labels = labels
        var seen: Set<Edge> = []
        let valid = edges.filter { edge in
            labels.indices.contains(edge.from) && labels.indices.contains(edge.to)
                && edge.from != edge.to && seen.insert(edge).inserted
        }
        let kept = Self.withoutCircles(valid, count: labels.count)
        self.edges = kept
        var inputs = Array(repeating: [Int](), count: labels.count)
        var outputs = inputs
        for edge in kept {
            inputs[edge.to].append(edge.from)
            outputs[edge.from].append(edge.to)
        }
        self.inputs = inputs
        self.outputs = outputs
    }

    /// All nodes that can be reached along the arrows, or against them, the start included.
    package func reach(from start: Int, along direction: Direction) -> Set<Int> {
        var found: Set<Int> = [start]
        var waiting = [start]
        while let node = waiting.popLast() {
            for next in neighbours(of: node, direction) where found.insert(next).inserted {
                waiting.append(next)
            }
        }
        return found
    }

    package enum Direction: Hashable, Sendable {
        /// To what a node was made from.
        case inputs
        /// To what was made from it.
        case outputs
    }

    package func neighbours(of node: Int, _ direction: Direction) -> [Int] {
        direction == .inputs ? inputs[node] : outputs[node]
    }

    /// Drops each edge that a depth-first walk finds leading back to a node still being walked.
    private static func withoutCircles(_ edges: [Edge], count: Int) -> [Edge] {
        var outgoing = Array(repeating: [Int](), count: count)
        for (index, edge) in edges.enumerated() { outgoing[edge.from].append(index) }
        enum Mark { case unseen, open, closed }
        var marks = Array(repeating: Mark.unseen, count: count)
        var dropped: Set<Int> = []
        for start in 0..<count where marks[start] == .unseen {
            var stack: [(node: Int, next: Int)] = [(start, 0)]
            marks[start] = .open
            while let top = stack.last {
                guard top.next < outgoing[top.node].count else {
                    marks[top.node] = .closed
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let edge = outgoing[top.node][top.next]
                let target = edges[edge].to
                switch marks[target] {
                case .open: dropped.insert(edge)
                case .closed: break
                case .unseen:
                    marks[target] = .open
                    stack.append((target, 0))
                }
            }
        }
        return edges.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
    }
}

/// One line of a graph that is shown as a tree.
package struct TreeLine: Hashable, Sendable {
    package let node: Int
    package let depth: Int
    /// For each depth above: whether a branch goes on below this line.
    package let continues: [Bool]
    package let isLast: Bool
    /// The node was shown with its branches further up, so they are not repeated.
    package let isRepeated: Bool
    package let hasBranches: Bool
    package let isFolded: Bool
}

extension Graph {
    /// The tree from a node in one direction, depth first.
    ///
    /// - Parameters:
    ///   - folded: Nodes whose branches are hidden.
    ///   - maximum: The most lines; a graph may hold very many ways to a node.
    package func tree(
        from root: Int,
        _ direction: Direction,
        folded: Set<Int> = [],
        maximum: Int = 1000
    ) -> [TreeLine] {
        guard labels.indices.contains(root) else { return [] }
        var lines: [TreeLine] = []
        var shown: Set<Int> = []
        func visit(_ node: Int, continues: [Bool], isLast: Bool) {
            guard lines.count < maximum else { return }
            let branches = neighbours(of: node, direction)
            let isRepeated = !shown.insert(node).inserted && !branches.isEmpty
            lines.append(
                TreeLine(
                    node: node,
                    depth: continues.count,
                    continues: continues,
                    isLast: isLast,
                    isRepeated: isRepeated,
                    hasBranches: !branches.isEmpty,
                    isFolded: folded.contains(node) && !branches.isEmpty
                )
            )
            guard !isRepeated, !folded.contains(node) else { return }
            for (index, branch) in branches.enumerated() {
                let isLastBranch = index == branches.count - 1
                visit(branch, continues: continues + [!isLastBranch], isLast: isLastBranch)
            }
        }
        visit(root, continues: [], isLast: true)
        return lines
    }
}

/// Draws a tree with its branches, a line a row.
package struct TreeWidget: Hashable, Sendable {
    package var graph: Graph
    package var lines: [TreeLine]
    package var cursor: Int?
    package var firstRow: Int
    package var isFocused: Bool

    package init(
        graph: Graph,
        lines: [TreeLine],
        cursor: Int? = nil,
        firstRow: Int = 0,
        isFocused: Bool = false
    ) {
        self.graph = graph
        self.lines = lines
        self.cursor = cursor
        self.firstRow = firstRow
        self.isFocused = isFocused
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        for (index, line) in lines.enumerated() where grid.reading != nil {
            let mark = index == cursor ? "\(grid.glyphs.rowMark) " : ""
            let text = branch(of: line, grid.glyphs) + label(of: line, grid.glyphs)
            grid.reading?.add(mark + text.plain)
        }
        guard rectangle.columns > 1 else { return }
        let first = TableWidget.firstRow(
            showing: cursor ?? firstRow,
            from: firstRow,
            height: rectangle.rows,
            count: lines.count
        )
        for (offset, line) in lines.dropFirst(first).prefix(rectangle.rows).enumerated() {
            let row = rectangle.droppingTop(offset).top(1)
            let text = branch(of: line, grid.glyphs) + label(of: line, grid.glyphs)
            grid.put(text, in: row.droppingLeft(1))
            guard cursor == first + offset else { continue }
            grid.put(String(grid.glyphs.rowMark), at: row.origin, style: .accent)
            if isFocused {
                grid.lay(row, on: .selection)
                grid.cursor = row.origin
            }
        }
    }

    private func branch(of line: TreeLine, _ glyphs: GlyphSet) -> StyledText {
        var text = ""
        for goesOn in line.continues.dropLast() {
            text += goesOn ? "\(glyphs.vertical)   " : "    "
        }
        if line.depth > 0 {
            text.append(line.isLast ? glyphs.branchEnd : glyphs.branch)
            text.append(glyphs.horizontal)
            text.append(glyphs.arrowHead)
            text.append(" ")
        }
        return StyledText(text, .border)
    }

    private func label(of line: TreeLine, _ glyphs: GlyphSet) -> StyledText {
        var text = graph.labels[line.node]
        if line.isFolded {
            text.append(" +", .accent)
        } else if line.isRepeated {
            text.append(" \(glyphs.ellipsis) see above", .muted)
        }
        return text
    }
}
