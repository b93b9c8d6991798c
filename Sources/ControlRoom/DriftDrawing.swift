import Domain
import EngineAPI
import Terminal

/// How the drift of a model is drawn.
extension DriftScreen {
    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        guard let series = series(world) else {
            drawEmpty(into: &grid, in: area, world)
            return
        }
        let listColumns = area.columns >= 100 ? 40 : 26
        let parts = area.splitColumns([.fraction(1), .fixed(listColumns)])
        drawFeatures(world, into: &grid, in: parts[1])
        let what = series.feature ?? localized("share of drifted features")
        let measure = series.feature == nil ? "" : " · \(localized(word: series.metric.title))"
        let title = localized("Drift › \(series.model) › \(what)\(measure)")
        if isTable {
            drawTable(series, title, into: &grid, in: parts[0])
            return
        }
        let hasPerformance = series.points.contains { $0.performance != nil }
        let isTall = parts[0].rows >= Self.tallRows
        let isHistogram = isTall || isHistogramShown || !hasPerformance
        var shares: [Share] = [.fraction(3)]
        if hasPerformance, isTall || !isHistogramShown { shares.append(.fraction(2)) }
        if isHistogram { shares.append(isTall ? .fixed(histogramRows(world)) : .fraction(2)) }
        let rows = parts[0].splitRows(shares)
        drawCharts(
            series,
            title,
            hasPerformance && (isTall || !isHistogramShown) ? (rows[0], rows[1]) : (rows[0], nil),
            into: &grid
        )
        if isHistogram, let place = rows.last { drawHistogram(world, into: &grid, in: place) }
    }

    private func histogramRows(_ world: World) -> Int {
        min(14, max(8, ((heldAgainst(world)?.histogram ?? world.histogram)?.bins.count ?? 8) + 3))
    }

    private func drawEmpty(into grid: inout CellGrid, in area: Rectangle, _ world: World) {
        let name = modelName(world)
        let title = name.map { localized("Drift › \($0)") } ?? localized("Drift")
        let inner = grid.box(area, title: StyledText(title), isFocused: true).padded
        var lines = DetailLines(columns: inner.columns)
        if name == nil {
            lines.sentence(
                world.empty(localized("No models yet. Train one: binnacle train PROJECT, or T."))
            )
        } else if let refusal = world.refusals[.drift] {
            lines.sentence(refusal)
        } else {
            lines.sentence(localized("Asking the engine…"))
        }
        lines.draw(into: &grid, in: inner)
    }

    private func drawCharts(
        _ series: DriftSeries,
        _ title: String,
        _ areas: (Rectangle, Rectangle?),
        into grid: inout CellGrid
    ) {
        let window = NumberText.duration(series.windowSeconds)
        let rolling = NumberText.duration(series.rollingSeconds)
        let upper = grid.box(
            areas.0,
            title: StyledText(title),
            isFocused: true,
            footer: StyledText(
                (span == .all ? "" : "\(span.title) · ")
                    + localized("window \(window), verdict over \(rolling)")
                    + (series.latest?.causes?.first.map {
                        localized(" · cause: \(localized(word: $0.likely.kind.title))")
                    }
                        ?? ""),
                .muted
            )
        )
        let range = timeRange(series.points)
        let place = index(series.points).map { series.points[$0].time.seconds }
        let readout = DriftWords.readout(
            index(series.points).map { series.points[$0] },
            series,
            grid.glyphs
        )
        var chart = DriftCharts.distance(
            series,
            range: range,
            columns: upper.columns,
            cursor: place,
            readoutTitle: place.map { Timestamp(seconds: $0).dateText } ?? "",
            // Where the box would cover half of the chart the status line says the same.
            readout: upper.columns >= 70 ? readout : []
        )
        if isLogarithmic {
            chart.isLogarithmic = true
            chart.valueRange = nil
        }
        var charts = [(chart, upper)]
        if let area = areas.1,
            let performance = DriftCharts.performance(
                series,
                range: range,
                columns: upper.columns,
                cursor: place
            )
        {
            let name = performance.series.first?.name ?? ""
            let lower = grid.box(
                area,
                title: StyledText(
                    localized("True performance · \(name)")
                        + (performance.series.count > 1
                            ? localized(" · estimate without labels") : "")
                )
            )
            charts.append((performance, lower))
        }
        DriftCharts.draw(charts, into: &grid)
    }

    private func drawFeatures(_ world: World, into grid: inout CellGrid, in area: Rectangle) {
        let rows = reports(world)
        let held = heldAgainst(world)
        let share = held?.driftedShare ?? series(world)?.latest?.driftedShare
        let verdict = held?.verdict ?? series(world)?.latest?.verdict
        let glyphs = grid.glyphs
        let metric = metric
        let ids = ids(world)
        let inner = grid.box(
            area,
            title: StyledText(
                held == nil
                    ? localized("Features by PSI")
                    : localized("By PSI against \(referenceTitle ?? "")")
            ),
            footer: StyledText("\(rows.count)")
        )
        let table = TableWidget(
            columns: [
                TableColumn("", width: .fixed(1), isPinned: true),
                TableColumn("feature", width: .flexible(minimum: 8), isPinned: true),
                TableColumn("PSI", width: .fixed(5), alignment: .right, priority: 90),
                TableColumn(
                    metric == .psi ? localized("missing") : metric.title,
                    width: .fitted(minimum: 5, maximum: 11),
                    alignment: .right,
                    priority: 40
                ),
            ],
            rowCount: ids.count,
            cursor: cursorRow(world),
            isFocused: !isTable
        ) { index in
            guard index > 0 else {
                return TableRow([
                    glyphs.mark(verdict), StyledText(localized("all: share drifted"), .title),
                    StyledText(share.map { NumberText.percent($0) } ?? "—"), StyledText(),
                ])
            }
            let one = rows[index - 1]
            let other =
                metric == .psi
                ? NumberText.percent(one.missingShare, 1)
                : one.value(of: metric).map(NumberText.short)
            return TableRow([
                glyphs.mark(one.verdict), StyledText(one.feature),
                StyledText(NumberText.decimals(one.psi, 2, isLeadingZeroShown: false)),
                StyledText(other ?? "—", .muted),
            ])
        }
        table.localizedHeader.draw(into: &grid, in: inner)
    }

    private func drawHistogram(_ world: World, into grid: inout CellGrid, in area: Rectangle) {
        let feature = feature(world)
        // The one of the feature before stays until the next is here: its title says whose it is.
        let held = heldAgainst(world)
        let kind: EngineCall.Kind = reference == .training ? .histogram : .driftComparison
        let known = reference == .training ? world.histogram : held?.histogram
        guard let histogram = known, feature != nil,
            histogram.model == modelName(world), world.refusals[kind] == nil
        else {
            let title = feature.map { localized("Histogram · \($0)") } ?? localized("Histogram")
            let inner = grid.box(area, title: StyledText(title)).padded
            var lines = DetailLines(columns: inner.columns)
            let text =
                feature == nil && world.refusals[kind] == nil
                ? localized("Put the cursor on a feature (j/k) to see its baseline and its window.")
                : world.refusals[kind] ?? localized("Asking the engine…")
            lines.sentence(text)
            lines.draw(into: &grid, in: inner)
            return
        }
        let inner = grid.box(
            area,
            title: StyledText(histogramTitle(histogram, held)),
            footer: StyledText(histogram.drift?.quality?.words ?? "", .muted)
        )
        HistogramPair(
            bins: histogram.bins.map {
                HistogramPair.Bin(
                    label: $0.label,
                    reference: $0.baselineShare,
                    current: $0.windowShare
                )
            }
        ).draw(into: &grid, in: inner.padded)
    }

    private func drawTable(
        _ series: DriftSeries,
        _ title: String,
        into grid: inout CellGrid,
        in area: Rectangle
    ) {
        let points = Array(shownPoints(series).reversed())
        let now = index(series.points).map { series.points[$0].time }
        var table = DriftPoints.columns(series).table(
            points,
            ListState(),
            ListLook(
                now: series.points.last?.time ?? Timestamp(microseconds: 0),
                glyphs: grid.glyphs
            ),
            empty: localized("no windows yet")
        )
        table.cursor = points.firstIndex { $0.time == now }
        table.isFocused = true
        let inner = grid.box(
            area,
            title: StyledText(title),
            isFocused: true,
            footer: StyledText(table.position)
        )
        table.localizedHeader.draw(into: &grid, in: inner)
    }
}
