import Domain

/// The schema, one step a version; a step that was released is never edited.
enum Migrations {
    /// "BINN" as a number: says that a SQLite file is ours.
    static let applicationID: Int64 = 0x4249_4E4E

    static let steps: [String] = [
        foundation + registry + release + production, lineageByServedVersion, alertDelivery,
        governance, registryEntries, releaseSteps, signedLog, signedDecisions,
        windowRanges,
        requestStep, windowRangesWithRuns, driftCourses, edgeTimes + windowTimes + aliasVersions,
    ]

    /// Brings the file to the newest schema, or refuses a file that is newer or not ours.
    static func apply(to connection: SQLiteConnection) throws {
        try check(connection)
        if try version(of: connection) == steps.count { return }
        try connection.transaction {
            // Another process may have migrated while this one waited for its turn.
            let found = try check(connection)
            for step in found..<steps.count { try connection.run(script: steps[step]) }
            try connection.run(script: "PRAGMA application_id = \(applicationID)")
            try connection.run(script: "PRAGMA user_version = \(steps.count)")
        }
    }

    private static func version(of connection: SQLiteConnection) throws -> Int {
        try connection.first("PRAGMA user_version") { $0.number(0) } ?? 0
    }

    @discardableResult
    private static func check(_ connection: SQLiteConnection) throws -> Int {
        let owner = try connection.first("PRAGMA application_id") { $0.integer(0) } ?? 0
        let found = try version(of: connection)
        let tables =
            try connection.first("SELECT COUNT(*) FROM sqlite_master") { $0.number(0) } ?? 0
        guard owner == applicationID || (owner == 0 && found == 0 && tables == 0) else {
            throw Refusal(
                .invalid,
                """
                The file "\(connection.path)" is a database of another program. \
                Move it away, or choose another folder with BINNACLE_HOME.
                """
            )
        }
        guard found <= steps.count else {
            throw Refusal(
                .conflict,
                """
                The database "\(connection.path)" has schema \(found), and this version knows \
                schemas up to \(steps.count). Install the newer version, or choose another \
                folder with BINNACLE_HOME.
                """
            )
        }
        return found
    }

    private static let foundation = """
        CREATE TABLE counters (
            kind TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE audit_events (
            sequence INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            action TEXT NOT NULL,
            subject_kind TEXT NOT NULL,
            subject_id TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            hash TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_events_subject ON audit_events (subject_kind, subject_id, action);
        CREATE TABLE audit_head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE TABLE lineage_edges (
            input_kind TEXT NOT NULL,
            input_id TEXT NOT NULL,
            output_kind TEXT NOT NULL,
            output_id TEXT NOT NULL,
            relation TEXT NOT NULL,
            PRIMARY KEY (input_kind, input_id, output_kind, output_id)
        ) STRICT;
        CREATE INDEX lineage_edges_output ON lineage_edges (output_kind, output_id);
        """

    /// Edges through a deployment name the version it served, so that what one version scored does
    /// not hang below another.
    private static let lineageByServedVersion = """
        UPDATE lineage_edges SET input_id = output_id
            WHERE input_kind = 'deployment' AND output_kind = 'predictions';
        INSERT OR IGNORE INTO lineage_edges
            SELECT e.input_kind, e.input_id, 'deployment', e.output_id || '/v' || r.version,
                e.relation
            FROM lineage_edges e JOIN deployment_revisions r ON r.deployment = e.output_id
            WHERE e.output_kind = 'deployment' AND (
                (e.input_kind = 'modelVersion' AND e.input_id LIKE '%/v' || r.version)
                OR (e.input_kind = 'approval' AND e.input_id = r.approval)
            );
        DELETE FROM lineage_edges WHERE output_kind = 'deployment' AND output_id NOT LIKE '%/v%';
        """

    /// Rules of any kind, and what takes alerts to people: groups, the outbox, silences.
    private static let alertDelivery = """
        CREATE TABLE alerts_of_any_rule (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            rule TEXT NOT NULL,
            model TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'firing', 'resolved')),
            started_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        INSERT INTO alerts_of_any_rule (id, position, rule, model, status, started_at, body)
            SELECT id, position, rule, model, status, started_at, body FROM alerts;
        DROP TABLE alerts;
        ALTER TABLE alerts_of_any_rule RENAME TO alerts;
        CREATE INDEX alerts_status ON alerts (status, position);
        CREATE TABLE IF NOT EXISTS notification_groups (
            key TEXT NOT NULL PRIMARY KEY,
            due_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS notification_groups_due ON notification_groups (due_at);
        CREATE TABLE IF NOT EXISTS deliveries (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            receiver TEXT NOT NULL,
            group_key TEXT NOT NULL,
            status TEXT NOT NULL
                CHECK (status IN ('waiting', 'delivered', 'failed', 'superseded')),
            next_at INTEGER,
            body TEXT NOT NULL,
            CHECK ((status = 'waiting') = (next_at IS NOT NULL))
        ) STRICT;
        CREATE INDEX IF NOT EXISTS deliveries_next ON deliveries (next_at) WHERE next_at IS NOT NULL;
        CREATE TABLE IF NOT EXISTS delivery_alerts (
            alert TEXT NOT NULL,
            delivery TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
            PRIMARY KEY (alert, delivery)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS delivery_alerts_delivery ON delivery_alerts (delivery);
        CREATE TABLE IF NOT EXISTS silences (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            ends_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS silences_end ON silences (ends_at);
        """

    /// Requests of several kinds, in more states than four, and the policies they are decided under.
    private static let governance = """
        CREATE TABLE approvals_new (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            kind TEXT NOT NULL
                CHECK (kind IN ('release', 'policy', 'review', 'recertification')),
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            environment TEXT NOT NULL,
            bundle_digest TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN
                ('checks', 'pending', 'approved', 'deploying', 'live', 'rejected',
                 'changesRequested', 'expired', 'superseded', 'revoked')),
            events INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        INSERT INTO approvals_new
            SELECT id, position, 'release', model, version, environment, bundle_digest, status,
                decisions + 2 + CASE WHEN status IN ('superseded', 'expired') THEN 1 ELSE 0 END,
                created_at, expires_at, body
            FROM approvals;
        CREATE TABLE deployment_revisions_new (
            deployment TEXT NOT NULL REFERENCES deployments (id),
            number INTEGER NOT NULL CHECK (number > 0),
            version INTEGER NOT NULL,
            bundle_digest TEXT NOT NULL,
            approval TEXT NOT NULL REFERENCES approvals_new (id),
            reason TEXT NOT NULL CHECK (reason IN ('deploy', 'rollback')),
            at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (deployment, number)
        ) STRICT;
        INSERT INTO deployment_revisions_new SELECT * FROM deployment_revisions;
        DROP TABLE deployment_revisions;
        DROP TABLE approvals;
        ALTER TABLE approvals_new RENAME TO approvals;
        ALTER TABLE deployment_revisions_new RENAME TO deployment_revisions;
        CREATE INDEX approvals_status ON approvals (status, position);
        CREATE UNIQUE INDEX approvals_open ON approvals (model, environment, kind)
            WHERE status IN ('checks', 'pending');
        CREATE TABLE environment_policies (
            position INTEGER NOT NULL PRIMARY KEY,
            model TEXT NOT NULL REFERENCES models (name),
            environment TEXT NOT NULL,
            digest TEXT NOT NULL,
            at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX environment_policies_place
            ON environment_policies (model, environment, position);
        """

    /// What people say of models: aliases of their own names, tags, descriptions, tombstones; and the
    /// columns a list needs without reading whole versions.
    private static let registryEntries = """
        ALTER TABLE models ADD COLUMN description TEXT NOT NULL DEFAULT '';
        ALTER TABLE models ADD COLUMN is_owner_set INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE models ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
            CHECK (state IN ('active', 'archived', 'deleted'));
        CREATE INDEX models_state ON models (state, name);
        ALTER TABLE model_versions ADD COLUMN state TEXT NOT NULL DEFAULT 'active'
            CHECK (state IN ('active', 'archived', 'deleted'));
        ALTER TABLE model_versions ADD COLUMN metric TEXT;
        ALTER TABLE model_versions ADD COLUMN metric_value REAL;
        CREATE INDEX model_versions_state ON model_versions (model, state, number);
        UPDATE model_versions SET metric = json_extract(body, '$.report.primary');
        UPDATE model_versions SET metric_value = (
            SELECT json_extract(c.value, '$.candidate')
            FROM json_each(model_versions.body, '$.report.comparisons') c
            WHERE json_extract(c.value, '$.metric') = model_versions.metric
                AND json_type(c.value, '$.candidate') IN ('real', 'integer'));
        ALTER TABLE drift_reports ADD COLUMN performance REAL;
        UPDATE drift_reports SET performance = json_extract(body, '$.performance.value')
            WHERE json_type(body, '$.performance.value') IN ('real', 'integer');
        CREATE TABLE registry_tags (
            model TEXT NOT NULL REFERENCES models (name),
            version INTEGER NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (model, version, name)
        ) STRICT;
        CREATE INDEX registry_tags_name ON registry_tags (name, value, model);
        CREATE TABLE protected_aliases (
            model TEXT NOT NULL REFERENCES models (name),
            name TEXT NOT NULL,
            PRIMARY KEY (model, name)
        ) STRICT;
        CREATE TABLE named_alias_moves (
            position INTEGER NOT NULL PRIMARY KEY,
            model TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER,
            moved_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        INSERT INTO named_alias_moves
            SELECT position, model, name, version, moved_at, body FROM alias_moves;
        DROP TABLE alias_moves;
        ALTER TABLE named_alias_moves RENAME TO alias_moves;
        CREATE INDEX alias_moves_name ON alias_moves (model, name, position);
        CREATE INDEX approvals_version ON approvals (model, version, status);
        CREATE INDEX deployment_revisions_approval ON deployment_revisions (approval);
        INSERT OR IGNORE INTO lineage_edges
            SELECT input_kind, input_id, 'evidence', output_id, 'judged' FROM lineage_edges
            WHERE output_kind = 'approval' AND relation = 'submitted';
        INSERT OR IGNORE INTO lineage_edges
            SELECT 'evidence', output_id, 'approval', output_id, 'shown' FROM lineage_edges
            WHERE output_kind = 'approval' AND relation = 'submitted';
        DELETE FROM lineage_edges WHERE output_kind = 'approval' AND relation = 'submitted';
        """

    /// What a version goes through by itself; a step is there once, whoever asks for it.
    private static let releaseSteps = """
        CREATE TABLE release_steps (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            stage TEXT NOT NULL
                CHECK (stage IN ('check', 'package', 'profile', 'deploy', 'verify')),
            place TEXT NOT NULL,
            job TEXT NOT NULL UNIQUE REFERENCES jobs (id),
            outcome TEXT,
            PRIMARY KEY (model, version, stage, place),
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        """

    /// The request for an approval becomes a step of its own, after what it shows was measured.
    private static let requestStep = """
        CREATE TABLE release_steps_with_request (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            stage TEXT NOT NULL CHECK
                (stage IN ('check', 'package', 'profile', 'request', 'deploy', 'verify')),
            place TEXT NOT NULL,
            job TEXT NOT NULL UNIQUE REFERENCES jobs (id),
            outcome TEXT,
            PRIMARY KEY (model, version, stage, place),
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        INSERT INTO release_steps_with_request
            SELECT model, version, stage, place, job, outcome FROM release_steps;
        DROP TABLE release_steps;
        ALTER TABLE release_steps_with_request RENAME TO release_steps;
        """

    private static let registry = """
        CREATE TABLE dataset_versions (
            id TEXT NOT NULL PRIMARY KEY,
            dataset TEXT NOT NULL,
            number INTEGER NOT NULL,
            digest TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            position INTEGER NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (dataset, number),
            UNIQUE (dataset, digest)
        ) STRICT;
        CREATE TABLE jobs (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('train', 'deploy')),
            model TEXT NOT NULL,
            status TEXT NOT NULL
                CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
            created_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX jobs_status ON jobs (status);
        CREATE TABLE runs (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            model TEXT NOT NULL,
            data TEXT NOT NULL REFERENCES dataset_versions (id),
            job TEXT NOT NULL UNIQUE REFERENCES jobs (id),
            status TEXT NOT NULL CHECK (status IN
                ('queued', 'running', 'registered', 'refused', 'failed', 'cancelled')),
            created_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX runs_model ON runs (model, position);
        CREATE INDEX runs_status ON runs (status);
        CREATE UNIQUE INDEX runs_open ON runs (model) WHERE status IN ('queued', 'running');
        CREATE TABLE models (
            name TEXT NOT NULL PRIMARY KEY,
            owner TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE model_versions (
            id TEXT NOT NULL PRIMARY KEY,
            model TEXT NOT NULL REFERENCES models (name),
            number INTEGER NOT NULL CHECK (number > 0),
            run TEXT NOT NULL UNIQUE REFERENCES runs (id),
            bundle_digest TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (model, number)
        ) STRICT;
        CREATE TABLE alias_moves (
            position INTEGER NOT NULL PRIMARY KEY,
            model TEXT NOT NULL,
            name TEXT NOT NULL CHECK (name IN ('champion', 'challenger')),
            version INTEGER NOT NULL,
            moved_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        CREATE INDEX alias_moves_name ON alias_moves (model, name, position);
        """

    private static let release = """
        CREATE TABLE approvals (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            environment TEXT NOT NULL,
            bundle_digest TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN
                ('pending', 'approved', 'rejected', 'superseded', 'expired')),
            decisions INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            body TEXT NOT NULL,
            FOREIGN KEY (model, version) REFERENCES model_versions (model, number)
        ) STRICT;
        CREATE INDEX approvals_status ON approvals (status, position);
        CREATE UNIQUE INDEX approvals_pending ON approvals (model, environment)
            WHERE status = 'pending';
        CREATE TABLE deployments (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            model TEXT NOT NULL REFERENCES models (name),
            environment TEXT NOT NULL,
            port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
            UNIQUE (model, environment)
        ) STRICT;
        CREATE TABLE deployment_revisions (
            deployment TEXT NOT NULL REFERENCES deployments (id),
            number INTEGER NOT NULL CHECK (number > 0),
            version INTEGER NOT NULL,
            bundle_digest TEXT NOT NULL,
            approval TEXT NOT NULL REFERENCES approvals (id),
            reason TEXT NOT NULL CHECK (reason IN ('deploy', 'rollback')),
            at INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (deployment, number)
        ) STRICT;
        CREATE TABLE alerts (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            rule TEXT NOT NULL CHECK (rule IN
                ('drift', 'performance', 'refusedCandidate', 'failure')),
            model TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'firing', 'resolved')),
            started_at INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX alerts_status ON alerts (status, position);
        """

    private static let production = """
        CREATE TABLE prediction_batches (
            id TEXT NOT NULL PRIMARY KEY,
            rows INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE predictions (
            id TEXT NOT NULL PRIMARY KEY,
            deployment TEXT NOT NULL,
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            row_id TEXT,
            time INTEGER NOT NULL,
            score REAL NOT NULL,
            label REAL,
            cells TEXT NOT NULL
        ) STRICT;
        CREATE INDEX predictions_time ON predictions (model, time);
        CREATE INDEX predictions_row ON predictions (model, row_id) WHERE row_id IS NOT NULL;
        CREATE INDEX predictions_labelled ON predictions (model, time, id)
            WHERE label IS NOT NULL;
        CREATE TABLE prediction_totals (
            deployment TEXT NOT NULL REFERENCES deployments (id),
            version INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL,
            PRIMARY KEY (deployment, version)
        ) STRICT;
        CREATE TABLE waiting_labels (
            model TEXT NOT NULL,
            row_id TEXT NOT NULL,
            label REAL NOT NULL,
            arrived_at INTEGER NOT NULL,
            PRIMARY KEY (model, row_id)
        ) STRICT;
        CREATE INDEX waiting_labels_arrival ON waiting_labels (model, arrived_at, row_id);
        CREATE TABLE window_sketches (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            window_start INTEGER NOT NULL,
            sketch BLOB NOT NULL,
            PRIMARY KEY (model, version, window_start)
        ) STRICT;
        CREATE TABLE drift_reports (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            window_start INTEGER NOT NULL,
            verdict TEXT NOT NULL
                CHECK (verdict IN ('tooFewRows', 'stable', 'warning', 'drift')),
            body TEXT NOT NULL,
            PRIMARY KEY (model, version, window_start)
        ) STRICT;
        CREATE INDEX drift_reports_time ON drift_reports (model, window_start);
        CREATE TABLE monitor_states (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            state BLOB NOT NULL,
            PRIMARY KEY (model, version)
        ) STRICT;
        """
}
