//! What must stay true.

use frame_support::ensure;
use sp_runtime::DispatchError;

use crate::{Config, DayLength, Pallet};

impl<T: Config> Pallet<T> {
	/// A day lasts: without that, time would stand still on day 0.
	pub fn do_try_state() -> Result<(), DispatchError> {
		ensure!(DayLength::<T>::get() > 0, "the day has no length");
		Ok(())
	}
}
