import Domain

/// Decides when the engine hears how a scoring process is; pure, time comes in.
///
/// A change of what is served is told at once, changing numbers now and then, and silence never
/// lasts longer than the heartbeat.
struct HealthReporting: Sendable {
    let intervalSeconds: Double
    let heartbeatSeconds: Double
    private var last: (health: DeploymentHealth, at: Double)?

    init(intervalSeconds: Double, heartbeatSeconds: Double) {
        self.intervalSeconds = intervalSeconds
        self.heartbeatSeconds = heartbeatSeconds
    }

    /// Whether to tell the engine now; the caller then does, and calls `told`.
    func shouldTell(_ health: DeploymentHealth, atSeconds now: Double) -> Bool {
        guard let last else { return true }
        let before = last.health
        if before.state != health.state || before.servingVersion != health.servingVersion
            || before.servingDigest != health.servingDigest || before.port != health.port
            || before.problem != health.problem
        {
            return true
        }
        let age = now - last.at
        if age >= heartbeatSeconds { return true }
        let hasNewNumbers =
            before.requests != health.requests || before.rows != health.rows
            || before.errors != health.errors || before.refused != health.refused
            || before.collectorDropped != health.collectorDropped
        return hasNewNumbers && age >= intervalSeconds
    }

    mutating func told(_ health: DeploymentHealth, atSeconds now: Double) {
        last = (health, now)
    }

    /// Forgets what was told, because another engine listens now.
    mutating func forget() {
        last = nil
    }
}
