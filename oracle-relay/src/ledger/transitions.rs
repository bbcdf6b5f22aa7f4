//! The transitions of reserved calls, as statements: each checks the state that it leaves, and changes
//! all that it changes or nothing.

use lx_primitives::{units::Moment, CallId};
use sqlx::{sqlite::SqliteConnection, Connection};

use super::{
	amount, moment,
	writer::{Ending, Settlement},
	LedgerError,
};

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
			settled_at = ?7, reason = ?8, units = ?9
		WHERE call_id = ?1 AND state = 'SENT' AND ?3 <= reserved AND ?9 <= units",
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
		.bind(moment(settlement.units)?)
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
