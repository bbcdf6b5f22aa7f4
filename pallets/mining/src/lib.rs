#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "runtime-benchmarks")]
extern crate alloc;

mod functions;
mod impls;
mod invariants;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			StorageVersion,
		},
	};
	use frame_system::pallet_prelude::*;
	use lx_math::emission;
	use lx_primitives::{Balance, Credits};

	use crate::weights::WeightInfo;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The L-Coin. Nothing else may mint it.
		type Currency: Mutate<Self::AccountId, Balance = Balance>;
		/// How long the work takes.
		type WeightInfo: WeightInfo;
	}

	/// `C`: the µCRED that have ever been really paid. The whole emission follows from it.
	#[pallet::storage]
	pub type Cumulative<T: Config> = StorageValue<_, Credits, ValueQuery>;

	/// Rewards that were mined but not minted, because they would leave the account below the
	/// existential deposit.
	#[pallet::storage]
	pub type Unpaid<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// The sum of [`Unpaid`].
	#[pallet::storage]
	pub type TotalUnpaid<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Usage became final and mined LCO.
		Mined {
			/// Who used and mined.
			who: T::AccountId,
			/// µCRED that were paid for the usage.
			paid: Credits,
			/// Planck that it mined: 0 once the emission has ended.
			reward: Balance,
		},
		/// Rewards that had been too small to pay reached the account.
		Released {
			/// Who mined them.
			who: T::AccountId,
			/// Planck.
			amount: Balance,
		},
		/// A new epoch has begun: the rate halved, or, in epoch 10, became zero.
		EpochStarted {
			/// The epoch's number, from 0.
			epoch: u32,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account has no unpaid rewards.
		NothingUnpaid,
	}

	/// How the emission starts: with nothing.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Carries the runtime's type.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Refuses a premine. It sees the balances of every pallet that is built before this one.
		fn build(&self) {
			assert!(T::Currency::total_issuance() == 0, "LCO exists only by being mined");
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
		/// Planck mined so far: `f(C)`. Part of it may be unpaid or burned.
		pub fn minted() -> Balance {
			emission::minted_at(Cumulative::<T>::get())
		}

		/// Planck that were mined and exist no more: burned, paid as fees that are burned, or removed
		/// as dust.
		pub fn burned() -> Balance {
			Self::minted()
				.saturating_sub(TotalUnpaid::<T>::get())
				.saturating_sub(T::Currency::total_issuance())
		}

		/// The epoch of the emission: 0 to 9, and 10 once it has ended.
		pub fn epoch() -> u32 {
			emission::epoch(Cumulative::<T>::get())
		}

		/// µCRED that mine one LCO now; `None` once the emission has ended.
		pub fn parity() -> Option<Credits> {
			emission::parity(Cumulative::<T>::get())
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Pays the unpaid rewards of `who`, whose account has come into existence by other means
		/// than mining. Anyone may ask for it. Settlements do the same by themselves.
		///
		/// Reads and writes 4 values.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(&who)
		}
	}
}
