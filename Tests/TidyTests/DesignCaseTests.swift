import Foundation
import Testing

/// What the design says must be tried against approvals and log, and the tests that try it.
private let abuseCases: [String: [String]] = [
    "self-approval": [
        "keeps who trained and who asked from approving, where it says so",
        "two people approve, each after opening the evidence, and the log has their uids",
    ],
    "double slot": [
        "does not seat a person twice under two names",
        "in which one person was put in two slots by hand is not read",
    ],
    "stale digest": [
        "decided on other digests is not decided",
        "of bytes that were changed is refused",
    ],
    "clock skew": [
        "takes nothing while the clock stands before what is recorded",
        "an event dated before those before it is backdated",
    ],
    "expired key": ["by a key that expired is none, wherever the clock is put"],
    "revoked in the middle of a quorum": [
        "counts nobody once the request was revoked in the middle",
        "by a key revoked in the middle of a quorum voids the request",
    ],
    "replay": ["counts once, also under another request"],
    "policy loosened after approval": [
        "under a policy that was loosened afterwards is void",
        "is changed by approval under the one before, which voids what waited",
    ],
    "truncated log": ["a log cut off with all its heads is found by a checkpoint from outside"],
    "forked log": ["a log that forked is found by a checkpoint from outside, and has no proof"],
    "hand-edited store": [
        "that was edited while no engine ran is known at the start, and stays known",
        "by a key that a hand put into the store, or brought back, is none",
    ],
    "two approvers racing": [
        "decided by many at once is decided by one",
        "of two stores that decide at once one wins, the other reads who was first",
    ],
    "crash between approved and deploying": [
        "kill -9 between approved and deploying: the next engine deploys it, once",
        "between approval and deployment the next one deploys, once",
    ],
    "evidence not opened": [
        "that wants the evidence opened takes no approval of what was not"
    ],
]

/// Where drift tools were measured to alarm falsely or to see nothing, and the tests that try it.
private let blindSpots: [String: [String]] = [
    "small windows": [
        "small windows without drift are rarely called drift",
        "at few rows a PSI within chance is not judged",
        "without drift a floor is exceeded in about one of a hundred windows",
    ],
    "a thousand categories": [
        "a thousand categories without drift are stable",
        "a thousand categories make no false alarm",
    ],
    "one wild value": [
        "one wild value is no drift and hides none",
        "a wild value in the reference hides no later shift",
        "one wild value in the window moves no distance",
    ],
    "nine of ten missing": ["nine values of ten missing is drift, though the others are as before"],
    "all missing": [
        "a column without any value is drift",
        "an all missing baseline column cannot be compared and does not fail",
        "no value at all has no distance, and its rows are counted",
    ],
    "a rare new category": [
        "new categories are judged by their share", "a new category raises PSI although it is rare",
    ],
    "a tiny shift at a million rows": [
        "a hundredth of a deviation at a million rows is certain and of no importance"
    ],
    "many features at once": [
        "twenty features hardly ever alarm together without drift",
        "adjusted probabilities are scipy's, in the given order",
    ],
    "seasons": [
        "a June is held against other Junes, and a hot one is still seen",
        "weeks of clean weather hardly ever drift",
        "a season passes its calibrated limit and a fault does not",
        "another unit is seen in a week that is no image of a whole year",
    ],
    "a stuck sensor": [
        "a sensor is stuck beyond ten values and twice the reference",
        "the longest run is found, gaps do not end it and ignored values do not count",
        "a value that was common before, and rows in groups, are neither default nor stuck",
    ],
    "bounds of sketches": [
        "a distance is as far from the exact one as its bound says, whatever the law",
        "the sketch's PSI is the exact one and its KS is within the stated error",
    ],
]

struct DesignCaseTests {
    @Test func `every abuse case and every blind spot of the design has its tests`() throws {
        var declared: Set<String> = []
        for source in try Repository.sources(in: "Tests") where source.module != "TidyTests" {
            for line in source.lines {
                let parts = line.components(separatedBy: "func `")
                if parts.count == 2, let name = parts[1].components(separatedBy: "`").first {
                    declared.insert(name)
                }
            }
        }
        for (name, tests) in abuseCases.merging(blindSpots, uniquingKeysWith: { $1 }) {
            for test in tests {
                #expect(declared.contains(test), "\"\(name)\" has lost its test \"\(test)\"")
            }
        }
    }
}
