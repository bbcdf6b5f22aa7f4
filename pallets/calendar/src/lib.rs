#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod impls;
mod invariants;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;

/// The pallet: its settings and stored data.
#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{StorageVersion, Time},
	};
	use frame_system::pallet_prelude::BlockNumberFor;
	use lx_math::calendar;
	use lx_primitives::Moment;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The clock: milliseconds since 1970-01-01 00:00 UTC.
		type Time: Time<Moment = Moment>;
	}

	/// How long a day lasts, in milliseconds. Set at genesis for ever.
	#[pallet::storage]
	pub type DayLength<T: Config> = StorageValue<_, Moment, ValueQuery, CivilDay<T>>;

	/// The length of a civil day.
	#[pallet::type_value]
	pub fn CivilDay<T: Config>() -> Moment {
		calendar::CIVIL_DAY_MS
	}

	/// How the calendar starts.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// How long a day lasts, in milliseconds; not 0. A civil day unless told otherwise.
		pub day_ms: Moment,
		/// Carries the runtime's type.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { day_ms: calendar::CIVIL_DAY_MS, _config: PhantomData }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.day_ms > 0, "a calendar needs days that last");
			DayLength::<T>::put(self.day_ms);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Days since 1970-01-01.
		pub fn day() -> u32 {
			calendar::day(T::Time::now(), DayLength::<T>::get())
		}

		/// The week that today lies in; weeks turn at the start of Monday.
		pub fn week() -> u32 {
			calendar::week(Self::day())
		}

		/// The day of the week: Monday is 0, Friday is 4.
		pub fn weekday() -> u8 {
			calendar::weekday(Self::day())
		}
	}
}
