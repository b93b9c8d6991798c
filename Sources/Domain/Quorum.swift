/// A place in a quorum, and who fills it.
package struct ApprovalSlot: Codable, Sendable, Equatable {
    package let role: UserRole
    package let filledBy: Actor?

    package init(role: UserRole, filledBy: Actor?) {
        self.role = role
        self.filledBy = filledBy
    }
}

/// Seats people in the slots of a policy, each in one, so that as many slots as can be are filled.
///
/// A person who could fill several moves aside for one who could not (Kuhn's augmenting paths).
/// - Parameter people: What each may fill; the first to decide are seated first.
/// - Returns: For every slot the index of the person in it.
package func seat(_ people: [Set<UserRole>], in slots: [UserRole]) -> [Int?] {
    var seats = [Int?](repeating: nil, count: slots.count)
    func place(_ person: Int, _ tried: inout Set<Int>) -> Bool {
        for (slot, role) in slots.enumerated() where people[person].contains(role) {
            guard tried.insert(slot).inserted else { continue }
            let sitting = seats[slot]
            if sitting == nil {
                seats[slot] = person
                return true
            }
            if let sitting, place(sitting, &tried) {
                seats[slot] = person
                return true
            }
        }
        return false
    }
    for person in people.indices {
        var tried: Set<Int> = []
        _ = place(person, &tried)
    }
    return seats
}
