package import Domain

/// What tells the alerts of one model version apart: its rule and, where it has one, its feature.
package struct AlertIdentity: Sendable, Hashable {
    package let rule: String
    package let feature: String?

    package init(rule: String, feature: String?) {
        self.rule = rule
        self.feature = feature
    }

    /// As the rules' state is kept under.
    package var key: String { feature.map { "\(rule)/\($0)" } ?? rule }
}

/// What a rule found in a window.
package struct AlertFinding: Sendable, Equatable {
    package let rule: AlertRuleDefinition
    package let feature: String?
    package let breach: Breach

    package init(rule: AlertRuleDefinition, feature: String?, breach: Breach) {
        self.rule = rule
        self.feature = feature
        self.breach = breach
    }

    package var identity: AlertIdentity { AlertIdentity(rule: rule.name, feature: feature) }
}

extension AlertRuleDefinition {
    /// What the rule says of a window, one finding an alert.
    ///
    /// - Parameters:
    ///   - isWhole: Whether the version has scored through the whole range; part of it says
    ///     nothing of drift.
    ///   - isFiring: Whether the alert fires already, and so is held to the lower limit.
    package func findings(
        in report: DriftReport,
        policy: MonitorPolicy,
        isWhole: Bool,
        isFiring: (AlertIdentity) -> Bool
    ) -> [AlertFinding] {
        func level(_ feature: String?) -> Double {
            isFiring(AlertIdentity(rule: name, feature: feature)) ? clear : raise
        }
        switch kind {
        case .drift:
            let breach =
                isWhole ? Breach.drift(in: report, share: level(nil), limit: raise) : .unknown
            return [AlertFinding(rule: self, feature: nil, breach: breach)]
        case .performance:
            let breach = Breach.performance(in: report, policy: policy, drop: level(nil))
            return [AlertFinding(rule: self, feature: nil, breach: breach)]
        case .feature, .quality:
            guard let metric else { return [] }
            let columns = report.features + [report.prediction].compactMap(\.self)
            return columns.filter { watches($0.feature) }.map { drift in
                let breach =
                    isWhole || kind == .quality
                    ? Breach.metric(
                        metric,
                        of: drift,
                        over: level(drift.feature),
                        limit: raise,
                        in: report
                    ) : .unknown
                return AlertFinding(rule: self, feature: drift.feature, breach: breach)
            }
        case .refusedCandidate, .failure: return []
        }
    }
}

extension Breach {
    /// Whether the share of drifted features has reached a share.
    ///
    /// - Parameters:
    ///   - share: What it is held to, which is lower than the limit while the alert fires.
    ///   - limit: The limit the words name.
    package static func drift(
        in report: DriftReport,
        share: Double,
        limit: Double
    ) -> Breach {
        guard report.verdict != .tooFewRows else { return .unknown }
        let drifted = report.features.filter { $0.verdict == .drift }
        guard !drifted.isEmpty && report.driftedShare >= share else { return .clean }
        let names = drifted.prefix(3).map { feature in
            "\(feature.feature) (PSI \(Wording.decimal(feature.psi, places: 2)))"
        }
        let rest = drifted.count > 3 ? " and \(drifted.count - 3) more" : ""
        let verb = drifted.count == 1 ? "has" : "have"
        let message = """
            \(drifted.count) of \(report.features.count) features of \(report.model) \
            v\(report.version) \(verb) drifted over \(Wording.rows(report.rows)): \
            \(names.joined(separator: ", "))\(rest). The limit is \(Wording.percent(limit)).
            """
        return .breached(
            AlertNews(
                message: message,
                features: drifted.map(\.feature),
                cause: report.faultCause(of: nil)
            )
        )
    }

    /// Whether one named figure of one feature is over a level.
    package static func metric(
        _ metric: DriftMetric,
        of drift: FeatureDrift,
        over level: Double,
        limit: Double,
        in report: DriftReport
    ) -> Breach {
        guard drift.verdict != .tooFewRows, let value = drift.value(of: metric) else {
            return .unknown
        }
        guard value > level else { return .clean }
        let message = """
            \(metric.title) of \(drift.feature) is \(Wording.decimal(value)) over \
            \(Wording.rows(report.rows)) of \(report.model) v\(report.version). The limit is \
            \(Wording.decimal(limit)).
            """
        return .breached(
            AlertNews(
                message: message,
                features: [drift.feature],
                cause: report.faultCause(of: drift.feature)
            )
        )
    }

    /// Whether true performance has fallen by more than a drop, on enough labelled rows to tell.
    package static func performance(
        in report: DriftReport,
        policy: MonitorPolicy,
        drop: Double
    ) -> Breach {
        guard let performance = report.performance,
            performance.labelledRows >= policy.performance.minimumRows
        else { return .unknown }
        let isHigherBetter = performance.metric.isHigherBetter
        // The report's own limit is what the standard drop makes of it.
        let limit =
            drop == policy.performance.drop
            ? performance.limit : performance.expected + (isHigherBetter ? -drop : drop)
        let isWorse = isHigherBetter ? performance.value < limit : performance.value > limit
        guard isWorse else { return .clean }
        let message = """
            \(performance.metric.rawValue) of \(report.model) v\(report.version) is \
            \(Wording.decimal(performance.value)) over \
            \(Wording.count(performance.labelledRows)) labelled rows, \
            \(isHigherBetter ? "below" : "above") \(Wording.decimal(limit)); validation had \
            \(Wording.decimal(performance.expected)).
            """
        return .breached(AlertNews(message: message, cause: report.faultCause(of: nil)))
    }
}

extension DriftReport {
    /// The fault of the service or of the feed that is the likely cause, as an alert's label has it.
    ///
    /// Only these two: they are what keeps other alerts quiet, and unlike the causes in the world
    /// they do not change with every window. A fault of the service is that of each feature.
    fileprivate func faultCause(of feature: String?) -> String? {
        let whole = causes?.first
        let own = feature.flatMap { name in causes?.first { $0.feature == name } }
        let kinds = [
            whole?.likely.kind == .technical ? whole : nil, own ?? (feature == nil ? whole : nil),
        ]
        .compactMap { $0?.likely.kind }
        return kinds.first { $0 == .technical || $0 == .pipeline }?.rawValue
    }
}
