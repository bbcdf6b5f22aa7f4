//! A market's book as the chain stores it: in three maps, of levels, of pages and of the index.

use core::{cell::RefCell, marker::PhantomData};
use frame_support::{pallet_prelude::NMapKey, Identity, StorageNMap};
use frame_system::pallet_prelude::BlockNumberFor;
use lx_matching::{Bits, Book, Level, Lots, Node, OrderId, Page, PageId, Side, Tick};
use lx_primitives::{
	trading::{MarketId, TradingId},
	traits::Positions,
};

use crate::{
	drawer::{Dated, Drawer, Found, Visits},
	Config, Index, Levels, Market, Pages, TriggerIndex, TriggerLevels, TriggerPages,
};

/// By what a level is found, or a part of the index: its market, its side, and which one it is.
type OnSide<Key> = (NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, Key>);

/// By what a page is found: its market, its side, its price and its number.
type AtPrice = (
	NMapKey<Identity, MarketId>,
	NMapKey<Identity, Side>,
	NMapKey<Identity, Tick>,
	NMapKey<Identity, PageId>,
);

type LevelOf<T> = Level<TradingId<<T as frame_system::Config>::AccountId>>;
type PageOf<T> = Page<TradingId<<T as frame_system::Config>::AccountId>>;
type Stored<T, Value> = Dated<Value, BlockNumberFor<T>>;

/// The maps that keep the books of one kind.
pub(crate) trait Maps<T: Config> {
	/// The first pages, with what is known of the others.
	type Levels: StorageNMap<
		OnSide<Tick>,
		Stored<T, LevelOf<T>>,
		Query = Option<Stored<T, LevelOf<T>>>,
	>;
	/// The further pages.
	type Pages: StorageNMap<AtPrice, Stored<T, PageOf<T>>, Query = Option<Stored<T, PageOf<T>>>>;
	/// Which prices have a level.
	type Index: StorageNMap<OnSide<u32>, Stored<T, Bits>, Query = Option<Stored<T, Bits>>>;
}

/// Those in which orders rest.
pub(crate) enum OrderMaps {}

impl<T: Config> Maps<T> for OrderMaps {
	type Levels = Levels<T>;
	type Pages = Pages<T>;
	type Index = Index<T>;
}

/// Those in which triggers wait.
pub(crate) enum TriggerMaps {}

impl<T: Config> Maps<T> for TriggerMaps {
	type Levels = TriggerLevels<T>;
	type Pages = TriggerPages<T>;
	type Index = TriggerIndex<T>;
}

/// A market that was taken out, with what was read of its book.
///
/// What operations make of it is in the state only once it was [stored](Shelf::store).
pub(crate) struct Shelf<T: Config, M = OrderMaps> {
	pub(crate) id: MarketId,
	pub(crate) market: Market,
	/// How many orders the account that trades may still leave in books.
	pub(crate) room: u32,
	// Whoever only looks at the book reads it too. What is borrowed is never held while the engine
	// looks at something else.
	levels: RefCell<Drawer<(Side, Tick), LevelOf<T>>>,
	pages: RefCell<Drawer<(Side, Tick, PageId), PageOf<T>>>,
	index: RefCell<Drawer<(Side, u32), Bits>>,
	_maps: PhantomData<M>,
}

/// A part of the index as it is stored: the root, and the leaves behind it.
fn number(node: Node) -> u32 {
	match node {
		Node::Root => 0,
		Node::Leaf(leaf) => leaf.saturating_add(1),
	}
}

impl<T: Config, M: Maps<T>> Book for Shelf<T, M> {
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
		self.with_level(side, tick, |level| level.cloned())
	}

	fn put_level(&mut self, side: Side, tick: Tick, level: Level<Self::Owner>) {
		self.levels.get_mut().put((side, tick), Some(level));
	}

	fn drop_level(&mut self, side: Side, tick: Tick) {
		self.levels.get_mut().put((side, tick), None);
	}

	fn with_level<R>(
		&self,
		side: Side,
		tick: Tick,
		look: impl FnOnce(Option<&Level<Self::Owner>>) -> R,
	) -> R {
		let read = || found::<T, _>(M::Levels::get((self.id, side, tick)));
		look(self.levels.borrow_mut().get(&(side, tick), read))
	}

	fn take_page(&mut self, side: Side, tick: Tick, page: PageId) -> Option<Page<Self::Owner>> {
		self.with_page(side, tick, page, |content| content.cloned())
	}

	fn put_page(&mut self, side: Side, tick: Tick, page: PageId, content: Page<Self::Owner>) {
		self.pages.get_mut().put((side, tick, page), Some(content));
	}

	fn drop_page(&mut self, side: Side, tick: Tick, page: PageId) {
		self.pages.get_mut().put((side, tick, page), None);
	}

	fn with_page<R>(
		&self,
		side: Side,
		tick: Tick,
		page: PageId,
		look: impl FnOnce(Option<&Page<Self::Owner>>) -> R,
	) -> R {
		let read = || found::<T, _>(M::Pages::get((self.id, side, tick, page)));
		look(self.pages.borrow_mut().get(&(side, tick, page), read))
	}

	fn with_bits<R>(&self, side: Side, node: Node, look: impl FnOnce(&Bits) -> R) -> R {
		let part = number(node);
		let read = || found::<T, _>(M::Index::get((self.id, side, part)));
		match self.index.borrow_mut().get(&(side, part), read) {
			Some(bits) => look(bits),
			None => look(&Bits::default()),
		}
	}

	fn change_bits<R>(&mut self, side: Side, node: Node, change: impl FnOnce(&mut Bits) -> R) -> R {
		let mut bits = self.with_bits(side, node, Bits::clone);
		let done = change(&mut bits);
		let bits = (!bits.is_empty()).then_some(bits);
		self.index.get_mut().put((side, number(node)), bits);
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

/// What is stored, as seen in this block.
fn found<T: Config, Value>(stored: Option<Stored<T, Value>>) -> Found<Value> {
	Found::dated(stored, this_block::<T>())
}

fn this_block<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number()
}

impl<T: Config, M> Shelf<T, M> {
	/// A market that was taken out. Whoever places an order says how many more may rest.
	pub(crate) fn new(id: MarketId, market: Market) -> Self {
		let (levels, pages, index) = Default::default();
		Self { id, market, room: 0, levels, pages, index, _maps: PhantomData }
	}

	/// The operation at hand has done its work.
	pub(crate) fn keep(&mut self) {
		self.levels.get_mut().keep();
		self.pages.get_mut().keep();
		self.index.get_mut().keep();
	}

	/// The operation at hand has failed: the market is as it was before, and so is the book.
	pub(crate) fn undo(&mut self, market: Market) {
		self.market = market;
		self.levels.get_mut().undo();
		self.pages.get_mut().undo();
		self.index.get_mut().undo();
	}

	/// What the book costs the state.
	pub(crate) fn visits(&self) -> Visits {
		let (levels, pages) = (self.levels.borrow().visits(), self.pages.borrow().visits());
		levels.and(pages).and(self.index.borrow().visits())
	}
}

impl<T: Config, M: Maps<T>> Shelf<T, M> {
	/// Stores what was kept of the book.
	pub(crate) fn store(&mut self) {
		let id = self.id;
		let changed_in = this_block::<T>();
		for ((side, tick), level) in self.levels.get_mut().take_changes() {
			M::Levels::set((id, side, tick), level.map(|value| Dated { changed_in, value }));
		}
		for ((side, tick, page), content) in self.pages.get_mut().take_changes() {
			let content = content.map(|value| Dated { changed_in, value });
			M::Pages::set((id, side, tick, page), content);
		}
		for ((side, part), bits) in self.index.get_mut().take_changes() {
			M::Index::set((id, side, part), bits.map(|value| Dated { changed_in, value }));
		}
	}
}
