//! What must stay true.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungibles::Inspect};
use lx_primitives::{
	trading::{Holding, TradingAccount},
	AssetId, Balance,
};
use sp_runtime::DispatchError;

use crate::{Accounts, Config, Pallet};

impl<T: Config> Pallet<T> {
	/// Checks that the pallet's account holds all that the trading accounts do, and that each of those
	/// is sound.
	pub fn do_try_state() -> Result<(), DispatchError> {
		for (asset, total) in Self::totals()? {
			let held = T::Assets::balance(asset, &Self::account_id());
			ensure!(held >= total, "the ledger holds less of an asset than it owes");
		}
		Accounts::<T>::iter_values().try_for_each(|account| Self::ensure_sound(&account))
	}

	/// The sum of all holdings, by asset.
	pub fn totals() -> Result<BTreeMap<AssetId, Balance>, DispatchError> {
		let mut totals = BTreeMap::<AssetId, Balance>::new();
		for holding in Accounts::<T>::iter_values().flat_map(|account| account.holdings) {
			let sum = totals.entry(holding.asset).or_default();
			let amount = holding.free.checked_add(holding.locked).ok_or("a holding overflows")?;
			*sum = sum.checked_add(amount).ok_or("the holdings of an asset overflow")?;
		}
		Ok(totals)
	}

	fn ensure_sound(account: &TradingAccount<T::AccountId>) -> Result<(), DispatchError> {
		let TradingAccount { holdings, orders, sessions } = account;
		ensure!(!account.is_empty(), "an account has nothing");
		let is_kept = |holding: &Holding| holding.total() > 0 || holding.awaited_by > 0;
		ensure!(holdings.iter().all(is_kept), "a holding is nothing");
		let assets: BTreeSet<_> = holdings.iter().map(|holding| holding.asset).collect();
		ensure!(assets.len() == holdings.len(), "an account names an asset twice");
		let ids: BTreeSet<_> = orders.iter().map(|order| (order.market, order.place.id)).collect();
		ensure!(ids.len() == orders.len(), "an account names an order twice");
		let clients: BTreeSet<_> = orders.iter().filter_map(|order| order.client).collect();
		let named = orders.iter().filter(|order| order.client.is_some()).count();
		ensure!(clients.len() == named, "an account has two orders of one client id");
		let is_twice = (1..).zip(sessions).any(|(next, session)| {
			sessions.iter().skip(next).any(|other| other.key == session.key)
		});
		ensure!(!is_twice, "an account names a session key twice");
		Ok(())
	}
}
