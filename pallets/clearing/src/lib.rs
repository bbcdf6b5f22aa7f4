#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

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
		traits::{fungibles, StorageVersion},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		trading::{SubAccount, TradingAccount, TradingId, MAX_HOLDINGS},
		traits::Calendar,
		AssetId, Balance, Moment,
	};

	use sp_runtime::traits::Convert;

	use crate::weights::WeightInfo;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Every asset that is traded, LCO among them.
		type Assets: fungibles::Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>;

		/// The smallest holding of an asset; `None` for one that is not traded.
		type SmallestHolding: Convert<AssetId, Option<Balance>>;

		/// Tells the time.
		type Calendar: Calendar;

		/// The longest that a session key may be good for, in ms.
		type MaxSession: Get<Moment>;

		/// Names the pallet's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;
	}

	/// The trading accounts.
	#[pallet::storage]
	pub type Accounts<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		SubAccount,
		TradingAccount<T::AccountId>,
		OptionQuery,
	>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Money came from a wallet: by a deposit, or because an order needs it.
		Deposited {
			/// The account that has it.
			account: TradingId<T::AccountId>,
			/// The asset.
			asset: AssetId,
			/// How much.
			amount: Balance,
		},
		/// Money went back to a wallet.
		Withdrawn {
			/// The account that had it.
			account: TradingId<T::AccountId>,
			/// The asset.
			asset: AssetId,
			/// How much.
			amount: Balance,
		},
		/// Money went from one of an owner's accounts to another.
		Moved {
			/// The owner.
			owner: T::AccountId,
			/// Where it was.
			from: SubAccount,
			/// Where it is.
			to: SubAccount,
			/// The asset.
			asset: AssetId,
			/// How much.
			amount: Balance,
		},
		/// A key may trade for an account.
		SessionAdded {
			/// The account.
			account: TradingId<T::AccountId>,
			/// The key.
			key: T::AccountId,
			/// From when on it may not.
			expires_at: Moment,
		},
		/// A key may no longer trade for an account.
		SessionRemoved {
			/// The account.
			account: TradingId<T::AccountId>,
			/// The key.
			key: T::AccountId,
		},
	}

	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The asset is not traded here.
		UnknownAsset,
		/// There is no such trading account.
		NoAccount,
		/// So much is not free in the account.
		InsufficientFunds,
		/// The wallet does not have what is missing.
		InsufficientWallet,
		/// What would be left is less than the smallest holding, and not nothing.
		BelowSmallestHolding,
		/// The account holds as many assets as it may.
		TooManyAssets,
		/// There would be more than can be counted.
		Overflow,
		/// The amount is zero.
		ZeroAmount,
		/// Both accounts are the same.
		SameAccount,
		/// Nothing is free in the account.
		NothingToWithdraw,
		/// The account has as many session keys as it may.
		TooManySessions,
		/// The session would be over, or last too long.
		WrongExpiry,
		/// The key is no session key of the account.
		NoSession,
		/// An order that may rest would bring less than the smallest holding of an asset of which the
		/// account has nothing, and the wallet has not so much. One that only trades at once may.
		BringsTooLittle,
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
		/// Bring `amount` of an asset from the wallet into the caller's account `sub`.
		///
		/// State: 1 read and 1 write of `Accounts`, a transfer of the asset.
		#[pallet::call_index(0)]
		pub fn deposit(
			origin: OriginFor<T>,
			sub: SubAccount,
			asset: AssetId,
			amount: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_deposit(TradingId { owner, sub }, asset, amount)
		}

		/// Take `amount` of an asset that is free in the caller's account `sub` back to the wallet.
		///
		/// State: 1 read and 1 write of `Accounts`, a transfer of the asset.
		#[pallet::call_index(1)]
		pub fn withdraw(
			origin: OriginFor<T>,
			sub: SubAccount,
			asset: AssetId,
			amount: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw(TradingId { owner, sub }, asset, amount)
		}

		/// Take all that is free in the caller's account `sub` back to the wallet. Of an asset that open
		/// orders need, the smallest holding stays; so does one that the wallet cannot take, such as less
		/// than the existential deposit.
		///
		/// State: 1 read and 1 write of `Accounts`, a transfer of each asset.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw_all(MAX_HOLDINGS))]
		pub fn withdraw_all(origin: OriginFor<T>, sub: SubAccount) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let tried = Self::do_withdraw_all(TradingId { owner, sub })?;
			Ok(Some(T::WeightInfo::withdraw_all(tried)).into())
		}

		/// Move `amount` of an asset from one of the caller's accounts to another.
		///
		/// State: 2 reads and 2 writes of `Accounts`.
		#[pallet::call_index(3)]
		pub fn move_funds(
			origin: OriginFor<T>,
			from: SubAccount,
			to: SubAccount,
			asset: AssetId,
			amount: Balance,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_move(owner, (from, to), asset, amount)
		}

		/// Let `key` place and cancel orders for the caller's account `sub` until `expires_at`, at most
		/// [`Config::MaxSession`] from now. A key that may already has the new expiry.
		///
		/// State: 1 read and 1 write of `Accounts`.
		#[pallet::call_index(4)]
		pub fn add_session(
			origin: OriginFor<T>,
			sub: SubAccount,
			key: T::AccountId,
			expires_at: Moment,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_add_session(TradingId { owner, sub }, key, expires_at)
		}

		/// Let `key` no longer trade for the caller's account `sub`.
		///
		/// State: 1 read and 1 write of `Accounts`.
		#[pallet::call_index(5)]
		pub fn remove_session(
			origin: OriginFor<T>,
			sub: SubAccount,
			key: T::AccountId,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_remove_session(TradingId { owner, sub }, key)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A trading account.
		pub fn account(
			owner: T::AccountId,
			sub: SubAccount,
		) -> Option<TradingAccount<T::AccountId>> {
			Accounts::<T>::get(owner, sub)
		}
	}
}
