import Domain
import Terminal

/// A model card in the details of a version.
enum CardLines {
    static func lines(_ card: ModelCard?, refusal: String?, columns: Int) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 16)
        guard let card else {
            lines.sentence(refusal ?? localized("Asking the engine…"))
            return lines
        }
        var stages = StyledText()
        for stage in ProjectStage.allCases where stage != .retired || card.stage == .retired {
            if stages.columns > 0 { stages.append(" → ", .muted) }
            stages.append(stage.words, stage == card.stage ? .accent : .muted)
        }
        lines.add(stages)
        for section in card.sections {
            lines.heading(section.title)
            for sentence in section.sentences { lines.sentence(sentence) }
            for fact in section.facts { lines.add(fact.name, fact.value) }
        }
        return lines
    }
}
