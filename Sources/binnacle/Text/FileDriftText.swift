import Domain
import Monitoring
import Terminal

/// What `drift FILE --baseline FILE` prints.
enum FileDriftText {
    static func text(_ drift: FileDrift, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.sentence(summary(drift))
        page.line("")
        page.table(table(drift))
        if !drift.left.isEmpty {
            page.line("")
            page.sentence("Not compared: \(drift.left.joined(separator: ", ")).")
        }
        if let sentence = badRows(drift) {
            page.line("")
            page.sentence(sentence)
        }
        for cause in drift.causes {
            page.heading("\(cause.feature): \(cause.likely.kind.title)")
            page.field("evidence", cause.likely.evidence.joined(separator: " "))
            page.field("runner-up", runnerUp(cause))
            page.field("action", cause.action)
            page.field("retrain", retrain(cause))
        }
        return page.text
    }

    /// The same as a Markdown table, for a pull request or a ticket.
    static func markdown(_ drift: FileDrift) -> String {
        var lines = [
            summary(drift), "", "| feature | PSI | floor | JS | W1 | KS | missing | verdict |",
        ]
        lines.append("|---|---:|---:|---:|---:|---:|---:|---|")
        for column in drift.columns {
            let cells = cells(column)
            let row = Array(cells.prefix(7)) + [column.drift.verdict.rawValue]
            lines.append("| \(row.map(escaped).joined(separator: " | ")) |")
        }
        if let sentence = badRows(drift) { lines += ["", SafeText.cleaned(sentence)] }
        guard !drift.causes.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "| feature | likely cause | evidence | runner-up | action | retrain |"]
        lines.append("|---|---|---|---|---|---|")
        for cause in drift.causes {
            let row = [
                cause.feature, cause.likely.kind.title,
                cause.likely.evidence.joined(separator: " "), runnerUp(cause), cause.action,
                retrain(cause),
            ]
            lines.append("| \(row.map(escaped).joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func runnerUp(_ cause: DriftCause) -> String {
        cause.runnerUp.map { "\($0.kind.title). \($0.evidence.joined(separator: " "))" } ?? "none"
    }

    private static func retrain(_ cause: DriftCause) -> String {
        "\(cause.isRetrainAdvised ? "advised" : "not advised"). \(cause.retrainReason)"
    }

    private static func badRows(_ drift: FileDrift) -> String? {
        guard drift.badRows > 0 else { return nil }
        let rows = drift.badRows == 1 ? "row" : "rows"
        let first = drift.badRowMessages.first.map { " The first: \($0)" } ?? ""
        return "\(NumberText.thousands(drift.badRows)) \(rows) of \(drift.current) could not be "
            + "read: fix the file upstream before anything else.\(first)"
    }

    private static func summary(_ drift: FileDrift) -> String {
        let drifted = drift.columns.count { $0.drift.verdict == .drift }
        return "\(drifted) of \(drift.columns.count) columns of \(drift.current) "
            + "(\(NumberText.thousands(drift.rows)) rows) differ from \(drift.baseline) "
            + "(\(NumberText.thousands(drift.baselineRows)) rows)."
    }

    private static func table(_ drift: FileDrift) -> TextTable {
        let hasTool = drift.columns.contains { $0.tool != nil }
        var table = TextTable(
            [
                .flexible("feature"), .right("PSI"), .right("floor"), .right("JS").optional,
                .right("W1").optional, .right("KS").optional, .right("missing").optional,
                .left("verdict"),
            ] + (hasTool ? [.left("as")] : []) + [.flexible("reason")]
        )
        for column in drift.columns {
            var row = cells(column)
            row.append(CellText.verdict(column.drift.verdict))
            if hasTool { row.append(column.tool.map(opinion) ?? "—") }
            row.append(column.drift.reason)
            table.add(row)
        }
        return table
    }

    private static func cells(_ column: FileDrift.Column) -> [String] {
        let drift = column.drift
        return [
            drift.feature, CellText.number(drift.psi), CellText.number(drift.psiFloor),
            CellText.number(drift.jensenShannon), CellText.number(drift.wasserstein),
            CellText.number(drift.kolmogorovSmirnov), NumberText.percent(drift.missingShare, 1),
        ]
    }

    private static func opinion(_ opinion: FileDrift.ToolOpinion) -> String {
        "\(opinion.tool): \(opinion.method) \(CellText.number(opinion.score)) "
            + (opinion.isDrift ? "drift" : "no drift")
    }

    private static func escaped(_ cell: String) -> String {
        SafeText.cleaned(cell).split(separator: "|", omittingEmptySubsequences: false)
            .joined(separator: "\\|")
    }
}
