#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod functions;
mod impls;
mod invariants;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{GenesisModel, ModelInfo, MAX_MODELS};
pub use weights::WeightInfo;

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use lx_primitives::{traits::Calendar, ModelId, Price, Rates};

	use crate::{GenesisModel, ModelInfo, WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Sets prices and delists models.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// Tells the time.
		type Calendar: Calendar;
		/// What the calls weigh.
		type WeightInfo: WeightInfo;
	}

	/// Which version of a model's price applies, and whether the model is on offer.
	#[pallet::storage]
	pub type Models<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, ModelId, ModelInfo, OptionQuery>;

	/// Every price that a model has had, by version.
	#[pallet::storage]
	pub type Prices<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, ModelId, Twox64Concat, u32, Price, OptionQuery>;

	/// The registry at genesis.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first models.
		pub models: Vec<GenesisModel>,
		/// Carries the runtime's type.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(&self.models);
		}
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model has a new price and is listed.
		PriceSet {
			/// The model.
			model: ModelId,
			/// The version of the price.
			version: u32,
			/// The price.
			price: Price,
		},
		/// A model is no longer offered.
		ModelDelisted {
			/// The model.
			model: ModelId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// A model's name is UTF-8 and not empty.
		InvalidModelName,
		/// The cost is above the most that the lowest paying tier covers, or the two price cards
		/// do not meter the same thing.
		CostTooHigh,
		/// No such model, or it is not listed.
		UnknownModel,
		/// The registry is full.
		TooManyModels,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Set the price of `model` from now on, and list it. Earlier versions are kept, for calls
		/// that were served under them.
		///
		/// State: 1 read and 1 write of `Models`, 1 write of `Prices`, 1 read of the time; the
		/// count of models when it is new.
		#[pallet::call_index(0)]
		pub fn set_price(
			origin: OriginFor<T>,
			model: ModelId,
			list: Rates,
			cost: Rates,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_price(model, list, cost)
		}

		/// Stop offering `model`.
		///
		/// State: 1 read and 1 write of `Models`.
		#[pallet::call_index(1)]
		pub fn delist_model(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_delist_model(model)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The models on offer, at most [`MAX_MODELS`](crate::MAX_MODELS): name, version of the
		/// price, price.
		pub fn models() -> Vec<(ModelId, u32, Price)> {
			Models::<T>::iter()
				.filter(|(_, info)| info.listed)
				.filter_map(|(model, info)| {
					let price = Prices::<T>::get(&model, info.version)?;
					Some((model, info.version, price))
				})
				.collect()
		}
	}
}
