-- SPDX-License-Identifier: GPL-2.0-only
--
-- What the queue of uploads must know of a file that waits in the spool of the server.

ALTER TABLE upload ADD COLUMN sha256 TEXT;        -- of its bytes
ALTER TABLE upload ADD COLUMN host TEXT;          -- of which machine it is, as its sender said; NULL: nothing was said
ALTER TABLE upload ADD COLUMN file TEXT;          -- its name in the spool, without folder
ALTER TABLE upload ADD COLUMN tries INTEGER NOT NULL DEFAULT 0; -- how many workers took it
ALTER TABLE upload ADD COLUMN started_at INTEGER; -- seconds since 1970, UTC: of the last try; NULL until there is one
ALTER TABLE upload ADD COLUMN ended_at INTEGER;   -- the same, of done or failed

-- The same bytes wait once, whoever sends them.
CREATE UNIQUE INDEX upload_once ON upload (sha256) WHERE state IN ('queued', 'running');
-- What is to be tried next, and not before when: each try that was in vain makes the next one later.
CREATE INDEX upload_next ON upload (coalesce(started_at + 3 * tries * tries, received_at), id) WHERE state = 'queued';
CREATE INDEX upload_file ON upload (file);
