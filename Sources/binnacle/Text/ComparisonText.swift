import Domain
import EngineAPI
import Terminal

/// A candidate beside its base as text.
enum ComparisonText {
    /// - Parameter isOnlyDifferences: Leaves out what is equal on both sides.
    static func page(
        _ comparison: VersionComparison,
        isOnlyDifferences: Bool,
        columns: Int?
    ) -> String {
        var page = TextPage(columns: columns)
        let base = comparison.base.map { " against v\($0)" } ?? ""
        page.line("\(comparison.model) v\(comparison.candidate)\(base)")
        let shown = comparison.metrics.filter { !isOnlyDifferences || $0.difference != 0 }
        page.heading("Metrics")
        if shown.isEmpty {
            page.line("no difference")
        } else {
            page.table(metrics(shown, base: comparison.base))
        }
        if comparison.base != nil, !comparison.isPaired {
            page.sentence("The two were judged on different rows: values only, no intervals.")
        }
        page.heading(judgement(comparison.report))
        for reason in comparison.report.reasons { page.sentence(reason, mark: "- ") }
        if let gap = comparison.report.overfitGap {
            page.sentence(
                "Over-fitting: training minus holdout \(CellText.signed(gap)).",
                mark: "- "
            )
        }
        add("Parameters", comparison.parameters, isOnlyDifferences, comparison, to: &page)
        add("Data", comparison.data, isOnlyDifferences, comparison, to: &page)
        add("Columns", comparison.columns, isOnlyDifferences, comparison, to: &page)
        add("Cleaning", comparison.cleaning, isOnlyDifferences, comparison, to: &page)
        add("Bytes", comparison.bytes, isOnlyDifferences, comparison, to: &page)
        return page.text
    }

    /// Candidate and base metric by metric, the difference with its 95 % interval.
    static func metrics(_ metrics: [MetricComparison], base: Int?) -> TextTable {
        var table = TextTable([
            .left("metric"), .right(base.map { "v\($0)" } ?? "base"), .right("candidate"),
            .right("difference"), .left("95 % interval"), .left(""),
        ])
        for metric in metrics {
            table.add([
                metric.metric.rawValue, CellText.number(metric.champion),
                CellText.number(metric.candidate), CellText.signed(metric.difference),
                metric.difference == nil
                    ? CellText.interval(metric.candidateInterval)
                    : CellText.signedInterval(metric.differenceInterval),
                direction(metric),
            ])
        }
        return table
    }

    /// `better than v1 on 4 210 holdout rows`
    static func judgement(_ report: ValidationReport) -> String {
        let against = report.championVersion.map { " than v\($0)" } ?? ""
        let rows = NumberText.thousands(report.holdoutRows)
        return "Verdict: \(report.verdict.words)\(against) on \(rows) holdout rows"
    }

    /// What the interval says: `better` or `worse` where it does not hold 0.
    private static func direction(_ metric: MetricComparison) -> String {
        guard let interval = metric.differenceInterval else { return "" }
        let isUp = metric.metric.isHigherBetter
        if interval.low > 0 { return isUp ? "better" : "worse" }
        if interval.high < 0 { return isUp ? "worse" : "better" }
        return "no clear difference"
    }

    private static func add(
        _ title: String,
        _ differences: [Difference],
        _ isOnlyDifferences: Bool,
        _ comparison: VersionComparison,
        to page: inout TextPage
    ) {
        let shown = differences.filter { !isOnlyDifferences || $0.base != $0.candidate }
        page.heading(title)
        guard !shown.isEmpty else { return page.line("no difference") }
        guard comparison.base != nil else {
            for one in shown { page.field(one.name, one.candidate ?? CellText.missing) }
            return
        }
        var table = TextTable([
            .flexible("name"), .left(""), .flexible(CellText.version(comparison.base)),
            .flexible("v\(comparison.candidate)"),
        ])
        for one in shown {
            table.add([
                one.name, one.base == one.candidate ? "" : "≠", one.base ?? CellText.missing,
                one.candidate ?? CellText.missing,
            ])
        }
        page.table(table)
    }
}
