//! The writer of calls: takes the transitions that wait and commits them together, since the disk
//! is what a commit waits for.
//!
//! How a call ended is written whatever it takes: what was delivered is charged even if the ledger cannot
//! be written for a while. A call that has not begun is refused meanwhile.

use std::time::Duration;

use futures::FutureExt;
use lx_primitives::{
	units::{Credits, Moment},
	CallId,
};
use sp_core::{crypto::AccountId32, H256};
use sqlx::{
	error::ErrorKind,
	sqlite::{SqliteConnection, SqlitePool},
	Connection, Row,
};
use tokio::{
	sync::{mpsc, oneshot},
	time::sleep,
};

use super::{amount, credits, limit, moment, LedgerError};

/// Transitions that may wait; more make their callers wait.
const QUEUE: usize = 1_024;

/// The most new transitions that share a commit.
const GROUP: usize = 128;

/// How long to wait before what could not be written is written again.
const RETRY: Duration = Duration::from_secs(1);

/// A call to be reserved.
#[derive(Clone, Debug)]
pub struct NewCall {
	/// Identifies the call.
	pub call_id: CallId,
	/// The API key that makes it.
	pub key_hash: H256,
	/// Who pays.
	pub account: AccountId32,
	/// The model asked for.
	pub model: String,
	/// µCRED to reserve.
	pub reserve: Credits,
	/// µCRED that the account may be charged, at the block where [`NewCall::next_sequence`] is the
	/// relay's next batch.
	pub chargeable: Credits,
	/// What batches from this one on charge is not yet charged at that block.
	pub next_sequence: u64,
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
	/// The key has made a call with this idempotency key.
	Repeated,
}

/// What is left for a call that needs more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
	/// µCRED that may be reserved now.
	pub free: Credits,
	/// µCRED beside those that calls under way hold: what they do not use is free when they end.
	pub reserved: Credits,
}

/// How a call that was sent ended.
#[derive(Clone, Debug)]
pub struct Settlement {
	/// Identifies the call.
	pub call_id: CallId,
	/// µCRED to charge, at most what was reserved.
	pub charge: Credits,
	/// The relay counted the usage.
	pub estimated: bool,
	/// The SCALE-encoded leaf.
	pub leaf: Vec<u8>,
	/// The provider's id of the call.
	pub provider_id: Option<String>,
	/// When it ended.
	pub time: Moment,
	/// Content type and body of the answer, if it is to be kept for a repeated request.
	pub outcome: Option<(String, Vec<u8>)>,
}

pub(super) enum Job {
	Reserve(Box<NewCall>, Reply<Reservation>),
	Send(CallId, Reply<()>),
	End(Box<Ending>, Reply<()>),
}

/// How a call ended.
pub(super) enum Ending {
	/// It is charged.
	Settled(Settlement),
	/// It is not, for this reason.
	Void(CallId, Moment, String),
}

type Reply<T> = oneshot::Sender<Result<T, LedgerError>>;

/// What is left of a job that was applied: told whether that was committed, it answers the caller, or
/// is the job once more.
type Applied = Box<dyn FnOnce(bool) -> Option<Job> + Send>;

pub(super) fn start(pool: SqlitePool) -> mpsc::Sender<Job> {
	let (queue, mut jobs) = mpsc::channel(QUEUE);
	tokio::spawn(async move {
		let mut group = Vec::new();
		while receive(&mut jobs, &mut group).await {
			group = commit_together(&pool, group).await;
		}
	});
	queue
}

/// Waits for jobs, or for the time to do those again that the group holds. Returns whether there are
/// any.
async fn receive(jobs: &mut mpsc::Receiver<Job>, group: &mut Vec<Job>) -> bool {
	if group.is_empty() {
		return jobs.recv_many(group, GROUP).await > 0;
	}
	sleep(RETRY).await;
	// Those that have come meanwhile, if any have.
	let _ = jobs.recv_many(group, GROUP).now_or_never();
	true
}

/// Writes jobs with one commit, and returns those that have to be written again.
async fn commit_together(pool: &SqlitePool, jobs: Vec<Job>) -> Vec<Job> {
	let mut transaction = match pool.begin_with("BEGIN IMMEDIATE").await {
		Ok(transaction) => transaction,
		// The jobs are dropped, and their callers learn from it that nothing was written.
		Err(sqlx::Error::PoolClosed) => return Vec::new(),
		Err(error) => {
			tracing::error!(%error, "the ledger cannot be written");
			return jobs.into_iter().filter(|job| matches!(job, Job::End(..))).collect();
		},
	};
	let mut applied = Vec::with_capacity(jobs.len());
	for job in jobs {
		applied.push(apply(&mut transaction, job).await);
	}
	let committed = transaction.commit().await;
	if let Err(error) = &committed {
		tracing::error!(%error, "the ledger cannot be written");
	}
	applied.into_iter().filter_map(|applied| applied(committed.is_ok())).collect()
}

/// Applies a job. One that fails changes nothing, so the others of its group stand: it is a single
/// statement that writes, or has a savepoint of its own.
async fn apply(connection: &mut SqliteConnection, job: Job) -> Applied {
	match job {
		Job::Reserve(call, reply) => answer(reply, reserve(connection, &call).await),
		Job::Send(call, reply) => answer(reply, send(connection, call).await),
		Job::End(ending, reply) => {
			let result = end(connection, &ending).await;
			answer_or_repeat(ending, reply, result)
		},
	}
}

fn answer<T: Send + 'static>(reply: Reply<T>, result: Result<T, LedgerError>) -> Applied {
	Box::new(move |is_committed| {
		// A caller that has gone needs no answer.
		let _ = reply.send(if is_committed { result } else { Err(LedgerError::Closed) });
		None
	})
}

/// Answers only what stands whenever it is tried.
fn answer_or_repeat(
	ending: Box<Ending>,
	reply: Reply<()>,
	result: Result<(), LedgerError>,
) -> Applied {
	Box::new(move |is_committed| match result {
		Err(error) if may_pass(&error) => {
			tracing::error!(%error, "a call's end cannot be written; trying again");
			Some(Job::End(ending, reply))
		},
		_ if !is_committed => Some(Job::End(ending, reply)),
		result => {
			let _ = reply.send(result);
			None
		},
	})
}

/// Whether the database failed, and did not refuse what contradicts what it holds.
fn may_pass(error: &LedgerError) -> bool {
	let LedgerError::Database(error) = error else { return false };
	error.as_database_error().is_none_or(|error| error.kind() == ErrorKind::Other)
}

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

async fn reserve(
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

async fn send(connection: &mut SqliteConnection, call: CallId) -> Result<(), LedgerError> {
	let query =
		sqlx::query("UPDATE calls SET state = 'SENT' WHERE call_id = ? AND state = 'RESERVED'");
	let done = query.bind(&call[..]).execute(connection).await?;
	once(done.rows_affected(), "sent")
}

async fn end(connection: &mut SqliteConnection, ending: &Ending) -> Result<(), LedgerError> {
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
