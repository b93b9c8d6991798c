package import Domain

/// A dataset version before the store gives it an id and a number.
package struct DatasetVersionDraft: Sendable {
    package let dataset: String
    package let digest: Digest
    package let format: DataFormat
    package let bytes: Int
    package let rows: Int
    package let badRows: Int
    package let columns: [ColumnProfile]
    package let source: String
    /// What the rows came from, for lineage: the file, or the predictions they were collected of.
    package let inputs: [Subject]

    package init(
        dataset: String,
        digest: Digest,
        format: DataFormat,
        bytes: Int,
        rows: Int,
        badRows: Int,
        columns: [ColumnProfile],
        source: String,
        inputs: [Subject]? = nil
    ) {
        self.dataset = dataset
        self.digest = digest
        self.format = format
        self.bytes = bytes
        self.rows = rows
        self.badRows = badRows
        self.columns = columns
        self.source = source
        self.inputs = inputs ?? [Subject(.file, source)]
    }
}

extension Store {
    /// Records a version; the same bytes of the same dataset again give the version there is.
    package func addDatasetVersion(
        _ draft: DatasetVersionDraft,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<DatasetVersion> {
        try requireBlob(draft.digest, of: "the dataset \"\(draft.dataset)\"")
        return try change(by: actor, at: date) { transaction in
            if let known = try transaction.datasetVersion(of: draft.dataset, with: draft.digest) {
                return known
            }
            let position = try transaction.nextNumber(of: "data")
            let version = DatasetVersion(
                id: ID("data-\(position)"),
                dataset: draft.dataset,
                number: try transaction.nextDatasetNumber(of: draft.dataset),
                digest: draft.digest,
                format: draft.format,
                bytes: draft.bytes,
                rows: draft.rows,
                badRows: draft.badRows,
                columns: draft.columns,
                source: draft.source,
                createdAt: date,
                actor: actor
            )
            try transaction.insert(version, at: position)
            for input in draft.inputs {
                try transaction.link(
                    input,
                    to: .datasetVersion(version.id),
                    as: input.kind == .file ? "imported" : "collected"
                )
            }
            try transaction.record(
                "data.added",
                .datasetVersion(version.id),
                """
                \(actor) added \(version.dataset) v\(version.number) from "\(version.source)": \
                \(version.rows) rows.
                """,
                digests: ["data": version.digest]
            )
            return version
        }
    }

    package func datasetVersion(_ id: ID<DatasetVersion>) throws -> DatasetVersion {
        let found = try connection.first(
            "SELECT body FROM dataset_versions WHERE id = $1",
            .id(id)
        ) { try $0.body(DatasetVersion.self) }
        guard let found else { throw missing(.datasetVersion, id.text) }
        return found
    }

    /// The dataset's newest version; nil when there is no such dataset.
    package func latestDatasetVersion(of dataset: String) throws -> DatasetVersion? {
        try connection.first(
            "SELECT body FROM dataset_versions WHERE dataset = $1 ORDER BY number DESC LIMIT 1",
            .text(dataset)
        ) { try $0.body(DatasetVersion.self) }
    }

    /// All versions of a dataset, or of all datasets, that had been added by a moment; newest first.
    package func datasetVersions(
        of dataset: String?,
        asOf date: Timestamp = .distantFuture
    ) throws -> [DatasetVersion] {
        guard let dataset else {
            return try connection.query(
                "SELECT body FROM dataset_versions WHERE created_at <= $1 ORDER BY position DESC",
                .time(date)
            ) { try $0.body(DatasetVersion.self) }
        }
        return try connection.query(
            """
            SELECT body FROM dataset_versions WHERE dataset = $1 AND created_at <= $2
            ORDER BY number DESC
            """,
            .text(dataset),
            .time(date)
        ) { try $0.body(DatasetVersion.self) }
    }

    /// Refuses to record a digest whose bytes were never filed.
    func requireBlob(_ digest: Digest, of owner: String) throws(Refusal) {
        guard blobs.contains(digest) else {
            throw Refusal(
                .corrupt,
                """
                The bytes \(digest.short) of \(owner) are not in the blob store. \
                File them before they are recorded.
                """
            )
        }
    }
}

extension Transaction {
    fileprivate func datasetVersion(
        of dataset: String,
        with digest: Digest
    ) throws -> DatasetVersion? {
        try connection.first(
            "SELECT body FROM dataset_versions WHERE dataset = $1 AND digest = $2",
            .text(dataset),
            .digest(digest)
        ) { try $0.body(DatasetVersion.self) }
    }

    fileprivate func nextDatasetNumber(of dataset: String) throws -> Int {
        let newest = try connection.first(
            "SELECT MAX(number) FROM dataset_versions WHERE dataset = $1",
            .text(dataset)
        ) { $0.optionalNumber(0) }
        return ((newest ?? nil) ?? 0) + 1
    }

    fileprivate func insert(_ version: DatasetVersion, at position: Int) throws {
        try connection.execute(
            """
            INSERT INTO dataset_versions
                (id, dataset, number, digest, created_at, position, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            .id(version.id),
            .text(version.dataset),
            .number(version.number),
            .digest(version.digest),
            .time(version.createdAt),
            .number(position),
            .text(try canonicalText(version))
        )
    }
}
