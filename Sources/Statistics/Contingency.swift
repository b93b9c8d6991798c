import Glibc

/// Tests of counts.
package enum Contingency {
    package struct Result: Sendable, Equatable {
        package let statistic: Double
        package let degreesOfFreedom: Int
        /// P of a statistic at least this large when both sides are alike, 0...1.
        package let probability: Double

        package init(statistic: Double, degreesOfFreedom: Int, probability: Double) {
            self.statistic = statistic
            self.degreesOfFreedom = degreesOfFreedom
            self.probability = probability
        }
    }

    /// Pearson's chi-square test that two lists of counts come from the same shares.
    ///
    /// Bins empty on both sides are left out; with one degree of freedom Yates' correction is
    /// taken, as scipy's `chi2_contingency`. nil when a side is empty or only one bin is left.
    package static func homogeneity(_ first: [Int], _ second: [Int]) -> Result? {
        let pairs = zip(first, second).filter { $0 + $1 > 0 }
        let firstTotal = Double(pairs.reduce(0) { $0 + $1.0 })
        let secondTotal = Double(pairs.reduce(0) { $0 + $1.1 })
        guard pairs.count > 1, firstTotal > 0, secondTotal > 0 else { return nil }
        let total = firstTotal + secondTotal
        var statistic = 0.0
        for (one, two) in pairs {
            let both = Double(one + two)
            for (observed, side) in [(Double(one), firstTotal), (Double(two), secondTotal)] {
                let expected = both * side / total
                var difference = abs(observed - expected)
                if pairs.count == 2 { difference -= min(0.5, difference) }
                statistic += difference * difference / expected
            }
        }
        let freedom = pairs.count - 1
        return Result(
            statistic: statistic,
            degreesOfFreedom: freedom,
            probability: Distribution.chiSquareSurvival(
                statistic,
                degreesOfFreedom: Double(freedom)
            )
        )
    }

    /// The likelihood-ratio (G) test that two lists of counts come from the same shares.
    ///
    /// G = 2 Σ O ln(O / E) over both sides; with one degree of freedom every count is moved half a
    /// unit towards its expectation (Yates), as scipy's
    /// `chi2_contingency(lambda_="log-likelihood")`. nil as for `homogeneity(_:_:)`.
    package static func likelihoodRatio(_ first: [Int], _ second: [Int]) -> Result? {
        let pairs = zip(first, second).filter { $0 + $1 > 0 }
        let firstTotal = Double(pairs.reduce(0) { $0 + $1.0 })
        let secondTotal = Double(pairs.reduce(0) { $0 + $1.1 })
        guard pairs.count > 1, firstTotal > 0, secondTotal > 0 else { return nil }
        let total = firstTotal + secondTotal
        var statistic = 0.0
        for (one, two) in pairs {
            let both = Double(one + two)
            for (count, side) in [(Double(one), firstTotal), (Double(two), secondTotal)] {
                let expected = both * side / total
                let gap = expected - count
                let moved = pairs.count == 2 ? min(0.5, abs(gap)) * (gap < 0 ? -1 : 1) : 0
                let observed = count + moved
                if observed > 0 { statistic += 2 * observed * log(observed / expected) }
            }
        }
        return result(max(0, statistic), degreesOfFreedom: pairs.count - 1)
    }

    /// The one-sample chi-square test of current counts against the reference's shares.
    ///
    /// As Evidently's `chisquare`: it takes the reference for the truth without error, so it finds
    /// drift where `homogeneity(_:_:)` rightly does not, and a category new in the current rows
    /// gives probability zero. nil when a side is empty or only one category is left.
    package static func goodnessOfFit(reference: [Int], current: [Int]) -> Result? {
        let pairs = zip(reference, current).filter { $0 + $1 > 0 }
        let referenceTotal = Double(pairs.reduce(0) { $0 + $1.0 })
        let currentTotal = Double(pairs.reduce(0) { $0 + $1.1 })
        guard pairs.count > 1, referenceTotal > 0, currentTotal > 0 else { return nil }
        var statistic = 0.0
        for (expectedCount, observed) in pairs {
            let expected = Double(expectedCount) * currentTotal / referenceTotal
            let gap = Double(observed) - expected
            statistic += gap * gap / expected
        }
        return result(statistic, degreesOfFreedom: pairs.count - 1)
    }

    private static func result(_ statistic: Double, degreesOfFreedom: Int) -> Result {
        let probability =
            statistic.isFinite
            ? Distribution.chiSquareSurvival(statistic, degreesOfFreedom: Double(degreesOfFreedom))
            : 0
        return Result(
            statistic: statistic,
            degreesOfFreedom: degreesOfFreedom,
            probability: probability
        )
    }

    /// The pooled z test of two shares: z and its two-sided probability; nil when it is undefined.
    package static func twoProportions(
        _ first: (hits: Int, count: Int),
        _ second: (hits: Int, count: Int)
    ) -> (z: Double, probability: Double)? {
        proportionScore(first, second).map { ($0, Distribution.normalTwoSided($0)) }
    }

    /// The z of that test alone, which costs a root and no more.
    package static func proportionScore(
        _ first: (hits: Int, count: Int),
        _ second: (hits: Int, count: Int)
    ) -> Double? {
        guard first.count > 0, second.count > 0 else { return nil }
        let (n, m) = (Double(first.count), Double(second.count))
        let pooled = Double(first.hits + second.hits) / (n + m)
        let variance = pooled * (1 - pooled) * (1 / n + 1 / m)
        guard variance > 0 else { return nil }
        return (Double(first.hits) / n - Double(second.hits) / m) / variance.squareRoot()
    }
}
