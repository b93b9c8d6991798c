import Domain
import FoundationEssentials
import Testing

extension JourneyTests {
    /// What is written as OpenLineage, read by OpenLineage's own Python client.
    @Suite
    struct OpenLineageTests {
        private static let python = ProcessInfo.processInfo.environment[
            "BINNACLE_OPENLINEAGE_PYTHON"
        ]

        /// Builds every event anew with the client's classes, which check types, times and ids.
        private static let reader = """
            import json, sys
            from openlineage.client import event_v2 as v
            for line in open(sys.argv[1]):
                e = json.loads(line)
                known = {field.name for field in v.RunEvent.__attrs_attrs__}
                assert set(e) <= known, set(e) - known
                def things(kind, key):
                    return [kind(namespace=d["namespace"], name=d["name"]) for d in e[key]]
                event = v.RunEvent(
                    eventType=v.RunState[e["eventType"]], eventTime=e["eventTime"],
                    run=v.Run(runId=e["run"]["runId"]),
                    job=v.Job(namespace=e["job"]["namespace"], name=e["job"]["name"]),
                    inputs=things(v.InputDataset, "inputs"),
                    outputs=things(v.OutputDataset, "outputs"), producer=e["producer"])
                assert event.schemaURL.split("#")[0].endswith("OpenLineage.json")
                print("read", e["eventType"])
            """

        @Test(
            .enabled(
                if: python != nil,
                """
                NOT RUN: OpenLineage's client is not named. "pip install openlineage-python" in \
                some environment and name its python3 with BINNACLE_OPENLINEAGE_PYTHON.
                """
            ),
            .timeLimit(.minutes(2))
        )
        func `lineage is read by upstream's client, and with another id of a run it is not`()
            async throws
        {
            let python = try #require(Self.python)
            try await JourneyHome.lend { home in
                var market = Market(seed: 8)
                let story = try await Story.begin(in: home, rows: market.rows(400))
                _ = try await story.serveFirstVersion()
                let words = ["export", "openlineage", "--home", home.path]
                let text = try await Program.run(words, in: home).output
                let path = home.root + "/lineage.jsonl"
                try Data(text.utf8).write(to: URL(filePath: path))
                let call = ["-c", Self.reader, path]
                let read = try await Program.call(python, call, in: home)
                #expect(read.code == 0, "\(read)")
                #expect(read.output.split(separator: "\n").count == 6)
                let wrong = text.replacing("\"runId\":\"", with: "\"runId\":\"run-")
                #expect(wrong != text)
                try Data(wrong.utf8).write(to: URL(filePath: path))
                #expect(try await Program.call(python, call, in: home).code != 0)
            }
        }
    }
}
