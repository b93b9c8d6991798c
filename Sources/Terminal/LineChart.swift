internal import Glibc

/// One line of a chart.
package struct ChartSeries: Hashable, Sendable {
    package var name: String
    /// Places along the chart, rising, in any unit, such as seconds.
    package var places: [Double]
    /// As many values as places; NaN is a gap in the line.
    package var values: [Double]
    package var role: Role

    package init(name: String, places: [Double], values: [Double], role: Role) {
        self.name = name
        self.places = places
        self.values = values
        self.role = role
    }

    /// The last place at or before this one that has a value, and the value.
    package func reading(at place: Double) -> (place: Double, value: Double)? {
        var found: (place: Double, value: Double)?
        for (one, value) in zip(places, values) {
            if one > place { break }
            if value.isFinite { found = (one, value) }
        }
        return found
    }
}

/// A dashed line across the chart, such as the limit of an alert.
package struct ChartThreshold: Hashable, Sendable {
    package var value: Double
    package var label: String
    package var role: Role

    package init(value: Double, label: String, role: Role) {
        self.value = value
        self.label = label
        self.role = role
    }
}

/// A dashed line down the chart, such as a deployment.
package struct ChartMarker: Hashable, Sendable {
    package var place: Double
    package var label: String
    package var role: Role

    package init(place: Double, label: String, role: Role = .muted) {
        self.place = place
        self.label = label
        self.role = role
    }
}

/// A text below the chart, such as a day.
package struct ChartLabel: Hashable, Sendable {
    package var place: Double
    package var text: String

    package init(place: Double, text: String) {
        self.place = place
        self.text = text
    }
}

/// Lines over an axis of time or steps, with limits, markers and a cursor that reads values.
package struct LineChart: Hashable, Sendable {
    package var series: [ChartSeries]
    package var thresholds: [ChartThreshold]
    package var markers: [ChartMarker]
    package var labels: [ChartLabel]
    /// Nil shows all that the series hold.
    package var placeRange: ClosedRange<Double>?
    package var valueRange: ClosedRange<Double>?
    /// Logarithmic values; those that are not above 0 become gaps.
    package var isLogarithmic: Bool
    /// The place that the cursor line marks.
    package var cursor: Double?
    /// The box beside the cursor: its title and lines, written by the caller who knows the units.
    package var readoutTitle: String
    package var readout: [StyledText]
    /// Stands in the middle when no series has a value.
    package var emptyText: StyledText

    package init(
        series: [ChartSeries],
        thresholds: [ChartThreshold] = [],
        markers: [ChartMarker] = [],
        labels: [ChartLabel] = [],
        placeRange: ClosedRange<Double>? = nil,
        valueRange: ClosedRange<Double>? = nil,
        isLogarithmic: Bool = false,
        cursor: Double? = nil,
        readoutTitle: String = "",
        readout: [StyledText] = [],
        emptyText: StyledText = StyledText("no values yet", .muted)
    ) {
        self.series = series
        self.thresholds = thresholds
        self.markers = markers
        self.labels = labels
        self.placeRange = placeRange
        self.valueRange = valueRange
        self.isLogarithmic = isLogarithmic
        self.cursor = cursor
        self.readoutTitle = readoutTitle
        self.readout = readout
        self.emptyText = emptyText
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        grid.reading?.add(self)
        guard rectangle.columns >= 12, rectangle.rows >= 3 else { return }
        guard let frame = ChartFrame(self, in: rectangle) else {
            let middle = rectangle.droppingTop(rectangle.rows / 2).top(1)
            grid.put(emptyText, in: middle, alignment: .centre)
            return
        }
        drawThresholds(frame, into: &grid)
        drawMarkers(frame, into: &grid)
        drawSeries(frame, into: &grid)
        drawThresholdLabels(frame, into: &grid)
        drawValueAxis(frame, into: &grid)
        drawPlaceAxis(frame, into: &grid)
        drawCursor(frame, into: &grid)
    }

    private func drawSeries(_ frame: ChartFrame, into grid: inout CellGrid) {
        let plot = frame.plot
        let isASCII = grid.glyphs.isASCII
        var canvas = DotCanvas(columns: plot.columns, rows: plot.rows, isASCII: isASCII)
        for (number, line) in series.enumerated() {
            var last: Point?
            for (place, value) in zip(line.places, line.values) {
                guard let height = frame.share(ofValue: value), place.isFinite else {
                    last = nil
                    continue
                }
                let across = frame.share(ofPlace: place) * Double(canvas.dotColumns - 1)
                let down = (1 - height) * Double(canvas.dotRows - 1)
                guard across.magnitude < 1e6, down.magnitude < 1e6 else {
                    last = nil
                    continue
                }
                let point = Point(column: Int(across.rounded()), row: Int(down.rounded()))
                canvas.line(from: last ?? point, to: point, owner: number)
                last = point
            }
        }
        for row in 0..<plot.rows {
            for column in 0..<plot.columns {
                guard let (character, owner) = canvas.cell(column, row) else { continue }
                let place = Point(column: plot.column + column, row: plot.row + row)
                grid.put(String(character), at: place, style: Style(series[owner].role), limit: 1)
            }
        }
    }

    private func drawThresholds(_ frame: ChartFrame, into grid: inout CellGrid) {
        for threshold in thresholds {
            guard let share = frame.share(ofValue: threshold.value), (0...1).contains(share)
            else { continue }
            let row = frame.row(ofShare: share)
            let line = String(repeating: grid.glyphs.dashed, count: frame.plot.columns)
            let style = Style(threshold.role)
            grid.put(line, at: Point(column: frame.plot.column, row: row), style: style)
        }
    }

    /// The names of the limits, at the right or the left, where they hide no line if possible.
    private func drawThresholdLabels(_ frame: ChartFrame, into grid: inout CellGrid) {
        for threshold in thresholds {
            guard let share = frame.share(ofValue: threshold.value), (0...1).contains(share)
            else { continue }
            let row = frame.row(ofShare: share)
            let label = " \(grid.glyphs.mark(for: threshold.role)) \(threshold.label)"
            let width = CharacterWidth.columns(of: label)
            guard width < frame.plot.columns / 2 else { continue }
            let ends = [frame.plot.columnAfter - width, frame.plot.column]
            let free = ends.first { start in
                (start..<start + width).allSatisfy { column in
                    let character = grid[column, row].character
                    return character == " " || character == grid.glyphs.dashed
                }
            }
            let place = Point(column: free ?? ends[0], row: row)
            grid.put(label, at: place, style: Style(threshold.role))
        }
    }

    private func drawMarkers(_ frame: ChartFrame, into grid: inout CellGrid) {
        for marker in markers {
            guard let column = frame.column(ofPlace: marker.place) else { continue }
            for row in frame.plot.row..<frame.plot.rowAfter {
                let place = Point(column: column, row: row)
                grid.put(String(grid.glyphs.verticalDashed), at: place, style: Style(marker.role))
            }
            let room = frame.plot.columnAfter - column - 1
            let label = TextFit.prefix(of: marker.label, columns: room)
            let place = Point(column: column + 1, row: frame.plot.row)
            grid.put(label, at: place, style: Style(marker.role))
        }
    }

    private func drawValueAxis(_ frame: ChartFrame, into grid: inout CellGrid) {
        let column = frame.plot.column - 1
        var ticks = frame.valueTicks.map {
            (row: frame.row(ofShare: $0.share), $0.label, Role.muted)
        }
        for threshold in thresholds {
            guard let share = frame.share(ofValue: threshold.value), (0...1).contains(share)
            else { continue }
            let row = frame.row(ofShare: share)
            let label = frame.label(threshold.value)
            guard CharacterWidth.columns(of: label) <= frame.labelColumns else { continue }
            ticks.removeAll { $0.row == row }
            ticks.append((row, label, threshold.role))
        }
        for row in frame.plot.row..<frame.plot.rowAfter {
            let place = Point(column: column, row: row)
            grid.put(String(grid.glyphs.vertical), at: place, style: .border)
        }
        for (row, label, role) in ticks {
            let room = Rectangle(
                column: frame.rectangle.column,
                row: row,
                columns: frame.labelColumns,
                rows: 1
            )
            grid.put(StyledText(label, Style(role)), in: room, alignment: .right)
            let mark = String(grid.glyphs.axisLeft)
            grid.put(mark, at: Point(column: column, row: row), style: .border)
        }
    }

    private func drawPlaceAxis(_ frame: ChartFrame, into grid: inout CellGrid) {
        let row = frame.plot.rowAfter
        let glyphs = grid.glyphs
        let line = String(repeating: glyphs.horizontal, count: frame.plot.columns)
        let start = Point(column: frame.plot.column - 1, row: row)
        grid.put(String(glyphs.axisCorner) + line, at: start, style: .border)
        guard row + 1 < frame.rectangle.rowAfter else { return }
        var free = frame.rectangle.column
        for label in labels {
            guard let column = frame.column(ofPlace: label.place) else { continue }
            let width = CharacterWidth.columns(of: label.text)
            let wished = column - width / 2
            let from = min(max(frame.rectangle.column, wished), frame.rectangle.columnAfter - width)
            guard from >= free else { continue }
            let tick = Point(column: column, row: row)
            grid.put(String(glyphs.axisDown), at: tick, style: .border)
            grid.put(label.text, at: Point(column: from, row: row + 1), style: .muted)
            free = from + width + 1
        }
    }

    private func drawCursor(_ frame: ChartFrame, into grid: inout CellGrid) {
        guard let cursor, let column = frame.column(ofPlace: cursor) else { return }
        let plot = frame.plot
        for row in plot.row..<plot.rowAfter {
            let cell = grid[column, row]
            let isFree = cell.character == " " || cell.character == grid.glyphs.dashed
            if isFree {
                let place = Point(column: column, row: row)
                grid.put(String(grid.glyphs.verticalDashed), at: place, style: .accent)
            } else {
                let line = Rectangle(column: column, row: row, columns: 1, rows: 1)
                grid.restyle(line) { $0.attributes.insert(.reverse) }
            }
        }
        grid.cursor = Point(column: column, row: plot.rowAfter)
        let widest = readout.reduce(CharacterWidth.columns(of: readoutTitle) + 4) {
            max($0, $1.columns)
        }
        let size = Size(columns: widest + 4, rows: readout.count + 2)
        guard !readout.isEmpty, size.columns <= plot.columns - 2, size.rows <= plot.rows
        else { return }
        let isLeft = column > plot.column + plot.columns / 2
        let box = Rectangle(
            column: isLeft ? plot.column + 1 : plot.columnAfter - size.columns,
            row: plot.row,
            columns: size.columns,
            rows: size.rows
        )
        grid.fill(box)
        let inner = grid.box(box, title: StyledText(readoutTitle))
        for (offset, line) in readout.prefix(inner.rows).enumerated() {
            grid.put(line, in: inner.droppingTop(offset).top(1).inset(columns: 1, rows: 0))
        }
    }
}

/// Where the parts of a chart are.
struct ChartFrame {
    struct Tick {
        let share: Double
        let label: String
    }

    let rectangle: Rectangle
    /// Where the lines are drawn.
    let plot: Rectangle
    let labelColumns: Int
    let valueTicks: [Tick]
    private let places: ClosedRange<Double>
    private let values: ClosedRange<Double>
    private let isLogarithmic: Bool
    private let axis: Axis

    /// Nil when no series has a value to show.
    init?(_ chart: LineChart, in rectangle: Rectangle) {
        isLogarithmic = chart.isLogarithmic
        let isLogarithmic = chart.isLogarithmic
        func scaled(_ value: Double) -> Double? {
            guard value.isFinite else { return nil }
            if isLogarithmic { return value > 0 ? log10(value) : nil }
            return value
        }
        guard let places = chart.placeRange ?? Self.range(chart.series.flatMap(\.places))
        else { return nil }
        var shown: [Double] = []
        for series in chart.series {
            for (place, value) in zip(series.places, series.values) where places.contains(place) {
                if let value = scaled(value) { shown.append(value) }
            }
        }
        guard !shown.isEmpty else { return nil }
        let rows = rectangle.rows - (chart.labels.isEmpty ? 1 : 2)
        // A threshold belongs into the picture: how far away it is, is what the reader asks.
        shown += chart.thresholds.compactMap { scaled($0.value) }
        let given = chart.valueRange.flatMap { range -> ClosedRange<Double>? in
            guard let low = scaled(range.lowerBound), let high = scaled(range.upperBound)
            else { return nil }
            return low...high
        }
        guard let held = given ?? Self.range(shown) else { return nil }
        let axis = Axis(holding: held, ticks: max(2, rows / 3))
        values = axis.range
        self.places = places
        let ticks = axis.ticks
        self.axis = axis
        let span = axis.range.upperBound - axis.range.lowerBound
        func text(_ tick: Double) -> String {
            isLogarithmic ? NumberText.short(pow(10, tick)) : axis.label(tick)
        }
        valueTicks = ticks.map { tick in
            Tick(share: (tick - axis.range.lowerBound) / span, label: text(tick))
        }
        let limits = chart.thresholds.compactMap { scaled($0.value) }.map(text)
        let widest = (valueTicks.map(\.label) + limits).reduce(1) {
            max($0, CharacterWidth.columns(of: $1))
        }
        labelColumns = min(10, widest)
        self.rectangle = rectangle
        plot = Rectangle(
            column: rectangle.column + labelColumns + 1,
            row: rectangle.row,
            columns: rectangle.columns - labelColumns - 1,
            rows: rows
        )
        if plot.columns < 4 || plot.rows < 1 { return nil }
    }

    /// A value as it stands beside the axis.
    func label(_ value: Double) -> String {
        isLogarithmic ? NumberText.short(value) : axis.label(value)
    }

    /// 0 at the lower edge, 1 at the upper; nil for a gap.
    func share(ofValue value: Double) -> Double? {
        guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
        let scaled = isLogarithmic ? log10(value) : value
        return (scaled - values.lowerBound) / (values.upperBound - values.lowerBound)
    }

    func share(ofPlace place: Double) -> Double {
        let span = places.upperBound - places.lowerBound
        return span > 0 ? (place - places.lowerBound) / span : 0.5
    }

    func row(ofShare share: Double) -> Int {
        let down = (1 - min(1, max(0, share))) * Double(plot.rows - 1)
        return plot.row + Int(down.rounded())
    }

    /// Nil where the place lies outside.
    func column(ofPlace place: Double) -> Int? {
        let share = share(ofPlace: place)
        guard (-1e-9...1 + 1e-9).contains(share) else { return nil }
        return plot.column + Int((share * Double(plot.columns - 1)).rounded())
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double>? {
        let finite = values.filter(\.isFinite)
        guard let low = finite.min(), let high = finite.max() else { return nil }
        return low...high
    }
}
