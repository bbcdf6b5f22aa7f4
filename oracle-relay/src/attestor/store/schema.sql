-- What an attestor has signed, and what it knows of its relays' logs. Amounts are µCRED, times are
-- milliseconds since 1970.

-- Facts about this record, such as the chain that it belongs to.
CREATE TABLE facts (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT;

-- Batches: SIGNED, so that the chain may take it; TAKEN by the chain, whoever signed it, and then FINAL
-- or REVERSED there; REPLACED, when the chain can never take it and another one was signed, or taken,
-- for its place.
CREATE TABLE batches (
	id INTEGER PRIMARY KEY,
	relay INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	hash BLOB NOT NULL UNIQUE,
	time INTEGER NOT NULL,
	header BLOB NOT NULL,                   -- SCALE
	state TEXT NOT NULL CHECK (state IN
		('SIGNED', 'TAKEN', 'FINAL', 'REVERSED', 'REPLACED'))
) STRICT;

CREATE INDEX batches_place ON batches (relay, sequence);
CREATE INDEX batches_age ON batches (time);
CREATE INDEX batches_pending ON batches (relay, sequence) WHERE state = 'TAKEN';

-- The calls of the batches that are not replaced. An id begins with its call's time, so those that
-- are new lie together, and so do those that can be forgotten.
CREATE TABLE calls (
	call_id BLOB NOT NULL,
	relay INTEGER NOT NULL,
	batch INTEGER NOT NULL,
	PRIMARY KEY (call_id, relay)
) STRICT, WITHOUT ROWID;

-- What each key spends in each batch that counts: neither replaced nor reversed, while it is known.
CREATE TABLE spending (
	batch INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
	key BLOB NOT NULL,
	charge INTEGER NOT NULL,
	PRIMARY KEY (batch, key)
) STRICT, WITHOUT ROWID;

-- What each key has spent in all, in batches that are known and in those that are forgotten.
CREATE TABLE keys (
	relay INTEGER NOT NULL,
	key BLOB NOT NULL,
	spent INTEGER NOT NULL,
	PRIMARY KEY (relay, key)
) STRICT, WITHOUT ROWID;

-- How far each relay's log is known: every batch below that the chain remembers.
CREATE TABLE logs (
	relay INTEGER PRIMARY KEY,
	known_to INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 3;
