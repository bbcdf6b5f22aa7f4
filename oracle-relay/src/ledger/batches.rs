//! Batches: composed, durable before they are submitted, followed until they are final.

use codec::{Decode, Encode};
use lx_primitives::{units::Moment, Batch, CallId, Leaf};
use sp_core::{crypto::AccountId32, sr25519, H256};
use sqlx::{sqlite::SqliteConnection, Row};

use super::{array, calls::read_leaf, moment, unsigned, Ledger, LedgerError};
use crate::chain::Posting;

/// How long an account's calls rest when the chain would refuse them for the first time, in
/// milliseconds. Each further time in a row they rest twice as long.
pub(super) const FIRST_REST: i64 = 30_000;

/// The longest such rest.
pub(super) const LONGEST_REST: i64 = 6 * 60 * 60 * 1_000;

/// A batch and the calls that it holds.
#[derive(Clone, Debug)]
pub struct StoredBatch {
	/// Its row.
	pub id: i64,
	/// Its place in the relay's log.
	pub sequence: u64,
	/// What was signed.
	pub hash: H256,
	/// The batch with its signatures.
	pub posting: Posting,
}

/// The encoding of a posting in the ledger.
type Encoded = (Batch<AccountId32>, sr25519::Signature, Vec<(u32, sr25519::Signature)>);

/// The leaves of a batch in order, line by line.
pub type LinesOfLeaves = Vec<Vec<Leaf<AccountId32>>>;

impl Ledger {
	/// Settled calls that no batch holds, at most `most`. Those of accounts that have been refused
	/// least come first, so that calls that cannot be charged keep no others out, then the oldest.
	pub async fn calls_to_batch(
		&self,
		now: Moment,
		most: u32,
	) -> Result<Vec<Leaf<AccountId32>>, LedgerError> {
		let query = sqlx::query(
			"SELECT leaf FROM calls LEFT JOIN refused USING (account)
			WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED') AND COALESCE(retry_at, 0) <= ?
			ORDER BY COALESCE(times, 0), settled_at, call_id LIMIT ?",
		);
		let rows = query.bind(moment(now)?).bind(most).fetch_all(&self.reads).await?;
		rows.into_iter().map(|row| read_leaf(&row.try_get::<Vec<u8>, _>(0)?)).collect()
	}

	/// Lets the settled calls of `account` rest from `now` on, since the chain would refuse them.
	pub async fn postpone(&self, account: &AccountId32, now: Moment) -> Result<(), LedgerError> {
		let account: &[u8] = account.as_ref();
		let query = sqlx::query(
			"INSERT INTO refused (account, times, retry_at) VALUES (?1, 1, ?2 + ?3)
			ON CONFLICT (account) DO UPDATE SET
				times = times + 1,
				retry_at = ?2 + MIN(?4, ?3 << MIN(times, 16))",
		);
		let query = query.bind(account).bind(moment(now)?).bind(FIRST_REST).bind(LONGEST_REST);
		query.execute(&self.writes).await?;
		Ok(())
	}

	/// Stores a batch with its leaves and signatures as the open one. An open batch of the same
	/// sequence is replaced, and its calls that the new one does not hold wait for another.
	pub async fn open_batch(
		&self,
		posting: &Posting,
		hash: H256,
		lines: &LinesOfLeaves,
		now: Moment,
	) -> Result<(), LedgerError> {
		let sequence = moment(posting.batch.sequence)?;
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		sqlx::query("UPDATE batches SET state = 'REPLACED' WHERE state = 'OPEN'")
			.execute(&mut *transaction)
			.await?;
		let encoded = (&posting.batch, &posting.relay_signature, &posting.signatures).encode();
		let insert = sqlx::query(
			"INSERT INTO batches (sequence, hash, posting, state, created_at)
			VALUES (?, ?, ?, 'OPEN', ?)
			ON CONFLICT (hash) DO UPDATE SET state = 'OPEN', posting = excluded.posting
			RETURNING id",
		);
		let insert = insert.bind(sequence).bind(hash.as_bytes()).bind(encoded).bind(moment(now)?);
		let id: i64 = insert.fetch_one(&mut *transaction).await?.try_get(0)?;
		for (line, leaves) in (0i64..).zip(lines) {
			for (position, leaf) in (0i64..).zip(leaves) {
				let insert = sqlx::query(
					"INSERT INTO leaves (batch, call_id, line, position) VALUES (?, ?, ?, ?)
					ON CONFLICT DO NOTHING",
				);
				let insert = insert.bind(id).bind(&leaf.call_id[..]).bind(line).bind(position);
				insert.execute(&mut *transaction).await?;
			}
		}
		assign_calls(&mut transaction, id, sequence).await?;
		Ok(transaction.commit().await?)
	}

	/// The batch that is on its way to the chain.
	pub async fn batch_on_its_way(&self) -> Result<Option<StoredBatch>, LedgerError> {
		let query =
			sqlx::query("SELECT id, sequence, hash, posting FROM batches WHERE state = 'OPEN'");
		let found = query.fetch_optional(&self.writes).await?;
		found.map(read_batch).transpose()
	}

	/// Gives up the open batch: its calls wait for another.
	pub async fn drop_open_batch(&self, batch: &StoredBatch) -> Result<(), LedgerError> {
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		sqlx::query("UPDATE batches SET state = 'REPLACED' WHERE id = ?")
			.bind(batch.id)
			.execute(&mut *transaction)
			.await?;
		release_calls(&mut transaction, moment(batch.sequence)?).await?;
		Ok(transaction.commit().await?)
	}

	/// The oldest place below `next_sequence` of which it is not known which batch the chain took.
	pub async fn oldest_unresolved(&self, next_sequence: u64) -> Result<Option<u64>, LedgerError> {
		let query = sqlx::query(
			"SELECT MIN(sequence) FROM batches
			WHERE state IN ('OPEN', 'REPLACED') AND sequence < ?",
		);
		let row = query.bind(moment(next_sequence)?).fetch_one(&self.writes).await?;
		row.try_get::<Option<i64>, _>(0)?.map(unsigned).transpose()
	}

	/// The batch that this relay signed last for a place.
	pub async fn last_signed(&self, sequence: u64) -> Result<Option<H256>, LedgerError> {
		let query = sqlx::query(
			"SELECT hash FROM batches WHERE sequence = ? ORDER BY state = 'OPEN' DESC, id DESC LIMIT 1",
		);
		let found = query.bind(moment(sequence)?).fetch_optional(&self.writes).await?;
		found.map(|row| Ok(H256(array(row.try_get(0)?, "hash")?))).transpose()
	}

	/// Notes that the chain has taken the batch `sequence` with `hash`. Returns false if it is none
	/// of those that this relay signed for that place: then their calls wait for another.
	pub async fn batch_posted(&self, sequence: u64, hash: &H256) -> Result<bool, LedgerError> {
		let place = moment(sequence)?;
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		let find = sqlx::query("SELECT id FROM batches WHERE sequence = ? AND hash = ?");
		let find = find.bind(place).bind(hash.as_bytes());
		let taken = find.fetch_optional(&mut *transaction).await?;
		sqlx::query("UPDATE batches SET state = 'LOST' WHERE sequence = ?")
			.bind(place)
			.execute(&mut *transaction)
			.await?;
		match &taken {
			Some(row) => {
				let id: i64 = row.try_get(0)?;
				sqlx::query("UPDATE batches SET state = 'POSTED' WHERE id = ?")
					.bind(id)
					.execute(&mut *transaction)
					.await?;
				assign_calls(&mut transaction, id, place).await?;
				sqlx::query(
					"DELETE FROM refused
					WHERE account IN (SELECT account FROM calls WHERE sequence = ?)",
				)
				.bind(place)
				.execute(&mut *transaction)
				.await?;
			},
			None => release_calls(&mut transaction, place).await?,
		}
		transaction.commit().await?;
		Ok(taken.is_some())
	}

	/// The oldest batch that the chain has taken and that is not known to be final.
	pub async fn oldest_posted(&self) -> Result<Option<u64>, LedgerError> {
		let query = sqlx::query("SELECT MIN(sequence) FROM batches WHERE state = 'POSTED'");
		let oldest: Option<i64> = query.fetch_one(&self.writes).await?.try_get(0)?;
		oldest.map(unsigned).transpose()
	}

	/// Notes that the batch `sequence` is final, and its calls with it.
	pub async fn batch_final(&self, sequence: u64) -> Result<(), LedgerError> {
		let place = moment(sequence)?;
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		sqlx::query("UPDATE batches SET state = 'FINAL' WHERE sequence = ? AND state = 'POSTED'")
			.bind(place)
			.execute(&mut *transaction)
			.await?;
		sqlx::query("UPDATE calls SET state = 'FINAL' WHERE sequence = ? AND state = 'BATCHED'")
			.bind(place)
			.execute(&mut *transaction)
			.await?;
		Ok(transaction.commit().await?)
	}

	/// The batch that holds a call, as last signed, with the line and the position of the call.
	pub async fn batch_of(
		&self,
		call: &CallId,
	) -> Result<Option<(StoredBatch, u32, u32)>, LedgerError> {
		let query = sqlx::query(
			"SELECT id, batches.sequence, hash, posting, line, position
			FROM leaves JOIN batches ON batches.id = leaves.batch
			WHERE call_id = ? AND batches.state <> 'REPLACED'",
		);
		let Some(row) = query.bind(&call[..]).fetch_optional(&self.reads).await? else {
			return Ok(None);
		};
		let (line, position) = (row.try_get(4)?, row.try_get(5)?);
		Ok(Some((read_batch(row)?, line, position)))
	}

	/// All leaves of a batch, in order.
	pub async fn leaves_of_batch(&self, batch: i64) -> Result<Vec<Leaf<AccountId32>>, LedgerError> {
		let query = sqlx::query(
			"SELECT leaf FROM leaves JOIN calls USING (call_id)
			WHERE batch = ? ORDER BY line, position",
		);
		let rows = query.bind(batch).fetch_all(&self.reads).await?;
		rows.into_iter().map(|row| read_leaf(&row.try_get::<Vec<u8>, _>(0)?)).collect()
	}

	/// How many accounts have settled calls that no batch holds.
	pub async fn accounts_to_batch(&self, now: Moment) -> Result<u64, LedgerError> {
		let query = sqlx::query(
			"SELECT COUNT(DISTINCT account) FROM calls LEFT JOIN refused USING (account)
			WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED') AND COALESCE(retry_at, 0) <= ?",
		);
		let row = query.bind(moment(now)?).fetch_one(&self.reads).await?;
		unsigned(row.try_get(0)?)
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
}

/// Makes `sequence` hold the calls of the batch `id` and no others.
async fn assign_calls(
	connection: &mut SqliteConnection,
	id: i64,
	sequence: i64,
) -> Result<(), LedgerError> {
	release_calls(connection, sequence).await?;
	let assign = sqlx::query(
		"UPDATE calls SET state = 'BATCHED', sequence = ?1
		WHERE call_id IN (SELECT call_id FROM leaves WHERE batch = ?2)
			AND state IN ('USAGE_FINAL', 'USAGE_ESTIMATED')",
	);
	let assigned = assign.bind(sequence).bind(id).execute(&mut *connection).await?;
	let count = sqlx::query("SELECT COUNT(*) FROM leaves WHERE batch = ?").bind(id);
	let leaves: i64 = count.fetch_one(connection).await?.try_get(0)?;
	if unsigned(leaves)? == assigned.rows_affected() {
		Ok(())
	} else {
		Err(LedgerError::WrongState("batched"))
	}
}

async fn release_calls(
	connection: &mut SqliteConnection,
	sequence: i64,
) -> Result<(), LedgerError> {
	let release = sqlx::query(
		"UPDATE calls
		SET state = IIF(estimated, 'USAGE_ESTIMATED', 'USAGE_FINAL'), sequence = NULL
		WHERE sequence = ? AND state = 'BATCHED'",
	);
	release.bind(sequence).execute(connection).await?;
	Ok(())
}

fn read_batch(row: sqlx::sqlite::SqliteRow) -> Result<StoredBatch, LedgerError> {
	let posting: Vec<u8> = row.try_get("posting")?;
	let (batch, relay_signature, signatures) =
		Encoded::decode(&mut &posting[..]).map_err(|_| LedgerError::Corrupt("batch"))?;
	Ok(StoredBatch {
		id: row.try_get("id")?,
		sequence: unsigned(row.try_get("sequence")?)?,
		hash: H256(array(row.try_get("hash")?, "hash")?),
		posting: Posting { batch, relay_signature, signatures },
	})
}
