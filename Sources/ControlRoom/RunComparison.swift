import Domain
import EngineAPI
import Terminal

/// Several runs beside each other: what was taken, what came out, how it was learnt.
struct RunComparison {
    /// The fewest and the most runs that are shown beside each other.
    static let countRange = 2...8
    /// Lines in one chart that can be told apart by their colour.
    static let curvesMaximum = 6

    /// One line of the table: a value for each run, nil where a run has none.
    struct Line: Equatable, Sendable {
        let name: String
        let values: [String?]
        var isHeading = false

        var isDifferent: Bool { Set(values).count > 1 }
    }

    let runs: [Run]

    /// The lines in their order; with `onlyDifferences` those alone in which the runs differ.
    func lines(onlyDifferences: Bool) -> [Line] {
        let groups: [(String, [Line])] = [
            ("Outcome", outcome), (localized("Metrics"), metrics),
            (localized("Parameters"), parameters),
            ("Taken", taken),
        ]
        return groups.flatMap { title, lines in
            let shown = lines.filter { line in
                line.values.contains { $0 != nil } && (!onlyDifferences || line.isDifferent)
            }
            return shown.isEmpty ? [] : [Line(name: title, values: [], isHeading: true)] + shown
        }
    }

    private func line(_ name: String, _ value: (Run) -> String?) -> Line {
        Line(name: name, values: runs.map(value))
    }

    private var outcome: [Line] {
        [
            line(localized("model")) { $0.model },
            line(localized("outcome")) { RunsScreen.outcome($0.status) },
            line(localized("verdict")) { $0.report?.verdict.words },
            line(localized("trigger")) { $0.trigger.rawValue },
            line(localized("started")) {
                "\($0.createdAt.dateText) \($0.createdAt.timeText.prefix(5))"
            },
            line(localized("by")) { $0.actor.name },
        ]
    }

    private var metrics: [Line] {
        var names: [MetricName] = []
        for metric in runs.flatMap({ $0.report?.comparisons ?? [] }).map(\.metric)
        where !names.contains(metric) {
            names.append(metric)
        }
        let values = names.map { name in
            line(name.rawValue) { run in
                run.report?.comparison(name).map { ModelCells.number($0.candidate) }
            }
        }
        return values + [
            line(localized("over-fitting")) { $0.report?.overfitGap.map(ModelCells.signed) },
            line(localized("holdout rows")) {
                $0.report.map { NumberText.thousands($0.holdoutRows) }
            },
        ]
    }

    private var parameters: [Line] {
        let names = Set(runs.flatMap { $0.pipeline.training.parameters.keys }).sorted()
        let given = names.map { name in
            line(name) { $0.pipeline.training.parameters[name].map { "\($0)" } }
        }
        return [line(localized("trainer")) { $0.pipeline.training.trainer.rawValue }] + given
            + [
                line(localized("seed")) { "\($0.pipeline.training.seed)" },
                line(localized("rounds")) { $0.record.map { "\($0.rounds)" } },
                line(localized("best round")) { $0.record?.bestRound.map { "\($0)" } },
            ]
    }

    private var taken: [Line] {
        [
            line(localized("data")) { $0.data.text },
            line(localized("data digest")) { $0.dataDigest.short },
            line(localized("training rows")) {
                $0.record.map { NumberText.thousands($0.trainingRows) }
            },
            line(localized("pipeline")) { $0.pipelineDigest.short },
            line(localized("code")) { $0.code.commit.map { String($0.prefix(12)) } },
            line(localized("local changes")) { $0.code.dirtyDiff?.short },
            line(localized("took")) { $0.record.map { NumberText.longDuration($0.trainSeconds) } },
            line(localized("memory")) { $0.record.map { NumberText.bytes($0.peakMemoryBytes) } },
            line(localized("host")) { $0.record?.host },
        ]
    }

    /// The table as a file gets it, a column for each run.
    func listing(onlyDifferences: Bool) -> Listing {
        let lines = lines(onlyDifferences: onlyDifferences).filter { !$0.isHeading }
        let names = ["what"] + runs.map(\.id.text)
        return Listing(
            name: "runs-compared",
            columns: names,
            allColumns: [],
            rows: { lines.map { [.text($0.name)] + $0.values.map { ListValue.text($0) } } },
            ids: lines.map(\.name),
            isMarkedOnly: false,
            records: {
                lines.compactMap { line in
                    let values = [line.name] + line.values
                    let pairs = zip(names, values).map { ($0, $1) }
                    return compactJSON(Dictionary(pairs) { first, _ in first })
                }
            }
        )
    }

    // MARK: - Drawing

    func table(onlyDifferences: Bool, _ glyphs: GlyphSet) -> TableWidget {
        let lines = lines(onlyDifferences: onlyDifferences)
        let titles = runs.enumerated().map { index, run in
            TableColumn(run.id.text, width: .fitted(minimum: 8, maximum: 22), priority: 90 - index)
        }
        return TableWidget(
            columns: [
                TableColumn("", width: .fitted(minimum: 10, maximum: 22), isPinned: true)
            ] + titles,
            rowCount: lines.count,
            emptyText: StyledText(localized("The marked runs are equal in everything."), .muted)
        ) { index in
            let line = lines[index]
            guard !line.isHeading else {
                return TableRow([StyledText(localized(word: line.name), Style(.title, .bold))])
            }
            let style: Style = line.isDifferent ? .text : .muted
            return TableRow(
                [StyledText(localized(word: line.name), .muted)]
                    + line.values.map { StyledText($0 ?? NumberText.missing, style) }
            )
        }
    }

    /// The curves over each other, told apart by colour and by the legend.
    func chart(_ curves: [ID<Job>: LearningCurve]) -> LineChart {
        let shown = runs.prefix(Self.curvesMaximum).enumerated().compactMap {
            index,
            run -> ChartSeries? in
            guard let curve = curves[run.job], !curve.rounds.isEmpty else { return nil }
            return ChartSeries(
                name: run.id.text,
                places: curve.rounds,
                values: curve.values,
                role: Role.series(index)
            )
        }
        let last = shown.flatMap(\.places).max() ?? 1
        let labels = Axis(holding: 0...max(1, last), ticks: 6).ticks.filter {
            (1...last).contains($0)
        }
        return LineChart(
            series: shown,
            labels: labels.map { ChartLabel(place: $0, text: "\(Int($0))") },
            placeRange: 0...max(1, last),
            emptyText: StyledText(localized("The logs of these runs tell of no rounds."), .muted)
        )
    }

    /// `── run-5 inner auc .7219`, one for each run that has a curve.
    func legend(_ curves: [ID<Job>: LearningCurve], _ glyphs: GlyphSet) -> StyledText {
        var text = StyledText()
        for (index, run) in runs.prefix(Self.curvesMaximum).enumerated() {
            guard let curve = curves[run.job], let value = curve.values.last else { continue }
            let line = String(repeating: glyphs.horizontal, count: 2)
            text.append("\(line) \(run.id.text) ", Style(Role.series(index), .bold))
            text.append("\(curve.name) \(ModelCells.number(value))  ", .text)
        }
        if runs.count > Self.curvesMaximum {
            text.append(localized("the first \(Self.curvesMaximum) only"), .muted)
        }
        return text
    }
}
