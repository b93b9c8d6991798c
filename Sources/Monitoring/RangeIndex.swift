import Statistics

/// A part of the index of a version's windows: places number the windows in the order of time from
/// 0, blocks of them are by level, each 32 times as long as the one below.
package struct RangeNode: Hashable, Sendable {
    package enum Kind: Int, Sendable {
        /// The additive part of all blocks before this one in the same larger block: a prefix sum.
        case prefix = 0
        /// What cannot be subtracted, of this block: a node of a tree.
        case rest = 1
    }

    package let kind: Kind
    package let level: Int
    package let place: Int

    package init(_ kind: Kind, level: Int, place: Int) {
        self.kind = kind
        self.level = level
        self.place = place
    }

    /// The windows the node follows from: a change of any makes it void.
    package var windows: Range<Int> {
        let shift = RangeIndex.bits * level
        switch kind {
        case .rest: return (place << shift)..<((place + 1) << shift)
        case .prefix: return ((place & ~RangeIndex.mask) << shift)..<(place << shift)
        }
    }
}

/// Sums any range of windows in time that does not grow with its length.
///
/// The rows before a moment are a prefix sum in each level of blocks, and those of a range the
/// difference of two such; below the smallest blocks at most 31 windows are added on either side.
/// Blocks count from the start of the next larger block, so a late row makes void the sums behind
/// it in 32 blocks of each level and not those of all later time, and what is subtracted is never
/// much larger than what is left. Extremes, moments, new categories and performance come from a
/// tree over the same blocks. Nodes are made when first asked for.
package struct RangeIndex: Sendable {
    static let bits = 5

    /// The first window of a block.
    package static func firstWindow(of place: Int, level: Int) -> Int { place << (bits * level) }
    static let mask = (1 << bits) - 1

    /// One window as the index takes it.
    package struct Window: Sendable {
        package let place: Int
        /// `RangeCells.packed`
        package let cells: [UInt8]
        /// `RangeRest.packed`
        package let rest: [UInt8]

        package init(place: Int, cells: [UInt8], rest: [UInt8]) {
            self.place = place
            self.cells = cells
            self.rest = rest
        }

        package init(place: Int, sketch: WindowSketch, layout: RangeLayout) throws {
            self.place = place
            cells = try layout.cells(of: sketch).packed
            rest = try layout.rest(of: sketch).packed
        }

        /// Both parts as they are stored.
        package var packed: [UInt8] {
            var writer = PackedWriter(capacity: cells.count + rest.count + 10)
            writer.put(cells.count)
            return writer.bytes + cells + rest
        }

        package init(place: Int, packed: [UInt8]) throws {
            var reader = PackedReader(packed)
            let count = try reader.number()
            guard count >= 0, count <= packed.count - reader.position else {
                throw PackedBytesMalformed()
            }
            let middle = reader.position + count
            self.place = place
            cells = Array(packed[reader.position..<middle])
            rest = Array(packed[middle...])
        }
    }

    package let layout: RangeLayout
    /// The stored windows of a range of places, ascending.
    private let windows: @Sendable (Range<Int>) async throws -> [Window]
    private let load: @Sendable (RangeNode) async throws -> [UInt8]?
    private let save: @Sendable (RangeNode, [UInt8]) async throws -> Void

    package init(
        layout: RangeLayout,
        windows: @escaping @Sendable (Range<Int>) async throws -> [Window],
        load: @escaping @Sendable (RangeNode) async throws -> [UInt8]?,
        save: @escaping @Sendable (RangeNode, [UInt8]) async throws -> Void
    ) {
        self.layout = layout
        self.windows = windows
        self.load = load
        self.save = save
    }

    /// The sketch of all windows of a range of places.
    package func sketch(_ places: Range<Int>) async throws -> WindowSketch {
        try layout.window(try await cells(places), try await rest(places))
    }

    /// - Parameter asked: What lies below 0 holds no windows.
    /// - Throws: What reading and writing throw, and `PackedBytesMalformed`.
    package func cells(_ asked: Range<Int>) async throws -> RangeCells {
        // A block of negative places and one of others would never be parts of a larger one.
        let places = asked.clamped(to: 0..<Int.max)
        var cells = RangeCells(size: layout.size)
        var (low, high, level) = (places.lowerBound, places.upperBound, 0)
        while low < high {
            for bytes in try await prefix(level, high) { try cells.add(bytes) }
            for bytes in try await prefix(level, low) { try cells.subtract(bytes) }
            // Within one larger block the sums before it are the same on both sides.
            if low >> Self.bits == high >> Self.bits { break }
            (low, high, level) = (low >> Self.bits, high >> Self.bits, level + 1)
        }
        return cells
    }

    package func rest(_ asked: Range<Int>) async throws -> RangeRest {
        let places = asked.clamped(to: 0..<Int.max)
        var rest = layout.emptyRest
        // Later blocks wait until those before them are merged: runs go in the order of time.
        var later: [(level: Int, places: Range<Int>)] = []
        var (low, high, level) = (places.lowerBound, places.upperBound, 0)
        while low < high {
            if low >> Self.bits == high >> Self.bits {
                try await merge(level, low..<high, into: &rest)
                break
            }
            let next = (low + Self.mask) >> Self.bits
            try await merge(level, low..<(next << Self.bits), into: &rest)
            let last = high >> Self.bits
            later.append((level, (last << Self.bits)..<high))
            (low, high, level) = (next, last, level + 1)
        }
        for part in later.reversed() { try await merge(part.level, part.places, into: &rest) }
        return rest
    }

    // MARK: - Prefix sums

    /// What adds up to all blocks before this one in the same larger block.
    private func prefix(_ level: Int, _ place: Int) async throws -> [[UInt8]] {
        let start = place & ~Self.mask
        guard start < place else { return [] }
        guard level > 0 else { return try await windows(start..<place).map(\.cells) }
        return [try await node(level, place)]
    }

    /// The stored prefix sum, or one that is made from the one before it.
    private func node(_ level: Int, _ place: Int) async throws -> [UInt8] {
        let node = RangeNode(.prefix, level: level, place: place)
        if let known = try await load(node) { return known }
        // From the nearest one that is known: a recursion would hold them all.
        let start = place & ~Self.mask
        var (sum, at) = (RangeCells(size: layout.size), start)
        for before in stride(from: place - 1, to: start, by: -1) {
            guard let known = try await load(RangeNode(.prefix, level: level, place: before))
            else { continue }
            try sum.add(known)
            at = before
            break
        }
        var packed: [UInt8] = []
        while at < place {
            for bytes in try await block(level, at) { try sum.add(bytes) }
            at += 1
            packed = sum.packed
            try await save(RangeNode(.prefix, level: level, place: at), packed)
        }
        return packed
    }

    /// What adds up to a whole block.
    private func block(_ level: Int, _ place: Int) async throws -> [[UInt8]] {
        let last = (place << Self.bits) | Self.mask
        if level == 1 { return try await windows((place << Self.bits)..<last + 1).map(\.cells) }
        return try await prefix(level - 1, last) + block(level - 1, last)
    }

    // MARK: - The tree

    private func merge(
        _ level: Int,
        _ places: Range<Int>,
        into rest: inout RangeRest
    ) async throws {
        guard !places.isEmpty else { return }
        guard level > 0 else {
            for window in try await windows(places) {
                try rest.merge(try RangeRest(window.rest, layout: layout))
            }
            return
        }
        for place in places {
            let node = RangeNode(.rest, level: level, place: place)
            if let known = try await load(node) {
                if !known.isEmpty { try rest.merge(try RangeRest(known, layout: layout)) }
                continue
            }
            var block = layout.emptyRest
            let parts = (place << Self.bits)..<((place + 1) << Self.bits)
            try await merge(level - 1, parts, into: &block)
            try await save(node, block == layout.emptyRest ? [] : block.packed)
            try rest.merge(block)
        }
    }
}
