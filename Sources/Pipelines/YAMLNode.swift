import CYAML

/// A part of a YAML file with the line it stands in; libyaml reads it, YAML 1.1.
struct Node {
    typealias Mapping = [(key: Node, value: Node)]

    enum Content {
        /// Plain is written without quotes, so that it may mean a number or nothing.
        case scalar(String, isPlain: Bool)
        case sequence([Node])
        /// In the order of the file; no two keys are the same text.
        case mapping(Mapping)
    }

    let content: Content
    /// From 1.
    let line: Int
    /// This node and all below it, those that an alias repeats included.
    fileprivate let count: Int

    var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    var isPlain: Bool {
        guard case .scalar(_, let isPlain) = content else { return false }
        return isPlain
    }

    var sequence: [Node]? {
        guard case .sequence(let nodes) = content else { return nil }
        return nodes
    }

    var mapping: Mapping? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs
    }

    /// Whether nothing stands there.
    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text ?? "") }
}

/// Why a text is not one document of YAML; the line counts from 1.
enum YAMLProblem: Error {
    case syntax(String, line: Int?)
    case duplicateKey(String, line: Int)
    case secondDocument(line: Int)
    case tooLarge(line: Int)
}

/// Reads the one document of a text; nil where there is none.
func readYAML(_ text: String) throws(YAMLProblem) -> Node? {
    let bytes = Array(text.utf8)
    do {
        return try unsafe bytes.withUnsafeBufferPointer { bytes in
            var reader = unsafe YAMLReader(bytes)
            defer { reader.close() }
            return try reader.document()
        }
    } catch let problem as YAMLProblem {
        throw problem
    } catch {
        throw .syntax("\(error)", line: nil)
    }
}

/// Puts the events of libyaml's parser together.
@safe
private struct YAMLReader {
    /// More nodes than a file of this size has without aliases that repeat each other.
    private static let nodeLimit = 100_000

    private struct Event {
        enum Kind {
            case start, end, documentStart, documentEnd
            case scalar(String, isPlain: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
            case alias(String)
        }

        let kind: Kind
        let line: Int
        let anchor: String?
    }

    /// In one place until it is deleted, for it points to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var anchors: [String: Node] = [:]

    /// Reads from the bytes, which must stay until it is closed.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe parser = .allocate(capacity: 1)
        unsafe yaml_parser_initialize(parser)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    func close() {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    mutating func document() throws -> Node? {
        _ = try next()
        guard case .documentStart = try next().kind else { return nil }
        let root = try node(try next())
        _ = try next()
        let after = try next()
        if case .documentStart = after.kind { throw YAMLProblem.secondDocument(line: after.line) }
        return root
    }

    /// The node that an event begins.
    private mutating func node(_ event: Event) throws -> Node {
        var count = 1
        func grown(by part: Node) throws -> Node {
            count += part.count
            if count > Self.nodeLimit { throw YAMLProblem.tooLarge(line: part.line) }
            return part
        }
        let content: Node.Content
        switch event.kind {
        case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
        case .alias(let name):
            guard let known = anchors[name] else {
                throw YAMLProblem.syntax("the alias \"*\(name)\" names no anchor", line: event.line)
            }
            return known
        case .sequenceStart:
            var nodes: [Node] = []
            while let first = try nextInside() { nodes.append(try grown(by: node(first))) }
            content = .sequence(nodes)
        case .mappingStart:
            var pairs: Node.Mapping = []
            var names: Set<String> = []
            while let first = try nextInside() {
                let key = try grown(by: node(first))
                if let name = key.text, !names.insert(name).inserted {
                    throw YAMLProblem.duplicateKey(name, line: key.line)
                }
                pairs.append((key, try grown(by: node(try next()))))
            }
            content = .mapping(pairs)
        default: throw YAMLProblem.syntax("a value is missing", line: event.line)
        }
        let node = Node(content: content, line: event.line, count: count)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    /// The next event of a sequence or mapping; nil where it ends.
    private mutating func nextInside() throws -> Event? {
        let event = try next()
        switch event.kind {
        case .sequenceEnd, .mappingEnd: return nil
        default: return event
        }
    }

    private mutating func next() throws -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { unsafe yaml_event_delete(&event) }
        let line = unsafe Int(event.start_mark.line) + 1
        func made(_ kind: Event.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil) -> Event {
            unsafe Event(kind: kind, line: line, anchor: anchor.map { unsafe String(cString: $0) })
        }
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            return unsafe made(.scalar(text, isPlain: isPlain), anchor: scalar.anchor)
        case YAML_ALIAS_EVENT:
            return unsafe made(.alias(String(cString: event.data.alias.anchor)))
        case YAML_SEQUENCE_START_EVENT:
            return unsafe made(.sequenceStart, anchor: event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT:
            return unsafe made(.mappingStart, anchor: event.data.mapping_start.anchor)
        case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
        case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
        case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
        case YAML_STREAM_START_EVENT: return made(.start)
        default: return made(.end)
        }
    }

    private func problem() -> YAMLProblem {
        let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let error = unsafe parser.pointee.error
        let hasLine = error != YAML_READER_ERROR && error != YAML_MEMORY_ERROR
        return .syntax(
            words ?? "it cannot be read",
            line: hasLine ? unsafe Int(parser.pointee.problem_mark.line) + 1 : nil
        )
    }
}
