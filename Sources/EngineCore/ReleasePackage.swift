import Domain
import Storage

/// One file with all artifacts of a version: a POSIX tar archive whose bytes depend on nothing else.
///
/// Times and owners are zero and the names are in order, so that the same version always makes the
/// same package. Format: POSIX.1-1988 "ustar".
func packageBytes(of version: ModelVersion, from blobs: BlobStore) throws -> [UInt8] {
    var archive: [UInt8] = []
    let manifest = Array(ModelVersion.bundleText(of: version.artifacts).utf8)
    try append(manifest, named: "manifest", to: &archive)
    for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key }) {
        try append(try blobs.read(digest), named: name, to: &archive)
    }
    // Two empty blocks end the archive.
    archive += [UInt8](repeating: 0, count: 1_024)
    return archive
}

private func append(_ bytes: [UInt8], named name: String, to archive: inout [UInt8]) throws {
    guard name.utf8.count < 100, bytes.count < 1 << 33 else {
        throw Refusal(
            .invalid,
            "The artifact \"\(name)\" does not fit a package: its name or size."
        )
    }
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at position: Int) {
        for (offset, byte) in text.utf8.enumerated() { header[position + offset] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    put(name, at: 0)
    put(octal(0o644, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(bytes.count, 11), at: 124)
    put(octal(0, 11), at: 136)
    put("        0", at: 148)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, 6), at: 148)
    header[154] = 0
    archive += header + bytes
    archive += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
}
