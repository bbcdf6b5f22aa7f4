use frame_support::{
	derive_impl, ensure, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold},
		ConstU128,
	},
};
use frame_system::mocking::MockBlock;
use lx_primitives::{
	traits::{CalendarOf, MayUnstake},
	units::LCO,
	Balance, Moment, Tier,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Weight};

use crate::{HoldReason, Stakers};

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;

/// What Alice and Bob each have.
pub const WEALTH: Balance = 200_000 * LCO;
pub const SMALLEST_STAKE: Balance = LCO;
pub const EXISTENTIAL_DEPOSIT: Balance = LCO / 1_000;

pub const HOUR: Moment = 60 * 60 * 1_000;
pub const DAY: Moment = 24 * HOUR;
pub const DELAY: Moment = 7 * DAY;
/// Monday, 2026-01-05 00:00 UTC.
pub const START: Moment = 1_767_571_200_000;

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
	pub type StakingTiers = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	pub static Now: Moment = START;
	pub static UnstakingDelay: Moment = DELAY;
	/// What has to stay staked.
	pub static Kept: Balance = 0;
}

/// Why it has to.
pub const VOTE_STANDS: DispatchError = DispatchError::Other("a vote stands");

impl MayUnstake<AccountId> for Kept {
	fn may_unstake(_: &AccountId, left: Balance) -> DispatchResult {
		ensure!(left >= Kept::get(), VOTE_STANDS);
		Ok(())
	}
	fn may_unstake_weight() -> Weight {
		Weight::zero()
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type Calendar = CalendarOf<Now>;
	type UnstakingDelay = UnstakingDelay;
	type SmallestStake = ConstU128<SMALLEST_STAKE>;
	type MayUnstake = Kept;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Now;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Now {
	fn set_time(now: Moment) {
		Now::set(now);
	}
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	Now::set(START);
	UnstakingDelay::set(DELAY);
	Kept::set(0);
	let balances = vec![(ALICE, WEALTH), (BOB, WEALTH)];
	let storage = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	}
	.build_storage()
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

/// The pallet's invariants, and that nothing is held of an account that it does not know.
pub fn check_invariants() {
	StakingTiers::do_try_state().unwrap();
	let mut holders = pallet_balances::Holds::<Test>::iter_keys();
	assert!(holders.all(Stakers::<Test>::contains_key));
}

pub fn stake(who: AccountId, amount: Balance) -> DispatchResult {
	StakingTiers::stake(RuntimeOrigin::signed(who), amount)
}

pub fn request(who: AccountId, amount: Balance) -> DispatchResult {
	StakingTiers::request_unstake(RuntimeOrigin::signed(who), amount)
}

pub fn complete(who: AccountId) -> DispatchResult {
	StakingTiers::complete_unstake(RuntimeOrigin::signed(who))
}

pub fn cancel(who: AccountId) -> DispatchResult {
	StakingTiers::cancel_unstake(RuntimeOrigin::signed(who))
}

pub fn tier(who: AccountId) -> Tier {
	StakingTiers::tier(who)
}

pub fn staked(who: AccountId) -> Balance {
	StakingTiers::staker(who).map_or(0, |staker| staker.staked)
}

pub fn free(who: AccountId) -> Balance {
	<Balances as Inspect<_>>::balance(&who)
}

pub fn held(who: AccountId) -> Balance {
	<Balances as InspectHold<_>>::balance_on_hold(&HoldReason::Stake.into(), &who)
}

pub fn wait(time: Moment) {
	Now::mutate(|now| *now += time);
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
