//! A book in memory: for tests, tools and measurements.

use std::{
	boxed::Box,
	collections::{HashMap, VecDeque},
	hash::Hash,
	vec::Vec,
};

use crate::{bits, Bits, Book, Level, Lots, Node, OrderId, Page, PageId, Side, Tick, TICKS};

/// So many neighbouring ticks lie together.
const BLOCK: usize = 64;

/// The pages of a level but the first, by their numbers.
struct Pages<Owner> {
	/// In ascending order. Those that are gone leave holes, but not at the ends.
	slots: VecDeque<(PageId, Option<Page<Owner>>)>,
	holes: usize,
}

impl<Owner> Default for Pages<Owner> {
	fn default() -> Self {
		Self { slots: VecDeque::new(), holes: 0 }
	}
}

impl<Owner> Pages<Owner> {
	fn find(&self, page: PageId) -> Option<usize> {
		let (first, last) = (self.slots.front()?.0, self.slots.back()?.0);
		let index = match page {
			_ if page == last => self.slots.len().checked_sub(1)?,
			_ if page == first => 0,
			_ => self.slots.partition_point(|(id, _)| *id < page),
		};
		self.slots.get(index).filter(|(id, _)| *id == page).map(|_| index)
	}

	fn get(&self, page: PageId) -> Option<&Page<Owner>> {
		self.slots.get(self.find(page)?)?.1.as_ref()
	}

	fn take(&mut self, page: PageId) -> Option<Page<Owner>> {
		let index = self.find(page)?;
		self.slots.get_mut(index)?.1.take()
	}

	fn put(&mut self, page: PageId, content: Page<Owner>) {
		match self.find(page).and_then(|index| self.slots.get_mut(index)) {
			Some(slot) => slot.1 = Some(content),
			// A new page is the last one.
			None => self.slots.push_back((page, Some(content))),
		}
	}

	/// Forgets a page that was taken. Whatever was taken and not dropped is put back at once, so at
	/// the ends only dropped pages are missing.
	fn drop(&mut self, page: PageId) {
		if self.find(page).is_none() {
			return;
		}
		self.holes = self.holes.saturating_add(1);
		while self.slots.front().is_some_and(|(_, content)| content.is_none()) {
			self.slots.pop_front();
			self.holes = self.holes.saturating_sub(1);
		}
		while self.slots.back().is_some_and(|(_, content)| content.is_none()) {
			self.slots.pop_back();
			self.holes = self.holes.saturating_sub(1);
		}
		if self.holes > self.slots.len() / 2 {
			self.slots.retain(|(_, content)| content.is_some());
			self.holes = 0;
		}
	}
}

/// A price: its level and the level's pages.
struct Slot<Owner> {
	level: Option<Level<Owner>>,
	pages: Pages<Owner>,
}

impl<Owner> Default for Slot<Owner> {
	fn default() -> Self {
		Self { level: None, pages: Pages::default() }
	}
}

/// Neighbouring prices, and a bit for each that has a level.
struct Block<Owner> {
	slots: [Slot<Owner>; BLOCK],
	used: u64,
}

impl<Owner> Default for Block<Owner> {
	fn default() -> Self {
		Self { slots: core::array::from_fn(|_| Slot::default()), used: 0 }
	}
}

/// One side of a book.
struct Half<Owner> {
	best: Option<Tick>,
	blocks: Vec<Option<Box<Block<Owner>>>>,
	root: Bits,
	leaves: Vec<Option<Box<Bits>>>,
}

impl<Owner> Default for Half<Owner> {
	fn default() -> Self {
		let blocks = core::iter::repeat_with(|| None).take(TICKS as usize / BLOCK).collect();
		let leaves = core::iter::repeat_with(|| None).take(bits::SIZE as usize).collect();
		Self { best: None, blocks, root: Bits::default(), leaves }
	}
}

impl<Owner> Half<Owner> {
	fn slot(&self, tick: Tick) -> Option<&Slot<Owner>> {
		let tick = tick as usize;
		self.blocks.get(tick / BLOCK)?.as_ref()?.slots.get(tick % BLOCK)
	}

	fn slot_mut(&mut self, tick: Tick) -> Option<&mut Slot<Owner>> {
		let tick = tick as usize;
		self.blocks.get_mut(tick / BLOCK)?.as_mut()?.slots.get_mut(tick % BLOCK)
	}

	fn leaf_mut(&mut self, leaf: u32) -> Option<&mut Option<Box<Bits>>> {
		self.leaves.get_mut(leaf as usize)
	}
}

/// A book in memory. What it holds grows and shrinks with its orders.
pub struct Memory<Owner> {
	bids: Half<Owner>,
	asks: Half<Owner>,
	last_id: OrderId,
	/// How many orders each owner has in the book, where that is limited.
	pub(crate) orders: HashMap<Owner, u32>,
	/// How many an owner may have; `None` for any number.
	pub max_orders: Option<u32>,
	/// What reduce-only orders of an owner would reduce, by their side.
	pub reducible: HashMap<(Owner, Side), Lots>,
	/// Whether two owners are one party: each is one by itself at first.
	pub same_party: fn(&Owner, &Owner) -> bool,
	/// The least, in ticks times lots, that stays of an order that met one of its own party.
	pub min_notional: u128,
}

impl<Owner: Copy + Eq + Hash> Default for Memory<Owner> {
	fn default() -> Self {
		Self {
			bids: Half::default(),
			asks: Half::default(),
			last_id: 0,
			orders: HashMap::new(),
			max_orders: None,
			reducible: HashMap::new(),
			same_party: |one, other| one == other,
			min_notional: 0,
		}
	}
}

impl<Owner> Memory<Owner> {
	fn half(&self, side: Side) -> &Half<Owner> {
		match side {
			Side::Bid => &self.bids,
			Side::Ask => &self.asks,
		}
	}

	fn half_mut(&mut self, side: Side) -> &mut Half<Owner> {
		match side {
			Side::Bid => &mut self.bids,
			Side::Ask => &mut self.asks,
		}
	}

	/// How many levels it stores, and how many pages beside them.
	pub fn parts(&self) -> (usize, usize) {
		let blocks = self.bids.blocks.iter().chain(&self.asks.blocks).flatten();
		let slots = blocks.flat_map(|block| &block.slots);
		slots.fold((0, 0), |(levels, pages), slot| {
			let more = slot.pages.slots.iter().filter(|(_, content)| content.is_some()).count();
			(levels + usize::from(slot.level.is_some()), pages + more)
		})
	}
}

impl<Owner: Copy + Eq + Hash> Book for Memory<Owner> {
	type Owner = Owner;

	fn best(&self, side: Side) -> Option<Tick> {
		self.half(side).best
	}

	fn set_best(&mut self, side: Side, best: Option<Tick>) {
		self.half_mut(side).best = best;
	}

	fn next_id(&mut self) -> OrderId {
		self.last_id = self.last_id.saturating_add(1);
		self.last_id
	}

	fn take_level(&mut self, side: Side, tick: Tick) -> Option<Level<Owner>> {
		self.half_mut(side).slot_mut(tick)?.level.take()
	}

	fn put_level(&mut self, side: Side, tick: Tick, level: Level<Owner>) {
		let index = tick as usize;
		if let Some(block) = self.half_mut(side).blocks.get_mut(index / BLOCK) {
			let block = block.get_or_insert_with(Box::default);
			block.used |= 1 << (index % BLOCK);
			if let Some(slot) = block.slots.get_mut(index % BLOCK) {
				slot.level = Some(level);
			}
		}
	}

	fn drop_level(&mut self, side: Side, tick: Tick) {
		let index = tick as usize;
		if let Some(place) = self.half_mut(side).blocks.get_mut(index / BLOCK) {
			let Some(block) = place else { return };
			block.used &= !(1 << (index % BLOCK));
			if block.used == 0 {
				*place = None;
			}
		}
	}

	fn with_level<R>(
		&self,
		side: Side,
		tick: Tick,
		look: impl FnOnce(Option<&Level<Owner>>) -> R,
	) -> R {
		look(self.half(side).slot(tick).and_then(|slot| slot.level.as_ref()))
	}

	fn take_page(&mut self, side: Side, tick: Tick, page: PageId) -> Option<Page<Owner>> {
		self.half_mut(side).slot_mut(tick)?.pages.take(page)
	}

	fn put_page(&mut self, side: Side, tick: Tick, page: PageId, content: Page<Owner>) {
		if let Some(slot) = self.half_mut(side).slot_mut(tick) {
			slot.pages.put(page, content);
		}
	}

	fn drop_page(&mut self, side: Side, tick: Tick, page: PageId) {
		if let Some(slot) = self.half_mut(side).slot_mut(tick) {
			slot.pages.drop(page);
		}
	}

	fn with_page<R>(
		&self,
		side: Side,
		tick: Tick,
		page: PageId,
		look: impl FnOnce(Option<&Page<Owner>>) -> R,
	) -> R {
		look(self.half(side).slot(tick).and_then(|slot| slot.pages.get(page)))
	}

	fn with_bits<R>(&self, side: Side, node: Node, look: impl FnOnce(&Bits) -> R) -> R {
		let half = self.half(side);
		match node {
			Node::Root => look(&half.root),
			Node::Leaf(leaf) => match half.leaves.get(leaf as usize) {
				Some(Some(bits)) => look(bits),
				_ => look(&Bits::default()),
			},
		}
	}

	fn change_bits<R>(&mut self, side: Side, node: Node, change: impl FnOnce(&mut Bits) -> R) -> R {
		let half = self.half_mut(side);
		let Node::Leaf(leaf) = node else { return change(&mut half.root) };
		let Some(bits) = half.leaf_mut(leaf) else { return change(&mut Bits::default()) };
		let content = bits.get_or_insert_with(Box::default);
		let done = change(content);
		if content.is_empty() {
			*bits = None;
		}
		done
	}

	fn is_same_party(&self, one: &Owner, other: &Owner) -> bool {
		(self.same_party)(one, other)
	}

	fn is_enough(&self, tick: Tick, lots: Lots) -> bool {
		u128::from(tick).saturating_mul(lots.into()) >= self.min_notional
	}

	fn has_room(&self, owner: &Owner) -> bool {
		self.max_orders.is_none_or(|most| self.orders.get(owner).is_none_or(|count| *count < most))
	}

	fn reducible(&self, owner: &Owner, side: Side) -> Lots {
		self.reducible.get(&(*owner, side)).copied().unwrap_or_default()
	}
}

/// Every leaf of the index has a place in its root.
const _: () = assert!(TICKS == bits::SIZE * bits::SIZE);
