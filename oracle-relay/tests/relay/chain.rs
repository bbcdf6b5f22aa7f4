//! A chain in memory that judges batches as the real one does.

mod state;

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use lx_primitives::{
	Batch, Claim, LaunchId, ModelId, Moment, Offer, Payment, Perk, Price, Rates, Reign, RelayId,
	Units,
};
use oracle_relay::{
	chain::{
		ApiAccount, BestBlock, ChainError, ChainView, Head, Posting, Quorum, RelayRecord, Snapshot,
		Sponsored, Standing, Verdict,
	},
	pricing::{model_id, Listing, Registry},
};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};
use tokio::sync::watch;

pub const GENESIS: H256 = H256::repeat_byte(0x11);
pub const THRESHOLD: usize = 2;
/// The relay that is tested.
pub const RELAY: RelayId = 0;
/// The time of the first block.
pub const START: Moment = 1_767_571_200_000;
/// How long a block takes.
pub const BLOCK: Moment = 6_000;
/// How long relays may collect what they served, once an account has taken something back.
pub const THAW: Moment = 3_600_000;

/// What the chain holds; tests change it as they like.
#[derive(Clone)]
pub struct State {
	pub is_up: bool,
	pub number: u64,
	pub time: Moment,
	pub relay: Option<RelayRecord>,
	pub accounts: BTreeMap<AccountId32, ApiAccount>,
	pub prices: BTreeMap<(ModelId, u32), Price>,
	pub listed: BTreeMap<String, u32>,
	pub launches: BTreeMap<LaunchId, Offer>,
	pub claims: BTreeMap<(AccountId32, LaunchId, RelayId), Claim>,
	pub pending: BTreeMap<u64, H256>,
	pub settled: BTreeMap<u64, H256>,
	pub cumulative: u128,
	pub reign: Option<Reign<AccountId32>>,
	/// Batches in the transaction pool.
	pub pool: Vec<Posting>,
	/// Batches in the order in which the chain took them.
	pub taken: Vec<Posting>,
}

pub struct MemoryChain {
	/// At the best block.
	state: Mutex<State>,
	/// At the last finalised block, if that is another.
	finalised: Mutex<Option<State>>,
	heads: watch::Sender<u64>,
}

pub fn pair(uri: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(uri, None).unwrap()
}

fn price(input: u128, cached_input: u128, output: u128) -> Price {
	let cost = |rate: u128| rate * 60 / 100;
	Price {
		list: Rates::Tokens { input, cached_input, output },
		cost: Rates::Tokens {
			input: cost(input),
			cached_input: cost(cached_input),
			output: cost(output),
		},
		active_from: 0,
	}
}

impl MemoryChain {
	/// The development chain: relay 0 is active, and so are the demo models.
	pub fn new() -> Arc<Self> {
		let relay = RelayRecord {
			key: pair("//Relay").public(),
			is_active: true,
			next_sequence: 0,
			last_batch: H256::zero(),
		};
		let state = State {
			is_up: true,
			number: 1,
			time: START,
			relay: Some(relay),
			accounts: BTreeMap::new(),
			prices: BTreeMap::new(),
			listed: BTreeMap::new(),
			launches: BTreeMap::new(),
			claims: BTreeMap::new(),
			pending: BTreeMap::new(),
			settled: BTreeMap::new(),
			cumulative: 0,
			reign: None,
			pool: Vec::new(),
			taken: Vec::new(),
		};
		let (state, finalised) = (Mutex::new(state), Mutex::default());
		let chain = Self { state, finalised, heads: watch::Sender::new(1) };
		chain.set_price("lx-demo-1", 1, price(2_500_000, 1_250_000, 10_000_000));
		chain.set_price("model", 1, price(2_500_000, 1_250_000, 10_000_000));
		let unit = Rates::Unit(5);
		chain.set_price("pictures", 1, Price { list: unit, cost: unit, active_from: 0 });
		Arc::new(chain)
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	pub fn set_price(&self, model: &str, version: u32, price: Price) {
		let mut state = self.state();
		state.prices.insert((model_id(model).unwrap(), version), price);
		state.listed.insert(model.into(), version);
	}

	pub fn set_account(&self, who: &AccountId32, account: ApiAccount) {
		self.state().accounts.insert(who.clone(), account);
	}

	/// Launches `model` at the price of the model `model`. `who` has claimed so many units at the relay.
	pub fn launch(&self, launch: LaunchId, model: &str, who: &AccountId32, units: Units) {
		self.claim(launch, who, RELAY, units);
		let mut state = self.state();
		let price = Price { active_from: START, ..price(2_500_000, 1_250_000, 10_000_000) };
		let expires_at = START + 1_000 * BLOCK;
		let offer = Offer { model: model_id(model).unwrap(), price, expires_at };
		state.launches.insert(launch, offer);
	}

	/// `who` claims so many units at a relay.
	pub fn claim(&self, launch: LaunchId, who: &AccountId32, relay: RelayId, units: Units) {
		let claim = Claim { relay, units, used: 0 };
		self.state().claims.insert((who.clone(), launch, relay), claim);
	}

	/// What `who` has claimed at the relay.
	pub fn claimed(&self, who: &AccountId32, launch: LaunchId) -> Claim {
		self.state().claims[&(who.clone(), launch, RELAY)]
	}

	/// So many of these units are used, whatever the relay knows of it.
	pub fn use_up(&self, who: &AccountId32, launch: LaunchId, used: Units) {
		self.state().claims.get_mut(&(who.clone(), launch, RELAY)).unwrap().used = used;
	}

	/// From here on blocks are best and not final.
	pub fn stop_finality(&self) {
		let state = self.state().clone();
		*self.finalised.lock().unwrap() = Some(state);
	}

	/// Everything is final again.
	pub fn resume_finality(&self) {
		*self.finalised.lock().unwrap() = None;
	}

	pub fn account(&self, who: &AccountId32) -> ApiAccount {
		self.state().accounts.get(who).cloned().unwrap()
	}

	/// The account was first last week, and has chosen this perk.
	pub fn crown(&self, champion: &AccountId32, perk: Perk) {
		let (champion, perk) = (champion.clone(), Some(perk));
		self.state().reign = Some(Reign { champion, week: 1, perk });
	}

	/// The fund has prepaid so much for the account's calls.
	pub fn sponsor(&self, who: &AccountId32, free: u128) {
		let sponsored = Sponsored { free, thawing: 0, thaw_at: Moment::MAX };
		self.state().accounts.get_mut(who).unwrap().sponsored = sponsored;
	}

	/// The account revokes its keys, and its purse thaws.
	pub fn revoke_keys(&self, who: &AccountId32) {
		let mut state = self.state();
		let now = state.time;
		let account = state.accounts.get_mut(who).unwrap();
		account.thawing += std::mem::take(&mut account.free);
		account.thaw_at = now + THAW;
		account.key_epoch += 1;
		account.epoch_since = now;
	}

	/// The account lowers its daily limit.
	pub fn lower_daily_limit(&self, who: &AccountId32, limit: u128) {
		let mut state = self.state();
		let until = state.time + THAW;
		let account = state.accounts.get_mut(who).unwrap();
		account.former_limits.push((account.daily_limit, until));
		account.daily_limit = limit;
	}

	/// Makes a block with what the pool holds, and finalises it unless finality has stopped.
	pub fn advance(&self) {
		let mut state = self.state();
		for posting in std::mem::take(&mut state.pool) {
			if let Ok(next) = state.clone().take(&posting) {
				*state = next;
			}
		}
		state.number += 1;
		state.time += BLOCK;
		let number = state.number;
		drop(state);
		self.heads.send_replace(number);
	}

	/// The state at the best block, if the chain can be reached.
	fn up(&self) -> Result<State, ChainError> {
		let state = self.state().clone();
		if state.is_up {
			Ok(state)
		} else {
			Err(ChainError::Unreachable("the test took it down".into()))
		}
	}

	/// Ends the challenge window of every batch.
	pub fn finalise(&self) {
		let mut state = self.state();
		let mut pending = std::mem::take(&mut state.pending);
		state.settled.append(&mut pending);
		drop(state);
		self.advance();
	}

	/// A batch is proven wrong: its accounts have their charges back.
	pub fn reverse(&self, sequence: u64) {
		let mut state = self.state();
		state.pending.remove(&sequence).unwrap();
		let posting = state.taken.iter().find(|posting| posting.batch.header.sequence == sequence);
		let Batch { header, lines } = posting.unwrap().batch.clone();
		for line in lines {
			let account = state.accounts.get_mut(&line.account).unwrap();
			match line.payment {
				Payment::Purse | Payment::Quota(_) => {
					account.pending -= line.total.charge;
					account.free += line.total.charge;
				},
				Payment::Perk => account.sponsored.free += line.total.charge,
			}
			if let Some(launch) = line.payment.quota() {
				let key = (line.account, launch, header.relay);
				state.claims.get_mut(&key).unwrap().used -= line.total.units;
			}
		}
	}
}

struct At {
	head: Head,
	state: State,
}

#[async_trait]
impl ChainView for MemoryChain {
	fn snapshot(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
		let best = self.up()?;
		let state = self.finalised.lock().unwrap().clone().unwrap_or(best);
		let listing = |(name, version): (&String, &u32)| {
			let price = state.prices[&(model_id(name).unwrap(), *version)];
			(name.clone(), Listing { version: *version, price })
		};
		let registry: Registry = state.listed.iter().map(listing).collect();
		let is_open = |offer: &Offer| state.time < offer.expires_at;
		let open = state.launches.iter().filter(|(_, offer)| is_open(offer));
		let launches = open.map(|(launch, offer)| (*launch, offer.clone())).collect();
		let head = Head {
			genesis: GENESIS,
			number: state.number,
			time: state.time,
			relay: state.relay.clone(),
			quorum: quorum(),
			registry: Arc::new(registry),
			launches: Arc::new(launches),
			cumulative: state.cumulative,
			reign: state.reign.clone(),
		};
		Ok(Arc::new(At { head, state }))
	}

	fn heads(&self) -> watch::Receiver<u64> {
		self.heads.subscribe()
	}

	async fn best(&self) -> Result<Arc<dyn BestBlock>, ChainError> {
		Ok(Arc::new(self.up()?))
	}

	async fn submit(&self, posting: &Posting) -> Result<(), ChainError> {
		match self.up()?.verdict(posting) {
			Verdict::Valid => self.state().pool.push(posting.clone()),
			Verdict::UsedUp => {},
			Verdict::Refused(reason) => return Err(ChainError::Refused(reason)),
		}
		Ok(())
	}
}

#[async_trait]
impl BestBlock for State {
	fn hash(&self) -> H256 {
		H256::from_low_u64_be(self.number)
	}

	fn time(&self) -> Moment {
		self.time
	}

	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError> {
		Ok(self.accounts.get(who).cloned())
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		Ok(self.left_of_claim(who, launch))
	}

	async fn judge(&self, posting: &Posting) -> Result<Verdict, ChainError> {
		Ok(self.verdict(posting))
	}
}

#[async_trait]
impl Snapshot for At {
	fn head(&self) -> &Head {
		&self.head
	}

	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError> {
		Ok(self.state.accounts.get(who).cloned())
	}

	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<Price>, ChainError> {
		Ok(self.state.prices.get(&(model.clone(), version)).copied())
	}

	async fn offer(&self, launch: LaunchId) -> Result<Option<Offer>, ChainError> {
		Ok(self.state.launches.get(&launch).cloned())
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		Ok(self.state.left_of_claim(who, launch))
	}

	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError> {
		let find = |batches: &BTreeMap<u64, H256>| batches.get(&sequence).copied();
		let settled = || find(&self.state.settled).map(Standing::Settled);
		let pending = find(&self.state.pending).map(Standing::Pending);
		Ok(pending.or_else(settled).unwrap_or(Standing::Unknown))
	}
}

/// The development attestors, of which two must sign.
pub fn quorum() -> Quorum {
	let key = |id: u32| (id, pair(&format!("//Attestor//{id}")).public());
	Quorum { members: (0..3).map(key).collect(), size: 3, threshold: THRESHOLD }
}

/// An account with a purse at the relay that holds `free` µCRED.
pub fn funded(free: u128) -> ApiAccount {
	ApiAccount { has_purse: true, free, daily_limit: u128::MAX, ..ApiAccount::default() }
}
