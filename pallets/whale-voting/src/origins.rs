//! Who may do what.

use core::marker::PhantomData;
use frame_support::{
	parameter_types,
	traits::{EnsureOrigin, Get, OriginTrait},
};
use lx_primitives::traits::Tiers;

use crate::{Config, Guardian, Origin};

parameter_types! {
	/// See [`EnsureMajor`].
	pub const Major: Origin = Origin::Major;
	/// See [`EnsureParameters`].
	pub const Parameters: Origin = Origin::Parameters;
	/// See [`EnsureCancellation`].
	pub const Cancellation: Origin = Origin::Cancellation;
}

/// Passes what is done in the name of [`Origin::Major`].
pub type EnsureMajor = EnsureHeld<Major>;

/// Passes what is done in the name of [`Origin::Parameters`].
pub type EnsureParameters = EnsureHeld<Parameters>;

/// Passes what is done in the name of [`Origin::Cancellation`].
pub type EnsureCancellation = EnsureHeld<Cancellation>;

/// Passes what is done in the name of `Power`.
pub struct EnsureHeld<Power>(PhantomData<Power>);

impl<O, Power> EnsureOrigin<O> for EnsureHeld<Power>
where
	O: Into<Result<Origin, O>> + From<Origin>,
	Power: Get<Origin>,
{
	type Success = ();

	fn try_origin(origin: O) -> Result<(), O> {
		match origin.into() {
			Ok(held) if held == Power::get() => Ok(()),
			Ok(held) => Err(held.into()),
			Err(origin) => Err(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<O, ()> {
		Ok(Power::get().into())
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
