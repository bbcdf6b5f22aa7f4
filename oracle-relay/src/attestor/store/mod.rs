//! The durable record of what an attestor has signed: SQLite, write-ahead log, every commit on disk
//! before it counts.
//!
//! A signature may only be made after [`Store::sign`] has returned. Until then nobody has it, so a
//! crash at any point loses nothing; from then on no other batch is signed that the chain could
//! take for the same place, and no call of it in another batch.

mod rows;

use std::{collections::BTreeMap, path::Path, time::Duration};

use lx_primitives::{
	call_log::{call_id, MAX_CALL_AGE},
	units::{Credits, Moment},
	Header, RelayId,
};
use sp_core::{sr25519, H256};
use sqlx::{
	sqlite::{
		SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
	},
	Row,
};

use super::{
	case::Entry,
	objections::Objections,
	refusal::{Refusal, Trouble},
};

const SCHEMA_VERSION: i64 = 3;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long batches and calls are remembered, in ms: somewhat longer than the chain takes calls.
const MEMORY: Moment = MAX_CALL_AGE + 60 * 60 * 1_000;

/// The most calls that one step of forgetting forgets, so that signing does not wait for it.
const CALLS_A_STEP: u32 = 2_000;

/// The most batches that one step forgets; each takes what its keys spent in it along.
const BATCHES_A_STEP: u32 = 20;

/// Why the record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The database failed.
	#[error("the record of signatures failed: {0}")]
	Database(#[from] sqlx::Error),
	/// What is stored cannot be read.
	#[error("the record of signatures holds an unreadable {0}")]
	Corrupt(&'static str),
	/// It was written by another version of the attestor.
	#[error("the record of signatures has schema {0}, this attestor needs {SCHEMA_VERSION}")]
	WrongSchema(i64),
	/// It belongs to another chain or to another attestor.
	#[error("the record of signatures belongs to another {0}; use another data folder")]
	OfAnother(&'static str),
	/// An amount or a time that it cannot hold.
	#[error("a number is too large for the record of signatures")]
	TooLarge,
}

/// The record.
#[derive(Clone)]
pub struct Store(SqlitePool);

impl Store {
	/// Opens the record in `folder`, and creates it if there is none.
	pub async fn open(folder: &Path) -> Result<Self, StoreError> {
		std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
		let options = SqliteConnectOptions::new()
			.filename(folder.join("attestor.sqlite"))
			.create_if_missing(true)
			.journal_mode(SqliteJournalMode::Wal)
			.synchronous(SqliteSynchronous::Full)
			.foreign_keys(true)
			.busy_timeout(BUSY_TIMEOUT);
		// One connection, so that relays wait in the program and not on the database's lock.
		let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
		migrate(&pool).await?;
		Ok(Self(pool))
	}

	/// Binds the record to a chain and an attestor's key, or checks that it is bound to them.
	pub async fn bind(&self, genesis: &H256, key: &sr25519::Public) -> Result<(), StoreError> {
		let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
		for (name, value) in [("chain", &genesis.0), ("attestor", &key.0)] {
			sqlx::query("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
				.bind(name)
				.bind(&value[..])
				.execute(&mut *transaction)
				.await?;
			let bound = rows::fact(&mut transaction, name).await?;
			if bound.as_deref() != Some(&value[..]) {
				return Err(StoreError::OfAnother(name));
			}
		}
		Ok(transaction.commit().await?)
	}

	/// Whether the batch with this hash was signed and has not been replaced.
	pub async fn is_signed(&self, hash: &H256) -> Result<bool, StoreError> {
		let query = sqlx::query("SELECT 1 FROM batches WHERE hash = ? AND state = 'SIGNED'");
		Ok(query.bind(hash.as_bytes()).fetch_optional(&self.0).await?.is_some())
	}

	/// Writes a batch down as signed, with its calls and what its keys spend, or says why it must
	/// not be signed; then nothing has changed. `now` is the finalised chain's time, at which the
	/// batch's place is the next one. A batch that is written down already stays so.
	///
	/// An earlier batch for the place that the chain can never take gives way: its calls may be in
	/// another one, and what its keys spent in it counts no more.
	pub async fn sign(
		&self,
		entry: &Entry,
		caps: &BTreeMap<H256, Credits>,
		now: Moment,
	) -> Result<(), Trouble> {
		// Dropped without a commit, it changes nothing.
		let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await.map_err(database)?;
		rows::ensure_remembered(&mut transaction, &entry.header).await?;
		for earlier in rows::earlier(&mut transaction, &entry.header).await? {
			if earlier.header == entry.header && !earlier.is_replaced {
				return Ok(());
			}
			rows::ensure_over(&earlier, &entry.header, now)?;
			rows::replace(&mut transaction, &earlier).await?;
		}
		let mut objections = Objections::default();
		for call in rows::known_calls(&mut transaction, entry).await? {
			objections.add(&call, Refusal::Settled(call));
		}
		objections.raise()?;
		let batch = rows::insert(&mut transaction, entry, "SIGNED").await?;
		let spent = rows::spend(&mut transaction, batch, entry).await?;
		beyond_caps(entry, caps, spent).raise()?;
		Ok(transaction.commit().await.map_err(database)?)
	}

	/// Notes that the chain has taken a batch that was signed. Returns false if it was not.
	pub async fn confirm(&self, hash: &H256) -> Result<bool, StoreError> {
		let query =
			sqlx::query("UPDATE batches SET state = 'TAKEN' WHERE hash = ? AND state = 'SIGNED'");
		Ok(query.bind(hash.as_bytes()).execute(&self.0).await?.rows_affected() == 1)
	}

	/// Writes down a batch that the chain has taken and that was not signed, in the place of one
	/// that was. Returns false if a call of it was in an earlier batch.
	pub async fn learn(&self, entry: &Entry) -> Result<bool, StoreError> {
		let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
		for earlier in rows::earlier(&mut transaction, &entry.header).await? {
			rows::replace(&mut transaction, &earlier).await?;
		}
		let is_new = rows::known_calls(&mut transaction, entry).await?.is_empty();
		let batch = rows::insert(&mut transaction, entry, "TAKEN").await?;
		rows::spend(&mut transaction, batch, entry).await?;
		transaction.commit().await?;
		Ok(is_new)
	}

	/// The first batch of `relay` that the chain has taken and that is not known to be final, with its
	/// row.
	pub async fn oldest_pending(
		&self,
		relay: RelayId,
	) -> Result<Option<(i64, Header)>, StoreError> {
		let query = sqlx::query(
			"SELECT id, header FROM batches WHERE relay = ? AND state = 'TAKEN'
			ORDER BY sequence LIMIT 1",
		);
		rows::placed(query.bind(relay).fetch_optional(&self.0).await?)
	}

	/// The batch that was signed for a place and not seen to be taken, with its row.
	pub async fn signed_for(
		&self,
		relay: RelayId,
		sequence: u64,
	) -> Result<Option<(i64, Header)>, StoreError> {
		let query = sqlx::query(
			"SELECT id, header FROM batches
			WHERE relay = ? AND sequence = ? AND state = 'SIGNED'",
		);
		let query = query.bind(relay).bind(integer(sequence)?);
		rows::placed(query.fetch_optional(&self.0).await?)
	}

	/// Notes that a batch is final on the chain.
	pub async fn set_final(&self, batch: i64) -> Result<(), StoreError> {
		let query = sqlx::query("UPDATE batches SET state = 'FINAL' WHERE id = ?").bind(batch);
		query.execute(&self.0).await?;
		Ok(())
	}

	/// Notes that the chain has reversed a batch: what its keys spent in it counts no more. Its calls
	/// must not come again all the same.
	pub async fn reverse(&self, batch: i64) -> Result<(), StoreError> {
		let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
		rows::take_back(&mut transaction, batch).await?;
		sqlx::query("UPDATE batches SET state = 'REVERSED' WHERE id = ?")
			.bind(batch)
			.execute(&mut *transaction)
			.await?;
		Ok(transaction.commit().await?)
	}

	/// Below which place every batch of `relay` that the chain remembers is known; `None` if that
	/// was never found out.
	pub async fn known_to(&self, relay: RelayId) -> Result<Option<u64>, StoreError> {
		let query = sqlx::query("SELECT known_to FROM logs WHERE relay = ?");
		let found = query.bind(relay).fetch_optional(&self.0).await?;
		found.map(|row| number(row.try_get(0)?)).transpose()
	}

	/// Notes that every batch of `relay` below `sequence` that the chain remembers is known.
	pub async fn set_known_to(&self, relay: RelayId, sequence: u64) -> Result<(), StoreError> {
		let query = sqlx::query(
			"INSERT INTO logs (relay, known_to) VALUES (?, ?)
			ON CONFLICT (relay) DO UPDATE SET known_to = excluded.known_to",
		);
		query.bind(relay).bind(integer(sequence)?).execute(&self.0).await?;
		Ok(())
	}

	/// The places from `sequence` on of which it is known what the chain has taken.
	pub async fn taken_from(&self, relay: RelayId, sequence: u64) -> Result<Vec<u64>, StoreError> {
		let query = sqlx::query(
			"SELECT sequence FROM batches
			WHERE relay = ? AND sequence >= ? AND state IN ('TAKEN', 'FINAL', 'REVERSED')
			ORDER BY sequence",
		);
		let rows = query.bind(relay).bind(integer(sequence)?).fetch_all(&self.0).await?;
		rows.into_iter().map(|row| number(row.try_get(0)?)).collect()
	}

	/// Forgets some of what is too old at `now`, the finalised chain's time, to matter to any batch
	/// that the chain may take. What the chain had not taken by then it never will, so it was not
	/// spent. Returns whether there may be more to forget.
	pub async fn forget(&self, now: Moment) -> Result<bool, StoreError> {
		let before = now.saturating_sub(MEMORY);
		let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
		// With a node that lags behind, a later `now` may be an earlier one.
		let before = before.max(rows::forgotten(&mut transaction).await?);
		sqlx::query(
			"INSERT INTO facts (name, value) VALUES ('forgotten', ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		)
		.bind(&before.to_be_bytes()[..])
		.execute(&mut *transaction)
		.await?;
		let calls = sqlx::query(
			"DELETE FROM calls WHERE (call_id, relay) IN
				(SELECT call_id, relay FROM calls WHERE call_id < ? LIMIT ?)",
		);
		let calls = calls.bind(&call_id(before, [0; 10])[..]).bind(CALLS_A_STEP);
		let calls = calls.execute(&mut *transaction).await?.rows_affected();
		let old = sqlx::query("SELECT id, state FROM batches WHERE time < ? LIMIT ?");
		let old = old.bind(integer(before)?).bind(BATCHES_A_STEP);
		let old = old.fetch_all(&mut *transaction).await?;
		for row in &old {
			let batch: i64 = row.try_get(0)?;
			if row.try_get::<&str, _>(1)? == "SIGNED" {
				rows::take_back(&mut transaction, batch).await?;
			}
			let delete = sqlx::query("DELETE FROM batches WHERE id = ?").bind(batch);
			delete.execute(&mut *transaction).await?;
		}
		transaction.commit().await?;
		let batches = u32::try_from(old.len()).unwrap_or(u32::MAX);
		Ok(calls == u64::from(CALLS_A_STEP) || batches == BATCHES_A_STEP)
	}

	/// Waits for the writes under way and closes the files.
	pub async fn close(&self) {
		self.0.close().await;
	}
}

/// The calls with which keys that have now spent so much go beyond their caps.
fn beyond_caps(
	entry: &Entry,
	caps: &BTreeMap<H256, Credits>,
	spent: Vec<(H256, Credits)>,
) -> Objections {
	let mut objections = Objections::default();
	for (key, spent) in spent {
		let cap = caps.get(&key).copied().unwrap_or(Credits::MAX);
		for call in entry.beyond(&key, spent.saturating_sub(cap)) {
			objections.add(&call, Refusal::CapExceeded { key, cap, spent });
		}
	}
	objections
}

async fn migrate(pool: &SqlitePool) -> Result<(), StoreError> {
	let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(pool).await?.try_get(0)?;
	match version {
		SCHEMA_VERSION => Ok(()),
		0 => {
			let mut transaction = pool.begin().await?;
			sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
			Ok(transaction.commit().await?)
		},
		other => Err(StoreError::WrongSchema(other)),
	}
}

fn database(error: sqlx::Error) -> StoreError {
	error.into()
}

/// A number as the database stores it.
fn integer(number: impl TryInto<i64>) -> Result<i64, StoreError> {
	number.try_into().map_err(|_| StoreError::TooLarge)
}

fn number<N: TryFrom<i64>>(stored: i64) -> Result<N, StoreError> {
	N::try_from(stored).map_err(|_| StoreError::Corrupt("number"))
}

fn array<const N: usize>(stored: Vec<u8>, what: &'static str) -> Result<[u8; N], StoreError> {
	stored.try_into().map_err(|_| StoreError::Corrupt(what))
}

#[cfg(test)]
mod tests;
