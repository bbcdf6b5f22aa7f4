//! Posting: keeps one batch on its way to the chain until the finalised chain has passed it.
//!
//! What is durable decides everything, so a crash at any point changes nothing: the open batch is
//! submitted again, the chain says by its relay's next sequence and last hash what it took, and the
//! calls follow. Only one batch is on its way at a time. That keeps the question "which batch did
//! the chain take for this place?" to one place, also when a batch had to be composed anew.

use std::{
	sync::Arc,
	time::{Duration, Instant},
};

use lx_primitives::{call_log::MAX_LINES, units::Moment};
use sp_core::H256;

use super::{
	compose::compose,
	quorum::{Case, Quorum},
	AccountLeaf, RelaySigner,
};
use crate::{
	chain::{ChainError, ChainView, Head, Posting, Snapshot},
	ledger::{batches::StoredBatch, Ledger, LedgerError},
	metrics::Metrics,
	tasks::now,
};

/// The most calls in one batch.
const MAX_CALLS: u32 = 20_000;

/// How often to look whether a batch is due, when no block arrives.
const TICK: Duration = Duration::from_millis(500);

/// How long calls rest that the chain would refuse, in milliseconds.
const POSTPONED: Moment = 30_000;

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
	/// How long a batch may take to the finalised chain before it is submitted again.
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
		let (composed_at, submitted, is_bound) = (None, None, false);
		Self { chain, ledger, signer, quorum, metrics, timing, composed_at, submitted, is_bound }
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
			None if self.is_due().await? => {
				let leaves = self.ledger.calls_to_batch(now(), MAX_CALLS).await?;
				self.open(&*snapshot, leaves).await
			},
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

	/// Submits the open batch again, if it has taken too long. It is composed and signed anew
	/// first, since what it charges may have become impossible, and the quorum another.
	async fn push(
		&mut self,
		snapshot: &dyn Snapshot,
		open: StoredBatch,
	) -> Result<(), PostingError> {
		let resubmit = self.timing.resubmit;
		let is_waiting =
			self.submitted.is_some_and(|(hash, at)| hash == open.hash && at.elapsed() < resubmit);
		if is_waiting || open.sequence != snapshot.head().next_sequence() {
			return Ok(());
		}
		let leaves = self.ledger.leaves_of_batch(open.id).await?;
		tracing::warn!(
			sequence = open.sequence,
			"the batch is still on its way; composing it anew"
		);
		self.ledger.drop_open_batch(&open).await?;
		self.open(snapshot, leaves).await
	}

	/// Composes, signs, stores and submits a batch of what can be charged of `leaves`.
	async fn open(
		&mut self,
		snapshot: &dyn Snapshot,
		leaves: Vec<AccountLeaf>,
	) -> Result<(), PostingError> {
		if leaves.is_empty() {
			return Ok(());
		}
		self.composed_at = Some(Instant::now());
		let composed = compose(snapshot, self.signer.id(), leaves).await?;
		let until = now().saturating_add(POSTPONED);
		let Some((batch, lines)) = composed.batch else {
			return self.postpone(composed.refused, until).await;
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
		self.postpone(composed.refused, until).await?;
		let calls = posting.batch.root.calls;
		tracing::info!(sequence = posting.batch.sequence, calls, "batch composed");
		self.submit(&posting, hash).await
	}

	async fn postpone(
		&self,
		accounts: Vec<sp_core::crypto::AccountId32>,
		until: Moment,
	) -> Result<(), PostingError> {
		for account in accounts {
			tracing::warn!(%account, "calls cannot be charged now; trying again later");
			self.ledger.postpone(&account, until).await?;
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
