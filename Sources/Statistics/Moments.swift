/// Count, mean and spread that merge (Chan, Golub and LeVeque, 1979).
package struct Moments: Codable, Sendable, Equatable {
    package private(set) var count: Int
    package private(set) var mean: Double
    /// The sum of squared distances from the mean.
    package private(set) var squares: Double

    package init() {
        count = 0
        mean = 0
        squares = 0
    }

    package init(count: Int, mean: Double, squares: Double) {
        self.count = count
        self.mean = mean
        self.squares = squares
    }

    package var standardDeviation: Double {
        count == 0 ? 0 : (max(0, squares) / Double(count)).squareRoot()
    }

    package mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    package mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        guard count > 0 else { self = other; return }
        let total = Double(count + other.count)
        let distance = other.mean - mean
        squares += other.squares + distance * distance * Double(count) * Double(other.count) / total
        mean += distance * Double(other.count) / total
        count += other.count
    }

}
