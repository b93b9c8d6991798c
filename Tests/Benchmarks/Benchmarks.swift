import Domain
import Glibc
import Monitoring
import Statistics
import Tables

/// In-process measurements: CPU seconds of one thread, printed as lines for the script beside this.
///
/// Usage: Benchmarks FILE.csv, Benchmarks memory, Benchmarks log, Benchmarks ranges, Benchmarks
/// confusion SEEDS, Benchmarks confusion-flights FILE.csv SEEDS, Benchmarks registry HOME, or Benchmarks room HOME
@main
struct Benchmarks {
    static func main() async throws {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "registry" {
            let isFast = try await RegistryScale.measure(home: CommandLine.arguments[2])
            exit(isFast ? 0 : 1)
        }
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "room" {
            let isFast = try await RoomScale.measure(home: CommandLine.arguments[2])
            exit(isFast ? 0 : 1)
        }
        if CommandLine.arguments.dropFirst().first == "log" { return try await LogScale.measure() }
        if CommandLine.arguments.dropFirst().first == "ranges" {
            exit(try await RangeScale.measure() ? 0 : 1)
        }
        if CommandLine.arguments.dropFirst().first == "confusion" {
            let seeds = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5
            return try Confusion.printTable(seeds: seeds)
        }
        if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "confusion-flights" {
            let seeds = Int(CommandLine.arguments[3]) ?? 5
            return try FlightConfusion.printTable(
                fileAt: CommandLine.arguments[2],
                seeds: max(1, seeds)
            )
        }
        if CommandLine.arguments.dropFirst().first == "memory" { return try compareInMemory() }
        guard CommandLine.arguments.count == 2 else {
            print("Say which CSV file to profile: Benchmarks FILE.csv")
            exit(2)
        }
        try profileFile(CommandLine.arguments[1])
        compareMillionValues()
    }

    private static func profileFile(_ path: String) throws {
        let began = processSeconds()
        let found = try profile(fileAt: path)
        let seconds = processSeconds() - began
        let megabytes = Double(found.bytes) / 1e6
        print("profile_csv_seconds \(seconds)")
        print("profile_csv_megabytes_per_second \(megabytes / seconds)")
        print("profile_csv_peak_memory_megabytes \(peakMegabytes())")
    }

    /// PSI, Kolmogorov–Smirnov and Wasserstein of a million values against a frozen baseline.
    private static func compareMillionValues() {
        var generator = SeededGenerator(seed: 7)
        let reference = (0..<1_000_000).map { _ in normal(&generator) }
        let current = (0..<1_000_000).map { _ in normal(&generator) * 1.1 + 0.05 }
        let layout = BinLayout(baseline: Sample(reference))
        var baseline = NumericSketch(layout: layout)
        try? baseline.add(reference.span, layout: layout)
        let began = processSeconds()
        var window = NumericSketch(layout: layout)
        try? window.add(current.span, layout: layout)
        let distance = NumericDistance(layout: layout, baseline: baseline, window: window)
        let seconds = processSeconds() - began
        print("drift_million_seconds \(seconds)")
        if let distance { print("drift_million_figures \(distance)") }
    }

    /// Twenty columns of a million values against as many, both in memory: bins frozen from the
    /// baseline, both sides counted, every distance and its verdict.
    private static func compareInMemory() throws {
        var generator = SeededGenerator(seed: 7)
        func columns(_ shift: Double) -> [Monitoring.NamedColumn] {
            (0..<20).map { number in
                let values = (0..<1_000_000).map { _ in normal(&generator) + shift }
                return Monitoring.NamedColumn(name: "x\(number)", values: .numbers(values))
            }
        }
        let (reference, current) = (columns(0), columns(0.05))
        let began = processSeconds()
        let baseline = try Baseline(columns: reference, scores: [])
        var window = try WindowSketch(baseline: baseline, task: .regression)
        try window.add(
            columns: current,
            scores: [Double](repeating: .nan, count: 1_000_000),
            baseline: baseline
        )
        let report = try DriftReport(
            on: DriftSubject(
                model: "benchmark",
                version: 1,
                deployment: ID("deployment-1"),
                windowStart: Timestamp(microseconds: 0),
                windowEnd: Timestamp(microseconds: 1),
                rollingStart: Timestamp(microseconds: 0)
            ),
            baseline: baseline,
            window: window,
            policy: MonitorPolicy(),
            expected: nil
        )
        print("memory_seconds \(processSeconds() - began)")
        print("memory_features \(report.features.count)")
    }

    private static func normal(_ generator: inout SeededGenerator) -> Double {
        var sum = 0.0
        for _ in 0..<12 { sum += Double.random(in: 0..<1, using: &generator) }
        return sum - 6
    }

    private static func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// `VmHWM`: unlike `getrusage`, it does not begin with what the parent had.
    private static func peakMegabytes() -> Double {
        guard let file = fopen("/proc/self/status", "r") else { return .nan }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            guard text.hasPrefix("VmHWM:") else { continue }
            return
                (text.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Double($0) }
                ?? .nan) / 1_000
        }
        return .nan
    }
}
