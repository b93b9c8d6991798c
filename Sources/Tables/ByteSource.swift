import Domain

/// Reads a file block by block, decompressing on the way; memory is two blocks, whatever the file.
struct ByteSource: ~Copyable {
    static let blockBytes = 256 * 1024

    private let file: FileDescriptor
    private let onBlock: BlockHandler?
    private var inflater: Inflater?
    private var raw: [UInt8]
    private var rawPosition = 0
    private var rawLimit: Int
    private var isAtEnd: Bool
    /// Bytes read from the disk.
    private(set) var bytesRead: Int

    init(path: String, onBlock: BlockHandler? = nil) throws(Refusal) {
        let file = try FileDescriptor(reading: path)
        var raw = [UInt8](repeating: 0, count: ByteSource.blockBytes)
        let count = try file.read(into: &raw)
        if count > 0 { try onBlock?(raw.span.extracting(0..<count)) }
        let isCompressed = count >= 2 && raw[0] == 0x1F && raw[1] == 0x8B
        self.inflater = isCompressed ? try Inflater(path: path) : nil
        self.file = file
        self.onBlock = onBlock
        self.raw = raw
        rawLimit = count
        bytesRead = count
        isAtEnd = count == 0
    }

    var path: String { file.path }

    var isCompressed: Bool {
        switch inflater {
        case .none: false
        case .some: true
        }
    }

    /// Fills `buffer` from `offset` on; returns 0 only at the end.
    mutating func read(into buffer: inout [UInt8], at offset: Int) throws(Refusal) -> Int {
        while true {
            if rawPosition == rawLimit && !isAtEnd {
                // Straight into the reader's block where nothing has to be done to the bytes.
                if !isCompressed, onBlock == nil { return try readOn(into: &buffer, at: offset) }
                try readBlock()
            }
            let count = try take(into: &buffer, at: offset)
            if count > 0 { return count }
            if isAtEnd && rawPosition == rawLimit {
                if inflater != nil && inflater?.isBetweenMembers == false {
                    throw Refusal(
                        .corrupt,
                        "The compressed file \"\(path)\" ends in the middle. Copy it again."
                    )
                }
                return 0
            }
        }
    }

    private mutating func take(
        into buffer: inout [UInt8],
        at offset: Int
    ) throws(Refusal) -> Int {
        if isCompressed {
            return try inflater?.inflate(
                &raw,
                from: &rawPosition,
                to: rawLimit,
                into: &buffer,
                at: offset
            ) ?? 0
        }
        let count = min(rawLimit - rawPosition, buffer.count - offset)
        buffer.replaceSubrange(
            offset..<offset + count,
            with: raw[rawPosition..<rawPosition + count]
        )
        rawPosition += count
        return count
    }

    private mutating func readOn(
        into buffer: inout [UInt8],
        at offset: Int
    ) throws(Refusal) -> Int {
        let count = try file.read(into: &buffer, at: offset)
        isAtEnd = count == 0
        bytesRead += count
        return count
    }

    private mutating func readBlock() throws(Refusal) {
        rawPosition = 0
        rawLimit = try file.read(into: &raw)
        isAtEnd = rawLimit == 0
        bytesRead += rawLimit
        if rawLimit > 0 { try onBlock?(raw.span.extracting(0..<rawLimit)) }
    }
}
