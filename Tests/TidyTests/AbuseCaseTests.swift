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

struct AbuseCaseTests {
    @Test func `every abuse case of the design has its tests`() throws {
        var declared: Set<String> = []
        for source in try Repository.sources(in: "Tests") where source.module != "TidyTests" {
            for line in source.lines {
                let parts = line.components(separatedBy: "func `")
                if parts.count == 2, let name = parts[1].components(separatedBy: "`").first {
                    declared.insert(name)
                }
            }
        }
        for (abuse, tests) in abuseCases {
            for test in tests {
                #expect(declared.contains(test), "\"\(abuse)\" has lost its test \"\(test)\"")
            }
        }
    }
}
