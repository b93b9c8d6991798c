import Domain
package import EngineAPI
import FoundationEssentials
import Monitoring
import Storage

/// Rows of one version in a range of time, summed.
struct RangeRows {
    let sketch: WindowSketch
    /// The start of the first window and the end of the last one that may have rows.
    let from: Timestamp
    let to: Timestamp
}

extension Monitor {
    /// Rows that are counted anew where bins of another version are asked for.
    private static let recountLimit = 50_000

    /// The windows that start in a range of time, summed in a time that does not grow with it.
    func rows(from: Timestamp, to: Timestamp, of state: VersionState) async throws -> RangeRows {
        let (model, number) = (state.version.model, state.version.number)
        let grid = WindowGrid(seconds: state.policy.windowSeconds)
        guard let span = try await store.windowSpan(model: model, version: number),
            max(from, span.lowerBound) < min(to, span.upperBound.adding(seconds: grid.seconds))
        else {
            throw Refusal(
                .notFound,
                """
                "\(model)" v\(number) has no rows from \(from) to \(to). "binnacle drift \(model) \
                --history" lists the windows that have.
                """
            )
        }
        let first = grid.first(atOrAfter: max(from, span.lowerBound))
        let end = grid.first(atOrAfter: min(to, span.upperBound.adding(seconds: grid.seconds)))
        let sketch = try await index(of: state, grid).sketch(first..<max(first, end))
        guard sketch.rows > 0 else {
            throw Refusal(
                .notFound,
                "\"\(model)\" v\(number) has no window that begins from \(from) to \(to)."
            )
        }
        return RangeRows(sketch: sketch, from: grid.start(first), to: grid.start(end))
    }

    private func index(of state: VersionState, _ grid: WindowGrid) -> RangeIndex {
        let layout = RangeLayout(
            baseline: state.baseline,
            task: state.version.signature.task
        )
        let (model, version) = (state.version.model, state.version.number)
        let store = store
        return RangeIndex(
            layout: layout,
            windows: { places in
                try await Self.packedWindows(
                    places,
                    of: (model, version),
                    grid: grid,
                    layout: layout,
                    store: store
                )
            },
            load: { node in
                try await store.windowRange(
                    node.kind == .prefix ? .prefix : .rest,
                    level: node.level,
                    start: grid.start(node.place, level: node.level),
                    model: model,
                    version: version
                )
            },
            save: { node, body in
                let range = WindowRange(
                    node.kind == .prefix ? .prefix : .rest,
                    level: node.level,
                    start: grid.start(node.place, level: node.level),
                    coverFrom: grid.start(node.windows.lowerBound),
                    coverTo: grid.start(node.windows.upperBound)
                )
                try await store.keep(range, body, model: model, version: version)
            }
        )
    }

    /// The windows of a range as the index takes them; what is not packed yet is packed now.
    private static func packedWindows(
        _ places: Range<Int>,
        of key: (model: String, version: Int),
        grid: WindowGrid,
        layout: RangeLayout,
        store: Store
    ) async throws -> [RangeIndex.Window] {
        let (from, to) = (grid.start(places.lowerBound), grid.start(places.upperBound))
        let found = try await store.packedWindows(
            model: key.model,
            version: key.version,
            from: from,
            to: to
        )
        var windows: [RangeIndex.Window] = []
        for (start, body) in found {
            let place = grid.first(atOrAfter: start)
            if let body {
                windows.append(try RangeIndex.Window(place: place, packed: body))
                continue
            }
            let next = start.adding(seconds: 1e-6)
            let stored = try await store.windowSketches(
                model: key.model,
                version: key.version,
                from: start,
                to: next
            )
            guard let bytes = stored.first?.1 else { continue }
            let window = try RangeIndex.Window(
                place: place,
                sketch: WindowSketch(encoded: Data(bytes)),
                layout: layout
            )
            let range = WindowRange(
                .window,
                level: 0,
                start: start,
                coverFrom: start,
                coverTo: next
            )
            try await store.keep(range, window.packed, model: key.model, version: key.version)
            windows.append(window)
        }
        return windows
    }
}

/// Windows of one length that 1970 begins one of, numbered from the one that holds the year 1.
struct WindowGrid: Sendable {
    let seconds: Double
    private let microseconds: Int64
    /// The number of the window that begins with 1970.
    private let middle: Int

    private static let secondsFromYear1: Int64 = 62_135_596_800

    init(seconds: Double) {
        self.seconds = seconds
        microseconds = max(1, Int64((seconds * 1_000_000).rounded()))
        middle = Int(Self.secondsFromYear1 * 1_000_000 / microseconds) + 1
    }

    /// The first window that starts at or after a moment.
    func first(atOrAfter time: Timestamp) -> Int {
        let (quotient, rest) = time.microseconds.quotientAndRemainder(dividingBy: microseconds)
        return middle + Int(quotient) + (rest > 0 ? 1 : 0)
    }

    /// The start of a window, or of the block of this level.
    func start(_ place: Int, level: Int = 0) -> Timestamp {
        let window = RangeIndex.firstWindow(of: place, level: level)
        return Timestamp(microseconds: Int64(window - middle) * microseconds)
    }
}

// MARK: - Comparing

extension CompareDrift: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> DriftComparison {
        if let from, let to, from >= to {
            throw Refusal(.invalid, "The range from \(from) to \(to) is empty.")
        }
        // In turn with rows that come in: what the index keeps must not be older than they are.
        let request = self
        return try await engine.monitor.inTurn { try await $0.compare(request) }
    }
}

extension Monitor {
    func compare(_ request: CompareDrift) async throws -> DriftComparison {
        let newest = try await store.newestReport(
            of: request.model,
            version: request.version,
            asOf: request.asOf
        )
        guard let newest else {
            let version = request.version.map { " v\($0)" } ?? ""
            throw Refusal(
                .notFound,
                """
                "\(request.model)"\(version) has no judged window yet. Rows come in when its \
                deployment scores.
                """
            )
        }
        let state = try await versionState(request.model, newest.version)
        let (from, to) = (request.from ?? newest.rollingStart, request.to ?? newest.windowEnd)
        guard from < to else {
            throw Refusal(.invalid, "The range from \(from) to \(to) is empty.")
        }
        let current = try await rows(from: from, to: to, of: state)
        let pair = try await pair(request.reference, current, asked: from..<to, state: state)
        let report = try DriftReport(
            on: DriftSubject(
                model: request.model,
                version: newest.version,
                deployment: newest.deployment,
                windowStart: pair.from,
                windowEnd: pair.to,
                rollingStart: pair.from
            ),
            baseline: pair.baseline,
            window: pair.window,
            policy: state.policy,
            expected: nil
        )
        return DriftComparison(
            report: report,
            reference: request.reference,
            title: pair.title,
            referenceRows: pair.baseline.rows,
            histogram: try request.feature.map { feature in
                try histogram(of: feature, report: report, pair.baseline, pair.window)
            }
        )
    }

    /// Two sides over the same bins.
    private struct ComparedPair {
        let baseline: Baseline
        let window: WindowSketch
        let from: Timestamp
        let to: Timestamp
        let title: String
    }

    private func pair(
        _ reference: DriftReference,
        _ current: RangeRows,
        asked: Range<Timestamp>,
        state: VersionState
    ) async throws -> ComparedPair {
        let (window, name) = (current.sketch, "v\(state.version.number)")
        func pair(_ baseline: Baseline, _ title: String) -> ComparedPair {
            ComparedPair(
                baseline: baseline,
                window: window,
                from: current.from,
                to: current.to,
                title: title
            )
        }
        func pair(from: Timestamp, to: Timestamp) async throws -> ComparedPair {
            let rows = try await rows(from: from, to: to, of: state)
            return pair(
                try state.baseline.replaced(by: rows.sketch),
                "the rows of \(name) from \(rows.from) to \(rows.to)"
            )
        }
        switch reference {
        case .training: return pair(state.baseline, "the training rows of \(name)")
        case .range(let from, let to): return try await pair(from: from, to: to)
        case .lastWeek:
            let week = -7 * Timestamp.day
            return try await pair(
                from: asked.lowerBound.adding(seconds: week),
                to: asked.upperBound.adding(seconds: week)
            )
        case .sameMonth:
            let month = Int(asked.lowerBound.dateText.dropFirst(5).prefix(2)) ?? 1
            let years = [-365.0, -730, -1_095].map { $0 * Timestamp.day }
            for year in years {
                let (from, to) = (
                    asked.lowerBound.adding(seconds: year), asked.upperBound.adding(seconds: year)
                )
                if let earlier = try? await pair(from: from, to: to) { return earlier }
            }
            guard let baseline = state.baseline.trainingRows(ofMonth: month) else {
                throw Refusal(
                    .notFound,
                    """
                    Neither did \(name) answer in this month of an earlier year, nor was it \
                    trained on rows of it. Compare with "training" or "last-week".
                    """
                )
            }
            return pair(baseline, "the training rows of \(name) in the same month")
        case .version(let number):
            return try await recounted(current, asBinnedBy: number, asked: asked, state: state)
        }
    }

    /// The rows of a range counted in the bins of another version, against its training rows.
    private func recounted(
        _ current: RangeRows,
        asBinnedBy number: Int,
        asked: Range<Timestamp>,
        state: VersionState
    ) async throws -> ComparedPair {
        let other = try await versionState(state.version.model, number)
        let predictions = try await store.recentPredictions(
            model: state.version.model,
            version: state.version.number,
            from: current.from,
            to: current.to,
            limit: Monitor.recountLimit
        )
        let columns = state.version.signature.features.enumerated()
            .filter { other.baseline.column($0.element.name) != nil }
            .map { position, feature in
                let cells = predictions.map { row in
                    position < row.cells.count ? row.cells[position] : nil
                }
                let wanted =
                    other.version.signature.features.first { $0.name == feature.name } ?? feature
                return NamedColumn(
                    name: feature.name,
                    values: ColumnValues(cells: cells, encoding: wanted.encoding)
                )
            }
        let baseline = other.baseline.keeping(Set(columns.map(\.name)))
        var window = try WindowSketch(baseline: baseline, task: other.version.signature.task)
        try window.add(columns: columns, scores: predictions.map(\.score), baseline: baseline)
        let isCut = predictions.count == Monitor.recountLimit
        return ComparedPair(
            baseline: baseline,
            window: window,
            from: isCut ? predictions.first?.time ?? current.from : current.from,
            to: current.to,
            title: "the training rows of v\(number)"
        )
    }

    private func histogram(
        of feature: String,
        report: DriftReport,
        _ baseline: Baseline,
        _ window: WindowSketch
    ) throws -> FeatureHistogram {
        guard let bars = BinShare.bars(of: feature, baseline: baseline, window: window) else {
            let known = baseline.columns.map(\.name).joined(separator: ", ")
            throw Refusal(
                .notFound,
                "\"\(report.model)\" watches no feature \"\(feature)\". It watches \(known)."
            )
        }
        return FeatureHistogram(
            model: report.model,
            version: report.version,
            feature: feature,
            from: report.rollingStart,
            to: report.windowEnd,
            baselineRows: baseline.rows,
            windowRows: window.rows,
            bins: bars.map {
                HistogramBin(
                    label: $0.label,
                    baselineShare: $0.baselineShare,
                    windowShare: $0.windowShare
                )
            },
            drift: feature == Baseline.scoreColumn
                ? report.prediction : report.features.first { $0.feature == feature }
        )
    }
}
