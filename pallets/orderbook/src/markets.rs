//! Opening and changing markets.

use frame_support::{ensure, pallet_prelude::DispatchResult};
use lx_matching::OrderId;
use lx_primitives::trading::{MarketId, TradingId};
use sp_runtime::traits::EnsureAdd;

use crate::{
	orders::Session, Config, Error, Event, Market, MarketStatus, Markets, NextMarketId, Pallet,
	Terms,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open_market(terms: Terms) -> DispatchResult {
		ensure!(terms.are_sound(), Error::<T>::UnsoundTerms);
		let id = NextMarketId::<T>::get();
		NextMarketId::<T>::put(id.ensure_add(1)?);
		let status = MarketStatus::Halted;
		let market = Market { terms, status, best_bid: None, best_ask: None, last_id: 0 };
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::MarketOpened { market: id, terms });
		Ok(())
	}

	pub(crate) fn do_change_terms(id: MarketId, terms: Terms) -> DispatchResult {
		ensure!(terms.are_sound(), Error::<T>::UnsoundTerms);
		Markets::<T>::try_mutate(id, |market| {
			let market = market.as_mut().ok_or(Error::<T>::UnknownMarket)?;
			let Terms { base, quote, lot, tick, .. } = market.terms;
			let stays =
				(base, quote, lot, tick) == (terms.base, terms.quote, terms.lot, terms.tick);
			ensure!(stays, Error::<T>::FixedTerms);
			market.terms = terms;
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::TermsChanged { market: id, terms });
		Ok(())
	}

	pub(crate) fn do_set_status(id: MarketId, status: MarketStatus) -> DispatchResult {
		Markets::<T>::try_mutate(id, |market| {
			market.as_mut().ok_or(Error::<T>::UnknownMarket)?.status = status;
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::StatusChanged { market: id, status });
		Ok(())
	}

	pub(crate) fn do_expire(
		market: MarketId,
		account: TradingId<T::AccountId>,
		order: OrderId,
	) -> DispatchResult {
		let owner = account.owner.clone();
		let mut session = Session::<T>::open(&owner, account, market)?;
		session.expire(order)?;
		session.close()
	}
}
