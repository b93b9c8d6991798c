import CCurl
import Domain
import Glibc

/// One exchange by libcurl: a web request, or a mail handed to a server.
///
/// It blocks, so it runs on a thread of its own.
struct Transfer {
    enum Content {
        /// Posted with these header lines.
        case web(body: String, headers: [String])
        case mail(message: String, from: String, to: [String], user: String?, password: String?)
    }

    let address: String
    let content: Content
    let timeoutSeconds: Double
    /// Hidden in what is said of an answer: servers like to repeat what they were sent.
    var secrets: [String] = []

    /// Performs it; what is said of a failure never names the address, which may be a secret.
    func perform() -> DeliveryOutcome {
        if let problem = unsafe ccurl_problem() {
            return .failed(unsafe String(cString: problem))
        }
        guard let handle = unsafe curl_easy_init() else {
            return .failed("libcurl cannot be used.")
        }
        defer { unsafe curl_easy_cleanup(handle) }
        var lists = TextLists()
        defer { lists.free() }
        var answer = ccurl_answer()
        var upload = unsafe ccurl_upload()
        return unsafe withUnsafeMutablePointer(to: &answer) { answer in
            unsafe withUnsafeMutablePointer(to: &upload) { upload in
                unsafe exchange(handle, &lists, answer, upload)
            }
        }
    }

    private func exchange(
        _ handle: UnsafeMutableRawPointer,
        _ lists: inout TextLists,
        _ answer: UnsafeMutablePointer<ccurl_answer>,
        _ upload: UnsafeMutablePointer<ccurl_upload>
    ) -> DeliveryOutcome {
        let milliseconds = Int(max(1, timeoutSeconds * 1_000))
        var statuses = unsafe [
            ccurl_set_text(handle, CURLOPT_URL, address),
            ccurl_set_number(handle, CURLOPT_NOSIGNAL, 1),
            ccurl_set_number(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            ccurl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds),
            ccurl_set_text(handle, CURLOPT_USERAGENT, "binnacle"),
            // No proxy from the environment may see what is told, nor any file be read as a URL.
            ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, protocols),
            ccurl_set_answer(handle, answer),
        ]
        switch content {
        case .web(let body, let headers):
            unsafe statuses += [
                ccurl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.utf8.count),
                ccurl_set_text(handle, CURLOPT_COPYPOSTFIELDS, body),
                ccurl_set_list(handle, CURLOPT_HTTPHEADER, lists.add(headers + ["Expect:"])),
            ]
            return unsafe run(handle, statuses, answer)
        case .mail(let message, let from, let to, let user, let password):
            unsafe statuses += [
                ccurl_set_text(handle, CURLOPT_MAIL_FROM, "<\(from)>"),
                ccurl_set_list(handle, CURLOPT_MAIL_RCPT, lists.add(to.map { "<\($0)>" })),
                ccurl_set_upload(handle, upload),
            ]
            if let user {
                unsafe statuses += [
                    ccurl_set_text(handle, CURLOPT_USERNAME, user),
                    ccurl_set_text(handle, CURLOPT_PASSWORD, password ?? ""),
                    // A password is not said in the clear to a server on another machine.
                    ccurl_set_number(
                        handle,
                        CURLOPT_USE_SSL,
                        Int((isLoopback ? CURLUSESSL_TRY : CURLUSESSL_ALL).rawValue)
                    ),
                ]
            }
            return unsafe message.withCString { bytes in
                unsafe upload.pointee.bytes = unsafe bytes
                unsafe upload.pointee.count = message.utf8.count
                return unsafe run(handle, statuses, answer)
            }
        }
    }

    private var protocols: String {
        if case .mail = content { "smtp,smtps" } else { "http,https" }
    }

    private var isLoopback: Bool {
        let rest = address.drop { $0 != "/" }.drop { $0 == "/" }
        let host = rest.prefix { $0 != ":" && $0 != "/" }
        return host == "localhost" || host.hasPrefix("127.")
    }

    private func run(
        _ handle: UnsafeMutableRawPointer,
        _ statuses: [CURLcode],
        _ answer: UnsafeMutablePointer<ccurl_answer>
    ) -> DeliveryOutcome {
        if let bad = statuses.first(where: { $0 != CURLE_OK }) {
            return .refused("libcurl does not take the settings: \(words(bad)).")
        }
        let status = unsafe curl_easy_perform(handle)
        var code = 0
        _ = unsafe ccurl_get_number(handle, CURLINFO_RESPONSE_CODE, &code)
        if case .web = content, status == CURLE_OK {
            return code < 300
                ? .accepted
                : judge(
                    code,
                    "The server answered \(code)\(said(unsafe answer.pointee))."
                )
        }
        switch status {
        case CURLE_OK: return .accepted
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            return .refused("The address in the configuration cannot be used: \(words(status)).")
        case CURLE_LOGIN_DENIED:
            return .refused("The server refused the user or the password.")
        case CURLE_OPERATION_TIMEDOUT:
            return .failed("The server did not answer within \(seconds) s.")
        default:
            let answered = code > 0 ? " (it answered \(code))" : ""
            let problem = "The server was not reached or broke off: \(words(status))\(answered)."
            // 5xx of a mail server is for good, unlike that of a web server.
            return code >= 500 && code < 600 ? .refused(problem) : .failed(problem)
        }
    }

    /// Web servers: what is worth another try is an error of theirs, a time-out or too many.
    private func judge(_ code: Int, _ problem: String) -> DeliveryOutcome {
        code >= 500 || [408, 425, 429].contains(code) ? .failed(problem) : .refused(problem)
    }

    private func said(_ answer: ccurl_answer) -> String {
        let text = unsafe withUnsafeBytes(of: answer.text) {
            unsafe String(decoding: $0.prefix(Int(answer.count)), as: UTF8.self)
        }
        .hiding(secrets)
        return text.isEmpty ? "" : ": \(quoted(text, limit: 120))"
    }

    private func words(_ status: CURLcode) -> String {
        unsafe String(cString: curl_easy_strerror(status))
    }

    private var seconds: Int { Int(timeoutSeconds.rounded(.up)) }
}

/// libcurl's lists of texts, freed together after the transfer.
@safe private struct TextLists {
    private var lists: [UnsafeMutablePointer<curl_slist>?] = unsafe []

    mutating func add(_ texts: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { unsafe list = curl_slist_append(list, text) ?? list }
        unsafe lists.append(list)
        return unsafe list
    }

    func free() {
        unsafe lists.forEach { unsafe curl_slist_free_all($0) }
    }
}

extension String {
    fileprivate func hiding(_ secrets: [String]) -> String {
        secrets.filter { !$0.isEmpty }.reduce(self) { $0.replacing($1, with: "…") }
    }
}
