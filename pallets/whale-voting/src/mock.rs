use std::collections::BTreeMap;

use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks},
	weights::Weight,
};
use frame_system::mocking::MockBlock;
use lx_primitives::{
	traits::{CalendarOf, Stakes, Tiers},
	Balance, Moment, StakeTotals, Tier, TierHistory,
};
use sp_runtime::BuildStorage;

use crate::{EnsureCancellation, EnsureMajor, PollIndex, Proposals};

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const GUARDIAN: AccountId = 9;
/// What a whale stakes at least.
pub const WHALE: Balance = Tier::Whale.min_stake();
/// So many whales end the guardian's powers.
pub const SUNSET: u32 = 2;
/// How long an upgrade waits.
pub const DELAY: Moment = 100;
/// How long safe mode stops redemption.
pub const STOP: Moment = 24;
/// How long it does not begin to do so again.
pub const REST: Moment = 168;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type WhaleVoting = crate;
}

parameter_types! {
	pub static Now: Moment = 1_000;
	pub static Staked: BTreeMap<AccountId, Balance> = BTreeMap::new();
	pub static Unreadable: Option<PollIndex> = None;
}

pub struct Staking;

impl Tiers<AccountId> for Staking {
	fn tier(who: &AccountId) -> Tier {
		Tier::of_stake(<Self as Stakes<AccountId>>::staked(who))
	}
	fn tier_history(who: &AccountId) -> TierHistory {
		TierHistory { current: Self::tier(who), former: Vec::new() }
	}
	fn tier_weight() -> Weight {
		Weight::zero()
	}
}

impl Stakes<AccountId> for Staking {
	fn staked(who: &AccountId) -> Balance {
		Staked::get().get(who).copied().unwrap_or_default()
	}
	fn lowest_stake(who: &AccountId, _: Moment, _: Moment) -> Balance {
		Self::staked(who)
	}
	fn totals() -> StakeTotals {
		let mut totals = StakeTotals::default();
		Staked::get().values().for_each(|staked| totals.restake(0, *staked).unwrap());
		totals
	}
}

pub struct Library;

impl Proposals for Library {
	fn is_readable(poll: PollIndex) -> bool {
		Unreadable::get() != Some(poll)
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
}

impl crate::Config for Test {
	type RuntimeCall = RuntimeCall;
	type MajorOrigin = EnsureMajor;
	type CancellationOrigin = EnsureCancellation;
	type Tiers = Staking;
	type Stakes = Staking;
	type Proposals = Library;
	type Calendar = CalendarOf<Now>;
	type MaxStanding = ConstU32<2>;
	type UpgradeDelay = ConstU64<DELAY>;
	type RedemptionStop = ConstU64<STOP>;
	type RedemptionRest = ConstU64<REST>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Staking;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Staking {
	fn make_whale(who: &AccountId) {
		stake(*who, WHALE);
	}
}

pub fn stake(who: AccountId, staked: Balance) {
	Staked::mutate(|all| {
		all.insert(who, staked);
	});
}

/// Makes a block begin at `now`.
pub fn block_at(now: Moment) {
	Now::set(now);
	WhaleVoting::on_initialize(System::block_number());
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	Staked::set(BTreeMap::new());
	Unreadable::set(None);
	Now::set(1_000);
	let genesis = RuntimeGenesisConfig {
		whale_voting: crate::GenesisConfig { guardian: Some(GUARDIAN), sunset_whales: SUNSET },
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
		WhaleVoting::do_try_state().unwrap();
	});
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
