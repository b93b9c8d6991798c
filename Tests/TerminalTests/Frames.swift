import Terminal

/// Widgets as the golden tests draw them.
enum Frames {
    static func grid(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet = .unicode) -> CellGrid {
        CellGrid(size: Size(columns: columns, rows: rows), glyphs: glyphs)
    }

    static func table(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        let names = ["churn", "fraud", "demand", "専案 ranker", "forecast"]
        var table = TableWidget(
            columns: [
                TableColumn("model", width: .flexible(minimum: 7), isPinned: true),
                TableColumn("ver", width: .fixed(3), alignment: .right, priority: 80),
                TableColumn("acc", width: .fitted(minimum: 3, maximum: 6), alignment: .right),
                TableColumn("7d", width: .fixed(6), priority: 10),
                TableColumn("drift", width: .fixed(6), priority: 70),
            ],
            rowCount: names.count,
            cursor: 3,
            isFocused: true,
            sortedColumn: 2,
            isDescending: true
        ) { row in
            TableRow(
                [
                    StyledText(names[row]), StyledText("v\(row + 8)"),
                    StyledText(NumberText.decimals(0.9 + Double(row) / 100, 4)),
                    StyledText(
                        Sparkline([1, 2, 3, 5, 4, Double(row)]).text(columns: 6, glyphs: glyphs),
                        .accent
                    ),
                    StyledText(glyphs.warning, .warning) + " .19",
                ],
                isMarked: row == 1
            )
        }
        table.firstRow = 1
        let inner = grid.box(grid.bounds, title: "2 Models (5)", footer: StyledText(table.position))
        table.draw(into: &grid, in: inner)
        return grid
    }

    static func chart(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        let places = (0..<20).map(Double.init)
        let rising = places.map { $0 == 9 ? .nan : 0.05 + $0 * $0 / 1200 }
        LineChart(
            series: [
                ChartSeries(name: "price", places: places, values: rising, role: .series1),
                ChartSeries(
                    name: "promo",
                    places: places,
                    values: places.map { _ in 0.08 },
                    role: .series2
                ),
            ],
            thresholds: [ChartThreshold(value: 0.25, label: "alert", role: .bad)],
            markers: [ChartMarker(place: 6, label: "v41")],
            labels: [0, 10, 19].map { ChartLabel(place: $0, text: "d\(Int($0))") },
            cursor: 14,
            readoutTitle: "d14",
            readout: ["PSI .213"]
        ).draw(into: &grid, in: grid.bounds)
        return grid
    }

    static func histogram(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        HistogramPair(bins: [
            .init(label: "<10", reference: 0.21, current: 0.09),
            .init(label: "10–25", reference: 0.46, current: 0.38),
            .init(label: ">25", reference: 0.33, current: 0.53),
            .init(label: "none", reference: 0, current: .nan),
        ]).draw(into: &grid, in: grid.bounds)
        return grid
    }

    static let lineage = Graph(
        labels: [
            "events@91", "labels@88", "code", "prep", "feat", "params", "train", "churn v42",
            "eval", "deploy",
        ].map { StyledText($0) },
        edges: [
            (0, 3), (1, 3), (2, 3), (3, 4), (4, 6), (5, 6), (2, 6), (6, 7), (7, 8), (7, 9),
            // A circle, an unknown node and a second time the same: none of them counts.
            (9, 0), (3, 44), (0, 3),
        ].map { Graph.Edge(from: $0.0, to: $0.1) }
    )

    static func graph(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        let path = lineage.reach(from: 4, along: .inputs).union([4, 6, 7])
        GraphWidget(
            graph: lineage,
            lanes: GraphLanes(lineage, root: 7, emphasised: path),
            selected: 4,
            root: 7
        ).draw(into: &grid, in: grid.bounds)
        return grid
    }

    static func log(_ columns: Int, _ rows: Int, isWrapped: Bool) -> CellGrid {
        var grid = grid(columns, rows)
        let lines = [
            "epoch 13 loss .2912", "epoch 14 step 310/660 loss .2841 acc .839",
            "WARN lr plateau, patience 2/5", "\u{1B}[31mred\u{1B}[0m",
        ]
        var view = LogView(lines: lines.map { LogLine(reading: $0) })
        view.isWrapped = isWrapped
        view.search = "PLATEAU"
        view.draw(into: &grid, in: grid.bounds)
        return grid
    }

    static func modal(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        grid.fill(grid.bounds, with: "x", style: .muted)
        let free = Modal(
            title: "Approve deploy churn v42 → PROD ?",
            lines: [
                "You are op1. This sends 10% traffic to v42; v41 is warm.", "",
                "Type the version to confirm:",
            ],
            freeRows: 1,
            isProduction: true
        ).draw(into: &grid, in: grid.bounds)
        TextField("v4").draw(into: &grid, in: free)
        return grid
    }

    static func bars(_ columns: Int, _ rows: Int, _ glyphs: GlyphSet) -> CellGrid {
        var grid = grid(columns, rows, glyphs)
        let lines = grid.bounds.splitRows(Array(repeating: .fixed(1), count: rows))
        for (line, share) in zip(lines, [0, 0.01, 0.47, 0.999, 1]) {
            BarGauge(share).draw(into: &grid, in: line)
        }
        IntervalBar(low: 0.2, estimate: 0.4, high: 0.9, scale: 0...1)
            .draw(into: &grid, in: lines[5])
        Sparkline([1, 2, .nan, 4, 3, 5]).draw(into: &grid, in: lines[6])
        Sparkline([2, 2]).draw(into: &grid, in: lines[7])
        return grid
    }
}
