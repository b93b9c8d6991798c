import Terminal
import Testing

/// Frames as text, with a second layer that shows the meaning of each cell.
@Suite struct WidgetFrameTests {
    @Test func `a table drops what matters least where there is no room`() {
        #expect(
            Frames.table(60, 7, .unicode).plainText == """
                ╭─ 2 Models (5) ───────────────────────────────────────────╮
                │ model                         ver    acc▼  7d      drift │
                │✓fraud                          v9  0.9100  ▁▃▅█▆▁  ▲ .19 │
                │ demand                        v10  0.9200  ▁▃▅█▆▃  ▲ .19 │
                │›専案 ranker                   v11  0.9300  ▁▃▅█▆▅  ▲ .19 │
                │ forecast                      v12  0.9400  ▁▃▅█▆▆  ▲ .19 │
                ╰───────────────────────────────────────────────── 4 of 5 ─╯
                """
        )
        #expect(
            Frames.table(60, 7, .unicode).styleText == """
                -- i iiiiii iii --------------------------------------------
                - mmmmm                         mmm    mmma  mm      mmmmm -
                -attttt                          tt  tttttt  aaaaaa  w ttt -
                - tttttt                        ttt  tttttt  aaaaaa  w ttt -
                -SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS-
                - tttttttt                      ttt  tttttt  aaaaaa  w ttt -
                -------------------------------------------------- t tt t --
                """
        )
        #expect(
            Frames.table(34, 6, .unicode).plainText == """
                ╭─ 2 Models (5) ─────────────────╮
                │ model       ver    acc▼  drift │
                │✓fraud        v9  0.9100  ▲ .19 │
                │ demand      v10  0.9200  ▲ .19 │
                │›専案 rank…  v11  0.9300  ▲ .19 │
                ╰─────────────────────── 4 of 5 ─╯
                """
        )
        #expect(
            Frames.table(34, 6, .ascii).plainText == """
                +- 2 Models (5) -----------------+
                | model       ver    accv  drift |
                |#fraud        v9  0.9100  ! .19 |
                | demand      v10  0.9200  ! .19 |
                |>???? rank~  v11  0.9300  ! .19 |
                +----------------------- 4 of 5 -+
                """
        )
        #expect(
            Frames.table(14, 4, .unicode).plainText == """
                ╭─ 2 Model… ─╮
                │ model      │
                │›専案 ranker│
                ╰─── 4 of 5 ─╯
                """
        )
    }

    @Test func `a chart shows gaps, limits, markers and what the cursor reads`() {
        #expect(
            Frames.chart(60, 12, .unicode).plainText == """
                    │ ╭─ d14 ────╮    ┊v41                   ┊           ⣀⠔⠊
                    │ │ PSI .213 │    ┊                      ┊        ⢀⠤⠊
                 0.3┤ ╰──────────╯    ┊                      ┊     ⡠⠔⠊⠁
                0.25┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┊╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┊╌⢀⡠⠔⠉╌ ✖ alert
                    │                 ┊                     ⣀⠔⠊⠁
                 0.2┤                 ┊                ⣀⡠⠤⠒⠉ ┊
                    │                 ┊           ⢀⣀⠤⠒⠉      ┊
                    │                 ┊          ⠈⠁          ┊
                 0.1┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
                    │⣀⣀⣀⣀⣀⣀⣀⠤⠤⠤⠒⠒⠒⠉⠉⠉ ┊                      ┊
                    └┬───────────────────────────┬─────────────────────────┬
                    d0                          d10                      d19
                """
        )
        #expect(
            Frames.chart(60, 12, .unicode).styleText == """
                    - -- iii -----    mmmm                   a           111
                    - - ttt tttt -    m                      a        111
                 mmm- ------------    m                      a     1111
                bbbb-bbbbbbbbbbbbbbbbbmbbbbbbbbbbbbbbbbbbbbbbab1111b b bbbbb
                    -                 m                     1R11
                 mmm-                 m                11111 a
                    -                 m           11111      a
                    -                 m          11          a
                 mmm-2222222222222222222222222222222222222222R22222222222222
                    -1111111111111111 m                      a
                    --------------------------------------------------------
                    mm                          mmm                      mmm
                """
        )
        #expect(
            Frames.chart(60, 12, .ascii).plainText == """
                    | +- d14 ----+    :v41                   :            **
                    | | PSI .213 |    :                      :         ***
                 0.3| +----------+    :                      :      ***
                0.25|-----------------:----------------------:-***** x alert
                    |                 :                     ***
                 0.2|                 :               ****** :
                    |                 :            ***       :
                    |                 :    **    **          :
                 0.1|+++++++++++++++++++++++++++++++++++++++++++++++++++++++
                    |*************    :                      :
                    ++---------------------------+-------------------------+
                    d0                          d10                      d19
                """
        )
        #expect(
            Frames.chart(24, 6, .unicode).plainText == """
                    │ ╭─ d14 ────╮┊  ⣀⠤⠊
                0.25┤╌│ PSI .213 │┊alert
                 0.2┤ ╰──────────╯┊
                    │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
                    └┬────────┬────────┬
                    d0       d10     d19
                """
        )
    }

    @Test func `bins stand under each other where there is room`() {
        #expect(
            Frames.histogram(44, 9, .unicode).plainText == """
                bin     ref   cur  ref ▒ / cur █
                <10     .21   .09  ▒▒▒▒▒▒▒▒▒▒
                                   ████
                10–25   .46   .38  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
                                   ██████████████████
                >25     .33   .53  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
                                   █████████████████████████
                none    .00     —

                """
        )
        #expect(
            Frames.histogram(44, 9, .unicode).styleText == """
                mmm     mmm   mmm  mmm 2 m mmm 1
                ttt     ttt   ttt  2222222222
                                   1111
                ttttt   ttt   ttt  2222222222222222222222
                                   111111111111111111
                ttt     ttt   ttt  2222222222222222
                                   1111111111111111111111111
                tttt    ttt     t

                """
        )
        #expect(
            Frames.histogram(44, 5, .unicode).plainText == """
                bin     ref   cur  ref ▒ / cur █
                <10     .21   .09  ▒▒▒▒▒        ██
                10–25   .46   .38  ▒▒▒▒▒▒▒▒▒▒   █████████
                >25     .33   .53  ▒▒▒▒▒▒▒      ████████████
                none    .00     —
                """
        )
        #expect(
            Frames.histogram(44, 5, .ascii).plainText == """
                bin     ref   cur  ref = / cur #
                <10     .21   .09  =====        ##
                10-25   .46   .38  ==========   #########
                >25     .33   .53  =======      ############
                none    .00     -
                """
        )
    }

    @Test func `a graph has a node a line, and lanes to what came of it`() {
        #expect(
            Frames.graph(40, 10, .unicode).plainText == """
                 ○      events@91
                 ├─○    labels@88
                 ├─○    code
                 ○ │    prep
                ›○─┤    feat
                 ○─┤    params
                   ○    train
                   ●─╮  churn v42
                   ○ │  eval
                     ○  deploy
                """
        )
        #expect(
            Frames.graph(40, 10, .ascii).plainText == """
                 o      events@91
                 +-o    labels@88
                 +-o    code
                 o |    prep
                >o-+    feat
                 o-+    params
                   o    train
                   *-+  churn v42
                   o |  eval
                     o  deploy
                """
        )
        // The selected node stays in view, and labels keep their room.
        #expect(
            Frames.graph(16, 4, .unicode).styleText == """
                 aat   tttt
                 t a   tttt
                ataa   tttt
                 t-a   tttttt
                """
        )
    }

    @Test func `a log follows its end and marks what is sought`() {
        #expect(
            Frames.log(30, 3, isWrapped: false).plainText == """
                epoch 14 step 310/660 loss .28
                WARN lr plateau, patience 2/5
                ␛[31mred␛[0m
                """
        )
        #expect(
            Frames.log(30, 3, isWrapped: false).styleText == """
                ttttt tt tttt ttttttt tttt ttt
                wwww ww RRRRRRRw wwwwwwww www
                tttttttttttt
                """
        )
        #expect(
            Frames.log(24, 4, isWrapped: true).plainText == """
                WARN lr plateau,
                patience 2/5
                ␛[31mred␛[0m

                """
        )
    }

    @Test func `a question covers what is behind it`() {
        #expect(
            Frames.modal(50, 9, .unicode).plainText == """
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                ╭─ Approve deploy churn v42 → PROD ? ────────────╮
                │ You are op1. This sends 10% traffic to v42;    │
                │ v41 is warm.                                   │
                │                                                │
                │ Type the version to confirm:                   │
                │ v4                                             │
                ╰────────────────────────────────────────────────╯
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                """
        )
        #expect(
            Frames.modal(50, 9, .unicode).styleText == """
                mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm
                == PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP =============
                = ttt ttt tttt tttt ttttt ttt ttttttt tt tttt    =
                = ttt tt ttttt                                   =
                =                                                =
                = tttt ttt ttttttt tt tttttttt                   =
                = tt                                             =
                ==================================================
                mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm
                """
        )
        #expect(
            Frames.modal(32, 9, .ascii).plainText == """
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                +- Approve deploy churn v42 ~ -+
                | You are op1. This sends 10%  |
                | traffic to v42; v41 is warm. |
                |                              |
                | Type the version to confirm: |
                | v4                           |
                +------------------------------+
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                """
        )
    }

    @Test func `bars are full and empty only when the share is`() {
        #expect(
            Frames.bars(12, 8, .unicode).plainText == """
                ░░░░░░░░░░░░
                █░░░░░░░░░░░
                ██████░░░░░░
                ███████████░
                ████████████
                  ├─●─────┤
                      ▁▃ ▆▅█
                          ▅▅
                """
        )
        #expect(
            Frames.bars(12, 8, .ascii).plainText == """
                ............
                #...........
                ######......
                ###########.
                ############
                  |-*-----|
                      _- *+@
                          ++
                """
        )
    }
}
