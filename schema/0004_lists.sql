-- SPDX-License-Identifier: GPL-2.0-only
--
-- What lists are read from, so that none has to count, or to sort, a million findings. All of it is derived from trace,
-- replay and finding, and is made again for a trace, in the same transaction, whenever a replay of it is kept.

-- The findings of the last replay of each trace, narrow, in all orders in which somebody leafs through them. Rows of one
-- trace are made at once, the worst one last: by falling id, the newest traces come first, and in each the worst first.
CREATE TABLE listed (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	replay INTEGER NOT NULL,
	number INTEGER NOT NULL,    -- these two: of the finding
	kind TEXT NOT NULL,
	severity INTEGER NOT NULL,  -- 2: error, 1: warning, 0: note
	certainty TEXT NOT NULL,
	signature TEXT NOT NULL,
	host INTEGER,               -- of the trace
	filesystem INTEGER NOT NULL,
	root INTEGER NOT NULL,
	ino INTEGER NOT NULL,
	bytes INTEGER NOT NULL      -- not below 0
) STRICT;
-- Each ends with the id, which SQLite adds.
CREATE INDEX listed_bytes ON listed (bytes);
CREATE INDEX listed_severity ON listed (severity);
CREATE INDEX listed_severity_bytes ON listed (severity, bytes);
CREATE INDEX listed_kind ON listed (kind);
CREATE INDEX listed_kind_bytes ON listed (kind, bytes);
CREATE INDEX listed_kind_severity ON listed (kind, severity);
CREATE INDEX listed_signature ON listed (signature);
CREATE INDEX listed_signature_bytes ON listed (signature, bytes);
CREATE INDEX listed_host ON listed (host);
CREATE INDEX listed_host_bytes ON listed (host, bytes);
CREATE INDEX listed_host_severity ON listed (host, severity);
CREATE INDEX listed_root ON listed (root);
CREATE INDEX listed_root_bytes ON listed (root, bytes);
CREATE INDEX listed_root_severity ON listed (root, severity);
CREATE INDEX listed_ino ON listed (ino);
CREATE INDEX listed_certainty ON listed (certainty);
CREATE INDEX listed_trace ON listed (trace);
CREATE INDEX listed_trace_bytes ON listed (trace, bytes);

-- Of these, how many a trace has of each signature.
CREATE TABLE tally (
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	signature TEXT NOT NULL,
	severity INTEGER NOT NULL,    -- as in listed; the worst
	findings INTEGER NOT NULL,
	occurrences INTEGER NOT NULL,
	bytes INTEGER NOT NULL,       -- at most 2^60, as are occurrences
	PRIMARY KEY (trace, signature)
) STRICT, WITHOUT ROWID;
CREATE INDEX tally_of_signature ON tally (signature);

-- Of these, how many there are of each signature, over all traces.
CREATE TABLE signature_tally (
	signature TEXT PRIMARY KEY REFERENCES signature (signature) ON DELETE CASCADE,
	severity INTEGER NOT NULL,
	traces INTEGER NOT NULL,
	findings INTEGER NOT NULL,
	bytes INTEGER NOT NULL        -- at most 2^62
) STRICT, WITHOUT ROWID;

-- What the last replay of each trace came to.
CREATE TABLE outcome (
	trace INTEGER PRIMARY KEY REFERENCES trace (id) ON DELETE CASCADE,
	replay INTEGER,               -- NULL: there is none
	errors INTEGER NOT NULL,      -- findings
	warnings INTEGER NOT NULL,
	notes INTEGER NOT NULL,
	error_bytes INTEGER NOT NULL, -- at most 2^60
	leaked INTEGER NOT NULL,      -- bytes, over all roots; at most 2^60
	underflow INTEGER NOT NULL
) STRICT;
CREATE INDEX outcome_errors ON outcome (errors);
CREATE INDEX trace_events ON trace (events);
CREATE INDEX trace_name ON trace (substr(name, 1, 60));

-- The first finding of each kind and path on each root, of all replays: which known bug one looks like depends on what
-- else was found beside it, and nobody reads a million findings to show one.
CREATE TABLE sibling (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	filesystem INTEGER NOT NULL,
	root INTEGER NOT NULL,
	kind TEXT NOT NULL,
	path TEXT NOT NULL,
	number INTEGER NOT NULL,      -- of the finding
	PRIMARY KEY (replay, filesystem, root, kind, path)
) STRICT, WITHOUT ROWID;

INSERT INTO listed (trace, replay, number, kind, severity, certainty, signature, host, filesystem, root, ino, bytes)
	SELECT r.trace, f.replay, f.number, f.kind,
		CASE f.severity WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END, f.certainty, f.signature,
		t.host, f.filesystem, f.root, f.ino, max(f.bytes, 0)
	FROM current_replay r JOIN trace t ON t.id = r.trace JOIN finding f ON f.replay = r.replay
	ORDER BY f.replay, f.number DESC;

INSERT INTO tally (trace, signature, severity, findings, occurrences, bytes)
	SELECT l.trace, l.signature, max(l.severity), count(*),
		CAST(min(total(max(f.occurrences, 0)), 1152921504606846976) AS INTEGER),
		CAST(min(total(l.bytes), 1152921504606846976) AS INTEGER)
	FROM listed l JOIN finding f ON f.replay = l.replay AND f.number = l.number
	GROUP BY l.trace, l.signature;

INSERT INTO signature_tally (signature, severity, traces, findings, bytes)
	SELECT signature, max(severity), count(*), sum(findings),
		CAST(min(total(bytes), 4611686018427387904) AS INTEGER)
	FROM tally GROUP BY signature;

INSERT INTO outcome (trace, replay, errors, warnings, notes, error_bytes, leaked, underflow)
	SELECT t.id, r.replay,
		(SELECT count(*) FROM listed l WHERE l.trace = t.id AND l.severity = 2),
		(SELECT count(*) FROM listed l WHERE l.trace = t.id AND l.severity = 1),
		(SELECT count(*) FROM listed l WHERE l.trace = t.id AND l.severity = 0),
		(SELECT CAST(min(total(l.bytes), 1152921504606846976) AS INTEGER)
			FROM listed l WHERE l.trace = t.id AND l.severity = 2),
		(SELECT CAST(min(total(max(g.leaked, 0)), 1152921504606846976) AS INTEGER)
			FROM root_ledger g WHERE g.replay = r.replay),
		(SELECT CAST(min(total(max(g.underflow, 0)), 1152921504606846976) AS INTEGER)
			FROM root_ledger g WHERE g.replay = r.replay)
	FROM trace t LEFT JOIN current_replay r ON r.trace = t.id;

INSERT INTO sibling (replay, filesystem, root, kind, path, number)
	SELECT replay, filesystem, root, kind, path, min(number) FROM finding
	GROUP BY replay, filesystem, root, kind, path;
