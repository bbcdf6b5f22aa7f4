//! Batches: composed, durable before anybody sees them, followed until they are final.

use codec::{Decode, Encode};
use lx_primitives::{
	call_log::call_id,
	units::{Credits, Moment},
	Batch, CallId, Header, Leaf, Payment,
};
use sp_core::{crypto::AccountId32, sr25519, H256};
use sqlx::{
	sqlite::{SqliteConnection, SqliteRow},
	Row,
};

use super::{array, calls::read_leaf, moment, unsigned, Ledger, LedgerError};

/// How long the calls of an account that are paid in one way rest when the chain would refuse them for
/// the first time, in milliseconds. Each further time in a row they rest twice as long.
pub(super) const FIRST_REST: i64 = 30_000;

/// The longest such rest.
pub(super) const LONGEST_REST: i64 = 6 * 60 * 60 * 1_000;

/// A batch as the ledger holds it.
#[derive(Clone, Debug)]
pub struct StoredBatch {
	/// Its row.
	pub id: i64,
	/// Its place in the relay's log.
	pub sequence: u64,
	/// What is signed.
	pub hash: H256,
	/// The batch.
	pub batch: Batch<AccountId32>,
	/// The relay's signature over the hash.
	pub relay_signature: sr25519::Signature,
	/// `OPEN`, `REPLACED`, `POSTED`, `FINAL`, `REVERSED` or `LOST`.
	pub state: String,
	/// The finalised block at which the chain was seen to have taken it.
	pub posted_in: Option<u64>,
}

/// A settled call that no batch holds.
#[derive(Clone, Debug)]
pub struct Waiting {
	/// What is posted of it.
	pub leaf: Leaf<AccountId32>,
	/// The key epoch in which its key was granted.
	pub key_epoch: u32,
}

/// The leaves of a batch in order, line by line.
pub type LinesOfLeaves = Vec<Vec<Leaf<AccountId32>>>;

/// The columns that [`read_batch`] reads.
macro_rules! batch_columns {
	() => {
		"batches.id, batches.sequence, hash, batch, relay_signature, batches.state, posted_in"
	};
}
pub(super) use batch_columns;

/// Joins calls with how often those of their account that are paid in the same way were refused.
macro_rules! with_refusals {
	() => {
		"LEFT JOIN refused ON refused.account = calls.account
			AND refused.sponsored = calls.sponsored AND refused.quota = COALESCE(calls.quota, -1)"
	};
}

impl Ledger {
	/// Settled calls made at `latest` or before that no batch holds, at most `most`. Those that have
	/// been refused least come first, so that calls that cannot be charged keep no others out, then the
	/// oldest.
	pub async fn calls_to_batch(
		&self,
		now: Moment,
		latest: Moment,
		most: u32,
	) -> Result<Vec<Waiting>, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT leaf, key_epoch FROM calls JOIN keys USING (key_hash) ",
			with_refusals!(),
			" WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED') AND COALESCE(retry_at, 0) <= ?
				AND call_id < ?
			ORDER BY COALESCE(times, 0), settled_at, call_id LIMIT ?",
		));
		let after = first_id_of(latest.saturating_add(1));
		let query = query.bind(moment(now)?).bind(&after[..]).bind(most);
		let rows = query.fetch_all(&self.reads).await?;
		let read = |row: SqliteRow| {
			Ok(Waiting {
				leaf: read_leaf(&row.try_get::<Vec<u8>, _>(0)?)?,
				key_epoch: row.try_get(1)?,
			})
		};
		rows.into_iter().map(read).collect()
	}

	/// How many accounts have settled calls that no batch holds.
	pub async fn accounts_to_batch(&self, now: Moment) -> Result<u64, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT COUNT(DISTINCT calls.account) FROM calls ",
			with_refusals!(),
			" WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED') AND COALESCE(retry_at, 0) <= ?",
		));
		let row = query.bind(moment(now)?).fetch_one(&self.reads).await?;
		unsigned(row.try_get(0)?)
	}

	/// Lets the settled calls of `account` with this payment rest from `now` on, since the chain would
	/// refuse them. Others of it go on: what one that cannot be charged kept back could be taken out of
	/// the purse meanwhile.
	pub async fn postpone(
		&self,
		account: &AccountId32,
		payment: Payment,
		now: Moment,
	) -> Result<(), LedgerError> {
		let account: &[u8] = account.as_ref();
		let query = sqlx::query(
			"INSERT INTO refused (account, times, retry_at, sponsored, quota)
			VALUES (?1, 1, ?2 + ?3, ?5, COALESCE(?6, -1))
			ON CONFLICT (account, sponsored, quota) DO UPDATE SET
				times = times + 1,
				retry_at = ?2 + MIN(?4, ?3 << MIN(times, 16))",
		);
		let query = query.bind(account).bind(moment(now)?).bind(FIRST_REST).bind(LONGEST_REST);
		let query = query.bind(payment.is_sponsored()).bind(payment.quota());
		query.execute(&self.writes).await?;
		Ok(())
	}

	/// Gives up settled calls that were made before `oldest`, since the chain takes none of so long
	/// ago. The relay bears their cost. Returns how many those were.
	pub async fn give_up_stale(&self, oldest: Moment) -> Result<u64, LedgerError> {
		let query = sqlx::query(
			"UPDATE calls SET state = 'VOID', held = 0, reason = 'too old for the chain'
			WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED') AND call_id < ?",
		);
		let before = first_id_of(oldest);
		Ok(query.bind(&before[..]).execute(&self.writes).await?.rows_affected())
	}

	/// Gives up a settled call that no attestor would sign for, for this `reason`. The relay bears its
	/// cost.
	pub async fn give_up(&self, call: &CallId, reason: &str) -> Result<(), LedgerError> {
		let query = sqlx::query(
			"UPDATE calls SET state = 'VOID', held = 0, reason = ?
			WHERE call_id = ? AND state IN ('USAGE_FINAL', 'USAGE_ESTIMATED')",
		);
		query.bind(reason).bind(&call[..]).execute(&self.writes).await?;
		Ok(())
	}

	/// Stores a batch with its leaves as the open one. There must be no other, and none was signed for
	/// its place that the chain could take as well, whatever a node that lags behind says.
	pub async fn open_batch(
		&self,
		batch: &Batch<AccountId32>,
		hash: H256,
		relay_signature: &sr25519::Signature,
		lines: &LinesOfLeaves,
		now: Moment,
	) -> Result<(), LedgerError> {
		let sequence = moment(batch.header.sequence)?;
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		ensure_no_conflict(&mut transaction, &batch.header).await?;
		let insert = sqlx::query(
			"INSERT INTO batches (sequence, hash, batch, relay_signature, state, created_at)
			VALUES (?, ?, ?, ?, 'OPEN', ?) RETURNING id",
		);
		let insert = insert.bind(sequence).bind(hash.as_bytes()).bind(batch.encode());
		let insert = insert.bind(&relay_signature.0[..]).bind(moment(now)?);
		let id: i64 = insert.fetch_one(&mut *transaction).await?.try_get(0)?;
		for (line, leaves) in (0i64..).zip(lines) {
			for (position, leaf) in (0i64..).zip(leaves) {
				let insert = sqlx::query(
					"INSERT INTO leaves (batch, call_id, line, position) VALUES (?, ?, ?, ?)",
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
			sqlx::query(concat!("SELECT ", batch_columns!(), " FROM batches WHERE state = 'OPEN'"));
		let found = query.fetch_optional(&self.reads).await?;
		found.map(read_batch).transpose()
	}

	/// Gives up the open batch, which the chain cannot take any more: its calls wait for another.
	pub async fn drop_open_batch(&self, batch: &StoredBatch) -> Result<(), LedgerError> {
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		set_state(&mut transaction, batch.id, "REPLACED").await?;
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

	/// Notes that the chain has taken the batch `sequence` with `hash`, as seen at block `block`.
	/// Returns false if it is none of those that this relay signed for that place: then their calls
	/// wait for another.
	pub async fn batch_posted(
		&self,
		sequence: u64,
		hash: &H256,
		block: u64,
	) -> Result<bool, LedgerError> {
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
				set_state(&mut transaction, id, "POSTED").await?;
				sqlx::query("UPDATE batches SET posted_in = ? WHERE id = ?")
					.bind(moment(block)?)
					.bind(id)
					.execute(&mut *transaction)
					.await?;
				assign_calls(&mut transaction, id, place).await?;
				sqlx::query(
					"DELETE FROM refused WHERE (account, sponsored, quota) IN
						(SELECT account, sponsored, COALESCE(quota, -1) FROM calls
							WHERE sequence = ?)",
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

	/// The oldest batch that the chain has taken and that is not known to be final: its place, and
	/// what its relay signed as its time.
	pub async fn oldest_posted(&self) -> Result<Option<StoredBatch>, LedgerError> {
		let query = sqlx::query(concat!(
			"SELECT ",
			batch_columns!(),
			" FROM batches WHERE state = 'POSTED' ORDER BY sequence LIMIT 1"
		));
		let found = query.fetch_optional(&self.writes).await?;
		found.map(read_batch).transpose()
	}

	/// Notes that a posted batch is final, and its calls with it.
	pub async fn batch_final(&self, batch: &StoredBatch) -> Result<(), LedgerError> {
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		set_state(&mut transaction, batch.id, "FINAL").await?;
		sqlx::query("UPDATE calls SET state = 'FINAL' WHERE sequence = ? AND state = 'BATCHED'")
			.bind(moment(batch.sequence)?)
			.execute(&mut *transaction)
			.await?;
		Ok(transaction.commit().await?)
	}

	/// Notes that a posted batch was reversed: its accounts have their charges back, so its calls are
	/// void. Returns the µCRED that are lost.
	pub async fn batch_reversed(&self, batch: &StoredBatch) -> Result<Credits, LedgerError> {
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		set_state(&mut transaction, batch.id, "REVERSED").await?;
		sqlx::query(
			"UPDATE calls SET state = 'VOID', held = 0, reason = 'its batch was reversed'
			WHERE sequence = ? AND state = 'BATCHED'",
		)
		.bind(moment(batch.sequence)?)
		.execute(&mut *transaction)
		.await?;
		transaction.commit().await?;
		Ok(batch.batch.header.root.charge)
	}
}

/// The lowest id that a call made at `time` can have.
fn first_id_of(time: Moment) -> CallId {
	call_id(time, [0; 10])
}

async fn set_state(
	connection: &mut SqliteConnection,
	id: i64,
	state: &str,
) -> Result<(), LedgerError> {
	let query = sqlx::query("UPDATE batches SET state = ? WHERE id = ?").bind(state).bind(id);
	query.execute(connection).await?;
	Ok(())
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

/// Reads the columns of [`batch_columns`].
pub(super) fn read_batch(row: SqliteRow) -> Result<StoredBatch, LedgerError> {
	let batch: Vec<u8> = row.try_get("batch")?;
	let signature = array(row.try_get("relay_signature")?, "signature")?;
	Ok(StoredBatch {
		id: row.try_get("id")?,
		sequence: unsigned(row.try_get("sequence")?)?,
		hash: H256(array(row.try_get("hash")?, "hash")?),
		batch: Batch::decode(&mut &batch[..]).map_err(|_| LedgerError::Corrupt("batch"))?,
		relay_signature: sr25519::Signature::from_raw(signature),
		state: row.try_get("state")?,
		posted_in: row.try_get::<Option<i64>, _>("posted_in")?.map(unsigned).transpose()?,
	})
}

/// Checks that nothing was signed for the place of `header` that the chain could take as well.
async fn ensure_no_conflict(
	connection: &mut SqliteConnection,
	header: &Header,
) -> Result<(), LedgerError> {
	let query = sqlx::query("SELECT batch FROM batches WHERE sequence = ?");
	let rows = query.bind(moment(header.sequence)?).fetch_all(connection).await?;
	for row in rows {
		let stored: Vec<u8> = row.try_get(0)?;
		let signed = Header::decode(&mut &stored[..]).map_err(|_| LedgerError::Corrupt("batch"))?;
		if signed.conflicts_with(header) {
			return Err(LedgerError::Conflict(header.sequence));
		}
	}
	Ok(())
}
