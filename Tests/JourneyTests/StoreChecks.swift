import Domain
import FoundationEssentials
import Storage
import Testing

/// A copy of the store's database as it lies on the disk, beside the same blobs; the original is
/// left for the next engine to open.
func copyStore(of home: JourneyHome, number: Int) throws -> String {
    let files = FileManager.default
    let folder = "\(home.root)/store-\(number)"
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: home.path)
    where name.hasPrefix("binnacle.sqlite") && !name.hasSuffix("-shm") {
        try files.copyItem(atPath: "\(home.path)/\(name)", toPath: "\(folder)/\(name)")
    }
    try files.createSymbolicLink(
        atPath: folder + "/blobs",
        withDestinationPath: home.path + "/blobs"
    )
    return folder
}

/// What must hold of every store, however its engine ended.
func checkStore(in folder: String) async throws {
    let store = try Store(folder: folder, now: currentTime())
    #expect(try await store.checkInvariants() == [])
    let audit = try await store.verifyAudit()
    #expect(audit.firstBad == nil, "\(audit.problem ?? "")")
    let events = try await store.auditEvents(after: 0, limit: 1_000_000).map(\.content)
    #expect(Int64(events.count) == audit.events)

    let approvals = try await store.approvals(openOnly: false, limit: 10_000)
    for approval in approvals where !approval.status.isOpen {
        let isRecorded = events.contains {
            $0.subject == Subject(.approval, approval.id.text)
                && $0.action == "approval.\(approval.status.rawValue)"
        }
        #expect(isRecorded, "\(approval.id) is \(approval.status), and no audit event says so")
    }
    for deployment in try await store.deployments() {
        for revision in deployment.revisions {
            let permits = approvals.contains {
                $0.id == revision.approval && $0.model == deployment.model
                    && $0.version == revision.version
                    && $0.hasDeployed(bundle: revision.bundleDigest, in: deployment.environment)
            }
            #expect(permits, "revision \(revision.number) of \(deployment.id) is not approved")
        }
    }
    await store.close()
}
