//! The statements of the record's transactions.

use codec::{DecodeAll, Encode};
use lx_primitives::{
	call_log::{call_id, BATCH_LIFETIME},
	units::{Credits, Moment},
	CallId, Header,
};
use sp_core::H256;
use sqlx::{
	sqlite::{SqliteConnection, SqliteRow},
	Row,
};

use super::{array, integer, number, StoreError};
use crate::attestor::{
	case::{Entry, Spent},
	refusal::{ensure, Refusal, Trouble},
};

/// A batch that was signed for a place, or taken.
pub(super) struct Earlier {
	id: i64,
	pub(super) header: Header,
	pub(super) is_replaced: bool,
}

pub(super) async fn fact(
	connection: &mut SqliteConnection,
	name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
	let query = sqlx::query("SELECT value FROM facts WHERE name = ?").bind(name);
	let found = query.fetch_optional(connection).await?;
	Ok(found.map(|row| row.try_get(0)).transpose()?)
}

/// What is older than this may be forgotten.
pub(super) async fn forgotten(connection: &mut SqliteConnection) -> Result<Moment, StoreError> {
	let Some(stored) = fact(connection, "forgotten").await? else { return Ok(0) };
	Ok(Moment::from_be_bytes(array(stored, "moment")?))
}

/// Checks that all that could conflict with a batch, and all calls that could be in it, are
/// remembered. A chain that is not far behind never goes back so far.
pub(super) async fn ensure_remembered(
	connection: &mut SqliteConnection,
	header: &Header,
) -> Result<(), Trouble> {
	let before = forgotten(connection).await?;
	let is_remembered =
		header.oldest >= before && header.time >= before.saturating_add(BATCH_LIFETIME);
	Ok(ensure(is_remembered, Refusal::Forgotten { before })?)
}

/// All batches for the place of `header`.
pub(super) async fn earlier(
	connection: &mut SqliteConnection,
	header: &Header,
) -> Result<Vec<Earlier>, StoreError> {
	let query =
		sqlx::query("SELECT id, header, state FROM batches WHERE relay = ? AND sequence = ?");
	let query = query.bind(header.relay).bind(integer(header.sequence)?);
	query.fetch_all(connection).await?.into_iter().map(read_earlier).collect()
}

fn read_earlier(row: SqliteRow) -> Result<Earlier, StoreError> {
	let header = header(row.try_get(1)?)?;
	let state: String = row.try_get(2)?;
	Ok(Earlier { id: row.try_get(0)?, header, is_replaced: state == "REPLACED" })
}

/// A batch's row and header.
pub(super) fn placed(found: Option<SqliteRow>) -> Result<Option<(i64, Header)>, StoreError> {
	found.map(|row| Ok((row.try_get(0)?, header(row.try_get(1)?)?))).transpose()
}

/// A header as it is stored.
fn header(stored: Vec<u8>) -> Result<Header, StoreError> {
	Header::decode_all(&mut &stored[..]).map_err(|_| StoreError::Corrupt("header"))
}

/// Checks that the chain can never take `earlier`, and could not have when it takes `header`.
pub(super) fn ensure_over(earlier: &Earlier, header: &Header, now: Moment) -> Result<(), Refusal> {
	let is_over = now > earlier.header.time.saturating_add(BATCH_LIFETIME);
	let is_other = earlier.header != *header && !header.conflicts_with(&earlier.header);
	ensure(is_over && is_other, Refusal::Conflict(header.sequence))
}

/// Lets the calls of a batch be in another, and takes back what its keys spent in it.
pub(super) async fn replace(
	connection: &mut SqliteConnection,
	Earlier { id, header, is_replaced }: &Earlier,
) -> Result<(), StoreError> {
	if *is_replaced {
		return Ok(());
	}
	sqlx::query("DELETE FROM calls WHERE call_id BETWEEN ? AND ? AND batch = ?")
		.bind(&call_id(header.oldest, [0; 10])[..])
		.bind(&call_id(header.time, [u8::MAX; 10])[..])
		.bind(id)
		.execute(&mut *connection)
		.await?;
	take_back(connection, *id).await?;
	sqlx::query("UPDATE batches SET state = 'REPLACED' WHERE id = ?")
		.bind(id)
		.execute(connection)
		.await?;
	Ok(())
}

/// Takes back what the keys of a batch spent in it.
pub(super) async fn take_back(
	connection: &mut SqliteConnection,
	batch: i64,
) -> Result<(), StoreError> {
	sqlx::query(
		"UPDATE keys SET spent = spent - charge FROM spending JOIN batches ON batches.id = batch
		WHERE batch = ? AND keys.relay = batches.relay AND keys.key = spending.key",
	)
	.bind(batch)
	.execute(&mut *connection)
	.await?;
	sqlx::query("DELETE FROM spending WHERE batch = ?").bind(batch).execute(connection).await?;
	Ok(())
}

/// The calls of `entry` that are in a batch of its relay already.
pub(super) async fn known_calls(
	connection: &mut SqliteConnection,
	entry: &Entry,
) -> Result<Vec<CallId>, StoreError> {
	let query = sqlx::query(
		"SELECT call_id FROM calls
		WHERE relay = ? AND call_id IN (SELECT unhex(value) FROM json_each(?))",
	);
	let query = query.bind(entry.header.relay).bind(list(&entry.calls)?);
	let found = query.fetch_all(connection).await?;
	found.into_iter().map(|row| array(row.try_get(0)?, "call id")).collect()
}

/// Stores a batch with its calls. Returns its row.
pub(super) async fn insert(
	connection: &mut SqliteConnection,
	entry: &Entry,
	state: &'static str,
) -> Result<i64, StoreError> {
	let Entry { header, hash, calls, .. } = entry;
	let insert = sqlx::query(
		"INSERT INTO batches (relay, sequence, hash, time, header, state)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET state = excluded.state
		RETURNING id",
	);
	let insert = insert
		.bind(header.relay)
		.bind(integer(header.sequence)?)
		.bind(hash.as_bytes())
		.bind(integer(header.time)?)
		.bind(header.encode())
		.bind(state);
	let batch: i64 = insert.fetch_one(&mut *connection).await?.try_get(0)?;
	// One that is there belongs to the batch that was known first.
	let insert = sqlx::query(
		"INSERT INTO calls (call_id, relay, batch)
		SELECT unhex(value), ?, ? FROM json_each(?) WHERE true
		ON CONFLICT DO NOTHING",
	);
	let insert = insert.bind(header.relay).bind(batch).bind(list(calls)?);
	insert.execute(connection).await?;
	Ok(batch)
}

/// Adds what the keys spend in a batch. Returns what each has spent in all.
pub(super) async fn spend(
	connection: &mut SqliteConnection,
	batch: i64,
	entry: &Entry,
) -> Result<Vec<(H256, Credits)>, StoreError> {
	let mut totals = Vec::new();
	for (key, charge) in entry.spending() {
		let charge = integer(charge)?;
		let insert = sqlx::query("INSERT INTO spending (batch, key, charge) VALUES (?, ?, ?)");
		let insert = insert.bind(batch).bind(key.as_bytes()).bind(charge);
		insert.execute(&mut *connection).await?;
		let add = sqlx::query(
			"INSERT INTO keys (relay, key, spent) VALUES (?, ?, ?)
			ON CONFLICT (relay, key) DO UPDATE SET spent = spent + excluded.spent
			RETURNING spent",
		);
		let add = add.bind(entry.header.relay).bind(key.as_bytes()).bind(charge);
		let spent: i64 = add.fetch_one(&mut *connection).await?.try_get(0)?;
		totals.push((key, number(spent)?));
	}
	Ok(totals)
}

/// Ids as one parameter.
fn list(calls: &[Spent]) -> Result<String, StoreError> {
	let calls: Vec<String> = calls.iter().map(|spent| hex::encode(spent.call)).collect();
	serde_json::to_string(&calls).map_err(|_| StoreError::Corrupt("list"))
}
