/// What a piece of text means; a theme gives the meaning its colour.
package enum Role: String, Hashable, Sendable, CaseIterable {
    case text, muted, title, accent
    case ok, warning, bad, pending
    case border, focusBorder, hintKey
    case series1, series2, series3, series4, series5, series6
    case gradientLow, gradientMiddle, gradientHigh

    /// The role of the series with this number from 0; the seventh looks like the first again.
    package static func series(_ index: Int) -> Role {
        let all: [Role] = [.series1, .series2, .series3, .series4, .series5, .series6]
        return all[((index % all.count) + all.count) % all.count]
    }

    /// Stands for the role in the style layer of a golden frame.
    package var letter: Character {
        switch self {
        case .text: "t"
        case .muted: "m"
        case .title: "i"
        case .accent: "a"
        case .ok: "o"
        case .warning: "w"
        case .bad: "b"
        case .pending: "p"
        case .border: "-"
        case .focusBorder: "="
        case .hintKey: "k"
        case .series1: "1"
        case .series2: "2"
        case .series3: "3"
        case .series4: "4"
        case .series5: "5"
        case .series6: "6"
        case .gradientLow: "7"
        case .gradientMiddle: "8"
        case .gradientHigh: "9"
        }
    }
}

/// What a piece of text lies on.
package enum Ground: String, Hashable, Sendable, CaseIterable {
    case normal
    /// The row or item under the cursor.
    case selection
    /// The first row of the program.
    case header
    /// Marks that acts here reach production.
    case production
    /// Marks that acts here reach staging.
    case staging

    /// Stands for the ground in the style layer of a golden frame; the normal one shows the role.
    package var letter: Character? {
        switch self {
        case .normal: nil
        case .selection: "S"
        case .header: "H"
        case .production: "P"
        case .staging: "G"
        }
    }
}

/// Attributes that any terminal can show beside or instead of a colour.
package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let bold = Attributes(rawValue: 1)
    package static let underline = Attributes(rawValue: 2)
    package static let reverse = Attributes(rawValue: 4)
    package static let dim = Attributes(rawValue: 8)
    /// Those that a blank shows.
    package static let seenOnBlanks: Attributes = [.underline, .reverse]
}

/// How a cell looks, said by meaning.
package struct Style: Hashable, Sendable {
    package var role: Role
    package var ground: Ground
    package var attributes: Attributes

    package init(_ role: Role = .text, on ground: Ground = .normal, _ attributes: Attributes = []) {
        self.role = role
        self.ground = ground
        self.attributes = attributes
    }

    package static let text = Style(.text)
    package static let muted = Style(.muted)
    package static let title = Style(.title, .bold)
    package static let accent = Style(.accent)
    package static let ok = Style(.ok)
    package static let warning = Style(.warning)
    package static let bad = Style(.bad)
    package static let pending = Style(.pending)
    package static let border = Style(.border)
    package static let hintKey = Style(.hintKey, .bold)
    package static let header = Style(.text, on: .header)
    package static let selection = Style(.text, on: .selection)
    package static let production = Style(.text, on: .production, .bold)
    package static let staging = Style(.text, on: .staging, .bold)

    package init(_ role: Role, _ attributes: Attributes) {
        self.init(role, on: .normal, attributes)
    }

    package var bold: Style { Style(role, on: ground, attributes.union(.bold)) }
    package var dim: Style { Style(role, on: ground, attributes.union(.dim)) }
    package var underlined: Style { Style(role, on: ground, attributes.union(.underline)) }
    package var reversed: Style { Style(role, on: ground, attributes.union(.reverse)) }

    package func on(_ ground: Ground) -> Style { Style(role, on: ground, attributes) }
}
