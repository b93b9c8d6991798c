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
    /// What ranking and histogram hold the rows of the window against.
    private(set) var reference = DriftReference.training
    /// Whether the lower chart shows the histogram where there is room for one only.
    private(set) var isHistogramShown = false

    /// Rows from which on the accuracy and the histogram are shown both.
    static let tallRows = 30

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
        if reference != .training {
            calls.append(comparisonCall(of: name, world))
        } else if let feature {
            calls.append(.histogram(model: name, feature: feature, window: cursor))
        }
        return calls
    }

    mutating func show(_ destination: Destination) {
        guard case .drift(let name, let feature, let date) = destination else { return }
        // A version or a range is one of the model it was picked for.
        if name != model { reference = .training }
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
            return localized(word: metric.title) + ": \(metric.meaning)"
        case .reference(let chosen):
            reference = chosen
            return referenceTitle.map { localized("Features and histogram: against \($0).") }
                ?? localized("Features and histogram: against the training rows.")
        case .span(let chosen):
            span = chosen
            zoom = 0
            if let series = series(context.world), let range = range(series.points),
                let now = index(series.points),
                !range.contains(series.points[now].time.seconds)
            {
                cursor = nil
            }
            return localized("Shown: \(span.title).")
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
            return .say(localized("The time shown would be empty: move the cursor first (h l)."))
        }
        span = .custom(low...high)
        zoom = 0
        return .say(localized("Shown: \(span.title); 0 shows all again."))
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
            return .say(
                localized(
                    "Values on a \(isLogarithmic ? localized("logarithmic") : localized("linear")) axis."
                )
            )
        case .table: isTable.toggle()
        case .nextModel, .previousModel: return nextModel(command == .nextModel ? 1 : -1, world)
        case .zoomIn: zoom = min(6, zoom + 1)
        case .zoomOut where zoom == 0, .fit where zoom == 0 && span == .all:
            return .say(localized("All the time of the range is shown."))
        case .zoomOut: zoom -= 1
        case .fit:
            zoom = 0
            span = .all
        case .nextPane, .previousPane:
            guard series(world)?.points.contains(where: { $0.performance != nil }) == true else {
                return .say(localized("No labels came yet: there is no accuracy chart beside."))
            }
            guard context.size.rows < Self.tallRows + 4 else {
                return .say(localized("Both charts are shown."))
            }
            isHistogramShown.toggle()
        case .open: return openModel(world)
        default:
            // The cursor begins on the feature that drifted most; a step is taken from there.
            if features.id == nil, let feature = feature(world) { features.select(feature) }
            let isMoved = features.move(command, ids: ids(world), height: context.listHeight)
            return isMoved ? .done : .unhandled
        }
        return .done
    }

    func openModel(_ world: World) -> Step {
        modelName(world).map { .go(.model($0)) } ?? .unhandled
    }

    private mutating func nextModel(_ step: Int, _ world: World) -> Step {
        let names = world.knownModels.map(\.name)
        guard let now = modelName(world), let index = names.firstIndex(of: now), names.count > 1
        else { return .say(localized("There is no other model.")) }
        show(
            .drift(model: names[(index + step + names.count) % names.count], feature: nil, at: nil)
        )
        return .done
    }

    private mutating func moveCursor(by step: Int, _ world: World) -> Step {
        guard let points = series(world)?.points, !points.isEmpty else { return .done }
        let now = index(points) ?? points.count - 1
        let target = min(points.count - 1, max(0, now + step))
        guard target != now else {
            return .say(
                step > 0
                    ? localized("This is the newest window.")
                    : localized("This is the oldest window.")
            )
        }
        cursor = target == points.count - 1 ? nil : points[target].time
        return .done
    }

    /// The window of the cursor, or the one that holds its moment.
    func index(_ points: [DriftPoint]) -> Int? {
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
            let value = point.value.map { "\($0)" } ?? localized("none")
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
        var text = StyledText(localized("window \(index + 1)/\(series.points.count) "), .muted)
        text.append("\(point.time.dateText) ", .title)
        text += DriftWords.value(point, series, glyphs: .unicode)
        text.append(localized(" · \(NumberText.thousands(point.rows)) rows · v\(point.version)"))
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

    func modelName(_ world: World) -> String? {
        if let model { return model }
        let worst = world.knownModels.max { ($0.worstPSI ?? -1) < ($1.worstPSI ?? -1) }
        return worst?.name
    }

    func feature(_ world: World) -> String? {
        if let id = features.id { return id == Self.shareID ? nil : id }
        let name = modelName(world)
        return world.knownModels.first { $0.name == name }?.worstFeature
    }

    func series(_ world: World) -> DriftSeries? {
        guard let series = world.series, series.model == modelName(world) else { return nil }
        return series
    }

    func reports(_ world: World) -> [FeatureDrift] {
        let all: [FeatureDrift]
        if let held = heldAgainst(world) {
            all = held.features + (held.prediction.map { [$0] } ?? [])
        } else if let latest = series(world)?.latest {
            all = latest.features + (latest.prediction.map { [$0] } ?? [])
        } else {
            return []
        }
        return all.filter { features.filter.accepts($0.feature) }
    }

    func ids(_ world: World) -> [String] {
        [Self.shareID] + reports(world).map(\.feature)
    }

    func cursorRow(_ world: World) -> Int? {
        let ids = ids(world)
        if features.id != nil { return features.position(in: ids) }
        return feature(world).flatMap { ids.firstIndex(of: $0) } ?? 0
    }

    /// The whole time that was picked, as far as there are windows.
    func range(_ points: [DriftPoint]) -> ClosedRange<Double>? {
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

    func shownPoints(_ series: DriftSeries) -> [DriftPoint] {
        guard let range = timeRange(series.points) else { return series.points }
        return series.points.filter { range.contains($0.time.seconds) }
    }

    func timeRange(_ points: [DriftPoint]) -> ClosedRange<Double>? {
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
}
