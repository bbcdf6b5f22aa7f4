-- The relay's durable record. Amounts are µCRED, times are milliseconds since 1970.

-- Facts about this ledger, such as the chain that it belongs to.
CREATE TABLE facts (
	name TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT;

-- API keys. Only a hash of a key is ever known.
CREATE TABLE keys (
	key_hash BLOB PRIMARY KEY,
	account BLOB NOT NULL,
	models TEXT NOT NULL,                   -- JSON array of names; empty for all
	spending_cap INTEGER,
	expires_at INTEGER,
	key_epoch INTEGER NOT NULL,
	signed_grant TEXT NOT NULL,             -- JSON, shown to attestors
	signature BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER,
	held INTEGER NOT NULL DEFAULT 0         -- charged and reserved by all calls of the key
) STRICT;

CREATE INDEX keys_account ON keys (account);

-- Calls. RESERVED -> SENT -> USAGE_FINAL | USAGE_ESTIMATED | VOID -> BATCHED -> FINAL.
CREATE TABLE calls (
	call_id BLOB PRIMARY KEY,
	key_hash BLOB NOT NULL REFERENCES keys (key_hash),
	account BLOB NOT NULL,
	sponsored INTEGER NOT NULL,             -- whether somebody else pays than the account
	model TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN
		('RESERVED', 'SENT', 'USAGE_FINAL', 'USAGE_ESTIMATED', 'VOID', 'BATCHED', 'FINAL')),
	reserved INTEGER NOT NULL CHECK (reserved >= 0),
	held INTEGER NOT NULL CHECK (held BETWEEN 0 AND reserved), -- reserved, then charged
	quota INTEGER,                          -- the launch whose quota it uses
	units INTEGER NOT NULL DEFAULT 0 CHECK (units >= 0), -- of the quota: reserved, then used
	estimated INTEGER NOT NULL DEFAULT 0,
	salt BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	settled_at INTEGER,
	leaf BLOB,                              -- SCALE, from the moment of settlement
	provider_id TEXT,
	reason TEXT,                            -- why it is void
	sequence INTEGER,                       -- of the batch that holds it
	idempotency_key TEXT,
	body_hash BLOB NOT NULL
) STRICT;

CREATE INDEX calls_uncharged ON calls (account, sponsored, held) WHERE sequence IS NULL AND state <> 'VOID';
CREATE INDEX calls_charged ON calls (account, sponsored, sequence, held) WHERE sequence IS NOT NULL;
CREATE INDEX calls_batched ON calls (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX calls_of_quotas ON calls (account, quota, sequence, state, units)
	WHERE quota IS NOT NULL;
CREATE INDEX calls_to_batch ON calls (account, settled_at)
	WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED');
CREATE INDEX calls_open ON calls (state) WHERE state IN ('RESERVED', 'SENT');
CREATE UNIQUE INDEX calls_idempotent ON calls (key_hash, idempotency_key)
	WHERE idempotency_key IS NOT NULL;

CREATE TRIGGER call_reserved AFTER INSERT ON calls BEGIN
	UPDATE keys SET held = held + new.held WHERE key_hash = new.key_hash;
END;

CREATE TRIGGER call_settled AFTER UPDATE OF held ON calls WHEN new.held <> old.held BEGIN
	UPDATE keys SET held = held + new.held - old.held WHERE key_hash = new.key_hash;
END;

-- What calls with an idempotency key answered, kept for a day.
CREATE TABLE outcomes (
	call_id BLOB PRIMARY KEY REFERENCES calls (call_id),
	content_type TEXT NOT NULL,
	body BLOB NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX outcomes_age ON outcomes (created_at);

-- Batches. OPEN -> POSTED -> FINAL, or REVERSED if the chain was shown that it is wrong. A sequence
-- may be signed more than once, because a batch that the chain did not take in its lifetime is
-- REPLACED; at most one of them ever reaches the chain, the others are LOST.
CREATE TABLE batches (
	id INTEGER PRIMARY KEY,
	sequence INTEGER NOT NULL,
	hash BLOB NOT NULL UNIQUE,
	batch BLOB NOT NULL,                    -- SCALE
	relay_signature BLOB NOT NULL,
	state TEXT NOT NULL CHECK (state IN
		('OPEN', 'REPLACED', 'POSTED', 'FINAL', 'REVERSED', 'LOST')),
	created_at INTEGER NOT NULL,
	posted_in INTEGER                       -- the finalised block at which it was seen
) STRICT;

CREATE INDEX batches_sequence ON batches (sequence);
CREATE UNIQUE INDEX batches_open ON batches (state) WHERE state = 'OPEN';
CREATE INDEX batches_posted ON batches (sequence) WHERE state = 'POSTED';
CREATE INDEX batches_unresolved ON batches (sequence) WHERE state IN ('OPEN', 'REPLACED');

-- What attestors have signed.
CREATE TABLE signatures (
	batch INTEGER NOT NULL REFERENCES batches (id),
	attestor INTEGER NOT NULL,
	signature BLOB NOT NULL,
	PRIMARY KEY (batch, attestor)
) STRICT, WITHOUT ROWID;

-- Whose settled calls the chain would refuse, until one that is paid in the same way is posted.
CREATE TABLE refused (
	account BLOB NOT NULL,
	sponsored INTEGER NOT NULL,
	quota INTEGER NOT NULL,                 -- the launch whose quota they use; -1 without one
	times INTEGER NOT NULL,                 -- in a row
	retry_at INTEGER NOT NULL,              -- they are in no batch before
	PRIMARY KEY (account, sponsored, quota)
) STRICT, WITHOUT ROWID;

-- Which calls a batch holds, and where.
CREATE TABLE leaves (
	batch INTEGER NOT NULL REFERENCES batches (id),
	call_id BLOB NOT NULL REFERENCES calls (call_id),
	line INTEGER NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (batch, line, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX leaves_call ON leaves (call_id, batch);

PRAGMA user_version = 4;
