use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{Inspect as _, UnionOf},
		fungibles::Mutate as _,
		AsEnsureOriginWithArg, ConstU128, ConstU16, ConstU32, ConstU64, Hooks,
	},
	weights::{Weight, WeightMeter},
	PalletId,
};
use frame_system::{mocking::MockBlock, EnsureNever, EnsureRoot};
use lx_matching::{Lots, SelfTrade, Side, Tick, TimeInForce};
use lx_math::calendar::{self, FRIDAY};
use lx_primitives::{
	buyback::Receipt,
	traits::{Calendar, OnRevenue},
	units::{WhereAssetsLie, CRED, CRED_ASSET, LCO, LCO_ASSET},
	AssetId, Balance, Credits, Moment, Tier,
};
use pallet_orderbook::{MarketStatus, OrderRequest, Terms};
use sp_runtime::{
	traits::{Convert, IdentityLookup},
	AccountId32, BuildStorage, DispatchResult,
};

use crate::{CurrentRound, Event, Receipts, Round};

pub type AccountId = AccountId32;

pub const ALICE: AccountId = AccountId::new([1; 32]);
pub const BOB: AccountId = AccountId::new([2; 32]);
pub const USER: AccountId = AccountId::new([3; 32]);
pub const FEES: AccountId = AccountId::new([4; 32]);
pub const PLATFORM: AccountId = AccountId::new([5; 32]);
pub const FUND: AccountId = AccountId::new([6; 32]);
pub const PRIZES: AccountId = AccountId::new([7; 32]);
pub const ASHES: AccountId = AccountId::new([8; 32]);

/// What Alice and Bob have in their wallets, of LCO in LCO and of CRED in CRED.
pub const WEALTH: Balance = 1_000_000;

/// The LCO that there are before anything is burned.
pub const ISSUANCE: Balance = 2 * WEALTH * LCO;

pub const BLOCK: Moment = 2_000;
pub const DAY: Moment = 120 * BLOCK;
/// A third of a day, like eight hours.
pub const WINDOW: Moment = DAY / 3;

/// When the chain starts: the first Monday of 1970, as its days pass.
pub const START: Moment = 4 * DAY;
/// The week that it starts in.
pub const WEEK: u32 = 1;
/// When the first Friday begins.
pub const FIRST_FRIDAY: Moment = 8 * DAY;

/// How many slices a Friday has.
pub const SLICES: u32 = 4;
/// The smallest of them.
pub const SMALLEST: Credits = 2 * CRED;
/// How many orders one meets.
pub const MATCHES: u32 = 20;

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
	pub type Orderbook = pallet_orderbook;
	#[runtime::pallet_index(5)]
	pub type Buyback = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
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
			LCO_ASSET => Some(LCO),
			CRED_ASSET => Some(CRED / 10),
			_ => None,
		}
	}
}

pub struct FullFees;

impl Convert<Tier, u8> for FullFees {
	fn convert(_: Tier) -> u8 {
		100
	}
}

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	pub static Now: Moment = START;
	/// What draws slices: 0 draws one whenever that is possible, the highest only if it must be.
	pub static Random: u64 = 0;
	pub const FeeFund: AccountId = FEES;
	pub const Platform: AccountId = PLATFORM;
	pub const BurnFund: AccountId = FUND;
	pub const PrizeFund: AccountId = PRIZES;
	pub const BurnAddress: AccountId = ASHES;
	pub const CredAsset: AssetId = CRED_ASSET;
	pub const NoTriggers: Weight = Weight::MAX;
}

impl Calendar for Now {
	fn now() -> Moment {
		Now::get()
	}
	fn day() -> u32 {
		calendar::day(Now::get(), DAY)
	}
	fn week() -> u32 {
		calendar::week(Self::day())
	}
}

impl pallet_clearing::Config for Test {
	type Assets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;
	type SmallestHolding = Least;
	type Calendar = Now;
	type MaxSession = ConstU64<1_000>;
	type PalletId = ClearingId;
	type WeightInfo = ();
}

impl pallet_orderbook::Config for Test {
	type Clearing = Clearing;
	type Positions = ();
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Now;
	type MaxOpenOrders = ConstU32<100>;
	type FeeFund = FeeFund;
	type Tiers = ();
	type FeePercent = FullFees;
	type CredAsset = CredAsset;
	type TriggerDeposit = ConstU128<CRED>;
	type TriggerWeight = NoTriggers;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Wallets;
}

/// What only the market's own measurements need.
#[cfg(feature = "runtime-benchmarks")]
pub struct Wallets;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_orderbook::BenchmarkHelper<AccountId> for Wallets {
	fn endow(who: &AccountId, asset: AssetId, amount: Balance) {
		<Test as pallet_clearing::Config>::Assets::mint_into(asset, who, amount).unwrap();
	}

	fn set_time(now: Moment) {
		Now::set(now);
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type Assets = Assets;
	type CredAsset = CredAsset;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Now;
	type DayLength = ConstU64<DAY>;
	type Exchange = Orderbook;
	type Market = ConstU32<MARKET>;
	type Randomness = Random;
	type RevenueAccount = Platform;
	type BurnFund = BurnFund;
	type PrizeFund = PrizeFund;
	type BurnAddress = BurnAddress;
	type AverageWindow = ConstU64<WINDOW>;
	type MostOverAverage = ConstU16<150>;
	type Slices = ConstU32<SLICES>;
	type SmallestSlice = ConstU128<SMALLEST>;
	type MaxMatches = ConstU32<MATCHES>;
	type WeightInfo = ();
}

/// The market of LCO for CRED.
pub const MARKET: u32 = 0;

/// One lot is 0.01 LCO, and one tick 0.0001 CRED per LCO: ticks times lots are µCRED. Who buys pays 0.2 %
/// of what he receives.
const TERMS: Terms = Terms {
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
	Random::set(0);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let wallets = |unit| [ALICE, BOB].map(|who| (who, WEALTH * unit)).to_vec();
	pallet_balances::GenesisConfig::<Test> { balances: wallets(LCO), ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let credits = |(who, amount)| (CRED_ASSET, who, amount);
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(CRED_ASSET, USER, true, 1)],
		accounts: wallets(CRED).into_iter().map(credits).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let markets = vec![(TERMS, MarketStatus::Active)];
	pallet_orderbook::GenesisConfig::<Test> { markets, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	let mut ext = sp_io::TestExternalities::from(storage);
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

/// Those of all pallets, and that what is gone of the LCO is what receipts say was burned.
pub fn check_invariants() {
	Buyback::do_try_state().unwrap();
	Orderbook::do_try_state().unwrap();
	Clearing::do_try_state().unwrap();
	let round = CurrentRound::<Test>::get().map(|round| round.receipt);
	let receipts: Vec<Receipt> = Receipts::<Test>::iter_values().chain(round).collect();
	let burned: Balance = receipts.iter().map(|receipt| receipt.burned).sum();
	assert_eq!(Balances::total_issuance() + burned, ISSUANCE);
	// Nothing that was bought lies anywhere.
	assert_eq!(lco(&FUND), 0);
	assert!(Clearing::account(FUND, 0).is_none());
}

pub fn cred(who: &AccountId) -> Credits {
	Assets::balance(CRED_ASSET, who)
}

pub fn lco(who: &AccountId) -> Balance {
	Balances::balance(who)
}

/// Lets a batch become final that has charged `revenue` CRED and costs `cost`.
pub fn earn(revenue: Credits, cost: Credits) {
	let margin = (revenue - cost) * CRED;
	if margin > 0 {
		Assets::mint_into(CRED_ASSET, &PLATFORM, margin).unwrap();
	}
	Buyback::on_revenue(revenue * CRED, cost * CRED).unwrap();
}

fn order(side: Side, tick: Tick, lots: Lots) -> OrderRequest {
	OrderRequest {
		side,
		tick,
		lots,
		time_in_force: TimeInForce::GoodTilCancelled,
		self_trade: SelfTrade::CancelTaker,
		reduce_only: false,
		client: None,
		max_matches: 100,
	}
}

pub fn place(who: AccountId, order: OrderRequest) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who);
	let done = Orderbook::place(origin, MARKET, None, 0, order);
	done.map(drop).map_err(|failed| failed.error)
}

/// Alice sells.
pub fn ask(tick: Tick, lots: Lots) -> DispatchResult {
	place(ALICE, order(Side::Ask, tick, lots))
}

/// Bob buys.
pub fn bid(tick: Tick, lots: Lots) -> DispatchResult {
	place(BOB, order(Side::Bid, tick, lots))
}

/// Alice offers something until a moment.
pub fn ask_until(tick: Tick, lots: Lots, end: Moment) -> DispatchResult {
	let time_in_force = TimeInForce::GoodTilTime(end);
	place(ALICE, OrderRequest { time_in_force, ..order(Side::Ask, tick, lots) })
}

/// Bob buys 1 LCO from Alice at this price.
pub fn trade(tick: Tick) {
	ask(tick, 100).unwrap();
	bid(tick, 100).unwrap();
}

/// All that is offered: tick and lots.
pub fn offered() -> Vec<(Tick, Lots)> {
	let levels = Orderbook::depth(MARKET, Side::Ask, u32::MAX);
	levels.iter().map(|level| (level.tick, level.lots)).collect()
}

/// Makes a block `passed` ms after the last one: what the buyback has weighed in it.
pub fn block_after(passed: Moment) -> Weight {
	block_with(passed, Weight::MAX)
}

/// Makes a block in which the buyback may weigh so much.
pub fn block_with(passed: Moment, limit: Weight) -> Weight {
	Now::set(Now::get() + passed);
	System::set_block_number(System::block_number() + 1);
	Orderbook::on_poll(System::block_number(), &mut WeightMeter::new());
	let mut meter = WeightMeter::with_limit(limit);
	Buyback::on_poll(System::block_number(), &mut meter);
	meter.consumed()
}

/// Makes so many blocks.
pub fn blocks(count: u32) {
	for _ in 0..count {
		block_after(BLOCK);
	}
}

/// Makes a block at this moment.
pub fn block_at(moment: Moment) {
	block_after(moment - Now::get());
}

/// Makes the first block of the next Friday.
pub fn next_friday() {
	let tomorrow = Now::day() + 1;
	let friday = (tomorrow..).find(|day| calendar::weekday(*day) == FRIDAY).unwrap();
	block_at(Moment::from(friday) * DAY);
}

/// Makes the first block of the next day.
pub fn next_day() {
	block_at(calendar::end(Now::day(), DAY));
}

/// Lets the market have a price for long enough, and the first Friday begin with `budget` CRED to spend.
pub fn friday_with(budget: Credits) {
	trade(20_000);
	blocks(1);
	earn(5 * budget, 0);
	next_friday();
	take_events();
}

/// Makes the blocks of all slices that are to come.
pub fn run_slices() {
	Random::set(0);
	blocks(round().slices);
}

pub fn round() -> Round {
	CurrentRound::<Test>::get().expect("a round is under way")
}

/// The last receipt.
pub fn last_receipt() -> Receipt {
	let last = Buyback::head().number.checked_sub(1).expect("there is a receipt");
	Receipts::<Test>::get(last).expect("it is stored")
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
