/// A piece of JSON that other programs prescribe, put together by hand.
package enum JSONNode: Sendable, Encodable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([JSONNode])
    case fields([String: JSONNode])
    /// A value as it is encoded elsewhere.
    case value(any Encodable & Sendable)

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text): try text.encode(to: encoder)
        case .number(let number): try number.encode(to: encoder)
        case .flag(let flag): try flag.encode(to: encoder)
        case .list(let nodes): try nodes.encode(to: encoder)
        case .fields(let fields): try fields.encode(to: encoder)
        case .value(let value): try value.encode(to: encoder)
        }
    }
}

extension JSONNode: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self = .text(text) }
}

extension JSONNode: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral pairs: (String, JSONNode)...) {
        self = .fields(Dictionary(pairs) { $1 })
    }

    package init(arrayLiteral nodes: JSONNode...) { self = .list(nodes) }
}
