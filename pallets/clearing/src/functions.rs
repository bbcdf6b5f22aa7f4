//! What the calls do.

use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	storage::with_storage_layer,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
		Get,
	},
};
use lx_primitives::{
	trading::{FundsError, Holding, Session, SubAccount, TradingAccount, TradingId},
	traits::Calendar,
	AssetId, Balance, Moment,
};
use sp_runtime::{
	traits::{AccountIdConversion, Convert, Zero},
	DispatchError,
};

use crate::{Accounts, Config, Error, Event, Pallet};

impl<T: Config> From<FundsError> for Error<T> {
	fn from(error: FundsError) -> Self {
		match error {
			FundsError::Insufficient => Self::InsufficientFunds,
			FundsError::TooManyAssets => Self::TooManyAssets,
			FundsError::Overflow => Self::Overflow,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The account that holds all assets.
	pub fn account_id() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	pub(crate) fn do_deposit(
		id: TradingId<T::AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut account = Self::get(&id).unwrap_or_default();
		let least = Self::least_to_bring(&account, asset)?;
		ensure!(amount >= least, Error::<T>::BelowSmallestHolding);
		account.credit(asset, amount).map_err(Error::<T>::from)?;
		Self::collect(&id, asset, amount)?;
		Self::put(&id, account);
		Ok(())
	}

	/// The least of an asset that an account takes in. A place for it is paid for by the smallest holding;
	/// one that is there takes no more room when it grows.
	pub(crate) fn least_to_bring(
		account: &TradingAccount<T::AccountId>,
		asset: AssetId,
	) -> Result<Balance, Error<T>> {
		let least = Self::smallest(asset)?;
		let is_held = !account.holding(asset).total().is_zero();
		Ok(if is_held { Balance::zero() } else { least })
	}

	/// Takes money from the wallet of an account's owner.
	pub(crate) fn collect(
		id: &TradingId<T::AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		Self::transfer(asset, &id.owner, &Self::account_id(), amount)
			.map_err(|_| Error::<T>::InsufficientWallet)?;
		Self::deposit_event(Event::Deposited { account: id.clone(), asset, amount });
		Ok(())
	}

	pub(crate) fn do_withdraw(
		id: TradingId<T::AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut account = Self::get(&id).ok_or(Error::<T>::NoAccount)?;
		Self::take_back(&id, &mut account, asset, amount)?;
		Self::put(&id, account);
		Ok(())
	}

	/// Takes money that is free in an account that was taken out back to the wallet.
	pub(crate) fn take_back(
		id: &TradingId<T::AccountId>,
		account: &mut TradingAccount<T::AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		account.debit(asset, amount).map_err(Error::<T>::from)?;
		Self::ensure_worth_holding(account, asset)?;
		Self::pay_out(id, asset, amount)
	}

	/// Returns of how many assets something was to be paid out. One of which that fails stays, and holds
	/// up no other.
	pub(crate) fn do_withdraw_all(id: TradingId<T::AccountId>) -> Result<u32, DispatchError> {
		let mut account = Self::get(&id).ok_or(Error::<T>::NoAccount)?;
		let holdings = account.holdings.clone();
		let (mut tried, mut is_any) = (0u32, false);
		for Holding { asset, free, locked, .. } in &holdings {
			let least = T::SmallestHolding::convert(*asset).unwrap_or_default();
			let stays = if locked.is_zero() { 0 } else { least.saturating_sub(*locked) };
			let amount = free.saturating_sub(stays);
			if amount.is_zero() {
				continue;
			}
			tried = tried.saturating_add(1);
			if with_storage_layer(|| Self::pay_out(&id, *asset, amount)).is_err() {
				continue;
			}
			account.debit(*asset, amount).map_err(Error::<T>::from)?;
			is_any = true;
		}
		ensure!(is_any, Error::<T>::NothingToWithdraw);
		Self::put(&id, account);
		Ok(tried)
	}

	pub(crate) fn do_move(
		owner: T::AccountId,
		(from, to): (SubAccount, SubAccount),
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		ensure!(from != to, Error::<T>::SameAccount);
		let source = TradingId { owner: owner.clone(), sub: from };
		let target = TradingId { owner: owner.clone(), sub: to };
		let mut giver = Self::get(&source).ok_or(Error::<T>::NoAccount)?;
		let mut taker = Self::get(&target).unwrap_or_default();
		giver.debit(asset, amount).map_err(Error::<T>::from)?;
		Self::ensure_worth_holding(&giver, asset)?;
		let least = Self::least_to_bring(&taker, asset)?;
		ensure!(amount >= least, Error::<T>::BelowSmallestHolding);
		taker.credit(asset, amount).map_err(Error::<T>::from)?;
		Self::put(&source, giver);
		Self::put(&target, taker);
		Self::deposit_event(Event::Moved { owner, from, to, asset, amount });
		Ok(())
	}

	pub(crate) fn do_add_session(
		id: TradingId<T::AccountId>,
		key: T::AccountId,
		expires_at: Moment,
	) -> DispatchResult {
		let now = T::Calendar::now();
		let latest = now.saturating_add(T::MaxSession::get());
		ensure!(now < expires_at && expires_at <= latest, Error::<T>::WrongExpiry);
		let mut account = Self::get(&id).ok_or(Error::<T>::NoAccount)?;
		// Those that are over make room.
		account.sessions.retain(|session| session.key != key && now < session.expires_at);
		let session = Session { key: key.clone(), expires_at };
		account.sessions.try_push(session).map_err(|_| Error::<T>::TooManySessions)?;
		Self::put(&id, account);
		Self::deposit_event(Event::SessionAdded { account: id, key, expires_at });
		Ok(())
	}

	pub(crate) fn do_remove_session(
		id: TradingId<T::AccountId>,
		key: T::AccountId,
	) -> DispatchResult {
		let mut account = Self::get(&id).ok_or(Error::<T>::NoAccount)?;
		let before = account.sessions.len();
		account.sessions.retain(|session| session.key != key);
		ensure!(account.sessions.len() < before, Error::<T>::NoSession);
		Self::put(&id, account);
		Self::deposit_event(Event::SessionRemoved { account: id, key });
		Ok(())
	}

	pub(crate) fn get(id: &TradingId<T::AccountId>) -> Option<TradingAccount<T::AccountId>> {
		Accounts::<T>::get(&id.owner, id.sub)
	}

	/// Stores an account. An empty one is forgotten, with its session keys.
	pub(crate) fn put(id: &TradingId<T::AccountId>, account: TradingAccount<T::AccountId>) {
		if account.is_empty() {
			Accounts::<T>::remove(&id.owner, id.sub);
		} else {
			Accounts::<T>::insert(&id.owner, id.sub, account);
		}
	}

	/// What an account holds of an asset is nothing, or enough to be kept.
	fn ensure_worth_holding(
		account: &TradingAccount<T::AccountId>,
		asset: AssetId,
	) -> Result<(), Error<T>> {
		let least = Self::smallest(asset)?;
		let total = account.holding(asset).total();
		ensure!(total.is_zero() || total >= least, Error::<T>::BelowSmallestHolding);
		Ok(())
	}

	pub(crate) fn smallest(asset: AssetId) -> Result<Balance, Error<T>> {
		T::SmallestHolding::convert(asset).ok_or(Error::<T>::UnknownAsset)
	}

	fn pay_out(id: &TradingId<T::AccountId>, asset: AssetId, amount: Balance) -> DispatchResult {
		Self::transfer(asset, &Self::account_id(), &id.owner, amount)?;
		Self::deposit_event(Event::Withdrawn { account: id.clone(), asset, amount });
		Ok(())
	}

	fn transfer(
		asset: AssetId,
		from: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		let preservation = Self::preservation(asset, from, amount);
		T::Assets::transfer(asset, from, to, amount, preservation).map(drop)
	}

	/// Whether a wallet can give so much.
	pub(crate) fn can_give(asset: AssetId, from: &T::AccountId, amount: Balance) -> bool {
		let preservation = Self::preservation(asset, from, amount);
		T::Assets::reducible_balance(asset, from, preservation, Fortitude::Polite) >= amount
	}

	/// All that `from` has moves, or so much that the asset's minimum stays. Anything between would burn
	/// the rest as dust.
	fn preservation(asset: AssetId, from: &T::AccountId, amount: Balance) -> Preservation {
		if T::Assets::balance(asset, from) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		}
	}
}
