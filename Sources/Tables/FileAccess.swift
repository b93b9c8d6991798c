import Domain
import Glibc

/// The system's words for an error number.
func words(ofError number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}

/// An open file that is closed when the value goes away.
struct FileDescriptor: ~Copyable {
    let number: Int32
    let path: String

    /// Opens a regular file for reading.
    init(reading path: String) throws(Refusal) {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            let kind: Refusal.Kind = errno == ENOENT ? .notFound : .invalid
            throw Refusal(
                kind,
                "The file \"\(path)\" cannot be opened: \(words(ofError: errno)). "
                    + "Check the path and who may read it."
            )
        }
        var status = stat()
        let answer = unsafe fstat(number, &status)
        guard answer == 0, status.st_mode & S_IFMT != S_IFDIR else {
            _ = close(number)
            throw Refusal(.invalid, "\"\(path)\" is a folder. Name a file in it.")
        }
        self.number = number
        self.path = path
    }

    /// Creates or empties a file for writing.
    init(writing path: String) throws(Refusal) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard number >= 0 else {
            throw Refusal(
                .unavailable,
                "The file \"\(path)\" cannot be written: \(words(ofError: errno)). "
                    + "Check the folder and who may write to it."
            )
        }
        self.number = number
        self.path = path
    }

    deinit {
        _ = close(number)
    }

    /// Reads into `bytes` from `offset` to its end at most; 0 is the end of the file.
    func read(into bytes: inout [UInt8], at offset: Int = 0) throws(Refusal) -> Int {
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(
                    number,
                    $0.baseAddress?.advanced(by: offset),
                    $0.count - offset
                )
            }
            if count >= 0 { return count }
            if errno != EINTR {
                throw Refusal(
                    .unavailable,
                    "The file \"\(path)\" cannot be read: \(words(ofError: errno))."
                )
            }
        }
    }

    /// Writes the first `count` bytes, all of them.
    func write(_ bytes: borrowing [UInt8], count: Int) throws(Refusal) {
        var written = 0
        while written < count {
            let answer = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(number, $0.baseAddress?.advanced(by: written), count - written)
            }
            if answer >= 0 {
                written += answer
            } else if errno != EINTR {
                throw Refusal(
                    .unavailable,
                    "The file \"\(path)\" cannot be written: \(words(ofError: errno))."
                )
            }
        }
    }

    /// Waits until the bytes are on the disk.
    func synchronize() throws(Refusal) {
        guard fsync(number) == 0 else {
            throw Refusal(
                .unavailable,
                "The file \"\(path)\" cannot be stored: \(words(ofError: errno))."
            )
        }
    }
}
