/// Keys held down together with another one.
package struct Modifiers: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let shift = Modifiers(rawValue: 1)
    package static let alt = Modifiers(rawValue: 2)
    package static let control = Modifiers(rawValue: 4)
}

/// One press of a key, as far as a terminal can tell it.
///
/// Shift on a character is in the character itself, and control letters are lowercase: `^D` is
/// `Key.control("d")`. A terminal sends the same byte for Tab and `^I`, and for Enter and `^M`.
package struct Key: Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        case character(Character)
        case enter, tab, backTab, escape, backspace, delete, insert
        case up, down, left, right, home, end, pageUp, pageDown
        case function(Int)
    }

    package let code: Code
    package let modifiers: Modifiers

    package init(_ code: Code, _ modifiers: Modifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    package static let enter = Key(.enter)
    package static let tab = Key(.tab)
    package static let backTab = Key(.backTab)
    package static let escape = Key(.escape)
    package static let backspace = Key(.backspace)
    package static let delete = Key(.delete)
    package static let insert = Key(.insert)
    package static let up = Key(.up)
    package static let down = Key(.down)
    package static let left = Key(.left)
    package static let right = Key(.right)
    package static let home = Key(.home)
    package static let end = Key(.end)
    package static let pageUp = Key(.pageUp)
    package static let pageDown = Key(.pageDown)
    package static let space = Key(.character(" "))

    package static func character(_ character: Character) -> Key { Key(.character(character)) }
    package static func control(_ letter: Character) -> Key { Key(.character(letter), .control) }
    package static func alt(_ character: Character) -> Key { Key(.character(character), .alt) }
    package static func function(_ number: Int) -> Key { Key(.function(number)) }

    /// The character that this key types, if it types one.
    package var typed: Character? {
        guard case .character(let character) = code, modifiers.isEmpty else { return nil }
        return character
    }
}

extension Key: CustomStringConvertible, LosslessStringConvertible {
    private static let names: [(Code, String)] = [
        (.enter, "Enter"), (.tab, "Tab"), (.backTab, "Shift-Tab"), (.escape, "Esc"),
        (.backspace, "Backspace"), (.delete, "Delete"), (.insert, "Insert"), (.up, "Up"),
        (.down, "Down"), (.left, "Left"), (.right, "Right"), (.home, "Home"), (.end, "End"),
        (.pageUp, "PgUp"), (.pageDown, "PgDn"), (.character(" "), "Space"),
    ]

    /// The name in hints, help and configuration: `j`, `^d`, `Alt-x`, `Shift-Up`, `F5`, `Space`.
    package var description: String {
        if case .character(let character) = code, character != " ", modifiers == .control {
            return "^\(character)"
        }
        var text = ""
        if modifiers.contains(.control) { text += "Ctrl-" }
        if modifiers.contains(.alt) { text += "Alt-" }
        if modifiers.contains(.shift) { text += "Shift-" }
        if let name = Self.names.first(where: { $0.0 == code })?.1 { return text + name }
        switch code {
        case .function(let number): return text + "F\(number)"
        case .character(let character): return text + String(character)
        default: return text
        }
    }

    /// Reads a name as `description` writes it; nil for an unknown one.
    package init?(_ name: String) {
        if name.count == 2, name.first == "^", let letter = name.lowercased().last {
            self.init(.character(letter), .control)
            return
        }
        var rest = Substring(name)
        if let found = Self.names.first(where: { $0.1 == name }) {
            self.init(found.0)
            return
        }
        var modifiers: Modifiers = []
        let prefixes: [(String, Modifiers)] = [
            ("Ctrl-", .control), ("Alt-", .alt), ("Shift-", .shift),
        ]
        for (prefix, modifier) in prefixes where rest.count > prefix.count {
            if rest.hasPrefix(prefix) {
                rest = rest.dropFirst(prefix.count)
                modifiers.insert(modifier)
            }
        }
        if let found = Self.names.first(where: { $0.1 == String(rest) }) {
            self.init(found.0, modifiers)
        } else if rest.count > 1, rest.first == "F", let number = Int(rest.dropFirst()),
            (1...24).contains(number)
        {
            self.init(.function(number), modifiers)
        } else if rest.count == 1, let character = rest.first {
            self.init(.character(character), modifiers)
        } else {
            return nil
        }
    }
}

/// What the mouse did, and where.
package struct Mouse: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case press, release, drag, wheelUp, wheelDown
    }

    package enum Button: Hashable, Sendable {
        case left, middle, right, none
    }

    package let action: Action
    package let button: Button
    package let point: Point
    package let modifiers: Modifiers

    package init(
        _ action: Action,
        _ button: Button = .left,
        at point: Point,
        modifiers: Modifiers = []
    ) {
        self.action = action
        self.button = button
        self.point = point
        self.modifiers = modifiers
    }
}

/// What a terminal answers when it is asked.
package enum TerminalReply: Hashable, Sendable {
    /// The background colour, the answer to OSC 11.
    case background(RGB)
    /// The kind of terminal (DA1): its features by number.
    case attributes([Int])
    /// Whether it knows a private mode (DECRPM): 0 unknown, 1 set, 2 reset, 3 and 4 for ever.
    case mode(Int, state: Int)
    /// Where its cursor stands (CPR); never told of the first row, which would read as F3.
    case cursor(Point)
    /// Another answer; it is no key.
    case other
}

/// Everything that can come from the terminal.
package enum Input: Hashable, Sendable {
    case key(Key)
    case mouse(Mouse)
    /// Text pasted in one piece; never to be read as keys.
    case paste(String)
    case focus(isGained: Bool)
    case resize(Size)
    case reply(TerminalReply)

    package var isReply: Bool {
        if case .reply = self { return true }
        return false
    }
}
