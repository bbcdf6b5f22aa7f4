//! The transitions of calls, as statements: each checks the state that it leaves, and changes all that
//! it changes or nothing.

use lx_primitives::{units::Moment, CallId};
use sqlx::{sqlite::SqliteConnection, Connection, Row};

use super::{
	amount, credits, limit, moment,
	writer::{Ending, Left, NewCall, Reservation, Settlement},
	LedgerError,
};

/// What the ledger holds of an account that is not charged on chain at the block where the relay's
/// next sequence is `?2`: calls without a batch, and calls of batches from that sequence on.
macro_rules! held {
	() => {
		"(SELECT COALESCE(SUM(held), 0) FROM calls
			WHERE account = ?1 AND sequence IS NULL AND state <> 'VOID')
		+ (SELECT COALESCE(SUM(held), 0) FROM calls
			WHERE account = ?1 AND sequence IS NOT NULL AND sequence >= ?2)"
	};
}
pub(super) use held;

/// Reserves a call's worst case, if the balance and the key's cap allow it.
pub(super) async fn reserve(
	connection: &mut SqliteConnection,
	call: &NewCall,
) -> Result<Reservation, LedgerError> {
	let statement = concat!(
		"INSERT INTO calls (account, call_id, key_hash, model, state, reserved, held, salt,
			created_at, idempotency_key, body_hash)
		SELECT ?1, ?3, ?4, ?5, 'RESERVED', ?6, ?6, ?7, ?8, ?9, ?10
		WHERE ?6 <= ?11 - (",
		held!(),
		") AND ?6 <= COALESCE((SELECT spending_cap - held FROM keys WHERE key_hash = ?4), ?6)"
	);
	let account: &[u8] = call.account.as_ref();
	let inserted = sqlx::query(statement)
		.bind(account)
		.bind(moment(call.next_sequence)?)
		.bind(&call.call_id[..])
		.bind(call.key_hash.as_bytes())
		.bind(&call.model)
		.bind(amount(call.reserve)?)
		.bind(&call.salt[..])
		.bind(moment(call.time)?)
		.bind(&call.idempotency_key)
		.bind(call.body_hash.as_bytes())
		.bind(limit(call.chargeable))
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
		"SELECT MAX(0, free), MAX(0, free + under_way), MAX(0, of_cap), MAX(0, of_cap + of_key)
		FROM (SELECT ?3 - (",
		held!(),
		") AS free,
			(SELECT COALESCE(SUM(held), 0) FROM calls
				WHERE state IN ('RESERVED', 'SENT') AND account = ?1) AS under_way,
			(SELECT spending_cap - held FROM keys WHERE key_hash = ?4) AS of_cap,
			(SELECT COALESCE(SUM(held), 0) FROM calls
				WHERE state IN ('RESERVED', 'SENT') AND key_hash = ?4) AS of_key)"
	);
	let account: &[u8] = call.account.as_ref();
	let row = sqlx::query(statement)
		.bind(account)
		.bind(moment(call.next_sequence)?)
		.bind(limit(call.chargeable))
		.bind(call.key_hash.as_bytes())
		.fetch_one(&mut *connection)
		.await?;
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

/// Notes that a call goes to the provider.
pub(super) async fn send(
	connection: &mut SqliteConnection,
	call: CallId,
) -> Result<(), LedgerError> {
	let query =
		sqlx::query("UPDATE calls SET state = 'SENT' WHERE call_id = ? AND state = 'RESERVED'");
	let done = query.bind(&call[..]).execute(connection).await?;
	once(done.rows_affected(), "sent")
}

/// Writes how a call ended.
pub(super) async fn end(
	connection: &mut SqliteConnection,
	ending: &Ending,
) -> Result<(), LedgerError> {
	match ending {
		Ending::Settled(settlement) => settle(connection, settlement).await,
		Ending::Void(call, time, reason) => void(connection, *call, *time, reason).await,
	}
}

/// Settles a call and keeps its answer, or does neither: the caller of a job that fails must be able
/// to count on that nothing is charged.
async fn settle(
	connection: &mut SqliteConnection,
	settlement: &Settlement,
) -> Result<(), LedgerError> {
	let mut savepoint = connection.begin().await?;
	match settle_and_keep(&mut savepoint, settlement).await {
		Ok(()) => Ok(savepoint.commit().await?),
		Err(error) => {
			savepoint.rollback().await?;
			Err(error)
		},
	}
}

async fn settle_and_keep(
	connection: &mut SqliteConnection,
	settlement: &Settlement,
) -> Result<(), LedgerError> {
	// The chain takes no line that charges nothing, so there is nothing to post.
	let (state, leaf, reason) = match settlement {
		Settlement { charge: 0, .. } => ("VOID", None, Some("it used nothing that is charged")),
		Settlement { estimated: true, leaf, .. } => ("USAGE_ESTIMATED", Some(leaf), None),
		Settlement { estimated: false, leaf, .. } => ("USAGE_FINAL", Some(leaf), None),
	};
	let query = sqlx::query(
		"UPDATE calls SET state = ?2, held = ?3, estimated = ?4, leaf = ?5, provider_id = ?6,
			settled_at = ?7, reason = ?8
		WHERE call_id = ?1 AND state = 'SENT' AND ?3 <= reserved",
	);
	let done = query
		.bind(&settlement.call_id[..])
		.bind(state)
		.bind(amount(settlement.charge)?)
		.bind(settlement.estimated)
		.bind(leaf)
		.bind(&settlement.provider_id)
		.bind(moment(settlement.time)?)
		.bind(reason)
		.execute(&mut *connection)
		.await?;
	once(done.rows_affected(), "settled")?;
	let Some((content_type, body)) = &settlement.outcome else { return Ok(()) };
	let query = sqlx::query(
		"INSERT INTO outcomes (call_id, content_type, body, created_at) VALUES (?, ?, ?, ?)",
	);
	query
		.bind(&settlement.call_id[..])
		.bind(content_type)
		.bind(body)
		.bind(moment(settlement.time)?)
		.execute(connection)
		.await?;
	Ok(())
}

/// Voids a call: nothing is charged, the reservation and the idempotency key are free again.
async fn void(
	connection: &mut SqliteConnection,
	call: CallId,
	time: Moment,
	reason: &str,
) -> Result<(), LedgerError> {
	let query = sqlx::query(
		"UPDATE calls
		SET state = 'VOID', held = 0, idempotency_key = NULL, settled_at = ?2, reason = ?3
		WHERE call_id = ?1 AND state IN ('RESERVED', 'SENT')",
	);
	let done = query.bind(&call[..]).bind(moment(time)?).bind(reason).execute(connection).await?;
	once(done.rows_affected(), "voided")
}

fn once(rows: u64, transition: &'static str) -> Result<(), LedgerError> {
	if rows == 1 {
		Ok(())
	} else {
		Err(LedgerError::WrongState(transition))
	}
}
