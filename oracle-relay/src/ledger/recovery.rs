//! What an earlier run left open.

use sqlx::sqlite::SqlitePool;

use super::LedgerError;

/// Voids the calls that were under way when the relay last stopped. Their clients' connections
/// broke with it, and what had reached them is not known, so the relay bears the cost.
///
/// Settled calls and batches need nothing: posting goes on where it stood.
pub(super) async fn void_open_calls(pool: &SqlitePool) -> Result<(), LedgerError> {
	let query = sqlx::query(
		"UPDATE calls
		SET state = 'VOID', held = 0, idempotency_key = NULL, reason = 'the relay stopped'
		WHERE state IN ('RESERVED', 'SENT')",
	);
	let voided = query.execute(pool).await?.rows_affected();
	if voided > 0 {
		tracing::warn!(calls = voided, "voided calls that the last run left open");
	}
	Ok(())
}
