import Domain
import Terminal

/// What verifying and tidying the store have found.
enum HousekeepingText {
    static func verified(_ found: StoreVerification, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let bytes = NumberText.thousands(found.bytes)
        let events = NumberText.thousands(Int(found.auditEvents))
        page.sentence("Read \(found.files) files, \(bytes) bytes; \(events) audit events.")
        if found.problems.isEmpty {
            page.line("Everything has the digest it was recorded under, and nothing contradicts.")
        }
        for problem in found.problems { page.sentence(problem, mark: "✗ ") }
        return page.text
    }

    static func garbage(_ report: GarbageReport, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        if report.lines.isEmpty {
            page.line("There is nothing to free.")
        } else {
            var table = TextTable([.left("reason"), .right("count"), .right("bytes")])
            for line in report.lines {
                table.add([
                    line.reason.words, NumberText.thousands(line.count),
                    NumberText.thousands(line.bytes),
                ])
            }
            table.add(["all", "", NumberText.thousands(report.bytes)])
            page.table(table)
            page.line(
                report.isApplied
                    ? "Freed." : "Nothing was changed; \"binnacle gc --apply\" frees it."
            )
        }
        let kept = NumberText.thousands(report.reachableBytes)
        page.sentence("\(report.reachableCount) blobs of \(kept) bytes are in use and stay.")
        if report.youngCount > 0 {
            page.sentence("\(report.youngCount) files are younger than an hour and stay for now.")
        }
        for problem in report.problems { page.sentence(problem, mark: "! ") }
        return page.text
    }
}
