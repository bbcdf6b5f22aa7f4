#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod functions;
mod impls;
mod invariants;
mod tick;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Board, ClosedRound, EndedCalls, Entry, OpenRound, Standing, MAX_ENDED, RANKS};
pub use weights::WeightInfo;

/// Prepares measurements.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// A relay at which `fund` can let somebody call for free.
	fn prepare_free_calls(fund: &AccountId) -> lx_primitives::RelayId;
}

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible::Mutate, StorageVersion},
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{Calendar, Sponsorship, Takings},
		Balance, Credits, Perk, Reign,
	};

	use crate::{
		types::{Board, ClosedRound, EndedCalls, OpenRound, Standing, MAX_ENDED},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The L-Coin, in which prizes are paid.
		type Currency: Mutate<Self::AccountId, Balance = Balance>;

		/// The Ecosystem Fund: pays the prizes, and the champion's free calls.
		type Fund: Get<Self::AccountId>;

		/// What the fund has earned elsewhere: it is brought in before a prize is set.
		type Takings: Takings;

		/// Tells the week.
		type Calendar: Calendar;

		/// Lets the champion call a relay for free.
		type Sponsorship: Sponsorship<Self::AccountId>;

		/// The planck that the winners of a round share, beside what has rolled over.
		type WeeklyPrize: Get<Balance>;

		/// The most µCRED that the fund pays for a champion's free calls.
		type FreeCallsCap: Get<Credits>;

		/// The most weight that a block spends on closing a round. A value too small for a single step
		/// counts as that step.
		type ClosingWeight: Get<Weight>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;

		/// Prepares measurements.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// The round that is open. There is none before the chain's clock runs.
	#[pallet::storage]
	pub type Round<T: Config> = StorageValue<_, OpenRound, OptionQuery>;

	/// The µCRED of final calls, by week and account.
	#[pallet::storage]
	pub type Scores<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, T::AccountId, Credits, ValueQuery>;

	/// The week of the oldest scores that may be there.
	#[pallet::storage]
	pub type OldestScores<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The board of the round that is open.
	#[pallet::storage]
	pub type LiveBoard<T: Config> = StorageValue<_, Board<T::AccountId>, ValueQuery>;

	/// The round that was closed last.
	#[pallet::storage]
	pub type LastRound<T: Config> = StorageValue<_, ClosedRound<T::AccountId>, OptionQuery>;

	/// The place on the last round's board, counted from 0, whose prize is paid next; none when all are.
	#[pallet::storage]
	pub type NextPrize<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// Planck of the last prize that nobody has got.
	#[pallet::storage]
	pub type Unclaimed<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Who was first in the last round.
	#[pallet::storage]
	pub type CurrentReign<T: Config> = StorageValue<_, Reign<T::AccountId>, OptionQuery>;

	/// Purses of former champions that have something left, which returns to the fund.
	#[pallet::storage]
	pub type Ended<T: Config> =
		StorageValue<_, BoundedVec<EndedCalls<T::AccountId>, ConstU32<MAX_ENDED>>, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A week is over, and its board is final.
		RoundClosed {
			/// The week.
			week: u32,
			/// Planck that the first ten share.
			prize: Balance,
			/// Who was first; nobody if nobody has scored.
			champion: Option<T::AccountId>,
		},
		/// A winner was paid.
		PrizePaid {
			/// The week.
			week: u32,
			/// The winner's rank, from 1.
			rank: u32,
			/// The winner.
			who: T::AccountId,
			/// Planck.
			amount: Balance,
		},
		/// A winner could not be paid: this rolls over.
		PrizeNotPaid {
			/// The week.
			week: u32,
			/// The winner's rank, from 1.
			rank: u32,
			/// The winner.
			who: T::AccountId,
			/// Planck.
			amount: Balance,
			/// Why.
			error: DispatchError,
		},
		/// All prizes of a week are paid, and this is left for the next.
		RolledOver {
			/// The week.
			week: u32,
			/// Planck.
			amount: Balance,
		},
		/// The champion has chosen.
		PerkChosen {
			/// The week that the perk is for.
			week: u32,
			/// The champion.
			champion: T::AccountId,
			/// What it chose.
			perk: Perk,
			/// µCRED that the fund has set aside for free calls.
			free_calls: Credits,
		},
	}

	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The caller was not first in the last round.
		NotChampion,
		/// The champion has chosen already.
		AlreadyChosen,
		/// Too many purses of former champions have not returned what is left in them.
		TooManyEnded,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Closes the round when its week is over, and pays its prizes, within
		/// [`Config::ClosingWeight`].
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::turn()
		}

		/// Removes scores of closed rounds.
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::prune(remaining)
		}

		fn integrity_test() {
			let is_enough = Self::largest_step().all_lte(T::ClosingWeight::get());
			assert!(is_enough, "no block has weight for closing a round");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Choose the perk of this week, by the champion of the last one, once.
		///
		/// For free calls, the fund fills a purse of the caller's at the relay with what it has, up to
		/// [`Config::FreeCallsCap`]. It fails, with the error of [`Config::Sponsorship`], if the fund has
		/// nothing, if the relay serves no calls, or if the caller has no room for another purse.
		///
		/// State: 1 read and 1 write of `CurrentReign`; for free calls, 1 read and 1 write of `Ended`,
		/// and what [`Config::Sponsorship`] reads and writes.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::choose_perk())]
		pub fn choose_perk(origin: OriginFor<T>, perk: Perk) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_choose_perk(who, perk)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The week of the round that is open, and its board as it is now.
		pub fn board() -> Option<(u32, Board<T::AccountId>)> {
			Round::<T>::get().map(|round| (round.week, LiveBoard::<T>::get()))
		}

		/// Where an account stands in the round that is open.
		pub fn standing(who: T::AccountId) -> Option<Standing> {
			let OpenRound { week, .. } = Round::<T>::get()?;
			let rank = LiveBoard::<T>::get().rank(&who);
			Some(Standing { week, score: Scores::<T>::get(week, who), rank })
		}

		/// The round that was closed last.
		pub fn last_round() -> Option<ClosedRound<T::AccountId>> {
			LastRound::<T>::get()
		}

		/// Who was first in that round, and what was chosen.
		pub fn reign() -> Option<Reign<T::AccountId>> {
			CurrentReign::<T>::get()
		}
	}
}
