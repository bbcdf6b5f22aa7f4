//! What is told to other pallets.

use frame_support::weights::Weight;
use lx_primitives::{
	traits::{Stakes, Tiers},
	Balance, Moment, StakeTotals, Tier, TierHistory,
};

use crate::{Config, Pallet, Stakers, Totals, WeightInfo};

/// Each answer takes one read.
impl<T: Config> Tiers<T::AccountId> for Pallet<T> {
	fn tier(who: &T::AccountId) -> Tier {
		Tier::of_stake(<Self as Stakes<_>>::staked(who))
	}

	fn tier_history(who: &T::AccountId) -> TierHistory {
		Stakers::<T>::get(who).map(|staker| staker.tiers()).unwrap_or_default()
	}

	fn tier_at(who: &T::AccountId, time: Moment) -> Tier {
		let staker = Stakers::<T>::get(who);
		Tier::of_stake(staker.map_or(0, |staker| staker.at(time)))
	}

	fn tier_weight() -> Weight {
		T::WeightInfo::tier()
	}
}

impl<T: Config> Stakes<T::AccountId> for Pallet<T> {
	fn staked(who: &T::AccountId) -> Balance {
		Stakers::<T>::get(who).map_or(0, |staker| staker.staked)
	}

	fn lowest_stake(who: &T::AccountId, from: Moment, to: Moment) -> Balance {
		Stakers::<T>::get(who).map_or(0, |staker| staker.lowest(from, to))
	}

	fn totals() -> StakeTotals {
		Totals::<T>::get()
	}
}
