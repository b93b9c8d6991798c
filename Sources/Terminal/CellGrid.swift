/// One place of the grid.
package struct Cell: Hashable, Sendable {
    package internal(set) var character: Character
    /// 1 or 2; 0 for the right half of a wide character.
    package internal(set) var width: UInt8
    package internal(set) var style: Style

    package static let blank = Cell(character: " ", width: 1, style: .text)
}

/// A frame: every cell of the terminal, and where its cursor rests.
///
/// Invariant: a cell of width 2 has a cell of width 0 to its right, and no cell holds a control
/// character; with the ASCII glyphs no cell holds anything else than printable ASCII.
package struct CellGrid: Hashable, Sendable {
    package let size: Size
    package let glyphs: GlyphSet
    /// Where the terminal's own cursor stands, for screen readers and magnifiers; nil hides it.
    package var cursor: Point?
    /// Whether details wait for the keys to pause: then what asks for it is held.
    package var isHolding = false
    /// Where the terminal goes on showing what it shows, because keys follow one another.
    package private(set) var held: [Rectangle] = []
    /// Filled while drawing where somebody reads instead of looking; nil otherwise.
    package var reading: Reading?
    package private(set) var cells: [Cell]

    package init(size: Size, glyphs: GlyphSet = .unicode) {
        self.size = size
        self.glyphs = glyphs
        cells = Array(repeating: .blank, count: size.columns * size.rows)
    }

    package var bounds: Rectangle { Rectangle(size) }

    package subscript(column: Int, row: Int) -> Cell {
        cells[row * size.columns + column]
    }

    /// Whether a row looks the same in another grid of the same size.
    package func isRow(_ row: Int, sameIn other: CellGrid) -> Bool {
        let range = row * size.columns..<(row + 1) * size.columns
        return cells[range] == other.cells[range]
    }

    /// Writes a text, cut between characters at the limit and at the right edge of the grid.
    ///
    /// - Returns: The columns it took, blanks at a cut wide character included.
    @discardableResult
    package mutating func put(
        _ text: some StringProtocol,
        at point: Point,
        style: Style = .text,
        limit: Int? = nil
    ) -> Int {
        guard point.row >= 0, point.row < size.rows else { return 0 }
        let end = min(size.columns, limit.map { point.column + $0 } ?? size.columns)
        var column = point.column
        var pieces: [SafeText.Piece] = []
        for character in text {
            pieces.removeAll(keepingCapacity: true)
            SafeText.append(character, to: &pieces)
            for piece in pieces {
                if column + piece.columns > end {
                    if column < end, column >= 0 { set(" ", width: 1, column, point.row, style) }
                    return max(column, min(end, column + 1)) - point.column
                }
                if column >= 0 {
                    draw(piece, column, point.row, style)
                }
                column += piece.columns
            }
        }
        return column - point.column
    }

    /// Writes a text of several looks; returns the columns it took.
    @discardableResult
    package mutating func put(_ text: StyledText, at point: Point, limit: Int? = nil) -> Int {
        var used = 0
        let limit = limit ?? size.columns - point.column
        for part in text.parts where used < limit {
            let place = Point(column: point.column + used, row: point.row)
            used += put(part.text, at: place, style: part.style, limit: limit - used)
        }
        return used
    }

    /// Writes a text into exactly so many columns of a row, cut with an ellipsis.
    package mutating func put(
        _ text: StyledText,
        in rectangle: Rectangle,
        alignment: Alignment = .left
    ) {
        let shown = text.cut(to: rectangle.columns, glyphs: glyphs)
        let missing = rectangle.columns - shown.columns
        let indent =
            switch alignment {
            case .left: 0
            case .right: missing
            case .centre: missing / 2
            }
        let place = Point(column: rectangle.column + indent, row: rectangle.row)
        put(shown, at: place, limit: rectangle.columns - indent)
    }

    /// Fills a rectangle with one character of width 1.
    package mutating func fill(
        _ rectangle: Rectangle,
        with character: Character = " ",
        style: Style = .text
    ) {
        let firstRow = max(0, rectangle.row)
        for row in firstRow..<max(firstRow, min(size.rows, rectangle.rowAfter)) {
            put(
                String(repeating: character, count: rectangle.columns),
                at: Point(column: rectangle.column, row: row),
                style: style,
                limit: rectangle.columns
            )
        }
    }

    /// Changes the looks of what already stands in a rectangle.
    package mutating func restyle(_ rectangle: Rectangle, _ change: (inout Style) -> Void) {
        let lastRow = min(size.rows, rectangle.rowAfter)
        let lastColumn = min(size.columns, rectangle.columnAfter)
        for row in max(0, rectangle.row)..<max(lastRow, max(0, rectangle.row)) {
            for column in max(0, rectangle.column)..<max(lastColumn, max(0, rectangle.column)) {
                change(&cells[row * size.columns + column].style)
            }
        }
    }

    /// Lays a rectangle on another ground, as for the row under the cursor.
    package mutating func lay(_ rectangle: Rectangle, on ground: Ground) {
        restyle(rectangle) { $0.ground = ground }
    }

    /// Copies another grid into this one, cut at the edges; its cursor is not taken over.
    package mutating func copy(_ other: CellGrid, to point: Point) {
        for row in 0..<other.size.rows where bounds.rows > point.row + row && point.row + row >= 0 {
            for column in 0..<other.size.columns {
                let cell = other[column, row]
                let place = point.column + column
                guard cell.width > 0, place >= 0, place + Int(cell.width) <= size.columns
                else { continue }
                set(cell.character, width: cell.width, place, point.row + row, cell.style)
            }
        }
    }

    /// Leaves a rectangle on the terminal as it is while details wait for the keys to pause; what
    /// is drawn into it counts only where nothing is shown yet.
    package mutating func hold(_ rectangle: Rectangle) {
        if isHolding { held.append(rectangle) }
    }

    /// This grid with what is held taken from the one that is shown.
    package func keepingHeld(of shown: CellGrid) -> CellGrid {
        guard shown.size == size else { return self }
        var kept = self
        kept.held = []
        for rectangle in held {
            for row in max(0, rectangle.row)..<min(size.rows, max(0, rectangle.rowAfter)) {
                let end = min(size.columns, rectangle.columnAfter)
                for column in max(0, rectangle.column)..<max(0, end) {
                    let cell = shown[column, row]
                    guard cell.width > 0, column + Int(cell.width) <= end else { continue }
                    kept.set(cell.character, width: cell.width, column, row, cell.style)
                }
            }
        }
        return kept
    }

    /// A border with a title in it, such as `╭─ 5 Needs you (3) ───╮`.
    ///
    /// - Parameters:
    ///   - isFocused: Whether the keys go here: the border has the focus colour, the title is bold.
    ///   - footer: Stands at the right of the lower border, such as `3 of 60`.
    /// - Returns: What is inside the border.
    @discardableResult
    package mutating func box(
        _ rectangle: Rectangle,
        title: StyledText = StyledText(),
        isFocused: Bool = false,
        footer: StyledText = StyledText()
    ) -> Rectangle {
        reading?.open(title.plain, isFocused: isFocused)
        guard rectangle.columns >= 2, rectangle.rows >= 2 else { return rectangle.top(0) }
        let style = Style(isFocused ? .focusBorder : .border)
        let line = String(repeating: glyphs.horizontal, count: rectangle.columns - 2)
        put(
            String(glyphs.topLeft) + line + String(glyphs.topRight),
            at: rectangle.origin,
            style: style
        )
        for row in rectangle.row + 1..<rectangle.rowAfter - 1 {
            put(
                String(glyphs.vertical),
                at: Point(column: rectangle.column, row: row),
                style: style
            )
            put(
                String(glyphs.vertical),
                at: Point(column: rectangle.columnAfter - 1, row: row),
                style: style
            )
        }
        put(
            String(glyphs.bottomLeft) + line + String(glyphs.bottomRight),
            at: Point(column: rectangle.column, row: rectangle.rowAfter - 1),
            style: style
        )
        putTitle(title, in: rectangle, isFocused: isFocused)
        putFooter(footer, in: rectangle)
        return rectangle.inset()
    }

    /// The characters, a line a row, blanks at the end of a line left out.
    package var plainText: String {
        lines { cell in cell.width == 0 ? nil : cell.character }
    }

    /// The looks: the letter of the ground or the role of each cell; blank for plain blanks.
    package var styleText: String {
        lines { cell in
            if cell.width == 0 { return nil }
            if let letter = cell.style.ground.letter { return letter }
            if cell.style.attributes.contains(.reverse) { return "R" }
            return cell.character == " " ? " " : cell.style.role.letter
        }
    }

    private func lines(_ picture: (Cell) -> Character?) -> String {
        (0..<size.rows).map { row in
            let start = row * size.columns
            let line = String(cells[start..<start + size.columns].compactMap(picture))
            return TextFit.trimmed(line)
        }.joined(separator: "\n")
    }

    private mutating func putTitle(_ title: StyledText, in rectangle: Rectangle, isFocused: Bool) {
        let room = rectangle.columns - 6
        guard room > 0, !title.isEmpty else { return }
        var shown = title.cut(to: room, glyphs: glyphs)
        shown = StyledText(
            parts: shown.parts.map { part in
                let plain = part.style == .text ? Style(.title) : part.style
                return StyledText.Part(text: part.text, style: isFocused ? plain.bold : plain)
            }
        )
        let place = Point(column: rectangle.column + 2, row: rectangle.row)
        put(StyledText(" ") + shown + StyledText(" "), at: place)
    }

    private mutating func putFooter(_ footer: StyledText, in rectangle: Rectangle) {
        let room = rectangle.columns - 6
        guard room > 0, !footer.isEmpty else { return }
        let shown = StyledText(" ") + footer.cut(to: room, glyphs: glyphs) + StyledText(" ")
        let place = Point(
            column: rectangle.columnAfter - 2 - shown.columns,
            row: rectangle.rowAfter - 1
        )
        put(shown, at: place)
    }

    private mutating func draw(
        _ piece: SafeText.Piece,
        _ column: Int,
        _ row: Int,
        _ style: Style
    ) {
        guard glyphs.isASCII else {
            set(piece.character, width: UInt8(piece.columns), column, row, style)
            return
        }
        let shown = GlyphSet.asciiFallback(for: piece.character)
        for offset in 0..<piece.columns { set(shown, width: 1, column + offset, row, style) }
    }

    private mutating func set(
        _ character: Character,
        width: UInt8,
        _ column: Int,
        _ row: Int,
        _ style: Style
    ) {
        let index = row * size.columns + column
        splitWide(at: index)
        if width == 2 {
            splitWide(at: index + 1)
            cells[index + 1] = Cell(character: " ", width: 0, style: style)
        }
        cells[index] = Cell(character: character, width: width, style: style)
    }

    /// A wide character that loses one half becomes blanks, as terminals do it.
    private mutating func splitWide(at index: Int) {
        switch cells[index].width {
        case 0:
            cells[index - 1].character = " "
            cells[index - 1].width = 1
        case 2:
            cells[index + 1].character = " "
            cells[index + 1].width = 1
        default: break
        }
    }
}
