use std::collections::BTreeMap;

use frame_support::{
	derive_impl, ensure, parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		ConstU128, Hooks,
	},
	weights::{constants::ParityDbWeight, Weight},
};
use frame_system::mocking::MockBlock;
use lx_primitives::{
	traits::{Calendar, OnUsageSettled, Sponsorship, Takings},
	units::LCO,
	Balance, Credits, Moment, Perk, RelayId,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

use crate::{LiveBoard, OldestScores, Round, Scores};

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const FUND: AccountId = 1_000_000;
pub const EXISTENTIAL_DEPOSIT: Balance = LCO / 1_000;
/// What the fund has at genesis, and can give.
pub const WEALTH: Balance = 5_000 * LCO;
pub const PRIZE: Balance = 1_000 * LCO;
pub const CAP: Credits = 500;
/// The week of the first round.
pub const FIRST: u32 = 2_922;
/// The relay that serves calls.
pub const RELAY: RelayId = 7;

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
	pub type ComputeWars = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type DbWeight = ParityDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	/// The week, by the calendar; in week 0 the clock has not been set.
	pub static Week: u32 = FIRST;
	pub static WeeklyPrize: Balance = PRIZE;
	pub const FreeCallsCap: Credits = CAP;
	pub static ClosingWeight: Weight = Weight::MAX;
	pub const Fund: AccountId = FUND;
	/// Planck that the fund has earned and not brought in.
	pub static Earned: Balance = 0;
	/// What the fund has for free calls.
	pub static FundCredits: Credits = 10 * CAP;
	/// The purses that it has filled, and whether they have ended.
	pub static Purses: BTreeMap<(AccountId, RelayId), (Credits, bool)> = BTreeMap::new();
	/// Something can still be collected from those that have ended.
	pub static IsCollecting: bool = false;
}

impl Calendar for Week {
	fn now() -> Moment {
		Moment::from(Week::get())
	}
	fn day() -> u32 {
		7 * Week::get()
	}
	fn week() -> u32 {
		Week::get()
	}
}

impl Takings for Earned {
	fn collect() {
		Balances::mint_into(&FUND, Earned::take()).unwrap();
	}

	fn collect_weight() -> Weight {
		ParityDbWeight::get().reads_writes(2, 2)
	}
}

pub const UNKNOWN_RELAY: DispatchError = DispatchError::Other("an unknown relay");
pub const EMPTY_FUND: DispatchError = DispatchError::Other("the fund is empty");

impl Sponsorship<AccountId> for Purses {
	fn sponsor(
		fund: &AccountId,
		who: &AccountId,
		relay: RelayId,
		most: Credits,
	) -> Result<Credits, DispatchError> {
		assert_eq!(*fund, FUND);
		ensure!(relay == RELAY, UNKNOWN_RELAY);
		let left = Purses::get().get(&(*who, relay)).map_or(0, |(left, _)| *left);
		let free = most.min(left + FundCredits::get());
		ensure!(free > 0, EMPTY_FUND);
		FundCredits::mutate(|credits| *credits -= free.saturating_sub(left));
		Purses::mutate(|purses| purses.insert((*who, relay), (free, false)));
		Ok(free)
	}

	fn end_sponsorship(who: &AccountId, relay: RelayId) {
		Purses::mutate(|purses| purses.get_mut(&(*who, relay)).unwrap().1 = true);
	}

	fn return_to_sponsor(fund: &AccountId, who: &AccountId, relay: RelayId) -> bool {
		assert_eq!(*fund, FUND);
		if IsCollecting::get() {
			return false;
		}
		let (left, has_ended) = Purses::mutate(|purses| purses.remove(&(*who, relay))).unwrap();
		assert!(has_ended, "a perk that goes on was taken back");
		FundCredits::mutate(|credits| *credits += left);
		true
	}

	fn end_weight() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	fn return_weight() -> Weight {
		ParityDbWeight::get().reads_writes(2, 2)
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type Fund = Fund;
	type Takings = Earned;
	type Calendar = Week;
	type Sponsorship = Purses;
	type WeeklyPrize = WeeklyPrize;
	type FreeCallsCap = FreeCallsCap;
	type ClosingWeight = ClosingWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Purses;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Purses {
	fn prepare_free_calls(_: &AccountId) -> RelayId {
		RELAY
	}
}

/// A chain before its first block.
pub fn new_test_ext() -> sp_io::TestExternalities {
	Week::set(FIRST);
	WeeklyPrize::set(PRIZE);
	ClosingWeight::set(Weight::MAX);
	FundCredits::set(10 * CAP);
	Purses::set(BTreeMap::new());
	IsCollecting::set(false);
	Earned::set(0);
	let balances = vec![(FUND, WEALTH + EXISTENTIAL_DEPOSIT)];
	let storage = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	}
	.build_storage()
	.unwrap();
	storage.into()
}

/// Runs `test` in the first round and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		next_block();
		test();
		check_invariants();
	});
}

/// The pallet's invariants.
pub fn check_invariants() {
	ComputeWars::do_try_state().unwrap();
}

/// A new block. Returns what its hook weighs.
pub fn next_block() -> Weight {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	ComputeWars::on_initialize(number)
}

/// The first block of the next week.
pub fn next_week() {
	Week::mutate(|week| *week += 1);
	next_block();
}

pub fn pay(who: AccountId, paid: Credits) {
	ComputeWars::on_usage_settled(&who, paid).unwrap();
}

/// Several accounts pay so much each, in this order.
pub fn pay_all<const N: usize>(payments: [(AccountId, Credits); N]) {
	payments.into_iter().for_each(|(who, paid)| pay(who, paid));
}

/// Fills the board: account 100 has paid 200, the next one less by one, and so on to 101.
pub fn fill_board() {
	(0..100).for_each(|place| pay(100 + place, Credits::from(200 - place)));
}

pub fn choose(who: AccountId, perk: Perk) -> DispatchResult {
	ComputeWars::choose_perk(RuntimeOrigin::signed(who), perk)
}

pub fn score(week: u32, who: AccountId) -> Credits {
	Scores::<Test>::get(week, who)
}

/// The accounts of the board, in order.
pub fn ranked() -> Vec<AccountId> {
	LiveBoard::<Test>::get().entries().iter().map(|entry| entry.who).collect()
}

pub fn cutoff() -> Credits {
	Round::<Test>::get().unwrap().cutoff
}

/// How many scores of a week are kept.
pub fn kept(week: u32) -> usize {
	Scores::<Test>::iter_key_prefix(week).count()
}

pub fn oldest() -> u32 {
	OldestScores::<Test>::get()
}

pub fn lco(who: AccountId) -> Balance {
	<Balances as Inspect<_>>::balance(&who)
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
