import Domain
import EngineAPI
import Terminal

/// `:break-glass`: a version goes where it is needed at once, without its quorum.
///
/// The act without a key: it is searched for by name, given a reason, and confirmed by the version.
extension RoomState {
    private struct GlassTarget {
        let model: String
        let version: Int
        let environment: String
        /// The policy it goes around, where it is known here.
        let policy: EnvironmentPolicy?
    }

    private func glassTarget(_ focus: Focus) -> GlassTarget? {
        if let approval = focus.approval {
            guard approval.kind == .release else { return nil }
            return GlassTarget(
                model: approval.model,
                version: approval.version,
                environment: approval.environment,
                policy: approval.policy
            )
        }
        guard let model = focus.model, let version = focus.version else { return nil }
        let environment = environment(of: model)
        let requests = (world.approvals ?? []).filter {
            $0.model == model && $0.environment == environment
        }
        return GlassTarget(
            model: model,
            version: version,
            environment: environment,
            policy: requests.max { $0.createdAt < $1.createdAt }?.policy
        )
    }

    func glassObstacle(_ focus: Focus) -> String? {
        guard let target = glassTarget(focus) else {
            return localized("Put the cursor on a version, or on the request for its release.")
        }
        guard let policy = target.policy else { return nil }
        guard let rule = policy.breakGlass else {
            return localized(
                "The policy of \(target.environment) has no break_glass: nobody may go around it."
            )
        }
        guard let principal = world.overview?.principal,
            Set(principal.roles).isDisjoint(with: rule.roles)
        else { return nil }
        let names = rule.roles.map(\.rawValue).joined(separator: ", ")
        return localized("The glass of \(target.environment) may be broken by: \(names).")
    }

    mutating func beginBreakGlass(_ focus: Focus) {
        guard let target = glassTarget(focus) else { return }
        let title = "\(target.model) v\(target.version) → \(target.environment)"
        let time =
            target.policy?.breakGlass.map {
                localized("It counts for \(NumberText.longDuration($0.seconds)).")
            } ?? localized("It counts for a time.")
        overlay = .version(
            VersionDialog(
                title: localized("Break the glass for \(title)?"),
                lines: [
                    StyledText(localized("You are \(settings.user) on \(settings.host).")),
                    StyledText(
                        localized("It is deployed without the approvals its policy asks for.")
                    ),
                    StyledText(
                        time + " " + localized("Everybody sees it until its review is approved.")
                    ),
                ],
                expected: "v\(target.version)",
                kind: .breakGlass(
                    model: target.model,
                    version: target.version,
                    environment: target.environment
                )
            )
        )
    }
}
