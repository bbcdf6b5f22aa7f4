//! A chain with nothing but what the pallet needs.

use frame_support::{
	derive_impl, parameter_types,
	storage::unhashed,
	traits::{fungibles::Mutate, AsEnsureOriginWithArg, Hooks},
	weights::{constants::ParityDbWeight, Weight},
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use lx_primitives::{
	traits::{CalendarOf, OnRevenue, OnUsageSettled, Prices, Tiers},
	units::{CRED, CRED_ASSET},
	Credits, LaunchId, ModelId, Moment, Price, Rates, RelayId, Tier, TierHistory,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentityLookup},
	AccountId32, BoundedVec, BuildStorage, DispatchError, DispatchResult, MultiSignature,
};

use crate::AttestorId;

mod log;
mod quotas;

pub use log::*;
pub use quotas::*;

pub type AccountId = AccountId32;
pub type Extrinsic = generic::UncheckedExtrinsic<
	AccountId,
	RuntimeCall,
	MultiSignature,
	(frame_system::AuthorizeCall<Test>,),
>;
pub type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

pub const ALICE: AccountId = AccountId::new([1; 32]);
pub const BOB: AccountId = AccountId::new([2; 32]);
pub const CAROL: AccountId = AccountId::new([3; 32]);
/// Operates relay 0.
pub const OPERATOR: AccountId = AccountId::new([10; 32]);
pub const REVENUE: AccountId = AccountId::new([11; 32]);
pub const RESERVE: AccountId = AccountId::new([12; 32]);

/// CRED that each of [`ALICE`], [`BOB`], [`CAROL`] has in the wallet at genesis.
pub const WEALTH: Credits = 1_000 * CRED;
/// The smallest holding of CRED.
pub const MINIMUM: Credits = 10_000;
pub const BOND: Credits = 100 * CRED;
/// What a challenger stakes.
pub const STAKE: Credits = 10 * CRED;
/// What a unit of [`model`] is charged.
pub const RATE: Credits = 10;
/// What a unit of [`model`] costs.
pub const COST_RATE: Credits = 6;
/// The launch of [`scarce`].
pub const LAUNCH: LaunchId = 7;
/// What a unit of [`scarce`] is charged.
pub const SCARCE_RATE: Credits = 50;
/// What a unit of [`scarce`] costs.
pub const SCARCE_COST_RATE: Credits = 30;
pub const DAY: Moment = 86_400_000;
pub const WINDOW: Moment = 3_600_000;
pub const THAW: Moment = 3_600_000;
pub const UNBONDING: Moment = 7 * DAY;
/// Monday, 2024-01-01 00:00 UTC.
pub const START: Moment = 19_723 * DAY;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
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
	pub type Compute = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
	type DbWeight = ParityDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = frame_support::traits::ConstU128<1>;
	type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = u128;
	type AssetId = u32;
	type AssetIdParameter = u32;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
}

parameter_types! {
	pub const CredAsset: u32 = CRED_ASSET;
	pub const ComputePalletId: PalletId = PalletId(*b"lx/cmput");
	pub const ChallengeBond: Credits = STAKE;
	pub RiskReserve: AccountId = RESERVE;
	pub const ThawDelay: Moment = THAW;
	pub RevenueAccount: AccountId = REVENUE;
	pub static Now: Moment = START;
	pub static RequiredBond: Credits = BOND;
	pub const UnbondingDelay: Moment = UNBONDING;
	pub static ChallengeWindow: Moment = WINDOW;
	pub static FinalisationWeight: Weight = Weight::MAX;
	/// Whose usage cannot be settled.
	pub static Failing: Option<AccountId> = None;
	pub static RevenueFails: bool = false;
	/// When version 2 of the price of [`model`] replaces version 1, at the same rates.
	pub static NextPriceAt: Moment = Moment::MAX;
	/// Who has staked, and which tiers that made.
	pub static Staked: Option<(AccountId, TierHistory)> = None;
	/// When the quotas of [`LAUNCH`] expire.
	pub static QuotaExpiry: Moment = Moment::MAX;
	/// Calls made so far.
	pub static Calls: u64 = 0;
}

/// Sums up, in storage, what it is told, and fails after having done so where a test wants it to.
pub struct Ledger;
impl Ledger {
	pub fn settled(who: &AccountId) -> Credits {
		unhashed::get_or_default(who.as_ref())
	}
	pub fn revenue() -> (Credits, Credits) {
		unhashed::get_or_default(b"revenue")
	}
}
impl OnUsageSettled<AccountId> for Ledger {
	fn on_usage_settled(who: &AccountId, paid: Credits) -> DispatchResult {
		unhashed::put(who.as_ref(), &(Self::settled(who) + paid));
		match Failing::get() {
			Some(failing) if failing == *who => Err(DispatchError::Unavailable),
			_ => Ok(()),
		}
	}
	fn settled_weight(calls: u32) -> Weight {
		ParityDbWeight::get().reads_writes(1, 1) * u64::from(calls)
	}
}
impl OnRevenue for Ledger {
	fn on_revenue(revenue: Credits, cost: Credits) -> DispatchResult {
		let (total, costs) = Self::revenue();
		unhashed::put(b"revenue", &(total + revenue, costs + cost));
		match RevenueFails::get() {
			true => Err(DispatchError::Unavailable),
			false => Ok(()),
		}
	}
	fn revenue_weight() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}
}

impl Tiers<AccountId> for Staked {
	fn tier(who: &AccountId) -> Tier {
		Self::tier_history(who).current
	}
	fn tier_history(who: &AccountId) -> TierHistory {
		let found = Staked::get().filter(|(staker, _)| staker == who);
		found.map(|(_, tiers)| tiers).unwrap_or_default()
	}
	fn tier_weight() -> Weight {
		ParityDbWeight::get().reads(1)
	}
}

/// One model, with two versions of its price.
pub struct Registry;
impl Prices for Registry {
	fn price_at(name: &ModelId, version: u32, time: Moment) -> Option<Price> {
		let in_force = if time < NextPriceAt::get() { 1 } else { 2 };
		let (list, cost) = (Rates::Unit(RATE), Rates::Unit(COST_RATE));
		let is_in_force = *name == model() && version == in_force;
		is_in_force.then_some(Price { list, cost, active_from: 0 })
	}
	fn knows(name: &ModelId) -> bool {
		*name == model()
	}
	fn price_weight() -> Weight {
		ParityDbWeight::get().reads(2)
	}
}

impl crate::Config for Test {
	type Assets = Assets;
	type CredAsset = CredAsset;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = CalendarOf<Now>;
	type Tiers = Staked;
	type Prices = Registry;
	type Quotas = Launched;
	type OnSettled = Ledger;
	type OnRevenue = Ledger;
	type RevenueAccount = RevenueAccount;
	type ChallengeWindow = ChallengeWindow;
	type ThawDelay = ThawDelay;
	type RelayBond = RequiredBond;
	type AttestorBond = RequiredBond;
	type UnbondingDelay = UnbondingDelay;
	type ChallengeBond = ChallengeBond;
	type RiskReserve = RiskReserve;
	type FinalisationWeight = FinalisationWeight;
	type PalletId = ComputePalletId;
	type WeightInfo = ();
}

/// The key of a relay or an attestor, by a number of its own.
pub fn pair(number: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[number; 32])
}

pub fn relay_pair() -> sr25519::Pair {
	pair(100)
}

pub fn attestor_pair(id: AttestorId) -> sr25519::Pair {
	pair(id as u8)
}

/// A chain with relay 0 and a quorum of 2 of the attestors 0, 1 and 2.
pub fn new_test_ext() -> sp_io::TestExternalities {
	Now::set(START);
	RequiredBond::set(BOND);
	ChallengeWindow::set(WINDOW);
	FinalisationWeight::set(Weight::MAX);
	Failing::set(None);
	RevenueFails::set(false);
	NextPriceAt::set(Moment::MAX);
	QuotaExpiry::set(Moment::MAX);
	Staked::set(None);
	let wallets = [ALICE, BOB, CAROL].map(|who| (CRED_ASSET, who, WEALTH));
	let storage = RuntimeGenesisConfig {
		assets: pallet_assets::GenesisConfig {
			assets: vec![(CRED_ASSET, ALICE, true, MINIMUM)],
			accounts: wallets.to_vec(),
			..Default::default()
		},
		compute: crate::GenesisConfig {
			relays: vec![(OPERATOR, relay_pair().public())],
			attestors: (0..3).map(|id| (OPERATOR, attestor_pair(id).public())).collect(),
			threshold: 2,
		},
		..Default::default()
	}
	.build_storage()
	.unwrap();
	let mut ext = sp_io::TestExternalities::new(storage);
	#[cfg(feature = "runtime-benchmarks")]
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| System::set_block_number(1));
	ext
}

pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		check_invariants();
	});
}

/// The pallet's invariants, and that its account holds what it owes to the last µCRED.
pub fn check_invariants() {
	Compute::do_try_state().unwrap();
	assert_eq!(Compute::liabilities(), Some(wallet(&Compute::account_id())));
}

/// CRED outside of the pallet.
pub fn wallet(who: &AccountId) -> Credits {
	Assets::balance(CRED_ASSET, who)
}

pub fn give(who: &AccountId, amount: Credits) {
	Assets::mint_into(CRED_ASSET, who, amount).unwrap();
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn account(who: AccountId) -> crate::ApiAccount {
	Compute::account(who).unwrap()
}

/// The purse of `who` at relay 0.
pub fn purse(who: AccountId) -> crate::Purse {
	purse_at(0, who)
}

pub fn purse_at(relay: RelayId, who: AccountId) -> crate::Purse {
	account(who).purse(relay).unwrap().clone()
}

/// What is free, and what thaws, in the purse of `who` at relay 0.
pub fn free_and_thawing(who: AccountId) -> (Credits, Credits) {
	let purse = purse(who);
	(purse.free, purse.thawing)
}

/// Fills a purse at relay 0.
pub fn open(who: AccountId, amount: Credits) {
	Compute::top_up(signed(who), 0, amount).unwrap();
}

/// Fills a purse that relay 0 may charge up to a daily limit.
pub fn open_limited(who: AccountId, amount: Credits, daily_limit: Credits) {
	open(who.clone(), amount);
	Compute::set_daily_limit(signed(who), 0, daily_limit).unwrap();
	// What was served before may be collected without that limit for so long.
	wait(THAW + 1);
}

/// Registers a relay of [`CAROL`] that signs with `pair(101)`, admits it and trusts her.
pub fn admit_relay() -> RelayId {
	let id = crate::NextRelayId::<Test>::get();
	Compute::register_relay(signed(CAROL), pair(101).public()).unwrap();
	let active = crate::RelayStatus::Active;
	Compute::set_relay_status(RuntimeOrigin::root(), id, active).unwrap();
	Compute::set_payee(RuntimeOrigin::root(), id, CAROL).unwrap();
	id
}

pub fn members(ids: &[AttestorId]) -> crate::Members {
	BoundedVec::truncate_from(ids.to_vec())
}

pub fn wait(time: Moment) {
	Now::mutate(|now| *now += time);
}

/// A new block. Returns what its hook weighs.
pub fn next_block() -> Weight {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	Compute::on_initialize(number)
}

/// Lets the challenge window pass and makes final what is due.
pub fn finalise() {
	wait(ChallengeWindow::get());
	next_block();
}

pub fn assert_event(event: crate::Event<Test>) {
	System::assert_has_event(event.into());
}
