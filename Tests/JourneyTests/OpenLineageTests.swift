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

        /// Builds every event and every standard facet anew with the client's classes, which were
        /// generated from the JSON schemas: fields that are missing, unknown or of another type fail.
        private static let reader = """
            import attr, importlib, json, pkgutil, sys, types, typing
            from openlineage.client import event_v2 as v, generated
            classes = {}
            for module in pkgutil.iter_modules(generated.__path__):
                classes.update(vars(importlib.import_module(generated.__name__ + "." + module.name)))
            def build(kind, value):
                origin, parts = typing.get_origin(kind), typing.get_args(kind)
                if origin in (typing.Union, types.UnionType):
                    kinds = [part for part in parts if part is not type(None)]
                    return None if value is None else build(kinds[0], value)
                if origin is list:
                    return [build(parts[0], item) for item in value]
                if origin is dict:
                    return {key: build(parts[1], item) for key, item in value.items()}
                if attr.has(kind):
                    hints = typing.get_type_hints(kind)
                    fields = {key: item for key, item in value.items() if not key.startswith("_")}
                    return kind(**{key: build(hints[key], item) for key, item in fields.items()})
                assert isinstance(value, (float, int) if kind is float else kind), (kind, value)
                return value
            def check(facets):
                for name, facet in (facets or {}).items():
                    assert ":" in facet["_producer"] and ":" in facet["_schemaURL"], facet
                    if "openlineage.io/spec" in facet["_schemaURL"]:
                        kind = classes[facet["_schemaURL"].split("/")[-1]]
                        build(kind, facet)
                        print("facet", name)
                    else:
                        assert name.startswith("binnacle_"), name
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
                check(e["run"].get("facets"))
                check(e["job"].get("facets"))
                for data in e["inputs"] + e["outputs"]:
                    for key in ("facets", "inputFacets", "outputFacets"):
                        check(data.get(key))
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
        func
            `lineage and its facets are read by upstream's classes, and with any mistake they are not`()
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
                let lines = read.output.split(separator: "\n")
                #expect(lines.count { $0.hasPrefix("read ") } == 6)
                #expect(Set(lines.filter { $0.hasPrefix("facet ") }).count >= 4, "\(lines)")
                for (right, wrong) in [
                    ("\"runId\":\"", "\"runId\":\"run-"),
                    ("\"datasetVersion\":", "\"versionOfData\":"),
                    ("\"fields\":[", "\"fields\":[7,"),
                    ("\"processingType\":\"BATCH\"", "\"x\":\"y\""),
                ] {
                    let changed = text.replacing(right, with: wrong)
                    #expect(changed != text, "\(right) is not there")
                    try Data(changed.utf8).write(to: URL(filePath: path))
                    #expect(try await Program.call(python, call, in: home).code != 0, "\(wrong)")
                }
            }
        }
    }
}
