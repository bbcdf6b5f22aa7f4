//! Where triggers wait: in a book of their own, in which none ever trades.
//!
//! The engine that keeps the queues and the index of orders keeps those of triggers. There are two books
//! of one side each, since what waits for a fall may well be above what waits for a rise.

use core::marker::PhantomData;
use lx_matching::{
	cancel, place, Bits, Book, CancelReason, Context, Level, Lots, NewOrder, Node, OrderId, Page,
	PageId, Place, Resting, SelfTrade, Side, Tick, TimeInForce,
};
use lx_primitives::trading::{MarketId, TradingId};

use super::Watch;
use crate::{shelf::number, Config, Error, TriggerIndex, TriggerLevels, TriggerPages};

/// The triggers of a market that wait for one direction.
pub(crate) struct Waiting<T: Config> {
	market: MarketId,
	side: Side,
	pub(crate) watch: Watch,
	_config: PhantomData<T>,
}

impl<T: Config> Waiting<T> {
	/// Those of a side: a bid waits for the price to fall, an ask for it to rise.
	pub(crate) fn new(market: MarketId, side: Side, watch: Watch) -> Self {
		Self { market, side, watch, _config: PhantomData }
	}

	/// Adds a trigger, the last at its price: where it is.
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
		let placed = place(self, order, context, &mut |_| Ok::<(), Error<T>>(()))?;
		placed.rested.ok_or(Error::<T>::Corrupt)
	}

	/// Takes a trigger out.
	pub(crate) fn remove(&mut self, place: Place) -> Result<(), Error<T>> {
		cancel(self, place, CancelReason::Requested, &mut |_| Ok::<(), Error<T>>(()))?;
		self.watch.tidy(self.side);
		Ok(())
	}

	/// The one that has waited longest at a price.
	pub(crate) fn first(&self, tick: Tick) -> Option<Resting<TradingId<T::AccountId>>> {
		self.with_level(self.side, tick, |level| level?.orders.first().cloned())
	}
}

impl<T: Config> Book for Waiting<T> {
	type Owner = TradingId<T::AccountId>;

	fn best(&self, side: Side) -> Option<Tick> {
		// Nothing is on the other side that one could trade with.
		if side == self.side {
			self.watch.flank(side).first
		} else {
			None
		}
	}

	fn set_best(&mut self, side: Side, best: Option<Tick>) {
		self.watch.flank_mut(side).first = best;
	}

	fn next_id(&mut self) -> OrderId {
		self.watch.last_id = self.watch.last_id.saturating_add(1);
		self.watch.last_id
	}

	fn take_level(&mut self, side: Side, tick: Tick) -> Option<Level<Self::Owner>> {
		TriggerLevels::<T>::get((self.market, side, tick))
	}

	fn put_level(&mut self, side: Side, tick: Tick, level: Level<Self::Owner>) {
		TriggerLevels::<T>::insert((self.market, side, tick), level);
	}

	fn drop_level(&mut self, side: Side, tick: Tick) {
		TriggerLevels::<T>::remove((self.market, side, tick));
	}

	fn with_level<R>(
		&self,
		side: Side,
		tick: Tick,
		look: impl FnOnce(Option<&Level<Self::Owner>>) -> R,
	) -> R {
		look(TriggerLevels::<T>::get((self.market, side, tick)).as_ref())
	}

	fn take_page(&mut self, side: Side, tick: Tick, page: PageId) -> Option<Page<Self::Owner>> {
		TriggerPages::<T>::get((self.market, side, tick, page))
	}

	fn put_page(&mut self, side: Side, tick: Tick, page: PageId, content: Page<Self::Owner>) {
		TriggerPages::<T>::insert((self.market, side, tick, page), content);
	}

	fn drop_page(&mut self, side: Side, tick: Tick, page: PageId) {
		TriggerPages::<T>::remove((self.market, side, tick, page));
	}

	fn with_page<R>(
		&self,
		side: Side,
		tick: Tick,
		page: PageId,
		look: impl FnOnce(Option<&Page<Self::Owner>>) -> R,
	) -> R {
		look(TriggerPages::<T>::get((self.market, side, tick, page)).as_ref())
	}

	fn with_bits<R>(&self, side: Side, node: Node, look: impl FnOnce(&Bits) -> R) -> R {
		if side == self.side {
			look(&TriggerIndex::<T>::get((self.market, side, number(node))))
		} else {
			look(&Bits::default())
		}
	}

	fn change_bits<R>(&mut self, side: Side, node: Node, change: impl FnOnce(&mut Bits) -> R) -> R {
		let key = (self.market, side, number(node));
		let mut bits = TriggerIndex::<T>::get(key);
		let done = change(&mut bits);
		if bits.is_empty() {
			TriggerIndex::<T>::remove(key);
		} else {
			TriggerIndex::<T>::insert(key, bits);
		}
		done
	}

	fn is_same_party(&self, one: &Self::Owner, other: &Self::Owner) -> bool {
		one == other
	}

	fn is_enough(&self, _: Tick, _: Lots) -> bool {
		// None of them is worth anything.
		true
	}

	fn has_room(&self, _: &Self::Owner) -> bool {
		// Who may have one more is decided by the account's list.
		true
	}

	fn reducible(&self, _: &Self::Owner, _: Side) -> Lots {
		// No trigger reduces anything; its order may.
		0
	}
}
