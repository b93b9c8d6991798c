package import Domain
package import EngineAPI
package import Monitoring

extension CollectedRows {
    /// The sketch of some of the rows, their cells read as the signature says.
    ///
    /// Columns are read one after the other from the batch's bytes: the cost is that of the cells of
    /// the baseline's columns, not of a text for each.
    package func window(
        of rows: [Int],
        labels: [Double?],
        signature: Signature,
        baseline: Baseline
    ) throws -> WindowSketch {
        var columns: [NamedColumn] = []
        for (place, feature) in signature.features.enumerated()
        where baseline.column(feature.name) != nil {
            let values: ColumnValues =
                switch feature.encoding {
                case .number: .numbers(numbers(place, of: rows, otherwise: ColumnValues.number))
                case .category: .categories(categories(place, of: rows))
                }
            columns.append(NamedColumn(name: feature.name, values: values))
        }
        return try WindowSketch(
            columns: columns,
            scores: rows.map { scores[$0] },
            labels: labels,
            task: signature.task,
            baseline: baseline
        )
    }

    /// The rows as the store keeps them, with the labels that came before them.
    func predictions(of deployment: Deployment, labels: [String: Double]) -> [Prediction] {
        (0..<count).map { place in
            let row = self[place]
            return Prediction(
                // A caller's request ids need only be its own: two deployments may see the same.
                id: ID("\(deployment.id)/\(row.id)"),
                deployment: deployment.id,
                model: deployment.model,
                version: row.version,
                row: row.row,
                time: row.time,
                score: row.score,
                label: row.row.flatMap { labels[$0] },
                cells: row.cells
            )
        }
    }
}
