//! The writer of calls: takes the transitions that wait and commits them together, since the disk
//! is what a commit waits for. If the database fails at one, none of them is committed, and that one is
//! tried apart from then on.
//!
//! How a call ended is written whatever it takes: what was delivered is charged even if the ledger cannot
//! be written for a while. A call that has not begun is refused meanwhile.

use std::time::Duration;

use futures::FutureExt;
use lx_primitives::{
	units::{Credits, Moment},
	CallId, Units,
};
use sqlx::{
	error::ErrorKind,
	sqlite::{SqliteConnection, SqlitePool, SqliteTransaction},
};
use tokio::{
	sync::{mpsc, oneshot},
	time::sleep,
};

use super::{
	reservation::{reserve, NewCall, Reservation},
	transitions::{end, send},
	LedgerError,
};

/// Transitions that may wait; more make their callers wait.
const QUEUE: usize = 1_024;

/// The most new transitions that share a commit.
const GROUP: usize = 128;

/// How long to wait before what could not be written is written again.
const RETRY: Duration = Duration::from_secs(1);

/// How a call that was sent ended.
#[derive(Clone, Debug)]
pub struct Settlement {
	/// Identifies the call.
	pub call_id: CallId,
	/// µCRED to charge, at most what was reserved.
	pub charge: Credits,
	/// Units of its quota that it has used, at most what was reserved.
	pub units: Units,
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

impl Job {
	/// Whether it has to be written, whatever it takes.
	fn is_end(&self) -> bool {
		matches!(self, Self::End(..))
	}
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

/// Jobs that wait to be written.
#[derive(Default)]
struct Waiting {
	/// Those at which the database has failed: each has a commit of its own, so that it stops no other.
	alone: Vec<Job>,
	/// Those that share a commit.
	together: Vec<Job>,
}

pub(super) fn start(pool: SqlitePool) -> mpsc::Sender<Job> {
	let (queue, mut jobs) = mpsc::channel(QUEUE);
	tokio::spawn(async move {
		let mut waiting = Waiting::default();
		while receive(&mut jobs, &mut waiting).await {
			waiting = write(&pool, waiting).await;
		}
	});
	queue
}

/// Waits for jobs, or for the time to write those again that wait. Returns whether there are any.
async fn receive(jobs: &mut mpsc::Receiver<Job>, waiting: &mut Waiting) -> bool {
	if waiting.alone.is_empty() && waiting.together.is_empty() {
		return jobs.recv_many(&mut waiting.together, GROUP).await > 0;
	}
	sleep(RETRY).await;
	// Those that have come meanwhile, if any have.
	let _ = jobs.recv_many(&mut waiting.together, GROUP).now_or_never();
	true
}

/// Writes jobs, and returns those that have to be written again.
async fn write(pool: &SqlitePool, jobs: Waiting) -> Waiting {
	let mut again = Waiting::default();
	let alone = jobs.alone.into_iter().map(|job| vec![job]);
	let together = Some(jobs.together).filter(|jobs| !jobs.is_empty());
	for group in alone.chain(together) {
		commit_together(pool, group, &mut again).await;
	}
	again
}

/// Writes jobs with one commit, or none of them. Those that have to be written go to `again`.
async fn commit_together(pool: &SqlitePool, jobs: Vec<Job>, again: &mut Waiting) {
	let mut transaction = match pool.begin_with("BEGIN IMMEDIATE").await {
		Ok(transaction) => transaction,
		// The jobs are dropped, and their callers learn from it that nothing was written.
		Err(sqlx::Error::PoolClosed) => return,
		Err(error) => {
			tracing::error!(%error, "the ledger cannot be written");
			return again.together.extend(jobs.into_iter().filter(Job::is_end));
		},
	};
	let mut jobs = jobs.into_iter();
	let mut applied = Vec::with_capacity(jobs.len());
	let mut failed = None;
	for job in jobs.by_ref() {
		let (has_failed, job) = apply(&mut transaction, job).await;
		if has_failed {
			failed = Some(job);
			break;
		}
		applied.push(job);
	}
	let is_committed = match failed {
		None => commit(transaction).await,
		Some(job) => {
			// SQLite may have ended the transaction by itself, and would commit whatever comes next at
			// once. If it has, there is nothing to roll back, and the connection is given up.
			let _ = transaction.rollback().await;
			again.alone.extend(job(false));
			false
		},
	};
	again.together.extend(applied.into_iter().filter_map(|job| job(is_committed)));
	again.together.extend(jobs.filter(Job::is_end));
}

async fn commit(transaction: SqliteTransaction<'_>) -> bool {
	let committed = transaction.commit().await;
	if let Err(error) = &committed {
		tracing::error!(%error, "the ledger cannot be written");
	}
	committed.is_ok()
}

/// Applies a job, and tells whether the database failed at it. A job that is refused changes nothing, so
/// the others of its group stand: it is a single statement that writes, or has a savepoint of its own.
async fn apply(connection: &mut SqliteConnection, job: Job) -> (bool, Applied) {
	match job {
		Job::Reserve(call, reply) => {
			let result = reserve(connection, &call).await;
			(has_failed(&result), answer(reply, result))
		},
		Job::Send(call, reply) => {
			let result = send(connection, call).await;
			(has_failed(&result), answer(reply, result))
		},
		Job::End(ending, reply) => {
			let result = end(connection, &ending).await;
			(has_failed(&result), answer_or_repeat(ending, reply, result))
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
	Box::new(move |is_committed| {
		if !is_committed {
			return Some(Job::End(ending, reply));
		}
		let _ = reply.send(result);
		None
	})
}

/// Whether the database failed at a job, which is logged.
fn has_failed<T>(result: &Result<T, LedgerError>) -> bool {
	let failure = result.as_ref().err().filter(|error| may_pass(error));
	if let Some(error) = failure {
		tracing::error!(%error, "the ledger cannot be written");
	}
	failure.is_some()
}

/// Whether the database failed, and did not refuse what contradicts what it holds.
fn may_pass(error: &LedgerError) -> bool {
	let LedgerError::Database(error) = error else { return false };
	error.as_database_error().is_none_or(|error| error.kind() == ErrorKind::Other)
}
