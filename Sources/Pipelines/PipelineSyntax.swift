import Domain

/// A pipeline file longer than this is refused before it is read.
private let longestFile = 256 * 1024

/// Reads the YAML of a pipeline file, and words what keeps it from being YAML.
func readMapping(_ text: String, fileName: String) throws(Refusal) -> Node.Mapping {
    func refusal(_ line: Int?, _ message: String) -> Refusal {
        let place = line.map { ", line \($0)" } ?? ""
        return Refusal(.invalid, "\(quoted(fileName))\(place): \(message)")
    }
    guard text.utf8.count <= longestFile else {
        throw refusal(nil, "the file is longer than 256 KB. Is it a pipeline file?")
    }
    let node: Node?
    do {
        node = try readYAML(text)
    } catch {
        let (line, message) = explain(error, text)
        throw refusal(line, message)
    }
    guard let node, !node.isNull else {
        throw refusal(
            nil,
            "the file is empty. It needs at least \"model\", \"task\" and \"data.target\"."
        )
    }
    guard let mapping = node.mapping else {
        throw refusal(
            node.line,
            "the file must be keys and values such as \"model: late-flights\"."
        )
    }
    return mapping
}

/// Finds the line and the words for what the YAML reader did not like.
private func explain(_ problem: YAMLProblem, _ text: String) -> (line: Int?, message: String) {
    if let line = lineIndentedByTab(text) {
        return (line, "a tab stands at the beginning; YAML is indented with spaces.")
    }
    switch problem {
    case .syntax(let words, let line): return (line, "this is not YAML: \(words).")
    case .duplicateKey(let key, let line):
        return (line, "the key \(quoted(key)) is there twice. Remove one.")
    case .secondDocument(let line):
        return (line, "a second document begins. Remove the line \"---\" and what follows.")
    case .tooLarge(let line):
        return (line, "aliases repeat too much here. Write the values out.")
    }
}

private func lineIndentedByTab(_ text: String) -> Int? {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") { return index + 1 }
    }
    return nil
}
