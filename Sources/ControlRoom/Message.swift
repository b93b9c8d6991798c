package import Domain
package import EngineAPI
package import Terminal

/// Everything that can happen to the control room.
package enum Message: Sendable {
    case input(Input)
    case answer(to: EngineCall, EngineReply)
    case event(EngineEvent)
    case tick(Timestamp)
    /// The engine does not answer any more, and why.
    case connectionLost(reason: String)
    case connectionRestored
    case demonstration(DemonstrationStatus?)
    /// Whether a file was written, and a sentence about it.
    case written(isDone: Bool, sentence: String)
    case measured(FrameMeasures)
    /// A subcommand that the room had run has ended.
    case ended(EndedSubcommand)
    /// Whether the theme was read anew, and a sentence about it.
    case reloaded(isDone: Bool, sentence: String)
}

/// Everything the control room wants done outside of it.
package enum Effect: Sendable, Equatable {
    /// To be run with `perform(_:on:)` and given back as `Message.answer`.
    case send(EngineCall)
    /// Text for the clipboard of the terminal.
    case copy(String)
    /// A new file with this text; an older one of that name stays as it is. Its end is told with
    /// `Message.written`.
    case write(path: String, text: String)
    /// Runs a subcommand of this program on the same engine, its output made for a page of so many
    /// columns; its end is told with `Message.ended`.
    case run([String], columns: Int)
    /// Asks for `Message.measured`.
    case measure
    case mouse(isOn: Bool)
    case suspend
    /// Read the theme anew; its end is told with `Message.reloaded`.
    case reload
    /// Paint every cell anew.
    case redraw
    case demonstration(DemonstrationControl)
    /// A `Message.tick` is wanted after so many seconds, at the latest.
    case schedule(seconds: Double)
    case quit
}

/// What a subcommand wrote, errors after the rest, and how it ended.
package struct EndedSubcommand: Sendable, Equatable {
    package let words: [String]
    package let text: String
    package let status: Int32

    package init(words: [String], text: String, status: Int32) {
        self.words = words
        self.text = text
        self.status = status
    }
}

/// What drawing has cost since the control room was opened.
package struct FrameMeasures: Sendable, Equatable {
    package var frames: Int
    package var lastMilliseconds: Double
    package var slowestMilliseconds: Double
    package var meanMilliseconds: Double
    /// Bytes sent to the terminal.
    package var lastBytes: Int
    package var totalBytes: Int
    package var openSeconds: Double
    /// Memory of this program that is in RAM.
    package var residentBytes: Int

    package init(
        frames: Int,
        lastMilliseconds: Double,
        slowestMilliseconds: Double,
        meanMilliseconds: Double,
        lastBytes: Int,
        totalBytes: Int,
        openSeconds: Double,
        residentBytes: Int
    ) {
        self.frames = frames
        self.lastMilliseconds = lastMilliseconds
        self.slowestMilliseconds = slowestMilliseconds
        self.meanMilliseconds = meanMilliseconds
        self.lastBytes = lastBytes
        self.totalBytes = totalBytes
        self.openSeconds = openSeconds
        self.residentBytes = residentBytes
    }
}

package enum DemonstrationControl: Sendable, Equatable {
    case pauseOrGoOn, slower, faster
}

/// Where a demonstration stands.
package struct DemonstrationStatus: Sendable, Equatable {
    /// The day that is played, such as `2013-06-14`.
    package var day: String
    /// 0...1 of the whole demonstration.
    package var fraction: Double
    package var speed: Double
    package var isPaused: Bool
    package var caption: String

    package init(day: String, fraction: Double, speed: Double, isPaused: Bool, caption: String) {
        self.day = day
        self.fraction = fraction
        self.speed = speed
        self.isPaused = isPaused
        self.caption = caption
    }
}

/// What stays the same while the control room is open.
package struct RoomSettings: Sendable, Equatable {
    /// The user as the kernel names them, and the engine's machine.
    package var user: String
    package var host: String
    /// How long a confirmed order is held before it leaves, in seconds.
    package var holdSeconds: Double
    /// How long a confirmation takes no keys after it opened, in seconds: what was typed before
    /// anybody could read it must not answer it.
    package var armSeconds: Double
    package var isReadOnly: Bool
    /// Whether the mouse is taken from the terminal at the start; `%` changes it.
    package var isMouseOn: Bool
    /// How long keys must pause before what the row under the cursor needs is asked for, in
    /// seconds: the mark moves at once, charts and pages follow.
    package var followSeconds: Double
    /// Whether the line to the terminal is slow: what the engine changes is shown once a second.
    package var isSlow: Bool
    package var language: Language

    package init(
        user: String,
        host: String,
        holdSeconds: Double = 8,
        armSeconds: Double = 0.2,
        isReadOnly: Bool = false,
        isMouseOn: Bool = true,
        followSeconds: Double = 0,
        isSlow: Bool = false,
        language: Language = .english
    ) {
        self.user = user
        self.host = host
        self.holdSeconds = holdSeconds
        self.armSeconds = armSeconds
        self.isReadOnly = isReadOnly
        self.isMouseOn = isMouseOn
        self.followSeconds = followSeconds
        self.isSlow = isSlow
        self.language = language
    }
}
