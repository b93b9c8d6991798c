package import Domain
import Statistics

extension DriftCause {
    /// A cause with the advice that belongs to its kind.
    ///
    /// - Parameter advised: Why a retrain is right, where it is; two sets of rows never show that.
    package init(
        feature: String,
        likely: Candidate,
        runnerUp: Candidate?,
        advised: String? = nil
    ) {
        self.init(
            feature: feature,
            likely: likely,
            runnerUp: runnerUp,
            action: likely.kind.action,
            isRetrainAdvised: advised != nil,
            retrainReason: advised ?? likely.kind.retrainReason
        )
    }
}

extension DriftCause.Kind {
    var action: String {
        switch self {
        case .technical: "Repair the service; its drift alerts say nothing until it answers."
        case .pipeline: "Fix the source upstream and set these rows aside."
        case .duplicateFeed: "Stop the second delivery and drop the rows that came twice."
        case .dataLoss: "Fix the source that stopped to deliver, and check how gaps are filled."
        case .sentinel: "Read this value as missing, and fill in the true values where they exist."
        case .stuckSensor: "Have the sensor checked, and leave the feature out until it moves."
        case .unitChange: "Correct the conversion at the source, and score these rows again."
        case .offset: "Recalibrate the source, and look for the moment and device it began with."
        case .sensorAgeing: "Recalibrate the sensor and watch it."
        case .newCategory: "Add the category to the code list or the mapping."
        case .season:
            "Wait for the labels, and train on rows of this season once there are enough."
        case .populationMix:
            "Look at the performance of each segment; reweight or retrain if one is weak."
        case .behaviour: "Retrain on recent rows, and shadow the candidate before it answers."
        case .concept: "Retrain on recent labels, and review the features."
        case .versionChange: "Compare the versions, and roll back if the change was not meant."
        case .benign: "Nothing; raise the threshold, with the reason, if it stays so."
        case .labelsPending: "Wait for the labels; until then look at the estimate."
        case .distributionChanged:
            "Look at when it began, in which segments, and what the model and the labels say."
        }
    }

    var retrainReason: String {
        switch self {
        case .technical:
            "The service is at fault, not the model."
        case .pipeline, .duplicateFeed, .dataLoss, .sentinel, .stuckSensor, .unitChange:
            "The rows are wrong, not the model: it would learn the fault."
        case .sensorAgeing:
            "A model trained on it fails once the sensor is recalibrated."
        case .offset:
            "Only if the new level stays: a model trained on it fails once the source is corrected."
        case .newCategory:
            """
            Only with labels for these rows and a lasting share over 1 to 5 %, which two sets of \
            rows do not show.
            """
        case .season:
            "A season passes, and no loss is measured: it never starts a retrain by itself."
        case .populationMix:
            "Each segment looks as before, and no loss is measured."
        case .behaviour, .concept:
            "The loss is measured on too few labelled rows."
        case .versionChange:
            "Another version answers: what changed is the model."
        case .benign:
            "The model does as well as at its validation."
        case .labelsPending:
            "Too few labels have come to say whether the model does worse."
        case .distributionChanged:
            """
            Season, changed behaviour and a changed concept look the same in two sets of rows: \
            time, labels and a model are needed to tell them apart.
            """
        }
    }
}

/// One feature on both sides, as the search for a cause takes it.
package struct CauseQuestion: Sendable {
    /// A column that goes along with this one in the reference.
    package struct Companion: Sendable, Equatable {
        package let name: String
        /// Pearson's, in the reference; -1...1.
        package let correlation: Double
        package let hasMoved: Bool

        package init(name: String, correlation: Double, hasMoved: Bool) {
            self.name = name
            self.correlation = correlation
            self.hasMoved = hasMoved
        }
    }

    /// Cells that are there but do not fit the reference's type; `values` holds them as missing.
    package struct Unreadable: Sendable, Equatable {
        package let count: Int
        package let example: String

        package init(count: Int, example: String) {
            self.count = count
            self.example = example
        }
    }

    /// What is known of rows that follow each other in time, where neighbours are alike.
    package struct Serial: Sendable, Equatable {
        /// In all reference rows, of which `reference` may be a sample.
        package let longestRun: Int?
        /// The share of missing values that is usual; nil where that is unknown.
        package let missingLimit: Double?

        package init(longestRun: Int?, missingLimit: Double?) {
            self.longestRun = longestRun
            self.missingLimit = missingLimit
        }
    }

    /// One side of the column.
    package enum Side: Sendable, Equatable {
        case numbers(NumericSide)
        case categories(CategoryCounts)

        /// In the order of their rows, which shows what is stuck.
        package init(_ values: ColumnValues) {
            switch values {
            case .numbers(let numbers): self = .numbers(NumericSide(values: numbers))
            case .categories(let categories): self = .categories(CategoryCounts(categories))
            }
        }
    }

    package let feature: String
    package let reference: Side
    /// nil where the column is gone.
    package let current: Side?
    package let unreadable: Unreadable?
    /// A change that leaves the rows plausible is explained from a warning on.
    package let verdict: DriftVerdict
    package let companions: [Companion]
    /// nil for rows that are independent of each other.
    package let serial: Serial?

    package init(
        feature: String,
        reference: ColumnValues,
        current: ColumnValues?,
        unreadable: Unreadable? = nil,
        verdict: DriftVerdict,
        companions: [Companion] = [],
        serial: Serial? = nil
    ) {
        self.init(
            feature: feature,
            reference: Side(reference),
            current: current.map { Side($0) },
            unreadable: unreadable,
            verdict: verdict,
            companions: companions,
            serial: serial
        )
    }

    package init(
        feature: String,
        reference: Side,
        current: Side?,
        unreadable: Unreadable? = nil,
        verdict: DriftVerdict,
        companions: [Companion] = [],
        serial: Serial? = nil
    ) {
        self.serial = serial
        self.feature = feature
        self.reference = reference
        self.current = current
        self.unreadable = unreadable
        self.verdict = verdict
        self.companions = companions
    }

    /// The numeric columns that go along with this one in the reference (Pearson, at least 0.5).
    ///
    /// - Parameter moved: Names of the columns judged as drift or near it.
    package static func companions(
        of feature: String,
        in reference: [NamedColumn],
        moved: Set<String>
    ) -> [Companion] {
        guard case .numbers(let own)? = reference.first(where: { $0.name == feature })?.values
        else { return [] }
        return reference.compactMap { column in
            guard column.name != feature, case .numbers(let others) = column.values,
                let correlation = correlation(own, others), abs(correlation) >= 0.5
            else { return nil }
            return Companion(
                name: column.name,
                correlation: correlation,
                hasMoved: moved.contains(column.name)
            )
        }
    }

    /// Pearson's correlation of the rows where both have a value; nil where one is constant.
    private static func correlation(_ first: [Double], _ second: [Double]) -> Double? {
        var (x, y, products) = (Moments(), Moments(), 0.0)
        let pairs = zip(first, second).filter { Sample.isUsable($0) && Sample.isUsable($1) }
        for (one, two) in pairs {
            x.add(one)
            y.add(two)
        }
        guard x.count >= CauseLevel.leastValues, x.squares > 0, y.squares > 0 else { return nil }
        for (one, two) in pairs { products += (one - x.mean) * (two - y.mean) }
        return products / (x.squares.squareRoot() * y.squares.squareRoot())
    }

    /// The likely cause; nil when nothing has drifted and no fault shows, or when a mere warning
    /// has no explanation: one in a hundred is chance.
    ///
    /// Tries the causes in the order of `DriftCause.Kind`; the first that fits wins, the next is
    /// the runner-up. Faults of the data are named without drift too: distances hardly see a
    /// stuck sensor. Costs no more than the sides' rows, which are sorted.
    package func cause() -> DriftCause? {
        var candidates = [pipeline()].compactMap { $0 }
        switch (reference, current) {
        case (.numbers(let old), .numbers(let new)):
            let evidence = NumericEvidence(reference: old, current: new, serial: serial)
            candidates += evidence.faults()
            if verdict >= .warning { candidates += evidence.changes(companions: companions) }
        case (.categories(let old), .categories(let new)):
            let evidence = CategoryEvidence(reference: old, current: new, serial: serial)
            candidates += evidence.faults()
            if verdict >= .warning { candidates += [evidence.newCategory()].compactMap { $0 } }
        default: break
        }
        if verdict == .drift { candidates.append(unexplained(candidates.isEmpty)) }
        guard let likely = candidates.first else { return nil }
        return DriftCause(
            feature: feature,
            likely: likely,
            runnerUp: candidates.dropFirst().first { $0.kind != likely.kind }
        )
    }

    private func unexplained(_ isAlone: Bool) -> DriftCause.Candidate {
        let moved = companions.filter(\.hasMoved).map { "\"\($0.name)\"" }
        var evidence = [
            isAlone
                ? "The shares differ, and no fault of the data explains it."
                : "The shares differ."
        ]
        if !moved.isEmpty {
            evidence.append("Correlated with it, and moved too: \(moved.joined(separator: ", ")).")
        }
        return DriftCause.Candidate(.distributionChanged, evidence: evidence)
    }

    private func pipeline() -> DriftCause.Candidate? {
        guard let current else {
            return DriftCause.Candidate(.pipeline, evidence: ["The column is gone."])
        }
        var evidence: [String] = []
        if let unreadable, unreadable.count > 0 {
            let verb = unreadable.count == 1 ? "does" : "do"
            evidence.append(
                """
                \(Wording.count(unreadable.count)) of \(Wording.rows(current.rows)) \(verb) not \
                fit the type of the reference, such as \"\(unreadable.example)\".
                """
            )
        }
        if current.rows > 0, current.presentCount == 0, reference.presentCount > 0 {
            evidence.append("No row has a value.")
        }
        if !reference.isSameKind(as: current) {
            evidence.append("One side holds numbers, the other categories.")
        }
        return evidence.isEmpty ? nil : DriftCause.Candidate(.pipeline, evidence: evidence)
    }
}

extension CauseQuestion.Side {
    fileprivate var rows: Int {
        switch self {
        case .numbers(let side): side.rows
        case .categories(let counts): presentCount + counts.missing
        }
    }

    fileprivate var presentCount: Int {
        switch self {
        case .numbers(let side): side.rows - side.missing
        case .categories(let counts): counts.rows.values.reduce(0, +)
        }
    }

    fileprivate func isSameKind(as other: Self) -> Bool {
        switch (self, other) {
        case (.numbers, .numbers), (.categories, .categories): true
        default: false
        }
    }
}
