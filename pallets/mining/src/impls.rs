//! What mining offers to other pallets.

use frame_support::{storage::with_storage_layer, weights::Weight};
use lx_primitives::{traits::OnUsageSettled, Credits};
use sp_runtime::DispatchResult;

use crate::{Config, Pallet, WeightInfo};

impl<T: Config> OnUsageSettled<T::AccountId> for Pallet<T> {
	/// All or nothing. Fails only on arithmetic, which no amount that exists can bring about.
	fn on_usage_settled(who: &T::AccountId, paid: Credits) -> DispatchResult {
		with_storage_layer(|| Self::do_settle(who, paid))
	}

	fn settled_weight(calls: u32) -> Weight {
		T::WeightInfo::settle(calls)
	}
}
