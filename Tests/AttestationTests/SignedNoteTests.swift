import Domain
import Testing

@testable import Attestation

struct SignedNoteTests {
    /// The example of the format's first implementation, golang.org/x/mod/sumdb/note.
    private static let verifier =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let note = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng\
        otpRZb6KE6RyyBwJnAM=

        """

    @Test
    func `a note of another implementation is accepted, and not when a byte of it changed`() throws
    {
        let verifier = try #require(NoteVerifier(SignedNoteTests.verifier))
        #expect(verifier.text == SignedNoteTests.verifier)
        let note = try #require(SignedNote(SignedNoteTests.note))
        #expect(note.isSigned(byAnyOf: [verifier]))
        let edited = SignedNoteTests.note.replacing("answer", with: "Answer")
        #expect(try #require(SignedNote(edited)).isSigned(byAnyOf: [verifier]) == false)
    }

    @Test
    func `a checkpoint that was signed is read back, and only its key vouches for it`() throws {
        let signer = NoteSigner(newNamed: "binnacle/box/1")
        let checkpoint = LogCheckpoint(
            origin: "binnacle/box/1",
            size: 42,
            root: MerkleHash.leaf([1])
        )
        let text = try signer.note(of: checkpoint.text)
        let note = try #require(SignedNote(text))
        #expect(note.checkpoint == checkpoint)
        #expect(note.isSigned(byAnyOf: [signer.verifier]))
        #expect(!note.isSigned(byAnyOf: [NoteSigner(newNamed: "binnacle/box/1").verifier]))
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
        let again = try #require(NoteSigner(signer.text))
        #expect(again.verifier == signer.verifier)
    }

    @Test(arguments: [
        "", "a\n", "a\n\n", "\n\n— a AAAA\n", "a\n1\n\n— a b c\n", "a\n\n— a+b AAAAAAAA\n",
    ])
    func `what is no note is refused`(text: String) {
        #expect(SignedNote(text) == nil)
    }

    @Test(arguments: [
        "", "x\n1\nAAAA\n", "x\n-1\n\(zeros)\n", "x\n01\n\(zeros)\n", "\n1\n\(zeros)\n",
        "x\n1\n\(zeros)",
    ])
    func `what is no checkpoint is refused`(text: String) {
        #expect(LogCheckpoint(noteText: text) == nil)
    }

    @Test(arguments: [
        "", "a+b", "a+00000000+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func `what is no key is refused`(text: String) {
        #expect(NoteVerifier(text) == nil)
    }
}

private let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
