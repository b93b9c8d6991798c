/// A course of values in one row, such as `▅▅▆▆▇▇`.
package struct Sparkline: Hashable, Sendable {
    /// Oldest first; NaN is a gap.
    package var values: [Double]
    /// The limits of the scale; nil takes the least and the greatest value.
    package var minimum: Double?
    package var maximum: Double?

    package init(_ values: [Double], minimum: Double? = nil, maximum: Double? = nil) {
        self.values = values
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Exactly so many columns; more values than columns are averaged, fewer stand at the right.
    package func text(columns: Int, glyphs: GlyphSet) -> String {
        guard columns > 0 else { return "" }
        let finite = values.filter(\.isFinite)
        let low = minimum ?? finite.min() ?? 0
        let high = maximum ?? finite.max() ?? 0
        let levels = glyphs.levels
        let shown = Self.gathered(values, into: min(columns, values.count))
        let marks = shown.map { value -> Character in
            guard value.isFinite else { return " " }
            guard high > low else { return levels[levels.count / 2] }
            let part = min(1, max(0, (value - low) / (high - low)))
            return levels[Int((part * Double(levels.count - 1)).rounded())]
        }
        return TextFit.blanks(columns - marks.count) + String(marks)
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle, style: Style = .accent) {
        let text = text(columns: rectangle.columns, glyphs: grid.glyphs)
        grid.put(text, at: rectangle.origin, style: style, limit: rectangle.columns)
    }

    /// Means of neighbours, so that as many values are left as there are columns.
    static func gathered(_ values: [Double], into count: Int) -> [Double] {
        guard count > 0, values.count > count else { return values }
        return (0..<count).map { index in
            let start = index * values.count / count
            let end = max(start + 1, (index + 1) * values.count / count)
            let finite = values[start..<end].filter(\.isFinite)
            return finite.isEmpty ? .nan : finite.reduce(0, +) / Double(finite.count)
        }
    }
}

/// A share of a whole as a bar, such as `██████░░░░`.
package struct BarGauge: Hashable, Sendable {
    /// From 0 to 1; outside it is cut.
    package var share: Double

    package init(_ share: Double) {
        self.share = share
    }

    /// A bar is only full or empty when the share is: almost done is not done.
    package func text(columns: Int, glyphs: GlyphSet) -> String {
        guard columns > 0 else { return "" }
        let part = share.isFinite ? min(1, max(0, share)) : 0
        var full = Int((part * Double(columns)).rounded())
        if part < 1, full == columns { full = columns - 1 }
        if part > 0, full == 0, columns > 1 { full = 1 }
        return String(repeating: glyphs.barFull, count: full)
            + String(repeating: glyphs.barEmpty, count: columns - full)
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle, style: Style = .accent) {
        let text = text(columns: rectangle.columns, glyphs: grid.glyphs)
        grid.put(text, at: rectangle.origin, style: style, limit: rectangle.columns)
    }
}

/// An estimate with its interval on a shared scale, such as `├─────●───┤`.
package struct IntervalBar: Hashable, Sendable {
    package var low: Double
    package var estimate: Double
    package var high: Double
    package var scale: ClosedRange<Double>
    package var style: Style

    package init(
        low: Double,
        estimate: Double,
        high: Double,
        scale: ClosedRange<Double>,
        style: Style = .accent
    ) {
        self.low = low
        self.estimate = estimate
        self.high = high
        self.scale = scale
        self.style = style
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        guard rectangle.columns > 0, rectangle.rows > 0, low.isFinite, estimate.isFinite,
            high.isFinite
        else { return }
        let glyphs = grid.glyphs
        func column(_ value: Double) -> Int {
            let span = scale.upperBound - scale.lowerBound
            let part = span > 0 ? (value - scale.lowerBound) / span : 0.5
            return Int((min(1, max(0, part)) * Double(rectangle.columns - 1)).rounded())
        }
        let from = column(min(low, high))
        let to = column(max(low, high))
        for offset in from...to {
            let mark = offset == from ? glyphs.branch : offset == to ? glyphs.axisLeft : nil
            let place = Point(column: rectangle.column + offset, row: rectangle.row)
            grid.put(String(mark ?? glyphs.horizontal), at: place, style: style, limit: 1)
        }
        let centre = Point(column: rectangle.column + column(estimate), row: rectangle.row)
        grid.put(String(glyphs.ok), at: centre, style: style.bold, limit: 1)
    }
}

/// Shares of a reference and of now, bin by bin: reference ▒ and current █.
///
/// With two rows a bin the bars stand under each other, else beside each other.
package struct HistogramPair: Hashable, Sendable {
    package struct Bin: Hashable, Sendable {
        package var label: String
        /// Shares from 0 to 1.
        package var reference: Double
        package var current: Double

        package init(label: String, reference: Double, current: Double) {
            self.label = label
            self.reference = reference
            self.current = current
        }
    }

    package var bins: [Bin]
    package var decimals: Int

    package init(bins: [Bin], decimals: Int = 2) {
        self.bins = bins
        self.decimals = decimals
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        for bin in bins where grid.reading != nil {
            let shares = [bin.reference, bin.current].map { NumberText.percent($0, 1) }
            grid.reading?.add("\(bin.label): \(shares[0]) → \(shares[1])")
        }
        guard rectangle.columns >= 24, rectangle.rows >= 2, !bins.isEmpty else { return }
        let widest = bins.reduce(3) { max($0, CharacterWidth.columns(of: $1.label)) }
        let labels = min(widest, max(3, rectangle.columns / 4))
        let numbers = decimals + 2
        let bars = rectangle.droppingLeft(labels + 2 * (numbers + 2) + 2)
        drawHeader(into: &grid, in: rectangle.top(1), labels: labels, bars: bars.top(1))
        let greatest = bins.reduce(0.0) { max($0, $1.reference, $1.current) }
        let body = rectangle.droppingTop(1)
        let isStacked = body.rows >= 2 * bins.count
        for (index, bin) in bins.enumerated() {
            let row = body.row + index * (isStacked ? 2 : 1)
            guard row < body.rowAfter else { return }
            let line = Rectangle(
                column: rectangle.column,
                row: row,
                columns: rectangle.columns,
                rows: isStacked ? 2 : 1
            )
            drawNumbers(bin, into: &grid, in: line, labels: labels)
            let room = Rectangle(
                column: bars.column,
                row: row,
                columns: bars.columns,
                rows: line.rows
            )
            drawBars(bin, greatest: greatest, into: &grid, in: room)
        }
    }

    private func drawHeader(
        into grid: inout CellGrid,
        in line: Rectangle,
        labels: Int,
        bars: Rectangle
    ) {
        let numbers = decimals + 2
        let style = Style(.muted, .bold)
        grid.put("bin", at: line.origin, style: style, limit: labels)
        let reference = line.droppingLeft(labels + 2).left(numbers)
        let current = line.droppingLeft(labels + numbers + 4).left(numbers)
        grid.put(StyledText("ref", style), in: reference, alignment: .right)
        grid.put(StyledText("cur", style), in: current, alignment: .right)
        let key =
            StyledText("ref ", style) + StyledText(grid.glyphs.barReference, Style(.series2))
            + StyledText(" / cur ", style) + StyledText(grid.glyphs.barFull, Style(.series1))
        grid.put(key, at: bars.origin, limit: bars.columns)
    }

    private func drawNumbers(
        _ bin: Bin,
        into grid: inout CellGrid,
        in line: Rectangle,
        labels: Int
    ) {
        let numbers = decimals + 2
        grid.put(StyledText(bin.label), in: line.top(1).left(labels))
        func put(_ value: Double, after offset: Int) {
            let text = NumberText.decimals(value, decimals, isLeadingZeroShown: false)
            let room = line.top(1).droppingLeft(offset).left(numbers)
            grid.put(StyledText(text), in: room, alignment: .right)
        }
        put(bin.reference, after: labels + 2)
        put(bin.current, after: labels + numbers + 4)
    }

    private func drawBars(
        _ bin: Bin,
        greatest: Double,
        into grid: inout CellGrid,
        in room: Rectangle
    ) {
        let isStacked = room.rows == 2
        let halves =
            isStacked
            ? room.splitRows([.fixed(1), .fixed(1)])
            : room.splitColumns([.fraction(1), .fixed(1), .fraction(1)])
        func put(_ share: Double, _ glyph: Character, _ style: Style, in room: Rectangle) {
            guard greatest > 0, share.isFinite, share > 0 else { return }
            let length = max(1, Int((share / greatest * Double(room.columns)).rounded()))
            let bar = String(repeating: glyph, count: length)
            grid.put(bar, at: room.origin, style: style, limit: room.columns)
        }
        put(bin.reference, grid.glyphs.barReference, Style(.series2), in: halves[0])
        put(bin.current, grid.glyphs.barFull, Style(.series1), in: halves[isStacked ? 1 : 2])
    }
}
