-- SPDX-License-Identifier: GPL-2.0-only
--
-- Traces, their events, and what the replay concluded from them.
--
-- Events are the truth: trace, its tables of names, and event_block. All that hangs under replay is derived, and can be
-- made again by `qgreplay analyze`.
--
-- Numbers of the kernel are unsigned with 64 bits, and SQLite's are signed: the bits are stored, so that root
-- 18446744073709551607 reads as -9, and no sum over such a column is taken. Times are ns of the trace's own clock unless
-- a column says otherwise. NULL is what nobody knows.

-- Machines on which traces were recorded; so that findings can be told apart by host.
CREATE TABLE host (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- One row for each trace. It appears, with all that belongs to it, in one commit.
CREATE TABLE trace (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- what --trace N means; never given out again
	sha256 TEXT UNIQUE,                   -- of the bytes that were imported: known again by it; NULL for live ones
	name TEXT NOT NULL,                   -- of the file, as it was given
	host INTEGER REFERENCES host (id),    -- where it was recorded
	status TEXT NOT NULL,                 -- whole; or recording, interrupted: a live one that has not ended, or not well
	source TEXT NOT NULL,                 -- trace.dat, text, live
	kernel TEXT,                          -- release, such as 6.18.44, and what the trace says of its version
	clock TEXT,                           -- of the trace: local, mono, boot, ...
	file_bytes INTEGER,                   -- size of the file
	recorded_at INTEGER,                  -- seconds since 1970, UTC: when the file was last written
	imported_at INTEGER NOT NULL,         -- seconds since 1970, UTC
	events INTEGER NOT NULL,              -- all but the marks of lost ones
	first_ns INTEGER NOT NULL,            -- time of the first event
	last_ns INTEGER NOT NULL,             -- and of the last
	skipped_events INTEGER NOT NULL,      -- of other systems and kinds: passed over, not stored
	garbled_lines INTEGER NOT NULL,       -- lines of a text that look like nothing known
	lost_marks INTEGER NOT NULL,          -- places where events are missing
	lost_events INTEGER NOT NULL          -- how many, where that is known
) STRICT;
CREATE INDEX trace_of_host ON trace (host);

-- How many events of each kind a trace has, so that nobody has to count.
CREATE TABLE event_count (
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,      -- as in the table event: qgroup_reserve_data, ...
	events INTEGER NOT NULL,
	PRIMARY KEY (trace, kind)
) STRICT, WITHOUT ROWID;

-- Short texts that events name by number.
CREATE TABLE name (
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	space TEXT NOT NULL,     -- task (names of tasks), fsid (filesystems, as UUIDs), text (what was written to trace_marker)
	number INTEGER NOT NULL, -- from 1, without a hole
	name TEXT NOT NULL,      -- bytes that are no UTF-8 were made harmless
	PRIMARY KEY (trace, space, number)
) STRICT, WITHOUT ROWID;

-- Some thousands of events at a time, in columns, compressed. Read them as the table event.
CREATE TABLE event_block (
	id INTEGER PRIMARY KEY,
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	first_seq INTEGER NOT NULL, -- number of its first event; the others follow without a hole
	events INTEGER NOT NULL,    -- how many, marks of lost ones among them
	first_ns INTEGER NOT NULL,  -- least time in it
	last_ns INTEGER NOT NULL,   -- greatest
	skip BLOB NOT NULL,         -- which kinds, roots and inodes it may hold, so that it need not be read for others
	checksum INTEGER NOT NULL,  -- XXH3 of the payload
	payload BLOB NOT NULL,      -- the columns; schema/block/ says how
	UNIQUE (trace, first_seq)
) STRICT;

-- The quota groups of a filesystem as its user listed them beside a trace.
CREATE TABLE qgroup (
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	qgid INTEGER NOT NULL,      -- level << 48 with the subvolume's id
	max_rfer INTEGER,           -- limits in bytes; NULL: none
	max_excl INTEGER,
	PRIMARY KEY (trace, qgid)
) STRICT, WITHOUT ROWID;

-- One run of the rules over one trace. The last one of a trace is what reports show; those before it are kept to tell
-- what came and went.
CREATE TABLE replay (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
	made_at INTEGER NOT NULL,      -- seconds since 1970, UTC
	engine TEXT NOT NULL,          -- version of the rules
	fresh INTEGER NOT NULL,        -- 1: with --fresh
	limited INTEGER NOT NULL,      -- 1: with the limits in the table qgroup
	logged INTEGER NOT NULL,       -- 1: with a log of the kernel
	free_events INTEGER NOT NULL,  -- of the release_data events, those with op=free
	chain_breaks INTEGER NOT NULL, -- counters that did not go on where they were, outside of gaps and epochs
	contradictions INTEGER NOT NULL, -- between the kernel's word and the model; nothing was concluded from them
	exchanges INTEGER NOT NULL,    -- neighbours of two CPUs that were put into the order that makes both true
	log_lines INTEGER NOT NULL,    -- lines of that log
	log_left_out INTEGER NOT NULL  -- of its statements, those beyond what is kept
) STRICT;
CREATE INDEX replay_of_trace ON replay (trace);

-- Outcomes below "likely": only counted.
CREATE TABLE unproven (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	kind TEXT NOT NULL, -- of finding
	count INTEGER NOT NULL,
	PRIMARY KEY (replay, kind)
) STRICT, WITHOUT ROWID;

-- The filesystems of a trace, and how often quota began anew on each.
CREATE TABLE filesystem (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	number INTEGER NOT NULL,       -- of the fsid among the names of the trace; 0: before 4.8, when events had none
	fsid TEXT,
	quota_epochs INTEGER NOT NULL,
	PRIMARY KEY (replay, number)
) STRICT, WITHOUT ROWID;

-- The ledgers of each root at the end, its totals, and its counter as it should have been. In bytes.
CREATE TABLE root_ledger (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	filesystem INTEGER NOT NULL,      -- number in the table filesystem
	root INTEGER NOT NULL,
	place INTEGER NOT NULL,           -- number of its curve in the table sample; 0: its counter was never seen
	counter_known INTEGER NOT NULL,   -- 1: its counter was seen
	reserved INTEGER NOT NULL,        -- by reserves that held
	released INTEGER NOT NULL,        -- to ordered extents
	freed INTEGER NOT NULL,           -- by frees and rollbacks
	dropped INTEGER NOT NULL,         -- by commits
	peak INTEGER NOT NULL,            -- highest value of the counter
	end_ranges INTEGER NOT NULL,      -- reserved at the end
	end_flight INTEGER NOT NULL,      -- released, and not yet dropped, at the end
	end_counter INTEGER NOT NULL,     -- last value of the counter
	end_unknown INTEGER NOT NULL,     -- of that, what lies outside of the trace
	leaked INTEGER NOT NULL,
	underflow INTEGER NOT NULL,
	drawn INTEGER NOT NULL,           -- 1: the columns from here on, and the samples, are there
	differs INTEGER NOT NULL,         -- 1: somewhere, the counter was not what it should have been
	was_peak INTEGER NOT NULL,
	was_end INTEGER NOT NULL,
	should_peak INTEGER NOT NULL,
	should_end INTEGER NOT NULL,
	low_bytes INTEGER NOT NULL,       -- too low, at worst: more could be reserved than the limit allows
	low_ns INTEGER NOT NULL,          -- when
	low_byte_seconds INTEGER NOT NULL, -- area between the curves
	low_byte_nanos INTEGER NOT NULL,  -- what is left of it below a byte-second
	high_bytes INTEGER NOT NULL,      -- too high, at worst: writers meet the limit too early
	high_ns INTEGER NOT NULL,
	high_byte_seconds INTEGER NOT NULL,
	high_byte_nanos INTEGER NOT NULL,
	told_twice INTEGER NOT NULL,      -- bytes that were not held because the counter had no more
	PRIMARY KEY (replay, filesystem, root)
) STRICT, WITHOUT ROWID;

-- The counter of a root over time, as it was and as it should have been, at several widths: enough points to draw any
-- stretch of any trace. A point is the least and the greatest value over `span` moments at which the counter changed.
-- Points of span 0 are at most 512 over the whole trace. Only the last replay of a trace has them.
CREATE TABLE sample (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	place INTEGER NOT NULL,    -- of the root, in root_ledger
	span INTEGER NOT NULL,
	number INTEGER NOT NULL,   -- from 0, in the order of time
	time_ns INTEGER NOT NULL,  -- of its first value
	was_low INTEGER NOT NULL,  -- bytes
	was_high INTEGER NOT NULL,
	should_low INTEGER NOT NULL,
	should_high INTEGER NOT NULL,
	PRIMARY KEY (replay, place, span, number)
) STRICT, WITHOUT ROWID;

-- Findings of one cause, over traces, hosts and kernels.
CREATE TABLE signature (
	signature TEXT PRIMARY KEY,  -- fingerprint of kind and path, equal wherever the same bug strikes
	kind TEXT NOT NULL,
	path TEXT NOT NULL,
	first_seen INTEGER NOT NULL, -- seconds since 1970, UTC: of recording, where that is known
	last_seen INTEGER NOT NULL,
	state TEXT NOT NULL,         -- open, known, fixed, ignored: for people to set
	note TEXT                    -- theirs
) STRICT, WITHOUT ROWID;

-- What does not match: one cause on one inode.
CREATE TABLE finding (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	number INTEGER NOT NULL,       -- from 1: errors first, then warnings, then notes
	kind TEXT NOT NULL,            -- foreign-free, underflow, leak, ...
	severity TEXT NOT NULL,        -- error, warning, note
	certainty TEXT NOT NULL,       -- proven, likely
	path TEXT NOT NULL,            -- by which it came about; empty where there is but one
	place TEXT NOT NULL,           -- of a leak: range, flight, counter, meta
	signature TEXT NOT NULL REFERENCES signature (signature),
	filesystem INTEGER NOT NULL,   -- number of the fsid
	root INTEGER NOT NULL,
	ino INTEGER NOT NULL,          -- 0 where no inode is known
	bytes INTEGER NOT NULL,        -- over all occurrences; lost-events, garbage-type: how many events
	healed INTEGER NOT NULL,       -- bytes that a later writer adopted and freed
	occurrences INTEGER NOT NULL,  -- all; the table holds the first 10000
	consequences INTEGER NOT NULL, -- all; the table holds the first 64
	headline TEXT NOT NULL,        -- in one sentence
	PRIMARY KEY (replay, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_of_signature ON finding (signature);

-- Each single mismatch.
CREATE TABLE occurrence (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	finding INTEGER NOT NULL,
	number INTEGER NOT NULL,     -- from 0, in the order of time
	time_ns INTEGER NOT NULL,
	root INTEGER NOT NULL,
	ino INTEGER NOT NULL,
	start INTEGER NOT NULL,      -- bytes
	len INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	have_bytes INTEGER NOT NULL, -- the counter before
	diff_bytes INTEGER NOT NULL, -- what was added to it; 0: no counter is known
	pid INTEGER NOT NULL,        -- -1: unknown
	comm INTEGER NOT NULL,       -- number among the names of tasks
	PRIMARY KEY (replay, finding, number)
) STRICT, WITHOUT ROWID;

-- Whose bytes they were.
CREATE TABLE owner (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	finding INTEGER NOT NULL,
	occurrence INTEGER NOT NULL,
	number INTEGER NOT NULL,  -- from 0
	pid INTEGER NOT NULL,     -- -1: reserved before the trace, or in a gap
	comm INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	start INTEGER NOT NULL,
	len INTEGER NOT NULL,
	time_ns INTEGER NOT NULL, -- of the reserve
	PRIMARY KEY (replay, finding, occurrence, number)
) STRICT, WITHOUT ROWID;

-- The events that prove a finding, and (role consequence) what followed from it.
CREATE TABLE evidence (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	finding INTEGER NOT NULL,
	number INTEGER NOT NULL,     -- from 0: the evidence in the order of the trace, then the consequences in theirs
	role TEXT NOT NULL,          -- what the event shows; consequence for those
	consequence TEXT,            -- which one
	occurrence INTEGER,          -- the one that it proves
	victim_bytes INTEGER,        -- of a consequence
	victim_ino INTEGER,
	seq INTEGER NOT NULL,        -- from here on as in the table event
	time_ns INTEGER NOT NULL,
	cpu INTEGER NOT NULL,
	pid INTEGER NOT NULL,
	comm INTEGER NOT NULL,
	kind TEXT NOT NULL,
	fs INTEGER NOT NULL,
	root INTEGER NOT NULL,
	ino INTEGER NOT NULL,
	start INTEGER NOT NULL,
	len INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	diff INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	op INTEGER NOT NULL,         -- the kernel's number
	type INTEGER NOT NULL,
	PRIMARY KEY (replay, finding, number)
) STRICT, WITHOUT ROWID;

-- What the kernel's log said, held against the trace.
CREATE TABLE log_line (
	replay INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
	number INTEGER NOT NULL,     -- from 0, in the order of the log
	kind TEXT NOT NULL,          -- underflow, unreleased, leaked, leaking, inconsistent
	verdict TEXT NOT NULL,       -- agrees, denied, beyond, context
	ambiguous INTEGER NOT NULL,  -- 1: agrees with several filesystems of the trace
	count INTEGER NOT NULL,      -- statements that say the same
	seen_ns INTEGER NOT NULL,    -- when the trace shows it, plus 1; 0: it does not
	line INTEGER NOT NULL,       -- of the file
	time_ns INTEGER,             -- since the machine was started
	qgid INTEGER NOT NULL,
	type INTEGER NOT NULL,       -- of reservation
	have_bytes INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	ino INTEGER NOT NULL,
	start INTEGER NOT NULL,
	last INTEGER NOT NULL,       -- last byte
	device TEXT NOT NULL,
	findings TEXT NOT NULL,      -- numbers of those that it supports, with blanks between
	PRIMARY KEY (replay, number)
) STRICT, WITHOUT ROWID;

-- The same for people: names instead of numbers, and only the last replay of each trace.
CREATE VIEW current_replay AS
	SELECT max(id) AS replay, trace FROM replay GROUP BY trace;

CREATE VIEW current_finding AS
	SELECT r.trace, t.name AS trace_name, h.name AS host, t.kernel, f.number, f.kind, f.severity, f.certainty, f.path, f.place,
		f.signature, n.name AS fsid, f.root, nullif(f.ino, 0) AS ino, f.bytes, f.healed, f.occurrences, f.headline
	FROM current_replay r
	JOIN trace t ON t.id = r.trace
	LEFT JOIN host h ON h.id = t.host
	JOIN finding f ON f.replay = r.replay
	LEFT JOIN name n ON n.trace = r.trace AND n.space = 'fsid' AND n.number = f.filesystem;

CREATE VIEW trace_list AS
	SELECT t.id, t.name, h.name AS host, t.status, t.source, t.kernel, t.clock, t.events, t.first_ns, t.last_ns,
		t.lost_marks, t.lost_events, t.file_bytes,
		(SELECT sum(length(b.payload) + length(b.skip)) FROM event_block b WHERE b.trace = t.id) AS block_bytes,
		(SELECT count(*) FROM finding f WHERE f.replay = r.replay AND f.severity = 'error') AS errors,
		(SELECT count(*) FROM finding f WHERE f.replay = r.replay AND f.severity = 'warning') AS warnings,
		(SELECT count(*) FROM finding f WHERE f.replay = r.replay AND f.severity = 'note') AS notes,
		t.recorded_at, t.imported_at, t.sha256
	FROM trace t
	LEFT JOIN host h ON h.id = t.host
	LEFT JOIN current_replay r ON r.trace = t.id;
