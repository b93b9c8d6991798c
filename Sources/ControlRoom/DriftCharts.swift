import Domain
import EngineAPI
import Terminal

/// A drift series as charts over one axis of time.
enum DriftCharts {
    /// The measure of drift, its limit and the deployments.
    static func distance(
        _ series: DriftSeries,
        range: ClosedRange<Double>? = nil,
        columns: Int = 80,
        cursor: Double?,
        readoutTitle: String = "",
        readout: [StyledText]
    ) -> LineChart {
        let values = series.points.map { $0.value ?? .nan }
        let title =
            series.feature == nil ? localized("share") : localized(word: series.metric.title)
        let places = series.points.map(\.time.seconds)
        let shown = range ?? Self.range(of: places)
        let highest = values.filter(\.isFinite).max() ?? 0
        let limit = series.threshold ?? 0
        return LineChart(
            series: [ChartSeries(name: title, places: places, values: values, role: .series1)],
            thresholds: series.threshold.map {
                [ChartThreshold(value: $0, label: localized("limit"), role: .bad)]
            } ?? [],
            markers: markers(series),
            labels: labels(shown, columns: columns),
            placeRange: shown,
            valueRange: 0...max(highest, limit, 0.05) * 1.2,
            cursor: cursor,
            readoutTitle: readoutTitle,
            readout: readout,
            emptyText: StyledText(localized("no windows with enough rows yet"), .muted)
        )
    }

    /// The true values of the windows whose labels came, with the limit of the alert.
    static func performance(
        _ series: DriftSeries,
        range: ClosedRange<Double>? = nil,
        columns: Int = 80,
        cursor: Double?
    ) -> LineChart? {
        let measured = series.points.compactMap(\.performance)
        guard let last = measured.last else { return nil }
        let places = series.points.map(\.time.seconds)
        let values = series.points.map { $0.performance?.value ?? .nan }
        let estimates = series.points.map { $0.estimate?.value ?? .nan }
        let known = estimates.filter(\.isFinite)
        let finite = values.filter(\.isFinite) + known + [last.limit, last.expected]
        let low = finite.min() ?? 0
        let high = finite.max() ?? 1
        let room = max((high - low) * 0.08, 1e-6)
        let shown = range ?? Self.range(of: places)
        return LineChart(
            series: [
                ChartSeries(
                    name: last.metric.rawValue,
                    places: places,
                    values: values,
                    role: .series3
                )
            ]
                + (known.isEmpty
                    ? []
                    : [
                        ChartSeries(
                            name: "estimate",
                            places: places,
                            values: estimates,
                            role: .series2
                        )
                    ]),
            thresholds: [
                ChartThreshold(
                    value: last.limit,
                    label: localized("limit"),
                    role: .bad
                )
            ],
            markers: markers(series).map {
                ChartMarker(place: $0.place, label: "", role: $0.role)
            },
            labels: labels(shown, columns: columns),
            placeRange: shown,
            valueRange: (low - room)...(high + room),
            cursor: cursor
        )
    }

    /// Draws charts below each other so that the same moment is in the same column.
    static func draw(_ charts: [(LineChart, Rectangle)], into grid: inout CellGrid) {
        let widths = charts.map { labelColumns($0.0, rows: $0.1.rows) }
        let widest = widths.max() ?? 0
        for (index, (chart, area)) in charts.enumerated() {
            chart.draw(into: &grid, in: area.droppingLeft(widest - widths[index]))
        }
    }

    /// Columns that the numbers beside a chart take.
    private static func labelColumns(_ chart: LineChart, rows: Int) -> Int {
        guard let range = chart.valueRange else { return 0 }
        let plotRows = rows - (chart.labels.isEmpty ? 1 : 2)
        let axis = Axis(holding: range, ticks: max(2, plotRows / 3))
        let values = axis.ticks + chart.thresholds.map(\.value)
        return min(10, values.reduce(1) { max($0, CharacterWidth.columns(of: axis.label($1))) })
    }

    private static func markers(_ series: DriftSeries) -> [ChartMarker] {
        series.markers.map {
            ChartMarker(place: $0.time.seconds, label: $0.label, role: .pending)
        }
    }

    private static func range(of places: [Double]) -> ClosedRange<Double>? {
        guard let first = places.first, let last = places.last, first <= last else { return nil }
        return first...last
    }

    /// A date for about every twelve columns; times where a day fills the chart.
    static func labels(_ range: ClosedRange<Double>?, columns: Int) -> [ChartLabel] {
        guard let range else { return [] }
        let count = max(2, columns / 12)
        let rough = (range.upperBound - range.lowerBound) / Double(count)
        let hours: [Double] = [1, 3, 6, 12]
        let days: [Double] = [1, 2, 5, 7, 14, 30, 61, 91, 182, 365]
        let steps = hours.map { $0 * Timestamp.hour } + days.map { $0 * Timestamp.day }
        let step = steps.first { $0 >= rough } ?? 365 * Timestamp.day
        var place = (range.lowerBound / step).rounded(.up) * step
        var labels: [ChartLabel] = []
        while place <= range.upperBound, labels.count < 100 {
            let date = Timestamp(seconds: place)
            let text =
                step < Timestamp.day
                ? String(date.timeText.prefix(5)) : String(date.dateText.dropFirst(5))
            labels.append(ChartLabel(place: place, text: text))
            place += step
        }
        return labels
    }
}
