import Testing

@testable import Terminal

@Suite struct CellGridTests {
    private func grid(_ columns: Int, _ rows: Int = 1, _ glyphs: GlyphSet = .unicode) -> CellGrid {
        CellGrid(size: Size(columns: columns, rows: rows), glyphs: glyphs)
    }

    @Test(
        arguments: [
            ("abcdef", 0, nil, "abcd"), ("abcdef", 2, nil, "  ab"), ("abcdef", -2, nil, "cdef"),
            ("abcdef", 0, 2, "ab"), ("専案専", 0, nil, "専案"), ("専案専", 1, nil, " 専"),
            ("abcdef", 9, nil, ""), ("専案", 0, 3, "専"),
        ] as [(String, Int, Int?, String)]
    )
    func `text is cut at the limit and the edges`(
        text: String,
        column: Int,
        limit: Int?,
        shown: String
    ) {
        var grid = grid(4)
        grid.put(text, at: Point(column: column, row: 0), limit: limit)
        #expect(grid.plainText == shown)
        grid.put(text, at: Point(column: column, row: 7))
        grid.put(text, at: Point(column: column, row: -1))
        #expect(grid.plainText == shown)
    }

    @Test(arguments: [(0, "x 案"), (1, " x案"), (2, "専x"), (3, "専 x")])
    func `a wide character that loses one half becomes a blank`(column: Int, shown: String) {
        var grid = grid(4)
        grid.put("専案", at: Point(column: 0, row: 0))
        grid.put("x", at: Point(column: column, row: 0))
        #expect(grid.plainText == shown)
        expectWhole(grid)
    }

    @Test func `a wide character over two others leaves no halves`() {
        var grid = grid(6)
        grid.put("専案専", at: Point(column: 0, row: 0))
        grid.put("한", at: Point(column: 1, row: 0))
        #expect(grid.plainText == " 한 専")
        expectWhole(grid)
    }

    @Test func `what is held stays as it is shown, and wide characters stay whole`() {
        var shown = grid(8, 2)
        shown.put("専案abcd", at: Point(column: 0, row: 0))
        shown.put("12345678", at: Point(column: 0, row: 1))
        var next = grid(8, 2)
        next.put("xxxxxxxx", at: Point(column: 0, row: 0))
        next.put("yyyyyyyy", at: Point(column: 0, row: 1))
        next.hold(Rectangle(column: 0, row: 0, columns: 3, rows: 2))
        #expect(next.keepingHeld(of: shown) == next)
        next.isHolding = true
        next.hold(Rectangle(column: 0, row: 0, columns: 3, rows: 2))
        let kept = next.keepingHeld(of: shown)
        #expect(kept.plainText == "専xxxxxx\n123yyyyy")
        expectWhole(kept)
        #expect(next.keepingHeld(of: grid(9, 2)) == next)
    }

    @Test func `with ASCII glyphs nothing else reaches the grid`() {
        var grid = grid(40, 3, .ascii)
        grid.box(grid.bounds, title: "5 Needs you · 専案 (3)", footer: "3…9")
        grid.put("● ▲ ✖ ◆ → é 👍 \u{1B}", at: Point(column: 2, row: 1))
        let isASCII = grid.plainText.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) }
        #expect(isASCII)
        #expect(
            grid.plainText == """
                +- 5 Needs you - ???? (3) -------------+
                | * ! x ? > ? ?? ?                     |
                +-------------------------------- 3~9 -+
                """
        )
    }

    @Test func `a box holds its title and its footer and tells the focus`() {
        var grid = grid(24, 3)
        let inner = grid.box(grid.bounds, title: "5 Needs you (3)", isFocused: true, footer: "3/9")
        #expect(inner == Rectangle(column: 1, row: 1, columns: 22, rows: 1))
        #expect(
            grid.plainText == """
                ╭─ 5 Needs you (3) ────╮
                │                      │
                ╰──────────────── 3/9 ─╯
                """
        )
        #expect(grid[0, 0].style == Style(.focusBorder))
        #expect(grid[3, 0].style == Style(.title, .bold))
        #expect(
            grid.styleText == """
                == i iiiii iii iii =====
                =                      =
                ================= ttt ==
                """
        )
    }

    @Test func `a box without room draws nothing`() {
        var grid = grid(1)
        #expect(grid.box(grid.bounds, title: "x").isEmpty)
        #expect(grid.plainText.isEmpty)
    }

    @Test func `copying cuts at the edges and splits no wide character`() {
        var small = grid(4)
        small.put("専案", at: Point(column: 0, row: 0))
        var large = grid(5, 2)
        large.copy(small, to: Point(column: 2, row: 1))
        large.copy(small, to: Point(column: -2, row: 0))
        #expect(large.plainText == "案\n  専")
        expectWhole(large)
    }

    private func expectWhole(_ grid: CellGrid) {
        for row in 0..<grid.size.rows {
            for column in 0..<grid.size.columns {
                let isRightHalf = column > 0 && grid[column - 1, row].width == 2
                #expect((grid[column, row].width == 0) == isRightHalf)
            }
        }
    }
}
