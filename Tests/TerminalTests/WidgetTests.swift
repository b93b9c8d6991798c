import Testing

@testable import Terminal

@Suite struct WidgetTests {
    @Test(arguments: [
        (0, 0, 5, 20, 0), (4, 0, 5, 20, 0), (5, 0, 5, 20, 1), (19, 0, 5, 20, 15),
        (3, 10, 5, 20, 3), (12, 10, 5, 20, 10), (2, 9, 5, 3, 0), (99, 0, 5, 20, 15),
        (0, 5, 0, 20, 0),
    ])
    func `the view moves as little as the cursor needs`(
        cursor: Int,
        first: Int,
        height: Int,
        count: Int,
        expected: Int
    ) {
        let moved = TableWidget.firstRow(showing: cursor, from: first, height: height, count: count)
        #expect(moved == expected)
    }

    @Test func `a long table asks only for the rows it shows`() {
        var asked: [Int] = []
        var table = TableWidget(
            columns: [TableColumn("n", width: .flexible(minimum: 3))],
            rowCount: 10_000,
            cursor: 5000,
            firstRow: 4998
        ) { row in
            asked.append(row)
            return TableRow([StyledText("\(row)")])
        }
        var grid = Frames.grid(20, 5)
        table.draw(into: &grid, in: grid.bounds)
        #expect(asked == [4998, 4999, 5000, 5001])
        #expect(table.position == "5001 of 10000")
        table.rowCount = 0
        table.emptyText = "no runs yet"
        #expect(table.position.isEmpty)
        grid = Frames.grid(20, 3)
        table.draw(into: &grid, in: grid.bounds)
        #expect(grid.plainText == " n\n no runs yet\n")
    }

    @Test func `panning leaves the pinned column`() {
        var table = TableWidget(
            columns: [
                TableColumn("id", width: .fixed(2), isPinned: true),
                TableColumn("a", width: .fixed(2)), TableColumn("b", width: .fixed(2)),
            ],
            rows: [TableRow(["i", "A", "B"])]
        )
        table.pannedColumns = 1
        var grid = Frames.grid(9, 2)
        table.draw(into: &grid, in: grid.bounds)
        #expect(grid.plainText == " id  b\n i   B")
    }

    @Test(arguments: [
        (0.0...1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0], 1),
        (0.05...0.35, 3, [0.1, 0.2, 0.3], 1),
        (-3.0...12.0, 3, [0, 5, 10], 0),
        (0.9101...0.9187, 3, [0.9125, 0.915, 0.9175], 4),
        (1000.0...48_000.0, 4, [10_000, 20_000, 30_000, 40_000], 0),
    ])
    func `ticks stand at round numbers`(
        range: ClosedRange<Double>,
        count: Int,
        ticks: [Double],
        decimals: Int
    ) {
        let axis = Axis(holding: range, ticks: count)
        #expect(axis.ticks.count == ticks.count)
        for (one, other) in zip(axis.ticks, ticks) { #expect(abs(one - other) < 1e-9) }
        #expect(axis.decimals == decimals)
    }

    @Test(arguments: [0.0, 5, -2e-9, 1e12])
    func `one value only still has an axis`(value: Double) {
        let axis = Axis(holding: value...value, ticks: 3)
        #expect(axis.range.lowerBound < value)
        #expect(axis.range.upperBound > value)
        #expect(!axis.ticks.isEmpty)
    }

    @Test(arguments: [
        ([], "no values yet"), ([Double.nan, .nan], "no values yet"),
        ([.infinity], "no values yet"),
    ])
    func `a chart without values says so`(values: [Double], words: String) {
        var grid = Frames.grid(30, 5)
        let series = ChartSeries(
            name: "x",
            places: values.indices.map(Double.init),
            values: values,
            role: .series1
        )
        LineChart(series: [series]).draw(into: &grid, in: grid.bounds)
        #expect(grid.plainText.contains(words))
    }

    @Test func `a logarithmic chart leaves out what has no logarithm`() {
        var grid = Frames.grid(30, 8)
        let series = ChartSeries(
            name: "loss",
            places: [0, 1, 2, 3],
            values: [0, 0.001, -1, 1000],
            role: .series1
        )
        LineChart(series: [series], isLogarithmic: true).draw(into: &grid, in: grid.bounds)
        #expect(grid.plainText.contains("1.00┤"))
    }

    @Test func `a reading is the last value that there was`() {
        let series = ChartSeries(
            name: "x",
            places: [1, 2, 3],
            values: [5, .nan, 7],
            role: .series1
        )
        #expect(series.reading(at: 0.5) == nil)
        #expect(series.reading(at: 2.5)?.value == 5)
        #expect(series.reading(at: 2.5)?.place == 1)
        #expect(series.reading(at: 9)?.value == 7)
    }

    @Test func `widgets draw nothing where there is no room and never outside`() {
        for columns in 0...30 {
            for rows in 0...8 {
                for glyphs in [GlyphSet.unicode, .ascii] {
                    let frames = [
                        Frames.table(columns, rows, glyphs), Frames.chart(columns, rows, glyphs),
                        Frames.histogram(columns, rows, glyphs),
                        Frames.graph(columns, rows, glyphs),
                        Frames.modal(columns, rows, glyphs),
                        Frames.log(columns, rows, isWrapped: true),
                    ]
                    #expect(frames.allSatisfy { $0.size == Size(columns: columns, rows: rows) })
                }
            }
        }
    }

    @Test func `what is drawn into a part stays in it`() {
        var grid = Frames.grid(80, 30)
        grid.fill(grid.bounds, with: ".")
        let part = Rectangle(column: 20, row: 8, columns: 40, rows: 14)
        var chart = LineChart(
            series: [ChartSeries(name: "x", places: [0, 1], values: [0, 9], role: .series1)]
        )
        chart.labels = [ChartLabel(place: 1, text: "a very long label at the end")]
        chart.markers = [ChartMarker(place: 0.99, label: "another long label")]
        chart.thresholds = [ChartThreshold(value: 5, label: "limit", role: .bad)]
        chart.draw(into: &grid, in: part)
        GraphWidget(graph: Frames.lineage, lanes: GraphLanes(Frames.lineage), selected: 3)
            .draw(into: &grid, in: part)
        for row in 0..<30 {
            for column in 0..<80 where !part.contains(Point(column: column, row: row)) {
                #expect(grid[column, row].character == ".", "\(column) \(row)")
            }
        }
    }

    @Test func `a circle does not hold up a graph`() {
        let graph = Graph(
            labels: ["a", "b", "c"],
            edges: [(0, 1), (1, 2), (2, 0), (1, 1)].map { Graph.Edge(from: $0.0, to: $0.1) }
        )
        #expect(graph.edges.count == 2)
        #expect(GraphLanes(graph).rows.map(\.node) == [0, 1, 2])
        #expect(GraphLanes(graph, root: 9).rows.count == 3)
        #expect(GraphLanes(Graph(labels: [], edges: [])).rows.isEmpty)
    }

    @Test(arguments: 0..<8)
    func `every node is a line below all that it comes from`(root: Int) {
        let edges = (1..<41).map { step in
            let ends = [step * (7 + 2 * root) % 24, step * step * 5 % 23].sorted()
            return Graph.Edge(from: ends[0], to: ends[1])
        }
        let graph = Graph(labels: (0..<24).map { StyledText("\($0)") }, edges: edges)
        let lanes = GraphLanes(graph, root: root)
        let nodes = lanes.rows.map(\.node)
        #expect(nodes.sorted() == Array(0..<24))
        for edge in graph.edges {
            let from = nodes.firstIndex(of: edge.from) ?? 0
            #expect(from < nodes.firstIndex(of: edge.to) ?? 0, "\(edge)")
        }
        #expect(lanes.rows.allSatisfy { $0.lane < lanes.laneCount })
    }

    @Test func `what is reached from a node follows the arrows either way`() {
        let graph = Graph(
            labels: (0..<5).map { StyledText("\($0)") },
            edges: [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)].map { Graph.Edge(from: $0.0, to: $0.1) }
        )
        #expect(graph.reach(from: 3, along: .inputs) == [0, 1, 2, 3])
        #expect(graph.reach(from: 3, along: .outputs) == [3, 4])
    }

    @Test(
        arguments: [
            (GraphLanes.Step.left, 7, 6), (.right, 7, 8), (.down, 8, 9), (.up, 9, 8),
            (.left, 0, nil), (.up, 0, nil), (.right, 9, nil),
        ] as [(GraphLanes.Step, Int, Int?)]
    )
    func `keys go to the next line, or along an arrow`(
        step: GraphLanes.Step,
        from: Int,
        to: Int?
    ) {
        let graph = Frames.lineage
        #expect(GraphLanes(graph, root: 7).node(step, of: from, in: graph) == to)
    }

    @Test func `a search finds lines whatever their case`() {
        let lines = ["WARN one", "two", "Warn three"]
        let found = LogView.matches(of: "warn", count: 3) { lines[$0] }
        #expect(found == [0, 2])
        #expect(LogView.matches(of: "", count: 3) { lines[$0] }.isEmpty)
    }

    @Test func `a log that does not follow stays where it is`() {
        var view = LogView(lines: (0..<10).map { LogLine("line \($0)") })
        let size = Size(columns: 10, rows: 3)
        #expect(view.firstShownLine(in: size) == 7)
        view.isFollowing = false
        view.firstLine = 2
        view.firstColumn = 5
        var grid = CellGrid(size: size)
        view.draw(into: &grid, in: grid.bounds)
        #expect(grid.plainText == "2\n3\n4")
    }

    @Test func `hints that do not fit are left out but help stays`() {
        let hints = HintLine(
            [.init("j/k", "move"), .init("A", "approve", isEnabled: false), .init("T", "train")],
            last: .init("?", "help")
        )
        #expect(hints.text(columns: 80).plain == "j/k move  A approve  T train  ? help")
        #expect(hints.text(columns: 28).plain == "j/k move  A approve  ? help")
        #expect(hints.text(columns: 4).plain == "? help")
        #expect(
            hints.text(columns: 80).parts.first { $0.text == "A" }?.style == Style(.muted, .dim)
        )
    }
}
