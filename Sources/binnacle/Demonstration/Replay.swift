import Domain
import EngineAPI
import Glibc
import Synchronization

/// Replays the year through the real scoring endpoint, with labels that arrive late.
///
/// Rows go out one request each, on a thread of their own, because the client blocks; the pace is
/// set from outside at any time.
final class Replay: Sendable {
    /// Labels of a day arrive this many days later.
    static let labelDelayDays = 2

    struct Progress: Sendable, Equatable {
        var day: Timestamp
        var daysDone = 0
        var daysInAll: Int
        var requests = 0
        /// Requests that did not get 200.
        var failures = 0
        var failure: String?
        /// The versions that answered, and how many requests each.
        var answeredBy: [Int: Int] = [:]
        /// How often the version changed between two answers.
        var swaps = 0
        var lastVersion: Int?
        var isDone = false
    }

    /// Days a second; 0 pauses.
    let pace = Mutex(0.0)
    private let current: Mutex<Progress>
    private let isStopped = Mutex(false)
    private let data: FlightData
    private let connection: any EngineConnection
    private let model: String

    init(data: FlightData, model: String, connection: any EngineConnection) {
        self.data = data
        self.model = model
        self.connection = connection
        let days = data.replayDays
        let first = days.first?.date ?? Timestamp(microseconds: 0)
        current = Mutex(Progress(day: first, daysInAll: days.count))
    }

    var progress: Progress { current.withLock { $0 } }

    func stop() {
        isStopped.withLock { $0 = true }
    }

    /// Replays from this day on until the year is over or somebody stops it.
    ///
    /// - Parameter changed: called after every day; the next begins when it returns.
    func run(
        onPort port: @escaping @Sendable () async throws -> Int,
        from firstDay: Timestamp?,
        changed: @escaping @Sendable (Progress) async throws -> Void
    ) async throws {
        let days = data.replayDays
        let skipped = days.prefix { day in firstDay.map { day.date < $0 } ?? false }.count
        current.withLock { $0.daysDone = skipped }
        var client = ScoringClient(port: try await port())
        for (index, day) in days.enumerated().dropFirst(skipped) {
            current.withLock { $0.day = day.date }
            for row in day.rows {
                try await waitForPace(rowsInDay: day.rows.count)
                if isStopped.withLock({ $0 }) { return }
                do {
                    try send(row, over: client)
                } catch {
                    note(failure: "\(error)")
                    try await Task.sleep(for: .milliseconds(200))
                    client = ScoringClient(port: try await port())
                }
            }
            current.withLock { $0.daysDone = index + 1 }
            try await changed(progress)
            // After the day is over: a verdict must not depend on whether the rows that call for it
            // or these labels get to the engine first.
            if index >= Replay.labelDelayDays {
                try await sendLabels(of: days[index - Replay.labelDelayDays])
            }
        }
        for day in days.suffix(Replay.labelDelayDays) { try await sendLabels(of: day) }
        current.withLock { $0.isDone = true }
        try await changed(progress)
    }

    private func send(_ row: Int, over client: ScoringClient) throws {
        let label = try data.label(ofRow: row)
        let answer = try client.post(data.request(forRow: row), requestID: "flight-\(label.row)")
        current.withLock { progress in
            progress.requests += 1
            if answer.status != 200 {
                progress.failures += 1
                progress.failure = "answer \(answer.status)"
            }
            guard let version = answer.version else { return }
            progress.answeredBy[version, default: 0] += 1
            if let last = progress.lastVersion, last != version { progress.swaps += 1 }
            progress.lastVersion = version
        }
    }

    private func note(failure: String) {
        current.withLock { progress in
            progress.failures += 1
            progress.failure = failure
        }
    }

    private func sendLabels(of day: FlightData.Day) async throws {
        let labels = try day.rows.map { row in
            let label = try data.label(ofRow: row)
            return RowLabel(row: label.row, label: label.label)
        }
        _ = try await connection.send(AddLabels(model: model, labels: labels))
    }

    /// Waits as long as one row takes at the present pace; while paused, until it changes.
    private func waitForPace(rowsInDay: Int) async throws {
        while true {
            if isStopped.withLock({ $0 }) { return }
            let daysASecond = pace.withLock { $0 }
            if daysASecond > 0 {
                let seconds = 1 / (daysASecond * Double(max(1, rowsInDay)))
                if seconds > 0.000_5 { try await Task.sleep(for: .seconds(seconds)) }
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
