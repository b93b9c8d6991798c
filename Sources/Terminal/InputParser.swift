/// Turns the bytes of a terminal into keys, mouse acts, pastes and answers.
///
/// Bytes may come in pieces of any length: what is incomplete waits for the next piece. A lone
/// escape byte is the Escape key only if nothing follows; when that is, `flush()` is told by the
/// caller, who has a clock (25 ms is a good wait).
package struct InputParser: Sendable {
    /// The most bytes of a paste; the rest is dropped and counted.
    package static let pasteMaximum = 1 << 20
    /// A longer control sequence is none: it is dropped.
    private static let sequenceMaximum = 4096

    private enum State: Equatable, Sendable {
        case ground, escape, escapeEscape, csi, ss3, string, stringEscape, paste, utf8(missing: Int)
    }

    private var state: State = .ground
    private var bytes: [UInt8] = []
    /// Set when ESC came before the sequence, which is how terminals send Alt.
    private var isAlt = false
    private var stringKind: UInt8 = 0
    private var events: [Input] = []
    package private(set) var droppedPasteBytes = 0

    package init() {}

    /// Whether an Escape key or a half sequence waits for `flush()` or more bytes.
    package var isWaiting: Bool {
        switch state {
        case .ground, .paste: false
        default: true
        }
    }

    /// Takes more bytes and returns what they complete.
    package mutating func feed(_ more: some Sequence<UInt8>) -> [Input] {
        for byte in more { take(byte) }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Says that nothing followed in time: a waiting escape byte was the Escape key.
    package mutating func flush() -> [Input] {
        switch state {
        case .ground, .paste: break
        case .escape: emit(.escape)
        case .escapeEscape:
            emit(.escape)
            emit(.escape)
        case .csi where bytes.isEmpty: emit(Key(.character("["), .alt))
        case .ss3: emit(Key(.character("O"), .alt))
        case .utf8: emitReplacement()
        case .csi, .string, .stringEscape: break
        }
        if state != .paste { reset() }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    private mutating func reset() {
        state = .ground
        bytes.removeAll(keepingCapacity: true)
        isAlt = false
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .ground: takeGround(byte)
        case .escape: takeEscape(byte)
        case .escapeEscape: takeEscapeEscape(byte)
        case .csi: takeCSI(byte)
        case .ss3: takeSS3(byte)
        case .string, .stringEscape: takeString(byte)
        case .paste: takePaste(byte)
        case .utf8(let missing): takeUTF8(byte, missing: missing)
        }
    }

    private mutating func takeGround(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escape
        case 0x0D: emit(.enter)
        case 0x09: emit(.tab)
        case 0x7F, 0x08: emit(.backspace)
        case 0x00: emit(Key(.character(" "), .control))
        case 0x01...0x1A: emit(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x1C...0x1F: emit(.control(Character(Unicode.Scalar(byte + 0x40))))
        case 0x20..<0x7F: emit(.character(Character(Unicode.Scalar(byte))))
        case 0xC2...0xF4:
            bytes = [byte]
            state = .utf8(missing: byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3)
        default: emitReplacement()
        }
    }

    private mutating func takeUTF8(_ byte: UInt8, missing: Int) {
        guard byte & 0xC0 == 0x80 else {
            emitReplacement()
            reset()
            take(byte)
            return
        }
        bytes.append(byte)
        guard missing == 1 else {
            state = .utf8(missing: missing - 1)
            return
        }
        if let text = String(validating: bytes, as: UTF8.self), let character = text.first {
            if (0x80..<0xA0).contains(character.unicodeScalars.first?.value ?? 0) {
                emitReplacement()
            } else {
                emit(.character(character))
            }
        } else {
            emitReplacement()
        }
        reset()
    }

    private mutating func takeEscape(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escapeEscape
        case 0x5B: state = .csi
        case 0x4F: state = .ss3
        case 0x5D, 0x50, 0x5F, 0x5E, 0x58:
            stringKind = byte
            state = .string
        default:
            state = .ground
            isAlt = true
            take(byte)
            if state == .ground { isAlt = false }
        }
    }

    /// Alt with an arrow is ESC before its sequence in some terminals; else it was Escape twice.
    private mutating func takeEscapeEscape(_ byte: UInt8) {
        switch byte {
        case 0x5B, 0x4F:
            isAlt = true
            state = byte == 0x5B ? .csi : .ss3
        case 0x1B: emit(.escape)
        default:
            emit(.escape)
            state = .escape
            take(byte)
        }
    }

    private mutating func takeSS3(_ byte: UInt8) {
        if byte == 0x1B {
            emit(Key(.character("O"), .alt))
            reset()
            take(byte)
            return
        }
        if let code = Self.finalCodes[byte] {
            emit(Key(code))
        } else if byte == 0x4D {
            emit(.enter)
        } else if byte >= 0x6A, byte <= 0x79 {
            // The keypad of a VT100 sends ESC O j for `*` to ESC O y for `9`.
            emit(.character(Character(Unicode.Scalar(byte - 0x40))))
        }
        reset()
    }

    private mutating func takeCSI(_ byte: UInt8) {
        if byte == 0x1B {
            // A sequence that was cut off; its start must not become keys.
            reset()
            state = .escape
            return
        }
        bytes.append(byte)
        // The Linux console sends ESC [ [ A for F1.
        if bytes == [0x5B] { return }
        guard (0x40...0x7E).contains(byte) else {
            if bytes.count > Self.sequenceMaximum { reset() }
            return
        }
        let sequence = bytes
        bytes.removeAll(keepingCapacity: true)
        state = .ground
        finishCSI(sequence.dropLast(), final: byte)
        isAlt = false
    }

    private mutating func takeString(_ byte: UInt8) {
        if state == .stringEscape {
            if byte == 0x5C {
                finishString()
            } else {
                reset()
                state = .escape
                take(byte)
            }
            return
        }
        switch byte {
        case 0x07: finishString()
        case 0x1B: state = .stringEscape
        default:
            bytes.append(byte)
            if bytes.count > Self.sequenceMaximum { reset() }
        }
    }

    private mutating func takePaste(_ byte: UInt8) {
        let end: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]
        bytes.append(byte)
        if bytes.count > Self.pasteMaximum + end.count {
            bytes.remove(at: Self.pasteMaximum)
            droppedPasteBytes += 1
        }
        guard byte == 0x7E, bytes.suffix(end.count).elementsEqual(end) else { return }
        events.append(.paste(String(decoding: bytes.dropLast(end.count), as: UTF8.self)))
        reset()
    }

    private mutating func emit(_ key: Key) {
        let modifiers = isAlt ? key.modifiers.union(.alt) : key.modifiers
        events.append(.key(Key(key.code, modifiers)))
    }

    private mutating func emitReplacement() {
        emit(.character("\u{FFFD}"))
    }
}

// The meaning of complete sequences.
extension InputParser {
    private static let finalCodes: [UInt8: Key.Code] = [
        0x41: .up, 0x42: .down, 0x43: .right, 0x44: .left, 0x48: .home, 0x46: .end,
        0x50: .function(1), 0x51: .function(2), 0x52: .function(3), 0x53: .function(4),
    ]

    private static let tildeCodes: [Int: Key.Code] = [
        1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
        11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4),
        15: .function(5), 17: .function(6), 18: .function(7), 19: .function(8),
        20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
    ]

    private mutating func finishCSI(_ body: ArraySlice<UInt8>, final: UInt8) {
        let text = String(decoding: body, as: UTF8.self)
        if text.hasPrefix("[") {
            if (0x41...0x45).contains(final) { emit(.function(Int(final) - 0x40)) }
            return
        }
        if text.hasPrefix("<") {
            finishMouse(text.dropFirst(), isRelease: final == 0x6D)
            return
        }
        if text.hasPrefix("?") {
            finishReply(text.dropFirst(), final: final)
            return
        }
        let numbers = Self.numbers(of: text)
        switch final {
        case 0x49 where text.isEmpty: events.append(.focus(isGained: true))
        case 0x4F where text.isEmpty: events.append(.focus(isGained: false))
        case 0x5A: emit(.backTab)
        case 0x52 where numbers.count == 2 && numbers[0] > 1:
            events.append(.reply(.cursor(Point(column: numbers[1] - 1, row: numbers[0] - 1))))
        case 0x7E: finishTilde(numbers)
        case 0x75: finishUnicodeKey(numbers)
        case 0x63, 0x6E, 0x74, 0x79, 0x78: events.append(.reply(.other))
        default:
            guard let code = Self.finalCodes[final] else { return }
            emit(Key(code, Self.modifiers(numbers.count > 1 ? numbers[1] : 1)))
        }
    }

    private mutating func finishTilde(_ numbers: [Int]) {
        guard let first = numbers.first else { return }
        if first == 200 {
            state = .paste
            return
        }
        if first == 27, numbers.count == 3 {
            finishUnicodeKey([numbers[2], numbers[1]])
            return
        }
        guard let code = Self.tildeCodes[first] else { return }
        emit(Key(code, Self.modifiers(numbers.count > 1 ? numbers[1] : 1)))
    }

    /// A key as kitty and xterm's modifyOtherKeys report it: the code point and the modifiers.
    private mutating func finishUnicodeKey(_ numbers: [Int]) {
        guard let value = numbers.first, let scalar = Unicode.Scalar(UInt32(clamping: value))
        else { return }
        var modifiers = Self.modifiers(numbers.count > 1 ? numbers[1] : 1)
        switch value {
        case 13: emit(Key(.enter, modifiers))
        case 27: emit(Key(.escape, modifiers))
        case 9: emit(modifiers.contains(.shift) ? Key(.backTab) : Key(.tab, modifiers))
        case 8, 127: emit(Key(.backspace, modifiers))
        case 32...:
            var character = Character(scalar)
            if modifiers.contains(.shift), let upper = character.uppercased().first {
                character = upper
                modifiers.remove(.shift)
            }
            emit(Key(.character(character), modifiers))
        default: break
        }
    }

    private mutating func finishMouse(_ text: Substring, isRelease: Bool) {
        let numbers = Self.numbers(of: String(text))
        guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return }
        let code = numbers[0]
        var modifiers: Modifiers = []
        if code & 4 != 0 { modifiers.insert(.shift) }
        if code & 8 != 0 { modifiers.insert(.alt) }
        if code & 16 != 0 { modifiers.insert(.control) }
        let point = Point(column: numbers[1] - 1, row: numbers[2] - 1)
        let button: Mouse.Button = [.left, .middle, .right, .none][code & 3]
        let action: Mouse.Action
        if code & 64 != 0 {
            // Wheels that tilt sideways have no meaning here.
            guard code & 2 == 0 else { return }
            action = code & 1 == 0 ? .wheelUp : .wheelDown
        } else if code & 32 != 0 {
            action = .drag
        } else {
            action = isRelease ? .release : .press
        }
        events.append(
            .mouse(
                Mouse(action, code & 64 != 0 ? .none : button, at: point, modifiers: modifiers)
            )
        )
    }

    private mutating func finishReply(_ text: Substring, final: UInt8) {
        if final == 0x79, text.hasSuffix("$") {
            let numbers = Self.numbers(of: String(text.dropLast()))
            if numbers.count == 2 {
                events.append(.reply(.mode(numbers[0], state: numbers[1])))
                return
            }
        }
        events.append(
            .reply(final == 0x63 ? .attributes(Self.numbers(of: String(text))) : .other)
        )
    }

    private mutating func finishString() {
        let text = String(decoding: bytes, as: UTF8.self)
        if stringKind == 0x5D, text.hasPrefix("11;"),
            let colour = RGB(terminalReply: text.dropFirst(3))
        {
            events.append(.reply(.background(colour)))
        } else {
            events.append(.reply(.other))
        }
        reset()
    }

    private static func numbers(of text: String) -> [Int] {
        text.split(separator: ";", omittingEmptySubsequences: false).map { field in
            Int(field.prefix { $0 != ":" }) ?? 0
        }
    }

    /// A terminal sends 1 plus the sum of 1 for Shift, 2 for Alt, 4 for Control.
    private static func modifiers(_ number: Int) -> Modifiers {
        let bits = max(0, number - 1)
        var modifiers: Modifiers = []
        if bits & 1 != 0 { modifiers.insert(.shift) }
        if bits & 2 != 0 || bits & 8 != 0 { modifiers.insert(.alt) }
        if bits & 4 != 0 { modifiers.insert(.control) }
        return modifiers
    }
}
