package import Domain
package import EngineAPI
import Glibc

/// Loads a version as a deployment would and scores the rows kept at training, one at a time.
///
/// Blocks, and measures the whole process: call it in a process of its own.
///
/// - Parameter rounds: Rows that are scored and timed, after a tenth of them to warm up.
/// - Throws: What `serveDeployment` would refuse the version for.
package func profileModel(_ plan: DeploymentPlan, rounds: Int = 2_000) throws -> ModelProfile {
    let clock = ContinuousClock()
    let loader = ModelLoader(lanes: 1)
    let began = clock.now
    let model = try loader.load(plan)
    let loading = clock.now - began
    let golden = try loader.golden(of: plan)
    var milliseconds: [Double] = []
    for round in 0..<(rounds + rounds / 10) {
        let row = round % golden.rows.count
        let single = GoldenRows(
            columns: golden.columns,
            rows: [golden.rows[row]],
            scores: [golden.scores[row]]
        )
        let start = clock.now
        _ = try model.scores(of: try RowBatch(golden: single, for: model), lane: 0)
        if round >= rounds / 10 { milliseconds.append((clock.now - start).milliseconds) }
    }
    milliseconds.sort()
    return ModelProfile(
        rounds: milliseconds.count,
        latencyMedianMilliseconds: milliseconds[milliseconds.count / 2],
        latency95Milliseconds: milliseconds[milliseconds.count * 95 / 100],
        loadMilliseconds: loading.milliseconds,
        peakMemoryBytes: peakMemoryBytes(),
        artifactBytes: plan.artifacts.values.reduce(0) { $0 + fileBytes($1.path) }
    )
}

extension Duration {
    fileprivate var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }
}

private func fileBytes(_ path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
}

/// `VmHWM` of `/proc/self/status`: unlike `getrusage`, it does not begin with what the parent had.
private func peakMemoryBytes() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        guard text.hasPrefix("VmHWM:") else { continue }
        let words = text.split { $0 == " " || $0 == "\t" }
        return words.count > 1 ? (Int(words[1]) ?? 0) * 1_024 : 0
    }
    return 0
}
