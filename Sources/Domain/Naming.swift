/// Puts text of unknown content between quotes for a sentence: shortened, control characters and
/// marks that reorder text made visible.
package func quoted(_ text: String, limit: Int = 60) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
        scalars.append(isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    let isShortened = text.unicodeScalars.dropFirst(limit).first != nil
    return "\"" + String(scalars) + (isShortened ? "…" : "") + "\""
}

/// Whether a scalar moves a cursor, ends a line or turns the direction of text.
package func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
}

/// The candidate that a misspelt name most likely meant, if one is near enough.
///
/// Optimal string alignment: insert, delete, replace, swap neighbours; at most a third of the name.
package func nearestName(to name: String, among candidates: [String]) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    let limit = max(1, wanted.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let other = Array(candidate.lowercased().unicodeScalars)
        guard abs(other.count - wanted.count) <= limit else { continue }
        let distance = editDistance(wanted, other)
        if distance <= limit && distance < best?.distance ?? Int.max {
            best = (candidate, distance)
        }
    }
    return best?.name
}

private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 1..<left.count + 1 {
        var current = [row] + [Int](repeating: 0, count: right.count)
        for column in 1..<right.count + 1 {
            let isSame = left[row - 1] == right[column - 1]
            var cost = min(last[column] + 1, current[column - 1] + 1)
            cost = min(cost, last[column - 1] + (isSame ? 0 : 1))
            if row > 1 && column > 1 && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1]
            {
                cost = min(cost, beforeLast[column - 2] + 1)
            }
            current[column] = cost
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
