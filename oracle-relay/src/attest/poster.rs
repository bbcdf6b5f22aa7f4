//! Posting: keeps one batch on its way to the chain until the finalised chain has passed it.
//!
//! What is durable decides everything, so a crash at any point changes nothing: attestors find the
//! open batch again, it is submitted again, the chain says by its relay's next sequence and last hash
//! what it took, and the calls follow.
//!
//! Only one batch is on its way at a time, and it stays the one for its place until the finalised
//! chain's time shows that no block can take it any more. A relay that signed another before would
//! have signed two of which the chain could take either, which costs its bond.

use std::{
	sync::Arc,
	time::{Duration, Instant},
};

use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALLS, MAX_CALL_AGE, MAX_LINES},
	units::Moment,
};
use sp_core::H256;

use super::{
	board::Board,
	compose::{compose, Composed},
	objections::Objections,
	RelaySigner,
};
use crate::{
	chain::{is_remembered, ChainError, ChainView, Head, Posting, Snapshot, Standing, Verdict},
	ledger::{batches::StoredBatch, Ledger, LedgerError},
	metrics::Metrics,
	tasks::now,
};

/// How old a call may be when a batch is composed: so old that the chain still takes it at the end of
/// the batch's lifetime.
const MAX_AGE: Moment = MAX_CALL_AGE - BATCH_LIFETIME;

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
	/// Too few attestors have signed the open batch so far.
	#[error("batch {sequence} waits for attestors: {signed} of {threshold} have signed")]
	Unsigned {
		/// Its place.
		sequence: u64,
		/// How many members of the quorum have signed it.
		signed: usize,
		/// How many must.
		threshold: usize,
	},
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
	/// again, and how long attestors may take before it is said that they do.
	pub resubmit: Duration,
}

/// Takes settled calls to the chain.
pub struct Poster {
	chain: Arc<dyn ChainView>,
	ledger: Ledger,
	signer: RelaySigner,
	board: Arc<Board>,
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
		board: Arc<Board>,
		metrics: Arc<Metrics>,
		timing: Timing,
	) -> Self {
		Self {
			chain,
			ledger,
			signer,
			board,
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
			tokio::select! {
				// A chain that has gone for good is seen by the next step.
				_ = heads.changed() => {},
				() = self.board.signature(TICK) => {},
			}
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
		let head = snapshot.head();
		while let Some(sequence) = self.ledger.oldest_unresolved(head.next_sequence()).await? {
			let Some(hash) = self.taken(snapshot, sequence).await? else { return Ok(()) };
			if self.ledger.batch_posted(sequence, &hash, head.number).await? {
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
		match snapshot.standing(sequence).await?.hash() {
			Some(hash) => Ok(Some(hash)),
			// It was reversed, or is final and forgotten. To take it for the one signed last can lose
			// its charge at worst; to take it for a foreign one could charge the same calls twice.
			None => Ok(self.ledger.last_signed(sequence).await?),
		}
	}

	/// Notes which posted batches are final and which were reversed. They become final in order.
	async fn finalise(&self, snapshot: &dyn Snapshot) -> Result<(), PostingError> {
		let head = snapshot.head();
		while let Some(batch) = self.ledger.oldest_posted().await? {
			let sequence = batch.sequence;
			if sequence >= head.next_sequence() {
				break;
			}
			match snapshot.standing(sequence).await? {
				Standing::Pending(_) => break,
				Standing::Unknown if is_remembered(&batch.batch.header, head.time) => {
					let ucred = self.ledger.batch_reversed(&batch).await?;
					tracing::error!(sequence, ucred, "the chain has reversed a batch");
					self.metrics.batches_reversed.add(1);
				},
				Standing::Settled(_) | Standing::Unknown => {
					self.ledger.batch_final(&batch).await?;
					tracing::info!(sequence, "batch final");
					self.metrics.batches_final.add(1);
				},
			}
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
		let head = snapshot.head();
		let stale = self.ledger.give_up_stale(head.time.saturating_sub(MAX_AGE)).await?;
		if stale > 0 {
			tracing::error!(calls = stale, "calls became too old for the chain: they are void");
			self.metrics.calls_lost.add(stale);
		}
		let waiting = self.ledger.calls_to_batch(now(), head.time, MAX_CALLS).await?;
		if waiting.is_empty() {
			self.board.note_wait(None);
			return Ok(());
		}
		let best = self.chain.best().await?;
		let composed = compose(snapshot, &*best, self.signer.id(), waiting).await?;
		self.open(snapshot.head(), composed).await
	}

	/// Signs and stores a batch, and lets attestors know of it.
	async fn open(&mut self, head: &Head, composed: Composed) -> Result<(), PostingError> {
		let Composed { batch, refused, revoked } = composed;
		self.composed_at = Some(Instant::now());
		if let Some((batch, lines)) = batch {
			let hash = batch.header.hash(&head.genesis);
			let signature = self.signer.sign_batch(&hash);
			self.ledger.open_batch(&batch, hash, &signature, &lines, now()).await?;
			self.board.announce_batch();
			let (sequence, calls) = (batch.header.sequence, batch.header.root.calls);
			tracing::info!(sequence, calls, "batch composed");
		}
		// After the calls of the batch have left the queue, so that only the others rest.
		for (account, payment) in refused {
			tracing::warn!(%account, ?payment, "calls cannot be charged now; trying again later");
			self.ledger.postpone(&account, payment, now()).await?;
		}
		for call in revoked {
			let id = hex::encode(call);
			tracing::error!(call = %id, "the key was revoked twice before the call was settled");
			self.ledger.give_up(&call, "its key was revoked").await?;
			self.metrics.calls_lost.add(1);
		}
		Ok(())
	}

	/// Brings the open batch further: to the chain if enough attestors have signed it, or out of the
	/// way if the chain cannot take it any more.
	async fn push(
		&mut self,
		snapshot: &dyn Snapshot,
		open: StoredBatch,
	) -> Result<(), PostingError> {
		let head = snapshot.head();
		let sequence = open.sequence;
		if sequence != head.next_sequence() {
			return Ok(());
		}
		if head.time > open.batch.header.time.saturating_add(BATCH_LIFETIME) {
			tracing::warn!(sequence, "the chain has not taken the batch; composing another");
			self.metrics.batches_expired.add(1);
			let objections = Objections::of(&open, &self.ledger, &self.board, &head.quorum).await?;
			self.ledger.drop_open_batch(&open).await?;
			objections.leave_out(&self.ledger, &self.board, &self.metrics).await?;
			return self.begin(snapshot).await;
		}
		let Some(posting) = self.signed(head, &open).await? else { return Ok(()) };
		let is_overdue = self.is_overdue(&open);
		let best = self.chain.best().await?;
		if !is_overdue && self.judged_at == Some(best.hash()) {
			return Ok(());
		}
		let verdict = best.judge(&posting).await?;
		self.judged_at = Some(best.hash());
		match verdict {
			// It is in a block that is not final: there is nothing to do.
			Verdict::UsedUp => Ok(()),
			Verdict::Valid if !is_overdue => Ok(()),
			Verdict::Valid => self.submit(&posting, open.hash).await,
			Verdict::Refused(reason) => {
				self.metrics.batches_refused.add(1);
				Err(ChainError::Refused(reason).into())
			},
		}
	}

	/// The open batch with the signatures of the quorum, once there are enough.
	async fn signed(
		&self,
		head: &Head,
		open: &StoredBatch,
	) -> Result<Option<Posting>, PostingError> {
		let mut signatures = self.ledger.signatures(open.id).await?;
		signatures.retain(|(attestor, _)| head.quorum.members.contains_key(attestor));
		let (signed, threshold) = (signatures.len(), head.quorum.threshold);
		if signed < threshold {
			let patience = self.timing.resubmit;
			if self.composed_at.is_some_and(|at| at.elapsed() < patience) {
				// What was said of the batch before holds as long as this one may be late too.
				return Ok(None);
			}
			let unsigned = PostingError::Unsigned { sequence: open.sequence, signed, threshold };
			self.board.note_wait(Some(unsigned.to_string()));
			return Err(unsigned);
		}
		self.board.note_wait(None);
		let (batch, relay_signature) = (open.batch.clone(), open.relay_signature);
		Ok(Some(Posting { batch, relay_signature, signatures }))
	}

	/// Whether the open batch was submitted too long ago, or not by this run.
	fn is_overdue(&self, open: &StoredBatch) -> bool {
		let resubmit = self.timing.resubmit;
		self.submitted.is_none_or(|(hash, at)| hash != open.hash || at.elapsed() >= resubmit)
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
