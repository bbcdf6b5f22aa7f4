//! What the calls and genesis do.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use lx_primitives::{traits::Calendar, Credits, ModelId, Price, Rates};
use sp_runtime::traits::EnsureAdd;

use crate::{Config, Error, Event, GenesisModel, ModelInfo, Models, Pallet, Prices, MAX_MODELS};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_price(model: ModelId, list: Rates, cost: Rates) -> DispatchResult {
		ensure!(
			!model.is_empty() && core::str::from_utf8(&model).is_ok(),
			Error::<T>::InvalidModelName
		);
		let price = Price { list, cost, active_from: T::Calendar::now() };
		ensure!(price.is_profitable(), Error::<T>::CostTooHigh);
		let version = match Models::<T>::get(&model) {
			Some(info) => info.version.ensure_add(1)?,
			None => {
				ensure!(Models::<T>::count() < MAX_MODELS, Error::<T>::TooManyModels);
				1
			},
		};
		Models::<T>::insert(&model, ModelInfo { version, listed: true });
		Prices::<T>::insert(&model, version, price);
		Self::deposit_event(Event::PriceSet { model, version, price });
		Ok(())
	}

	pub(crate) fn do_delist_model(model: ModelId) -> DispatchResult {
		Models::<T>::try_mutate(&model, |info| {
			let info = info.as_mut().filter(|info| info.listed).ok_or(Error::<T>::UnknownModel)?;
			info.listed = false;
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::ModelDelisted { model });
		Ok(())
	}

	/// Builds the genesis state; panics, naming the model, where a price is not sound.
	pub(crate) fn build_genesis(models: &[GenesisModel]) {
		let rates = |[input, cached_input, output]: [Credits; 3]| Rates::Tokens {
			input,
			cached_input,
			output,
		};
		for (name, list, cost) in models {
			let model = ModelId::truncate_from(name.clone().into_bytes());
			assert!(model.len() == name.len(), "price registry genesis: {name} is too long a name");
			let set = Self::do_set_price(model, rates(*list), rates(*cost));
			assert!(set.is_ok(), "price registry genesis: {name}: {set:?}");
		}
	}
}
