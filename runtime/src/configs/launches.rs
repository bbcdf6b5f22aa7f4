//! Launches of scarce models.

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
};
use lx_primitives::Moment;
use pallet_staking_tiers::LONGEST_WINDOW;
use sp_runtime::Perbill;

use super::{
	accounts::deposit, economy::ThawDelay, origins::ParameterOrigin, parameters::Hours,
	system::Weights,
};
use crate::{weights, Balance, Balances, Calendar, Compute, PriceRegistry, Runtime, StakingTiers};

/// The least time in which holders can learn of a launch before its snapshot: a day of the chain's
/// calendar.
type NoticeHours = ConstU32<24>;

/// A year of 24-hour days. No announcement makes deposits wait longer, or takes a place for ever.
const LONGEST_LIFE: Moment = 365 * 24 * 60 * 60 * 1_000;

parameter_types! {
	/// For a subscription with all the claims that it may hold, and the subscriber's part of a page.
	pub const SubscriptionDeposit: Balance = deposit(1, 310);
	/// The share of a block that dividing quotas may take.
	pub LaunchWeight: Weight = Perbill::from_percent(10) * Weights::get().max_block;
}

impl pallet_launchpad::Config for Runtime {
	type Currency = Balances;
	type AdminOrigin = ParameterOrigin;
	type Calendar = Calendar;
	type Stakes = StakingTiers;
	type Prices = PriceRegistry;
	type Relays = Compute;
	type Deposit = SubscriptionDeposit;
	type ShortestNotice = Hours<NoticeHours>;
	type LongestWindow = ConstU64<LONGEST_WINDOW>;
	type LongestLife = ConstU64<LONGEST_LIFE>;
	// As long as relays may collect whatever else they have served.
	type Grace = ThawDelay;
	type StepWeight = LaunchWeight;
	type WeightInfo = weights::pallet_launchpad::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Wallets;
}
