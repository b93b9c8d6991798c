import Domain
import EngineAPI
import Terminal

/// What the rows of the cursor's window are held against: the training rows, or what was picked.
extension DriftScreen {
    /// Versions of the model that are offered, the newest ones.
    private static let versionsOffered = 8

    /// Held against anything but the training rows, ranking and histogram come from here.
    func heldAgainst(_ world: World) -> DriftComparison? {
        guard reference != .training, let answer = world.driftComparison,
            answer.model == modelName(world), answer.reference == reference
        else { return nil }
        return answer
    }

    /// The call that holds the rows of the cursor's window against the reference.
    func comparisonCall(of model: String, _ world: World) -> EngineCall {
        var range: Range<Timestamp>?
        if let cursor, let series = series(world), let index = index(series.points) {
            let end = series.points[index].time.adding(seconds: series.windowSeconds)
            range = min(cursor, end.adding(seconds: -series.rollingSeconds))..<end
        }
        return .driftComparison(
            model: model,
            feature: feature(world),
            range: range,
            reference: reference
        )
    }

    /// What there is to hold the rows against.
    func references(_ world: World) -> [PickerEntry] {
        func entry(_ reference: DriftReference, _ title: String) -> PickerEntry {
            PickerEntry("\(reference)", title, action: .chart(.reference(reference)))
        }
        var entries = [
            entry(.training, localized("the training rows of the version that scored")),
            entry(.lastWeek, localized("the same version's rows seven days before")),
            entry(.sameMonth, localized("the same month, of an earlier year or in training")),
        ]
        if case .custom(let range) = span {
            let (from, to) = (Timestamp(seconds: range.lowerBound), range.upperBound)
            let end = Timestamp(seconds: to + (series(world)?.windowSeconds ?? 0))
            entries.append(
                entry(.range(from: from, to: end), localized("the time shown, between [ and ]"))
            )
        }
        let row = world.knownModels.first { $0.name == modelName(world) }
        let newest = row.map { $0.latest ?? $0.versions } ?? 0
        if newest > 0 {
            for number in (max(1, newest - Self.versionsOffered + 1)...newest).reversed() {
                entries.append(
                    entry(.version(number), localized("the training rows of v\(number)"))
                )
            }
        }
        return entries
    }

    /// The reference in words, such as `last week`; nil is the training rows.
    var referenceTitle: String? {
        switch reference {
        case .training: nil
        case .lastWeek: localized("last week")
        case .sameMonth: localized("the same month")
        case .version(let number): "v\(number)"
        case .range(let from, let to):
            "\(from.dateText)–\(to.adding(seconds: -1).dateText)"
        }
    }

    /// The title of the histogram's box.
    func histogramTitle(_ histogram: FeatureHistogram, _ comparison: DriftComparison?) -> String {
        let from = histogram.from.dateText
        let to = histogram.to.adding(seconds: -1).dateText
        let rows = NumberText.thousands(histogram.windowRows)
        guard let referenceTitle, comparison != nil else {
            return localized("Baseline v\(histogram.version) and \(from) to \(to) · \(rows) rows")
        }
        return localized("Against \(referenceTitle): \(from) to \(to) · \(rows) rows")
    }
}
