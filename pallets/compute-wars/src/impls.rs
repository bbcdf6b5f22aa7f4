//! What the pallet offers to others.

use frame_support::weights::Weight;
use lx_primitives::{traits::OnUsageSettled, Credits};
use sp_runtime::DispatchResult;

use crate::{Config, Pallet, WeightInfo};

impl<T: Config> OnUsageSettled<T::AccountId> for Pallet<T> {
	/// Never fails.
	fn on_usage_settled(who: &T::AccountId, paid: Credits) -> DispatchResult {
		Self::score(who, paid);
		Ok(())
	}

	fn settled_weight(calls: u32) -> Weight {
		T::WeightInfo::settle(calls)
	}
}
