import Domain
import Testing

@testable import EngineSocket

/// What one side says and the other must answer, line by line.
struct Conversation: Sendable, CustomTestStringConvertible {
    let title: String
    /// `> ` is said, `< ` must be heard; `>|` ends sending, `<|` must be the end.
    let lines: String

    var testDescription: String { title }
}

extension Conversation {
    static let hello = """
        > {"binnacle":1,"client":"test"}
        < {"binnacle":1,"engine":"9.9"}

        """

    static let all = [
        Conversation(
            title: "requests are answered by their ids",
            lines: hello + """
                > {"id":7,"name":"jobs.log","body":{"job":"job-1","fromLine":3,"limit":2}}
                < {"id":7,"answer":{"firstLine":3,"lines":["line 3","line 4"],"totalLines":2}}
                > {"id":8,"name":"engine.stop","body":{}}
                < {"id":8,"answer":{}}
                """
        ),
        Conversation(
            title: "the engine's refusal passes as it is",
            lines: hello + #"""
                > {"id":1,"name":"jobs.log","body":{"job":"job-0","fromLine":0,"limit":1}}
                < {"id":1,"refusal":{"kind":"notFound","message":"There is no job \"job-0\". \#
                \"binnacle jobs\" lists them."}}
                """#
        ),
        Conversation(
            title: "another version of the protocol gets a sentence and the end",
            lines: """
                > {"binnacle":2,"client":"test"}
                < {"binnacle":1,"engine":"9.9","refusal":{"kind":"invalid","message":"This engine \
                speaks version 1 of its protocol and the client version 2. Use the same release of \
                binnacle on both sides."}}
                <|
                """
        ),
        Conversation(
            title: "a first line that is no greeting gets a sentence and the end",
            lines: #"""
                > GET / HTTP/1.1
                < {"binnacle":1,"engine":"9.9","refusal":{"kind":"invalid","message":"The first \#
                line must be a greeting with \"binnacle\" and \"client\"; it is not."}}
                <|
                """#
        ),
        Conversation(
            title: "an unknown request is refused, and the next is answered",
            lines: hello + #"""
                > {"id":1,"name":"runs.paint","body":{}}
                < {"id":1,"refusal":{"kind":"invalid","message":"The engine does not know the \#
                request \"runs.paint\". Use the same release of binnacle on both sides."}}
                > {"id":2,"name":"engine.stop","body":{}}
                < {"id":2,"answer":{}}
                """#
        ),
        Conversation(
            title: "a body without a key is refused with the key's name",
            lines: hello + #"""
                > {"id":1,"name":"jobs.log","body":{"fromLine":0,"limit":1}}
                < {"id":1,"refusal":{"kind":"invalid","message":"The request \"jobs.log\" cannot \#
                be read: the key \"job\" is missing."}}
                """#
        ),
        Conversation(
            title: "a value of the wrong type is refused with its place",
            lines: hello + #"""
                > {"id":1,"name":"jobs.log","body":{"job":"job-1","fromLine":0,"limit":"many"}}
                < {"id":1,"refusal":{"kind":"invalid","message":"The request \"jobs.log\" cannot \#
                be read: \"body.limit\" has the wrong type."}}
                """#
        ),
        Conversation(
            title: "a line that is no JSON is refused without an id, and the next is answered",
            lines: hello + """
                > what runs?
                < {"id":0,"refusal":{"kind":"invalid","message":"A line was not understood: it is \
                not JSON. Send one request a line."}}
                > {"id":2,"name":"engine.stop","body":{}}
                < {"id":2,"answer":{}}
                """
        ),
        Conversation(
            title: "who has stopped sending still gets the answer, then the end",
            lines: hello + """
                > {"id":2,"name":"engine.stop","body":{}}
                >|
                < {"id":2,"answer":{}}
                <|
                """
        ),
        Conversation(
            title: "who stops sending while watching gets the end",
            lines: hello + """
                > {"id":2,"watch":{}}
                < {"id":2,"answer":{}}
                >|
                <|
                """
        ),
    ]
}

@Test(.timeLimit(.minutes(5)), arguments: Conversation.all)
func `a recorded conversation goes as it was recorded`(conversation: Conversation) async throws {
    try await withServer { path, _ in
        let client = try RawClient(path: path)
        for line in conversation.lines.split(separator: "\n") {
            switch line.prefix(2) {
            case "> ": await client.say(String(line.dropFirst(2)))
            case ">|": client.endSending()
            case "<|": #expect(await client.hear() == nil)
            default:
                let heard = try #require(await client.hear(), "the server hung up")
                #expect(try JSON(heard) == JSON(String(line.dropFirst(2))))
            }
        }
    }
}
