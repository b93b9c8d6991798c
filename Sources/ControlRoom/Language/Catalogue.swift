/// The texts of one language by their English ones.
///
/// A catalogue is written as pairs of lines: the English text, then its translation indented.
/// A gap is `{}` in order, or `{1}`, `{2}` where the other language wants another order. Blanks
/// around a text belong to the layout: they are taken off before the search and put back.
struct Catalogue: Sendable {
    private(set) var texts: [String: String] = [:]
    /// Keys that stand there more than once, and lines without their pair.
    private(set) var faults: [String] = []

    init(parsing parts: [String]) {
        for part in parts {
            var key: String?
            for line in part.split(separator: "\n") where !line.hasPrefix("#") {
                if !line.hasPrefix("  ") {
                    if let key { faults.append(key) }
                    key = String(line)
                } else if let english = key {
                    let text = String(line.dropFirst(2))
                    if texts.updateValue(text, forKey: english) != nil { faults.append(english) }
                    key = nil
                } else {
                    faults.append(String(line))
                }
            }
            if let key { faults.append(key) }
        }
    }

    static let traditionalChinese = Catalogue(parsing: TraditionalChinese.parts)

    func text(for key: String) -> String? {
        if let text = texts[key] { return text }
        let head = key.prefix { $0 == " " }
        guard head.count < key.count else { return nil }
        let tail = key.reversed().prefix { $0 == " " }
        guard !head.isEmpty || !tail.isEmpty else { return nil }
        let core = key.dropFirst(head.count).dropLast(tail.count)
        return texts[String(core)].map { head + $0 + String(tail) }
    }

    /// The text with its gaps filled, in its own order.
    static func filled(_ text: String, with values: [String]) -> String {
        var result = ""
        var next = 0
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { break }
            result += rest[..<open]
            let name = rest[rest.index(after: open)..<close]
            let place = name.isEmpty ? next : (Int(name) ?? 0) - 1
            if name.isEmpty { next += 1 }
            if values.indices.contains(place) { result += values[place] }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
