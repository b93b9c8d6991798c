import Delivery
import Domain
import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(5))) struct `A webhook` {
    private static let generic = """
        {"alerts":[{"dataTime":"2014-05-13T16:53:20Z","id":"alert-1","labels":{"kind":"drift",\
        "model":"churn","owner":"ann","rule":"drift","severity":"critical","subject":"churn/v1"},\
        "message":"wind <b>& \\"temp\\" have drifted.","startsAt":"2014-05-13T16:53:20Z",\
        "status":"firing"}],"group":"ops{model=churn}","groupLabels":{"model":"churn"},\
        "key":"1400000000000000-1","reason":"first","receiver":"ops","status":"firing",\
        "title":"[FIRING] drift of churn","version":1}
        """
    private static let slack = """
        {"text":"*[FIRING] drift of churn*\\ncritical: drift of churn: wind &lt;b&gt;&amp; \
        \\"temp\\" have drifted."}
        """
    private static let pagerduty = """
        {"dedup_key":"ops{model=churn}","event_action":"trigger","payload":{"custom_details":\
        {"alerts":"critical: drift of churn: wind <b>& \\"temp\\" have drifted."},"severity":\
        "critical","source":"churn","summary":"[FIRING] drift of churn","timestamp":\
        "2014-05-13T16:53:20Z"},"routing_key":"s3cret-key"}
        """

    @Test(arguments: [
        (WebhookShape.webhook, generic), (.slack, slack), (.pagerduty, pagerduty),
        (.ntfy, "critical: drift of churn: wind <b>& \"temp\" have drifted."),
    ])
    func `posts the notification in the service's own form`(
        shape: WebhookShape,
        body: String
    ) async throws {
        let server = try await TestServer.web([200])
        let token = try makeFile("s3cret-key\n")
        let outcome = await Courier().hand(
            makeDelivery(),
            to: receiver(server, shape, token: shape == .slack ? nil : token)
        )
        #expect(outcome == .accepted)
        let parts = server.text.split(separator: "\r\n\r\n", maxSplits: 1)
        try #require(parts.count == 2)
        #expect(parts[1] == body)
        let head = parts[0]
        #expect(head.hasPrefix("POST /hook HTTP/1.1\r\n"))
        #expect(head.contains("\r\nIdempotency-Key: 1400000000000000-1"))
        let bears = head.contains("\r\nAuthorization: Bearer s3cret-key")
        #expect(bears == (shape == .webhook || shape == .ntfy))
        if shape == .ntfy {
            #expect(head.contains("\r\nTitle: [FIRING] drift of churn"))
            #expect(head.contains("\r\nPriority: urgent"))
        } else {
            #expect(head.contains("\r\nContent-Type: application/json"))
        }
        try await server.close()
    }

    @Test func `says that it is over`() async throws {
        let server = try await TestServer.web([202])
        let token = try makeFile("k")
        let delivery = makeDelivery([makeAlert(status: .resolved)])
        _ = await Courier().hand(delivery, to: receiver(server, .pagerduty, token: token))
        #expect(server.text.contains("\"event_action\":\"resolve\""))
        #expect(server.text.contains("[RESOLVED] drift of churn"))
        try await server.close()
    }

    @Test(arguments: [
        (500, true), (503, true), (429, true), (408, true),
        (400, false), (401, false), (404, false), (301, false),
    ])
    func `is worth another try where the server is at fault`(
        status: Int,
        isTriedAgain: Bool
    ) async throws {
        let server = try await TestServer.web([status], body: "no: s3cret-key")
        let token = try makeFile("s3cret-key")
        let outcome = await Courier().hand(
            makeDelivery(),
            to: receiver(server, .webhook, token: token)
        )
        // The server repeats the token; what is kept of its answer does not.
        let problem = "The server answered \(status): \"no: …\"."
        #expect(outcome == (isTriedAgain ? .failed(problem) : .refused(problem)))
        try await server.close()
    }

    @Test func `that nobody answers is tried again`() async throws {
        let server = try await TestServer.web([200])
        let receiver = receiver(server, .webhook)
        try await server.close()
        guard case .failed(let problem) = await Courier().hand(makeDelivery(), to: receiver)
        else { Issue.record("It was accepted."); return }
        #expect(problem.hasPrefix("The server was not reached or broke off"))
        #expect(!problem.contains("127.0.0.1"))
    }

    @Test func `that hangs is given up after its time`() async throws {
        let server = try await TestServer { _, _ in nil }
        let outcome = await Courier().hand(
            makeDelivery(),
            to: receiver(server, .webhook, timeoutSeconds: 0.2)
        )
        #expect(outcome == .failed("The server did not answer within 1 s."))
        try await server.close()
    }

    @Test(arguments: ["", "two words", "/nowhere"])
    func `without its secret is not sent`(text: String) async throws {
        let server = try await TestServer.web([200])
        let path = text == "/nowhere" ? text : try makeFile(text)
        let outcome = await Courier().hand(
            makeDelivery(),
            to: receiver(server, .webhook, token: path)
        )
        guard case .failed(let problem) = outcome else { Issue.record("It was sent."); return }
        #expect(problem.contains("The secret of \"ops\""))
        #expect(!problem.contains("two words"))
        #expect(server.pieces.isEmpty)
        try await server.close()
    }

    @Test func `may have a secret address, from the environment`() async throws {
        let server = try await TestServer.web([200])
        setenv("BINNACLE_TEST_URL", "http://127.0.0.1:\(server.port)/T000/B000", 1)
        let outcome = await Courier().hand(
            makeDelivery(),
            to: Receiver(
                name: "ops",
                kind: .web(
                    shape: .slack,
                    address: nil,
                    secretAddress: .environment("BINNACLE_TEST_URL"),
                    token: nil
                )
            )
        )
        #expect(outcome == .accepted)
        #expect(server.text.hasPrefix("POST /T000/B000 "))
        try await server.close()
    }

    private func receiver(
        _ server: TestServer,
        _ shape: WebhookShape,
        token: String? = nil,
        timeoutSeconds: Double = 15
    ) -> Receiver {
        Receiver(
            name: "ops",
            kind: .web(
                shape: shape,
                address: "http://127.0.0.1:\(server.port)/hook",
                secretAddress: nil,
                token: token.map(Secret.file)
            ),
            timeoutSeconds: timeoutSeconds
        )
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A mail` {
    private static let message = """
        From: binnacle@example.org
        To: ann@example.org, bob@example.org
        Subject: [FIRING] drift of churn
        Date: Tue, 13 May 2014 16:53:20 +0000
        Message-ID: <1400000000000000-1@binnacle>
        X-Idempotency-Key: 1400000000000000-1
        Auto-Submitted: auto-generated
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        critical: drift of churn
        wind <b>& "temp" have drifted.
          alert    alert-1
          about    churn/v1
          owner    ann
          since    2014-05-13T16:53:20Z

        binnacle alerts acknowledge ALERT says that you take care of it.

        """

    @Test func `goes through a sendmail program`() async throws {
        let path = try makeFile(
            "#!/bin/sh\nprintf '%s ' \"$@\" > \"$0.arguments\"\ncat > \"$0.mail\"\n",
            name: "sendmail",
            mode: 0o700
        )
        #expect(await Courier().hand(makeDelivery(), to: mail(.sendmail(path: path))) == .accepted)
        #expect(try String(contentsOfFile: path + ".mail", encoding: .utf8) == Self.message)
        #expect(try String(contentsOfFile: path + ".arguments", encoding: .utf8) == "-t -i ")
    }

    @Test func `is handed to a mail server, with its user`() async throws {
        let server = try await mailServer()
        let password = try makeFile("pass-word")
        let outcome = await Courier().hand(
            makeDelivery(),
            to: mail(
                .smtp(
                    url: "smtp://127.0.0.1:\(server.port)",
                    user: "ann",
                    password: .file(password)
                )
            )
        )
        #expect(outcome == .accepted)
        let text = server.text
        #expect(text.contains("AUTH PLAIN"))
        #expect(text.contains(Data("\0ann\0pass-word".utf8).base64EncodedString()))
        #expect(text.contains("MAIL FROM:<binnacle@example.org>"))
        #expect(text.contains("RCPT TO:<ann@example.org>"))
        #expect(text.contains("RCPT TO:<bob@example.org>"))
        let sent = Self.message.replacing("\n", with: "\r\n")
        #expect(text.contains(sent + ".\r\n"))
        try await server.close()
    }

    @Test(arguments: [(451, true), (550, false)])
    func `a server does not take is tried again if it says so`(
        code: Int,
        isTriedAgain: Bool
    ) async throws {
        let server = try await mailServer(answerToRecipient: "\(code) no\r\n")
        let outcome = await Courier().hand(
            makeDelivery(),
            to: mail(.smtp(url: "smtp://127.0.0.1:\(server.port)", user: nil, password: nil))
        )
        switch outcome {
        case .accepted: Issue.record("It was accepted.")
        case .failed(let problem):
            #expect(isTriedAgain)
            #expect(problem.contains("\(code)"))
        case .refused(let problem):
            #expect(!isTriedAgain)
            #expect(problem.contains("\(code)"))
        }
        try await server.close()
    }

    @Test func `has no header of a model's own making`() async throws {
        let path = try makeFile(
            "#!/bin/sh\ncat > \"$0.mail\"\n",
            name: "sendmail",
            mode: 0o700
        )
        let alert = Alert(
            id: ID("alert-1"),
            rule: .drift,
            severity: .warning,
            model: "churn\nBcc: eve@example.org\u{1B}[2J żółw",
            subject: "s",
            owner: "o",
            startedAt: noon,
            dataTime: noon,
            message: String(repeating: "long ", count: 300),
            status: .firing
        )
        _ = await Courier().hand(makeDelivery([alert]), to: mail(.sendmail(path: path)))
        let lines = try String(contentsOfFile: path + ".mail", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(!lines.contains { $0.hasPrefix("Bcc:") })
        #expect(!lines.contains { $0.contains("\u{1B}") })
        #expect(lines.contains { $0.hasPrefix("Subject: =?utf-8?B?") })
        #expect(lines.allSatisfy { $0.utf8.count <= 998 })
    }

    private func mail(_ transport: MailTransport) -> Receiver {
        Receiver(
            name: "ops",
            kind: .mail(
                from: "binnacle@example.org",
                to: ["ann@example.org", "bob@example.org"],
                transport: transport
            )
        )
    }

    private func mailServer(answerToRecipient: String = "250 ok\r\n") async throws -> TestServer {
        try await TestServer(greeting: "220 test\r\n") { piece, _ in
            if piece.hasPrefix("EHLO") { return "250-test\r\n250 AUTH PLAIN\r\n" }
            if piece.hasPrefix("AUTH PLAIN\r\n") { return "334 \r\n" }
            if piece.hasPrefix("MAIL") { return "250 ok\r\n" }
            if piece.hasPrefix("RCPT") { return answerToRecipient }
            if piece.hasPrefix("DATA") { return "354 go\r\n" }
            if piece.hasSuffix("\r\n.\r\n") { return "250 queued\r\n" }
            if piece.hasPrefix("QUIT") { return "221 bye\r\n" }
            return piece.hasSuffix("\r\n") && !piece.contains(" ") ? "235 ok\r\n" : nil
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A command` {
    @Test func `reads the notification and its key`() async throws {
        let path = try makeFile(
            """
            #!/bin/sh
            cat > "$0.in"
            echo "$1 $BINNACLE_IDEMPOTENCY_KEY" > "$0.out"

            """,
            name: "command",
            mode: 0o700
        )
        let outcome = await Courier().hand(makeDelivery(), to: command([path, "a;b $HOME"]))
        #expect(outcome == .accepted)
        let said = try String(contentsOfFile: path + ".out", encoding: .utf8)
        #expect(said == "a;b $HOME 1400000000000000-1\n")
        let input = try String(contentsOfFile: path + ".in", encoding: .utf8)
        #expect(input.hasPrefix("{\"alerts\":[{") && input.hasSuffix("\"version\":1}\n"))
    }

    @Test func `that fails, hangs or is not there is said so`() async throws {
        let failing = try makeFile("#!/bin/sh\nexit 3\n", mode: 0o700)
        #expect(
            await Courier().hand(makeDelivery(), to: command([failing]))
                == .failed("\(quoted(failing)) ended with status 3.")
        )
        let hanging = try makeFile("#!/bin/sh\nsleep 60\n", mode: 0o700)
        let late = await Courier().hand(makeDelivery(), to: command([hanging], seconds: 0.2))
        #expect(late == .failed("\(quoted(hanging)) did not end within 1 s and was stopped."))
        guard
            case .failed(let problem) = await Courier().hand(
                makeDelivery(),
                to: command(["/nowhere/at/all"])
            )
        else { Issue.record("It ran."); return }
        #expect(problem.contains("could not be run"))
    }

    private func command(_ words: [String], seconds: Double = 15) -> Receiver {
        Receiver(name: "ops", kind: .command(words), timeoutSeconds: seconds)
    }
}
