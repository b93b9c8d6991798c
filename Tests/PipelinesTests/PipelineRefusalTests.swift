import Domain
import Testing

@testable import Pipelines

/// What a file says, and the sentences its refusal must have, each behind its line.
struct RefusedFile: Sendable, CustomTestStringConvertible {
    let text: String
    let sentences: [String]

    /// The whole file.
    init(_ text: String, _ sentences: String...) {
        self.text = text
        self.sentences = sentences
    }

    /// One line behind a file that is right until then.
    init(line: String, _ messages: String...) {
        text = "model: m\ntask: classification\ndata: { target: y }\n" + line + "\n"
        sentences = messages.map { "line 4: " + $0 }
    }

    var testDescription: String { text.split(separator: "\n").joined(separator: " ⏎ ") }
}

private let name =
    "It takes at most 64 letters, digits, \"-\", \"_\" and \".\", a letter or digit first."
private let topKeys =
    "The keys are model, owner, task, data, clean, train, validate, environments, monitor, "
    + "alerts, card."

private let unreadable: [RefusedFile] = [
    RefusedFile("model: [\n", "line 2: this is not YAML: did not find expected node content."),
    RefusedFile(
        "model: \"a\nb: c\n",
        "line 3: this is not YAML: found unexpected end of stream."
    ),
    RefusedFile("model: *a\n", "line 1: this is not YAML: the alias \"*a\" names no anchor."),
    RefusedFile(
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + zip("bcdefg", "abcdef").map { name, before in
                "\(name): &\(name) [\(Array(repeating: "*\(before)", count: 9).joined(separator: ", "))]\n"
            }.joined(),
        "line 5: aliases repeat too much here. Write the values out."
    ),
    RefusedFile(
        "model: m\n\ttask: regression\n",
        "line 2: a tab stands at the beginning; YAML is indented with spaces."
    ),
    RefusedFile(
        "model: a\ntask: regression\nmodel: b\n",
        "line 3: the key \"model\" is there twice. Remove one."
    ),
    RefusedFile(
        "model: a\ndata:\n  target: a\n  id: b\n  target: c\n",
        "line 5: the key \"target\" is there twice. Remove one."
    ),
    RefusedFile(
        "model: a\ndata: { target: a, target: b }\n",
        "line 2: the key \"target\" is there twice. Remove one."
    ),
    RefusedFile(
        "model: a\n---\nmodel: b\n",
        "line 2: a second document begins. Remove the line \"---\" and what follows."
    ),
    RefusedFile(
        "- model\n",
        "line 1: the file must be keys and values such as \"model: late-flights\"."
    ),
    RefusedFile(
        "late-flights",
        "line 1: the file must be keys and values such as \"model: late-flights\"."
    ),
]

private let topRefusals: [RefusedFile] = [
    RefusedFile(
        "modl: m\n",
        "line 1: the key \"modl\" is unknown; \"model\" is the nearest. " + topKeys,
        "line 1: the key \"model\" is missing.",
        "line 1: the key \"task\" is missing.",
        "line 1: the key \"data.target\" is missing."
    ),
    RefusedFile(
        "model: m\ntask: clasification\ndata: 3\n",
        "line 2: \"task\" is \"clasification\". It takes classification or regression.",
        "line 3: \"data\" is \"3\". It takes keys and values.",
        "line 3: the key \"data.target\" is missing."
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: {}\n",
        "line 3: the key \"data.target\" is missing."
    ),
    RefusedFile(
        "model:\ntask: ~\ndata: { target: \"\" }\n",
        "line 1: \"model\" is empty. " + name,
        "line 2: \"task\" is empty. It takes classification or regression.",
        "line 3: \"data.target\" is empty. It takes text."
    ),
    RefusedFile(
        "model: ../m\ntask: regression\ndata: { target: y, dataset: a b }\n",
        "line 1: \"model\" is \"../m\". " + name,
        "line 3: \"data.dataset\" is \"a b\". " + name
    ),
    RefusedFile(
        "model: \(String(repeating: "m", count: 65))\ntask: regression\ndata: { target: y }\n",
        "line 1: \"model\" is \"\(String(repeating: "m", count: 60))…\". " + name
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: { tagret: y }\n",
        "line 3: the key \"tagret\" in \"data\" is unknown; \"target\" is the nearest. "
            + "The keys are dataset, target, time, id, exclude, categorical.",
        "line 3: the key \"data.target\" is missing."
    ),
    RefusedFile(line: "zzz: 1", "the key \"zzz\" is unknown. " + topKeys),
    RefusedFile(line: "data.time: t", "the key \"data.time\" is unknown. " + topKeys),
    RefusedFile(line: "owner: [a]", "\"owner\" is a list. It takes text."),
    RefusedFile(line: "owner: { a: b }", "\"owner\" is keys and values. It takes text."),
]

private let dataRefusals: [RefusedFile] = [
    RefusedFile(
        "model: m\ntask: regression\ndata: { target: y, time: y, id: t, exclude: [t, y] }\n",
        "line 3: \"data.time\" has \"y\", which is already in \"data.target\".",
        "line 3: \"data.exclude\" has \"t\", which is already in \"data.id\".",
        "line 3: \"data.exclude\" has \"y\", which is already in \"data.target\"."
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: { target: y, exclude: [a, a], categorical: b }\n",
        "line 3: \"data.exclude\" lists \"a\" twice. Remove one.",
        "line 3: \"data.categorical\" is \"b\". It takes a list such as [a, b]."
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: { target: y, exclude: [[a], ~] }\n",
        "line 3: \"data.exclude\" holds a list. It takes a list such as [a, b].",
        "line 3: \"data.exclude\" holds an empty entry. It takes a list such as [a, b]."
    ),
]

private let cleanRefusals: [RefusedFile] = [
    RefusedFile(
        line: "clean: { duplicates: yes }",
        "\"clean.duplicates\" is \"yes\". It takes drop or keep."
    ),
    RefusedFile(
        line: "clean: { missing: drop }",
        "\"clean.missing\" is \"drop\". It takes columns and values such as "
            + "{ wind_gust: 0, temp: drop }."
    ),
    RefusedFile(
        line: "clean: { missing: { a: [1] } }",
        "\"clean.missing.a\" is a list. It takes a number, text, true or false."
    ),
    RefusedFile(
        line: "clean: { missing: { y: 0 } }",
        "\"clean.missing\" fills in the target \"y\". Write \"drop\": "
            + "a made-up label teaches nothing."
    ),
    RefusedFile(
        line: "clean: { missing: { a: 200 }, outliers: { a: { max: 120 } } }",
        "\"clean.missing.a\" fills in 200, which is outside the limits in \"clean.outliers.a\"."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: 3 } }",
        "\"clean.outliers.a\" is \"3\". It takes limits such as "
            + "{ min: 0, max: 120, action: drop }."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: {} } }",
        "\"clean.outliers.a\" has no limit. Give \"min\", \"max\" or both."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: { min: 3, max: 1 } } }",
        "\"clean.outliers.a\" has a \"min\" above its \"max\". Swap them."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: { max: high } } }",
        "\"clean.outliers.a.max\" is \"high\". It takes a number."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: { maxx: 3 } } }",
        "the key \"maxx\" in \"clean.outliers.a\" is unknown; \"max\" is the nearest. "
            + "The keys are min, max, action."
    ),
    RefusedFile(
        line: "clean: { outliers: { a: { max: 1, action: kill } } }",
        "\"clean.outliers.a.action\" is \"kill\". It takes drop, clip or missing."
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: { target: y, categorical: [a] }\n"
            + "clean: { outliers: { a: { max: 1 } } }\n",
        "line 4: \"clean.outliers.a\" sets limits, but \"a\" is in \"data.categorical\"."
    ),
]

private let trainRefusals: [RefusedFile] = [
    RefusedFile(
        line: "train: { comand: [x] }",
        "the key \"comand\" in \"train\" is unknown; \"command\" is the nearest. "
            + "The keys are trainer, command, parameters, early_stopping, seed, time_limit."
    ),
    RefusedFile(
        line: "train: { trainer: lightgbm }",
        "\"train.trainer\" is \"lightgbm\". It takes xgboost or command."
    ),
    RefusedFile(
        line: "train: { trainer: command }",
        "\"trainer: command\" needs \"train.command\", such as [./train.sh]."
    ),
    RefusedFile(
        line: "train: { trainer: command, command: [] }",
        "\"train.command\" is empty. Name a program."
    ),
    RefusedFile(
        line: "train: { command: [./train.sh] }",
        "\"train.command\" is only for \"trainer: command\"."
    ),
    RefusedFile(
        line: "train: { seed: abc, early_stopping: 0 }",
        "\"train.seed\" is \"abc\". It takes a whole number from 0 to 2147483647.",
        "\"train.early_stopping\" is \"0\". It takes a whole number from 1 to 10000."
    ),
    RefusedFile(
        line: "train: { parameters: { rounds: 0.5, eta: [1] } }",
        "\"train.parameters.eta\" is a list. It takes a number, text, true or false.",
        "\"train.parameters.rounds\" is \"0.5\". It takes a whole number from 1 to 100000."
    ),
    RefusedFile(
        line: "train: { parameters: { rounds: \"200\" } }",
        "\"train.parameters.rounds\" is \"200\". It takes a whole number from 1 to 100000."
    ),
    RefusedFile(
        line: "train: { parameters: { objective: reg:squarederror } }",
        "\"train.parameters.objective\" is \"reg:squarederror\", which does not suit "
            + "\"task: classification\". Use \"binary:logistic\"."
    ),
    RefusedFile(
        "model: m\ntask: regression\ndata: { target: y }\n"
            + "train: { parameters: { objective: binary:logistic } }\n",
        "line 4: \"train.parameters.objective\" is \"binary:logistic\", which does not suit "
            + "\"task: regression\". Use \"reg:squarederror\"."
    ),
]

private let validateRefusals: [RefusedFile] = [
    RefusedFile(
        line: "validate: { holdout: 20% }",
        "\"validate.holdout\" is \"20%\". It takes keys and values."
    ),
    RefusedFile(
        line: "validate: { holdout: { last: 120% } }",
        "\"validate.holdout.last\" is \"120%\". It takes a share such as 20% or 0.2, "
            + "above 0% and below 100%."
    ),
    RefusedFile(
        line: "validate: { holdout: { last: 0 } }",
        "\"validate.holdout.last\" is \"0\". It takes a share such as 20% or 0.2, "
            + "above 0% and below 100%."
    ),
    RefusedFile(
        line: "validate: { metrics: [acuracy] }",
        "\"validate.metrics\" holds \"acuracy\"; \"accuracy\" is the nearest. It takes a list of "
            + "accuracy, auc, log_loss, f1, precision, recall, brier, rmse, mae, r2."
    ),
    RefusedFile(
        line: "validate: { metrics: [auc, rmse] }",
        "\"validate.metrics\" has \"rmse\", which does not suit \"task: classification\". "
            + "Use accuracy, auc, log_loss, f1, precision, recall or brier."
    ),
    RefusedFile(
        line: "validate: { primary: mae }",
        "\"validate.primary\" has \"mae\", which does not suit \"task: classification\". "
            + "Use accuracy, auc, log_loss, f1, precision, recall or brier."
    ),
    RefusedFile(
        line: "validate: { metrics: [auc], primary: f1 }",
        "\"validate.primary\" is \"f1\", which is not in \"validate.metrics\". Add it there."
    ),
    RefusedFile(
        line: "validate: { metrics: [] }",
        "\"validate.metrics\" is empty. Leave the key out, or name one."
    ),
    RefusedFile(
        line: "validate: { must_improve_by: -1, max_overfit_gap: inf }",
        "\"validate.must_improve_by\" is \"-1\". It takes a number from 0 up.",
        "\"validate.max_overfit_gap\" is \"inf\". It takes a number from 0 up."
    ),
]

private let laterRefusals: [RefusedFile] = [
    RefusedFile(
        line: "environments: [production]",
        "\"environments\" is a list. It takes names and policies such as "
            + "{ production: { approvals: 1 } }."
    ),
    RefusedFile(
        line: "environments: {}",
        "\"environments\" names none. Leave the key out, or name one."
    ),
    RefusedFile(
        line: "environments: { a: { aprovals: 1 }, ../b: {}, c: 3, d: { approvals: -1 } }",
        "the key \"aprovals\" in \"environments.a\" is unknown; \"approvals\" is the nearest. "
            + "The keys are approvals, roles, no_self_approval, wait, request_expires, "
            + "grant_expires, hours, checks, signature, evidence, break_glass, recertify.",
        "the environment \"../b\" cannot be a name. " + name,
        "\"environments.c\" is \"3\". It takes a policy such as { approvals: 1 }.",
        "\"environments.d.approvals\" is \"-1\". It takes a whole number from 0 to 20."
    ),
    RefusedFile(
        line: "environments: { production: { evidence: read } }",
        "\"environments.production.evidence\" is \"read\". It takes none or opened."
    ),
    RefusedFile(
        line: "monitor: { window: 3 days, rolling: 0d }",
        "\"monitor.window\" is \"3 days\". It takes a duration such as 30m, 12h, 7d or 2w.",
        "\"monitor.rolling\" is \"0d\". It takes a duration such as 30m, 12h, 7d or 2w."
    ),
    RefusedFile(
        line: "monitor: { rolling: 36h }",
        "\"monitor.rolling\" is no multiple of \"monitor.window\". Use such as 1d and 7d."
    ),
    RefusedFile(
        line: "monitor: { window: 1m, rolling: 1d }",
        "\"monitor.rolling\" has more than 366 windows. Make \"monitor.window\" longer."
    ),
    RefusedFile(
        line: "monitor: { features: al }",
        "\"monitor.features\" is \"al\". It takes \"all\" or a list such as [a, b]."
    ),
    RefusedFile(
        line: "monitor: { features: [y] }",
        "\"monitor.features\" has \"y\", which is no feature: it is in \"data.target\"."
    ),
    RefusedFile(
        line: "monitor: { drift: { psi: -1, share: 2, for: 1.5 } }",
        "\"monitor.drift.psi\" is \"-1\". It takes a number from 0.001 to 100.",
        "\"monitor.drift.share\" is \"2\". It takes a share such as 20% or 0.2, "
            + "from 0% to 100%.",
        "\"monitor.drift.for\" is \"1.5\". It takes a whole number from 1 to 1000."
    ),
    RefusedFile(
        line: "monitor: { retrain: { on: drif, approve: yes } }",
        "\"monitor.retrain.on\" is \"drif\". It takes drift, performance, any or never.",
        "\"monitor.retrain.approve\" is \"yes\". It takes required or automatic."
    ),
]

private let allRefusals: [RefusedFile] =
    unreadable + topRefusals + dataRefusals + cleanRefusals + trainRefusals + validateRefusals
    + laterRefusals

@Test(arguments: allRefusals)
func `a wrong file is refused with every reason and its line`(file: RefusedFile) {
    let expected = file.sentences.map { "\"binnacle.yaml\", \($0)" }.joined(separator: "\n")
    #expect(throws: Refusal(.invalid, expected)) {
        try readPipeline(text: file.text, fileName: "binnacle.yaml")
    }
}

@Test(arguments: ["", "\n\n", "# nothing yet\n", "---\n", "~"])
func `an empty file is refused`(text: String) {
    let message =
        "\"binnacle.yaml\": the file is empty. "
        + "It needs at least \"model\", \"task\" and \"data.target\"."
    #expect(throws: Refusal(.invalid, message)) {
        try readPipeline(text: text, fileName: "binnacle.yaml")
    }
}

@Test func `a file of another kind is refused before it is read`() {
    let text = String(repeating: "#", count: 256 * 1024 + 1)
    let message = "\"a.csv\": the file is longer than 256 KB. Is it a pipeline file?"
    #expect(throws: Refusal(.invalid, message)) {
        try readPipeline(text: text, fileName: "a.csv")
    }
}

@Test func `what a file says cannot write on the terminal`() {
    let text = "\"\\e[2J\\u202E\": 1\nmodel: m\ntask: regression\ndata: { target: y }\n"
    let message =
        "\"binnacle.yaml\", line 1: the key \"\u{FFFD}[2J\u{FFFD}\" is unknown. " + topKeys
    #expect(throws: Refusal(.invalid, message)) {
        try readPipeline(text: text, fileName: "binnacle.yaml")
    }
}
