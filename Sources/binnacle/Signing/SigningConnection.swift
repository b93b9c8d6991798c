import Attestation
import Domain
import EngineAPI

/// A connection that signs the user's decisions before they leave for the engine.
struct SigningConnection: EngineConnection {
    let base: any EngineConnection
    let keys: UserKeys

    func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer {
        guard let decide = request as? Decide, decide.signed == nil,
            let signed = try await signed(decide) as? Request
        else { return try await base.send(request) }
        return try await base.send(signed)
    }

    func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent> {
        try await base.events(after: sequence)
    }

    /// The same decision with its signed statement; nil where none is needed or possible.
    private func signed(_ decide: Decide) async throws -> Decide? {
        let approval = try await base.send(GetApproval(approval: decide.approval))
        let level = approval.policy.signature
        guard level != nil || keys.path != nil else { return nil }
        let isRequired = keys.path != nil || (level == .required && decide.answer == .approve)
        do {
            guard let candidate = try await enrolledKey() else {
                guard isRequired else { return nil }
                throw Refusal(
                    .forbidden,
                    """
                    "\(approval.title)" takes signed approvals, and no key of yours that can sign \
                    here is enrolled. "binnacle keys enroll" enrolls one.
                    """
                )
            }
            var signed = decide
            signed.reason = String(decide.reason.prefix(2_000))
            let statement = try await statement(of: signed, on: approval)
            signed.signed = try await keys.sign(
                statement,
                in: DecisionStatement.namespace,
                with: candidate
            )
            return signed
        } catch  where !isRequired {
            // Where a signature is welcome but not needed, the kernel's word is enough.
            return nil
        }
    }

    private func statement(of decide: Decide, on approval: Approval) async throws -> String {
        let checkpoint = SignedNote(try await base.send(GetCheckpoint()).note)?.checkpoint
        guard let checkpoint else {
            throw Refusal(.fault, "The engine's checkpoint cannot be read. Is it of this version?")
        }
        var statement = DecisionStatement(
            on: approval,
            answer: decide.answer,
            reason: decide.reason,
            signer: try await base.send(WhoAmI()).actor,
            at: currentTime(),
            logSize: checkpoint.size,
            logRoot: checkpoint.root,
            nonce: makeNonce()
        )
        // What was on the screen, not what the engine says now.
        statement.bundle = decide.bundleDigest
        statement.evidence = decide.evidenceDigest
        return try canonicalStatement(statement)
    }

    /// The first key that can sign here and is enrolled for the caller.
    private func enrolledKey() async throws -> UserKeys.Candidate? {
        let me = try await base.send(WhoAmI()).actor
        let valid = try await base.send(ListKeys()).filter {
            $0.owner.isSamePerson(as: me) && $0.revocation == nil
        }
        let found = try await keys.candidates()
        return found.first { one in valid.contains { $0.publicKey == one.key.text } }
    }
}

/// A statement as it is signed: one line of JSON with sorted names.
func canonicalStatement(_ statement: some Encodable) throws -> String {
    guard let text = compactJSON(statement) else {
        throw Refusal(.fault, "The statement cannot be written as JSON.")
    }
    return text
}

private func makeNonce() -> String {
    (0..<2).map { _ in
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
}
