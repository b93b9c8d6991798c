import Dispatch
package import Domain
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage

/// Hands notifications over to receivers; secrets are read for each and kept nowhere.
package struct Courier: Sendable {
    package init() {}

    /// One try.
    package func hand(_ delivery: Delivery, to receiver: Receiver) async -> DeliveryOutcome {
        do {
            switch receiver.kind {
            case .web(let shape, let address, let secretAddress, let token):
                return try await post(
                    delivery,
                    shape,
                    to: try address ?? read(secretAddress, of: receiver),
                    token: try token.map { try read($0, of: receiver) },
                    receiver
                )
            case .mail(let from, let to, .sendmail(let path)):
                let message = MailMessage(delivery: delivery, from: from, to: to)
                return await run(
                    [path, "-t", "-i"],
                    input: message.text(lineEnd: "\n"),
                    delivery,
                    receiver
                )
            case .mail(let from, let to, .smtp(let url, let user, let password)):
                let message = MailMessage(delivery: delivery, from: from, to: to)
                return await perform(
                    Transfer(
                        address: url,
                        content: .mail(
                            message: message.text(lineEnd: "\r\n"),
                            from: from,
                            to: to,
                            user: user,
                            password: try password.map { try read($0, of: receiver) }
                        ),
                        timeoutSeconds: receiver.timeoutSeconds
                    )
                )
            case .command(let words):
                return await run(
                    words,
                    input: try GenericBody(delivery).text(),
                    delivery,
                    receiver
                )
            }
        } catch let refusal as Refusal {
            return .failed(refusal.message)
        } catch {
            return .failed("\(error)")
        }
    }

    private func post(
        _ delivery: Delivery,
        _ shape: WebhookShape,
        to address: String,
        token: String?,
        _ receiver: Receiver
    ) async throws -> DeliveryOutcome {
        let body = WebhookBody(delivery: delivery)
        var headers = body.headers(shape)
        if let token, shape != .pagerduty { headers.append("Authorization: Bearer \(token)") }
        return await perform(
            Transfer(
                address: address,
                content: .web(body: try body.text(shape, routingKey: token), headers: headers),
                timeoutSeconds: receiver.timeoutSeconds,
                secrets: [token ?? "", address]
            )
        )
    }

    private func perform(_ transfer: Transfer) async -> DeliveryOutcome {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "binnacle.delivery").async {
                continuation.resume(returning: transfer.perform())
            }
        }
    }

    // MARK: - Secrets

    private func read(_ secret: Secret?, of receiver: Receiver) throws(Refusal) -> String {
        guard let secret else {
            throw Refusal(.invalid, "The receiver \"\(receiver.name)\" has no address.")
        }
        var text: String?
        var place = ""
        switch secret {
        case .file(let path):
            place = "the file \"\(path)\""
            text = (try? Data(contentsOf: URL(filePath: path))).map {
                String(decoding: $0, as: UTF8.self)
            }
        case .environment(let name):
            place = "the environment variable \"\(name)\" of the engine"
            text = ProcessInfo.processInfo.environment[name]
        }
        guard let text = text?.split(whereSeparator: \.isWhitespace), let first = text.first else {
            throw Refusal(
                .unavailable,
                "The secret of \"\(receiver.name)\" is not in \(place), or cannot be read."
            )
        }
        guard text.count == 1, !first.unicodeScalars.contains(where: isControl) else {
            throw Refusal(
                .invalid,
                "The secret of \"\(receiver.name)\" in \(place) is more than one word."
            )
        }
        return String(first)
    }

    // MARK: - Programs

    /// Runs a program with fixed arguments; its group is killed when its time is over.
    private func run(
        _ words: [String],
        input: String,
        _ delivery: Delivery,
        _ receiver: Receiver
    ) async -> DeliveryOutcome {
        guard let program = words.first else { return .refused("There is no command to run.") }
        let ended: Ended = await withTaskGroup { group in
            group.addTask { await Self.run(program, words, input, delivery.key) }
            group.addTask {
                try? await Task.sleep(for: .seconds(receiver.timeoutSeconds))
                return .late
            }
            let first = await group.next() ?? .late
            group.cancelAll()
            return first
        }
        return switch ended {
        case .late:
            .failed(
                "\(quoted(program)) did not end within "
                    + "\(Int(receiver.timeoutSeconds.rounded(.up))) s and was stopped."
            )
        case .notRun(let problem): .failed("\(quoted(program)) could not be run: \(problem).")
        case .with(.exited(0)): .accepted
        case .with(.exited(let code)): .failed("\(quoted(program)) ended with status \(code).")
        case .with(.signaled(let signal)):
            .failed("\(quoted(program)) was ended by signal \(signal).")
        }
    }

    private enum Ended {
        case with(TerminationStatus)
        case notRun(String)
        case late
    }

    private static func run(
        _ program: String,
        _ words: [String],
        _ input: String,
        _ key: String
    ) async -> Ended {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        do {
            let outcome = try await Subprocess.run(
                .path(FilePath(program)),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .inherit.updating(["BINNACLE_IDEMPOTENCY_KEY": key]),
                platformOptions: options,
                input: .fileDescriptor(try held(input), closeAfterSpawningProcess: true),
                output: .discarded,
                error: .discarded
            )
            return .with(outcome.terminationStatus)
        } catch {
            return .notRun("\(error)")
        }
    }
}

/// Text in a file without a name, to be read from its beginning.
///
/// Not a pipe: a program that ends without reading its input must not fail the writer.
private func held(_ text: String) throws -> FileDescriptor {
    guard let nameless = unsafe tmpfile() else { throw Errno(rawValue: errno) }
    defer { unsafe fclose(nameless) }
    let number = unsafe fcntl(fileno(nameless), F_DUPFD_CLOEXEC, 0)
    guard number >= 0 else { throw Errno(rawValue: errno) }
    let file = FileDescriptor(rawValue: number)
    do {
        _ = try file.writeAll(text.utf8)
        _ = try file.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
        return file
    } catch {
        try? file.close()
        throw error
    }
}
