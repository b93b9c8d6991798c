/// A graph with a node a line and its arrows in lanes beside them, as git and tig show a history.
///
/// Every node stands below all that it comes from, and what follows from one node stays together. A
/// lane waits for the node it leads to, so arrows to one node share it and nothing is cut off.
package struct GraphLanes: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package let node: Int
        package let lane: Int
        /// Two for each lane: the lane itself and the way to the next.
        let cells: [Cell]
    }

    struct Cell: Hashable, Sendable {
        var sides: Sides = []
        var isEmphasised = false
    }

    struct Sides: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        static let up = Sides(rawValue: 1)
        static let down = Sides(rawValue: 2)
        static let left = Sides(rawValue: 4)
        static let right = Sides(rawValue: 8)
    }

    package enum Step: Hashable, Sendable {
        case up, down, left, right
    }

    package let rows: [Row]
    package let laneCount: Int

    /// The time grows with the nodes and arrows and the lanes that are open beside each other.
    ///
    /// - Parameters:
    ///   - root: Stands right below what it comes from.
    ///   - emphasised: Nodes whose arrows between each other are emphasised, such as a path.
    package init(_ graph: Graph, root: Int = 0, emphasised: Set<Int> = []) {
        let order = Self.order(graph, root: root)
        var place = Array(repeating: 0, count: order.count)
        for (row, node) in order.enumerated() { place[node] = row }
        var open = OpenLanes()
        rows = order.map { node in
            open.pass(
                node,
                to: graph.outputs[node].sorted { place[$0] < place[$1] },
                emphasised: emphasised
            )
        }
        laneCount = rows.reduce(0) { max($0, ($1.cells.count + 1) / 2) }
    }

    /// The node one step away: the next line, or the nearest that it comes from or that came of it.
    package func node(_ step: Step, of node: Int, in graph: Graph) -> Int? {
        guard let here = rows.firstIndex(where: { $0.node == node }) else { return nil }
        switch step {
        case .up: return here > 0 ? rows[here - 1].node : nil
        case .down: return here + 1 < rows.count ? rows[here + 1].node : nil
        case .left:
            let inputs = Set(graph.inputs[node])
            return rows[..<here].last { inputs.contains($0.node) }?.node
        case .right:
            let outputs = Set(graph.outputs[node])
            return rows[here...].first { outputs.contains($0.node) }?.node
        }
    }

    /// The root's origins, the root, all that came of it, and then what else there is.
    private static func order(_ graph: Graph, root: Int) -> [Int] {
        // The longest way from a node without inputs.
        var depths: [Int: Int] = [:]
        func depth(_ node: Int) -> Int {
            if let known = depths[node] { return known }
            let found = graph.inputs[node].reduce(0) { max($0, depth($1) + 1) }
            depths[node] = found
            return found
        }
        var order: [Int] = []
        var placed: Set<Int> = []
        var followed: Set<Int> = []
        func place(_ node: Int) {
            guard placed.insert(node).inserted else { return }
            // What has no long past of its own stands right above what it led to.
            for input in graph.inputs[node].sorted(by: { depth($0) > depth($1) }) { place(input) }
            order.append(node)
        }
        func follow(_ node: Int) {
            guard followed.insert(node).inserted else { return }
            for output in graph.outputs[node] {
                place(output)
                follow(output)
            }
        }
        let nodes = Array(graph.labels.indices)
        for node in (nodes.contains(root) ? [root] : []) + nodes {
            place(node)
            follow(node)
        }
        return order
    }
}

/// The lanes that wait for a node further down.
private struct OpenLanes {
    private struct Lane {
        let target: Int
        var isEmphasised: Bool
    }

    private var lanes: [Lane?] = []

    /// Lets the lanes to a node end and those to its outputs begin.
    mutating func pass(
        _ node: Int,
        to outputs: [Int],
        emphasised: Set<Int>
    ) -> GraphLanes.Row {
        let above = lanes
        let own = lanes.firstIndex { $0?.target == node } ?? free()
        put(nil, at: own)
        var arms: [(lane: Int, isEmphasised: Bool)] = []
        for output in outputs {
            let isEmphasised = emphasised.contains(node) && emphasised.contains(output)
            var lane = Lane(target: output, isEmphasised: isEmphasised)
            if let known = lanes.firstIndex(where: { $0?.target == output }) {
                lane.isEmphasised = isEmphasised || lanes[known]?.isEmphasised == true
                put(lane, at: known)
                arms.append((known, isEmphasised))
            } else if lanes[own] == nil {
                put(lane, at: own)
            } else {
                let new = free(after: own)
                put(lane, at: new)
                arms.append((new, isEmphasised))
            }
        }
        var cells = Self.cells(above, lanes)
        for arm in arms { Self.draw(arm.lane, from: own, arm.isEmphasised, into: &cells) }
        while let last = lanes.last, last == nil { lanes.removeLast() }
        return GraphLanes.Row(node: node, lane: own, cells: cells)
    }

    private mutating func put(_ lane: Lane?, at index: Int) {
        while lanes.count <= index { lanes.append(nil) }
        lanes[index] = lane
    }

    private func free(after index: Int = -1) -> Int {
        lanes.indices.first { $0 > index && lanes[$0] == nil } ?? lanes.count
    }

    private static func cells(_ above: [Lane?], _ below: [Lane?]) -> [GraphLanes.Cell] {
        let count = max(above.count, below.count)
        var cells = Array(repeating: GraphLanes.Cell(), count: max(0, 2 * count - 1))
        for (lanes, side) in [(above, GraphLanes.Sides.up), (below, .down)] {
            for (index, lane) in lanes.enumerated() {
                guard let lane else { continue }
                cells[2 * index].sides.insert(side)
                cells[2 * index].isEmphasised = cells[2 * index].isEmphasised || lane.isEmphasised
            }
        }
        return cells
    }

    /// Draws the way from a node's lane to another one.
    private static func draw(
        _ lane: Int,
        from own: Int,
        _ isEmphasised: Bool,
        into cells: inout [GraphLanes.Cell]
    ) {
        cells[2 * lane].sides.insert(lane > own ? .left : .right)
        for index in (min(lane, own) * 2 + 1)..<(max(lane, own) * 2) {
            cells[index].sides.insert([.left, .right])
            cells[index].isEmphasised = cells[index].isEmphasised || isEmphasised
        }
    }
}

/// Draws the lanes of a graph and its labels, scrolled so that the selected node is in view.
package struct GraphWidget: Hashable, Sendable {
    package var graph: Graph
    package var lanes: GraphLanes
    package var selected: Int?
    /// The node the graph was asked for; its mark is filled.
    package var root: Int?
    package var isFocused: Bool

    package init(
        graph: Graph,
        lanes: GraphLanes,
        selected: Int? = nil,
        root: Int? = nil,
        isFocused: Bool = false
    ) {
        self.graph = graph
        self.lanes = lanes
        self.selected = selected
        self.root = root
        self.isFocused = isFocused
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        for row in lanes.rows where grid.reading != nil {
            let mark = row.node == selected ? "\(grid.glyphs.rowMark) " : ""
            grid.reading?.add(mark + graph.labels[row.node].plain)
        }
        guard rectangle.columns > 1 else { return }
        let cursor = lanes.rows.firstIndex { $0.node == selected } ?? 0
        let first = TableWidget.firstRow(
            showing: cursor,
            from: max(0, cursor - rectangle.rows / 2),
            height: rectangle.rows,
            count: lanes.rows.count
        )
        // Labels keep two thirds of the room, however many lanes there are.
        let width = min(2 * lanes.laneCount, max(2, rectangle.columns / 3))
        for (offset, row) in lanes.rows.dropFirst(first).prefix(rectangle.rows).enumerated() {
            let line = rectangle.droppingTop(offset).top(1)
            for index in 0..<min(row.cells.count + 1, width) {
                put(row, index, into: &grid, in: line)
            }
            grid.put(graph.labels[row.node], in: line.droppingLeft(2 + width))
            guard row.node == selected else { continue }
            grid.put(String(grid.glyphs.rowMark), at: line.origin, style: .accent)
            if isFocused {
                grid.lay(line, on: .selection)
                grid.cursor = line.origin
            }
        }
    }

    private func put(
        _ row: GraphLanes.Row,
        _ index: Int,
        into grid: inout CellGrid,
        in line: Rectangle
    ) {
        let place = Point(column: line.column + 1 + index, row: line.row)
        guard line.contains(place) else { return }
        if index == 2 * row.lane {
            let isRoot = row.node == root
            let mark = isRoot ? grid.glyphs.ok : grid.glyphs.node
            grid.put(String(mark), at: place, style: isRoot ? .accent : Style(.text))
        } else if index < row.cells.count {
            let cell = row.cells[index]
            let style = cell.isEmphasised ? Style(.accent, .bold) : Style.border
            grid.put(String(Self.glyph(cell, grid.glyphs)), at: place, style: style)
        }
    }

    private static func glyph(_ cell: GraphLanes.Cell, _ glyphs: GlyphSet) -> Character {
        switch cell.sides {
        case [.left, .down]: return glyphs.topRight
        case [.right, .down]: return glyphs.topLeft
        case [.left, .up]: return glyphs.bottomRight
        case [.right, .up]: return glyphs.bottomLeft
        default: break
        }
        if glyphs.isASCII {
            if cell.sides.isEmpty { return " " }
            if cell.sides.isSubset(of: [.left, .right]) { return "-" }
            return cell.sides.isSubset(of: [.up, .down]) ? "|" : "+"
        }
        let table: [Character] = [
            " ", "│", "│", "│", "─", "┘", "┐", "┤", "─", "└", "┌", "├", "─", "┴", "┬", "┼",
        ]
        return table[Int(cell.sides.rawValue)]
    }
}
