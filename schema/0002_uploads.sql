-- SPDX-License-Identifier: GPL-2.0-only
--
-- Traces on their way in.

-- One row for each file that was sent to the server. A worker takes the oldest queued one, and what becomes of it stays
-- here: a trace that kills its decoder is a failed upload, not a lost one.
CREATE TABLE upload (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given out again: the sender asks by it
	name TEXT NOT NULL,           -- of the file, as its sender gave it
	size INTEGER NOT NULL,        -- in bytes, as received
	received_at INTEGER NOT NULL, -- seconds since 1970, UTC
	state TEXT NOT NULL           -- of the work
		CHECK (state IN ('queued', 'running', 'done', 'failed')),
	reason TEXT                   -- in one line, why it failed; NULL unless it did
		CHECK ((reason IS NOT NULL) = (state = 'failed')),
	trace INTEGER                 -- what it became, or the one that it was already; NULL until it is done
		REFERENCES trace (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX upload_waiting ON upload (state, id);
CREATE INDEX upload_of_trace ON upload (trace);
