/// A setting of a theme file and what it colours.
package struct ThemeKey: Sendable {
    /// Keys that mean the same; the first that the file sets counts.
    package let names: [String]
    package let meaning: String

    private init(_ names: String..., meaning: String) {
        self.names = names
        self.meaning = meaning
    }

    /// Every key that is read, for the manual; a test holds it against the reader.
    package static let all: [ThemeKey] = [
        ThemeKey("main_bg", meaning: "The background; left out, the terminal's own."),
        ThemeKey("main_fg", meaning: "Text."),
        ThemeKey("title", meaning: "Titles and names."),
        ThemeKey("hi_fg", meaning: "The keys in hints."),
        ThemeKey("accent", "hi_fg", meaning: "What is chosen, running or linked."),
        ThemeKey("muted", "graph_text", "inactive_fg", meaning: "Text of little weight."),
        ThemeKey("ok", meaning: "Good news; else the theme's own green."),
        ThemeKey("warning", meaning: "What needs a look; else the theme's own yellow."),
        ThemeKey("bad", meaning: "Bad news; else the theme's own red."),
        ThemeKey("pending", meaning: "What waits for a person."),
        ThemeKey("border", "div_line", "cpu_box", meaning: "Borders of panes."),
        ThemeKey("focus_border", meaning: "The border of the pane that has the keys."),
        ThemeKey("selected_bg", meaning: "The ground of the row under the cursor."),
        ThemeKey("selected_fg", meaning: "Text of the row under the cursor."),
        ThemeKey("header_bg", meaning: "The ground of the first row."),
        ThemeKey("header_fg", meaning: "Text of the first row."),
        ThemeKey("production_bg", meaning: "The ground of the mark of production."),
        ThemeKey("production_fg", meaning: "Text of the mark of production."),
        ThemeKey("staging_bg", meaning: "The ground of the mark of staging."),
        ThemeKey("staging_fg", meaning: "Text of the mark of staging."),
        ThemeKey(
            "series_1",
            "series_2",
            "series_3",
            "series_4",
            "series_5",
            "series_6",
            meaning: "The lines of charts, one key a line."
        ),
        ThemeKey("cpu_start", meaning: "The low end of gradients."),
        ThemeKey("cpu_mid", meaning: "The middle of gradients."),
        ThemeKey("cpu_end", meaning: "The high end of gradients."),
        ThemeKey("monochrome", meaning: "\"yes\": no colours, shapes and weights only."),
        ThemeKey("ground", meaning: "\"dark\" or \"light\", where main_bg is left out."),
    ]
}
