//! Calls: their transitions, and reading them.

use codec::Decode;
use lx_primitives::{
	units::{Credits, Moment},
	CallId, LaunchId, Leaf, Payment, Units,
};
use sp_core::{crypto::AccountId32, H256};
use sqlx::{sqlite::SqliteRow, Row};
use tokio::sync::oneshot;

use super::{
	array, credits, moment,
	reservation::{held, held_units},
	unsigned,
	writer::{Ending, Job},
	Ledger, LedgerError, NewCall, Reservation, Settlement, OUTCOMES_KEPT, VOID_KEPT,
};

/// The most void calls that are forgotten in one step.
pub(super) const FORGOTTEN: u32 = 500;

/// A call as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
	/// Identifies the call.
	pub call_id: CallId,
	/// Whose call it is.
	pub account: AccountId32,
	/// The model asked for.
	pub model: String,
	/// `RESERVED`, `SENT`, `USAGE_FINAL`, `USAGE_ESTIMATED`, `VOID`, `BATCHED` or `FINAL`.
	pub state: String,
	/// µCRED that were reserved.
	pub reserved: Credits,
	/// The µCRED reserved or, once settled, charged.
	pub held: Credits,
	/// When it was made.
	pub created_at: Moment,
	/// What is posted of it, once settled.
	pub leaf: Option<Leaf<AccountId32>>,
	/// Salts the hashes of the leaf.
	pub salt: [u8; 32],
	/// The sequence of the batch that holds it.
	pub sequence: Option<u64>,
	/// Why it is void.
	pub reason: Option<String>,
	/// Hash of the request body.
	pub body_hash: H256,
}

/// What the ledger holds of an account and the chain has not charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
	/// µCRED reserved by calls under way.
	pub reserved: Credits,
	/// µCRED of settled calls, not charged on chain yet.
	pub settled: Credits,
}

impl Held {
	/// All of it.
	pub fn all(&self) -> Credits {
		self.reserved.saturating_add(self.settled)
	}
}

/// An answer that was kept for a repeated request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
	/// The answer's content type.
	pub content_type: String,
	/// The answer.
	pub body: Vec<u8>,
}

impl Ledger {
	/// Reserves a call's worst case, if the balance and the key's cap allow it.
	pub async fn reserve(&self, call: NewCall) -> Result<Reservation, LedgerError> {
		self.write(|reply| Job::Reserve(Box::new(call), reply)).await
	}

	/// Notes that a call goes to the provider.
	pub async fn mark_sent(&self, call: CallId) -> Result<(), LedgerError> {
		self.write(|reply| Job::Send(call, reply)).await
	}

	/// Settles a call that was sent.
	pub async fn settle(&self, settlement: Settlement) -> Result<(), LedgerError> {
		self.end(Ending::Settled(settlement)).await
	}

	/// Voids a call: nothing is charged.
	pub async fn void(&self, call: CallId, time: Moment, reason: &str) -> Result<(), LedgerError> {
		self.end(Ending::Void(call, time, reason.into())).await
	}

	/// Writes how a call ended, and waits as long as the ledger cannot be written.
	async fn end(&self, ending: Ending) -> Result<(), LedgerError> {
		self.write(|reply| Job::End(Box::new(ending), reply)).await
	}

	async fn write<T>(
		&self,
		job: impl FnOnce(oneshot::Sender<Result<T, LedgerError>>) -> Job,
	) -> Result<T, LedgerError> {
		let (reply, answer) = oneshot::channel();
		self.queue.send(job(reply)).await.map_err(|_| LedgerError::Closed)?;
		answer.await.map_err(|_| LedgerError::Closed)?
	}

	/// A call by its id.
	pub async fn call(&self, call: &CallId) -> Result<Option<Call>, LedgerError> {
		let query = sqlx::query(
			"SELECT call_id, account, model, state, reserved, held, created_at, leaf, salt,
				sequence, reason, body_hash
			FROM calls WHERE call_id = ?",
		);
		let row = query.bind(&call[..]).fetch_optional(&self.reads).await?;
		row.as_ref().map(read_call).transpose()
	}

	/// The call that a key made with an idempotency key.
	pub async fn repeated(
		&self,
		key_hash: &H256,
		idempotency_key: &str,
	) -> Result<Option<Call>, LedgerError> {
		let query = sqlx::query(
			"SELECT call_id, account, model, state, reserved, held, created_at, leaf, salt,
				sequence, reason, body_hash
			FROM calls WHERE key_hash = ? AND idempotency_key = ?",
		);
		let query = query.bind(key_hash.as_bytes()).bind(idempotency_key);
		let row = query.fetch_optional(&self.reads).await?;
		row.as_ref().map(read_call).transpose()
	}

	/// The answer that was kept of a call.
	pub async fn outcome(&self, call: &CallId) -> Result<Option<Outcome>, LedgerError> {
		let query = sqlx::query("SELECT content_type, body FROM outcomes WHERE call_id = ?");
		let row = query.bind(&call[..]).fetch_optional(&self.reads).await?;
		let read =
			|row: SqliteRow| Ok(Outcome { content_type: row.try_get(0)?, body: row.try_get(1)? });
		row.map(read).transpose()
	}

	/// Forgets the answers that have been kept long enough, and their idempotency keys.
	pub async fn forget_outcomes(&self, now: Moment) -> Result<(), LedgerError> {
		let kept = Moment::try_from(OUTCOMES_KEPT.as_millis()).unwrap_or(Moment::MAX);
		let before = moment(now.saturating_sub(kept))?;
		let mut transaction = self.writes.begin_with("BEGIN IMMEDIATE").await?;
		let free_keys = sqlx::query(
			"UPDATE calls SET idempotency_key = NULL
			WHERE idempotency_key IS NOT NULL AND settled_at < ?",
		);
		free_keys.bind(before).execute(&mut *transaction).await?;
		let forget = sqlx::query("DELETE FROM outcomes WHERE created_at < ?");
		forget.bind(before).execute(&mut *transaction).await?;
		Ok(transaction.commit().await?)
	}

	/// Forgets some of the calls that are void and were never charged, and that are so old that nobody
	/// asks for them. Returns whether there may be more: calls under way need not wait for all of them.
	///
	/// One that was charged first has a leaf. It stays, since its client was told the charge, and a
	/// batch may show it.
	pub async fn forget_void(&self, now: Moment) -> Result<bool, LedgerError> {
		let query = sqlx::query(
			"DELETE FROM calls WHERE call_id IN (SELECT call_id FROM calls
				WHERE state = 'VOID' AND leaf IS NULL AND created_at < ?
					AND NOT EXISTS (SELECT 1 FROM outcomes WHERE outcomes.call_id = calls.call_id)
				LIMIT ?)",
		);
		let before = moment(now.saturating_sub(VOID_KEPT))?;
		let forgotten = query.bind(before).bind(FORGOTTEN).execute(&self.writes).await?;
		Ok(forgotten.rows_affected() == u64::from(FORGOTTEN))
	}

	/// What is held of calls of `account` with this payment and not charged on chain where
	/// `next_sequence` is the relay's next.
	pub async fn held(
		&self,
		account: &AccountId32,
		payment: Payment,
		next_sequence: u64,
	) -> Result<Held, LedgerError> {
		let statement = concat!(
			"SELECT ",
			held!(),
			", (SELECT COALESCE(SUM(held), 0) FROM calls
				WHERE account = ?1 AND sponsored = ?3 AND sequence IS NULL
					AND state IN ('RESERVED', 'SENT'))"
		);
		let account: &[u8] = account.as_ref();
		let query = sqlx::query(statement).bind(account).bind(moment(next_sequence)?);
		let query = query.bind(payment.is_sponsored());
		let row = query.fetch_one(&self.reads).await?;
		let (all, reserved) = (credits(row.try_get(0)?)?, credits(row.try_get(1)?)?);
		Ok(Held { reserved, settled: all.saturating_sub(reserved) })
	}

	/// The same of a quota of `account`, in units.
	pub async fn held_units(
		&self,
		account: &AccountId32,
		launch: LaunchId,
		next_sequence: u64,
	) -> Result<Units, LedgerError> {
		let account: &[u8] = account.as_ref();
		let query = sqlx::query(concat!("SELECT ", held_units!("?3")));
		let query = query.bind(account).bind(moment(next_sequence)?).bind(launch);
		unsigned(query.fetch_one(&self.reads).await?.try_get(0)?)
	}

	/// The number of calls that are under way, and of those that wait for the chain to take them.
	pub async fn backlog(&self) -> Result<(u64, u64), LedgerError> {
		let query = sqlx::query(
			"SELECT (SELECT COUNT(*) FROM calls WHERE state IN ('RESERVED', 'SENT')),
				(SELECT COUNT(*) FROM calls WHERE state IN ('USAGE_FINAL', 'USAGE_ESTIMATED'))
				+ (SELECT COUNT(*) FROM leaves
					WHERE batch = (SELECT id FROM batches WHERE state = 'OPEN'))",
		);
		let row = query.fetch_one(&self.reads).await?;
		Ok((unsigned(row.try_get(0)?)?, unsigned(row.try_get(1)?)?))
	}
}

fn read_call(row: &SqliteRow) -> Result<Call, LedgerError> {
	let leaf: Option<Vec<u8>> = row.try_get("leaf")?;
	let sequence: Option<i64> = row.try_get("sequence")?;
	Ok(Call {
		call_id: array(row.try_get("call_id")?, "call id")?,
		account: AccountId32::new(array(row.try_get("account")?, "account")?),
		model: row.try_get("model")?,
		state: row.try_get("state")?,
		reserved: credits(row.try_get("reserved")?)?,
		held: credits(row.try_get("held")?)?,
		created_at: unsigned(row.try_get("created_at")?)?,
		leaf: leaf.map(|bytes| read_leaf(&bytes)).transpose()?,
		salt: array(row.try_get("salt")?, "salt")?,
		sequence: sequence.map(unsigned).transpose()?,
		reason: row.try_get("reason")?,
		body_hash: H256(array(row.try_get("body_hash")?, "body hash")?),
	})
}

pub(super) fn read_leaf(mut bytes: &[u8]) -> Result<Leaf<AccountId32>, LedgerError> {
	Leaf::decode(&mut bytes).map_err(|_| LedgerError::Corrupt("leaf"))
}
