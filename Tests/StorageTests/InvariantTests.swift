import Domain
import FoundationEssentials
import Testing

@testable import Storage

struct InvariantTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a home in use keeps every invariant`() async throws {
        #expect(try await store.checkInvariants() == [])
        try await home.deployed()
        try await home.deployed()
        _ = try await home.queuedRun()
        _ = try await home.startedRun("churn")
        _ = try await store.openAlert(makeAlert())
        #expect(try await store.checkInvariants() == [])
    }

    private static let breaks: [(String, String)] = [
        (
            "DELETE FROM audit_events WHERE action = 'approval.deploying'",
            "The approval \"approval-1\" is deploying, but no audit event says so."
        ),
        (
            "UPDATE deployment_revisions SET bundle_digest = '\(sha256("x").text)'",
            "Revision 1 of \"deployment-1\" serves what \"approval-1\" does not permit."
        ),
        (
            "UPDATE approvals SET body = replace(body, '\"deploying\"', '\"rejected\"')",
            "The events of \"approval-1\" do not lead to what it says it is."
        ),
        (
            "UPDATE approvals SET status = 'live'",
            "\"approval-1\" is live, and its events say otherwise."
        ),
        (
            "UPDATE approvals SET body = replace(body, '\"approve\"', '\"reject\"')",
            "The events of \"approval-1\" do not lead to what it says it is."
        ),
        (
            "DELETE FROM audit_events WHERE action = 'deployment.deployed'",
            "Revision 1 of \"deployment-1\" has no audit event."
        ),
        (
            "UPDATE jobs SET status = 'failed' WHERE id = 'job-2'",
            "The run \"run-2\" is queued, and its job is not."
        ),
        ("DELETE FROM jobs WHERE id = 'job-2'", "The run \"run-2\" has no job"),
        ("DELETE FROM runs WHERE id = 'run-2'", "The training job \"job-2\" (queued) has no run."),
        (
            "UPDATE alias_moves SET version = 9 WHERE name = 'champion'",
            "The alias champion of late-flights points at v9, which is missing."
        ),
        (
            "UPDATE runs SET status = 'failed' WHERE id = 'run-1'",
            "The version \"late-flights/v1\" came from \"run-1\", which is not registered."
        ),
        (
            "DELETE FROM model_versions",
            "The run \"run-1\" of \"late-flights\" is registered, but made no version."
        ),
        (
            "DELETE FROM deployment_revisions",
            "The deployment \"deployment-1\" of \"late-flights\" has no revision."
        ),
        (
            "UPDATE model_versions SET body = replace(body, '\"bundleDigest\":\"sha256:', "
                + "'\"bundleDigest\":\"\(sha256("x").text)\",\"before\":\"sha256:')",
            "The bundle digest of \"late-flights/v1\" is not of its artifacts."
        ),
    ]

    @Test(arguments: breaks)
    func `what must never be is named`(sql: String, sentence: String) async throws {
        try await home.deployed()
        _ = try await home.queuedRun()
        let hand = try home.openByHand()
        try hand.run(script: "PRAGMA foreign_keys = OFF")
        try hand.run(script: sql)
        let found = try await store.checkInvariants()
        #expect(found.contains { $0.contains(sentence) }, "\(found)")
    }

    @Test
    func `bytes that are gone are named`() async throws {
        let deployment = try await home.deployed()
        let version = try await store.modelVersion(model: deployment.model, number: 1)
        let model = try #require(version.artifacts["model"])
        let data = try await store.datasetVersion(ID("data-1"))
        for digest in [model, data.digest] {
            try FileManager.default.removeItem(atPath: store.blobs.path(of: digest))
        }
        #expect(
            try await store.checkInvariants() == [
                "The bytes of \"model\" of \"late-flights/v1\" are missing.",
                "The bytes of the dataset version \"data-1\" are missing.",
            ]
        )
    }

    @Test
    func `the database itself refuses a second open run and a second pending request`()
        async throws
    {
        let version = try await home.registered()
        _ = try await home.pendingApproval(for: version)
        _ = try await home.queuedRun()
        let hand = try home.openByHand()
        try hand.run(script: "PRAGMA foreign_keys = OFF")
        let rules = [
            ("runs", "job = 'job-99'", "UNIQUE constraint failed: runs.model"),
            ("approvals", "version = 99", "failed: approvals.model, approvals.environment"),
        ]
        for (table, difference, words) in rules {
            try hand.run(
                script: """
                    CREATE TEMP TABLE copy AS SELECT * FROM \(table)
                        WHERE status IN ('queued', 'pending');
                    UPDATE copy SET id = 'copy', position = 99, \(difference);
                    """
            )
            await expectRefusal(.fault, words) {
                try hand.run(script: "INSERT INTO \(table) SELECT * FROM copy")
            }
            try hand.run(script: "DROP TABLE copy")
        }
    }
}
