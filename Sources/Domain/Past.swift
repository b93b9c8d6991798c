/// What things were at a moment, as far as they themselves tell; nil before there was any.

extension Run {
    /// Without what came out later. Since when it ran is not kept: it counts from the beginning.
    package func past(at date: Timestamp) -> Run? {
        guard createdAt <= date else { return nil }
        guard let end = status.endedAt, end > date else { return self }
        var run = self
        run.status = .running(since: createdAt)
        (run.record, run.report, run.artifacts) = (nil, nil, [:])
        return run
    }
}

extension Job {
    package func past(at date: Timestamp) -> Job? {
        guard createdAt <= date else { return nil }
        var job = self
        switch status {
        case .succeeded(let end), .failed(let end, _), .cancelled(let end):
            if end > date { (job.status, job.progress) = (.running(since: createdAt), nil) }
        case .running(let start):
            // How far it had come is not kept.
            (job.status, job.progress) = (start > date ? .queued : status, nil)
        case .queued: break
        }
        return job
    }
}

extension Alert {
    /// Who muted it when is not kept, so it is shown unmuted.
    package func past(at date: Timestamp) -> Alert? {
        guard startedAt <= date else { return nil }
        var alert = self
        if let end = resolvedAt, end > date { (alert.status, alert.resolvedAt) = (.firing, nil) }
        if let seen = acknowledgedAt, seen > date {
            (alert.acknowledgedBy, alert.acknowledgedAt) = (nil, nil)
        }
        (alert.mutedUntil, alert.mutedBy, alert.muteReason) = (nil, nil, nil)
        return alert
    }
}
