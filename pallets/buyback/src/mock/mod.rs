//! A chain with nothing but what the pallet needs.

use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::Inspect as _, fungibles::Mutate as _, AsEnsureOriginWithArg, ConstU128, ConstU16,
		ConstU32, ConstU64,
	},
};
use frame_system::{mocking::MockBlock, EnsureNever, EnsureRoot};
use lx_primitives::{
	buyback::Receipt,
	traits::OnRevenue,
	units::{CRED, CRED_ASSET, LCO},
	AssetId, Balance, Credits,
};
use pallet_orderbook::MarketStatus;
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

use crate::{CurrentRound, Event, Receipts, Round};

mod exchange;
mod time;

pub use exchange::*;
pub use time::*;

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

parameter_types! {
	/// What draws slices: 0 draws one whenever that is possible, the highest only if it must be.
	pub static Random: u64 = 0;
	pub const Platform: AccountId = PLATFORM;
	pub const BurnFund: AccountId = FUND;
	pub const PrizeFund: AccountId = PRIZES;
	pub const BurnAddress: AccountId = ASHES;
	pub const CredAsset: AssetId = CRED_ASSET;
}

impl crate::Config for Test {
	type Currency = Balances;
	type Assets = Assets;
	type CredAsset = CredAsset;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Clock;
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

pub fn new_test_ext() -> sp_io::TestExternalities {
	// What is static outlives a test.
	Now::set(START);
	Random::set(0);
	let balances = [ALICE, BOB].map(|who| (who, WEALTH * LCO)).to_vec();
	let accounts = [ALICE, BOB].map(|who| (CRED_ASSET, who, WEALTH * CRED)).to_vec();
	let assets = vec![(CRED_ASSET, USER, true, 1)];
	let markets = vec![(TERMS, MarketStatus::Active)];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		assets: pallet_assets::GenesisConfig { assets, accounts, ..Default::default() },
		orderbook: pallet_orderbook::GenesisConfig { markets, ..Default::default() },
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
