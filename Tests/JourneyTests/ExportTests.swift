import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc
import Testing

extension JourneyTests {
    /// What is written for other programs, read as they read it.
    @Suite
    struct ExportTests {
        /// The parts of OpenLineage's core spec 2-0-2 that it requires.
        private struct RunEvent: Decodable {
            struct Facet: Decodable {
                let _producer: String
                let _schemaURL: String
            }
            struct Run: Decodable {
                let runId: UUID
                let facets: [String: Facet]
            }
            struct Job: Decodable {
                let namespace: String
                let name: String
                let facets: [String: Facet]
            }
            struct Thing: Decodable {
                let namespace: String
                let name: String
                let facets: [String: Facet]
            }
            enum Kind: String, Decodable {
                case start = "START"
                case complete = "COMPLETE"
                case abort = "ABORT"
                case fail = "FAIL"
                case other = "OTHER"
            }
            let eventType: Kind
            let eventTime: Timestamp
            let producer: String
            let schemaURL: String
            let run: Run
            let job: Job
            let inputs: [Thing]
            let outputs: [Thing]
        }

        private struct Provenance: Decodable {
            struct Resource: Decodable {
                let name: String
                let digest: [String: String]
            }
            struct Predicate: Decodable {
                struct Definition: Decodable {
                    let buildType: String
                    let resolvedDependencies: [Resource]
                }
                struct Details: Decodable {
                    struct Builder: Decodable { let id: String }
                    struct Metadata: Decodable {
                        let invocationId: String
                        let startedOn: Timestamp
                        let finishedOn: Timestamp
                    }
                    let builder: Builder
                    let metadata: Metadata
                }
                let buildDefinition: Definition
                let runDetails: Details
            }
            let _type: String
            let predicateType: String
            let subject: [Resource]
            let predicate: Predicate
        }

        /// `BINNACLE_MODEL_SIGNING`, else `model_signing` in the PATH.
        private static let modelSigning: String? = {
            let environment = ProcessInfo.processInfo.environment
            let folders = (environment["PATH"] ?? "").split(separator: ":")
            let found = folders.map { String($0) + "/model_signing" }
            return ([environment["BINNACLE_MODEL_SIGNING"]].compactMap { $0 } + found)
                .first { access($0, X_OK) == 0 }
        }()

        private func served(in home: JourneyHome) async throws -> Story {
            var market = Market(seed: 8)
            let story = try await Story.begin(in: home, rows: market.rows(400))
            _ = try await story.serveFirstVersion()
            return story
        }

        private func export(_ words: String..., in home: JourneyHome) async throws -> String {
            let ending = try await Program.run(
                ["export"] + words + ["--home", home.path],
                in: home
            )
            #expect(ending.code == 0, "\(words): \(ending.error)")
            return ending.output
        }

        @Test(.timeLimit(.minutes(2)))
        func `lineage is OpenLineage from the file to the endpoint, and a run has its provenance`()
            async throws
        {
            try await JourneyHome.lend { home in
                let story = try await served(in: home)
                let text = try await export("openlineage", in: home)
                let events = try text.split(separator: "\n").map {
                    try JSONDecoder().decode(RunEvent.self, from: Data($0.utf8))
                }
                #expect(events.count == 6)
                #expect(events.map(\.eventTime) == events.map(\.eventTime).sorted())
                for (run, states) in Dictionary(grouping: events, by: \.run.runId) {
                    #expect(states.map(\.eventType) == [.start, .complete], "\(run)")
                }
                let schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
                #expect(events.allSatisfy { $0.schemaURL == schema })
                // What one job puts out the next takes in.
                let ends = events.filter { $0.eventType == .complete }
                #expect(ends[0].inputs.map(\.namespace) == ["file"])
                for (before, after) in zip(ends, ends.dropFirst()) {
                    #expect(before.outputs.map(\.name) == after.inputs.map(\.name))
                }
                let name = "endpoints/\(Market.model)/production"
                #expect(ends.last?.outputs.map(\.name) == [name])

                let said = try await export("provenance", "run-1", "--statement", in: home)
                let provenance = try JSONDecoder().decode(Provenance.self, from: Data(said.utf8))
                #expect(provenance._type == "https://in-toto.io/Statement/v1")
                #expect(provenance.predicateType == "https://slsa.dev/provenance/v1")
                let run = try await story.connection.send(GetRun(run: ID("run-1")))
                #expect(
                    Set(provenance.subject.flatMap(\.digest.values))
                        == Set(run.artifacts.values.map(\.hexadecimal))
                )
                let taken = provenance.predicate.buildDefinition.resolvedDependencies
                #expect(taken.first?.digest == ["sha256": run.dataDigest.hexadecimal])
                let metadata = provenance.predicate.runDetails.metadata
                #expect(metadata.invocationId == "run-1")
                #expect(metadata.startedOn <= metadata.finishedOn)
                let nothing = try await Program.run(
                    ["export", "provenance", "run-9", "--home", home.path],
                    in: home
                )
                #expect(nothing.code == 1)
            }
        }

        @Test(
            .enabled(
                if: modelSigning != nil,
                """
                NOT RUN: upstream's "model_signing" is not here. Install it with "pip install \
                model-signing pyopenssl", or name it with BINNACLE_MODEL_SIGNING.
                """
            ),
            .timeLimit(.minutes(2))
        )
        func `a version's bundle is verified by upstream's model_signing, a changed byte is not`()
            async throws
        {
            let program = try #require(Self.modelSigning)
            try await JourneyHome.lend { home in
                _ = try await served(in: home)
                let folder = home.root + "/export"
                _ = try await export("version", Market.model, "v1", folder, in: home)
                let words = [
                    "verify", "key", folder + "/model", "--signature", folder + "/model.sig",
                    "--public_key", folder + "/public_key.pem",
                ]
                let verified = try await Program.call(program, words, in: home)
                #expect(verified.code == 0, "\(verified)")
                let path = folder + "/model/golden"
                var bytes = try Data(contentsOf: URL(filePath: path))
                bytes[0] ^= 1
                try bytes.write(to: URL(filePath: path))
                #expect(try await Program.call(program, words, in: home).code != 0)
            }
        }
    }
}
