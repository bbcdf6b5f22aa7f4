//! Opening and changing markets.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use lx_primitives::trading::{MarketId, SubAccount, TradingId};
use sp_runtime::traits::EnsureAdd;

use crate::{
	trade::Party, Config, Dated, Error, Event, Market, MarketStatus, Markets, NextMarketId, Pallet,
	Terms, Watch, MAX_MARKETS,
};

impl<T: Config> Pallet<T> {
	/// Panics if terms are not sound: a chain does not start with them.
	pub(crate) fn build_genesis(markets: &[(Terms, MarketStatus)]) {
		for (terms, status) in markets {
			Self::open(*terms, *status).expect("genesis markets have sound terms");
		}
	}

	pub(crate) fn do_open_market(terms: Terms) -> DispatchResult {
		Self::open(terms, MarketStatus::Halted)
	}

	fn open(terms: Terms, status: MarketStatus) -> DispatchResult {
		ensure!(terms.are_sound(), Error::<T>::UnsoundTerms);
		let id = NextMarketId::<T>::get();
		ensure!(id < MAX_MARKETS, Error::<T>::TooManyMarkets);
		NextMarketId::<T>::put(id.ensure_add(1)?);
		let market = Market {
			terms,
			status,
			best_bid: None,
			best_ask: None,
			last_id: 0,
			last: None,
			watch: Watch::default(),
		};
		Self::store_market(id, market);
		Self::make_room_for_fees(id, &terms)?;
		Self::deposit_event(Event::MarketOpened { market: id, terms });
		Ok(())
	}

	pub(crate) fn stored_market(id: MarketId) -> Option<Market> {
		Some(Markets::<T>::get(id)?.value)
	}

	pub(crate) fn store_market(id: MarketId, value: Market) {
		let changed_in = frame_system::Pallet::<T>::block_number();
		Markets::<T>::insert(id, Dated { changed_in, value });
	}

	/// The account that receives a market's fees. Each market has one of its own, so that there is always
	/// room for both assets.
	pub(crate) fn fund_of(market: MarketId) -> TradingId<T::AccountId> {
		// There are fewer markets than numbers of accounts.
		let sub = SubAccount::try_from(market).unwrap_or(SubAccount::MAX);
		TradingId { owner: T::FeeFund::get(), sub }
	}

	/// Keeps the places for a market's fees forever, whatever else the fund may hold.
	fn make_room_for_fees(market: MarketId, terms: &Terms) -> Result<(), Error<T>> {
		let mut fund = Party::<T>::take(Self::fund_of(market));
		for asset in [terms.base, terms.quote] {
			fund.account.await_asset(asset)?;
		}
		fund.put();
		Ok(())
	}

	pub(crate) fn do_change_terms(id: MarketId, terms: Terms) -> DispatchResult {
		ensure!(terms.are_sound(), Error::<T>::UnsoundTerms);
		let mut market = Self::stored_market(id).ok_or(Error::<T>::UnknownMarket)?;
		let Terms { base, quote, lot, tick, .. } = market.terms;
		let stays = (base, quote, lot, tick) == (terms.base, terms.quote, terms.lot, terms.tick);
		ensure!(stays, Error::<T>::FixedTerms);
		market.terms = terms;
		Self::store_market(id, market);
		Self::deposit_event(Event::TermsChanged { market: id, terms });
		Ok(())
	}

	pub(crate) fn do_set_status(id: MarketId, status: MarketStatus) -> DispatchResult {
		let mut market = Self::stored_market(id).ok_or(Error::<T>::UnknownMarket)?;
		let was_due = market.is_due();
		market.status = status;
		Self::put_market(id, market, was_due);
		Self::deposit_event(Event::StatusChanged { market: id, status });
		Ok(())
	}
}
