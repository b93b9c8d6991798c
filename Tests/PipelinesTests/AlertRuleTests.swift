import Domain
import Testing

@testable import Pipelines

@Suite struct `Alert rules in a pipeline file` {
    private static let head = "model: m\ntask: classification\ndata: { target: y }\n"

    private func read(_ text: String) throws -> MonitorPolicy {
        try readPipeline(text: Self.head + text, fileName: "binnacle.yaml").monitoring
    }

    @Test func `are the standard ones where the file has none`() throws {
        #expect(try read("").alerts == nil)
        #expect(try read("").alertRules.map(\.name) == ["drift", "performance"])
    }

    @Test func `take what the whole block says, unless they say it themselves`() throws {
        let policy = try read(
            """
            alerts:
              receivers: [ops]
              group_by: [model, rule]
              group_wait: 10s
              repeat: 1h
              flapping: { changes: 3 }
              rules:
                drift: { raise: 50%, clear: 20%, for: 2d, keep_firing_for: 3 }
                wind: { kind: feature, metric: js, features: ["wind_*"], raise: 0.2, repeat: 2h }
                gaps: { kind: quality, raise: 0.1, severity: critical, receivers: [pager] }
            """
        )
        let block = AlertGrouping(
            receivers: ["ops"],
            groupBy: ["model", "rule"],
            waitSeconds: 10,
            repeatSeconds: 3_600
        )
        var twoHours = block
        twoHours.repeatSeconds = 7_200
        var pager = block
        pager.receivers = ["pager"]
        #expect(policy.flapping == FlapPolicy(changes: 3, periodSeconds: 20 * Timestamp.day))
        #expect(
            policy.alertRules == [
                AlertRuleDefinition(
                    name: "performance",
                    kind: .performance,
                    severity: .critical,
                    raise: 0.03,
                    grouping: block
                ),
                AlertRuleDefinition(
                    name: "drift",
                    kind: .drift,
                    raise: 0.5,
                    clear: 0.2,
                    lasting: .seconds(2 * Timestamp.day),
                    keepFiring: .windows(3),
                    grouping: block
                ),
                AlertRuleDefinition(
                    name: "wind",
                    kind: .feature,
                    metric: .jensenShannon,
                    features: ["wind_*"],
                    raise: 0.2,
                    grouping: twoHours
                ),
                AlertRuleDefinition(
                    name: "gaps",
                    kind: .quality,
                    metric: .missing,
                    severity: .critical,
                    raise: 0.1,
                    grouping: pager
                ),
            ]
        )
    }

    @Test(arguments: [
        ("alerts: { rule: {} }", "the key \"rule\" in \"alerts\" is unknown; \"rules\""),
        ("alerts: { rules: [] }", "\"alerts.rules\" is a list. It takes names and rules"),
        ("alerts: { rules: { a: 1 } }", "\"alerts.rules.a\" is \"1\". It takes a rule"),
        (
            "alerts: { rules: { a: { rais: 1 } } }",
            "\"rais\" in \"alerts.rules.a\" is unknown; \"raise\""
        ),
        ("alerts: { rules: { a: { kind: drft } } }", "\"alerts.rules.a.kind\" is \"drft\""),
        (
            "alerts: { rules: { a: { raise: 1 } } }",
            "\"alerts.rules.a\" needs \"metric\" and \"raise\""
        ),
        ("alerts: { rules: { a: { kind: quality, metric: psi, raise: 1 } } }", "missing or unseen"),
        ("alerts: { rules: { drift: { metric: psi } } }", "is about the whole model"),
        ("alerts: { rules: { drift: { raise: 2 } } }", "\"alerts.rules.drift.raise\" is \"2\""),
        ("alerts: { rules: { drift: { raise: 0.1, clear: 0.2 } } }", "Swap them"),
        ("alerts: { rules: { drift: { for: soon } } }", "windows in a row such as 3"),
        ("alerts: { rules: { drift: { severity: dire } } }", "It takes warning or critical"),
        ("alerts: { rules: { drift: { receivers: ops } } }", "It takes a list"),
        ("alerts: { group_by: [modle] }", "\"modle\"; \"model\" is the nearest"),
        ("alerts: { rules: { a/b: { } } }", "cannot be a name"),
    ])
    func `are refused with what they take`(text: String, words: String) {
        let refused = #expect(throws: Refusal.self) { try read(text + "\n") }
        #expect(refused?.message.contains(words) == true, "\(refused?.message ?? "")")
        #expect(refused?.message.contains("line 4") == true)
    }
}

@Suite struct `Receivers of an engine` {
    @Test func `are read by kind, and their secrets by place`() throws {
        let text = """
            roles: {}
            receivers:
              mail: { kind: mail, from: b@x.org, to: [ann@x.org] }
              smtp:
                kind: mail
                from: b@x.org
                to: [ann@x.org]
                smtp: smtps://mail.x.org
                user: ann
                password_file: /etc/secret
                send_resolved: false
              chat: { kind: slack, url_file: /etc/slack, timeout: 5s }
              phone: { kind: ntfy, url: https://ntfy.sh/t, token_env: NTFY }
              pager: { kind: pagerduty, key_file: /etc/key }
              hook: { kind: webhook, url: http://127.0.0.1:8080/x }
              script: { kind: command, command: [/bin/x, "a b"] }
            """
        let found = try readReceivers(text: text, fileName: "engine.yaml")
        #expect(found.map(\.name) == ["mail", "smtp", "chat", "phone", "pager", "hook", "script"])
        #expect(
            found.map(\.kind) == [
                .mail(
                    from: "b@x.org",
                    to: ["ann@x.org"],
                    transport: .sendmail(path: "/usr/sbin/sendmail")
                ),
                .mail(
                    from: "b@x.org",
                    to: ["ann@x.org"],
                    transport: .smtp(
                        url: "smtps://mail.x.org",
                        user: "ann",
                        password: .file("/etc/secret")
                    )
                ),
                .web(shape: .slack, address: nil, secretAddress: .file("/etc/slack"), token: nil),
                .web(
                    shape: .ntfy,
                    address: "https://ntfy.sh/t",
                    secretAddress: nil,
                    token: .environment("NTFY")
                ),
                .web(
                    shape: .pagerduty,
                    address: "https://events.pagerduty.com/v2/enqueue",
                    secretAddress: nil,
                    token: .file("/etc/key")
                ),
                .web(
                    shape: .webhook,
                    address: "http://127.0.0.1:8080/x",
                    secretAddress: nil,
                    token: nil
                ),
                .command(["/bin/x", "a b"]),
            ]
        )
        #expect(found.map(\.sendsResolved) == [true, false, true, true, true, true, true])
        #expect(found[2].timeoutSeconds == 5)
    }

    @Test(arguments: [
        ("receivers: []", "takes names and receivers"),
        ("receivers: { a: 1 }", "\"receivers.a\" takes keys"),
        (
            "receivers: { a: { kind: sms } }",
            "takes mail, webhook, slack, ntfy, pagerduty or command"
        ),
        (
            "receivers: { a: { kind: slack, ulr: x } }",
            "\"ulr\" in \"receivers.a\" is unknown; \"url\""
        ),
        ("receivers: { a: { kind: slack } }", "needs one of \"url\", \"url_file\" and \"url_env\""),
        ("receivers: { a: { kind: webhook, url: ftp://x } }", "such as https://example.org/hook"),
        ("receivers: { a: { kind: webhook, url: 'http://x', token: t } }", "\"token\" in"),
        ("receivers: { a: { kind: pagerduty } }", "needs \"key_file\" or \"key_env\""),
        ("receivers: { a: { kind: mail, from: x, to: [y] } }", "addresses such as"),
        ("receivers: { a: { kind: mail, from: a@b, to: ['-f@x'] } }", "addresses such as"),
        ("receivers: { a: { kind: mail, from: a@b, to: [c@d], smtp: 'smtp://u:p@h' } }", "smtp://"),
        (
            "receivers: { a: { kind: mail, from: a@b, to: [c@d], smtp: 'smtp://h', user: u } }",
            "together"
        ),
        ("receivers: { a: { kind: command, command: [sh, -c] } }", "whole path of a program"),
        ("receivers: { a: { kind: ntfy, url: 'http://x', token_file: t } }", "takes a whole path"),
        ("receivers: { a: { kind: slack, url: 'http://x', timeout: 9h } }", "at most 5m"),
        ("receivers: { a b: { kind: slack } }", "cannot be a name"),
    ])
    func `are refused with what they take`(text: String, words: String) {
        let refused = #expect(throws: Refusal.self) {
            try readReceivers(text: text, fileName: "engine.yaml")
        }
        #expect(refused?.message.contains(words) == true, "\(refused?.message ?? "")")
        #expect(refused?.message.hasPrefix("\"engine.yaml\", line 1: ") == true)
    }
}
