//! The durable record of keys, calls and batches: SQLite, write-ahead log, every commit on disk
//! before it counts.
//!
//! A call's first durable write precedes the provider's hearing of it. Each transition is one
//! guarded statement, so that a call settles once whatever happens around it, and a reservation
//! checks and takes the balance in one statement, so that calls in parallel never take more than
//! there is. Writes that arrive together share one commit.

pub mod batches;
pub mod calls;
pub mod keys;
pub mod log;
mod recovery;
mod reservation;
mod transitions;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use lx_primitives::{
	call_log::MAX_CALL_AGE,
	units::{Credits, Moment},
};
use sp_core::H256;
use sqlx::{
	sqlite::{
		SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
		SqliteSynchronous,
	},
	Connection, Row,
};
use tokio::sync::{mpsc, Mutex};

pub use reservation::{Left, NewCall, Reservation};
pub use writer::Settlement;

const SCHEMA_VERSION: i64 = 4;
const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the answers of calls with an idempotency key are kept.
pub const OUTCOMES_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a call that was voided and never charged is remembered. Nobody can ask the chain for one
/// that is older.
pub const VOID_KEPT: Moment = MAX_CALL_AGE;

/// Finds the calls to forget. It is no part of the schema, since there are ledgers of this schema
/// that were made without it.
const NEVER_CHARGED: &str = "CREATE INDEX IF NOT EXISTS calls_never_charged ON calls (created_at)
	WHERE state = 'VOID' AND leaf IS NULL";

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
	/// The database failed.
	#[error("the ledger failed: {0}")]
	Database(#[from] sqlx::Error),
	/// What is stored cannot be read.
	#[error("the ledger holds an unreadable {0}")]
	Corrupt(&'static str),
	/// The ledger was written by another version of the relay.
	#[error(
		"the ledger has schema {0}, this relay needs {SCHEMA_VERSION}; let the relay that wrote it \
		 finish its batches, then use another data folder"
	)]
	WrongSchema(i64),
	/// The ledger belongs to another chain.
	#[error("the ledger belongs to the chain with genesis {0:?}; use another data folder")]
	OtherChain(H256),
	/// A transition that does not fit the call's state.
	#[error("the call is not in a state to be {0}")]
	WrongState(&'static str),
	/// The ledger is closed.
	#[error("the ledger is closed")]
	Closed,
	/// Another batch was signed for the place, which the chain could still take.
	#[error("a batch was signed for place {0} that the chain may still take")]
	Conflict(u64),
	/// An amount or a time that the ledger cannot hold.
	#[error("a number is too large for the ledger")]
	TooLarge,
}

/// The ledger.
#[derive(Clone)]
pub struct Ledger {
	/// One connection, so that writers wait in the program and not on the database's lock.
	writes: SqlitePool,
	/// Held for each write that anybody may ask for, as often as they like, so that calls and batches
	/// wait for one of those at most.
	requested: Arc<Mutex<()>>,
	reads: SqlitePool,
	queue: mpsc::Sender<writer::Job>,
}

impl Ledger {
	/// Opens the ledger in `folder`, creates it if there is none, and settles what an earlier run
	/// left open.
	pub async fn open(folder: &Path) -> Result<Self, LedgerError> {
		std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
		let options = SqliteConnectOptions::new()
			.filename(folder.join("ledger.sqlite"))
			.create_if_missing(true)
			.journal_mode(SqliteJournalMode::Wal)
			.synchronous(SqliteSynchronous::Full)
			.foreign_keys(true)
			.busy_timeout(BUSY_TIMEOUT);
		let pool = SqlitePoolOptions::new()
			.max_connections(1)
			.after_release(|connection, _| Box::pin(is_usable(connection)));
		let writes = pool.connect_with(options.clone()).await?;
		migrate(&writes).await?;
		sqlx::query(NEVER_CHARGED).execute(&writes).await?;
		recovery::void_open_calls(&writes).await?;
		let pool = SqlitePoolOptions::new().max_connections(READERS);
		let reads = pool.connect_with(options).await?;
		let queue = writer::start(writes.clone());
		Ok(Self { writes, requested: Arc::default(), reads, queue })
	}

	/// Binds the ledger to the chain with this genesis, or checks that it is bound to it.
	pub async fn bind_to_chain(&self, genesis: H256) -> Result<(), LedgerError> {
		sqlx::query("INSERT INTO facts (name, value) VALUES ('genesis', ?) ON CONFLICT DO NOTHING")
			.bind(genesis.as_bytes())
			.execute(&self.writes)
			.await?;
		let row = sqlx::query("SELECT value FROM facts WHERE name = 'genesis'")
			.fetch_one(&self.writes)
			.await?;
		let bound = H256(array(row.try_get(0)?, "genesis")?);
		if bound == genesis {
			Ok(())
		} else {
			Err(LedgerError::OtherChain(bound))
		}
	}

	/// Waits for the writes under way and closes the files.
	pub async fn close(&self) {
		self.reads.close().await;
		self.writes.close().await;
	}
}

/// Whether a connection that is given back may be used again. After a failure of the disk SQLite may have
/// ended the transaction by itself, and the connection would take it for open for ever.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
	if connection.is_in_transaction() {
		// Its rollback is on the way.
		connection.ping().await?;
	}
	Ok(!connection.is_in_transaction())
}

async fn migrate(pool: &SqlitePool) -> Result<(), LedgerError> {
	let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(pool).await?.try_get(0)?;
	match version {
		SCHEMA_VERSION => Ok(()),
		0 => {
			let mut transaction = pool.begin().await?;
			sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
			Ok(transaction.commit().await?)
		},
		other => Err(LedgerError::WrongSchema(other)),
	}
}

/// An amount as the ledger stores it.
fn amount(amount: Credits) -> Result<i64, LedgerError> {
	i64::try_from(amount).map_err(|_| LedgerError::TooLarge)
}

/// A balance as the ledger compares it: the largest number it knows, if the balance is larger.
fn limit(amount: Credits) -> i64 {
	i64::try_from(amount).unwrap_or(i64::MAX)
}

fn moment(moment: Moment) -> Result<i64, LedgerError> {
	i64::try_from(moment).map_err(|_| LedgerError::TooLarge)
}

fn credits(stored: i64) -> Result<Credits, LedgerError> {
	Credits::try_from(stored).map_err(|_| LedgerError::Corrupt("amount"))
}

fn unsigned(stored: i64) -> Result<u64, LedgerError> {
	u64::try_from(stored).map_err(|_| LedgerError::Corrupt("number"))
}

fn array<const N: usize>(stored: Vec<u8>, what: &'static str) -> Result<[u8; N], LedgerError> {
	stored.try_into().map_err(|_| LedgerError::Corrupt(what))
}

#[cfg(test)]
mod tests;
