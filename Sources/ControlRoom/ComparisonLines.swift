import Domain
import EngineAPI
import Terminal

/// Two versions beside each other: metrics with intervals, the gate's words, what differs.
enum ComparisonLines {
    static func lines(
        _ comparison: VersionComparison?,
        version: ModelVersion?,
        refusal: String?,
        isOnlyDifferences: Bool,
        columns: Int,
        _ glyphs: GlyphSet
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 13)
        guard let comparison else {
            lines.sentence(refusal ?? localized("Put the cursor on a version."))
            return lines
        }
        addMetrics(comparison, isOnlyDifferences, glyphs, to: &lines)
        addSlices(comparison, isOnlyDifferences, glyphs, to: &lines)
        lines.add(StyledText())
        lines.add(
            glyphs.mark(comparison.report.verdict)
                + StyledText(" \(localized(word: comparison.report.verdict.words))", .title)
                + StyledText(judgedText(comparison), .muted)
        )
        for reason in comparison.report.reasons { lines.sentence(reason, mark: StyledText("·")) }
        if let gap = comparison.report.overfitGap {
            lines.add("over-fitting", ModelCells.signed(gap) + localized(" training minus holdout"))
        }
        if !comparison.isPaired, comparison.base != nil {
            lines.sentence(localized("Judged on different rows: values only, no intervals."))
        }
        addDifferences(
            "Parameters",
            comparison.parameters,
            isOnlyDifferences,
            glyphs,
            to: &lines
        )
        for (title, part) in [
            ("Data", comparison.data), (localized("Columns"), comparison.columns),
            ("Cleaning", comparison.cleaning), (localized("Bytes"), comparison.bytes),
        ] where title == "Data" || !part.isEmpty {
            addDifferences(title, part, isOnlyDifferences, glyphs, to: &lines)
        }
        if let version, !isOnlyDifferences { addVersion(version, to: &lines) }
        return lines
    }

    private static func judgedText(_ comparison: VersionComparison) -> String {
        let report = comparison.report
        let against = report.championVersion.map { localized(" than v\($0)") } ?? ""
        return localized("\(against) on \(NumberText.thousands(report.holdoutRows)) holdout rows")
    }

    private static func addMetrics(
        _ comparison: VersionComparison,
        _ isOnlyDifferences: Bool,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        let base = comparison.base.map { "v\($0)" } ?? "—"
        func row(_ cells: [(String, Int, Alignment, Style)]) -> StyledText {
            var text = StyledText()
            for (cell, width, alignment, style) in cells {
                text.append(TextFit.fit(cell, to: width, alignment: alignment) + " ", style)
            }
            return text
        }
        let header = Style(.muted, .bold)
        lines.add(
            row([
                (localized("metric"), 10, .left, header), (base, 7, .right, header),
                ("v\(comparison.candidate)", 7, .right, header), ("Δ", 8, .right, header),
                (localized(" 95 % interval"), 18, .left, header),
            ])
        )
        for metric in comparison.metrics {
            let role = metric.role
            if isOnlyDifferences, role == .muted || metric.difference == 0 { continue }
            let arrow: Character? =
                metric.difference.map {
                    $0 == 0 ? " " : $0 > 0 ? glyphs.ascending : glyphs.descending
                }
            let difference = metric.difference.map(ModelCells.signed) ?? "—"
            let isPrimary = metric.metric == comparison.report.primary
            let interval =
                metric.difference == nil
                ? ModelCells.interval(metric.candidateInterval, isSigned: false)
                : ModelCells.interval(metric.differenceInterval, isSigned: true)
            lines.add(
                row([
                    (metric.metric.rawValue, 10, .left, isPrimary ? .title : .text),
                    (metric.champion.map(ModelCells.number) ?? "—", 7, .right, .text),
                    (ModelCells.number(metric.candidate), 7, .right, .text),
                    ("\(arrow.map(String.init) ?? "")\(difference)", 8, .right, Style(role)),
                    (" " + interval, 18, .left, Style(role)),
                ])
            )
        }
        addBars(comparison, glyphs, to: &lines)
    }

    /// Slices that are listed; the rest of them did better.
    private static let slicesMaximum = 6

    /// The groups of rows that did worst, the worst of them first.
    private static func addSlices(
        _ comparison: VersionComparison,
        _ isOnlyDifferences: Bool,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        guard let slices = comparison.report.slices, !slices.isEmpty else { return }
        let metric = comparison.report.primary
        let against = comparison.report.championVersion.map { localized(" against v\($0)") } ?? ""
        lines.heading(localized("Worst slices by \(metric.rawValue)\(against)"))
        let worse = slices.filter { slice in
            guard let difference = slice.difference else { return true }
            return !isOnlyDifferences || difference != 0
        }
        for slice in worse.prefix(slicesMaximum) {
            let isWorse =
                slice.difference.map { metric.isHigherBetter ? $0 < 0 : $0 > 0 } ?? false
            var text = StyledText(TextFit.fit(slice.title, to: 22, glyphs: glyphs) + " ", .muted)
            let rows = "n=\(NumberText.thousands(slice.rows))"
            text.append(TextFit.fit(rows, to: 9) + " ", .muted)
            if let champion = slice.champion {
                text.append("\(ModelCells.number(champion)) \(glyphs.arrowRight) ")
            }
            text.append(ModelCells.number(slice.candidate))
            if let difference = slice.difference {
                let mark = difference < 0 ? glyphs.descending : glyphs.ascending
                text.append(
                    "  \(mark)\(ModelCells.signed(difference))",
                    isWorse ? .warning : .ok
                )
            }
            lines.add(text)
        }
    }

    /// The interval of the primary difference on a scale around 0, as a line of text.
    private static func addBars(
        _ comparison: VersionComparison,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        guard
            let metric = comparison.metrics.first(where: {
                $0.metric == comparison.report.primary
            }),
            let interval = metric.differenceInterval, let difference = metric.difference
        else { return }
        let width = min(44, lines.columns - 14)
        guard width >= 16 else { return }
        let reach = max(interval.low.magnitude, interval.high.magnitude, 1e-9) * 1.1
        var row = CellGrid(size: Size(columns: width, rows: 1), glyphs: glyphs)
        row.put(String(glyphs.verticalDashed), at: Point(column: width / 2, row: 0), style: .muted)
        IntervalBar(
            low: interval.low,
            estimate: difference,
            high: interval.high,
            scale: -reach...reach,
            style: Style(metric.role)
        ).draw(into: &row, in: row.bounds)
        var text = StyledText(TextFit.fit("Δ \(metric.metric.rawValue)", to: 12), .muted)
        for column in 0..<width {
            let cell = row[column, 0]
            text.append(String(cell.character), cell.style)
        }
        lines.add(text)
        let zero = TextFit.fit(localized("worse  0  better"), to: width, alignment: .centre)
        lines.add(StyledText(TextFit.blanks(12) + zero, .muted))
    }

    private static func addDifferences(
        _ title: String,
        _ differences: [Difference],
        _ isOnlyDifferences: Bool,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        let shown = differences.filter { !isOnlyDifferences || $0.base != $0.candidate }
        lines.heading(title)
        if shown.isEmpty { lines.sentence(localized("no difference")) }
        for one in shown {
            let isSame = one.base == one.candidate
            let base = one.base ?? "—"
            let candidate = one.candidate ?? "—"
            let text = isSame ? base : "\(base) \(glyphs.arrowRight) \(candidate)"
            let label = TextFit.fit(one.name, to: 22, glyphs: glyphs) + " "
            lines.add(
                StyledText(label, .muted) + StyledText(text, isSame ? .muted : .text)
            )
        }
    }

    private static func addVersion(_ version: ModelVersion, to lines: inout DetailLines) {
        lines.heading("Version")
        lines.add("bundle", version.bundleDigest.short)
        lines.add("run", version.run.text)
        lines.add(
            "made",
            localized(
                "\(version.createdAt.dateText) \(version.createdAt.timeText)Z by \(version.actor)"
            )
        )
        lines.add(
            "task",
            localized(
                "\(localized(word: version.signature.task.rawValue)) of \(version.signature.target)"
            )
        )
        let names = version.signature.features.map(\.name).joined(separator: ", ")
        lines.add("features", "\(version.signature.features.count): \(names)")
    }
}
