#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod functions;
mod invariants;
#[cfg(test)]
mod mock;
mod origins;
mod pauses;
#[cfg(test)]
mod tests;
mod types;
mod voting;
pub mod weights;

pub use origins::{EnsureCancellation, EnsureGuardian, EnsureMajor, EnsureParameters, EnsureWhale};
pub use pallet::*;
pub use types::{PollIndex, Proposals, Upgrade};
pub use voting::Turnout;
pub use weights::WeightInfo;

/// Prepares measurements.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Makes `who` a whale, with as much at stake as any vote that is measured.
	fn make_whale(who: &AccountId);
}

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::{
		dispatch::{GetDispatchInfo, PostDispatchInfo},
		pallet_prelude::*,
		DefaultNoBound,
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{Calendar, Stakes, Tiers},
		Balance, Moment,
	};
	use sp_runtime::traits::Dispatchable;

	use crate::{
		origins::EnsureGuardian,
		types::{PollIndex, Proposals, Upgrade},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeOrigin: From<Origin>> {
		/// What the guardian can call.
		type RuntimeCall: Parameter
			+ Dispatchable<
				RuntimeOrigin = <Self as frame_system::Config>::RuntimeOrigin,
				PostInfo = PostDispatchInfo,
			> + GetDispatchInfo
			+ From<frame_system::Call<Self>>;

		/// Who decides on upgrades.
		type MajorOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who calls upgrades off.
		type CancellationOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tells who is a whale.
		type Tiers: Tiers<Self::AccountId>;

		/// Tells what is staked.
		type Stakes: Stakes<Self::AccountId>;

		/// Tells whether what is voted on can be read.
		type Proposals: Proposals;

		/// Tells the time.
		type Calendar: Calendar;

		/// On how many referenda an account can have votes that stand: as many as the voting pallet
		/// lets it have in all its tracks.
		#[pallet::constant]
		type MaxStanding: Get<u32>;

		/// How long an upgrade waits after it was decided, in ms.
		type UpgradeDelay: Get<Moment>;

		/// How long safe mode can stop redemption, in ms.
		type RedemptionStop: Get<Moment>;

		/// How long after it has begun to stop redemption safe mode cannot do so again, in ms. Longer
		/// than [`Config::RedemptionStop`].
		type RedemptionRest: Get<Moment>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;

		/// Prepares measurements.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// In whose name a decision is carried out. Whales give one to what they have passed on its track,
	/// and the guardian to what it does while it lasts.
	#[derive(
		Clone,
		Copy,
		Debug,
		PartialEq,
		Eq,
		Encode,
		Decode,
		DecodeWithMemTracking,
		MaxEncodedLen,
		TypeInfo,
	)]
	#[pallet::origin]
	pub enum Origin {
		/// Major decisions: who is trusted, and what code runs.
		#[codec(index = 0)]
		Major,
		/// Parameters: prices, fees, markets.
		#[codec(index = 1)]
		Parameters,
		/// Calling off an upgrade, and nothing else.
		#[codec(index = 2)]
		Cancellation,
	}

	/// Who acts until there are enough whales. Once it is gone, nothing can name another.
	#[pallet::storage]
	pub type Guardian<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

	/// With how many whales the guardian's powers end. Set at genesis for ever.
	#[pallet::storage]
	pub type SunsetWhales<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The votes that stand: of each account the referenda and the planck voted with.
	#[pallet::storage]
	pub type Standing<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<(PollIndex, Balance), T::MaxStanding>,
		ValueQuery,
	>;

	/// The upgrade that waits.
	#[pallet::storage]
	pub type PlannedUpgrade<T: Config> = StorageValue<_, Upgrade<T::Hash>, OptionQuery>;

	/// When safe mode last began to stop redemption.
	#[pallet::storage]
	pub type RedemptionStopped<T: Config> = StorageValue<_, Moment, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The guardian has acted.
		GuardianActed {
			/// In whose name.
			power: Origin,
		},
		/// There are enough whales: the guardian's powers have ended for ever.
		GuardianRetired {
			/// How many whales there are.
			whales: u32,
		},
		/// An upgrade was decided, or waits longer because redemption is stopped.
		UpgradePlanned {
			/// The hash of the new code.
			code_hash: T::Hash,
			/// From when on anybody can apply it.
			due: Moment,
		},
		/// An upgrade was called off before it was applied.
		UpgradeCancelled {
			/// The hash of its code.
			code_hash: T::Hash,
		},
		/// Safe mode stops redemption too.
		RedemptionStopped {
			/// Until when at most.
			until: Moment,
		},
	}

	/// Why a call, a vote or an unstaking failed.
	#[pallet::error]
	pub enum Error<T> {
		/// Only accounts of tier Whale vote.
		NotWhale,
		/// Nobody votes with more than he has staked.
		VoteAboveStake,
		/// The text of what is voted on is not on the chain, or is not the one that was submitted: only
		/// votes against it count.
		StalePreimage,
		/// The account has votes on too many referenda: remove old ones first.
		TooManyVotes,
		/// The stake stands behind a vote: remove the vote first.
		VoteStands,
		/// No upgrade waits, and none is due.
		NoUpgrade,
	}

	/// Who governs at first.
	#[pallet::genesis_config]
	#[derive(DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The guardian, or nobody.
		pub guardian: Option<T::AccountId>,
		/// With how many whales its powers end; 0 only where there is none.
		pub sunset_whales: u32,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(self);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Ends the guardian's powers, with the upgrade that it may have begun, and lets the upgrade that
		/// waits be applied, each when its time has come.
		///
		/// State: 1 read of `Guardian` and of `PlannedUpgrade`, 1 read of `SunsetWhales` and of the
		/// totals of stakes, 1 read of the time; 1 write of each that ends, and 1 read and 1 write of the
		/// authorised upgrade.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::retire_guardian();
			Self::authorize_due_upgrade();
			T::WeightInfo::on_initialize()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Do `call` in the name of `power`, by the guardian, while it lasts. What that name may not do,
		/// and what nobody may call, fails.
		///
		/// State: 1 read of `Guardian`, and what the call does.
		#[pallet::call_index(0)]
		#[pallet::weight({
			let info = call.get_dispatch_info();
			(T::WeightInfo::guard().saturating_add(info.call_weight), info.class)
		})]
		pub fn guard(
			origin: OriginFor<T>,
			power: Origin,
			call: Box<<T as Config>::RuntimeCall>,
		) -> DispatchResult {
			EnsureGuardian::<T>::ensure_origin(origin)?;
			Self::do_guard(power, *call)
		}

		/// Decide on new code for the chain. [`Config::UpgradeDelay`] later it is authorised, and anybody
		/// can apply it by `system.apply_authorized_upgrade`. The time for which safe mode stops redemption
		/// does not count. It takes the place of another that waits.
		///
		/// State: 1 read of the time, of the length of a day and of `RedemptionStopped`, 1 write of
		/// `PlannedUpgrade`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::authorize_upgrade())]
		pub fn authorize_upgrade(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::MajorOrigin::ensure_origin(origin)?;
			Self::do_authorize_upgrade(code_hash)
		}

		/// Call off the upgrade that waits, and one that is due and was not applied.
		///
		/// State: 1 read and 1 write of `PlannedUpgrade` and of the authorised upgrade.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel_upgrade())]
		pub fn cancel_upgrade(origin: OriginFor<T>) -> DispatchResult {
			T::CancellationOrigin::ensure_origin(origin)?;
			Self::do_cancel_upgrade()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The votes of `who` that stand: referenda, and the planck voted with.
		pub fn standing(who: T::AccountId) -> Vec<(PollIndex, Balance)> {
			Standing::<T>::get(who).into_inner()
		}

		/// The guardian, while its powers last.
		pub fn guardian() -> Option<T::AccountId> {
			Guardian::<T>::get()
		}

		/// The upgrade that waits.
		pub fn planned_upgrade() -> Option<Upgrade<T::Hash>> {
			PlannedUpgrade::<T>::get()
		}
	}
}
