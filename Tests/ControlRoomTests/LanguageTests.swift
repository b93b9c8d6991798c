import Domain
import FoundationEssentials
import Terminal
import Testing

@testable import ControlRoom

/// Two languages: which one is chosen, that nothing is left untranslated, and that it fits.
@Suite struct LanguageTests {
    @Test(arguments: [
        (["LANG": "zh_TW.UTF-8"], Language.traditionalChinese),
        (["LANG": "zh_HK.utf8"], .traditionalChinese),
        (["LANG": "zh_Hant_TW.UTF-8"], .traditionalChinese),
        (["LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_GB.UTF-8"], .traditionalChinese),
        (["LC_ALL": "", "LANG": "zh_TW"], .traditionalChinese),
        (["LC_ALL": "C", "LANG": "zh_TW.UTF-8"], .english),
        (["LANG": "zh_TW.Big5"], .english),
        (["LANG": "zh_CN.UTF-8"], .english),
        (["LANG": "de_DE.UTF-8"], .english),
        ([:], .english),
    ])
    func `the locale decides`(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }

    @Test func `gaps are filled in the order of the language`() {
        #expect(Catalogue.filled("{2} 的{1}", with: ["a", "b"]) == "b 的a")
        #expect(Catalogue.filled("{} of {}", with: ["a", "b"]) == "a of b")
        #expect(Catalogue.filled("{} {3} {", with: ["a"]) == "a  {")
        let phrase: Phrase = "one \(1) " + "and \("two")"
        #expect(phrase.key == "one {} and {}")
        #expect(localized(phrase) == "one 1 and two")
        let said = Language.$current.withValue(.traditionalChinese) {
            localized("  Nothing waits for you. ")
        }
        #expect(said == "  沒有等候你處理的項目。 ")
    }

    @Test func `every text of the sources has a translation, and no translation is left over`()
        throws
    {
        let catalogue = Catalogue.traditionalChinese
        #expect(catalogue.faults.isEmpty, "\(catalogue.faults)")
        let used = try SourceTexts.all().union(Self.closedLists)
        let missing = used.subtracting(catalogue.texts.keys).sorted()
        #expect(
            missing.isEmpty,
            "Translate these in Sources/ControlRoom/Language/TraditionalChinese*.swift: \(missing)"
        )
        let left = Set(catalogue.texts.keys).subtracting(used).sorted()
        #expect(left.isEmpty, "Nothing says these any more: \(left)")
    }

    @Test func `a translation fills the same gaps`() {
        for (key, text) in Catalogue.traditionalChinese.texts {
            let count = key.split(separator: "{}", omittingEmptySubsequences: false).count - 1
            let marks = (0..<count).map { "‹\($0)›" }
            let filled = Catalogue.filled(text, with: marks)
            for mark in marks { #expect(filled.contains(mark), "\(key): \(text)") }
            #expect(!text.contains("{\(count + 1)}"), "\(key): \(text)")
        }
    }

    @Test(arguments: ViewName.allCases, [(80, 24), (140, 45)])
    func `a view fits in Chinese`(view: ViewName, size: (columns: Int, rows: Int)) {
        var journey = Journey(
            columns: size.columns,
            rows: size.rows,
            language: .traditionalChinese
        )
        journey.open(view)
        GoldenFile.check(journey.text, "zh-\(view.rawValue)-\(size.columns)x\(size.rows)")
    }

    @Test func `dialogs, help and palette are in Chinese`() {
        var dialog = Journey(columns: 80, rows: 24, language: .traditionalChinese)
        dialog.readAllEvidence()
        dialog.press("A")
        GoldenFile.check(dialog.text, "zh-approve-80x24")
        var help = Journey(columns: 80, rows: 24, language: .traditionalChinese)
        help.open(.inbox)
        help.press("?")
        GoldenFile.check(help.text, "zh-help-80x24")
        var wide = Journey(columns: 140, rows: 45, language: .traditionalChinese)
        wide.open(.models)
        wide.press("Enter")
        GoldenFile.check(wide.text, "zh-models-detail-140x45")
    }

    @Test(arguments: ViewName.allCases)
    func `borders stand in the same column on every row in Chinese`(view: ViewName) {
        var journey = Journey(columns: 80, rows: 24, language: .traditionalChinese)
        journey.open(view)
        for line in journey.lines {
            #expect(CharacterWidth.columns(of: line) <= 80, "\(line)")
        }
        for line in journey.lines where line.last == "│" || line.last == "╮" || line.last == "╯" {
            #expect(CharacterWidth.columns(of: line) == 80, "\(line)")
        }
    }

    /// Words that are looked up by value: states, kinds and names that `Domain` and the engine
    /// give, and the titles of the key table.
    private static var closedLists: Set<String> {
        var words: Set<String> = [
            // Counted things, one and many.
            "model", "models", "version", "versions", "run", "runs", "job", "jobs", "alert",
            "alerts", "snapshot", "snapshots", "deployment", "deployments", "request", "requests",
            "event", "events", "window", "windows", "input", "inputs", "output", "outputs", "node",
            "nodes",
            // States of runs, jobs, deployments and versions.
            "queued", "running", "registered", "refused", "failed", "cancelled", "succeeded",
            "starting", "ready", "restarting", "stopped", "better", "not better", "failed",
            Alias.champion, Alias.challenger, "deploy", "rollback", "approval", "alert",
            // Counters of the header.
            "inbox", "critical", "warnings", "jobs",
            // Evidence.
            "metrics", "gate", "digests", "data", "training", "monitoring", "rollback",
            // How things of the lineage belong together.
            "caused", "permitted", "registered", "scored", "served", "submitted", "trained",
            "contains",
            "Outcome", "Metrics", "Taken", "median", "value", "Parameters", "Data", "share",
            "limit", "true", "missing",
        ]
        words.formUnion(ApprovalStatus.allCases.flatMap { [$0.rawValue, $0.words] })
        words.formUnion(AlertStatus.allCases.map(\.rawValue))
        words.formUnion(DriftCause.Kind.allCases.map(\.title))
        words.formUnion(AlertRule.allCases.map(\.title))
        words.formUnion(Trigger.allCases.map(\.rawValue))
        words.formUnion(ModelTask.allCases.map(\.rawValue))
        words.formUnion(ColumnType.allCases.map(\.rawValue))
        words.formUnion(DriftMetric.allCases.map(\.title).filter { $0 == "JS distance" })
        words.formUnion(["unseen", "missing"])
        for view in ViewName.allCases {
            words.formUnion([view.name, view.shortTitle, "view: \(view.name)"])
        }
        for entry in KeyTable.entries {
            words.insert(entry.title)
            if let hint = entry.hint { words.insert(hint) }
        }
        return words
    }
}

/// Reads off the sources which texts are looked up in the catalogue.
enum SourceTexts {
    /// Calls whose first argument is a text for people.
    private static let openings = [
        "localized(", "lines.add(", "heading(", "TableColumn(", "line(",
    ]

    static func all() throws -> Set<String> {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let folder = parts.joined(separator: "/") + "/Sources/ControlRoom"
        var found: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasSuffix(".swift") {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                continue
            }
            let source = Array(String(decoding: data, as: UTF8.self))
            for opening in openings { collect(Array(opening), in: source, into: &found) }
        }
        return found
    }

    private static func collect(
        _ opening: [Character],
        in source: [Character],
        into found: inout Set<String>
    ) {
        var place = 0
        while place + opening.count < source.count {
            guard source[place..<(place + opening.count)].elementsEqual(opening) else {
                place += 1
                continue
            }
            place += opening.count
            var cursor = place
            var key = ""
            while true {
                while cursor < source.count, " \n+".contains(source[cursor]) { cursor += 1 }
                guard cursor < source.count, source[cursor] == "\"" else { break }
                key += literal(source, &cursor)
            }
            let trimmed = key.trimmingBlanks
            if Self.hasWord(trimmed) { found.insert(trimmed) }
        }
    }

    /// The text of a literal with `{}` for what is filled in; leaves the cursor behind it.
    private static func literal(_ source: [Character], _ cursor: inout Int) -> String {
        var text = ""
        cursor += 1
        while source[cursor] != "\"" {
            if source[cursor] == "\\" {
                cursor += 1
                if source[cursor] == "(" {
                    skipParentheses(source, &cursor)
                    text += "{}"
                    continue
                }
            }
            text.append(source[cursor])
            cursor += 1
        }
        cursor += 1
        return text
    }

    private static func skipParentheses(_ source: [Character], _ cursor: inout Int) {
        var depth = 0
        repeat {
            if source[cursor] == "(" { depth += 1 }
            if source[cursor] == ")" { depth -= 1 }
            if source[cursor] == "\"" {
                _ = literal(source, &cursor)
            } else {
                cursor += 1
            }
        } while depth > 0
    }

    /// Numbers, signs and single letters are the same in every language.
    private static func hasWord(_ text: String) -> Bool {
        var letters = 0
        for character in text where text != "PSI" {
            letters = character.isASCII && character.isLetter ? letters + 1 : 0
            if letters == 2 { return true }
        }
        return false
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
