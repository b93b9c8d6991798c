package import Domain
import Glibc

/// Files named by the SHA-256 of their bytes: written once, never changed, checked when read.
package struct BlobStore: Sendable {
    private static let blockBytes = 256 * 1_024

    let root: String

    /// Keeps the blobs of a home in `<home>/blobs`, which is made if it is missing.
    package init(folder home: String) throws(Refusal) {
        root = home + "/blobs"
        try makeFolder(root)
    }

    /// Where the bytes with this digest lie, whether they are there or not.
    package func path(of digest: Digest) -> String {
        "\(folder(of: digest))/\(digest.hexadecimal.dropFirst(2))"
    }

    private func folder(of digest: Digest) -> String {
        "\(root)/\(digest.hexadecimal.prefix(2))"
    }

    /// Files these bytes; the same bytes again change nothing.
    package func put(_ bytes: [UInt8]) throws(Refusal) -> Digest {
        let writer = try makeWriter()
        try writer.append(bytes)
        return try writer.finish()
    }

    /// Files a copy of a file, with the memory of one block.
    package func put(fileAt path: String) throws(Refusal) -> Digest {
        let file = try OpenFile(reading: path)
        let writer = try makeWriter()
        var block = [UInt8](repeating: 0, count: BlobStore.blockBytes)
        while true {
            let count = try file.read(into: &block)
            if count == 0 { return try writer.finish() }
            try writer.append(block.span.extracting(0..<count))
        }
    }

    /// Starts a blob whose bytes come piece by piece.
    package func makeWriter() throws(Refusal) -> BlobWriter {
        try BlobWriter(blobs: self, file: OpenFile(besideOf: root + "/incoming-"))
    }

    /// Whether there is a file under this digest; `verify` says whether it is the right one.
    package func contains(_ digest: Digest) -> Bool {
        unsafe access(path(of: digest), R_OK) == 0
    }

    /// How many bytes lie under this digest; nil where there is no file.
    package func bytes(of digest: Digest) -> Int? {
        var status = stat()
        guard unsafe stat(path(of: digest), &status) == 0 else { return nil }
        return Int(status.st_size)
    }

    /// The bytes with this digest; other bytes under that name are refused.
    package func read(_ digest: Digest) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        try stream(digest) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Reads the bytes with this digest once and refuses others under that name.
    package func verify(_ digest: Digest) throws(Refusal) {
        try stream(digest) { _ in }
    }

    private func stream(
        _ digest: Digest,
        _ body: (ArraySlice<UInt8>) -> Void
    ) throws(Refusal) {
        let path = path(of: digest)
        guard contains(digest) else {
            throw Refusal(
                .notFound,
                """
                The bytes of "\(digest.short)" are missing: there is no file "\(path)". \
                Restore it from a backup.
                """
            )
        }
        let file = try OpenFile(reading: path)
        var hasher = Hasher256()
        var block = [UInt8](repeating: 0, count: BlobStore.blockBytes)
        while true {
            let count = try file.read(into: &block)
            if count == 0 { break }
            hasher.add(block.span.extracting(0..<count))
            body(block[..<count])
        }
        let found = hasher.digest
        guard found == digest else {
            throw Refusal(
                .corrupt,
                """
                The file "\(path)" holds other bytes than it was filed with: its digest is \
                \(found.short), not \(digest.short). Restore it from a backup.
                """
            )
        }
    }

    /// Gives a finished file its name for good.
    fileprivate func keep(fileAt path: String, as digest: Digest) throws(Refusal) {
        let target = folder(of: digest)
        let isNew = unsafe access(target, F_OK) != 0
        try makeFolder(target)
        guard unsafe rename(path, self.path(of: digest)) == 0 else {
            throw writeFailure(self.path(of: digest), errno)
        }
        try synchronizeFolder(target)
        if isNew { try synchronizeFolder(root) }
    }

    /// Removes what a writer that died left behind.
    func removeAbandoned(before date: Timestamp) {
        for name in names(in: root) {
            guard name.hasPrefix("incoming-") else { continue }
            var status = stat()
            guard unsafe stat("\(root)/\(name)", &status) == 0,
                Double(status.st_mtim.tv_sec) < date.seconds
            else { continue }
            _ = unsafe unlink("\(root)/\(name)")
        }
    }
}

/// Takes a blob's bytes piece by piece; the blob exists once `finish` has returned.
///
/// A writer that is dropped before that leaves nothing behind. One thread at a time uses it.
package final class BlobWriter {
    private let blobs: BlobStore
    private let file: OpenFile
    private var hasher = Hasher256()
    private var isOpen = true

    fileprivate init(blobs: BlobStore, file: consuming OpenFile) {
        self.blobs = blobs
        self.file = file
    }

    deinit {
        discard()
    }

    package func append(_ bytes: Span<UInt8>) throws(Refusal) {
        guard isOpen else {
            throw Refusal(.fault, "Bytes were added to a blob that is finished.")
        }
        hasher.add(bytes)
        try file.write(bytes)
    }

    package func append(_ bytes: [UInt8]) throws(Refusal) {
        try append(bytes.span)
    }

    /// Files what was written and returns its digest.
    package func finish() throws(Refusal) -> Digest {
        guard isOpen else { throw Refusal(.fault, "A blob was finished twice.") }
        try file.synchronize()
        let digest = hasher.digest
        try blobs.keep(fileAt: file.path, as: digest)
        isOpen = false
        return digest
    }

    /// Gives the blob up.
    package func discard() {
        guard isOpen else { return }
        isOpen = false
        _ = unsafe unlink(file.path)
    }
}
