import ArgumentParser
import Domain
import FoundationEssentials

struct ManCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man",
        abstract: "Print or install the manual pages.",
        discussion: """
            binnacle man | man -l -   reads the page of the program
            binnacle man --install ~/.local/share/man   installs all three
            """
    )

    @Argument(help: "1 (the program), yaml (the pipeline file) or theme.")
    var page: ManualPage = .program
    @Option(name: .customLong("install"), help: "Write all pages below this man folder.")
    var folder: String?

    func run() throws {
        guard let folder else {
            writeOut(try page.roff())
            return
        }
        for page in ManualPage.allCases {
            let place = "\(folder)/\(page.folder)"
            let path = "\(place)/\(page.fileName)"
            do {
                try FileManager.default.createDirectory(
                    atPath: place,
                    withIntermediateDirectories: true
                )
                try Data(try page.roff().utf8).write(to: URL(filePath: path))
            } catch {
                throw Refusal(
                    .invalid,
                    "\"\(path)\" could not be written: \(error). "
                        + "Name a folder you may write to."
                )
            }
            print(path)
        }
    }
}

extension ManualPage: ExpressibleByArgument {}
