#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

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
pub use types::{FormerStake, Staker, Unstaking, LONGEST_WINDOW, MAX_FORMER, MAX_UNSTAKING};
pub use weights::WeightInfo;

/// Prepares measurements.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper {
	/// Makes it `now`.
	fn set_time(now: lx_primitives::Moment);
}

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible::MutateHold, StorageVersion},
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{Calendar, MayUnstake, Stakes, Tiers},
		Balance, Moment, StakeTotals, Tier,
	};

	use crate::{types::Staker, weights::WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The L-Coin. It is held in its owner's account, so that it can stand behind a vote too.
		type Currency: MutateHold<Self::AccountId, Balance = Balance, Reason: From<HoldReason>>;

		/// Tells the time.
		type Calendar: Calendar;

		/// How long unstaking takes, in ms.
		type UnstakingDelay: Get<Moment>;

		/// The fewest planck that an account stakes, or none: what its place in the state costs.
		#[pallet::constant]
		type SmallestStake: Get<Balance>;

		/// Asked before stake is taken back: what stands behind a vote stays.
		type MayUnstake: MayUnstake<Self::AccountId>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;

		/// Prepares measurements.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper;
	}

	/// Why LCO is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// It is staked, or being unstaked.
		#[codec(index = 0)]
		Stake,
	}

	/// Who has staked, with all that tells a tier: one value for each account.
	#[pallet::storage]
	pub type Stakers<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Staker, OptionQuery>;

	/// How many accounts of each tier have staked how much.
	#[pallet::storage]
	pub type Totals<T: Config> = StorageValue<_, StakeTotals, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account has staked more.
		Staked {
			/// Who.
			who: T::AccountId,
			/// Planck staked with this.
			amount: Balance,
			/// Planck staked in all.
			staked: Balance,
		},
		/// An account has begun to unstake.
		UnstakeRequested {
			/// Who.
			who: T::AccountId,
			/// Planck that are being unstaked from now on.
			amount: Balance,
			/// From when on they can be taken out.
			ready_at: Moment,
			/// Planck that stay staked.
			staked: Balance,
		},
		/// What was being unstaked is staked again.
		UnstakeCancelled {
			/// Who.
			who: T::AccountId,
			/// Planck staked again.
			amount: Balance,
			/// Planck staked in all.
			staked: Balance,
		},
		/// What had been unstaked is free.
		Unstaked {
			/// Who.
			who: T::AccountId,
			/// Planck that are free.
			amount: Balance,
		},
		/// An account has another tier.
		TierChanged {
			/// Who.
			who: T::AccountId,
			/// The tier before.
			from: Tier,
			/// The tier from now on.
			to: Tier,
		},
	}

	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The amount is zero.
		ZeroAmount,
		/// So many LCO are not free in the wallet, above its smallest balance.
		InsufficientFunds,
		/// What would be staked is less than the smallest stake, and not nothing.
		BelowSmallestStake,
		/// The account has staked nothing.
		NothingStaked,
		/// The account has not staked so much.
		InsufficientStake,
		/// As many parts of the stake are being unstaked as may be: take out those that are ready.
		TooManyRequests,
		/// Nothing is being unstaked.
		NothingUnstaking,
		/// Nothing of what is being unstaked is ready.
		StillUnstaking,
		/// The tier has changed so often lately that one more change could not be remembered: wait
		/// until the first of them is two days old.
		TooManyTierChanges,
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
		/// Stake `amount` planck more. They stay in the caller's account, and the tier that follows
		/// from them is in force at once.
		///
		/// State: 1 read and 1 write of `Stakers` and of `Totals`, 1 read of the time, a hold of LCO.
		#[pallet::call_index(0)]
		pub fn stake(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_stake(who, amount)
		}

		/// Begin to unstake `amount` planck. They no longer count for the tier, and can be taken out
		/// after [`Config::UnstakingDelay`]. What stands behind a vote stays, with the error of
		/// [`Config::MayUnstake`].
		///
		/// State: 1 read and 1 write of `Stakers` and of `Totals`, 1 read of the time and of the
		/// length of a day, and what [`Config::MayUnstake`] reads.
		#[pallet::call_index(1)]
		#[pallet::weight(
			<T as Config>::WeightInfo::request_unstake()
				.saturating_add(T::MayUnstake::may_unstake_weight())
		)]
		pub fn request_unstake(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_unstake(who, amount)
		}

		/// Take out all that is unstaked and ready. An account that has nothing left, and whose tier
		/// nobody asks for any more, is forgotten.
		///
		/// State: 1 read and 1 write of `Stakers`, 1 read of the time, a release of LCO.
		#[pallet::call_index(2)]
		pub fn complete_unstake(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_complete_unstake(who)
		}

		/// Stake all that is being unstaked again, also what is ready and was not taken out.
		///
		/// State: 1 read and 1 write of `Stakers` and of `Totals`, 1 read of the time.
		#[pallet::call_index(3)]
		pub fn cancel_unstake(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel_unstake(who)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an account has staked, and what it is unstaking.
		pub fn staker(who: T::AccountId) -> Option<Staker> {
			Stakers::<T>::get(who)
		}

		/// The tier of an account.
		pub fn tier(who: T::AccountId) -> Tier {
			<Self as Tiers<_>>::tier(&who)
		}

		/// The tier that an account had at a time of the last
		/// [`TIER_MEMORY`](lx_primitives::TIER_MEMORY).
		pub fn tier_at(who: T::AccountId, time: Moment) -> Tier {
			<Self as Tiers<_>>::tier_at(&who, time)
		}

		/// The fewest planck that an account had staked at any time from `from` to `to`.
		pub fn lowest_stake(who: T::AccountId, from: Moment, to: Moment) -> Balance {
			<Self as Stakes<_>>::lowest_stake(&who, from, to)
		}

		/// How many accounts of each tier have staked how much.
		pub fn totals() -> StakeTotals {
			Totals::<T>::get()
		}
	}
}
