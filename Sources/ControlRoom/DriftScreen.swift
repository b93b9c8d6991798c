import Domain
import EngineAPI
import Terminal

/// Drift of one model over time: per feature, beside its true performance, window by window.
struct DriftScreen: Screen {
    /// Nil is the model that drifted most.
    private(set) var model: String?
    private var features = ListState()
    private(set) var metric = DriftMetric.psi
    /// The window of the cursor by its start; nil is the newest.
    private(set) var cursor: Timestamp?
    private(set) var isTable = false
    /// How much time is shown.
    private(set) var span = DriftSpan.all
    /// How often that was halved around the cursor.
    private(set) var zoom = 0
    private(set) var isLogarithmic = false
    /// Whether the lower chart shows the histogram where there is room for one only.
    private(set) var isHistogramShown = false

    /// Stands in the list of features for the share of those that drifted.
    static let shareID = "all features"

    var list: ListState? {
        get { features }
        set { features = newValue ?? features }
    }

    func listing(in context: ScreenContext) -> Listing? {
        guard let series = series(context.world) else { return nil }
        return DriftPoints.columns(series)
            .listing("\(series.model)-drift", shownPoints(series).reversed(), ListState())
    }

    func record(in context: ScreenContext) -> Record? {
        guard let series = series(context.world), let index = index(series.points) else {
            return nil
        }
        let point = series.points[index]
        return Record("\(series.model) \(point.time.dateText)", point)
    }

    func calls(in world: World) -> [EngineCall] {
        guard let name = modelName(world) else { return [.models, .deployments] }
        let feature = feature(world)
        var calls: [EngineCall] = [
            .models, .deployments, .drift(model: name, feature: feature, metric: metric),
        ]
        if let feature {
            calls.append(.histogram(model: name, feature: feature, window: cursor))
        }
        return calls
    }

    mutating func show(_ destination: Destination) {
        guard case .drift(let name, let feature, let date) = destination else { return }
        model = name
        features = ListState()
        if let feature { features.select(feature) }
        cursor = date
        zoom = 0
        // A window that lies outside would not be seen.
        if date != nil { span = .all }
    }

    /// Takes what was picked from a list, and says what is shown now.
    mutating func choose(_ choice: DriftChoice, in context: ScreenContext) -> String {
        switch choice {
        case .metric(let chosen):
            metric = chosen
            return "\(metric.title): \(metric.meaning)"
        case .span(let chosen):
            span = chosen
            zoom = 0
            if let series = series(context.world), let range = range(series.points),
                let now = index(series.points),
                !range.contains(series.points[now].time.seconds)
            {
                cursor = nil
            }
            return "Shown: \(span.title)."
        }
    }

    /// Begins or ends the time shown at the window of the cursor.
    private mutating func cutSpan(isStart: Bool, _ world: World) -> Step {
        guard let points = series(world)?.points, let index = index(points),
            let range = timeRange(points)
        else { return .done }
        let place = points[index].time.seconds
        let low = isStart ? place : range.lowerBound
        let high = isStart ? range.upperBound : place
        guard low < high else {
            return .say("The time shown would be empty: move the cursor first (h l).")
        }
        span = .custom(low...high)
        zoom = 0
        return .say("Shown: \(span.title); 0 shows all again.")
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let world = context.world
        switch command {
        case .left, .right: return moveCursor(by: command == .right ? 1 : -1, world)
        case .panLeft, .panRight: return moveCursor(by: command == .panRight ? 10 : -10, world)
        case .moveDown where isTable: return moveCursor(by: -1, world)
        case .moveUp where isTable: return moveCursor(by: 1, world)
        case .rangeStart, .rangeEnd: return cutSpan(isStart: command == .rangeStart, world)
        case .axis:
            isLogarithmic.toggle()
            return .say("Values on a \(isLogarithmic ? "logarithmic" : "linear") axis.")
        case .table: isTable.toggle()
        case .nextModel, .previousModel: return nextModel(command == .nextModel ? 1 : -1, world)
        case .zoomIn: zoom = min(6, zoom + 1)
        case .zoomOut: zoom = max(0, zoom - 1)
        case .fit:
            zoom = 0
            span = .all
        case .nextPane, .previousPane: isHistogramShown.toggle()
        case .open: return openModel(world)
        default:
            // The cursor begins on the feature that drifted most; a step is taken from there.
            if features.id == nil, let feature = feature(world) { features.select(feature) }
            let isMoved = features.move(command, ids: ids(world), height: context.listHeight)
            return isMoved ? .done : .unhandled
        }
        return .done
    }

    private func openModel(_ world: World) -> Step {
        modelName(world).map { .go(.model($0)) } ?? .unhandled
    }

    private mutating func nextModel(_ step: Int, _ world: World) -> Step {
        let names = world.knownModels.map(\.name)
        guard let now = modelName(world), let index = names.firstIndex(of: now), names.count > 1
        else { return .say("There is no other model.") }
        show(
            .drift(model: names[(index + step + names.count) % names.count], feature: nil, at: nil)
        )
        return .done
    }

    private mutating func moveCursor(by step: Int, _ world: World) -> Step {
        guard let points = series(world)?.points, !points.isEmpty else { return .done }
        let now = index(points) ?? points.count - 1
        let target = min(points.count - 1, max(0, now + step))
        cursor = target == points.count - 1 ? nil : points[target].time
        return .done
    }

    /// The window of the cursor, or the one that holds its moment.
    private func index(_ points: [DriftPoint]) -> Int? {
        guard !points.isEmpty else { return nil }
        guard let cursor else { return points.count - 1 }
        return points.lastIndex { $0.time <= cursor } ?? 0
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        focus.model = modelName(context.world)
        focus.deployment = context.world.deployments?.first { $0.deployment.model == focus.model }
        if let series = series(context.world), let index = index(series.points) {
            let point = series.points[index]
            let value = point.value.map { "\($0)" } ?? "none"
            let what = series.feature ?? Self.shareID
            focus.text = "\(series.model) \(what) \(series.metric.rawValue) \(point.time) \(value)"
        }
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        guard let series = series(context.world), let index = index(series.points) else {
            return StyledText()
        }
        let point = series.points[index]
        var text = StyledText("window \(index + 1)/\(series.points.count) ", .muted)
        text.append("\(point.time.dateText) ", .title)
        text += DriftWords.value(point, series, glyphs: .unicode)
        text.append(" · \(NumberText.thousands(point.rows)) rows · v\(point.version)")
        if let performance = point.performance {
            let isBelow = performance.value < performance.limit
            text.append(
                " · \(performance.metric.rawValue) \(ModelCells.number(performance.value))",
                isBelow && performance.metric.isHigherBetter ? .bad : .text
            )
        }
        return text
    }

    // MARK: - What is shown

    private func modelName(_ world: World) -> String? {
        if let model { return model }
        let worst = world.knownModels.max { ($0.worstPSI ?? -1) < ($1.worstPSI ?? -1) }
        return worst?.name
    }

    private func feature(_ world: World) -> String? {
        if let id = features.id { return id == Self.shareID ? nil : id }
        let name = modelName(world)
        return world.knownModels.first { $0.name == name }?.worstFeature
    }

    private func series(_ world: World) -> DriftSeries? {
        guard let series = world.series, series.model == modelName(world) else { return nil }
        return series
    }

    private func reports(_ world: World) -> [FeatureDrift] {
        guard let latest = series(world)?.latest else { return [] }
        let all = latest.features + (latest.prediction.map { [$0] } ?? [])
        return all.filter { features.filter.accepts($0.feature) }
    }

    private func ids(_ world: World) -> [String] {
        [Self.shareID] + reports(world).map(\.feature)
    }

    private func cursorRow(_ world: World) -> Int? {
        let ids = ids(world)
        if features.id != nil { return features.position(in: ids) }
        return feature(world).flatMap { ids.firstIndex(of: $0) } ?? 0
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        guard let series = series(world) else {
            drawEmpty(into: &grid, in: area, world)
            return
        }
        let listColumns = area.columns >= 100 ? 40 : 26
        let parts = area.splitColumns([.fraction(1), .fixed(listColumns)])
        drawFeatures(world, into: &grid, in: parts[1])
        let what = series.feature ?? "share of drifted features"
        let measure = series.feature == nil ? "" : " · \(series.metric.title)"
        let title = "Drift › \(series.model) › \(what)\(measure)"
        if isTable {
            drawTable(series, title, into: &grid, in: parts[0])
            return
        }
        let hasPerformance = series.points.contains { $0.performance != nil }
        let isTall = parts[0].rows >= 30
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
        min(14, max(8, (world.histogram?.bins.count ?? 8) + 3))
    }

    private func drawEmpty(into grid: inout CellGrid, in area: Rectangle, _ world: World) {
        let name = modelName(world)
        let title = name.map { "Drift › \($0)" } ?? "Drift"
        let inner = grid.box(area, title: StyledText(title), isFocused: true).padded
        var lines = DetailLines(columns: inner.columns)
        if name == nil {
            lines.sentence("No models yet. Train one: binnacle train PROJECT, or T.")
        } else if let refusal = world.refusals[.drift] {
            lines.sentence(refusal)
        } else {
            lines.sentence("Asking the engine…")
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
                    + "window \(window), verdict over \(rolling)"
                    + (series.latest?.causes?.first.map { " · cause: \($0.likely.kind.title)" }
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
                    "True performance · \(name)"
                        + (performance.series.count > 1 ? " · estimate without labels" : "")
                )
            )
            charts.append((performance, lower))
        }
        DriftCharts.draw(charts, into: &grid)
    }

    /// The whole time that was picked, as far as there are windows.
    private func range(_ points: [DriftPoint]) -> ClosedRange<Double>? {
        guard let first = points.first?.time.seconds, let last = points.last?.time.seconds,
            first < last
        else { return nil }
        switch span {
        case .all: return first...last
        case .days(let days):
            return max(first, last - Double(days) * Timestamp.day)...last
        case .custom(let range):
            let low = max(first, range.lowerBound)
            let high = min(last, range.upperBound)
            return low < high ? low...high : first...last
        }
    }

    private func shownPoints(_ series: DriftSeries) -> [DriftPoint] {
        guard let range = timeRange(series.points) else { return series.points }
        return series.points.filter { range.contains($0.time.seconds) }
    }

    private func timeRange(_ points: [DriftPoint]) -> ClosedRange<Double>? {
        guard let whole = range(points) else { return nil }
        let first = whole.lowerBound
        let last = whole.upperBound
        guard zoom > 0, let index = index(points) else { return whole }
        var span = last - first
        for _ in 0..<zoom { span /= 2 }
        let centre = points[index].time.seconds
        let start = min(max(first, centre - span / 2), max(first, last - span))
        return start...(start + span)
    }

    private func drawFeatures(_ world: World, into grid: inout CellGrid, in area: Rectangle) {
        let rows = reports(world)
        let share = series(world)?.latest?.driftedShare
        let verdict = series(world)?.latest?.verdict
        let glyphs = grid.glyphs
        let metric = metric
        let ids = ids(world)
        let inner = grid.box(
            area,
            title: StyledText("Features by PSI"),
            footer: StyledText("\(rows.count)")
        )
        let table = TableWidget(
            columns: [
                TableColumn("", width: .fixed(1), isPinned: true),
                TableColumn("feature", width: .flexible(minimum: 8), isPinned: true),
                TableColumn("PSI", width: .fixed(5), alignment: .right, priority: 90),
                TableColumn(
                    metric == .psi ? "missing" : metric.title,
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
                    glyphs.mark(verdict), StyledText("all: share drifted", .title),
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
        table.draw(into: &grid, in: inner)
    }

    private func drawHistogram(_ world: World, into grid: inout CellGrid, in area: Rectangle) {
        let feature = feature(world)
        // The one of the feature before stays until the next is here: its title says whose it is.
        guard let histogram = world.histogram, feature != nil,
            histogram.model == modelName(world), world.refusals[.histogram] == nil
        else {
            let title = feature.map { "Histogram · \($0)" } ?? "Histogram"
            let inner = grid.box(area, title: StyledText(title)).padded
            var lines = DetailLines(columns: inner.columns)
            let text =
                feature == nil
                ? "Put the cursor on a feature (j/k) to see its baseline and its window."
                : world.refusals[.histogram] ?? "Asking the engine…"
            lines.sentence(text)
            lines.draw(into: &grid, in: inner)
            return
        }
        let from = histogram.from.dateText
        let to = histogram.to.adding(seconds: -1).dateText
        let rows = NumberText.thousands(histogram.windowRows)
        let inner = grid.box(
            area,
            title: StyledText("Baseline v\(histogram.version) and \(from) to \(to) · \(rows) rows")
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
            empty: "no windows yet"
        )
        table.cursor = points.firstIndex { $0.time == now }
        table.isFocused = true
        let inner = grid.box(
            area,
            title: StyledText(title),
            isFocused: true,
            footer: StyledText(table.position)
        )
        table.draw(into: &grid, in: inner)
    }
}
