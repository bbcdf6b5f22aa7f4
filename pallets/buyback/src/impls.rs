//! What the buyback offers to other pallets.

use frame_support::{pallet_prelude::DispatchResult, weights::Weight};
use lx_primitives::{traits::OnRevenue, Credits};

use crate::{Config, Pallet, WeightInfo};

impl<T: Config> OnRevenue for Pallet<T> {
	/// Fails only on arithmetic, which no amount that exists can bring about, and changes nothing then.
	fn on_revenue(revenue: Credits, cost: Credits) -> DispatchResult {
		Ok(Self::do_enter(revenue, cost)?)
	}

	fn revenue_weight() -> Weight {
		T::WeightInfo::on_revenue()
	}
}
