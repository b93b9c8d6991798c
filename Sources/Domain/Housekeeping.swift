/// Why bytes can go.
package enum GarbageReason: String, Codable, Sendable, CaseIterable {
    case unreachableBlobs, tombstonedVersions, temporaryFiles, oldPredictions

    package var words: String {
        switch self {
        case .unreachableBlobs: "blobs that nothing names"
        case .tombstonedVersions: "bytes of deleted versions"
        case .temporaryFiles: "temporary files left behind"
        case .oldPredictions: "predictions beyond the retention"
        }
    }
}

/// What collecting garbage would free, or has freed, by reason.
package struct GarbageReport: Codable, Sendable, Equatable {
    package struct Line: Codable, Sendable, Equatable {
        package let reason: GarbageReason
        /// Files, or rows of predictions.
        package var count: Int
        /// Of files as they lie on the disk; of predictions an estimate.
        package var bytes: Int
        /// The first few, for people.
        package var examples: [String]

        package init(reason: GarbageReason, count: Int, bytes: Int, examples: [String]) {
            self.reason = reason
            self.count = count
            self.bytes = bytes
            self.examples = examples
        }
    }

    /// Whether it was done, not only looked at.
    package var isApplied: Bool
    package var lines: [Line]
    /// Blobs that something names and that stay; and their bytes.
    package var reachableCount: Int
    package var reachableBytes: Int
    /// Files too young to be judged: a training may be about to name them.
    package var youngCount: Int
    /// What stood in the way of single files, and what is missing, a sentence each.
    package var problems: [String]

    package init(
        isApplied: Bool,
        lines: [Line],
        reachableCount: Int,
        reachableBytes: Int,
        youngCount: Int,
        problems: [String]
    ) {
        self.isApplied = isApplied
        self.lines = lines
        self.reachableCount = reachableCount
        self.reachableBytes = reachableBytes
        self.youngCount = youngCount
        self.problems = problems
    }

    package var bytes: Int { lines.reduce(0) { $0 + $1.bytes } }
}

/// What reading everything back has found.
package struct StoreVerification: Codable, Sendable, Equatable {
    /// Files whose bytes were read and hashed, and how many bytes.
    package var files: Int
    package var bytes: Int
    package var auditEvents: Int64
    /// A sentence for each bad thing; empty when all is well.
    package var problems: [String]

    package init(files: Int, bytes: Int, auditEvents: Int64, problems: [String]) {
        self.files = files
        self.bytes = bytes
        self.auditEvents = auditEvents
        self.problems = problems
    }
}
