/// Finds the bins of many values of one layout: a table says where a value's neighbours are.
///
/// The range in which values are summed as they are is cut into equal cells; a value's cell names
/// the first edge that may be above it. Cells follow the order of the values whatever the rounding,
/// so the bin is exactly that of `BinLayout.bin(of:)`. Making one costs some thousand steps.
package struct BinSearch: Sendable {
    package let layout: BinLayout
    /// The layout's edges, and infinity behind them.
    private let edges: [Double]
    /// How many edges lie in lower cells; one entry more than cells.
    private let firstEdge: [Int32]
    private let low: Double
    private let cellsPerUnit: Double

    private static let cells = 2_048

    package init(_ layout: BinLayout) {
        self.layout = layout
        edges = layout.upperEdges.map { $0 + 0 } + [.infinity]
        low = layout.clampLow
        let width = layout.clampHigh - layout.clampLow
        let scale = Double(Self.cells) / width
        cellsPerUnit = scale.isFinite ? scale : 0
        var counts = [Int32](repeating: 0, count: Self.cells + 1)
        for edge in layout.upperEdges {
            counts[Self.cell(of: edge, low: low, cellsPerUnit: cellsPerUnit) + 1] += 1
        }
        for cell in 1...Self.cells { counts[cell] += counts[cell - 1] }
        firstEdge = counts
    }

    /// A difference and a product keep the order of values, rounded or not.
    @inline(__always)
    private static func cell(of value: Double, low: Double, cellsPerUnit: Double) -> Int {
        let position = (value - low) * cellsPerUnit
        let most = Double(cells - 1)
        let upper = position < most ? position : most
        // Added to 2^52, a number has its nearest whole one in the last bits.
        let bits = ((upper > 0 ? upper : 0) + 0x1p52).bitPattern
        return Int(truncatingIfNeeded: bits & UInt64(cells - 1))
    }

    /// Writes each usable value's bin, and -1 for the others, to the front of `bins`.
    package func find(_ values: Span<Double>, into bins: inout MutableSpan<Int32>) {
        let (edges, firstEdge) = (edges.span, firstEdge.span)
        let (low, cellsPerUnit) = (low, cellsPerUnit)
        for index in values.indices {
            let value = values[unchecked: index]
            guard Sample.isUsable(value) else {
                bins[index] = -1
                continue
            }
            let cell = Self.cell(of: value, low: low, cellsPerUnit: cellsPerUnit)
            let first = Int(truncatingIfNeeded: firstEdge[unchecked: cell])
            let end = Int(truncatingIfNeeded: firstEdge[unchecked: cell &+ 1])
            // By the sign of a difference: a comparison would be a branch, often wrong.
            let difference = edges[unchecked: first] - value
            var bin = first &+ Int(truncatingIfNeeded: difference.bitPattern &>> 63)
            if end &- first > 1 {
                if end &- first > 8 {
                    bin = layout.bin(of: value)
                } else {
                    while bin < end, edges[unchecked: bin] < value { bin &+= 1 }
                }
            }
            bins[index] = Int32(truncatingIfNeeded: bin)
        }
    }
}
