import Crypto
package import Domain

/// The hashes of RFC 6962 §2.1: leaves and nodes cannot be taken for each other.
package enum MerkleHash {
    /// The root of a tree without leaves.
    package static let empty = Domain.Digest(sha256: SHA256.hash(data: [UInt8]()))

    package static func leaf(_ bytes: some Sequence<UInt8>) -> Domain.Digest {
        Domain.Digest(sha256: SHA256.hash(data: [0] + Array(bytes)))
    }

    package static func node(_ left: Domain.Digest, _ right: Domain.Digest) -> Domain.Digest {
        Domain.Digest(sha256: SHA256.hash(data: [1] + left.bytes + right.bytes))
    }
}

/// A complete subtree of 2^level leaves, counted from the left at its level.
package struct MerkleNode: Sendable, Equatable {
    package let level: Int
    package let position: Int64
    package let hash: Domain.Digest

    package init(level: Int, position: Int64, hash: Domain.Digest) {
        self.level = level
        self.position = position
        self.hash = hash
    }
}

/// The complete subtrees along a tree's right edge: all that appending and the root need.
package struct MerkleFrontier: Sendable, Equatable {
    package private(set) var size: Int64
    /// Largest subtree first; one for every 1 in the size's binary digits.
    package private(set) var peaks: [Domain.Digest]

    package init() {
        size = 0
        peaks = []
    }

    /// Takes up a frontier that was stored; nil where the peaks are not those of such a size.
    package init?(size: Int64, peaks: [Domain.Digest]) {
        guard size >= 0, peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// The frontier of a stored tree when it had this size.
    package init(
        size: Int64,
        node: (_ level: Int, _ position: Int64) throws -> Domain.Digest
    ) rethrows {
        self.size = size
        peaks = []
        var start: Int64 = 0
        for level in (0..<63).reversed() where size & (1 << Int64(level)) != 0 {
            peaks.append(try node(level, start >> Int64(level)))
            start += 1 << Int64(level)
        }
    }

    /// Adds a leaf and returns the complete subtrees that it ends, the leaf itself first.
    @discardableResult
    package mutating func append(_ leaf: Domain.Digest) -> [MerkleNode] {
        var made = [MerkleNode(level: 0, position: size, hash: leaf)]
        var last = made[0]
        while size >> Int64(last.level) & 1 == 1, let left = peaks.popLast() {
            last = MerkleNode(
                level: last.level + 1,
                position: last.position >> 1,
                hash: MerkleHash.node(left, last.hash)
            )
            made.append(last)
        }
        peaks.append(last.hash)
        size += 1
        return made
    }

    package var root: Domain.Digest {
        guard var root = peaks.last else { return MerkleHash.empty }
        for peak in peaks.dropLast().reversed() { root = MerkleHash.node(peak, root) }
        return root
    }
}

/// Proofs that a leaf is in a tree, and that a tree is the beginning of another.
package enum MerkleProof {
    /// Reads a complete subtree's hash.
    package typealias Reader = (_ level: Int, _ position: Int64) throws -> Domain.Digest

    /// The audit path of a leaf (RFC 6962 §2.1.1), from the leaf upwards; `index` is below `size`.
    package static func inclusion(
        of index: Int64,
        in size: Int64,
        node: Reader
    ) rethrows -> [Domain.Digest] {
        try path(index, 0, size, node)
    }

    /// The consistency proof between two sizes (RFC 6962 §2.1.2); `old` is 1 at least.
    package static func consistency(
        from old: Int64,
        to new: Int64,
        node: Reader
    ) rethrows -> [Domain.Digest] {
        old == new ? [] : try subproof(old, 0, new, true, node)
    }

    /// The root a leaf and its path lead to (RFC 9162 §2.1.3.2); nil where the path does not fit.
    package static func root(
        of leaf: Domain.Digest,
        at index: Int64,
        in size: Int64,
        path: [Domain.Digest]
    ) -> Domain.Digest? {
        guard index >= 0, index < size else { return nil }
        var (first, last, root) = (index, size - 1, leaf)
        for sibling in path {
            guard last > 0 else { return nil }
            if first & 1 == 1 || first == last {
                root = MerkleHash.node(sibling, root)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                root = MerkleHash.node(root, sibling)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 ? root : nil
    }

    /// Whether the first tree is the beginning of the second (RFC 9162 §2.1.4.2).
    package static func isConsistent(
        _ old: (size: Int64, root: Domain.Digest),
        with new: (size: Int64, root: Domain.Digest),
        proof: [Domain.Digest]
    ) -> Bool {
        guard old.size > 0, old.size <= new.size else { return false }
        if old.size == new.size { return proof.isEmpty && old.root == new.root }
        var path = proof[...]
        if old.size.nonzeroBitCount == 1 { path = [old.root] + path }
        guard let start = path.popFirst() else { return false }
        var (first, last) = (old.size - 1, new.size - 1)
        while first & 1 == 1 {
            first >>= 1
            last >>= 1
        }
        var (oldRoot, newRoot) = (start, start)
        for hash in path {
            guard last > 0 else { return false }
            if first & 1 == 1 || first == last {
                oldRoot = MerkleHash.node(hash, oldRoot)
                newRoot = MerkleHash.node(hash, newRoot)
                while first & 1 == 0, first != 0 {
                    first >>= 1
                    last >>= 1
                }
            } else {
                newRoot = MerkleHash.node(newRoot, hash)
            }
            first >>= 1
            last >>= 1
        }
        return last == 0 && oldRoot == old.root && newRoot == new.root
    }

    // MARK: - Subtrees

    /// The hash of `count` leaves from `start` on, as the RFC splits a tree.
    private static func hash(
        _ start: Int64,
        _ count: Int64,
        _ node: Reader
    ) rethrows -> Domain.Digest {
        if count.nonzeroBitCount == 1 {
            let level = count.trailingZeroBitCount
            return try node(level, start >> Int64(level))
        }
        let half = split(count)
        return MerkleHash.node(
            try hash(start, half, node),
            try hash(start + half, count - half, node)
        )
    }

    /// The largest power of two below the count.
    private static func split(_ count: Int64) -> Int64 {
        1 << Int64(63 - (count - 1).leadingZeroBitCount)
    }

    private static func path(
        _ index: Int64,
        _ start: Int64,
        _ count: Int64,
        _ node: Reader
    ) rethrows -> [Domain.Digest] {
        guard count > 1 else { return [] }
        let half = split(count)
        if index < half {
            return try path(index, start, half, node) + [hash(start + half, count - half, node)]
        }
        return try path(index - half, start + half, count - half, node) + [hash(start, half, node)]
    }

    private static func subproof(
        _ old: Int64,
        _ start: Int64,
        _ count: Int64,
        _ isWhole: Bool,
        _ node: Reader
    ) rethrows -> [Domain.Digest] {
        if old == count { return isWhole ? [] : [try hash(start, count, node)] }
        let half = split(count)
        if old <= half {
            return try subproof(old, start, half, isWhole, node)
                + [hash(start + half, count - half, node)]
        }
        return try subproof(old - half, start + half, count - half, false, node)
            + [hash(start, half, node)]
    }
}
