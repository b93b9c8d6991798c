import Domain
import Testing

@testable import Attestation

struct MerkleTests {
    /// The leaves and roots of the tests of Certificate Transparency's own log.
    private static let leaves: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        Array(0x50...0x57), Array(0x60...0x6f),
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test
    func `roots are those of Certificate Transparency's test vectors`() {
        var frontier = MerkleFrontier()
        #expect(frontier.root.hexadecimal == MerkleTests.roots[0])
        for (index, leaf) in MerkleTests.leaves.enumerated() {
            frontier.append(MerkleHash.leaf(leaf))
            #expect(frontier.root.hexadecimal == MerkleTests.roots[index + 1])
        }
    }

    @Test
    func `the path of the first leaf of eight is that of the test vectors`() throws {
        let tree = Tree(MerkleTests.leaves)
        let path = try MerkleProof.inclusion(of: 0, in: 8, node: tree.node)
        #expect(
            path.map(\.hexadecimal) == [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        )
        let proof = try MerkleProof.consistency(from: 1, to: 8, node: tree.node)
        #expect(proof == path)
    }

    @Test
    func `every leaf of every size has a path that leads to the root and to no other`() throws {
        let tree = Tree((0..<40).map { [UInt8($0)] })
        for size in Int64(1)...40 {
            let root = try tree.root(at: size)
            for index in 0..<size {
                let path = try MerkleProof.inclusion(of: index, in: size, node: tree.node)
                let leaf = MerkleHash.leaf([UInt8(index)])
                #expect(MerkleProof.root(of: leaf, at: index, in: size, path: path) == root)
                let other = MerkleHash.leaf([UInt8(index) + 100])
                #expect(MerkleProof.root(of: other, at: index, in: size, path: path) != root)
                if !path.isEmpty {
                    let short = Array(path.dropLast())
                    #expect(MerkleProof.root(of: leaf, at: index, in: size, path: short) == nil)
                }
            }
        }
    }

    @Test
    func `every size is proved to be the beginning of every later one, a fork is not`() throws {
        let tree = Tree((0..<20).map { [UInt8($0)] })
        let fork = Tree([[99]] + (1..<20).map { [UInt8($0)] })
        for old in Int64(1)...20 {
            for new in old...20 {
                let proof = try MerkleProof.consistency(from: old, to: new, node: tree.node)
                let first = (size: old, root: try tree.root(at: old))
                let second = (size: new, root: try tree.root(at: new))
                #expect(MerkleProof.isConsistent(first, with: second, proof: proof))
                let forked = (size: old, root: try fork.root(at: old))
                #expect(!MerkleProof.isConsistent(forked, with: second, proof: proof))
                guard old < new else { continue }
                #expect(!MerkleProof.isConsistent(first, with: second, proof: []))
                let long = proof + [first.root]
                #expect(!MerkleProof.isConsistent(first, with: second, proof: long))
            }
        }
        #expect(
            !MerkleProof.isConsistent(
                (0, MerkleHash.empty),
                with: (1, .init(sha256: [])),
                proof: []
            )
        )
    }

    @Test
    func `a stored frontier goes on as the one it was`() throws {
        let tree = Tree((0..<13).map { [UInt8($0)] })
        var frontier = try #require(MerkleFrontier(size: 13, peaks: tree.frontier.peaks))
        frontier.append(MerkleHash.leaf([13]))
        #expect(frontier == Tree((0..<14).map { [UInt8($0)] }).frontier)
        #expect(MerkleFrontier(size: 12, peaks: tree.frontier.peaks) == nil)
    }
}

/// A tree with all its nodes in memory.
private struct Tree {
    var frontier = MerkleFrontier()
    private var nodes: [String: Domain.Digest] = [:]

    init(_ leaves: [[UInt8]]) {
        for leaf in leaves {
            for node in frontier.append(MerkleHash.leaf(leaf)) {
                nodes["\(node.level)/\(node.position)"] = node.hash
            }
        }
    }

    func node(_ level: Int, _ position: Int64) throws -> Domain.Digest {
        try #require(nodes["\(level)/\(position)"])
    }

    func root(at size: Int64) throws -> Domain.Digest {
        try MerkleFrontier(size: size, node: node).root
    }
}
