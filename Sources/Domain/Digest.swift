/// The SHA-256 of some bytes, written `sha256:` and 64 hexadecimal digits.
package struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// Refuses anything but `sha256:` followed by 64 lower-case hexadecimal digits.
    package init?(_ text: String) {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 64,
            text.utf8.dropFirst(prefix.utf8.count).allSatisfy({
                (48...57).contains($0) || (97...102).contains($0)
            })
        else { return nil }
        self.text = text
    }

    /// Makes a digest from the 32 bytes a SHA-256 function returned.
    package init(sha256 bytes: some Sequence<UInt8>) {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var hexadecimal: [UInt8] = []
        for byte in bytes {
            hexadecimal.append(digits[Int(byte >> 4)])
            hexadecimal.append(digits[Int(byte & 15)])
        }
        text = "sha256:" + String(decoding: hexadecimal, as: UTF8.self)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = Digest(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "A digest is \"sha256:\" and 64 hexadecimal digits."
            )
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The 32 bytes themselves.
    package var bytes: [UInt8] {
        func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
        let digits = Array(text.utf8.dropFirst(7))
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            value(digits[$0]) << 4 | value(digits[$0 + 1])
        }
    }

    /// The 64 hexadecimal digits alone: the blob's file name.
    package var hexadecimal: String { String(text.dropFirst(7)) }

    /// The first digits, as people compare them on a screen: `91c2d0…e07a`.
    package var short: String { "\(hexadecimal.prefix(6))…\(hexadecimal.suffix(4))" }

    package var description: String { text }
}
