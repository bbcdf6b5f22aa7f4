//! What must stay true.

use frame_support::{ensure, traits::fungible::Inspect};
use lx_math::emission;
use lx_primitives::Balance;
use sp_runtime::{traits::EnsureAdd, DispatchError};

use crate::{Config, Pallet, TotalUnpaid, Unpaid};

impl<T: Config> Pallet<T> {
	/// Checks that
	/// - no more is minted than the cap;
	/// - no more LCO exists, or is owed, than was mined;
	/// - what is unpaid adds up, and no entry is empty.
	///
	/// It walks all of [`Unpaid`], so it is for tests and for the `try_state` hook only.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let minted = Self::minted();
		ensure!(minted <= emission::CAP, "more LCO was minted than the cap allows");

		let total_unpaid = TotalUnpaid::<T>::get();
		let owned_or_owed = T::Currency::total_issuance().ensure_add(total_unpaid)?;
		ensure!(owned_or_owed <= minted, "more LCO exists than was mined");

		let mut sum: Balance = 0;
		for unpaid in Unpaid::<T>::iter_values() {
			ensure!(unpaid > 0, "an empty entry is stored in Unpaid");
			sum = sum.ensure_add(unpaid)?;
		}
		ensure!(sum == total_unpaid, "TotalUnpaid is not the sum of Unpaid");
		Ok(())
	}
}
