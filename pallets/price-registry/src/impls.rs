//! What the registry offers to other pallets.

use frame_support::weights::Weight;
use lx_primitives::{traits, ModelId, Moment, Price};

use crate::{Config, Models, Pallet, Prices, WeightInfo};

impl<T: Config> traits::Prices for Pallet<T> {
	fn price_at(model: &ModelId, version: u32, time: Moment) -> Option<Price> {
		let price = Prices::<T>::get(model, version)?;
		let next = Prices::<T>::get(model, version.checked_add(1)?);
		let is_replaced = next.is_some_and(|next| next.active_from <= time);
		(price.active_from <= time && !is_replaced).then_some(price)
	}

	fn knows(model: &ModelId) -> bool {
		Models::<T>::contains_key(model)
	}

	fn price_weight() -> Weight {
		T::WeightInfo::price_at()
	}
}
