//! A market's book as the chain stores it.

use lx_matching::{Bits, Book, Level, Lots, Node, OrderId, Page, PageId, Side, Tick};
use lx_primitives::{
	trading::{MarketId, TradingId},
	traits::Positions,
};

use crate::{Config, Index, Levels, Market, Pages};

/// A market that was taken out, whose book is changed in storage.
pub(crate) struct Shelf<T: Config> {
	pub(crate) id: MarketId,
	pub(crate) market: Market,
	/// How many orders the account that trades may still leave in books.
	pub(crate) room: u32,
	pub(crate) _config: core::marker::PhantomData<T>,
}

/// A part of the index as it is stored: the root, and the leaves behind it.
pub(crate) fn number(node: Node) -> u32 {
	match node {
		Node::Root => 0,
		Node::Leaf(leaf) => leaf.saturating_add(1),
	}
}

impl<T: Config> Book for Shelf<T> {
	type Owner = TradingId<T::AccountId>;

	fn best(&self, side: Side) -> Option<Tick> {
		match side {
			Side::Bid => self.market.best_bid,
			Side::Ask => self.market.best_ask,
		}
	}

	fn set_best(&mut self, side: Side, best: Option<Tick>) {
		match side {
			Side::Bid => self.market.best_bid = best,
			Side::Ask => self.market.best_ask = best,
		}
	}

	fn next_id(&mut self) -> OrderId {
		// As many orders as there can be blocks, by far.
		self.market.last_id = self.market.last_id.saturating_add(1);
		self.market.last_id
	}

	fn take_level(&mut self, side: Side, tick: Tick) -> Option<Level<Self::Owner>> {
		Levels::<T>::get((self.id, side, tick))
	}

	fn put_level(&mut self, side: Side, tick: Tick, level: Level<Self::Owner>) {
		Levels::<T>::insert((self.id, side, tick), level);
	}

	fn drop_level(&mut self, side: Side, tick: Tick) {
		Levels::<T>::remove((self.id, side, tick));
	}

	fn with_level<R>(
		&self,
		side: Side,
		tick: Tick,
		look: impl FnOnce(Option<&Level<Self::Owner>>) -> R,
	) -> R {
		look(Levels::<T>::get((self.id, side, tick)).as_ref())
	}

	fn take_page(&mut self, side: Side, tick: Tick, page: PageId) -> Option<Page<Self::Owner>> {
		Pages::<T>::get((self.id, side, tick, page))
	}

	fn put_page(&mut self, side: Side, tick: Tick, page: PageId, content: Page<Self::Owner>) {
		Pages::<T>::insert((self.id, side, tick, page), content);
	}

	fn drop_page(&mut self, side: Side, tick: Tick, page: PageId) {
		Pages::<T>::remove((self.id, side, tick, page));
	}

	fn with_page<R>(
		&self,
		side: Side,
		tick: Tick,
		page: PageId,
		look: impl FnOnce(Option<&Page<Self::Owner>>) -> R,
	) -> R {
		look(Pages::<T>::get((self.id, side, tick, page)).as_ref())
	}

	fn with_bits<R>(&self, side: Side, node: Node, look: impl FnOnce(&Bits) -> R) -> R {
		look(&Index::<T>::get((self.id, side, number(node))))
	}

	fn change_bits<R>(&mut self, side: Side, node: Node, change: impl FnOnce(&mut Bits) -> R) -> R {
		let key = (self.id, side, number(node));
		let mut bits = Index::<T>::get(key);
		let done = change(&mut bits);
		if bits.is_empty() {
			Index::<T>::remove(key);
		} else {
			Index::<T>::insert(key, bits);
		}
		done
	}

	fn is_same_party(&self, one: &Self::Owner, other: &Self::Owner) -> bool {
		// Whichever of his accounts they are.
		one.owner == other.owner
	}

	fn is_enough(&self, tick: Tick, lots: Lots) -> bool {
		let terms = &self.market.terms;
		terms.notional(tick, lots).is_some_and(|notional| notional >= terms.min_notional)
	}

	fn has_room(&self, _: &Self::Owner) -> bool {
		self.room > 0
	}

	fn reducible(&self, owner: &Self::Owner, side: Side) -> Lots {
		T::Positions::reducible(owner, self.id, side)
	}
}

impl<T: Config> Shelf<T> {
	/// A market that was taken out. Whoever places an order says how many more may rest.
	pub(crate) fn new(id: MarketId, market: Market) -> Self {
		Self { id, market, room: 0, _config: core::marker::PhantomData }
	}
}
