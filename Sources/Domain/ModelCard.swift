/// Where a project stands, from the question of a business to the end of its answer.
package enum ProjectStage: String, Codable, Sendable, CaseIterable {
    case businessUnderstanding = "business_understanding"
    case dataUnderstanding = "data_understanding"
    case modelling
    case deployment
    case retired

    package var words: String {
        switch self {
        case .businessUnderstanding: "business understanding"
        case .dataUnderstanding: "data acquisition and understanding"
        case .modelling: "modelling"
        case .deployment: "deployment"
        case .retired: "retired"
        }
    }
}

/// What `binnacle.yaml` says for people under `card:`; empty is not said.
package struct CardText: Codable, Sendable, Hashable {
    package var purpose: String
    package var intendedUse: String
    package var outOfScope: String
    package var data: String
    package var limits: [String]
    package var contact: String
    /// nil is as far as the store can tell.
    package var stage: ProjectStage?

    package init(
        purpose: String = "",
        intendedUse: String = "",
        outOfScope: String = "",
        data: String = "",
        limits: [String] = [],
        contact: String = "",
        stage: ProjectStage? = nil
    ) {
        self.purpose = purpose
        self.intendedUse = intendedUse
        self.outOfScope = outOfScope
        self.data = data
        self.limits = limits
        self.contact = contact
        self.stage = stage
    }
}

/// One page about a version that a stakeholder can read: what people wrote, and what the store knows.
package struct ModelCard: Codable, Sendable, Equatable {
    package struct Fact: Codable, Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Section: Codable, Sendable, Equatable {
        package let title: String
        /// Paragraphs, then facts.
        package var sentences: [String]
        package var facts: [Fact]

        package init(_ title: String, sentences: [String] = [], facts: [Fact] = []) {
            self.title = title
            self.sentences = sentences
            self.facts = facts
        }
    }

    package let model: String
    package let version: Int
    package let stage: ProjectStage
    package let sections: [Section]

    package init(model: String, version: Int, stage: ProjectStage, sections: [Section]) {
        self.model = model
        self.version = version
        self.stage = stage
        self.sections = sections
    }

    /// The card as Markdown; marks in foreign text are escaped.
    package var markdown: String {
        var text = "# \(Self.escaped(model)) v\(version)\n\n"
        let stages = ProjectStage.allCases.filter { $0 != .retired || stage == .retired }
        text += "Stage: "
        text += stages.map { $0 == stage ? "**\($0.words)**" : $0.words }.joined(separator: " → ")
        text += "\n"
        for section in sections {
            text += "\n## \(section.title)\n"
            for sentence in section.sentences { text += "\n\(Self.escaped(sentence))\n" }
            if !section.facts.isEmpty { text += "\n| | |\n|---|---|\n" }
            for fact in section.facts {
                text += "| \(Self.escaped(fact.name)) | \(Self.escaped(fact.value)) |\n"
            }
        }
        return text
    }

    /// Text that Markdown shows as it stands; line breaks become blanks.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if character.isNewline {
                result.append(" ")
            } else {
                if "\\`*_[]<>|#".contains(character) { result.append("\\") }
                result.append(character)
            }
        }
        return result
    }
}
