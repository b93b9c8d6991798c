import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what other programs verify and read: versions, provenance, lineage.",
        discussion: """
            "binnacle approvals export" writes signed decisions, "binnacle audit export" the log.
            """,
        subcommands: [Version.self, Provenance.self, OpenLineage.self]
    )

    struct Version: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a version's files with an OpenSSF Model Signing bundle.",
            discussion: """
                The folder gets "model" with the files, "model.sig" and "public_key.pem". Upstream \
                verifies them: model_signing verify key FOLDER/model --signature FOLDER/model.sig \
                --public_key FOLDER/public_key.pem
                """
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version, such as v2.")
        var version: VersionNumber
        @Argument(help: "A new folder.")
        var folder: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            let page = try await connection.send(GetModel(model: model))
            guard let found = page.versions.first(where: { $0.number == version.number }) else {
                throw Refusal(
                    .notFound,
                    """
                    "\(model)" has no version \(version.number). "binnacle models show \(model)" \
                    lists those there are.
                    """
                )
            }
            let signed = try await connection.send(
                SignVersion(model: model, version: version.number)
            )
            try write("model", in: nil, Data())
            for name in found.artifacts.keys.sorted() {
                try write(name, in: "model", try await bytes(of: name, connection))
            }
            try write("model.sig", in: "", Data(signed.bundle.utf8))
            try write("public_key.pem", in: "", Data(signed.publicKey.utf8))
            try options.show(found.artifacts.keys.sorted()) { names, _ in
                "\(names.count) files of \(model) \(found.label) and their signature are in "
                    + "\"\(folder)\"."
            }
        }

        /// Writes a file of the folder; with `place` nil it makes the folder itself.
        private func write(_ name: String, in place: String?, _ data: Data) throws {
            do {
                guard let place else {
                    try FileManager.default.createDirectory(
                        atPath: folder,
                        withIntermediateDirectories: false
                    )
                    return try FileManager.default.createDirectory(
                        atPath: "\(folder)/\(name)",
                        withIntermediateDirectories: false
                    )
                }
                try data.write(to: URL(filePath: "\(folder)/\(place)/\(name)"))
            } catch {
                throw Refusal(
                    .unavailable,
                    "The folder \"\(folder)\" cannot be made and filled. Name one that is not there."
                )
            }
        }

        private func bytes(
            of artifact: String,
            _ connection: any EngineConnection
        ) async throws -> Data {
            var data = Data()
            while true {
                let part = try await connection.send(
                    GetArtifact(
                        model: model,
                        version: version.number,
                        artifact: artifact,
                        offset: data.count
                    )
                )
                guard let bytes = Data(base64Encoded: part.base64) else {
                    throw Refusal(.fault, "The engine's bytes of \"\(artifact)\" cannot be read.")
                }
                data += bytes
                if data.count >= part.totalBytes || bytes.isEmpty { return data }
            }
        }
    }

    struct Provenance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the SLSA v1 provenance of what a run made, signed by the engine.",
            discussion: """
                It is an in-toto statement in a DSSE envelope, as a Sigstore bundle: what was \
                made, of which rows, code and pipeline, when, by which engine.
                """
        )

        @Argument(help: "The run's id, such as run-12.")
        var run: String
        @Flag(help: "Only the statement, without the signature.")
        var statement = false
        @Flag(help: "Only the key that verifies it, as PEM.")
        var publicKey = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            let signed = try await connection.send(GetProvenance(run: ID(run)))
            if options.json { return try options.show(signed) { _, _ in "" } }
            if publicKey { return writeOut(signed.publicKey) }
            writeOut(statement ? try ProvenanceText.statement(in: signed.bundle) : signed.bundle)
        }
    }

    struct OpenLineage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "openlineage",
            abstract: "Write data, runs and deployments as OpenLineage events, a line each.",
            discussion: """
                The events are of core spec 2-0-2, oldest first: each line can be sent to a \
                server such as Marquez at /api/v1/lineage.
                """
        )

        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            let host = try await connection.send(GetEngineStatus()).host
            let lineage = OpenLineageEvents(namespace: "binnacle://\(host)")
            let data = try await connection.send(ListDatasetVersions())
            let known = Dictionary(data.map { ($0.id, $0) }) { first, _ in first }
            let runs = try await connection.send(ListRuns(limit: 10_000))
            let rows = try await connection.send(ListDeployments())
            let events =
                data.flatMap(lineage.events)
                + runs.flatMap { lineage.events(of: $0, data: known[$0.data]) }
                + rows.flatMap { lineage.events(of: $0.deployment) }
            // Of one moment a START stays before its end.
            let ordered = events.enumerated().sorted {
                ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
            }
            for (_, event) in ordered {
                if let line = compactJSON(event.node) { writeOut(line + "\n") }
            }
        }
    }
}

/// What a Sigstore bundle holds.
private enum ProvenanceText {
    private struct Bundle: Decodable {
        struct Envelope: Decodable { let payload: Data }
        let dsseEnvelope: Envelope
    }

    static func statement(in bundle: String) throws -> String {
        guard let read = try? JSONDecoder().decode(Bundle.self, from: Data(bundle.utf8)) else {
            throw Refusal(.fault, "The engine's bundle cannot be read.")
        }
        return String(decoding: read.dsseEnvelope.payload, as: UTF8.self) + "\n"
    }
}
