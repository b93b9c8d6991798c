import Attestation
import Domain
import EngineAPI
import Logging
import Storage

/// Keeps watch over the audit log: verifies it, and tells the witnesses of its heads.
actor LogWatch {
    /// Events that are verified before others may use the store again.
    private static let sliceEvents = 1_000
    /// Seconds between two tries to reach a witness that was not reached, at least.
    private static let retrySeconds: Double = 30

    private let store: Store
    private let events: EventHub
    private let settings: EngineSettings
    private let keys: LogKeys
    private let log: Logger
    private let delivery: WitnessDelivery
    /// What the last verification found.
    private var found: AuditVerification?
    /// What earlier ones found and nobody closed.
    private var findings: [LogFinding] = []
    private var telling: [ID<Witness>: Task<Void, Never>] = [:]
    private var tasks: [Task<Void, Never>] = []

    init(
        store: Store,
        events: EventHub,
        settings: EngineSettings,
        keys: LogKeys,
        log: Logger
    ) {
        self.store = store
        self.events = events
        self.settings = settings
        self.keys = keys
        self.log = log
        delivery = WitnessDelivery(folder: settings.home + "/witnesses", host: hostName())
    }

    /// The last head that was signed, kept outside of the database.
    private var checkpointPath: String { settings.home + "/checkpoint" }

    var verifierKey: String { keys.signer.verifier.text }

    /// Verifies what is new since the last verification, then all of it in the background.
    func start() async throws {
        try await verifyNew()
        let stream = try await events.watch(after: nil, in: store)
        tasks.append(
            Task { [weak self] in
                await self?.headMoved()
                for await event in stream {
                    switch event {
                    // Among those that were missed may have been the newest.
                    case .recorded, .missed: await self?.headMoved()
                    default: break
                    }
                }
            }
        )
        tasks.append(Task { [weak self] in _ = try? await self?.verifyAll(outside: nil) })
    }

    func stop() {
        for task in tasks + telling.values { task.cancel() }
        tasks = []
        telling = [:]
    }

    // MARK: - Verification

    private func verifyNew() async throws {
        var replay = try await store.replayFromKept()
        replay.witnessed += ownCheckpoint().filter { $0.size > replay.sequence }
        try await finish(&replay)
    }

    /// Verifies the whole log, and that what is current follows from it.
    ///
    /// - Parameter note: A checkpoint that was kept outside.
    func verifyAll(outside note: String?) async throws -> AuditVerification {
        var replay = AuditReplay()
        replay.witnessed = ownCheckpoint()
        if let note { replay.witnessed.append(try checked(note)) }
        return try await finish(&replay)
    }

    @discardableResult
    private func finish(_ replay: inout AuditReplay) async throws -> AuditVerification {
        while !replay.isComplete {
            try Task.checkCancellation()
            replay = try await store.continued(replay, limit: LogWatch.sliceEvents)
        }
        try await store.keep(replay)
        try await take(replay.verification)
        return replay.verification
    }

    /// What is wrong with the log: what the last verification found, or else an earlier one.
    var problem: (firstBad: Int64?, sentence: String)? {
        if let found, let problem = found.problem { return (found.firstBad, problem) }
        return findings.first.map { ($0.firstBad, $0.problem) }
    }

    /// A problem that was not known becomes a finding, so that it is not forgotten.
    ///
    /// The event that records it is signed like any other, and what this engine signed verifies:
    /// after that the finding alone says what was wrong.
    func take(_ verification: AuditVerification) async throws {
        found = verification
        if let problem = verification.problem {
            let recorded = try await store.recordFinding(
                problem,
                firstBad: verification.firstBad,
                host: hostName(),
                at: settings.now()
            )
            events.publish(recorded.events)
            if !recorded.events.isEmpty {
                log.error("The audit log does not verify: \(problem)")
            }
        }
        findings = try await store.openFindings()
    }

    /// What a verification found, or what an earlier one did, if that was nothing.
    func answer(_ verification: AuditVerification) -> AuditVerification {
        guard verification.problem == nil, let finding = findings.first else {
            return verification
        }
        var answer = verification.contradicted(by: finding.problem, at: finding.firstBad)
        answer.finding = finding.event
        return answer
    }

    /// Closes a finding of a log that verifies again.
    func close(_ event: Int64, reason: String, by actor: Actor) async throws -> LogFinding {
        let closed = try await store.closeFinding(
            event,
            reason: reason,
            by: actor,
            at: settings.now()
        )
        events.publish(closed.events)
        findings = try await store.openFindings()
        return closed.value
    }

    private func ownCheckpoint() -> [LogCheckpoint] {
        guard let bytes = readBytes(at: checkpointPath),
            let checkpoint = try? checked(String(decoding: bytes, as: UTF8.self))
        else { return [] }
        return [checkpoint]
    }

    /// The newest checkpoint of a text with one or more notes that this engine signed.
    private func checked(_ text: String) throws -> LogCheckpoint {
        guard let note = SignedNote(lastNote(in: text)), let checkpoint = note.checkpoint else {
            throw Refusal(
                .invalid,
                """
                This is no checkpoint. It has the log's name, its size, its root and a signature \
                below an empty line, as "binnacle audit checkpoint" prints it.
                """
            )
        }
        guard note.isSigned(byAnyOf: keys.verifiers) else {
            throw Refusal(
                .invalid,
                """
                The checkpoint of "\(checkpoint.origin)" is not signed by this engine's key \
                "\(verifierKey)". It is of another log, or it was forged.
                """
            )
        }
        return checkpoint
    }

    /// A witness file has one note after the other, an empty line between two.
    private func lastNote(in text: String) -> String {
        let origin = keys.signer.verifier.name
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.lastIndex(where: { $0 == origin }) else { return text }
        var kept = Array(lines[start...])
        while kept.last?.isEmpty == true { kept.removeLast() }
        return kept.joined(separator: "\n") + "\n"
    }

    // MARK: - Witnesses

    private func headMoved() async {
        guard let note = try? await store.newestCheckpoint() else { return }
        do {
            try writeWhole(note, to: checkpointPath, mode: 0o600)
        } catch {
            log.error("The log's head was not kept: \(error)")
        }
        await tellWitnesses()
    }

    /// Starts to tell each witness that is not being told already.
    func tellWitnesses() async {
        guard let witnesses = try? await store.witnesses() else { return }
        for witness in witnesses where telling[witness.id] == nil {
            telling[witness.id] = Task { [weak self] in await self?.tell(witness.id) }
        }
    }

    /// Brings the newest head, again and again while newer ones come; rests between two.
    private func tell(_ id: ID<Witness>) async {
        defer { telling[id] = nil }
        while !Task.isCancelled {
            guard let witness = try? await store.witnesses().first(where: { $0.id == id }),
                let note = try? await store.newestCheckpoint(),
                let size = SignedNote(note)?.checkpoint?.size, size > witness.size
            else { return }
            if let told = witness.toldAt {
                let rest = witness.pauseSeconds - settings.now().seconds(since: told)
                if rest > 0, rest <= witness.pauseSeconds {
                    try? await Task.sleep(for: .seconds(rest))
                    continue
                }
            }
            var failure: String?
            do {
                try await delivery.deliver(note, size: size, to: witness)
            } catch {
                if Task.isCancelled { return }
                failure = "\(error)"
                log.error("The log's head did not reach \(witness.target): \(error)")
            }
            let noted = try? await store.noteWitness(
                id,
                size: failure == nil ? size : nil,
                failure: failure,
                at: settings.now()
            )
            events.publish(noted?.events ?? [])
            if failure != nil {
                let rest = max(LogWatch.retrySeconds, witness.pauseSeconds)
                try? await Task.sleep(for: .seconds(rest))
            }
        }
    }
}
