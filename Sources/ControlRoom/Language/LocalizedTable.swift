import Terminal

extension TableWidget {
    /// With its headings in the reader's language; until it is drawn they are the names that
    /// sorting, filters and files know.
    var localizedHeader: TableWidget {
        guard Language.current != .english else { return self }
        var table = self
        table.columns = columns.map { column in
            var column = column
            column.title = localized(word: column.title)
            return column
        }
        return table
    }
}
