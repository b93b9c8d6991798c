import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Testing

/// The control room of the built program, by keys only: what a person does on a working day.
@Suite struct RoomJourneyTests {
    /// One model's life: train, approve, train again, approve, roll back, deploy, reject, look.
    @Test(.enabled(if: TmuxRoom.isInstalled))
    func `a model is trained, approved, rolled back, deployed and rejected by keys`() async throws {
        try await JourneyHome.lend { home in
            var market = Market(seed: 11)
            let first = market.rows(2_000)
            let story = try await Story.begin(in: home, rows: first)
            let room = try await TmuxRoom.open(home)
            try await room.shows("No models yet")

            try await train(home.project, in: room)
            try await room.shows("Inbox◆1")
            try await approve("v1", in: room)
            try await room.press("8")
            try await room.waits(for: "v1 ready") { screen in
                screen.contains("v1    —     ready")
            }

            market.phase = 1
            _ = try await story.add(first + market.rows(2_000))
            try await retrain(in: room)
            try await room.shows("Inbox◆1")
            try await approve("v2", in: room)
            try await room.press("8")
            try await room.waits(for: "v2 live") { $0.contains("v2    —     ready") }

            try await rollBack(from: "v2", to: "v1", in: room)
            try await deploy("v2", in: room)
            try await reject("v1", in: room)
            try await lineage(in: room)

            let events = try await story.connection.send(ListAuditEvents()).map(\.content.action)
            #expect(events.contains("approval.rejected"))
            #expect(events.count { $0 == "deployment.changed" || $0.hasPrefix("deployment.") } >= 4)
        }
    }

    private func train(_ project: String, in room: TmuxRoom) async throws {
        try await room.press(":")
        try await room.type("train \(project)")
        try await room.shows("train the project in this folder")
        try await room.press("Enter")
        try await room.confirm("Train the project")
    }

    private func retrain(in room: TmuxRoom) async throws {
        try await room.press("T")
        try await room.confirm("Train buyers on the newest version of its dataset?")
    }

    /// Reads all evidence, then types the version: nothing less approves a release to production.
    private func approve(_ version: String, in room: TmuxRoom) async throws {
        try await room.press("5")
        try await room.shows("waiting")
        try await room.press("A")
        try await room.shows("e opens the next piece, then A.")
        for _ in 0..<20 {
            let screen = try await room.screen()
            if screen.contains("All ") && screen.contains("pieces are read") { break }
            try await room.press("e")
        }
        try await room.press("A")
        try await room.type(version, into: "Type \(version) to confirm: ")
        try await room.press("Enter")
        try await room.waits(for: "\(version) is approved") { screen in
            screen.contains("\(version) → production is approved")
        }
    }

    private func rollBack(from: String, to: String, in room: TmuxRoom) async throws {
        try await room.press("8", "B")
        try await room.type(from, into: "Type \(from) to confirm: ")
        try await room.press("Enter")
        try await room.shows("serves \(to) again.")
    }

    private func deploy(_ version: String, in room: TmuxRoom) async throws {
        try await room.press("8", "D")
        try await room.type(version, into: "Type \(version) to confirm: ")
        try await room.press("Enter")
        try await room.shows("serves \(version).")
    }

    /// Asks for the release of an older version from its row, and rejects it with a reason.
    private func reject(_ version: String, in room: TmuxRoom) async throws {
        try await room.press("2", "Enter")
        try await room.shows("Models › buyers (2)")
        try await room.press("G", "S")
        try await room.confirm("Ask for the release of buyers \(version)")
        try await room.shows("Inbox◆1")
        try await room.press("5", "g", "X")
        try await room.type("it is too old", into: "reason to reject buyers \(version): ")
        try await room.press("Enter")
        try await room.confirm("Reject buyers \(version) → production: it is too old")
        try await room.shows("\(version) → production is rejected")
    }

    private func lineage(in room: TmuxRoom) async throws {
        // The versions are open still, with the cursor on the oldest.
        try await room.press("2", "g", "o")
        try await room.shows("Lineage › buyers v2")
        try await room.press("h")
        try await room.waits(for: "a run is selected") { $0.contains("kind     run") }
        try await room.press("Enter")
        try await room.shows("Lineage › run-")
    }

    @Test(.enabled(if: TmuxRoom.isInstalled))
    func `a read-only room says why, remembers its lists and writes what is exported`() async throws
    {
        try await JourneyHome.lend { home in
            var market = Market(seed: 12)
            _ = try await Story.begin(in: home, rows: market.rows(300))
            let room = try await TmuxRoom.open(home, options: ["--read-only"])
            try await room.shows("[RO]")
            try await room.press("T")
            try await room.shows("This control room is read-only.")
            try await room.press(":")
            try await room.type("binnacle data show buyers")
            try await room.press("Enter")
            try await room.shows("─ binnacle data show buyers ─")
            try await room.shows("300 rows")
            try await room.press("q", ":")
            try await room.type("binnacle gc --apply")
            try await room.press("Enter")
            try await room.shows("This control room is read-only.")
            try await room.press(":")
            try await room.type("data")
            try await room.press("Enter")
            try await room.shows("1 snapshot")
            try await room.press("e", "c")
            try await room.shows("write to file: data-")
            try await room.press("C-u")
            try await room.type("\(home.root)/data.csv")
            try await room.press("Enter")
            try await room.shows("Wrote ")
            let file = text(ofFileAt: home.root + "/data.csv")
            #expect(file.hasPrefix("dataset,ver,rows,bad,columns,size,age,by\r\nbuyers,1,300,0,6,"))
            try await room.press(">", ":")
            try await room.type("q")
            try await room.press("Enter")
            try await room.ends()
            let again = try await TmuxRoom.open(home, options: ["--read-only"])
            // Before the room has taken the terminal, Enter is another key.
            try await again.shows("Needs you")
            try await again.press(":")
            try await again.type("data")
            try await again.press("Enter")
            try await again.shows("dataset▲")
        }
    }
}
