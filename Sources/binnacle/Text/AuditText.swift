import Domain
import EngineAPI

/// What is said of the audit log as a whole.
enum AuditText {
    static func verified(_ verification: AuditVerification, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("All \(verification.events) events of the audit log verify.")
        page.field("head", verification.head.text)
        if let root = verification.root { page.field("tree", root.text) }
        if let signed = verification.signed { page.field("signed", "\(signed) events") }
        return page.text
    }

    static func closed(_ finding: LogFinding, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("The finding of event \(finding.event) is closed: \(finding.problem)")
        return page.text
    }

    static func proof(_ proof: EventProof, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("Event \(proof.sequence) is in the signed log of \(proof.size) events.")
        page.field("leaf", proof.leaf)
        page.field("index", "\(proof.index)")
        for (number, hash) in proof.path.enumerated() {
            page.field(number == 0 ? "path" : "", hash.text)
        }
        page.field("root", proof.root.text)
        page.field("key", proof.verifierKey)
        page.heading("Checkpoint")
        for line in proof.checkpoint.split(separator: "\n", omittingEmptySubsequences: false) {
            page.line(String(line))
        }
        return page.text
    }

    static func consistency(_ proof: ConsistencyProof, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("The log of \(proof.newSize) events begins with that of \(proof.oldSize).")
        page.field("old root", proof.oldRoot.text)
        page.field("new root", proof.newRoot.text)
        for (number, hash) in proof.path.enumerated() {
            page.field(number == 0 ? "path" : "", hash.text)
        }
        return page.text
    }

    static func witnesses(_ witnesses: [Witness], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !witnesses.isEmpty else {
            page.line(
                "The log's heads go to nobody. \"binnacle audit witness add file PATH\" changes that."
            )
            return page.text
        }
        var table = TextTable([
            .left("id"), .left("kind"), .flexible("target"), .right("events"), .left("told"),
            .flexible("state"),
        ])
        for witness in witnesses {
            table.add([
                witness.id.text, witness.kind.rawValue, witness.target, "\(witness.size)",
                witness.toldAt.map(CellText.time) ?? "-", witness.failure ?? "",
            ])
        }
        page.table(table)
        return page.text
    }

    static func removed(_ witness: Witness, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("The log's heads go no more to \(witness.kind.rawValue) \(witness.target).")
        return page.text
    }
}
