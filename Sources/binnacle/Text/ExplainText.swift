import Domain
import Terminal

/// One report's causes and what moved the scores, as text.
enum ExplainText {
    static func report(_ report: DriftReport, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line(
            "\(report.model) v\(report.version), window from \(CellText.time(report.windowStart)): "
                + "\(CellText.verdict(report.verdict)), "
                + "\(NumberText.thousands(report.rows)) rows since "
                + CellText.time(report.rollingStart)
        )
        performance(of: report, to: &page)
        let causes = report.causes ?? []
        if causes.isEmpty {
            page.sentence("Nothing needs an explanation: no drift, no fault, no loss.")
        }
        for cause in causes { add(cause, to: &page) }
        if let shift = report.scoreShift { add(shift, to: &page) }
        return page.text
    }

    private static func performance(of report: DriftReport, to page: inout TextPage) {
        if let found = report.performance {
            let interval = found.interval.map {
                " [\(CellText.number($0.low)), \(CellText.number($0.high))]"
            }
            page.field(
                "measured",
                "\(found.metric.rawValue) \(CellText.number(found.value))\(interval ?? "") on "
                    + "\(NumberText.thousands(found.labelledRows)) labelled rows "
                    + "(\(CellText.percent(found.coverage))), limit "
                    + CellText.number(found.limit)
            )
        }
        if let guess = report.estimate {
            page.field(
                "estimated",
                "\(guess.metric.rawValue) \(CellText.number(guess.value)) "
                    + "[\(CellText.number(guess.interval.low)), "
                    + "\(CellText.number(guess.interval.high))] without labels "
                    + "(\(guess.method.rawValue.uppercased()), calibrated on "
                    + "\(NumberText.thousands(guess.calibrationRows)) rows)"
            )
        }
    }

    static func add(_ cause: DriftCause, to page: inout TextPage) {
        page.heading("\(cause.feature): \(cause.likely.kind.title)")
        for (index, evidence) in cause.likely.evidence.enumerated() {
            page.field(index == 0 ? "evidence" : "", evidence)
        }
        let other = cause.runnerUp.map {
            "\($0.kind.title). \($0.evidence.joined(separator: " "))"
        }
        page.field("runner-up", other ?? "none")
        page.field("action", cause.action)
        page.field(
            "retrain",
            "\(cause.isRetrainAdvised ? "advised" : "not advised"). \(cause.retrainReason)"
        )
    }

    private static func add(_ shift: ScoreShift, to page: inout TextPage) {
        page.heading(
            "Mean score \(NumberText.decimals(shift.baselineMean, 3)) → "
                + NumberText.decimals(shift.windowMean, 3)
        )
        var table = TextTable([
            .flexible("feature"), .right("inputs moved"), .right("response changed"),
            .flexible("most in"),
        ])
        for part in shift.contributions.prefix(10) {
            table.add([
                part.feature, NumberText.signed(part.inputs, 3),
                NumberText.signed(part.response, 3), part.bins.first?.label ?? "",
            ])
        }
        page.table(table)
    }
}
