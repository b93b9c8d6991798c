import Domain
import EngineAPI
import EngineCore
import Glibc
import Logging

/// How long the engine takes to answer about a large registry; the script `registry` fills it.
enum RegistryScale {
    /// What a list, a search and a lineage may take, in milliseconds.
    private static let limitMilliseconds = 20.0
    private static let rounds = 15

    /// Prints the median and the worst of every request, and says whether all keep to the limit.
    static func measure(home: String) async throws -> Bool {
        let engine = try Engine(
            settings: EngineSettings(
                home: home,
                executable: "",
                now: { Timestamp("2026-11-23T12:00:00Z") ?? Timestamp(microseconds: 0) },
                servesDeployments: false
            ),
            log: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        let connection = engine.connection(
            for: Caller(actor: Actor(uid: getuid(), name: "benchmark"), client: "benchmark")
        )
        let first = try await connection.send(ListModels(limit: 1))
        guard let row = first.first, let latest = row.latest else {
            throw Refusal(.notFound, "The registry in \"\(home)\" is empty. Fill it first.")
        }
        let version = Subject(.modelVersion, "\(row.name)/v\(latest)")
        let lineage = try await connection.send(GetLineage(of: version))
        let data = lineage.nodes.map(\.subject).first { $0.kind == .datasetVersion } ?? version
        var isFast = true
        func time<Request: EngineRequest>(
            _ what: String,
            _ request: Request,
            limit: Double = limitMilliseconds,
            count: (Request.Answer) -> Int
        ) async throws {
            let clock = ContinuousClock()
            var milliseconds: [Double] = []
            var found = 0
            for _ in 0..<rounds {
                let start = clock.now
                let answer = try await connection.send(request)
                let parts = (clock.now - start).components
                milliseconds.append(Double(parts.seconds) * 1e3 + Double(parts.attoseconds) / 1e15)
                found = count(answer)
            }
            // The first round also reads the file: what a person waits for once.
            let warm = milliseconds.dropFirst().sorted()
            let worst = warm[warm.count - 1]
            if worst > limit { isFast = false }
            print(
                "\(what): \(found) found, first \(rounded(milliseconds[0])) ms, median "
                    + "\(rounded(warm[warm.count / 2])) ms, worst \(rounded(worst)) ms"
                    + (worst > limit ? "  OVER \(limit) ms" : "")
            )
        }
        try await time("list, first page", ListModels()) { $0.count }
        try await time("list, a page in the middle", ListModels(after: "demand-0")) { $0.count }
        try await time("search owner:team7", ListModels(query: "owner:team7")) { $0.count }
        try await time("search tag:team=a late", ListModels(query: "tag:team=a late")) { $0.count }
        try await time("search a word", ListModels(query: "09999")) { $0.count }
        try await time("search that finds nothing", ListModels(query: "submarine")) { $0.count }
        let waiting = "alias:champion !env:production"
        try await time("search \(waiting)", ListModels(query: waiting)) { $0.count }
        try await time("lineage of a version", GetLineage(of: version)) { $0.nodes.count }
        try await time("lineage of a data version", GetLineage(of: data)) { $0.nodes.count }
        let then = Timestamp("2026-11-22T12:00:00Z")
        let (page, past) = (ListModels(limit: 50), GetLineage(of: version).lookingBack(to: then))
        // What was is put together from every version of each model.
        try await time("page, a day ago", page.lookingBack(to: then), limit: 50) { $0.count }
        try await time("lineage of a version, a day ago", past) { $0.nodes.count }
        return isFast
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
