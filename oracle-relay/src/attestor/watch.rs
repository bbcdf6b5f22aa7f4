//! Watching one relay: asks for its open batch, checks it, signs it, hands the signature in.
//!
//! Nothing is kept in memory that matters. After a crash at any point the open batch is simply
//! looked at again: it was written down as signed, and is signed again, or it was not, and is
//! checked.

use std::{
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};

use lx_primitives::{units::Moment, RelayId};
use sp_core::{sr25519, Pair, H256};
use tokio::time::{sleep, timeout};

use super::{
	book::{Book, Chain},
	case::Offer,
	catch_up::catch_up,
	check::{admit, check_offer},
	client::RelayClient,
	metrics::Metrics,
	objections::Objections,
	refusal::{Refusal, Trouble},
	store::{Store, StoreError},
};
use crate::{
	attest::{
		objections::{objection_hash, MAX_OBJECTIONS},
		question::Asked,
	},
	chain::ChainError,
};

const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// How long a relay may let a question for its open batch wait.
const LONG_POLL: Duration = Duration::from_secs(20);

/// The least time between two questions for an open batch, whatever a relay answers.
const LEAST_STEP: Duration = Duration::from_millis(100);

/// How long to wait for a block that the relay has seen already.
const BLOCK_PATIENCE: Duration = Duration::from_secs(10);

/// How often what is old is forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(600);

/// How long a batch may wait for that.
const HOUSEKEEPING_PAUSE: Duration = Duration::from_millis(250);

/// An attestor as a signer.
#[derive(Clone)]
pub struct Signer {
	/// Its id on the chain.
	pub id: u32,
	/// The key that it signs with.
	pub pair: sr25519::Pair,
}

/// A relay as others see it while it is watched.
pub struct Watched {
	/// Where it is.
	pub client: RelayClient,
	/// The chain as far as it concerns the relay, once the relay has told its id.
	pub chain: OnceLock<(RelayId, Arc<dyn Chain>)>,
}

/// Follows the chain as far as it concerns a relay.
pub type Connect = Arc<dyn Fn(RelayId) -> Arc<dyn Chain> + Send + Sync>;

/// Watches a relay.
pub struct Watcher {
	/// The relay.
	pub relay: Arc<Watched>,
	/// Who signs.
	pub signer: Signer,
	/// What was signed.
	pub store: Store,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// How to follow the chain.
	pub connect: Connect,
}

/// What a watcher remembers from one step to the next.
#[derive(Default)]
pub struct Progress {
	/// The open batch that has been dealt with.
	done: H256,
	/// How long to wait for another one.
	wait: Duration,
	/// What was said last of a batch that is not signed, so that it is said once.
	refused: Option<(H256, String)>,
	/// What was said last of what holds up watching.
	held_up: String,
	/// When what is old was forgotten last.
	kept_house: Option<Instant>,
}

impl Watcher {
	/// Watches for ever; ends only if the record of signatures belongs to somebody else.
	pub async fn run(self) -> StoreError {
		let mut progress = Progress::default();
		let mut pause = FIRST_RETRY;
		loop {
			let began = Instant::now();
			match self.step(&mut progress).await {
				Ok(()) => {
					progress.held_up.clear();
					pause = FIRST_RETRY;
					sleep(LEAST_STEP.saturating_sub(began.elapsed())).await;
				},
				Err(Trouble::Store(error @ StoreError::OfAnother(_))) => return error,
				Err(trouble) => {
					self.report_trouble(&trouble, &mut progress);
					// To be told at once when the relay is back.
					progress.wait = Duration::ZERO;
					sleep(pause).await;
					pause = pause.saturating_mul(2).min(LAST_RETRY);
				},
			}
		}
	}

	/// Asks for the relay's open batch, and deals with it.
	pub async fn step(&self, progress: &mut Progress) -> Result<(), Trouble> {
		let chain = self.chain().await?;
		self.introduce(&*chain);
		let open = self.relay.client.open(&progress.done, progress.wait).await?;
		progress.wait = LONG_POLL;
		let Some(offer) = open else {
			// One that is still open is looked at again: the relay may have lost the signature, or
			// what was wrong with it may have changed.
			progress.done = H256::zero();
			return Ok(());
		};
		let book = book_at(&*chain, offer.header.time).await?;
		self.store.bind(&book.genesis(), &self.signer.pair.public()).await?;
		let hash = offer.header.hash(&book.genesis());
		match self.sign(offer, hash, &*book, &*chain).await {
			Ok(()) => {},
			// It becomes right by waiting, and is asked for again.
			Err(trouble @ Trouble::Refused(Refusal::FromTheFuture { .. })) => return Err(trouble),
			Err(Trouble::Refused(refusal)) => {
				self.report_refusal(hash, refusal.is_harmless(), &refusal.to_string(), progress);
			},
			Err(Trouble::Objected(objections)) => {
				self.report_refusal(hash, false, &objections.to_string(), progress);
				self.object(&hash, &objections).await?;
			},
			Err(trouble) => return Err(trouble),
		}
		progress.done = hash;
		// Now that it is known what the chain has taken.
		self.keep_house(&*book, progress).await
	}

	/// The chain as far as it concerns the relay.
	async fn chain(&self) -> Result<Arc<dyn Chain>, Trouble> {
		if let Some((_, chain)) = self.relay.chain.get() {
			return Ok(chain.clone());
		}
		let id = self.relay.client.id().await?;
		tracing::info!(relay = id, url = self.relay.client.url(), "watching a relay");
		let (_, chain) = self.relay.chain.get_or_init(|| (id, (self.connect)(id)));
		Ok(chain.clone())
	}

	/// Signs the questions from here on, as soon as the chain tells which chain it is. The first one
	/// may be a stranger's.
	fn introduce(&self, chain: &dyn Chain) {
		if let Ok(book) = chain.book() {
			let asked = Asked { genesis: book.genesis(), relay: book.relay() };
			self.relay.client.ask_as(self.signer.id, &self.signer.pair, asked);
		}
	}

	/// Checks a batch, signs it, and hands the signature in.
	async fn sign(
		&self,
		offer: Offer,
		hash: H256,
		book: &dyn Book,
		chain: &dyn Chain,
	) -> Result<(), Trouble> {
		let header = offer.header;
		if !self.store.is_signed(&hash).await? {
			check_offer(&offer, book)?;
			let client = &self.relay.client;
			catch_up(client, book, &self.store, &self.metrics).await?;
			let case = client.case(offer, &hash).await?;
			// The chain may have gone on while the relay was showing it.
			admit(&case, &*chain.book()?, &self.store).await?;
			let (sequence, calls) = (header.sequence, header.root.calls);
			tracing::info!(relay = header.relay, sequence, calls, ?hash, "batch signed");
			self.metrics.batches_signed.add(1);
			self.metrics.calls_signed.add(calls.into());
		}
		let signature = self.signer.pair.sign(hash.as_bytes());
		if !self.relay.client.submit(&hash, self.signer.id, &signature).await? {
			tracing::debug!(?hash, "the relay needs no signature any more");
		}
		Ok(())
	}

	/// Tells the relay which calls keep a batch from being signed.
	async fn object(&self, hash: &H256, objections: &Objections) -> Result<(), Trouble> {
		let calls: Vec<_> = objections.calls().take(MAX_OBJECTIONS).copied().collect();
		let signature = self.signer.pair.sign(objection_hash(hash, &calls).as_bytes());
		self.relay.client.object(hash, self.signer.id, &calls, &signature).await?;
		Ok(())
	}

	/// Says once why a batch is not signed.
	fn report_refusal(&self, hash: H256, is_harmless: bool, reason: &str, progress: &mut Progress) {
		let refused = Some((hash, reason.to_string()));
		if refused == progress.refused {
			return;
		}
		let url = self.relay.client.url();
		if is_harmless {
			tracing::debug!(url, ?hash, reason, "a batch is not signed");
		} else {
			tracing::error!(url, ?hash, reason, "a batch is refused");
			self.metrics.batches_refused.add(1);
		}
		progress.refused = refused;
	}

	/// Says once what holds up watching.
	fn report_trouble(&self, trouble: &Trouble, progress: &mut Progress) {
		self.metrics.failures.add(1);
		let held_up = trouble.to_string();
		if held_up != progress.held_up {
			tracing::warn!(url = self.relay.client.url(), %trouble, "held up; trying again");
			progress.held_up = held_up;
		}
	}

	/// Forgets what is old, some at a time.
	async fn keep_house(&self, book: &dyn Book, progress: &mut Progress) -> Result<(), Trouble> {
		if progress.kept_house.is_some_and(|at| at.elapsed() < HOUSEKEEPING) {
			return Ok(());
		}
		let began = Instant::now();
		while self.store.forget(book.time()).await? {
			if began.elapsed() > HOUSEKEEPING_PAUSE {
				return Ok(());
			}
		}
		progress.kept_house = Some(Instant::now());
		Ok(())
	}
}

/// The chain once it has reached `time`, or as far as it is after some patience.
async fn book_at(chain: &dyn Chain, time: Moment) -> Result<Arc<dyn Book>, ChainError> {
	let mut heads = chain.heads();
	let reached = async {
		loop {
			let book = chain.book();
			let is_there = book.as_ref().is_ok_and(|book| book.time() >= time);
			// A chain that has gone for good is read as it is.
			if is_there || heads.changed().await.is_err() {
				return book;
			}
		}
	};
	match timeout(BLOCK_PATIENCE, reached).await {
		Ok(book) => book,
		Err(_) => chain.book(),
	}
}
