//! Reserving the most that a call may cost and use, in one statement: so calls that are made at once never
//! reserve more than there is.

use lx_primitives::{
	units::{Credits, Moment},
	CallId, Payment, Units,
};
use sp_core::{crypto::AccountId32, H256};
use sqlx::{sqlite::SqliteConnection, Row};

use super::{amount, credits, limit, moment, LedgerError};

/// A call to be reserved.
#[derive(Clone, Debug)]
pub struct NewCall {
	/// Identifies the call.
	pub call_id: CallId,
	/// The API key that makes it.
	pub key_hash: H256,
	/// Whose call it is.
	pub account: AccountId32,
	/// How it is paid.
	pub payment: Payment,
	/// The model asked for.
	pub model: String,
	/// µCRED to reserve.
	pub reserve: Credits,
	/// µCRED that may be charged for calls with this payment, at the block where
	/// [`NewCall::next_sequence`] is the relay's next batch.
	pub chargeable: Credits,
	/// What batches from this one on charge is not yet charged at that block.
	pub next_sequence: u64,
	/// Units to reserve of its quota: none without one.
	pub units: Units,
	/// Units of its quota that the account may use here at that block.
	pub usable: Units,
	/// Salts the hashes of the call's leaf.
	pub salt: [u8; 32],
	/// When it was made.
	pub time: Moment,
	/// The client's idempotency key.
	pub idempotency_key: Option<String>,
	/// Hash of the request body.
	pub body_hash: H256,
}

/// What came of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
	/// The call may be sent.
	Reserved,
	/// The account has only this much left.
	Insufficient(Left),
	/// The key's own cap leaves only this much.
	KeyCapReached(Left),
	/// The quota has only this much left.
	QuotaExceeded(Left),
	/// The key has made a call with this idempotency key.
	Repeated,
}

/// What is left for a call that needs more: µCRED, or units of a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
	/// What may be reserved now.
	pub free: Credits,
	/// What calls under way hold beside that: what they do not use is free when they end.
	pub reserved: Credits,
}

/// What the ledger holds of an account's calls that are sponsored, or are not, as `?3` says, and that is
/// not charged on chain at the block where the relay's next sequence is `?2`: calls without a batch, and
/// calls of batches from that sequence on.
macro_rules! held {
	() => {
		"(SELECT COALESCE(SUM(held), 0) FROM calls
			WHERE account = ?1 AND sponsored = ?3 AND sequence IS NULL AND state <> 'VOID')
		+ (SELECT COALESCE(SUM(held), 0) FROM calls
			WHERE account = ?1 AND sponsored = ?3 AND sequence IS NOT NULL AND sequence >= ?2)"
	};
}
pub(super) use held;

/// The same of the quota that the parameter `$quota` names, in units.
macro_rules! held_units {
	($quota:literal) => {
		concat!(
			"(SELECT COALESCE(SUM(units), 0) FROM calls
				WHERE account = ?1 AND quota = ",
			$quota,
			" AND sequence IS NULL AND state <> 'VOID')
			+ (SELECT COALESCE(SUM(units), 0) FROM calls
				WHERE account = ?1 AND quota = ",
			$quota,
			" AND sequence >= ?2 AND state <> 'VOID')"
		)
	};
}
pub(super) use held_units;

/// Reserves what a call may cost and use, if there is so much.
pub(super) async fn reserve(
	connection: &mut SqliteConnection,
	call: &NewCall,
) -> Result<Reservation, LedgerError> {
	let statement = concat!(
		"INSERT INTO calls (account, sponsored, call_id, key_hash, model, state, reserved, held, salt,
			created_at, idempotency_key, body_hash, quota, units)
		SELECT ?1, ?3, ?4, ?5, ?6, 'RESERVED', ?7, ?7, ?8, ?9, ?10, ?11, ?13, ?14
		WHERE ?7 <= ?12 - (",
		held!(),
		") AND ?7 <= COALESCE((SELECT spending_cap - held FROM keys WHERE key_hash = ?5), ?7)
			AND (?13 IS NULL OR ?14 <= ?15 - (",
		held_units!("?13"),
		"))"
	);
	let account: &[u8] = call.account.as_ref();
	let inserted = sqlx::query(statement)
		.bind(account)
		.bind(moment(call.next_sequence)?)
		.bind(call.payment.is_sponsored())
		.bind(&call.call_id[..])
		.bind(call.key_hash.as_bytes())
		.bind(&call.model)
		.bind(amount(call.reserve)?)
		.bind(&call.salt[..])
		.bind(moment(call.time)?)
		.bind(&call.idempotency_key)
		.bind(call.body_hash.as_bytes())
		.bind(limit(call.chargeable))
		.bind(call.payment.quota())
		.bind(moment(call.units)?)
		.bind(limit(call.usable.into()))
		.execute(&mut *connection)
		.await;
	match inserted {
		Ok(done) if done.rows_affected() == 1 => Ok(Reservation::Reserved),
		Ok(_) => refusal(connection, call).await,
		Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
			Ok(Reservation::Repeated)
		},
		Err(error) => Err(error.into()),
	}
}

async fn refusal(
	connection: &mut SqliteConnection,
	call: &NewCall,
) -> Result<Reservation, LedgerError> {
	let statement = concat!(
		"SELECT MAX(0, free), MAX(0, free + under_way), MAX(0, of_cap), MAX(0, of_cap + of_key),
			MAX(0, of_quota), MAX(0, of_quota + in_quota)
		FROM (SELECT ?4 - (",
		held!(),
		") AS free,
			(SELECT COALESCE(SUM(held), 0) FROM calls
				WHERE state IN ('RESERVED', 'SENT') AND account = ?1 AND sponsored = ?3) AS under_way,
			(SELECT spending_cap - held FROM keys WHERE key_hash = ?5) AS of_cap,
			(SELECT COALESCE(SUM(held), 0) FROM calls
				WHERE state IN ('RESERVED', 'SENT') AND key_hash = ?5) AS of_key,
			?7 - (",
		held_units!("?6"),
		") AS of_quota,
			(SELECT COALESCE(SUM(units), 0) FROM calls WHERE account = ?1 AND quota = ?6
				AND sequence IS NULL AND state IN ('RESERVED', 'SENT')) AS in_quota)"
	);
	let account: &[u8] = call.account.as_ref();
	let row = sqlx::query(statement)
		.bind(account)
		.bind(moment(call.next_sequence)?)
		.bind(call.payment.is_sponsored())
		.bind(limit(call.chargeable))
		.bind(call.key_hash.as_bytes())
		.bind(call.payment.quota())
		.bind(limit(call.usable.into()))
		.fetch_one(&mut *connection)
		.await?;
	let of_quota = left(row.try_get(4)?, row.try_get(5)?)?;
	if call.payment.quota().is_some() && Credits::from(call.units) > of_quota.free {
		return Ok(Reservation::QuotaExceeded(of_quota));
	}
	let of_account = left(row.try_get(0)?, row.try_get(1)?)?;
	let of_key: (Option<i64>, Option<i64>) = (row.try_get(2)?, row.try_get(3)?);
	let of_key = of_key.0.zip(of_key.1).map(|(now, then)| left(now, then)).transpose()?;
	Ok(match of_key {
		Some(of_key) if of_key.free < of_account.free => Reservation::KeyCapReached(of_key),
		_ => Reservation::Insufficient(of_account),
	})
}

/// What is left now, where `then` is if the calls under way use nothing.
fn left(now: i64, then: i64) -> Result<Left, LedgerError> {
	let free = credits(now)?;
	Ok(Left { free, reserved: credits(then)?.saturating_sub(free) })
}
