//! A real node: follows its finalised blocks, asks for its best one when it is needed, and reconnects
//! whenever the connection breaks.

use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use async_trait::async_trait;
use futures::FutureExt;
use lx_primitives::{LaunchId, ModelId, Moment, Offer, Price, RelayId, Units};
use sp_core::{crypto::AccountId32, H256};
use subxt::{
	backend::LegacyBackend,
	client::Blocks,
	config::{RpcConfigFor, SubstrateConfig},
	rpcs,
	transactions::{TransactionInvalid, ValidationResult},
	OnlineClient,
};
use tokio::{sync::watch, time::timeout};

use super::{
	finality::Finalised,
	reads::{self, Block},
	transaction, ApiAccount, BestBlock, ChainError, ChainView, Head, Posting, Snapshot, Standing,
	Verdict,
};
use crate::{
	pricing::{Listing, Registry},
	tasks::now,
};

const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// A connection that delivers no block for this long is given up and made anew.
const SILENCE: Duration = Duration::from_secs(60);

/// How long to wait for the node's first word on a submitted batch.
const SUBMISSION: Duration = Duration::from_secs(10);

/// Prices never change once stored, so each is read once.
type Prices = Mutex<HashMap<(ModelId, u32), Price>>;

/// Neither do the offers of launches.
type Offers = Mutex<HashMap<LaunchId, Offer>>;

/// Plain requests, for what the client library does not ask.
type Rpc = rpcs::LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// The chain behind a node's RPC.
pub struct NodeChain {
	url: String,
	relay: RelayId,
	max_head_age: Duration,
	prices: Arc<Prices>,
	offers: Arc<Offers>,
	latest: watch::Sender<Option<Arc<NodeSnapshot>>>,
	/// The best block as last seen over this connection, if it was not the finalised one.
	best: Mutex<Option<Arc<NodeBlock>>>,
	heads: watch::Sender<u64>,
}

impl NodeChain {
	/// The chain that the node at `url` follows, as seen by `relay`. Nothing is read before
	/// [`NodeChain::follow`] runs, nor while the last finalised block is older than `max_head_age`.
	pub fn new(url: String, relay: RelayId, max_head_age: Duration) -> Arc<Self> {
		Arc::new(Self {
			url,
			relay,
			max_head_age,
			prices: Arc::default(),
			offers: Arc::default(),
			latest: watch::Sender::new(None),
			best: Mutex::default(),
			heads: watch::Sender::new(0),
		})
	}

	/// Follows the finalised chain for ever.
	pub async fn follow(self: Arc<Self>) {
		let mut pause = FIRST_RETRY;
		loop {
			let before = *self.heads.borrow();
			if let Err(error) = self.follow_connection().await {
				tracing::warn!(node = %self.url, %error, "lost the chain; reconnecting");
			}
			if *self.heads.borrow() != before {
				pause = FIRST_RETRY;
			}
			tokio::time::sleep(pause).await;
			pause = pause.saturating_mul(2).min(LAST_RETRY);
		}
	}

	async fn follow_connection(&self) -> Result<(), subxt::Error> {
		// The operator chose the address, so an unencrypted one is meant.
		let rpc = rpcs::RpcClient::from_insecure_url(&self.url).await?;
		// Plain requests at a block, each answered by itself. The `chainHead` methods deliver answers
		// through one subscription, where a reader can wait for an answer that is lost.
		let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc.clone());
		let client = OnlineClient::from_backend(Arc::new(backend)).await?;
		tracing::info!(node = %self.url, genesis = ?client.genesis_hash(), "connected");
		let rpc = Rpc::new(rpc);
		// It reads over the connection that broke.
		*lock(&self.best) = None;
		let mut blocks = client.stream_blocks().await?;
		loop {
			let next = timeout(SILENCE, newest(&mut blocks)).await;
			let Some(block) = next.map_err(|_| broken("no block arrives"))? else {
				return Err(broken("the node closed the stream of blocks"));
			};
			let at = block?.at().await?;
			let snapshot = self.read(at, rpc.clone()).await.map_err(subxt::Error::other)?;
			let number = snapshot.head.number;
			self.latest.send_replace(Some(Arc::new(snapshot)));
			self.heads.send_replace(number);
		}
	}

	async fn read(&self, block: Block, rpc: Rpc) -> Result<NodeSnapshot, ChainError> {
		let at = NodeBlock::read(block, self.relay).await?;
		let block = &at.block;
		let head = Head {
			genesis: genesis(block),
			number: block.block_number(),
			time: at.time,
			relay: reads::relay(block, self.relay).await?,
			quorum: reads::quorum(block).await?,
			registry: Arc::new(self.read_registry(block).await?),
			launches: Arc::new(reads::launches(block).await?.into_iter().collect()),
			cumulative: reads::cumulative(block).await?,
			reign: reads::reign(block).await?,
		};
		let before = self.latest.borrow().as_ref().map(|latest| latest.finalised);
		let finalised = Finalised::named(at.hash(), at.time, before);
		let (prices, offers) = (self.prices.clone(), self.offers.clone());
		Ok(NodeSnapshot { head, at: Arc::new(at), rpc, finalised, prices, offers })
	}

	async fn read_registry(&self, block: &Block) -> Result<Registry, ChainError> {
		let mut listings = Vec::new();
		for (model, version) in reads::models(block).await? {
			let Ok(name) = String::from_utf8(model.to_vec()) else { continue };
			if let Some(price) = cached_price(&self.prices, block, &model, version).await? {
				listings.push((name, Listing { version, price }));
			}
		}
		Ok(listings.into_iter().collect())
	}

	fn current(&self) -> Result<Arc<NodeSnapshot>, ChainError> {
		let latest = self.latest.borrow().clone();
		let snapshot =
			latest.ok_or_else(|| ChainError::Unreachable("no finalised block seen yet".into()))?;
		snapshot.finalised.check(self.max_head_age, now())?;
		Ok(snapshot)
	}

	/// The best block. Where it is the finalised one or known already, only its hash is asked for.
	async fn best_block(&self) -> Result<Arc<NodeBlock>, ChainError> {
		let current = self.current()?;
		let hash = current.rpc.chain_get_block_hash(None).await.map_err(reads::unreachable)?;
		let hash =
			hash.ok_or_else(|| ChainError::Unreachable("the node has no best block".into()))?;
		let last = lock(&self.best).clone();
		let mut known = [Some(current.at.clone()), last].into_iter().flatten();
		if let Some(best) = known.find(|known| known.block.block_hash() == hash) {
			return Ok(best);
		}
		let client = current.at.block.online_client();
		let block = client.at_block(hash).await.map_err(reads::unreachable)?;
		let best = Arc::new(NodeBlock::read(block, self.relay).await?);
		*lock(&self.best) = Some(best.clone());
		Ok(best)
	}
}

/// The newest of the blocks that are there; waits for one if there is none.
async fn newest(
	blocks: &mut Blocks<SubstrateConfig>,
) -> Option<Result<subxt::client::Block<SubstrateConfig>, subxt::error::BlocksError>> {
	let mut latest = blocks.next().await?;
	while let Some(Some(later)) = blocks.next().now_or_never() {
		latest = later;
	}
	Some(latest)
}

fn broken(problem: &'static str) -> subxt::Error {
	subxt::Error::other(ChainError::Unreachable(problem.into()))
}

fn genesis(block: &Block) -> H256 {
	H256(block.online_client().genesis_hash().0)
}

async fn cached_price(
	prices: &Prices,
	block: &Block,
	model: &ModelId,
	version: u32,
) -> Result<Option<Price>, ChainError> {
	let key = (model.clone(), version);
	if let Some(price) = lock(prices).get(&key) {
		return Ok(Some(*price));
	}
	let price = reads::price(block, model, version).await?;
	if let Some(price) = price {
		lock(prices).insert(key, price);
	}
	Ok(price)
}

/// The maps behind these locks are valid after any panic, since each change is one insertion.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl ChainView for NodeChain {
	fn snapshot(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
		Ok(self.current()?)
	}

	fn heads(&self) -> watch::Receiver<u64> {
		self.heads.subscribe()
	}

	async fn best(&self) -> Result<Arc<dyn BestBlock>, ChainError> {
		Ok(self.best_block().await?)
	}

	async fn submit(&self, posting: &Posting) -> Result<(), ChainError> {
		let best = self.best_block().await?;
		// Asked first, because the pool's own refusal does not always say why.
		match best.judge(posting).await? {
			Verdict::Valid => {},
			Verdict::UsedUp => return Ok(()),
			Verdict::Refused(reason) => return Err(ChainError::Refused(reason)),
		}
		let bytes = transaction::post_batch(best.block.metadata_ref(), posting)?;
		let transaction = best.block.transactions().from_bytes(bytes);
		// The batch is valid at the best block. If the pool refuses it all the same, it is there
		// already, or in a newer block; in any case the chain shows what became of it.
		if let Ok(Err(error)) = timeout(SUBMISSION, transaction.submit()).await {
			tracing::debug!(%error, "the pool did not take the batch");
		}
		Ok(())
	}
}

/// Says why a batch is invalid. The pallet refuses with the index of its error.
fn explain(metadata: &subxt::Metadata, refusal: &ValidationResult) -> String {
	let error = match refusal {
		ValidationResult::Invalid(TransactionInvalid::Custom(index)) => metadata
			.pallet_by_name("Compute")
			.and_then(|pallet| pallet.error_variant_by_index(*index)),
		_ => None,
	};
	error.map_or_else(|| format!("{refusal:?}"), |error| error.name.clone())
}

/// A block of a node, with the accounts that were read there for a relay.
struct NodeBlock {
	block: Block,
	relay: RelayId,
	time: Moment,
	today: u32,
	accounts: Mutex<HashMap<AccountId32, Option<ApiAccount>>>,
	usable: Mutex<HashMap<(AccountId32, LaunchId), Units>>,
}

impl NodeBlock {
	async fn read(block: Block, relay: RelayId) -> Result<Self, ChainError> {
		let (time, today) = reads::time(&block).await?;
		let (accounts, usable) = (Mutex::default(), Mutex::default());
		Ok(Self { block, relay, time, today, accounts, usable })
	}
}

#[async_trait]
impl BestBlock for NodeBlock {
	fn hash(&self) -> H256 {
		H256(self.block.block_hash().0)
	}

	fn time(&self) -> Moment {
		self.time
	}

	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError> {
		if let Some(known) = lock(&self.accounts).get(who) {
			return Ok(known.clone());
		}
		let account = reads::account(&self.block, self.relay, who, self.today).await?;
		lock(&self.accounts).insert(who.clone(), account.clone());
		Ok(account)
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		let key = (who.clone(), launch);
		if let Some(known) = lock(&self.usable).get(&key) {
			return Ok(*known);
		}
		let units = reads::usable(&self.block, self.relay, who, launch).await?;
		lock(&self.usable).insert(key, units);
		Ok(units)
	}

	async fn judge(&self, posting: &Posting) -> Result<Verdict, ChainError> {
		let metadata = self.block.metadata_ref();
		let bytes = transaction::post_batch(metadata, posting)?;
		let transaction = self.block.transactions().from_bytes(bytes);
		Ok(match transaction.validate().await.map_err(reads::unreachable)? {
			ValidationResult::Valid(_) => Verdict::Valid,
			ValidationResult::Invalid(TransactionInvalid::Stale) => Verdict::UsedUp,
			refusal => Verdict::Refused(explain(metadata, &refusal)),
		})
	}
}

/// The state at a finalised block of a node.
pub struct NodeSnapshot {
	head: Head,
	at: Arc<NodeBlock>,
	rpc: Rpc,
	finalised: Finalised,
	prices: Arc<Prices>,
	offers: Arc<Offers>,
}

#[async_trait]
impl Snapshot for NodeSnapshot {
	fn head(&self) -> &Head {
		&self.head
	}

	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError> {
		self.at.account(who).await
	}

	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<Price>, ChainError> {
		cached_price(&self.prices, &self.at.block, model, version).await
	}

	async fn offer(&self, launch: LaunchId) -> Result<Option<Offer>, ChainError> {
		if let Some(offer) = lock(&self.offers).get(&launch) {
			return Ok(Some(offer.clone()));
		}
		let offer = reads::offer(&self.at.block, launch).await?;
		if let Some(offer) = &offer {
			lock(&self.offers).insert(launch, offer.clone());
		}
		Ok(offer)
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		self.at.usable(who, launch).await
	}

	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError> {
		reads::standing(&self.at.block, self.at.relay, sequence).await
	}
}
