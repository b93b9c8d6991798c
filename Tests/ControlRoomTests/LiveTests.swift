import ControlRoom
import Domain
import EngineAPI
import Terminal
import Testing

/// Events in, at most one call of a kind out.
@Suite struct LiveTests {
    private static func recorded(_ kind: SubjectKind) -> Message {
        let event = AuditEvent(
            sequence: 148,
            content: AuditDraft(
                at: FixtureWorld.now,
                actor: .engine,
                action: "changed",
                subject: Subject(kind, "one"),
                summary: "Something changed."
            ),
            previousHash: FixtureWorld.digest("a"),
            hash: FixtureWorld.digest("b")
        )
        return .event(.recorded(event))
    }

    private static func quietRoom(_ view: ViewName) -> RoomState {
        var journey = Journey()
        journey.open(view)
        return journey.state
    }

    private static func calls(_ effects: [Effect]) -> [EngineCall] {
        effects.compactMap { effect in
            if case .send(let call) = effect { return call }
            return nil
        }
    }

    @Test func `an event asks only for what the view and the header show`() {
        var room = Self.quietRoom(.runs)
        #expect(Self.calls(room.update(Self.recorded(.run))) == [.overview, .runs(newest: 250)])
        var other = Self.quietRoom(.runs)
        #expect(Self.calls(other.update(Self.recorded(.datasetVersion))) == [.overview])
    }

    @Test func `a storm of events keeps one call of a kind under way and one to follow`() {
        var room = Self.quietRoom(.runs)
        var asked: [EngineCall] = []
        for _ in 0..<100 { asked += Self.calls(room.update(Self.recorded(.run))) }
        #expect(asked == [.overview, .runs(newest: 250)])
        let answer = Message.answer(to: .runs(newest: 250), .runs(FixtureWorld.runs))
        #expect(Self.calls(room.update(answer)) == [.runs(newest: 250)])
        #expect(Self.calls(room.update(answer)) == [])
    }

    @Test func `progress changes the bar without a call`() {
        var journey = Journey(columns: 140, rows: 30)
        journey.open(.jobs)
        journey.forgetEffects()
        journey.send(
            .event(
                .progress(
                    job: ID("job-13"),
                    progress: JobProgress(fraction: 0.92, step: "round 184 of 200")
                )
            )
        )
        #expect(journey.text.contains("92%"))
        #expect(journey.effects == [])
    }

    @Test func `a log that grows is asked for from where it ends`() {
        var journey = Journey()
        journey.open(.jobs)
        journey.press("Enter")
        let count = FixtureWorld.log.lines.count
        journey.forgetEffects()
        journey.send(.event(.logged(job: ID("job-13"), lines: count + 1)))
        #expect(journey.calls == [.jobLogAfter(ID("job-13"), line: count)])
        #expect(journey.text.contains("one more line"))
        journey.forgetEffects()
        journey.send(.event(.logged(job: ID("job-12"), lines: 5)))
        #expect(journey.calls == [])
    }

    @Test func `health of a known deployment changes in place`() {
        var journey = Journey()
        journey.open(.deployments)
        journey.forgetEffects()
        var health = FixtureWorld.health
        health.state = .restarting
        let event = EngineEvent.health(deployment: ID("late-flights-production"), health: health)
        journey.send(.event(event))
        #expect(journey.text.contains("restarting"))
        #expect(journey.effects == [])
    }

    @Test func `collected rows wait for the next tick`() {
        var journey = Journey()
        journey.open(.drift)
        journey.forgetEffects()
        for _ in 0..<50 {
            let event = EngineEvent.collected(
                model: "late-flights",
                rows: 200,
                through: FixtureWorld.now
            )
            journey.send(.event(event))
        }
        #expect(journey.effects == [.schedule(seconds: 1)])
        journey.wait(seconds: 1)
        #expect(journey.calls.count(where: { $0.kind == .drift }) == 1)
    }

    @Test func `events that were missed ask for the whole view anew`() {
        var room = Self.quietRoom(.jobs)
        #expect(
            Self.calls(room.update(.event(.missed(count: 12)))).prefix(2) == [.overview, .jobs]
        )
    }

    @Test func `a lost engine is written in the header and asked anew when it is back`() {
        var journey = Journey()
        journey.open(.alerts)
        journey.send(.connectionLost(reason: "The engine stopped."))
        #expect(journey.lines[0].contains("engine lost"))
        journey.press("A")
        #expect(journey.status.contains("The engine does not answer"))
        journey.forgetEffects()
        journey.send(.connectionRestored)
        #expect(journey.calls.prefix(2) == [.overview, .alerts])
        #expect(journey.lines[0].contains("engine ok"))
    }

    @Test func `an idle room wants one tick a minute`() {
        var journey = Journey()
        journey.forgetEffects()
        journey.send(.tick(FixtureWorld.stamp("2013-06-15T12:05:00Z")))
        #expect(journey.effects == [.schedule(seconds: 60)])
        #expect(journey.lines[0].contains("12:05Z"))
    }

    @Test func `a refusal of a question is shown where its answer would be`() {
        var journey = Journey()
        journey.open(.drift)
        journey.press("]")
        let call = EngineCall.drift(model: "energy-demand", feature: "temperature", metric: .psi)
        let sentence = "\"energy-demand\" has no production rows yet."
        journey.send(.answer(to: call, .refused(Refusal(.notFound, sentence))))
        #expect(journey.lines.count == 30)
    }
}
