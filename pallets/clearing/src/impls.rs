//! The service for markets.

use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Weight},
};
use lx_primitives::{
	trading::{Source, TradingAccount, TradingId},
	traits::Clearing,
	AssetId, Balance,
};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{Config, Error, Pallet, WeightInfo};

impl<T: Config> Clearing<T::AccountId> for Pallet<T> {
	fn account(id: &TradingId<T::AccountId>) -> TradingAccount<T::AccountId> {
		Self::get(id).unwrap_or_default()
	}

	fn store(id: &TradingId<T::AccountId>, account: TradingAccount<T::AccountId>) {
		Self::put(id, account);
	}

	fn ensure_free(
		id: &TradingId<T::AccountId>,
		account: &mut TradingAccount<T::AccountId>,
		asset: AssetId,
		amount: Balance,
		source: Source,
	) -> DispatchResult {
		let missing = Self::missing(account, asset, amount, source)?;
		if missing.is_zero() {
			return Ok(());
		}
		let brought = missing.max(Self::least_to_bring(account, asset)?);
		let is_enough = brought == missing || Self::can_give(asset, &id.owner, brought);
		ensure!(is_enough, Error::<T>::BringsTooLittle);
		account.credit(asset, brought).map_err(Error::<T>::from)?;
		Self::collect(id, asset, brought)
	}

	fn lend(
		id: &TradingId<T::AccountId>,
		account: &mut TradingAccount<T::AccountId>,
		asset: AssetId,
		amount: Balance,
		source: Source,
	) -> Result<Balance, DispatchError> {
		let missing = Self::missing(account, asset, amount, source)?;
		if missing.is_zero() {
			return Ok(missing);
		}
		// What is not traded here could not be withdrawn.
		Self::smallest(asset)?;
		ensure!(Self::can_give(asset, &id.owner, missing), Error::<T>::InsufficientWallet);
		account.credit(asset, missing).map_err(Error::<T>::from)?;
		Ok(missing)
	}

	fn settle(
		id: &TradingId<T::AccountId>,
		account: &mut TradingAccount<T::AccountId>,
		asset: AssetId,
		lent: Balance,
	) -> DispatchResult {
		let unused = lent.min(account.holding(asset).free);
		let given = lent.saturating_sub(unused);
		if given.is_zero() {
			account.debit(asset, lent).map_err(Error::<T>::from)?;
			return Ok(());
		}
		// All of it where the wallet cannot keep so little.
		let brought = if Self::can_give(asset, &id.owner, given) { given } else { lent };
		account.debit(asset, lent.saturating_sub(brought)).map_err(Error::<T>::from)?;
		Self::collect(id, asset, brought)
	}

	fn give_back(
		id: &TradingId<T::AccountId>,
		account: &mut TradingAccount<T::AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult {
		Self::take_back(id, account, asset, amount)
	}

	fn give_back_weight() -> Weight {
		T::WeightInfo::withdraw()
	}
}

impl<T: Config> Pallet<T> {
	/// What an account lacks of so much of an asset. Only a wallet has more than is free.
	fn missing(
		account: &TradingAccount<T::AccountId>,
		asset: AssetId,
		amount: Balance,
		source: Source,
	) -> Result<Balance, Error<T>> {
		let missing = amount.saturating_sub(account.holding(asset).free);
		let is_there = missing.is_zero() || source == Source::Wallet;
		ensure!(is_there, Error::<T>::InsufficientFunds);
		Ok(missing)
	}
}
