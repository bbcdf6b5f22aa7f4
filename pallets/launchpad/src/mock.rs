use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	storage::unhashed,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		ConstU128, Hooks,
	},
	weights::{Weight, WeightMeter},
};
use frame_system::{mocking::MockBlock, EnsureRoot};
use lx_primitives::{
	traits::{ActiveRelays, CalendarOf, Prices, Stakes},
	units::LCO,
	Balance, Claim, LaunchId, ModelId, Moment, Price, Rates, RelayId, StakeTotals, Units,
};
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{HoldReason, Launch, Launches, Pages, Stage, Subscriptions, Terms};

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;

/// Where all is claimed and used, if nothing else is said.
pub const RELAY: RelayId = 5;
/// Another relay.
pub const OTHER: RelayId = 6;
/// From this id on, relays serve no calls.
pub const NO_RELAY: RelayId = 20;

/// What each of them has in the wallet.
pub const WEALTH: Balance = 10 * LCO;
pub const DEPOSIT: Balance = LCO / 2;
pub const EXISTENTIAL_DEPOSIT: Balance = LCO / 1_000;

pub const HOUR: Moment = 60 * 60 * 1_000;
pub const DAY: Moment = 24 * HOUR;
pub const NOTICE: Moment = DAY;
pub const WINDOW: Moment = 90 * DAY;
pub const LIFE: Moment = 365 * DAY;
pub const GRACE: Moment = HOUR;
/// Monday, 2026-01-05 00:00 UTC.
pub const START: Moment = 1_767_571_200_000;

/// When a launch that is announced at [`START`] on [`terms`] goes on.
pub const SNAPSHOT: Moment = START + NOTICE;
pub const OPENING: Moment = SNAPSHOT + HOUR;
pub const CLOSING: Moment = OPENING + DAY;
pub const EXPIRY: Moment = CLOSING + 30 * DAY;

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
	pub type Launchpad = crate;
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
	pub static ShortestNotice: Moment = NOTICE;
	pub const LongestWindow: Moment = WINDOW;
	pub const LongestLife: Moment = LIFE;
	pub const Grace: Moment = GRACE;
	pub static StepWeight: Weight = Weight::MAX;
}

/// Remembers, in storage, all that anybody ever had staked.
pub struct Staking;

impl Staking {
	fn history(who: &AccountId) -> Vec<(Moment, Balance)> {
		unhashed::get_or_default(&(b"stake", who).encode())
	}
}

impl Stakes<AccountId> for Staking {
	fn staked(who: &AccountId) -> Balance {
		Self::history(who).last().map_or(0, |(_, staked)| *staked)
	}
	fn lowest_stake(who: &AccountId, from: Moment, to: Moment) -> Balance {
		let history = Self::history(who);
		let before = history.iter().rev().find(|(since, _)| *since <= from);
		let within = history.iter().filter(|(since, _)| from < *since && *since <= to);
		within.fold(before.map_or(0, |(_, staked)| *staked), |lowest, (_, staked)| {
			lowest.min(*staked)
		})
	}
	fn totals() -> StakeTotals {
		unhashed::get_or_default(b"totals")
	}
}

/// Lets `who` have staked so many planck from now on.
pub fn stake(who: AccountId, planck: Balance) {
	let mut totals = Staking::totals();
	totals.restake(Staking::staked(&who), planck).unwrap();
	unhashed::put(b"totals", &totals);
	let mut history = Staking::history(&who);
	history.push((Now::get(), planck));
	unhashed::put(&(b"stake", who).encode(), &history);
}

/// A registry of one model.
pub struct Registry;

impl Prices for Registry {
	fn price_at(_: &ModelId, _: u32, _: Moment) -> Option<Price> {
		None
	}
	fn knows(name: &ModelId) -> bool {
		*name == model("listed")
	}
	fn price_weight() -> Weight {
		Weight::zero()
	}
}

/// The relays.
pub struct Relays;

impl ActiveRelays for Relays {
	fn is_active(relay: RelayId) -> bool {
		relay < NO_RELAY
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = CalendarOf<Now>;
	type Stakes = Staking;
	type Prices = Registry;
	type Relays = Relays;
	type Deposit = ConstU128<DEPOSIT>;
	type ShortestNotice = ShortestNotice;
	type LongestWindow = LongestWindow;
	type LongestLife = LongestLife;
	type Grace = Grace;
	type StepWeight = StepWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Staking;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Staking {
	fn set_time(now: Moment) {
		Now::set(now);
	}
	fn stake(who: &AccountId, planck: Balance) {
		Balances::mint_into(who, planck).unwrap();
		stake(*who, planck);
	}
	fn active_relay() -> RelayId {
		RELAY
	}
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	Now::set(START);
	ShortestNotice::set(NOTICE);
	StepWeight::set(Weight::MAX);
	let balances = [ALICE, BOB, CAROL].map(|who| (who, WEALTH)).to_vec();
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
		Launchpad::do_try_state().unwrap();
	});
}

pub fn model(name: &str) -> ModelId {
	name.as_bytes().to_vec().try_into().unwrap()
}

/// Terms for a launch that is announced at [`START`].
pub fn terms() -> Terms {
	Terms {
		list: Rates::Unit(100),
		cost: Rates::Unit(70),
		snapshot_at: SNAPSHOT,
		opens_at: OPENING,
		closes_at: CLOSING,
		expires_at: EXPIRY,
	}
}

pub fn launch(total: Units) -> DispatchResult {
	Launchpad::launch(RuntimeOrigin::root(), model("scarce"), total, terms())
}

pub fn subscribe(who: AccountId, units: Units) -> DispatchResult {
	Launchpad::subscribe(RuntimeOrigin::signed(who), 0, units)
}

pub fn claim_at(who: AccountId, relay: RelayId, units: Units) -> DispatchResult {
	Launchpad::claim(RuntimeOrigin::signed(who), 0, relay, units)
}

/// Claims all that was given, or something if nothing is known to be.
pub fn claim(who: AccountId) -> DispatchResult {
	claim_at(who, RELAY, Launchpad::allocation(0, who).unwrap_or(1))
}

/// By somebody else, since anybody may.
pub fn release(who: AccountId) -> DispatchResult {
	Launchpad::release(RuntimeOrigin::signed(99), 0, who)
}

/// Launch 0, of so many units, in which these have staked and subscribe, at `time`.
pub fn launched(total: Units, subscribers: &[(AccountId, Balance, Units)], time: Moment) {
	for (who, lco, _) in subscribers {
		stake(*who, lco * LCO);
	}
	launch(total).unwrap();
	at(OPENING);
	for (who, _, units) in subscribers {
		subscribe(*who, *units).unwrap();
	}
	at(time);
}

pub fn wait(time: Moment) {
	Now::mutate(|now| *now += time);
}

/// A new block. Returns what its hook weighs.
pub fn next_block() -> Weight {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	let mut meter = WeightMeter::new();
	Launchpad::on_poll(number, &mut meter);
	meter.consumed()
}

/// A block of that time.
pub fn at(time: Moment) {
	assert!(Now::get() <= time, "time goes on");
	Now::set(time);
	next_block();
}

pub fn stage() -> Stage {
	launch_of(0).stage
}

pub fn launch_of(id: LaunchId) -> Launch {
	Launches::<Test>::get(id).unwrap()
}

pub fn claimed(who: AccountId) -> Option<Claim> {
	Launchpad::claimed(0, who, RELAY)
}

/// What each of these can claim.
pub fn allocations<const N: usize>(of: [AccountId; N]) -> [Units; N] {
	of.map(|who| Launchpad::allocation(0, who).unwrap())
}

pub fn free(who: AccountId) -> Balance {
	<Balances as Inspect<_>>::balance(&who)
}

pub fn held(who: AccountId) -> Balance {
	<Balances as InspectHold<_>>::balance_on_hold(&HoldReason::Subscription.into(), &who)
}

/// Gives a wallet.
pub fn endow(who: AccountId) {
	Balances::mint_into(&who, WEALTH).unwrap();
}

/// How many pages and subscriptions are stored.
pub fn stored() -> (usize, usize) {
	(Pages::<Test>::iter_keys().count(), Subscriptions::<Test>::iter_keys().count())
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
