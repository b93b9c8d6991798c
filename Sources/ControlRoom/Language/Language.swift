/// The languages that the control room speaks; the text of the program itself is English.
package enum Language: String, Hashable, Sendable, CaseIterable {
    case english = "en"
    case traditionalChinese = "zh_TW"

    /// The language of what is being drawn or said; the room sets it at its two entries, so that
    /// words can stand where they are used.
    @TaskLocal static var current = Language.english

    /// What `--language` was given: `en`, `zh_TW`, `zh-Hant`, `zh_HK`; nil for another.
    package init?(name: String) {
        let name = name.lowercased().replacing("-", with: "_").prefix { $0 != "." && $0 != "@" }
        switch name {
        case "en", "english", "c", "posix": self = .english
        case _ where name.hasPrefix("en_"): self = .english
        case "zh_tw", "zh_hk", "zh_mo": self = .traditionalChinese
        case _ where name.hasPrefix("zh_hant"): self = .traditionalChinese
        default: return nil
        }
    }

    /// What the locale asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    ///
    /// A locale that is not UTF-8 cannot show Chinese, so it gets English.
    package init(environment: [String: String]) {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }
        let name = names.first { !$0.isEmpty } ?? "C"
        let charset = name.split(separator: ".").dropFirst().first?.lowercased() ?? "utf-8"
        let isUnicode = charset.hasPrefix("utf-8") || charset.hasPrefix("utf8")
        self = isUnicode ? Language(name: name) ?? .english : .english
    }

    /// Nil for English, whose texts are the keys.
    var catalogue: Catalogue? {
        switch self {
        case .english: nil
        case .traditionalChinese: .traditionalChinese
        }
    }
}

/// A sentence of the program and what stands in its gaps; its English text is its key.
struct Phrase: Equatable, Sendable, ExpressibleByStringInterpolation {
    /// The English text with `{}` for every gap.
    private(set) var key: String
    private(set) var values: [String]

    init(stringLiteral text: String) {
        key = text
        values = []
    }

    init(stringInterpolation parts: StringInterpolation) {
        key = parts.key
        values = parts.values
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var key = ""
        fileprivate var values: [String] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            key.reserveCapacity(literalCapacity + 2 * interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        mutating func appendLiteral(_ text: String) { key += text }

        mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            key += "{}"
            values.append(value.description)
        }
    }

    static func + (left: Phrase, right: Phrase) -> Phrase {
        var sum = left
        sum.key += right.key
        sum.values += right.values
        return sum
    }
}

/// The sentence in the reader's language.
func localized(_ phrase: Phrase) -> String {
    let text = Language.current.catalogue?.text(for: phrase.key) ?? phrase.key
    return phrase.values.isEmpty ? text : Catalogue.filled(text, with: phrase.values)
}

/// A word of a closed list, such as a status, in the reader's language; a name of somebody's own
/// stays as it is.
func localized(word: String) -> String {
    Language.current.catalogue?.text(for: word) ?? word
}
