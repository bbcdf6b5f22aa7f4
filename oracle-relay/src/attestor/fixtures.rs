//! A chain, wallets and batches for tests.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
};

use async_trait::async_trait;
use lx_primitives::{
	call_log::{call_id, call_time},
	grant::{key_hash, Grant},
	merkle_sum::root,
	units::{Credits, Moment},
	Header, LaunchId, Leaf, Line, ModelId, Offer as LaunchOffer, Payment, Price, Rates, RelayId,
	Tier, TierHistory, Units, Usage,
};
use sp_core::{
	crypto::{AccountId32, Ss58Codec},
	sr25519, Pair, H256,
};
use tokio::sync::watch;

use super::{
	book::{Book, Chain, Payer, PriceSpan},
	case::{line_of, CallsByLine, Case, Offer, SignedGrant},
};
use crate::chain::{ChainError, RelayRecord, Standing};

pub const GENESIS: H256 = H256::repeat_byte(0x11);
pub const RELAY: RelayId = 7;
pub const NEXT: u64 = 3;
pub const LAST: H256 = H256::repeat_byte(0x22);
pub const NOW: Moment = 1_767_571_200_000;
pub const SECOND: Moment = 1_000;
pub const HOUR: Moment = 60 * 60 * SECOND;
pub const ALICE: &str = "//Alice";
pub const BOB: &str = "//Bob";
/// What every call of [`leaf`] is charged.
pub const CHARGE: Credits = 3_500;
/// The launch of the model `scarce`.
pub const LAUNCH: LaunchId = 4;
/// What every call of [`scarce_leaf`] uses of its quota.
pub const UNITS: Units = 1_100;

pub fn pair(uri: &str) -> sr25519::Pair {
	sr25519::Pair::from_string(uri, None).unwrap()
}

pub fn account(who: &str) -> AccountId32 {
	pair(who).public().into()
}

pub fn key(who: &str) -> H256 {
	key_hash(&format!("key of {who}"))
}

pub fn model(name: &str) -> ModelId {
	name.as_bytes().to_vec().try_into().unwrap()
}

/// A chain that a test changes as it likes.
#[derive(Clone)]
pub struct FakeBook {
	pub time: Moment,
	pub record: Option<RelayRecord>,
	pub standing: BTreeMap<u64, Standing>,
	pub prices: BTreeMap<(ModelId, u32), PriceSpan>,
	pub payers: BTreeMap<AccountId32, Payer>,
	pub tiers: BTreeMap<AccountId32, TierHistory>,
	pub offers: BTreeMap<LaunchId, LaunchOffer>,
	pub usable: BTreeMap<(AccountId32, LaunchId), Units>,
}

pub fn price() -> Price {
	let tokens = |input, cached_input, output| Rates::Tokens { input, cached_input, output };
	Price {
		list: tokens(2_500_000, 1_250_000, 10_000_000),
		cost: tokens(1_500_000, 750_000, 6_000_000),
		active_from: NOW - HOUR,
	}
}

/// What [`LAUNCH`] has offered for an hour.
pub fn offer() -> LaunchOffer {
	LaunchOffer { model: model("scarce"), price: scarce_price(), expires_at: NOW + HOUR }
}

pub fn scarce_price() -> Price {
	let tokens = |rate| Rates::Tokens { input: rate, cached_input: rate, output: rate };
	Price { list: tokens(20_000_000), cost: tokens(10_000_000), active_from: NOW - HOUR }
}

impl FakeBook {
	/// Relay [`RELAY`] is to post batch [`NEXT`], version 2 of the price of `model` has been in
	/// force for an hour, and both users have plenty. Alice has a quota of [`LAUNCH`].
	pub fn new() -> Self {
		let record = RelayRecord {
			key: pair("//Relay").public(),
			is_active: true,
			next_sequence: NEXT,
			last_batch: LAST,
		};
		let before = Price { active_from: 0, ..price() };
		let prices = [
			((model("model"), 1), PriceSpan { price: before, replaced_at: Some(NOW - HOUR) }),
			((model("model"), 2), PriceSpan { price: price(), replaced_at: None }),
		];
		let payer = Payer {
			key_epoch: 4,
			epoch_since: NOW - 2 * HOUR,
			chargeable: Credits::MAX,
			sponsored: 0,
		};
		Self {
			time: NOW,
			record: Some(record),
			standing: BTreeMap::new(),
			prices: prices.into(),
			payers: [(account(ALICE), payer.clone()), (account(BOB), payer)].into(),
			tiers: BTreeMap::new(),
			offers: [(LAUNCH, offer())].into(),
			usable: [((account(ALICE), LAUNCH), Units::MAX)].into(),
		}
	}

	pub fn payer_mut(&mut self, who: &str) -> &mut Payer {
		self.payers.get_mut(&account(who)).unwrap()
	}

	/// Gives `who` a tier, as if it had never had another.
	pub fn set_tier(&mut self, who: &str, tier: Tier) {
		self.tiers.insert(account(who), TierHistory { current: tier, former: Vec::new() });
	}

	pub fn relay_mut(&mut self) -> &mut RelayRecord {
		self.record.as_mut().unwrap()
	}

	/// The chain takes a batch, and time passes.
	pub fn take(&mut self, header: &Header, passed: Moment) {
		let hash = header.hash(&GENESIS);
		self.standing.insert(header.sequence, Standing::Pending(hash));
		self.time += passed;
		*self.relay_mut() = RelayRecord {
			next_sequence: header.sequence + 1,
			last_batch: hash,
			..self.record.clone().unwrap()
		};
	}
}

#[async_trait]
impl Book for FakeBook {
	fn genesis(&self) -> H256 {
		GENESIS
	}

	fn number(&self) -> u64 {
		1
	}

	fn time(&self) -> Moment {
		self.time
	}

	fn relay(&self) -> RelayId {
		RELAY
	}

	fn record(&self) -> Option<&RelayRecord> {
		self.record.as_ref()
	}

	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError> {
		Ok(self.standing.get(&sequence).copied().unwrap_or(Standing::Unknown))
	}

	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<PriceSpan>, ChainError> {
		Ok(self.prices.get(&(model.clone(), version)).copied())
	}

	async fn offer(&self, launch: LaunchId) -> Result<Option<LaunchOffer>, ChainError> {
		Ok(self.offers.get(&launch).cloned())
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		Ok(self.usable.get(&(who.clone(), launch)).copied().unwrap_or(0))
	}

	async fn payer(&self, who: &AccountId32) -> Result<Payer, ChainError> {
		Ok(self.payers.get(who).cloned().unwrap_or_default())
	}

	async fn tier_at(&self, who: &AccountId32, time: Moment) -> Result<Tier, ChainError> {
		Ok(self.tiers.get(who).map(|tiers| tiers.at(time)).unwrap_or_default())
	}
}

/// A chain that grows when a test says so.
pub struct FakeChain {
	book: Mutex<FakeBook>,
	heads: watch::Sender<u64>,
}

impl FakeChain {
	pub fn new(book: FakeBook) -> Arc<Self> {
		Arc::new(Self { book: Mutex::new(book), heads: watch::Sender::new(0) })
	}

	/// The hash of the last batch that the chain has taken.
	pub fn last(&self) -> H256 {
		self.book.lock().unwrap().relay_mut().last_batch
	}

	pub fn change(&self, change: impl FnOnce(&mut FakeBook)) {
		change(&mut self.book.lock().unwrap());
		self.heads.send_modify(|number| *number += 1);
	}
}

impl Chain for FakeChain {
	fn book(&self) -> Result<Arc<dyn Book>, ChainError> {
		Ok(Arc::new(self.book.lock().unwrap().clone()))
	}

	fn heads(&self) -> watch::Receiver<u64> {
		self.heads.subscribe()
	}
}

/// A call of `who`, made `ago` before [`NOW`] and charged as it should be.
pub fn leaf(who: &str, random: u8, ago: Moment) -> Leaf<AccountId32> {
	let usage = Usage::Tokens { input: 1_000, cached_input: 0, output: 100 };
	Leaf {
		call_id: call_id(NOW - ago, [random; 10]),
		account: account(who),
		payment: Payment::Purse,
		key: key(who),
		model: model("model"),
		usage,
		price_version: 2,
		tier: Tier::Lv1,
		charge: price().charge(&usage, Tier::Lv1).unwrap(),
		cost: price().cost(&usage).unwrap(),
		estimated: false,
		request_hash: H256::repeat_byte(random),
		response_hash: H256::repeat_byte(random),
	}
}

/// The same of the model `scarce`, against a quota.
pub fn scarce_leaf(who: &str, random: u8, ago: Moment) -> Leaf<AccountId32> {
	let leaf = leaf(who, random, ago);
	Leaf {
		model: model("scarce"),
		payment: Payment::Quota(LAUNCH),
		price_version: 0,
		charge: scarce_price().charge(&leaf.usage, Tier::Lv1).unwrap(),
		cost: scarce_price().cost(&leaf.usage).unwrap(),
		..leaf
	}
}

/// What `who` grants to its key: everything.
pub fn grant(who: &str) -> Grant {
	Grant {
		genesis: GENESIS,
		account: account(who).to_ss58check(),
		relay: RELAY,
		key_hash: key(who),
		models: Vec::new(),
		spending_cap: None,
		expires_at: None,
		key_epoch: 4,
		nonce: 0,
	}
}

/// `grant` as signed by the wallet of `who`.
pub fn signed_grant(who: &str, grant: Grant) -> SignedGrant {
	let signature = pair(who).sign(grant.message().as_bytes());
	SignedGrant::new(grant, signature.0.to_vec()).unwrap()
}

/// An honest batch of these calls for the chain's next place, composed at [`NOW`].
pub fn case(leaves: Vec<Leaf<AccountId32>>) -> Case {
	let mut calls: BTreeMap<_, Vec<Leaf<AccountId32>>> = BTreeMap::new();
	for leaf in leaves {
		calls.entry((leaf.account.clone(), leaf.payment)).or_default().push(leaf);
	}
	let calls: CallsByLine = calls.into_values().collect();
	let lines: Vec<Line<AccountId32>> = calls.iter().map(|calls| line_of(calls).unwrap()).collect();
	let oldest = calls.iter().flatten().map(|leaf| call_time(&leaf.call_id)).min().unwrap();
	let header = Header {
		relay: RELAY,
		sequence: NEXT,
		previous: LAST,
		time: NOW,
		oldest,
		root: root(lines.iter().map(Line::node).collect()).unwrap(),
	};
	let grants = [ALICE, BOB].map(|who| (key(who), signed_grant(who, grant(who)))).into();
	let relay_signature = relay_signature(&header);
	Case { offer: Offer { header, relay_signature, lines }, calls, grants }
}

pub fn relay_signature(header: &Header) -> sr25519::Signature {
	pair("//Relay").sign(header.hash(&GENESIS).as_bytes())
}

/// Makes the root and the relay's signature those of what a test has changed.
pub fn seal(case: &mut Case) {
	let nodes = case.offer.lines.iter().map(Line::node).collect();
	case.offer.header.root = root(nodes).unwrap();
	resign(case);
}

/// Makes the relay's signature that of the header that a test has changed.
pub fn resign(case: &mut Case) {
	case.offer.relay_signature = relay_signature(&case.offer.header);
}
