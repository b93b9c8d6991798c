import Domain
import EngineAPI
import Glibc
import Storage

/// What screens show, put together from what is stored and what runs.
extension Engine {
    func status() async throws -> EngineStatus {
        let (count, head) = try await store.auditHead()
        let broken = await logWatch.problem
        var status = EngineStatus(
            version: Engine.version,
            home: settings.home,
            host: hostName(),
            user: userName(of: getuid()),
            processID: getpid(),
            startedAt: startedAt,
            residentBytes: residentBytes(),
            auditEvents: count,
            auditHead: head,
            dropped: [
                "events": events.dropped,
                "collector": await monitor.collectorDropped,
            ]
        )
        status.auditFirstBad = broken?.firstBad
        status.auditProblem = broken?.sentence
        return status
    }

    /// - Parameter date: What there was to see then, but for the engine itself; nil is now.
    func overview(asOf date: Timestamp? = nil) async throws -> Overview {
        let now = settings.now()
        let most = date == nil ? 200 : 1_000
        let approvals = try await store.approvals(openOnly: true, asOf: date, limit: most)
        let alerts = try await store.alerts(openOnly: true, asOf: date, limit: most)
            .filter { $0.status == .firing && !$0.isMuted(at: now) }
        let jobs = try await store.jobs(asOf: date, limit: 200)
        let models =
            if let date { try await modelRows(asOf: date, limit: 200) } else {
                try await modelRows(limit: 200)
            }
        let running = jobs.filter { $0.status.isOpen }
        let counters = Counters(
            inbox: approvals.count,
            criticalAlerts: alerts.count { $0.severity == .critical },
            warningAlerts: alerts.count { $0.severity == .warning },
            runningJobs: running.count,
            drifting: date == nil
                ? try await store.driftingModelCount() : models.count { $0.drift == .drift }
        )
        let ended = jobs.filter { !$0.status.isOpen }
        return Overview(
            engine: try await status(),
            needs: approvals.map(need) + alerts.filter { $0.acknowledgedBy == nil }.map(need),
            models: models,
            jobs: Array((running + ended).prefix(20)),
            alerts: Array(alerts.prefix(50)),
            recent: try await store.auditEvents(newest: 20, asOf: date),
            counters: counters
        )
    }

    private func need(_ approval: Approval) -> Need {
        Need(
            kind: .approval,
            id: approval.id.text,
            title: approval.title,
            detail: approval.evidence.first { $0.title == "metrics" }?.lines.first ?? "",
            since: approval.createdAt
        )
    }

    private func need(_ alert: Alert) -> Need {
        Need(
            kind: .alert,
            id: alert.id.text,
            // Candidates of one model are refused one after the other: the run tells them apart.
            title: alert.rule == .refusedCandidate
                ? "\(alert.model): \(alert.subject) refused"
                : "\(alert.model): \(alert.rule.title)",
            detail: alert.message,
            since: alert.startedAt
        )
    }
}

package func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The login name of a user id, or `uid 1001` where the system has none.
package func userName(of uid: UInt32) -> String {
    guard let entry = getpwuid(uid) else { return "uid \(uid)" }
    return String(cString: entry.pointee.pw_name)
}

/// Memory of this process that is in RAM, in bytes; 0 where /proc does not say.
package func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
        as: UTF8.self
    )
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
}
