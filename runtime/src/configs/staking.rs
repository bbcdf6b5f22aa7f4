//! Staking, and the tiers that rest on it.

use frame_support::traits::{ConstU128, ConstU32};
use lx_primitives::units::LCO;

use super::parameters::Hours;
use crate::{weights, Balances, Calendar, Runtime, WhaleVoting};

/// How long unstaking takes: seven days of the chain's calendar.
type UnstakingHours = ConstU32<{ 7 * 24 }>;

impl pallet_staking_tiers::Config for Runtime {
	type Currency = Balances;
	type Calendar = Calendar;
	type UnstakingDelay = Hours<UnstakingHours>;
	type SmallestStake = ConstU128<LCO>;
	type MayUnstake = WhaleVoting;
	type WeightInfo = weights::pallet_staking_tiers::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Wallets;
}
