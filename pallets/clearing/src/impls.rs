//! The service for markets.

use frame_support::pallet_prelude::DispatchResult;
use lx_primitives::{
	trading::{TradingAccount, TradingId},
	traits::Clearing,
	AssetId, Balance,
};

use crate::{Config, Pallet};

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
	) -> DispatchResult {
		match amount.checked_sub(account.holding(asset).free) {
			Some(missing) if missing > 0 => Self::bring(id, account, asset, missing),
			_ => Ok(()),
		}
	}
}
