//! The service for markets.

use frame_support::pallet_prelude::DispatchResult;
use lx_primitives::{
	trading::{Source, TradingAccount, TradingId},
	traits::Clearing,
	AssetId, Balance,
};

use crate::{Config, Error, Pallet};

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
		let missing = amount.saturating_sub(account.holding(asset).free);
		match source {
			_ if missing == 0 => Ok(()),
			Source::Account => Err(Error::<T>::InsufficientFunds.into()),
			Source::Wallet => {
				Self::bring(id, account, (asset, missing), Error::<T>::BringsTooLittle)
			},
		}
	}
}
