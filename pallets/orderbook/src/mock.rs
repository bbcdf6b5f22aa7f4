use frame_support::{
	derive_impl,
	pallet_prelude::DispatchResultWithPostInfo,
	parameter_types,
	traits::{
		fungible::UnionOf, fungibles::Inspect, AsEnsureOriginWithArg, ConstU128, ConstU32,
		ConstU64, Hooks,
	},
	weights::{constants::ParityDbWeight, Weight, WeightMeter},
	PalletId,
};
use frame_system::{mocking::MockBlock, EnsureNever, EnsureRoot};
use lx_matching::{Lots, Side, Tick, TimeInForce};
use lx_primitives::{
	trading::{TradingId, MAX_OPEN_ORDERS},
	traits::{CalendarOf, Tiers},
	units::{WhereAssetsLie, CRED, CRED_ASSET, LCO, LCO_ASSET},
	AssetId, Balance, Moment, Tier, TierHistory,
};
use sp_runtime::{
	traits::{Convert, IdentityLookup},
	AccountId32, BuildStorage, DispatchResult,
};

use crate::{
	Event, MarketStatus, OrderName, OrderRequest, Terms, TriggerRequest, WeightInfo, When,
	MIN_LIFETIME,
};

pub type AccountId = AccountId32;

pub const ALICE: AccountId = AccountId::new([1; 32]);
pub const BOB: AccountId = AccountId::new([2; 32]);
pub const CAROL: AccountId = AccountId::new([3; 32]);
pub const BOT: AccountId = AccountId::new([4; 32]);
pub const FUND: AccountId = AccountId::new([9; 32]);

/// What Alice, Bob and Carol have in their wallets, of LCO in LCO and of CRED in CRED.
pub const WEALTH: Balance = 1_000_000;

pub const LEAST_CRED: Balance = CRED / 10;
pub const LEAST_LCO: Balance = LCO / 10;
pub const START: Moment = 1_000_000;
pub const MAX_SESSION: Moment = 1_000;

/// What a trigger sets aside.
pub const DEPOSIT: Balance = CRED;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(3)]
	pub type Clearing = pallet_clearing;
	#[runtime::pallet_index(4)]
	pub type Orderbook = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type DbWeight = ParityDbWeight;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<{ LCO / 1_000 }>;
	type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
}

pub struct Least;

impl Convert<AssetId, Option<Balance>> for Least {
	fn convert(asset: AssetId) -> Option<Balance> {
		match asset {
			LCO_ASSET => Some(LEAST_LCO),
			CRED_ASSET => Some(LEAST_CRED),
			_ => None,
		}
	}
}

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	pub static Now: Moment = START;
	pub const FeeFund: AccountId = FUND;
	/// Who has another tier than the first.
	pub static Staked: Vec<(AccountId, Tier)> = Vec::new();
	/// What the first tier pays of fees, in percent.
	pub static FullPercent: u8 = 100;
	pub const CredAsset: AssetId = CRED_ASSET;
	pub static TriggerDeposit: Balance = DEPOSIT;
	/// What firing triggers may weigh in a block.
	pub static TriggerBudget: Weight = Weight::MAX;
}

impl Tiers<AccountId> for Staked {
	fn tier(who: &AccountId) -> Tier {
		let found = Staked::get().into_iter().find(|(staker, _)| staker == who);
		found.map_or(Tier::Lv1, |(_, tier)| tier)
	}
	fn tier_history(who: &AccountId) -> TierHistory {
		TierHistory { current: Self::tier(who), former: Vec::new() }
	}
	fn tier_weight() -> Weight {
		Weight::zero()
	}
}

pub struct FeePercent;

impl Convert<Tier, u8> for FeePercent {
	fn convert(tier: Tier) -> u8 {
		match tier {
			Tier::Lv1 => FullPercent::get(),
			Tier::Lv2 => 95,
			Tier::Lv3 => 85,
			Tier::Lv4 | Tier::Whale => 70,
		}
	}
}

impl pallet_clearing::Config for Test {
	type Assets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;
	type SmallestHolding = Least;
	type Calendar = CalendarOf<Now>;
	type MaxSession = ConstU64<MAX_SESSION>;
	type PalletId = ClearingId;
	type WeightInfo = ();
}

impl crate::Config for Test {
	type Clearing = Clearing;
	type Positions = ();
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = CalendarOf<Now>;
	type MaxOpenOrders = ConstU32<MAX_OPEN>;
	type FeeFund = FeeFund;
	type Tiers = Staked;
	type FeePercent = FeePercent;
	type CredAsset = CredAsset;
	type TriggerDeposit = TriggerDeposit;
	type TriggerWeight = TriggerBudget;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Wallets;
}

/// Fills wallets and turns the clock for measurements.
#[cfg(feature = "runtime-benchmarks")]
pub struct Wallets;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Wallets {
	fn endow(who: &AccountId, asset: AssetId, amount: Balance) {
		use frame_support::traits::fungibles::Mutate;
		<Test as pallet_clearing::Config>::Assets::mint_into(asset, who, amount).unwrap();
	}

	fn set_time(now: Moment) {
		Now::set(now);
	}
}

/// So many open orders an account may have here; for measurements as many as anywhere.
pub const MAX_OPEN: u32 = if cfg!(feature = "runtime-benchmarks") { MAX_OPEN_ORDERS } else { 20 };

/// The market of LCO for CRED.
pub const MARKET: u32 = 0;

/// One lot is 0.01 LCO, and one tick 0.0001 CRED per LCO: ticks times lots are µCRED.
pub const TERMS: Terms = Terms {
	base: LCO_ASSET,
	quote: CRED_ASSET,
	lot: LCO / 100,
	tick: 1,
	min_notional: CRED,
	maker_fee: 10,
	taker_fee: 20,
};

pub fn new_test_ext() -> sp_io::TestExternalities {
	// What is static outlives a test.
	Now::set(START);
	Staked::set(Vec::new());
	FullPercent::set(100);
	TriggerDeposit::set(DEPOSIT);
	TriggerBudget::set(Weight::MAX);
	let balances = [ALICE, BOB, CAROL].map(|who| (who, WEALTH * LCO)).to_vec();
	let accounts = [ALICE, BOB, CAROL].map(|who| (CRED_ASSET, who, WEALTH * CRED)).to_vec();
	let assets = vec![(CRED_ASSET, BOT, true, 1)];
	let markets = vec![(TERMS, MarketStatus::Active)];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		assets: pallet_assets::GenesisConfig { assets, accounts, ..Default::default() },
		orderbook: crate::GenesisConfig { markets, ..Default::default() },
		..Default::default()
	};
	let mut ext = sp_io::TestExternalities::from(genesis.build_storage().unwrap());
	// Events are not stored in block 0.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test` on a new chain and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check_invariants();
	});
}

/// Those of both pallets, and that all money is still there.
pub fn check_invariants() {
	Orderbook::do_try_state().unwrap();
	Clearing::do_try_state().unwrap();
	for (asset, unit) in [(LCO_ASSET, LCO), (CRED_ASSET, CRED)] {
		let wallets = [ALICE, BOB, CAROL, FUND].map(|who| wallet(&who, asset));
		let in_wallets: Balance = wallets.iter().sum();
		let held = Clearing::totals().unwrap().get(&asset).copied().unwrap_or_default();
		assert_eq!(in_wallets + held, 3 * WEALTH * unit);
		assert_eq!(wallet(&Clearing::account_id(), asset), held);
	}
	// What is set aside, or expected, in accounts without orders and triggers is found here.
	for (owner, sub, account) in pallet_clearing::Accounts::<Test>::iter() {
		let awaited: usize =
			account.holdings.iter().map(|holding| holding.awaited_by as usize).sum();
		assert!(awaited == account.orders.len() || owner == FUND, "{owner} {sub}");
		let locked: Balance = account.holdings.iter().map(|holding| holding.locked).sum();
		let is_needed =
			!account.orders.is_empty() || !Orderbook::triggers(owner.clone(), sub).is_empty();
		assert!(locked == 0 || is_needed, "{owner} {sub}");
	}
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn id(owner: AccountId) -> TradingId<AccountId> {
	TradingId { owner, sub: 0 }
}

pub fn wallet(who: &AccountId, asset: AssetId) -> Balance {
	<<Test as pallet_clearing::Config>::Assets as Inspect<_>>::balance(asset, who)
}

/// What somebody's account 0 has free and locked.
pub fn holding(owner: AccountId, asset: AssetId) -> (Balance, Balance) {
	let holding = Clearing::account(owner, 0).map(|account| account.holding(asset));
	holding.map_or((0, 0), |holding| (holding.free, holding.locked))
}

/// Until when an order may live at the least.
pub fn soon() -> Moment {
	Now::get() + MIN_LIFETIME
}

/// A limit order that rests.
pub fn limit(side: Side, tick: Tick, lots: Lots) -> OrderRequest {
	OrderRequest::limit(side, tick, lots, 10)
}

pub fn bid(tick: Tick, lots: Lots) -> OrderRequest {
	limit(Side::Bid, tick, lots)
}

pub fn ask(tick: Tick, lots: Lots) -> OrderRequest {
	limit(Side::Ask, tick, lots)
}

pub fn place(who: AccountId, order: OrderRequest) -> DispatchResult {
	bare(Orderbook::place(signed(who), MARKET, None, 0, order))
}

/// What came of a call, without what it has weighed.
pub fn bare(done: DispatchResultWithPostInfo) -> DispatchResult {
	done.map(drop).map_err(|failed| failed.error)
}

pub fn cancel(who: AccountId, id: u64) -> DispatchResult {
	bare(Orderbook::cancel(signed(who), MARKET, None, 0, OrderName::Id(id)))
}

pub fn set_trigger(who: AccountId, when: When, order: OrderRequest) -> DispatchResult {
	bare(Orderbook::set_trigger(signed(who), MARKET, None, 0, TriggerRequest { when, order }))
}

pub fn clear_trigger(who: AccountId, id: u64) -> DispatchResult {
	Orderbook::clear_trigger(signed(who), MARKET, None, 0, id)
}

/// A market order, worth enough wherever the best bid is.
pub fn sell() -> OrderRequest {
	OrderRequest { time_in_force: TimeInForce::ImmediateOrCancel, ..ask(15_000, 100) }
}

/// Bob buys 1 LCO from Carol, at a price between the best ones.
pub fn trade(tick: Tick) {
	place(CAROL, ask(tick, 100)).unwrap();
	place(BOB, bid(tick, 100)).unwrap();
}

/// Begins a block: what that has weighed.
pub fn next_block() -> Weight {
	next_block_with(Weight::MAX)
}

/// Begins a block in which only so much weight is left.
pub fn next_block_with(limit: Weight) -> Weight {
	System::set_block_number(System::block_number() + 1);
	let mut meter = WeightMeter::with_limit(limit);
	Orderbook::on_poll(System::block_number(), &mut meter);
	meter.consumed()
}

/// Lets a block have weight for one step of firing triggers.
pub fn one_a_block() {
	TriggerBudget::set(<()>::next_trigger().saturating_add(Orderbook::largest_step()));
}

/// What a session weighs in a market that the block has changed before.
pub fn another_session() -> Weight {
	<()>::open_session().saturating_sub(ParityDbWeight::get().reads_writes(1, 1))
}

/// All levels of a side: tick, lots, orders.
pub fn depth(side: Side) -> Vec<(Tick, Lots, u32)> {
	let levels = Orderbook::depth(MARKET, side, u32::MAX);
	levels.iter().map(|level| (level.tick, level.lots, level.orders)).collect()
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
