//! What the chain itself does in a market.

use frame_support::{pallet_prelude::Weight, storage::with_storage_layer};
use lx_matching::{Side, Tick, TimeInForce};
use lx_primitives::{
	trading::{Bought, MarketId, Purchase, TradingId},
	traits::{Clearing, Exchange},
	AssetId, Balance,
};
use sp_runtime::DispatchError;

use crate::{session::Session, trade::Party, work::Work, Config, Error, OrderRequest, Pallet};

impl<T: Config> Exchange<T::AccountId> for Pallet<T> {
	fn last_price(market: MarketId) -> Option<Tick> {
		Self::stored_market(market)?.last
	}

	fn best_ask(market: MarketId) -> Option<Tick> {
		Self::stored_market(market)?.best_ask
	}

	fn buy(
		buyer: &T::AccountId,
		market: MarketId,
		purchase: Purchase,
	) -> Result<Bought, DispatchError> {
		with_storage_layer(|| Self::do_buy(buyer, market, purchase))
	}

	fn buy_weight(matches: u32) -> Weight {
		// Both assets leave the account again.
		let given_back = T::Clearing::give_back_weight().saturating_mul(2);
		Work::most_to_place(matches).weight::<T>().saturating_add(given_back)
	}
}

impl<T: Config> Pallet<T> {
	/// Places an order as its buyer would, and empties his account after it. His account 0 is for that
	/// alone: what is free there is what was bought, and what was brought and not spent.
	fn do_buy(
		buyer: &T::AccountId,
		market: MarketId,
		Purchase { budget, worst, max_matches }: Purchase,
	) -> Result<Bought, DispatchError> {
		let account = TradingId { owner: buyer.clone(), sub: 0 };
		let mut session = Session::<T>::open(buyer, account, market)?;
		let terms = session.shelf.market.terms;
		let lots = terms.affordable(worst, budget);
		let cost = terms.notional(worst, lots).ok_or(Error::<T>::Overflow)?;
		// All that it may cost comes before, so that what is left tells what was spent.
		session.need(terms.quote, cost)?;
		let brought = session.free(terms.quote);
		session.place(&OrderRequest {
			time_in_force: TimeInForce::ImmediateOrCancel,
			..OrderRequest::limit(Side::Bid, worst, lots, max_matches)
		})?;
		// What was traded is told before what comes of it leaves the account.
		session.keep();
		let bought = session.give_back(terms.base)?;
		let left = session.give_back(terms.quote)?;
		let spent = brought.checked_sub(left).ok_or(Error::<T>::Corrupt)?;
		let matches = session.work.matches;
		session.close().map_err(|failed| failed.error)?;
		Ok(Bought { spent, bought, matches })
	}
}

impl<T: Config> Session<T> {
	/// What is free of an asset in the account.
	fn free(&self, asset: AssetId) -> Balance {
		self.account().holding(asset).free
	}

	/// Takes all that is free of an asset back to the owner's wallet: how much.
	fn give_back(&mut self, asset: AssetId) -> Result<Balance, DispatchError> {
		let free = self.free(asset);
		if free > 0 {
			let Party { id, account } = &mut self.trade.taker;
			T::Clearing::give_back(id, account, asset, free)?;
		}
		Ok(free)
	}
}
