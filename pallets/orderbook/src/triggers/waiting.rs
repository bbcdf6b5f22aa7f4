//! Where triggers wait: in a book of their own, in which none ever trades.
//!
//! The engine that keeps the queues and the index of orders keeps those of triggers. There are two books
//! of one side each, since what waits for a fall may well be above what waits for a rise. Those whose
//! orders have begun are in neither's way: they stand at [`super::BEGUN`].

use lx_matching::{
	cancel, place, Book, CancelReason, Context, NewOrder, Place, Resting, SelfTrade, Side, Tick,
	TimeInForce,
};
use lx_primitives::trading::{MarketId, TradingId};

use super::{has_begun, Watch};
use crate::{shelf::TriggerMaps, Config, Error, Market, Shelf, Terms};

/// The triggers of a market that wait for one direction.
pub(crate) struct Waiting<T: Config> {
	side: Side,
	/// The market as if they were all its orders. None of them trades, and they need not be worth
	/// anything.
	pub(crate) book: Shelf<T, TriggerMaps>,
}

impl<T: Config> Waiting<T> {
	/// Those of a side: a bid waits for the price to fall, an ask for it to rise.
	pub(crate) fn new(id: MarketId, side: Side, market: Market) -> Self {
		let last_id = market.watch.last_id;
		// Nothing is on the other side that one could trade with.
		let terms = Terms { min_notional: 0, ..market.terms };
		let empty = Market { terms, best_bid: None, best_ask: None, last_id, ..market };
		let mut book = Shelf::<T, TriggerMaps>::new(id, empty);
		book.set_best(side, market.watch.flank(side).first);
		// Who may have one more is decided by the account's list.
		book.room = 1;
		Self { side, book }
	}

	/// Stores these: what the market knows of its triggers now.
	pub(crate) fn store(mut self) -> Watch {
		self.book.keep();
		self.book.store();
		let Market { mut watch, last_id, .. } = self.book.market;
		watch.last_id = last_id;
		watch.flank_mut(self.side).first = self.book.best(self.side);
		watch
	}

	/// Adds a trigger, the last at a price: where it is.
	pub(crate) fn add(
		&mut self,
		tick: Tick,
		owner: TradingId<T::AccountId>,
	) -> Result<Place, Error<T>> {
		let order = NewOrder {
			owner,
			side: self.side,
			tick,
			lots: 1,
			time_in_force: TimeInForce::GoodTilCancelled,
			self_trade: SelfTrade::CancelTaker,
			reduce_only: false,
		};
		let context = Context { now: 0, max_matches: None };
		let placed = place(&mut self.book, order, context, &mut |_| Ok::<(), Error<T>>(()))?;
		let place = placed.rested.ok_or(Error::<T>::Corrupt)?;
		if has_begun(place) {
			let begun = &mut self.book.market.watch.begun;
			*begun = begun.checked_add(1).ok_or(Error::<T>::Overflow)?;
		}
		Ok(place)
	}

	/// Takes a trigger out.
	pub(crate) fn remove(&mut self, place: Place) -> Result<(), Error<T>> {
		cancel(&mut self.book, place, CancelReason::Requested, &mut |_| Ok::<(), Error<T>>(()))?;
		if has_begun(place) {
			let begun = &mut self.book.market.watch.begun;
			*begun = begun.checked_sub(1).ok_or(Error::<T>::Corrupt)?;
		}
		Ok(())
	}

	/// The one that has waited longest at a price.
	pub(crate) fn first(&self, tick: Tick) -> Option<Resting<TradingId<T::AccountId>>> {
		self.book.with_level(self.side, tick, |level| level?.orders.first().cloned())
	}
}
