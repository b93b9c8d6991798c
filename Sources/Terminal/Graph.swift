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
