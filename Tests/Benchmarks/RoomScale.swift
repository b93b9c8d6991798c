import ControlRoom
import Domain
import EngineAPI
import EngineCore
import Glibc
import Logging
import Terminal

/// How long the control room's own work takes with long lists; the script `room` fills the store.
enum RoomScale {
    private static let rows = 10_000
    private static let rounds = 20
    /// What a frame may take, and what a new order of all rows may add to it, in milliseconds.
    private static let frameMilliseconds = 3.0
    private static let sortMilliseconds = 5.0

    /// Prints the medians, and says whether they keep to the goals.
    static func measure(home: String) async throws -> Bool {
        let now = Timestamp("2026-11-23T12:00:00Z") ?? Timestamp(microseconds: 0)
        let engine = try Engine(
            settings: EngineSettings(
                home: home,
                executable: "",
                now: { now },
                servesDeployments: false
            ),
            log: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        let connection = engine.connection(
            for: Caller(actor: Actor(uid: getuid(), name: "benchmark"), client: "benchmark")
        )
        let runs = try await connection.send(ListRuns(limit: rows))
        let overview = try await connection.send(GetOverview())
        let size = Size(columns: 120, rows: 36)
        var room = RoomState(settings: RoomSettings(user: "ana", host: "box"), size: size, now: now)
        _ = room.start()
        _ = room.update(.answer(to: .overview, .overview(overview)))
        let overviewFrame = median { draw(room, size) }
        _ = room.update(.input(.key(.character("3"))))
        _ = room.update(.answer(to: .runs(newest: rows), .runs(runs)))
        let plain = median { draw(room, size) }
        var sorted = 0.0
        for column in 1...7 {
            let press = median(rounds: 1) {
                _ = room.update(.input(.key(.character(">"))))
                draw(room, size)
            }
            print("  column \(column): \((press * 100).rounded() / 100) ms")
            sorted = max(sorted, press)
        }
        let still = median { draw(room, size) }
        let move = median {
            _ = room.update(.input(.key(.character("j"))))
            draw(room, size)
        }
        tell("frame of the overview", overviewFrame, frameMilliseconds)
        tell("frame of \(runs.count) runs", plain, frameMilliseconds)
        tell(
            "sort of \(runs.count) runs and its frame, the slowest column",
            sorted,
            frameMilliseconds + sortMilliseconds
        )
        tell("frame of sorted runs", still, frameMilliseconds)
        tell("j in sorted runs and its frame", move, frameMilliseconds)
        return [overviewFrame, plain, still, move].allSatisfy { $0 <= frameMilliseconds }
            && sorted <= frameMilliseconds + sortMilliseconds
    }

    private static func draw(_ room: RoomState, _ size: Size) {
        var grid = CellGrid(size: size)
        room.draw(into: &grid)
    }

    private static func median(rounds: Int = rounds, of work: () -> Void) -> Double {
        let clock = ContinuousClock()
        let all = (0..<rounds).map { _ in
            let parts = clock.measure(work).components
            return Double(parts.seconds) * 1e3 + Double(parts.attoseconds) / 1e15
        }
        return all.sorted()[all.count / 2]
    }

    private static func tell(_ what: String, _ milliseconds: Double, _ limit: Double) {
        let value = (milliseconds * 100).rounded() / 100
        print("\(what): \(value) ms, goal \(limit) ms\(value > limit ? "  MISSED" : "")")
    }
}
