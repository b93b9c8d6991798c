import Domain
import EngineAPI
import Terminal

/// Drift over time, its ranking, and one feature's histogram as text.
enum DriftText {
    private static let barColumns = 24

    /// - Parameter last: How many windows are listed, the newest; 0 lists all.
    static func series(_ series: DriftSeries, last: Int, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let subject =
            series.feature.map { "\(series.metric.title) of \($0)" } ?? "share of drifted features"
        page.line("\(series.model): \(subject)")
        let rolling = NumberText.duration(series.rollingSeconds)
        page.line(
            "one row a window of \(NumberText.duration(series.windowSeconds)), "
                + "judged over \(rolling)"
                + (series.threshold.map { ", threshold \(NumberText.short($0))" } ?? "")
        )
        guard !series.points.isEmpty else {
            page.sentence("No window is complete yet: rows are judged when a window has passed.")
            return page.text
        }
        let shown = last > 0 ? series.points.suffix(last) : series.points[...]
        if shown.count < series.points.count {
            page.line("(\(series.points.count - shown.count) older windows: \"--last 0\")")
        }
        page.heading("Windows, newest last")
        page.table(table(of: Array(shown), in: series))
        if let latest = series.latest { add(latest, to: &page) }
        return page.text
    }

    private static func table(of points: [DriftPoint], in series: DriftSeries) -> TextTable {
        var table = TextTable([
            .left("window"), .left("version"), .right("value"), .left(""), .left("verdict"),
            .right("rows"), .right("drifted").optional, .left("true value").optional,
            .flexible("event"),
        ])
        let largest = points.compactMap(\.value).max() ?? 0
        let scale = max(largest, 2 * (series.threshold ?? 0), 1e-9)
        for (index, point) in points.enumerated() {
            let end = index + 1 < points.count ? points[index + 1].time : nil
            let events = series.markers.filter { marker in
                marker.time >= point.time
                    && marker.time < (end ?? point.time.adding(seconds: series.windowSeconds))
            }
            table.add([
                CellText.time(point.time), "v\(point.version)", CellText.number(point.value),
                CellText.bar(point.value.map { $0 / scale }, columns: barColumns),
                CellText.verdict(point.verdict), NumberText.thousands(point.rows),
                CellText.percent(point.driftedShare),
                performance(point.performance, point.estimate),
                events.map(\.label).joined(separator: ", "),
            ])
        }
        return table
    }

    private static func performance(
        _ performance: WindowPerformance?,
        _ estimate: EstimatedPerformance?
    ) -> String {
        guard let performance else {
            return estimate.map { "≈ \($0.metric.rawValue) \(CellText.number($0.value))" } ?? ""
        }
        return "\(performance.metric.rawValue) \(CellText.number(performance.value))"
            + " (\(CellText.percent(performance.coverage)) labelled)"
    }

    /// The features of the newest report, the most drifted first.
    private static func add(_ report: DriftReport, to page: inout TextPage) {
        page.heading(
            "Features in the window from \(CellText.time(report.windowStart)) (v\(report.version))"
        )
        page.table(table(of: report.features + (report.prediction.map { [$0] } ?? [])))
        if let cause = report.causes?.first { ExplainText.add(cause, to: &page) }
    }

    /// The rows of a range against those of a reference.
    static func comparison(_ comparison: DriftComparison, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line(
            "\(comparison.model) v\(comparison.version) against \(comparison.referenceTitle)"
        )
        page.field(
            "rows",
            "\(NumberText.thousands(comparison.rows)), "
                + "\(CellText.time(comparison.from)) to \(CellText.time(comparison.to))"
        )
        page.field("against", "\(NumberText.thousands(comparison.referenceRows)) rows")
        page.field(
            "verdict",
            "\(CellText.verdict(comparison.verdict)), "
                + "\(CellText.percent(comparison.driftedShare)) of the features drifted"
        )
        page.heading("Features, the most drifted first")
        page.table(
            table(of: comparison.features + (comparison.prediction.map { [$0] } ?? []))
        )
        if let shown = comparison.histogram {
            page.heading("Shares of \(shown.feature)")
            page.table(shares(shown, sides: ("reference", "rows")))
        }
        return page.text
    }

    private static func table(of features: [FeatureDrift]) -> TextTable {
        var table = TextTable([
            .flexible("feature"), .right("PSI"), .right("floor"), .right("JS").optional,
            .right("W1").optional, .right("KS").optional, .right("missing").optional,
            .right("unseen").optional, .left("verdict"),
            .flexible("reason"),
        ])
        for feature in features {
            table.add([
                feature.feature, CellText.number(feature.psi), CellText.number(feature.psiFloor),
                CellText.number(feature.jensenShannon), CellText.number(feature.wasserstein),
                CellText.number(feature.kolmogorovSmirnov),
                NumberText.percent(feature.missingShare, 1),
                NumberText.percent(feature.unseenShare, 1), CellText.verdict(feature.verdict),
                feature.reason,
            ])
        }
        return table
    }

    /// Baseline and window of one feature, bin by bin.
    static func histogram(_ histogram: FeatureHistogram, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("\(histogram.model) v\(histogram.version): \(histogram.feature)")
        page.field("baseline", "\(NumberText.thousands(histogram.baselineRows)) training rows")
        page.field(
            "window",
            "\(NumberText.thousands(histogram.windowRows)) rows, "
                + "\(CellText.time(histogram.from)) to \(CellText.time(histogram.to))"
        )
        if let drift = histogram.drift {
            page.field("PSI", "\(CellText.number(drift.psi)): \(drift.reason)")
        }
        if let quality = histogram.drift?.quality { page.field("values", text(of: quality)) }
        page.heading("Shares")
        page.table(shares(histogram, sides: ("baseline", "window")))
        return page.text
    }

    /// `about 214 different; null in 12 rows; 5 times 12.7 in a row at most`
    private static func text(of quality: ColumnQuality) -> String {
        var parts: [String] = []
        if let distinct = quality.distinct {
            let isEstimate = quality.unseen > 0
            parts.append(
                (isEstimate ? "about " : "")
                    + "\(NumberText.thousands(Int(distinct.rounded()))) different"
            )
        }
        parts += quality.counters.map { counter in
            "\(counter.counter.rawValue) in \(NumberText.thousands(counter.rows)) "
                + (counter.rows == 1 ? "row" : "rows")
        }
        if let run = quality.longestRun {
            parts.append(
                "\(CellText.number(run.value)) at most "
                    + "\(NumberText.thousands(run.length)) times in a row"
            )
        }
        return parts.isEmpty ? "nothing odd" : parts.joined(separator: "; ")
    }

    private static func shares(
        _ histogram: FeatureHistogram,
        sides: (String, String)
    ) -> TextTable {
        let shares = histogram.bins.flatMap { [$0.baselineShare, $0.windowShare] }
        let scale = max(shares.max() ?? 0, 1e-9)
        var table = TextTable([
            .flexible("bin"), .right(sides.0), .left(""), .right(sides.1), .left(""),
            .right("difference"),
        ])
        for bin in histogram.bins {
            let change = bin.windowShare - bin.baselineShare
            table.add([
                bin.label, NumberText.percent(bin.baselineShare, 1),
                CellText.bar(bin.baselineShare / scale, columns: 16),
                NumberText.percent(bin.windowShare, 1),
                CellText.bar(bin.windowShare / scale, columns: 16),
                NumberText.signed(change * 100, 1) + "%",
            ])
        }
        return table
    }
}
