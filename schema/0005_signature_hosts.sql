-- SPDX-License-Identifier: GPL-2.0-only
--
-- On how many hosts each signature was seen, so that no list looks at every trace to say so.

ALTER TABLE tally ADD COLUMN host INTEGER; -- of the trace
ALTER TABLE signature_tally ADD COLUMN hosts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tally_host ON tally (signature, host);

UPDATE tally SET host = (SELECT host FROM trace WHERE trace.id = tally.trace);
UPDATE signature_tally SET hosts =
	(SELECT count(DISTINCT y.host) FROM tally y WHERE y.signature = signature_tally.signature);
