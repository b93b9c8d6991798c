import Domain
import Foundation
import Glibc
import Monitoring
import Statistics
import Testing

/// Numbers of a normal distribution that the seed repeats (Box and Muller).
func normals(_ count: Int, seed: UInt64, shift: Double = 0) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
        let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
        return shift + radius * cos(2 * .pi * generator.nextUnit())
    }
}

/// Carriers in the shares 5 : 3 : 2.
func carriers(_ count: Int) -> [String?] {
    (0..<count).map { ["UA", "UA", "UA", "UA", "UA", "B6", "B6", "B6", "EV", "EV"][$0 % 10] }
}

/// Two features, `temperature` and `carrier`, and scores.
struct Example {
    var temperature: [Double]
    var carrier: [String?]
    var scores: [Double]

    init(rows: Int, seed: UInt64, shift: Double = 0) {
        temperature = normals(rows, seed: seed, shift: shift)
        carrier = carriers(rows)
        var generator = SeededGenerator(seed: seed &+ 77)
        scores = (0..<rows).map { _ in generator.nextUnit() }
    }

    var columns: [NamedColumn] {
        [
            NamedColumn(name: "temperature", values: .numbers(temperature)),
            NamedColumn(name: "carrier", values: .categories(carrier)),
        ]
    }

    func baseline() throws -> Baseline {
        try Baseline(columns: columns, scores: scores)
    }

    func window(of baseline: Baseline) throws -> WindowSketch {
        var window = try WindowSketch(baseline: baseline, task: .classification)
        try window.add(columns: columns, scores: scores, baseline: baseline)
        return window
    }
}

/// The start of a day of 2013, counted from zero.
func day(_ number: Int) -> Timestamp {
    Timestamp(seconds: 1_356_998_400).adding(seconds: Double(number) * Timestamp.day)
}

let subject = DriftSubject(
    model: "late-flights",
    version: 3,
    deployment: ID("deployment-1"),
    windowStart: day(9),
    windowEnd: day(10),
    rollingStart: day(3)
)

let retrainOnAny = RetrainPolicy(
    on: .any,
    cooldownSeconds: 14 * Timestamp.day,
    windowSeconds: 60 * Timestamp.day,
    approval: .required
)

let policy = MonitorPolicy(retrain: retrainOnAny)

func report(
    _ baseline: Baseline,
    _ window: WindowSketch,
    policy: MonitorPolicy = policy,
    expected: ExpectedPerformance? = nil
) throws -> DriftReport {
    try DriftReport(
        on: subject,
        baseline: baseline,
        window: window,
        policy: policy,
        expected: expected
    )
}

/// The window as a version that counted no runs of one value kept it.
func ofEarlierVersion(_ window: WindowSketch) throws -> WindowSketch {
    let body = try JSONSerialization.jsonObject(with: JSONEncoder().encode(window))
    var fields = try #require(body as? [String: Any])
    #expect(fields.removeValue(forKey: "runs") != nil)
    let kept = try JSONSerialization.data(withJSONObject: fields)
    return try JSONDecoder().decode(WindowSketch.self, from: kept)
}
