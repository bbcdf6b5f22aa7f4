//! Measures each call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{pallet_prelude::DispatchResult, traits::EnsureOrigin};
use lx_primitives::{
	traits::{Calendar, Prices as _},
	ModelId, Moment, Rates,
};

use crate::{Call, Config, ModelInfo, Models, Pallet, Prices};

/// A name as long as names may be.
fn name() -> ModelId {
	ModelId::truncate_from(alloc::vec![b'm'; 64])
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the model is new.
	#[benchmark]
	fn set_price() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, name(), Rates::Unit(100), Rates::Unit(70));

		assert!(Prices::<T>::contains_key(name(), 1));
		Ok(())
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn delist_model() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		Models::<T>::insert(name(), ModelInfo { version: 1, listed: true });

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, name());

		assert_eq!(Models::<T>::get(name()).map(|info| info.listed), Some(false));
		Ok(())
	}

	/// Worst: there is a later version.
	#[benchmark]
	fn price_at() -> Result<(), BenchmarkError> {
		let set = || -> DispatchResult {
			let (model, list, cost) = (name(), Rates::Unit(100), Rates::Unit(70));
			Pallet::<T>::do_set_price(model, list, cost)
		};
		set()?;
		set()?;
		Prices::<T>::mutate(name(), 2, |price| {
			if let Some(price) = price {
				price.active_from = Moment::MAX;
			}
		});
		let found;

		#[block]
		{
			found = Pallet::<T>::price_at(&name(), 1, T::Calendar::now());
		}

		assert!(found.is_some());
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
