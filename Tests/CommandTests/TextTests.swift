import Domain
import EngineAPI
import FoundationEssentials
import Testing

@testable import binnacle

struct TextTableTests {
    private var table: TextTable {
        var table = TextTable([
            .left("id"), .right("rows"), .left("by").optional, .flexible("what it is about"),
        ])
        table.add(["run-9", "12", "ana", "a\u{1B}[31m red"])
        table.add(["run-10", "1 200", "ben", String(repeating: "long ", count: 12)])
        return table
    }

    @Test func `columns are aligned and control characters become visible`() {
        let lines = table.lines(limit: nil)
        #expect(lines[0] == "id       rows  by   what it is about")
        #expect(lines[1] == "run-9      12  ana  a␛[31m red")
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") && !$0.hasSuffix(" ") })
    }

    @Test func `a narrow terminal first loses optional columns, then the ends of long cells`() {
        #expect(table.lines(limit: 60)[2].hasPrefix("run-10  1 200  ben  long"))
        #expect(table.lines(limit: 38)[2] == "run-10  1 200  long long long long lo…")
        #expect(table.lines(limit: 10)[2] == "run-10  1 200  long lo…")
    }
}

struct TextPageTests {
    @Test func `a sentence folds under its first word`() {
        var page = TextPage(columns: 30)
        page.sentence("one two three four five six seven", mark: "- ")
        #expect(page.text == "- one two three four five six\n  seven")
    }

    @Test func `without a terminal nothing is folded`() {
        var page = TextPage(columns: nil)
        page.field("from", String(repeating: "word ", count: 40))
        #expect(page.text.split(separator: "\n").count == 1)
    }
}

struct LineageTextTests {
    private let data = Subject(.datasetVersion, "data-1")
    private let old = Subject(.run, "run-9")
    private let new = Subject(.run, "run-10")
    private let version = Subject(.modelVersion, "m/v1")

    @Test func `both ways are drawn, and a shared past is unfolded once`() {
        let file = Subject(.file, "/f.csv")
        let lineage = Lineage(
            root: version,
            nodes: [LineageNode(subject: version, title: "m v1", details: ["bundle x"])],
            edges: [
                LineageEdge(input: new, output: version, relation: "registered"),
                LineageEdge(input: old, output: version, relation: "compared"),
                LineageEdge(input: data, output: old, relation: "trained"),
                LineageEdge(input: data, output: new, relation: "trained"),
                LineageEdge(input: file, output: data, relation: "imported"),
            ],
            isTruncated: true
        )
        #expect(
            LineageText.page(lineage, columns: nil) == """
                version m v1 [m/v1]
                  bundle x

                Made from
                ├─ run run-9, compared
                │  └─ data data-1, trained
                │     └─ file /f.csv, imported
                └─ run run-10, registered
                   └─ data data-1, trained (see above)

                Led to
                (nothing)

                There is more: "--depth" goes further.
                """
        )
    }

    @Test func `a circle in the graph ends`() {
        let edges = [
            LineageEdge(input: old, output: new, relation: "a"),
            LineageEdge(input: new, output: old, relation: "b"),
        ]
        let lineage = Lineage(root: old, nodes: [], edges: edges, isTruncated: false)
        #expect(LineageText.page(lineage, columns: nil).split(separator: "\n").count == 7)
    }
}

struct ArgumentTests {
    @Test(arguments: [("2", 2), ("v2", 2), ("v10", 10)])
    func `a version is read with and without its letter`(text: String, number: Int) {
        #expect(VersionNumber(argument: text)?.number == number)
    }

    @Test(arguments: ["", "v", "0", "v0", "-1", "+1", "vv1", "2.0", "latest"])
    func `what is no version is refused`(text: String) {
        #expect(VersionNumber(argument: text) == nil)
    }
}

struct LabelFileTests {
    private func labels(_ text: String, name: String = "labels.csv") throws -> [RowLabel] {
        let folder = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
        return try readLabels(at: folder + "/" + name, idColumn: "id", labelColumn: "label")
    }

    @Test func `numbers, true and false are labels, and an empty one is left out`() throws {
        #expect(
            try labels("id,label\n007,1\n8,\n9,0.5\n") == [
                RowLabel(row: "007", label: 1), RowLabel(row: "9", label: 0.5),
            ]
        )
        let lines = "{\"id\":7,\"label\":true}\n{\"id\":8,\"label\":false}\n"
        #expect(
            try labels(lines, name: "labels.jsonl") == [
                RowLabel(row: "7", label: 1), RowLabel(row: "8", label: 0),
            ]
        )
    }

    @Test(arguments: [
        ("id,label\na,1\nb,x\n", "line 3, column \"label\": \"x\" is not a number."),
        ("row,label\na,1\n", "There is no column \"id\""),
        ("id,label\n,1\n", "data row 1: a label without an id"),
        ("id,label\na,\n", "has no row with a value in \"label\"."),
    ])
    func `a bad file is refused with what is wrong where`(text: String, part: String) throws {
        let refusal = #expect(throws: Refusal.self) { try labels(text) }
        #expect(refusal?.message.contains(part) == true, "\(refusal?.message ?? "")")
    }
}

@Test(arguments: [
    ("late-flights/v2", SubjectKind.modelVersion), ("deployment-1/v2", .predictions),
    ("deployment-1/request-7/1", .predictions), ("late-flights/2", .predictions),
    ("run-7", .run), ("data-3", .datasetVersion), ("/tmp/rows.csv", .file),
])
func `an id tells what it names`(id: String, kind: SubjectKind) {
    #expect(LineageCommand.subject(ofID: id) == Subject(kind, id))
}

@Test(arguments: ["late-flights", "something-else", "run", "run-x"])
func `a word that names nothing tells no kind`(word: String) {
    #expect(LineageCommand.subject(ofID: word) == nil)
}
