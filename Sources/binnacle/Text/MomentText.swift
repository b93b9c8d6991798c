import Domain
import Terminal

/// The registry and its deployments at a moment that has passed, as text.
enum MomentText {
    /// What served, who put it there, and on which evidence.
    static func deployments(_ moment: RegistryMoment, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("As of \(moment.at)")
        guard !moment.serving.isEmpty else {
            page.line("Nothing was deployed then.")
            return page.text
        }
        var table = TextTable([
            .flexible("model"), .left("environment"), .left("served"), .left("bundle").optional,
            .left("since"), .left("until"), .left("by"), .left("approval"), .left("approved by"),
            .left("evidence").optional,
        ])
        for one in moment.serving {
            table.add([
                one.model, one.environment, "v\(one.revision.version)",
                one.revision.bundleDigest.short, CellText.time(one.revision.at),
                one.until.map { CellText.time($0) } ?? "now", one.revision.actor.name,
                one.revision.approval.text, approvers(one),
                one.approval?.evidenceDigest.short ?? CellText.missing,
            ])
        }
        page.table(table)
        for one in moment.serving { add(one, to: &page) }
        return page.text
    }

    static func models(_ moment: RegistryMoment, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("As of \(moment.at)")
        guard !moment.models.isEmpty else {
            page.line("There were no models then.")
            return page.text
        }
        var table = TextTable([
            .flexible("model"), .left("state"), .right("versions"), .right("newest"),
            .right("champion"), .left("serves in"), .flexible("aliases"),
        ])
        for model in moment.models {
            table.add([
                model.name, model.state.rawValue, "\(model.standingVersions.count)",
                CellText.version(model.standingVersions.last?.number),
                CellText.version(model.champion),
                model.serving.map(\.environment).joined(separator: ", "),
                model.aliases.map { "\($0.name)=\(CellText.version($0.version))" }
                    .joined(separator: ", "),
            ])
        }
        page.table(table)
        return page.text
    }

    /// One model: versions newest first, aliases, and what served.
    static func model(_ moment: RegistryMoment, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard let model = moment.models.first else { return page.text }
        page.line("\(model.name) as of \(moment.at)")
        page.field("state", model.state.rawValue)
        page.field("champion", CellText.version(model.champion))
        page.heading("Versions, newest first")
        var table = TextTable([
            .left("version"), .left("run"), .left("bundle"), .left("made"), .left("state"),
            .flexible("aliases"),
        ])
        for version in model.versions.reversed() {
            let names = model.aliases.filter { $0.version == version.number }.map(\.name)
            table.add([
                "v\(version.number)", version.run.text, version.bundleDigest.short,
                CellText.time(version.createdAt), version.state.rawValue,
                names.joined(separator: ", "),
            ])
        }
        page.table(table)
        if !model.aliases.isEmpty { page.heading("Aliases") }
        for alias in model.aliases {
            page.line(
                "\(alias.name) → \(CellText.version(alias.version)) since "
                    + "\(CellText.time(alias.movedAt)) by \(alias.actor)"
            )
        }
        for one in model.serving { add(one, to: &page) }
        return page.text
    }

    private static func add(_ one: ServingMoment, to page: inout TextPage) {
        page.heading("\(one.model) v\(one.revision.version) in \(one.environment)")
        page.field("put there", "\(one.revision.at) by \(one.revision.actor)")
        page.field("as", one.revision.reason.rawValue)
        if !one.revision.note.isEmpty { page.field("note", one.revision.note) }
        page.field("bundle", one.revision.bundleDigest.text)
        guard let approval = one.approval else {
            return page.field("approval", "\(one.revision.approval), not asked for by then")
        }
        page.field("approval", "\(approval.id), \(approval.status.words) then")
        page.field("asked", "\(approval.createdAt) by \(approval.requester)")
        if approval.hasBrokenGlass { page.field("note", "behind a broken glass") }
        for decision in approval.decisions {
            page.field("decision", ReleaseText.words(of: decision))
        }
        if approval.decisions.isEmpty { page.field("decision", "its policy asked nobody") }
        page.field("evidence", approval.evidenceDigest.text)
        for item in approval.evidence {
            let first = item.lines.first.map { ": \($0)" } ?? ""
            page.sentence("\(item.title) (\(item.state.rawValue))\(first)", mark: "  ")
        }
    }

    private static func approvers(_ one: ServingMoment) -> String {
        let names = one.approvers.map { $0.actor.name + ($0.isSelfApproval ? " (own)" : "") }
        return names.isEmpty ? CellText.missing : names.joined(separator: ", ")
    }
}
