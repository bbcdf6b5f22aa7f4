//! What must stay true.

use alloc::collections::BTreeMap;
use frame_support::ensure;
use lx_matching::{check, Checked, Resting, Side, Tick};
use lx_primitives::{
	trading::{MarketId, TradingId},
	traits::Clearing,
	AssetId, Balance,
};
use sp_runtime::DispatchError;

use crate::{Config, Dated, Index, Levels, Market, Markets, Pages, Pallet, Shelf};

/// What the orders in the books and the triggers need of an account, and how many orders there are.
#[derive(Default)]
pub(crate) struct Needs {
	pub(crate) locked: BTreeMap<AssetId, Balance>,
	/// How many orders, and markets whose fees it receives, may bring an asset.
	awaited: BTreeMap<AssetId, u16>,
	orders: usize,
}

impl Needs {
	fn await_asset(&mut self, asset: AssetId) {
		let awaited_by = self.awaited.entry(asset).or_default();
		*awaited_by = awaited_by.saturating_add(1);
	}
}

pub(crate) type AllNeeds<AccountId> = BTreeMap<TradingId<AccountId>, Needs>;

impl<T: Config> Pallet<T> {
	/// Checks every book by itself, that no part of one is left behind, and that each account knows its
	/// orders and its triggers, has set aside exactly what they need, and keeps a place for what they and
	/// fees may bring, and for nothing else.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let mut needs = AllNeeds::new();
		let (mut levels, mut pages) = (0usize, 0usize);
		for (id, Dated { value: market, .. }) in Markets::<T>::iter() {
			let shelf = Shelf::<T>::new(id, market);
			let fund = needs.entry(Self::fund_of(id)).or_default();
			fund.await_asset(market.terms.base);
			fund.await_asset(market.terms.quote);
			let (bids, asks) = check(&shelf).map_err(DispatchError::Other)?;
			for (side, checked) in [(Side::Bid, bids), (Side::Ask, asks)] {
				levels = levels.saturating_add(checked.len());
				for (tick, orders) in checked {
					pages = pages.saturating_add(Self::pages_at(id, side, tick));
					Self::add_needs(&mut needs, (id, &market), side, (tick, orders))?;
				}
			}
		}
		ensure!(Levels::<T>::iter_keys().count() == levels, "a level is in no index");
		ensure!(Pages::<T>::iter_keys().count() == pages, "a page is in no level");
		let mut parts = Index::<T>::iter_values();
		ensure!(!parts.any(|part| part.value.is_empty()), "a part of an index is empty");
		Self::check_triggers(&mut needs)?;
		needs.iter().try_for_each(|(account, needs)| Self::ensure_met(account, needs))
	}

	fn pages_at(market: MarketId, side: Side, tick: Tick) -> usize {
		Pages::<T>::iter_key_prefix((market, side, tick)).count()
	}

	fn add_needs(
		all: &mut AllNeeds<T::AccountId>,
		(id, market): (MarketId, &Market),
		side: Side,
		(tick, orders): Checked<TradingId<T::AccountId>>,
	) -> Result<(), DispatchError> {
		for Resting { id: order, owner, lots, .. } in orders {
			let account = T::Clearing::account(&owner);
			let is_its = |open: &lx_primitives::trading::OpenOrder| {
				let place = open.place;
				(open.market, place.id, place.side, place.tick) == (id, order, side, tick)
			};
			ensure!(account.orders.iter().any(is_its), "an account does not know its order");
			let gives = market.terms.gives(side, tick, lots);
			let (asset, amount) = gives.ok_or("what an order gives overflows")?;
			let needs = all.entry(owner).or_default();
			needs.orders = needs.orders.saturating_add(1);
			needs.await_asset(market.terms.receives(side));
			let sum = needs.locked.entry(asset).or_default();
			*sum = sum.checked_add(amount).ok_or("what orders need overflows")?;
		}
		Ok(())
	}

	fn ensure_met(account: &TradingId<T::AccountId>, needs: &Needs) -> Result<(), DispatchError> {
		let account = T::Clearing::account(account);
		ensure!(account.orders.len() == needs.orders, "an account has an order in no book");
		for holding in &account.holdings {
			let needed = needs.locked.get(&holding.asset).copied().unwrap_or_default();
			ensure!(holding.locked == needed, "an account has set aside too much or too little");
			let awaited_by = needs.awaited.get(&holding.asset).copied().unwrap_or_default();
			ensure!(holding.awaited_by == awaited_by, "an account expects too much or too little");
		}
		let is_held =
			|(asset, amount): (&AssetId, &Balance)| account.holding(*asset).locked == *amount;
		ensure!(needs.locked.iter().all(is_held), "an account has set aside too little");
		let has_place =
			|(asset, count): (&AssetId, &u16)| account.holding(*asset).awaited_by == *count;
		ensure!(needs.awaited.iter().all(has_place), "an account has no place for what it expects");
		Ok(())
	}
}
