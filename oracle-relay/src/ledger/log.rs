//! The call log as it is published: batches, their calls, the grants behind them, signatures.

use lx_primitives::{CallId, Leaf};
use sp_core::{crypto::AccountId32, sr25519, H256};
use sqlx::{sqlite::SqliteRow, Row};

use super::{
	array,
	batches::{batch_columns, read_batch, StoredBatch},
	calls::read_leaf,
	moment, Ledger, LedgerError,
};

/// A call's place in its batch, and what is posted of it.
#[derive(Clone, Debug)]
pub struct PlacedLeaf {
	/// The line that charges it.
	pub line: u32,
	/// Its place among its account's.
	pub position: u32,
	/// What is posted of it.
	pub leaf: Leaf<AccountId32>,
}

/// An attestor's signature over a batch's hash.
pub type AttestorSignature = (u32, sr25519::Signature);

impl Ledger {
	/// At most `most` batches before the place `before`, the newest first, without those that gave way
	/// to another for their place.
	pub async fn batches(
		&self,
		before: Option<u64>,
		most: u32,
	) -> Result<Vec<StoredBatch>, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT ",
			batch_columns!(),
			" FROM batches WHERE sequence < ? AND state NOT IN ('REPLACED', 'LOST')
			ORDER BY sequence DESC LIMIT ?"
		));
		let before = before.map_or(Ok(i64::MAX), moment)?;
		let rows = query.bind(before).bind(most).fetch_all(&self.reads).await?;
		rows.into_iter().map(read_batch).collect()
	}

	/// The batch with this hash.
	pub async fn batch_by_hash(&self, hash: &H256) -> Result<Option<StoredBatch>, LedgerError> {
		let query =
			sqlx::query(concat!("SELECT ", batch_columns!(), " FROM batches WHERE hash = ?"));
		let found = query.bind(hash.as_bytes()).fetch_optional(&self.reads).await?;
		found.map(read_batch).transpose()
	}

	/// The batch of a place: the one that the chain took, or as long as it took none the one that was
	/// signed last.
	pub async fn batch_at(&self, sequence: u64) -> Result<Option<StoredBatch>, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT ",
			batch_columns!(),
			" FROM batches WHERE sequence = ?
			ORDER BY state IN ('POSTED', 'FINAL', 'REVERSED') DESC, id DESC LIMIT 1"
		));
		let Ok(sequence) = moment(sequence) else { return Ok(None) };
		let found = query.bind(sequence).fetch_optional(&self.reads).await?;
		found.map(read_batch).transpose()
	}

	/// The batch that holds a call, with the line and the position of the call.
	pub async fn batch_of(
		&self,
		call: &CallId,
	) -> Result<Option<(StoredBatch, u32, u32)>, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT ",
			batch_columns!(),
			", line, position FROM batches
			JOIN (SELECT batch AS held_by, line, position FROM leaves WHERE call_id = ?)
			ON id = held_by WHERE state NOT IN ('REPLACED', 'LOST')"
		));
		let Some(row) = query.bind(&call[..]).fetch_optional(&self.reads).await? else {
			return Ok(None);
		};
		let (line, position) = (row.try_get("line")?, row.try_get("position")?);
		Ok(Some((read_batch(row)?, line, position)))
	}

	/// At most `most` calls of a batch in order, from this line and this place in it on.
	pub async fn leaves_of_batch(
		&self,
		batch: i64,
		(line, position): (u32, u32),
		most: u32,
	) -> Result<Vec<PlacedLeaf>, LedgerError> {
		let query = sqlx::query(
			"SELECT line, position, leaf FROM leaves JOIN calls USING (call_id)
			WHERE batch = ? AND (line, position) >= (?, ?) ORDER BY line, position LIMIT ?",
		);
		let query = query.bind(batch).bind(line).bind(position).bind(most);
		let rows = query.fetch_all(&self.reads).await?;
		let read = |row: SqliteRow| {
			Ok(PlacedLeaf {
				line: row.try_get(0)?,
				position: row.try_get(1)?,
				leaf: read_leaf(&row.try_get::<Vec<u8>, _>(2)?)?,
			})
		};
		rows.into_iter().map(read).collect()
	}

	/// The leaves of a line of a batch, in order.
	pub async fn leaves_of_line(
		&self,
		batch: i64,
		line: u32,
	) -> Result<Vec<Leaf<AccountId32>>, LedgerError> {
		let query = sqlx::query(
			"SELECT leaf FROM leaves JOIN calls USING (call_id)
			WHERE batch = ? AND line = ? ORDER BY position",
		);
		let rows = query.bind(batch).bind(line).fetch_all(&self.reads).await?;
		rows.into_iter().map(|row| read_leaf(&row.try_get::<Vec<u8>, _>(0)?)).collect()
	}

	/// At most `most` of the keys by which calls of a batch were made, ordered by their hashes,
	/// beginning with number `first`.
	pub async fn keys_of_batch(
		&self,
		batch: i64,
		first: u32,
		most: u32,
	) -> Result<Vec<H256>, LedgerError> {
		let query = sqlx::query(
			"SELECT key_hash FROM keys WHERE key_hash IN
				(SELECT key_hash FROM leaves JOIN calls USING (call_id) WHERE batch = ?)
			ORDER BY key_hash LIMIT ? OFFSET ?",
		);
		let rows = query.bind(batch).bind(most).bind(first).fetch_all(&self.reads).await?;
		rows.into_iter().map(|row| Ok(H256(array(row.try_get(0)?, "key")?))).collect()
	}

	/// Keeps an attestor's signature over the open batch with this hash. Returns false if that is not
	/// open any more.
	pub async fn add_signature(
		&self,
		hash: &H256,
		(attestor, signature): &AttestorSignature,
	) -> Result<bool, LedgerError> {
		let query = sqlx::query(
			"INSERT INTO signatures (batch, attestor, signature)
			SELECT id, ?2, ?3 FROM batches WHERE hash = ?1 AND state = 'OPEN'
			ON CONFLICT (batch, attestor) DO UPDATE SET signature = excluded.signature",
		);
		let query = query.bind(hash.as_bytes()).bind(attestor).bind(&signature.0[..]);
		let _turn = self.requested.lock().await;
		Ok(query.execute(&self.writes).await?.rows_affected() == 1)
	}

	/// The attestors' signatures over a batch's hash, ordered by the attestors' ids.
	pub async fn signatures(&self, batch: i64) -> Result<Vec<AttestorSignature>, LedgerError> {
		let query = sqlx::query(
			"SELECT attestor, signature FROM signatures WHERE batch = ? ORDER BY attestor",
		);
		let rows = query.bind(batch).fetch_all(&self.reads).await?;
		let read = |row: SqliteRow| {
			let signature = array(row.try_get(1)?, "signature")?;
			Ok((row.try_get(0)?, sr25519::Signature::from_raw(signature)))
		};
		rows.into_iter().map(read).collect()
	}
}
