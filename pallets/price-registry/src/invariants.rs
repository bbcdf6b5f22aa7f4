//! What must stay true.

use frame_support::ensure;
use sp_runtime::DispatchError;

use crate::{Config, Models, Pallet, Prices, MAX_MODELS};

impl<T: Config> Pallet<T> {
	/// Checks that there are not too many models, and that each has a price at which it is not sold
	/// at a loss.
	pub fn do_try_state() -> Result<(), DispatchError> {
		ensure!(Models::<T>::count() <= MAX_MODELS, "too many models");
		for (model, info) in Models::<T>::iter() {
			let price = Prices::<T>::get(&model, info.version).ok_or("a model has no price")?;
			ensure!(price.is_profitable(), "a model is sold at a loss");
		}
		Ok(())
	}
}
