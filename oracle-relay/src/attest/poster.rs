//! Posting: keeps one batch on its way to the chain until the finalised chain has passed it.
//!
//! What is durable decides everything, so a crash at any point changes nothing: the open batch is
//! submitted again, the chain says by its relay's next sequence and last hash what it took, and the
//! calls follow. Only one batch is on its way at a time. That keeps the question "which batch did
//! the chain take for this place?" to one place, also when a batch had to be composed anew.
//!
//! The chain rejects a batch whole, and an account can be spent through another relay while its
//! batch is on its way. So each new best block is asked about the open batch, and one that it refuses
//! is composed anew at once, without the calls that cannot be charged any more.

use std::{
	sync::Arc,
	time::{Duration, Instant},
};

use lx_primitives::call_log::MAX_LINES;
use sp_core::{crypto::AccountId32, H256};

use super::{
	compose::{compose, Composed},
	quorum::{Case, Quorum},
	RelaySigner,
};
use crate::{
	chain::{BestBlock, ChainError, ChainView, Head, Posting, Snapshot, Verdict},
	ledger::{batches::StoredBatch, Ledger, LedgerError},
	metrics::Metrics,
	tasks::now,
};

/// The most calls in one batch.
const MAX_CALLS: u32 = 20_000;

/// How often to look whether a batch is due, when no block arrives.
const TICK: Duration = Duration::from_millis(500);

/// Why a step of posting failed.
#[derive(Debug, thiserror::Error)]
pub enum PostingError {
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The ledger.
	#[error(transparent)]
	Ledger(#[from] LedgerError),
	/// The chain would take no batch of this relay.
	#[error("relay {0} {1}")]
	Registration(lx_primitives::RelayId, &'static str),
}

impl PostingError {
	/// Whether no later step can succeed.
	fn is_fatal(&self) -> bool {
		matches!(self, Self::Ledger(LedgerError::OtherChain(_)))
	}
}

/// When batches are sent.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
	/// The least time between two batches that are not full.
	pub interval: Duration,
	/// How long a batch that no block refuses may take to the finalised chain before it is submitted
	/// again.
	pub resubmit: Duration,
}

/// Takes settled calls to the chain.
pub struct Poster {
	chain: Arc<dyn ChainView>,
	ledger: Ledger,
	signer: RelaySigner,
	quorum: Quorum,
	metrics: Arc<Metrics>,
	timing: Timing,
	composed_at: Option<Instant>,
	submitted: Option<(H256, Instant)>,
	/// The best block that was asked last about the open batch.
	judged_at: Option<H256>,
	is_bound: bool,
}

impl Poster {
	/// Posts a batch as often as `timing` allows, as soon as there is something to post.
	pub fn new(
		chain: Arc<dyn ChainView>,
		ledger: Ledger,
		signer: RelaySigner,
		quorum: Quorum,
		metrics: Arc<Metrics>,
		timing: Timing,
	) -> Self {
		Self {
			chain,
			ledger,
			signer,
			quorum,
			metrics,
			timing,
			composed_at: None,
			submitted: None,
			judged_at: None,
			is_bound: false,
		}
	}

	/// Posts for ever; ends only if the ledger turns out to belong to another chain.
	pub async fn run(mut self) -> PostingError {
		let mut heads = self.chain.heads();
		let mut last_problem = String::new();
		loop {
			match self.step().await {
				Ok(()) => last_problem.clear(),
				Err(error) if error.is_fatal() => return error,
				Err(error) => {
					let problem = error.to_string();
					if problem != last_problem {
						tracing::warn!(%error, "posting is held up");
					}
					last_problem = problem;
				},
			}
			// A chain that has gone for good is seen by the next step.
			let _ = tokio::time::timeout(TICK, heads.changed()).await;
		}
	}

	/// One step: takes note of what the chain took, then sends what is due.
	pub async fn step(&mut self) -> Result<(), PostingError> {
		let snapshot = self.chain.snapshot()?;
		self.bind(snapshot.head()).await?;
		self.resolve(&*snapshot).await?;
		self.finalise(&*snapshot).await?;
		self.check_registration(snapshot.head())?;
		match self.ledger.batch_on_its_way().await? {
			Some(open) => self.push(&*snapshot, open).await,
			None if self.is_due().await? => self.begin(&*snapshot).await,
			None => Ok(()),
		}
	}

	async fn bind(&mut self, head: &Head) -> Result<(), PostingError> {
		if !self.is_bound {
			self.ledger.bind_to_chain(head.genesis).await?;
			self.is_bound = true;
		}
		Ok(())
	}

	fn check_registration(&self, head: &Head) -> Result<(), PostingError> {
		let problem = match &head.relay {
			None => "is not registered",
			Some(relay) if !relay.is_active => "is not active",
			Some(relay) if relay.key != self.signer.public() => "is registered with another key",
			Some(_) => return Ok(()),
		};
		Err(PostingError::Registration(self.signer.id(), problem))
	}

	/// Finds out which batch the chain took for each place that it has passed.
	async fn resolve(&self, snapshot: &dyn Snapshot) -> Result<(), PostingError> {
		let next = snapshot.head().next_sequence();
		while let Some(sequence) = self.ledger.oldest_unresolved(next).await? {
			let Some(hash) = self.taken(snapshot, sequence).await? else { return Ok(()) };
			if self.ledger.batch_posted(sequence, &hash).await? {
				tracing::info!(sequence, "batch posted");
				self.metrics.batches_posted.add(1);
			} else {
				tracing::error!(
					sequence,
					?hash,
					"the chain took a batch that this ledger does not know: does another relay \
					 use the same key, or was the ledger replaced?"
				);
				self.metrics.batches_foreign.add(1);
			}
		}
		Ok(())
	}

	/// The hash of the batch that the chain took for `sequence`.
	async fn taken(
		&self,
		snapshot: &dyn Snapshot,
		sequence: u64,
	) -> Result<Option<H256>, PostingError> {
		let head = snapshot.head();
		if sequence.checked_add(1) == Some(head.next_sequence()) {
			return Ok(head.relay.as_ref().map(|relay| relay.last_batch));
		}
		match snapshot.pending_batch(sequence).await? {
			Some(hash) => Ok(Some(hash)),
			// It is final and gone. To take it for the one signed last can lose its charge at
			// worst; to take it for a foreign one could charge the same calls twice.
			None => Ok(self.ledger.last_signed(sequence).await?),
		}
	}

	/// Marks the batches final that the chain no longer keeps. They become final in order.
	async fn finalise(&self, snapshot: &dyn Snapshot) -> Result<(), PostingError> {
		while let Some(sequence) = self.ledger.oldest_posted().await? {
			let is_passed = sequence < snapshot.head().next_sequence();
			if !is_passed || snapshot.pending_batch(sequence).await?.is_some() {
				break;
			}
			self.ledger.batch_final(sequence).await?;
			tracing::info!(sequence, "batch final");
			self.metrics.batches_final.add(1);
		}
		Ok(())
	}

	async fn is_due(&self) -> Result<bool, PostingError> {
		match self.composed_at {
			Some(at) if at.elapsed() < self.timing.interval => {
				let accounts = self.ledger.accounts_to_batch(now()).await?;
				Ok(accounts >= u64::from(MAX_LINES))
			},
			_ => Ok(true),
		}
	}

	/// Makes a batch of the calls that wait, if there are any.
	async fn begin(&mut self, snapshot: &dyn Snapshot) -> Result<(), PostingError> {
		let leaves = self.ledger.calls_to_batch(now(), MAX_CALLS).await?;
		if leaves.is_empty() {
			return Ok(());
		}
		let best = self.chain.best().await?;
		let composed = compose(snapshot, &*best, self.signer.id(), leaves).await?;
		self.open(snapshot, &*best, composed).await
	}

	/// Submits the open batch again, if it has taken too long or the best block refuses it. It is
	/// composed and signed anew first, since what it charges may have become impossible, and the
	/// quorum another.
	async fn push(
		&mut self,
		snapshot: &dyn Snapshot,
		open: StoredBatch,
	) -> Result<(), PostingError> {
		if open.sequence != snapshot.head().next_sequence() {
			return Ok(());
		}
		let is_overdue = self.is_overdue(&open);
		let best = self.chain.best().await?;
		if !is_overdue && self.judged_at == Some(best.hash()) {
			return Ok(());
		}
		let verdict = best.judge(&open.posting).await?;
		self.judged_at = Some(best.hash());
		match &verdict {
			// It, or one that it replaced, is in a block that is not final: there is nothing to do.
			Verdict::UsedUp => return Ok(()),
			Verdict::Valid if !is_overdue => return Ok(()),
			Verdict::Valid => {},
			Verdict::Refused(_) => self.metrics.batches_refused.add(1),
		}
		let leaves = self.ledger.leaves_of_batch(open.id).await?;
		let composed = compose(snapshot, &*best, self.signer.id(), leaves).await?;
		let is_same = composed.hash(&snapshot.head().genesis) == Some(open.hash);
		match verdict {
			// The accounts are not what is wrong with it, so there is no hurry.
			Verdict::Refused(reason) if is_same && !is_overdue => {
				return Err(ChainError::Refused(reason).into());
			},
			verdict => {
				tracing::warn!(sequence = open.sequence, ?verdict, "composing the batch anew");
			},
		}
		self.ledger.drop_open_batch(&open).await?;
		self.open(snapshot, &*best, composed).await
	}

	/// Whether the open batch was submitted too long ago, or not by this run.
	fn is_overdue(&self, open: &StoredBatch) -> bool {
		let resubmit = self.timing.resubmit;
		self.submitted.is_none_or(|(hash, at)| hash != open.hash || at.elapsed() >= resubmit)
	}

	/// Signs, stores and submits a batch that was composed at `best`.
	async fn open(
		&mut self,
		snapshot: &dyn Snapshot,
		best: &dyn BestBlock,
		composed: Composed,
	) -> Result<(), PostingError> {
		self.composed_at = Some(Instant::now());
		self.judged_at = Some(best.hash());
		let Some((batch, lines)) = composed.batch else {
			return self.postpone(composed.refused).await;
		};
		let case = Case { batch: &batch, lines: &lines, snapshot };
		let hash = case.hash();
		let posting = Posting {
			relay_signature: self.signer.sign_batch(&hash),
			signatures: self.quorum.attest(&case).await,
			batch,
		};
		self.ledger.open_batch(&posting, hash, &lines, now()).await?;
		// After the calls of the batch have left the queue, so that only the others rest.
		self.postpone(composed.refused).await?;
		let calls = posting.batch.root.calls;
		tracing::info!(sequence = posting.batch.sequence, calls, "batch composed");
		self.submit(&posting, hash).await
	}

	async fn postpone(&self, accounts: Vec<AccountId32>) -> Result<(), PostingError> {
		for account in accounts {
			tracing::warn!(%account, "calls cannot be charged now; trying again later");
			self.ledger.postpone(&account, now()).await?;
		}
		Ok(())
	}

	async fn submit(&mut self, posting: &Posting, hash: H256) -> Result<(), PostingError> {
		self.submitted = Some((hash, Instant::now()));
		let submitted = self.chain.submit(posting).await;
		if submitted.is_err() {
			self.metrics.batches_refused.add(1);
		}
		Ok(submitted?)
	}
}
