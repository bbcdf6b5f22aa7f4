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
pub use types::{Average, Round, Skip, Watch, MAX_RECEIPTS};
pub use weights::WeightInfo;

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles, StorageVersion},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use lx_matching::Tick;
	use lx_primitives::{
		buyback::{Books, Link, Receipt},
		trading::MarketId,
		traits::{Calendar, Exchange},
		AssetId, Balance, Credits, Moment,
	};
	use sp_core::H256;

	use crate::{types::*, weights::WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256> {
		/// The L-Coin.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;

		/// Holds the CRED.
		type Assets: fungibles::Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>;

		/// The asset id of CRED.
		type CredAsset: Get<AssetId>;

		/// Gives money of the platform back to users.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tells the time and the day.
		type Calendar: Calendar;

		/// How long a day of the calendar lasts, in ms.
		type DayLength: Get<Moment>;

		/// Sells LCO.
		type Exchange: Exchange<Self::AccountId>;

		/// The market of LCO for CRED.
		type Market: Get<MarketId>;

		/// A number that nobody can know before the block before is made, of which every value is as
		/// likely.
		type Randomness: Get<u64>;

		/// The platform, which has what is left of the charges after the providers' cost.
		type RevenueAccount: Get<Self::AccountId>;

		/// The pocket of the Ecosystem Fund that buys LCO. Nothing else may spend from it.
		#[pallet::constant]
		type BurnFund: Get<Self::AccountId>;

		/// The pocket of the Ecosystem Fund that pays prizes.
		#[pallet::constant]
		type PrizeFund: Get<Self::AccountId>;

		/// Where what was bought goes to be burned. It has no key.
		#[pallet::constant]
		type BurnAddress: Get<Self::AccountId>;

		/// How far back the average price looks, in ms. There is none before so much has passed.
		type AverageWindow: Get<Moment>;

		/// How many basis points over the average price are paid at most.
		type MostOverAverage: Get<u16>;

		/// In how many slices a Friday's budget is spent; more than
		/// [`MAX_SLICES`](lx_primitives::buyback::MAX_SLICES) count as so many.
		type Slices: Get<u32>;

		/// The smallest slice, in µCRED. A smaller budget waits for the next Friday.
		type SmallestSlice: Get<Credits>;

		/// How many orders a slice may meet.
		type MaxMatches: Get<u32>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;
	}

	/// What was earned and paid since the books were closed last.
	#[pallet::storage]
	pub type OpenBooks<T: Config> = StorageValue<_, Books, ValueQuery>;

	/// The market's price, as it was watched.
	#[pallet::storage]
	pub type PriceWatch<T: Config> = StorageValue<_, Watch, ValueQuery>;

	/// The buyback that is under way, from the first block of a Friday to the first one after it.
	#[pallet::storage]
	pub type CurrentRound<T: Config> = StorageValue<_, Round, OptionQuery>;

	/// The receipts, by number. They are kept for ever: one a week.
	#[pallet::storage]
	pub type Receipts<T: Config> = StorageMap<_, Twox64Concat, u32, Receipt, OptionQuery>;

	/// What the next receipt goes on from; nothing before the first.
	#[pallet::storage]
	pub type Head<T: Config> = StorageValue<_, Link, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A Friday has begun: the books are closed, and the fund has its share.
		RoundOpened {
			/// The week.
			week: u32,
			/// µCRED that were earned since the last close.
			profit: Credits,
			/// µCRED of loss that the coming weeks have to earn first.
			loss: Credits,
			/// µCRED of the profit that are for buying LCO.
			burning: Credits,
			/// µCRED of the profit that are for prizes.
			prizes: Credits,
			/// µCRED that may be spent, with what earlier weeks have left.
			budget: Credits,
			/// In how many slices.
			slices: u32,
		},
		/// The books could not be closed: the platform does not have the money. They stay open, and the
		/// next Friday closes them.
		BooksNotClosed {
			/// The week.
			week: u32,
			/// Why.
			error: DispatchError,
		},
		/// A slice has bought LCO, all of which is burned.
		SliceBought {
			/// The week.
			week: u32,
			/// µCRED that were paid.
			spent: Credits,
			/// Planck that were received.
			bought: Balance,
			/// Planck that were burned: these, and what somebody had sent to the burn address.
			burned: Balance,
		},
		/// A slice has bought nothing. Its money is spent by later ones, or on the next Friday.
		SliceSkipped {
			/// The week.
			week: u32,
			/// Why.
			reason: Skip,
		},
		/// A Friday is over, and this is left to the next one.
		LeftOver {
			/// The week.
			week: u32,
			/// µCRED.
			amount: Credits,
		},
		/// A receipt is written: nothing of the week will change.
		ReceiptWritten {
			/// The receipt.
			number: u32,
			/// The week.
			week: u32,
			/// The receipt's hash, to which the next one commits.
			hash: H256,
		},
		/// The platform has given money back to a user.
		Refunded {
			/// The user.
			account: T::AccountId,
			/// µCRED.
			amount: Credits,
		},
	}

	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The amount is zero.
		ZeroAmount,
		/// The platform does not have so much.
		BeyondMeans,
		/// The platform cannot give money back to itself.
		ToThePlatform,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Watches the price, and does what a Friday brings. This comes after the inherents, so that it
		/// knows the block's time, and before all transactions, so that none can get in ahead of a slice.
		fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::run(meter);
		}

		fn integrity_test() {
			let most = Self::slice_weight(T::MaxMatches::get());
			let block = T::BlockWeights::get().max_block;
			assert!(most.all_lte(block), "no block has weight for a slice");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Give `amount` µCRED of the platform's money back to a user. It lowers the profit of the week,
		/// and of later ones if it is more than that.
		///
		/// State: 1 read and 1 write of `OpenBooks`, a transfer of CRED.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::refund())]
		pub fn refund(
			origin: OriginFor<T>,
			account: T::AccountId,
			amount: Credits,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_refund(account, amount)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The receipts from number `first` on: at most `most`, and no more than [`MAX_RECEIPTS`].
		pub fn receipts(first: u32, most: u32) -> Vec<Receipt> {
			Self::some_receipts(first, most)
		}

		/// What the next receipt goes on from: how many there are, and the hash of the last one.
		pub fn head() -> Link {
			Self::link()
		}

		/// What was earned and paid since the books were closed last.
		pub fn books() -> Books {
			OpenBooks::<T>::get()
		}

		/// The buyback that is under way.
		pub fn round() -> Option<Round> {
			CurrentRound::<T>::get()
		}

		/// The average price in ticks, rounded down; `None` while it is not known for long enough.
		pub fn average_price() -> Option<Tick> {
			Self::average_tick()
		}

		/// The highest price that a slice would pay now, in ticks.
		pub fn highest_price() -> Option<Tick> {
			Self::highest_tick()
		}
	}
}
