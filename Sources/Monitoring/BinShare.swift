import Domain
import Statistics

/// One bar of a histogram: a range or a category with its share of baseline and window.
package struct BinShare: Sendable, Equatable {
    package let label: String
    /// 0...1
    package let baselineShare: Double
    package let windowShare: Double

    package init(label: String, baselineShare: Double, windowShare: Double) {
        self.label = label
        self.baselineShare = baselineShare
        self.windowShare = windowShare
    }

    /// More categories than this are drawn as one bar of others.
    package static let categoryLimit = 20

    /// The bars of a feature, or of the scores under `Baseline.scoreColumn`; nil when there is none.
    ///
    /// Deciles of the baseline for numbers, single values where there are few, else categories by
    /// their baseline share with new ones last.
    package static func bars(
        of feature: String,
        baseline: Baseline,
        window: WindowSketch
    ) -> [BinShare]? {
        let isScore = feature == Baseline.scoreColumn && baseline.column(feature) == nil
        guard let column = isScore ? baseline.scores : baseline.column(feature) else { return nil }
        let current = isScore ? .numeric(sketch: window.scores) : window.columns[feature]
        switch (column.content, current) {
        case (.numeric(let layout, let reference), .numeric(let sketch)):
            guard sketch.layout == layout.fingerprint else { return nil }
            return bars(
                labels(of: layout),
                layout.grouped(reference.counts),
                layout.grouped(sketch.counts)
            )
        case (.category(let layout, let reference), .category(let sketch)):
            guard sketch.counts.count == reference.counts.count else { return nil }
            return categories(layout, reference, sketch)
        default:
            return nil
        }
    }

    private static func bars(
        _ labels: [String],
        _ reference: [Int],
        _ current: [Int]
    ) -> [BinShare] {
        let (p, q) = (ShareDistance.shares(reference), ShareDistance.shares(current))
        return labels.indices.map { index in
            BinShare(label: labels[index], baselineShare: p[index], windowShare: q[index])
        }
    }

    static func labels(of layout: BinLayout) -> [String] {
        if layout.isDiscrete {
            let single = layout.upperEdges.indices.filter { layout.holdsOneValue($0) }
            return single.map { Wording.value(layout.upperEdges[$0]) } + ["other"]
        }
        let edges = layout.groupEnds.map { Wording.value(layout.upperEdges[$0]) }
        guard let first = edges.first, let last = edges.last else { return ["all"] }
        let between = zip(edges, edges.dropFirst()).map { "\($0)–\($1)" }
        return ["≤ \(first)"] + between + ["> \(last)"]
    }

    private static func categories(
        _ layout: CategoryLayout,
        _ reference: CategorySketch,
        _ current: CategorySketch
    ) -> [BinShare] {
        let shown = min(layout.categories.count, categoryLimit)
        func counts(_ sketch: CategorySketch) -> [Int] {
            let others = sketch.counts.dropFirst(shown).reduce(0, +) + sketch.restCount
            return sketch.counts.prefix(shown) + [others, sketch.unseenCount]
        }
        let labels = layout.categories.prefix(shown) + ["others", "new"]
        let all = bars(Array(labels), counts(reference), counts(current))
        return all.enumerated()
            .filter { $0.offset < shown || $0.element.baselineShare + $0.element.windowShare > 0 }
            .map(\.element)
    }
}
