//! Who may do what.

use core::marker::PhantomData;
use frame_support::traits::{EnsureOrigin, OriginTrait};
use lx_primitives::traits::Tiers;

use crate::{Config, Guardian, Origin};

/// Passes what is done in the name of [`Origin::Major`].
pub struct EnsureMajor;

impl<O: Into<Result<Origin, O>> + From<Origin>> EnsureOrigin<O> for EnsureMajor {
	type Success = ();

	fn try_origin(origin: O) -> Result<(), O> {
		ensure_held(origin, Origin::Major)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<O, ()> {
		Ok(Origin::Major.into())
	}
}

/// Passes what is done in the name of [`Origin::Parameters`].
pub struct EnsureParameters;

impl<O: Into<Result<Origin, O>> + From<Origin>> EnsureOrigin<O> for EnsureParameters {
	type Success = ();

	fn try_origin(origin: O) -> Result<(), O> {
		ensure_held(origin, Origin::Parameters)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<O, ()> {
		Ok(Origin::Parameters.into())
	}
}

fn ensure_held<O: Into<Result<Origin, O>> + From<Origin>>(
	origin: O,
	power: Origin,
) -> Result<(), O> {
	match origin.into() {
		Ok(held) if held == power => Ok(()),
		Ok(held) => Err(held.into()),
		Err(origin) => Err(origin),
	}
}

/// Passes a transaction that the guardian signs, while its powers last.
pub struct EnsureGuardian<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureGuardian<T> {
	type Success = T::AccountId;

	fn try_origin(origin: T::RuntimeOrigin) -> Result<T::AccountId, T::RuntimeOrigin> {
		match origin.as_signer().cloned() {
			Some(who) if Guardian::<T>::get().as_ref() == Some(&who) => Ok(who),
			_ => Err(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
		let who: T::AccountId = frame_benchmarking::account("guardian", 0, 0);
		Guardian::<T>::put(&who);
		Ok(frame_system::RawOrigin::Signed(who).into())
	}
}

/// Passes a transaction that a whale signs.
pub struct EnsureWhale<T>(PhantomData<T>);

impl<T: Config> EnsureOrigin<T::RuntimeOrigin> for EnsureWhale<T> {
	type Success = T::AccountId;

	fn try_origin(origin: T::RuntimeOrigin) -> Result<T::AccountId, T::RuntimeOrigin> {
		match origin.as_signer().cloned() {
			Some(who) if T::Tiers::tier(&who).votes() => Ok(who),
			_ => Err(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<T::RuntimeOrigin, ()> {
		use crate::BenchmarkHelper;

		let who: T::AccountId = frame_benchmarking::account("whale", 0, 0);
		T::BenchmarkHelper::make_whale(&who);
		Ok(frame_system::RawOrigin::Signed(who).into())
	}
}
