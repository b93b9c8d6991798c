/// A large part of a value, kept beside it: a list of many such values is small, and cheap to copy.
///
/// It reads, compares and encodes as the part itself does.
@propertyWrapper
package struct Boxed<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    private let box: Box

    package init(wrappedValue: Value) {
        box = Box(wrappedValue)
    }

    package var wrappedValue: Value { box.value }

    package init(from decoder: any Decoder) throws {
        self.init(wrappedValue: try Value(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try box.value.encode(to: encoder)
    }

    package static func == (left: Boxed, right: Boxed) -> Bool {
        left.box === right.box || left.box.value == right.box.value
    }
}
