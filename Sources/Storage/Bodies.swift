import Domain
import FoundationEssentials

/// JSON with sorted keys: the form in which values lie in `body` columns and under digests.
func canonicalText(_ value: some Encodable) throws(Refusal) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity",
        negativeInfinity: "-Infinity",
        nan: "NaN"
    )
    do {
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
        throw Refusal(.fault, "A value cannot be written as JSON: \(error).")
    }
}

/// Reads a `body` column back.
func value<Value: Decodable>(_ type: Value.Type, from text: String) throws(Refusal) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "Infinity",
        negativeInfinity: "-Infinity",
        nan: "NaN"
    )
    do {
        return try decoder.decode(type, from: Data(text.utf8))
    } catch {
        throw Refusal(
            .corrupt,
            """
            The database holds a \(type) that cannot be read (\(error)). \
            Stop the engine and restore the database from a backup.
            """
        )
    }
}

extension SQLRow {
    /// The domain value whose JSON lies in this column.
    func body<Value: Decodable>(_ type: Value.Type, _ column: Int = 0) throws(Refusal) -> Value {
        try value(type, from: text(column))
    }

    /// The domain value whose JSON lies in this column; nil where none does.
    func optionalBody<Value: Decodable>(
        _ type: Value.Type,
        _ column: Int
    ) throws(Refusal) -> Value? {
        guard let text = optionalText(column) else { return nil }
        return try value(type, from: text)
    }
}

extension SubjectKind {
    /// What people call it, and the command that lists such things.
    fileprivate var nounAndCommand: (noun: String, command: String) {
        switch self {
        case .file: ("file", "data list")
        case .datasetVersion: ("dataset version", "data list")
        case .run: ("run", "runs list")
        case .job: ("job", "jobs list")
        case .modelVersion: ("model version", "models list")
        case .approval: ("approval", "approvals list")
        case .deployment: ("deployment", "deployments list")
        case .predictions: ("prediction", "deployments list")
        case .alert: ("alert", "alerts list")
        case .driftReport: ("drift report", "drift list")
        case .engine: ("engine", "engine status")
        case .auditEvent: ("event", "audit")
        case .signingKey: ("key", "keys")
        case .silence: ("silence", "alerts silences")
        case .delivery: ("delivery", "alerts deliveries")
        case .model: ("model", "models list")
        case .cleaning: ("cleaning", "runs list")
        case .evidence: ("evidence", "approvals list")
        }
    }
}

/// Says that there is no such thing, and which command lists those there are.
func missing(_ kind: SubjectKind, _ id: String) -> Refusal {
    let (noun, command) = kind.nounAndCommand
    return Refusal(
        .notFound,
        "There is no \(noun) \"\(id)\". \"binnacle \(command)\" lists what there is."
    )
}

/// Says that a thing came only after the moment that was asked for.
func missing(_ subject: Subject, at date: Timestamp, since: Timestamp) -> Refusal {
    Refusal(
        .notFound,
        """
        There was no \(subject.kind.nounAndCommand.noun) "\(subject.id)" at \(date): it came at \
        \(since). Name a later moment.
        """
    )
}

extension Subject {
    static func datasetVersion(_ id: ID<DatasetVersion>) -> Subject {
        Subject(.datasetVersion, id.text)
    }

    static func run(_ id: ID<Run>) -> Subject { Subject(.run, id.text) }

    static func modelVersion(_ id: ID<ModelVersion>) -> Subject {
        Subject(.modelVersion, id.text)
    }

    static func model(_ name: String) -> Subject { Subject(.model, name) }

    /// What a run did to its rows before it trained, named like the run.
    static func cleaning(of run: ID<Run>) -> Subject { Subject(.cleaning, run.text) }

    /// What the people who decide on an approval are shown, named like the approval.
    static func evidence(of approval: ID<Approval>) -> Subject {
        Subject(.evidence, approval.text)
    }

    static func approval(_ id: ID<Approval>) -> Subject { Subject(.approval, id.text) }

    static func deployment(_ id: ID<Deployment>) -> Subject { Subject(.deployment, id.text) }

    /// A deployment while it serves one version: what lineage goes through, since the rows of one
    /// version did not come of another that the same deployment served.
    static func deployment(_ id: ID<Deployment>, serving version: Int) -> Subject {
        Subject(.deployment, "\(id)/v\(version)")
    }

    static func alert(_ id: ID<Alert>) -> Subject { Subject(.alert, id.text) }

    static func silence(_ id: ID<Silence>) -> Subject { Subject(.silence, id.text) }

    static func delivery(_ id: ID<Delivery>) -> Subject { Subject(.delivery, id.text) }

    /// All rows a deployment scored with one version, such as `deployment-1/v2`.
    static func predictions(of deployment: ID<Deployment>, version: Int) -> Subject {
        Subject(.predictions, "\(deployment)/v\(version)")
    }
}
