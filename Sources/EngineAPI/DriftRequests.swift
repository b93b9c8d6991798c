package import Domain

/// What production rows are held against.
package enum DriftReference: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The training rows of the version that scored.
    case training
    /// The same version's rows seven days earlier.
    case lastWeek
    /// Rows of the same month: the version's own of an earlier year, else its training rows.
    case sameMonth
    /// The training rows of another version.
    case version(Int)
    /// The same version's rows of a range; the end is exclusive.
    case range(from: Timestamp, to: Timestamp)

    /// Reads `training`, `last-week`, `same-month`, `v3` or `2013-05-01..2013-05-08`.
    package init?(_ text: String) {
        switch text {
        case "training": self = .training
        case "last-week": self = .lastWeek
        case "same-month": self = .sameMonth
        default:
            if text.hasPrefix("v"), let number = Int(text.dropFirst()), number > 0 {
                self = .version(number)
                return
            }
            guard let dots = text.utf8.firstIndex(of: UInt8(ascii: ".")),
                text[dots...].hasPrefix(".."),
                let from = Self.time(text[..<dots]),
                let to = Self.time(text[dots...].dropFirst(2)), from < to
            else { return nil }
            self = .range(from: from, to: to)
        }
    }

    private static func time(_ text: Substring) -> Timestamp? {
        Timestamp(text.utf8.contains(UInt8(ascii: "T")) ? text : text + "T00:00:00Z")
    }

    package var description: String {
        switch self {
        case .training: "training"
        case .lastWeek: "last-week"
        case .sameMonth: "same-month"
        case .version(let number): "v\(number)"
        case .range(let from, let to): "\(from)..\(to)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let reference = DriftReference(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is nothing to compare with."
            )
        }
        self = reference
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Holds the rows of any range against any reference.
package struct CompareDrift: LookingBack {
    package static let name = "drift.compare"
    package static let permission = Permission.view
    package typealias Answer = DriftComparison
    package var model: String
    /// nil is the version that was judged last.
    package var version: Int?
    /// nil is where the newest verdict's range begins.
    package var from: Timestamp?
    /// Exclusive; nil is where the newest verdict's range ends.
    package var to: Timestamp?
    package var reference: DriftReference
    /// The feature whose histogram is wanted too; nil wants none.
    package var feature: String?
    package var asOf: Timestamp?

    package init(
        model: String,
        version: Int? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        reference: DriftReference,
        feature: String? = nil
    ) {
        self.model = model
        self.version = version
        self.from = from
        self.to = to
        self.reference = reference
        self.feature = feature
    }
}

/// How the rows of a range differ from those of a reference.
package struct DriftComparison: Codable, Sendable, Equatable {
    package var model: String
    package var version: Int
    package var from: Timestamp
    /// Exclusive.
    package var to: Timestamp
    package var rows: Int
    package var reference: DriftReference
    /// What the rows were held against, such as `the training rows of v3`.
    package var referenceTitle: String
    package var referenceRows: Int
    /// The largest PSI first.
    package var features: [FeatureDrift]
    package var prediction: FeatureDrift?
    /// The share of watched features whose verdict is drift; 0...1.
    package var driftedShare: Double
    package var verdict: DriftVerdict
    /// Of the feature that was asked for; its baseline is the reference.
    package var histogram: FeatureHistogram?

    package init(
        report: DriftReport,
        reference: DriftReference,
        title: String,
        referenceRows: Int,
        histogram: FeatureHistogram?
    ) {
        model = report.model
        version = report.version
        from = report.rollingStart
        to = report.windowEnd
        rows = report.rows
        self.reference = reference
        referenceTitle = title
        self.referenceRows = referenceRows
        features = report.features
        prediction = report.prediction
        driftedShare = report.driftedShare
        verdict = report.verdict
        self.histogram = histogram
    }
}
