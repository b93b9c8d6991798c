import Domain
import EngineAPI
import Terminal

/// How much time the charts of drift show.
enum DriftSpan: Sendable, Hashable {
    case all
    /// The newest windows of so many days.
    case days(Int)
    /// In seconds since 1970.
    case custom(ClosedRange<Double>)

    static let offered: [DriftSpan] = [.all, .days(7), .days(30), .days(90), .days(365)]

    var title: String {
        switch self {
        case .all: localized("all")
        case .days(let days): localized("last \(days) days")
        case .custom(let range):
            localized(
                "\(Timestamp(seconds: range.lowerBound).dateText) to \(Timestamp(seconds: range.upperBound).dateText)"
            )
        }
    }
}

/// What was picked for the charts of drift.
enum DriftChoice: Sendable, Hashable {
    case metric(DriftMetric)
    case span(DriftSpan)
    case reference(DriftReference)
}

/// The windows of a series as rows.
enum DriftPoints {
    static func columns(_ series: DriftSeries) -> ListColumns<DriftPoint> {
        let metric = series.points.compactMap(\.performance).first?.metric.rawValue ?? "true"
        return ListColumns(
            [
                ListColumn(
                    TableColumn("window", width: .fixed(10), isPinned: true),
                    value: { .date($0.time) }
                ) { point, _ in StyledText(point.time.dateText) },
                ListColumn(
                    TableColumn("ver", width: .fixed(4), priority: 70),
                    value: { .number($0.version) }
                ) { point, _ in StyledText("v\(point.version)", .muted) },
                ListColumn(
                    TableColumn(
                        series.feature == nil ? "share" : series.metric.title,
                        width: .fitted(minimum: 7, maximum: 12),
                        alignment: .right,
                        priority: 95
                    ),
                    value: { .number($0.value) }
                ) { point, _ in
                    StyledText(point.value.map { NumberText.decimals($0, 4) } ?? "—")
                },
                ListColumn(TableColumn("", width: .fixed(1), priority: 94)) {
                    $1.glyphs.mark($0.verdict)
                },
                ListColumn(
                    TableColumn("rows", width: .fixed(8), alignment: .right, priority: 80),
                    value: { .number($0.rows) }
                ) { point, _ in StyledText(NumberText.thousands(point.rows)) },
                ListColumn(
                    TableColumn("drifted", width: .fixed(7), alignment: .right, priority: 60),
                    value: { .number($0.driftedShare) }
                ) { point, _ in StyledText(NumberText.percent(point.driftedShare)) },
                ListColumn(
                    TableColumn(metric, width: .fixed(8), alignment: .right, priority: 90),
                    value: { .number($0.performance?.value) }
                ) { point, _ in
                    StyledText(point.performance.map { NumberText.decimals($0.value, 4) } ?? "—")
                },
                ListColumn(
                    TableColumn("labels", width: .fixed(6), alignment: .right, priority: 50),
                    value: { .number($0.performance?.coverage) }
                ) { point, _ in
                    StyledText(
                        point.performance.map { NumberText.percent($0.coverage) } ?? "—",
                        .muted
                    )
                },
            ],
            id: { $0.time.description },
            words: { $0.verdict.words }
        )
    }
}

/// Drift in words.
enum DriftWords {
    static func value(_ point: DriftPoint, _ series: DriftSeries, glyphs: GlyphSet) -> StyledText {
        let name =
            series.feature == nil
            ? localized("share drifted") : localized(word: series.metric.title)
        let number = point.value.map { NumberText.decimals($0, 3) } ?? "—"
        return StyledText("\(name) \(number) ") + glyphs.mark(point.verdict)
            + StyledText(" \(point.verdict.words)")
    }

    static func readout(
        _ point: DriftPoint?,
        _ series: DriftSeries,
        _ glyphs: GlyphSet
    ) -> [StyledText] {
        guard let point else { return [] }
        var lines = [value(point, series, glyphs: glyphs)]
        lines.append(
            StyledText(localized("\(NumberText.thousands(point.rows)) rows, v\(point.version)"))
        )
        lines.append(
            StyledText(localized("\(NumberText.percent(point.driftedShare)) of features drifted"))
        )
        if let performance = point.performance {
            let name = performance.metric.rawValue
            lines.append(StyledText("\(name) \(NumberText.decimals(performance.value, 4))"))
            let limit = NumberText.decimals(performance.limit, 4)
            lines.append(
                StyledText(
                    localized(
                        "limit \(limit), \(NumberText.percent(performance.coverage)) labelled"
                    ),
                    .muted
                )
            )
        }
        return lines
    }
}

extension ColumnQuality {
    /// What is odd about single values, shortly: `214 values · null 12 · 5 × 12.7 in a row`.
    var words: String {
        var parts: [String] = []
        if let distinct {
            let count = NumberText.thousands(Int(distinct.rounded()))
            parts.append(unseen > 0 ? localized("≈ \(count) values") : localized("\(count) values"))
        }
        parts += counters.map { counter in
            "\(title(of: counter.counter)) \(NumberText.thousands(counter.rows))"
        }
        if let run = longestRun {
            let value = NumberText.short(run.value)
            parts.append(localized("\(NumberText.thousands(run.length)) × \(value) in a row"))
        }
        return parts.joined(separator: " · ")
    }

    private func title(of counter: Counter) -> String {
        switch counter {
        case .unreadable: localized("unreadable")
        case .notANumber: localized("not a number")
        case .null: localized("null")
        case .infinite: localized("infinite")
        case .belowRange: localized("below the range")
        case .aboveRange: localized("above the range")
        case .unseen: localized("new categories")
        }
    }
}

extension DriftVerdict {
    var words: String {
        switch self {
        case .tooFewRows: localized("too few rows")
        case .stable: localized("stable")
        case .warning: localized("warning")
        case .drift: localized("drift")
        }
    }
}

extension DriftMetric {
    /// What it measures, in a few words.
    var meaning: String {
        switch self {
        case .psi: localized("how differently the values spread over the baseline's tenths")
        case .jensenShannon: localized("distance of the two distributions, 0 to 1")
        case .wasserstein: localized("how far values moved, in baseline deviations (numbers only)")
        case .kolmogorovSmirnov:
            localized("the largest gap of the cumulative shares (numbers only)")
        case .missing: localized("share of missing values")
        case .unseen: localized("share of values the baseline never had")
        }
    }
}
