import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `Adding data` {
    @Test func `reads a file into a version with its profile`() async throws {
        try await withWorkshop { workshop in
            let version = try await workshop.addData(shipsText(rows: 12))
            #expect(version.id == ID("data-1"))
            #expect(version.number == 1)
            #expect(version.dataset == "ships")
            #expect(version.rows == 12)
            #expect(version.badRows == 0)
            #expect(version.source == workshop.folder + "/ships.csv")
            #expect(version.actor == alice)
            #expect(version.createdAt == noon)
            #expect(version.columns.map(\.name) == ["id", "at", "port", "wind", "late"])
            #expect(
                version.columns.map(\.type) == [.text, .timestamp, .text, .integer, .integer]
            )
            #expect(workshop.store.blobs.contains(version.digest))
            let event = try await workshop.event("data.added")
            #expect(event.content.actor == alice)
            #expect(event.content.digests["data"] == version.digest)
        }
    }

    @Test func `the same bytes twice are one version`() async throws {
        try await withWorkshop { workshop in
            let first = try await workshop.addData()
            workshop.clock.advance(seconds: 60)
            #expect(try await workshop.addData() == first)
            #expect(try await workshop.actions() == ["data.added"])
        }
    }

    @Test func `other bytes are the next version, and lists are newest first`() async throws {
        try await withWorkshop { workshop in
            let first = try await workshop.addData()
            let second = try await workshop.addData(shipsText(rows: 41))
            let other = try await workshop.addData(dataset: "boats")
            #expect(second.number == 2)
            let ships = try await workshop.send(ListDatasetVersions(dataset: "ships"))
            #expect(ships == [second, first])
            #expect(try await workshop.send(ListDatasetVersions()) == [other, second, first])
        }
    }

    @Test func `a file that is not there is refused`() async throws {
        try await withWorkshop { workshop in
            let path = workshop.folder + "/none.csv"
            let refused = await workshop.refusal(of: AddDataset(path: path, dataset: "ships"))
            #expect(refused?.kind == .notFound)
            #expect(refused?.message.contains("\"\(path)\"") == true)
            let versions = try await workshop.send(ListDatasetVersions())
            #expect(versions.isEmpty)
        }
    }

    @Test(arguments: [(0, false), (1, false), (2, true)])
    func `bad rows are left out up to the limit`(limit: Int, isAccepted: Bool) async throws {
        try await withWorkshop { workshop in
            let text = shipsText(rows: 20) + "x,y\nx,y,z\n"
            let path = try workshop.write(text, to: "ships.csv")
            let request = AddDataset(path: path, dataset: "ships", badRowLimit: limit)
            if isAccepted {
                let version = try await workshop.send(request)
                #expect((version.rows, version.badRows) == (20, 2))
            } else {
                let refused = await workshop.refusal(of: request)
                #expect(refused?.kind == .invalid)
                #expect(refused?.message.contains("ships.csv") == true)
                #expect(try await workshop.send(ListDatasetVersions()).isEmpty)
            }
        }
    }

    @Test(arguments: ["", "a b", "../ships", "-ships", ".ships", "ships\n", "schiffe/ä"])
    func `a name that is no plain name is refused`(name: String) async throws {
        try await withWorkshop { workshop in
            let path = try workshop.write(shipsText(), to: "ships.csv")
            let refused = await workshop.refusal(of: AddDataset(path: path, dataset: name))
            let sentence = """
                "\(name)" is no dataset name. Use at most 64 letters, digits, "-", "_" and ".".
                """
            #expect(refused == Refusal(.invalid, sentence))
        }
    }

    @Test func `a dataset that does not exist is named in the refusal`() async throws {
        try await withWorkshop { workshop in
            let refused = await workshop.refusal(of: ListDatasetVersions(dataset: "boats"))
            let sentence = """
                There is no dataset "boats". Add one with "binnacle data add FILE --name boats".
                """
            #expect(refused == Refusal(.notFound, sentence))
        }
    }
}
