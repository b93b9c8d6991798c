internal import Terminal

/// Leaves out changes of colour that change nothing, and runs of the same mark or of blanks.
///
/// The terminal library names both colours at every change, and goes back to the normal look
/// after every frame; here a change is sent only when something is drawn with it, and only what
/// differs: of a blank that is its ground alone. That halves the bytes of a frame. Follows ECMA-48
/// (SGR, and REP where the terminal is known to repeat) with its extension for 256 and direct
/// colours; every other byte passes unchanged.
struct LookFilter: Equatable {
    /// Whether the terminal takes single attributes back (22, 24, 27): a terminal of 1978 knows
    /// only all at once.
    var takesAttributesBack = true
    /// Whether the terminal repeats the last mark or blank when told how often (REP).
    var repeatsMarks = false
    /// What the terminal library takes for the terminal's own colours and is sent in their place,
    /// as parameters of SGR; empty are the terminal's own.
    private var standard = Look()

    /// The look as parameters of SGR; an empty colour is the terminal's own.
    private struct Look: Equatable {
        var foreground: [UInt8] = []
        var background: [UInt8] = []
        /// Bit n stands for the attribute with parameter n, from 1 to 9.
        var attributes: UInt16 = 0

        /// Whether a blank shows more of it than its ground: underlined, reversed or struck out.
        var isSeenOnBlanks: Bool { attributes & (1 << 4 | 1 << 7 | 1 << 9) != 0 }
    }

    private enum State: Equatable {
        case ground, escape, charset, csi
    }

    /// The final bytes of sequences that paint with the current ground: J K X @ P L M S T.
    private static let erasers = Set("JKX@PLMST".utf8)

    private var sent = Look()
    private var wanted = Look()
    private var state: State = .ground
    private var sequence: [UInt8] = []
    /// The set of characters that was chosen for each of the two places there are.
    private var charsets: [UInt8: UInt8] = [0x28: 0, 0x29: 0]
    private var charsetPlace: UInt8 = 0
    /// The bytes of a mark that is not whole yet.
    private var part: [UInt8] = []
    /// The mark that was sent last, while nothing else came after it, and how often it is due.
    private var mark: [UInt8] = []
    private var due = 0

    /// From now on text without colours is drawn with these.
    mutating func useStandard(_ foreground: Paint, on background: Paint) {
        let new = Look(
            foreground: Self.parameters(foreground, from: 30),
            background: Self.parameters(background, from: 40)
        )
        if wanted == standard { wanted = new }
        standard = new
    }

    private static func parameters(_ paint: Paint, from first: Int) -> [UInt8] {
        let text =
            switch paint {
            case .standard: ""
            case .indexed(let index) where index < 8: "\(first + Int(index))"
            case .indexed(let index) where index < 16: "\(first + 52 + Int(index))"
            case .indexed(let index): "\(first + 8);5;\(index)"
            case .direct(let colour): "\(first + 8);2;\(colour.red);\(colour.green);\(colour.blue)"
            }
        return Array(text.utf8)
    }

    /// The bytes to send in place of these.
    mutating func filtered(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes { take(byte, &output) }
        endRun(&output)
        return output
    }

    /// The bytes that make good what was held back, as before the terminal is given away.
    mutating func flushed() -> [UInt8] {
        var output: [UInt8] = []
        wanted = Look()
        settle(&output)
        wanted = standard
        return output
    }

    private mutating func take(_ byte: UInt8, _ output: inout [UInt8]) {
        switch state {
        case .ground: takeGround(byte, &output)
        case .escape:
            if byte == 0x5B {
                state = .csi
                sequence.removeAll(keepingCapacity: true)
                return
            }
            if charsets[byte] != nil {
                state = .charset
                charsetPlace = byte
                return
            }
            state = .ground
            endRun(&output)
            if byte == 0x4D { settleGround(&output) }
            output.append(0x1B)
            output.append(byte)
        case .charset:
            state = .ground
            guard charsets.updateValue(byte, forKey: charsetPlace) != byte else { return }
            endRun(&output)
            output += [0x1B, charsetPlace, byte]
        case .csi:
            guard (0x40...0x7E).contains(byte) else {
                sequence.append(byte)
                return
            }
            state = .ground
            finish(byte, &output)
        }
    }

    private mutating func takeGround(_ byte: UInt8, _ output: inout [UInt8]) {
        if byte == 0x1B {
            state = .escape
            return
        }
        // The first byte of U+2000 to U+2FFF, where lines, blocks and braille lie.
        if repeatsMarks, byte == 0xE2 || !part.isEmpty {
            part.append(byte)
            if part.count == 3 { finishMark(&output) }
            return
        }
        let isBlank = byte == 0x20 && !wanted.isSeenOnBlanks && !sent.isSeenOnBlanks
        if isBlank, mark == [byte], wanted.background == sent.background {
            due += 1
            return
        }
        endRun(&output)
        if isBlank {
            settleGround(&output)
            if repeatsMarks { mark = [byte] }
        } else if byte >= 0x20 || byte == 0x0A {
            // Only a line feed among the controls may draw: it can scroll a line in.
            settle(&output)
        }
        output.append(byte)
    }

    private mutating func finishMark(_ output: inout [UInt8]) {
        defer { part.removeAll(keepingCapacity: true) }
        if part == mark, sent == wanted {
            due += 1
            return
        }
        endRun(&output)
        settle(&output)
        output += part
        // Lines, blocks and braille stand alone: no mark above or below ever joins them.
        if (0x94...0x96).contains(part[1]) || (0xA0...0xA3).contains(part[1]) { mark = part }
    }

    /// Sends what is due of the last mark, in the shorter way.
    private mutating func endRun(_ output: inout [UInt8]) {
        if due > 0 {
            let told = [0x1B, 0x5B] + Array(String(due).utf8) + [0x62]
            output +=
                told.count < due * mark.count
                ? told
                : Array(repeating: mark, count: due)
                    .flatMap(\.self)
        }
        due = 0
        mark.removeAll(keepingCapacity: true)
    }

    private mutating func finish(_ final: UInt8, _ output: inout [UInt8]) {
        if final == 0x6D, apply(sequence) { return }
        endRun(&output)
        // Erasing, inserting and scrolling paint with the current background.
        if Self.erasers.contains(final) { settleGround(&output) }
        output += [0x1B, 0x5B]
        output += sequence
        output.append(final)
    }

    /// Takes over the parameters of one SGR; false when one is not known.
    private mutating func apply(_ parameters: [UInt8]) -> Bool {
        var look = wanted
        var fields = parameters.split(separator: 0x3B, omittingEmptySubsequences: false)[...]
        while let field = fields.popFirst() {
            guard let number = field.isEmpty ? 0 : Int(String(decoding: field, as: UTF8.self))
            else { return false }
            switch number {
            case 0: look = standard
            case 1...9: look.attributes |= 1 << UInt16(number)
            case 22: look.attributes &= ~(1 << 1 | 1 << 2)
            case 23...25, 27...29: look.attributes &= ~(1 << UInt16(number - 20))
            case 30...37, 90...97: look.foreground = Array(field)
            case 40...47, 100...107: look.background = Array(field)
            case 39: look.foreground = standard.foreground
            case 49: look.background = standard.background
            case 38, 48:
                guard let kind = fields.first.map(Array.init) else { return false }
                let count = kind == [0x32] ? 4 : 2
                guard fields.count >= count else { return false }
                let rest = fields.prefix(count)
                fields = fields.dropFirst(count)
                let colour = Array(([field] + rest).joined(separator: [0x3B]))
                if number == 38 { look.foreground = colour } else { look.background = colour }
            default: return false
            }
        }
        wanted = look
        return true
    }

    /// Sends the difference between the look that was sent and the one that is wanted.
    private mutating func settle(_ output: inout [UInt8]) {
        guard wanted != sent else { return }
        var parameters: [[UInt8]] = []
        if sent.attributes & ~wanted.attributes != 0 {
            if takesAttributesBack {
                takeBack(&parameters)
            } else {
                parameters.append([0x30])
                sent = Look()
            }
        }
        for number in 1...9 where wanted.attributes & ~sent.attributes & (1 << UInt16(number)) != 0
        {
            parameters.append([0x30 + UInt8(number)])
        }
        if wanted.foreground != sent.foreground {
            parameters.append(wanted.foreground.isEmpty ? Array("39".utf8) : wanted.foreground)
        }
        if wanted.background != sent.background {
            parameters.append(wanted.background.isEmpty ? Array("49".utf8) : wanted.background)
        }
        sent = wanted
        Self.send(parameters, &output)
    }

    /// Ends the attributes that are not wanted any more, one by one; bold and dim end together.
    private mutating func takeBack(_ parameters: inout [[UInt8]]) {
        let over = sent.attributes & ~wanted.attributes
        if wanted == Look() {
            parameters.append([0x30])
            sent = Look()
            return
        }
        if over & 0b110 != 0 {
            parameters.append(Array("22".utf8))
            sent.attributes &= ~0b110
        }
        for number in 3...9 where over & (1 << UInt16(number)) != 0 {
            parameters.append(Array("2\(number)".utf8))
            sent.attributes &= ~(1 << UInt16(number))
        }
    }

    /// Sends the ground alone: what a blank without lines shows.
    private mutating func settleGround(_ output: inout [UInt8]) {
        guard wanted.background != sent.background else { return }
        sent.background = wanted.background
        let none = Array("49".utf8)
        Self.send([wanted.background.isEmpty ? none : wanted.background], &output)
    }

    private static func send(_ parameters: [[UInt8]], _ output: inout [UInt8]) {
        output += [0x1B, 0x5B]
        output += parameters.joined(separator: [0x3B])
        output.append(0x6D)
    }
}
