import Domain
import EngineAPI
import Terminal

/// Past verdicts as text.
enum VerdictText {
    /// Newest first.
    static func history(_ reports: [DriftReport], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !reports.isEmpty else {
            page.sentence("No window is judged here: rows are judged when a window has passed.")
            return page.text
        }
        var table = TextTable([
            .left("window"), .left("version"), .left("verdict"), .right("drifted"),
            .right("rows").optional, .left("cause"), .left("retrain").optional,
            .flexible("evidence").optional,
        ])
        for report in reports {
            let cause = report.causes?.first
            table.add([
                CellText.time(report.windowStart), "v\(report.version)",
                CellText.verdict(report.verdict), CellText.percent(report.driftedShare),
                NumberText.thousands(report.rows), cause?.likely.kind.title ?? "",
                cause.map { $0.isRetrainAdvised ? "advised" : "no" } ?? "",
                cause?.likely.evidence.first ?? "",
            ])
        }
        page.table(table)
        return page.text
    }

    static func replay(_ replayed: ReplayedReport, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let stored = replayed.stored
        page.line("\(stored.model) v\(stored.version), window from \(stored.windowStart)")
        page.field("verdict", CellText.verdict(stored.verdict))
        page.field("stored", "\(replayed.storedDigest)")
        page.field("replayed", "\(replayed.replayedDigest)")
        if let inputs = stored.inputs {
            page.field("baseline", "\(inputs.baseline)")
            page.field("policy", "\(inputs.policy)")
            page.field("evidence", "\(inputs.evidence)")
        }
        if replayed.isIdentical {
            page.sentence("The verdict is the same to the last bit.")
        } else {
            page.sentence(
                "The verdict is another one: \(replayed.firstDifference ?? "its text") differs first."
            )
        }
        return page.text
    }
}
