import Domain

/// How people say how many: `1 row`, `2 rows`.
func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}

/// Writes bytes of unknown content for a sentence: quoted, shortened, made harmless.
func quoted(_ bytes: Span<UInt8>, limit: Int = 40) -> String {
    var taken: [UInt8] = []
    // One more than can be shown, so that what is cut shows as cut.
    for index in 0..<min(bytes.count, limit * 4 + 4) { taken.append(bytes[index]) }
    return quoted(String(decoding: taken, as: UTF8.self), limit: limit)
}

/// Bytes of unknown content as text, shortened; whoever shows it makes it harmless.
func shortened(_ bytes: Span<UInt8>, limit: Int = 40) -> String {
    var taken: [UInt8] = []
    for index in 0..<min(bytes.count, limit * 4) { taken.append(bytes[index]) }
    return String(String(decoding: taken, as: UTF8.self).prefix(limit))
}

/// Names for a sentence: `"a", "b" and 3 more`.
func listed(_ names: [String], limit: Int = 8) -> String {
    let shown = names.prefix(limit).map { quoted($0) }
    let rest = names.count - shown.count
    if rest > 0 { return shown.joined(separator: ", ") + " and \(rest) more" }
    guard shown.count > 1 else { return shown.first ?? "none" }
    return shown.dropLast().joined(separator: ", ") + " and " + shown[shown.count - 1]
}
