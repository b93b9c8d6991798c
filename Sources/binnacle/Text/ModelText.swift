import Domain
import EngineAPI
import Terminal

/// Models and their versions as text.
enum ModelText {
    static func list(_ models: [ModelRow], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !models.isEmpty else {
            page.line("There are no models. \"binnacle train FOLDER\" makes the first.")
            return page.text
        }
        var table = TextTable([
            .flexible("model"), .left("owner").optional, .right("versions").optional,
            .right("champion"), .left("serves in"), .left("state"), .left("metric").optional,
            .right("validated").optional, .right("now"), .left("drift"), .right("waiting"),
        ])
        for row in models {
            table.add([
                row.name, row.owner, "\(row.versions)", CellText.version(row.champion),
                row.environment ?? CellText.missing,
                row.health?.state.rawValue ?? CellText.missing,
                row.metric?.rawValue ?? CellText.missing, CellText.number(row.validationValue),
                CellText.number(row.currentValue), drift(row), CellText.version(row.waiting),
            ])
        }
        page.table(table)
        return page.text
    }

    /// One model: its versions newest first, its aliases, and what serves.
    static func page(_ model: ModelPage, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        let row = model.row
        page.line(row.name)
        page.field("owner", row.owner)
        addEntry(model.entry, to: &page)
        page.field("champion", CellText.version(row.champion))
        page.field("serves", serving(row))
        if row.drift != nil { page.field("drift", drift(row)) }
        if let waiting = row.waiting { page.field("waiting", "v\(waiting) for approval") }
        page.heading("Versions, newest first")
        var table = TextTable([
            .left("version"), .left("run"), .left("metric"), .right("value"), .right("difference"),
            .left("verdict"), .left("bundle").optional, .left("made"), .left("by").optional,
            .flexible("aliases"),
        ])
        let aliases = currentAliases(model.aliases)
        for version in model.versions {
            let metric = version.report.comparison(version.report.primary)
            let names = aliases.filter { $0.value == version.number }.keys.sorted()
            table.add([
                version.label, version.run.text, version.report.primary.rawValue,
                CellText.number(metric?.candidate), CellText.signed(metric?.difference),
                version.report.verdict.words, version.bundleDigest.short,
                CellText.time(version.createdAt), version.actor.name,
                names.joined(separator: ", "),
            ])
        }
        page.table(table)
        if !model.aliases.isEmpty {
            page.heading("Alias moves, newest first")
            for alias in model.aliases.reversed().prefix(20) {
                page.line(
                    "\(CellText.time(alias.movedAt))  \(alias.name) → "
                        + "\(alias.version.map { "v\($0)" } ?? "taken away") by \(alias.actor)"
                )
            }
        }
        return page.text
    }

    /// What people have said of a model.
    static func entry(_ entry: ModelEntry, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.field("owner", entry.owner)
        addEntry(entry, to: &page)
        return page.text
    }

    private static func addEntry(_ entry: ModelEntry, to page: inout TextPage) {
        if entry.state != .active { page.field("state", entry.state.rawValue) }
        if !entry.description.isEmpty { page.field("about", entry.description) }
        if !entry.tags.isEmpty { page.field("tags", tags(entry.tags)) }
        for (version, found) in entry.versionTags.sorted(by: { $0.key < $1.key }) {
            page.field("v\(version) tags", tags(found))
        }
        func numbers(_ versions: [Int]) -> String {
            versions.map { "v\($0)" }.joined(separator: ", ")
        }
        if !entry.archivedVersions.isEmpty {
            page.field("archived", numbers(entry.archivedVersions))
        }
        if !entry.deletedVersions.isEmpty {
            page.field("deleted", numbers(entry.deletedVersions))
        }
        page.field("protected", entry.protectedAliases.joined(separator: ", "))
    }

    static func tags(_ tags: [String: String]) -> String {
        tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    /// What a search has found.
    static func found(_ models: [ModelRow], query: String, columns: Int?) -> String {
        models.isEmpty ? "No model fits \"\(query)\"." : list(models, columns: columns)
    }

    /// The model card, as a page of text.
    static func card(_ card: ModelCard, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.line("\(card.model) v\(card.version), \(card.stage.words)")
        for section in card.sections {
            page.heading(section.title)
            for sentence in section.sentences { page.sentence(sentence, mark: "  ") }
            for fact in section.facts { page.sentence("\(fact.name): \(fact.value)", mark: "- ") }
        }
        return page.text
    }

    private static func serving(_ row: ModelRow) -> String {
        guard let health = row.health else { return "nothing" }
        let version = CellText.version(health.servingVersion)
        let place = row.environment.map { " in \($0)" } ?? ""
        return "\(version)\(place), \(health.state.rawValue), port \(health.port)"
    }

    private static func drift(_ row: ModelRow) -> String {
        var text = CellText.verdict(row.drift)
        if let feature = row.worstFeature, let value = row.worstPSI {
            text += " (\(feature) \(NumberText.decimals(value, 2)))"
        }
        return text
    }

    /// The last move of each alias, by its name.
    private static func currentAliases(_ moves: [Alias]) -> [String: Int] {
        moves.reduce(into: [:]) { $0[$1.name] = $1.version }
    }
}
