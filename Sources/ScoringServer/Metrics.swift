import Domain
import Synchronization

/// What one model version counted since it was loaded.
struct ModelCounters: Sendable, Equatable {
    private(set) var rows = 0
    private(set) var scoreSum: Double = 0
    /// Upper edges of the histogram of predictions, ascending.
    let scoreEdges: [Double]
    /// One more than edges.
    private(set) var scoreCounts: [Int]
    private(set) var missing: [Int]
    private(set) var unseen: [Int]

    init(features: Int, scores: ClosedRange<Double>) {
        let width = scores.upperBound - scores.lowerBound
        scoreEdges = (1..<11).map { scores.lowerBound + width * Double($0) / 10 }
        scoreCounts = [Int](repeating: 0, count: scoreEdges.count + 1)
        missing = [Int](repeating: 0, count: features)
        unseen = [Int](repeating: 0, count: features)
    }

    mutating func add(_ batch: borrowing RowBatch, scores: [Float]) {
        rows += scores.count
        for score in scores {
            let score = Double(score)
            scoreSum += score
            var bin = 0
            while bin < scoreEdges.count && score > scoreEdges[bin] { bin += 1 }
            scoreCounts[bin] += 1
        }
        guard batch.hasGaps else { return }
        for feature in missing.indices {
            missing[feature] += batch.missing[feature]
            unseen[feature] += batch.unseen[feature]
        }
    }
}

/// What the server counted since it started, over all versions.
struct ServerMetrics: Sendable {
    /// Seconds, as Prometheus wants them.
    static let durationEdges: [Double] = [
        0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
    ]

    /// By status code, in the order they first came.
    private(set) var requests: [(code: Int, count: Int)] = []
    private(set) var durationCounts = [Int](repeating: 0, count: durationEdges.count + 1)
    private(set) var durationSumSeconds: Double = 0
    private(set) var scoredRequests = 0
    private(set) var rows = 0
    /// Requests that the service failed.
    private(set) var errors = 0
    /// Requests that were wrong in themselves: the caller's errors, not the service's.
    private(set) var refused = 0
    private(set) var latency = LatencyWindow()

    /// Counts an answered scoring request.
    mutating func add(code: Int, rows: Int, microseconds: Int, atSeconds now: Double) {
        if let place = requests.firstIndex(where: { $0.code == code }) {
            requests[place].count += 1
        } else {
            requests.append((code, 1))
        }
        let seconds = Double(microseconds) / 1_000_000
        var bin = 0
        while bin < Self.durationEdges.count && seconds > Self.durationEdges[bin] { bin += 1 }
        durationCounts[bin] += 1
        durationSumSeconds += seconds
        scoredRequests += 1
        self.rows += rows
        switch code {
        case 500...: errors += 1
        case 400...: refused += 1
        default: break
        }
        latency.add(microseconds: microseconds, atSeconds: now)
    }
}

/// Everything `/metrics` says, at one moment.
struct MetricsSnapshot {
    let server: ServerMetrics
    let inFlight: Int
    let collectorDropped: Int
    let collectorWaiting: Int
    /// The versions in memory, the serving one first.
    let models: [(model: ScoringModel, counters: ModelCounters)]

    /// Prometheus' text format, version 0.0.4.
    func text() -> String {
        var page = PrometheusPage()
        writeServer(to: &page)
        writeModels(to: &page)
        return page.text
    }

    private func writeServer(to page: inout PrometheusPage) {
        page.begin("requests_total", "counter", "Scoring requests answered, by status code.")
        for request in server.requests.sorted(by: { $0.code < $1.code }) {
            page.add("requests_total", [("code", String(request.code))], String(request.count))
        }
        page.begin("request_duration_seconds", "histogram", "Time from request to answer.")
        page.addHistogram(
            "request_duration_seconds",
            [],
            edges: ServerMetrics.durationEdges,
            counts: server.durationCounts,
            sum: server.durationSumSeconds
        )
        page.begin("inflight", "gauge", "Scoring requests being answered now.")
        page.add("inflight", [], String(inFlight))
        page.begin("collector_dropped_total", "counter", "Rows the full collector dropped.")
        page.add("collector_dropped_total", [], String(collectorDropped))
        page.begin("collector_waiting_rows", "gauge", "Rows that wait to be handed over.")
        page.add("collector_waiting_rows", [], String(collectorWaiting))
    }

    private func writeModels(to page: inout PrometheusPage) {
        page.begin("model_info", "gauge", "1 for the version that answers, 0 for a warm one.")
        for (index, (model, _)) in models.enumerated() {
            let labels = Self.labels(of: model) + [("digest", model.bundleDigest.text)]
            page.add("model_info", labels, index == 0 ? "1" : "0")
        }
        page.begin("rows_total", "counter", "Rows scored.")
        for (model, counters) in models {
            page.add("rows_total", Self.labels(of: model), String(counters.rows))
        }
        page.begin("prediction", "histogram", "Predictions given.")
        for (model, counters) in models {
            page.addHistogram(
                "prediction",
                Self.labels(of: model),
                edges: counters.scoreEdges,
                counts: counters.scoreCounts,
                sum: counters.scoreSum
            )
        }
        page.begin("feature_missing_total", "counter", "Cells without a value.")
        writeFeatures("feature_missing_total", { $0.missing }, to: &page)
        page.begin("feature_unseen_total", "counter", "Categories the model does not know.")
        writeFeatures("feature_unseen_total", { $0.unseen }, to: &page)
    }

    private func writeFeatures(
        _ name: String,
        _ counts: (ModelCounters) -> [Int],
        to page: inout PrometheusPage
    ) {
        for (model, counters) in models {
            for (feature, count) in zip(model.signature.features, counts(counters)) {
                let labels = Self.labels(of: model) + [("feature", feature.name)]
                page.add(name, labels, String(count))
            }
        }
    }

    private static func labels(of model: ScoringModel) -> [(String, String)] {
        [("model", model.name), ("version", model.versionText)]
    }
}

/// Writes metric families line by line; every name begins with `binnacle_`.
private struct PrometheusPage {
    private(set) var text = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP binnacle_\(name) \(help)\n# TYPE binnacle_\(name) \(type)\n"
    }

    mutating func add(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += "binnacle_\(name)"
        if !labels.isEmpty {
            text += "{"
            text += labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            text += "}"
        }
        text += " \(value)\n"
    }

    mutating func addHistogram(
        _ name: String,
        _ labels: [(String, String)],
        edges: [Double],
        counts: [Int],
        sum: Double
    ) {
        var total = 0
        for (edge, count) in zip(edges, counts) {
            total += count
            add("\(name)_bucket", labels + [("le", String(edge))], String(total))
        }
        total += counts.last ?? 0
        add("\(name)_bucket", labels + [("le", "+Inf")], String(total))
        add("\(name)_sum", labels, String(sum))
        add("\(name)_count", labels, String(total))
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
