//! What the engine needs of whoever stores the book.

use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{bits::Bits, Lots, OrderId, PageId, Resting, Side, Tick};

/// The most orders that one page holds.
pub const PAGE_SIZE: u32 = 16;

/// Orders in the sequence in which they are filled.
pub type Orders<Owner> = BoundedVec<Resting<Owner>, ConstU32<PAGE_SIZE>>;

/// All orders of a side at one price: their sum, and the first page of their queue.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Level<Owner> {
	/// The sum of all orders.
	pub lots: Lots,
	/// How many there are.
	pub count: u32,
	/// The number of the first page, which is here.
	pub front: PageId,
	/// The number of the page after that, if it is not the last.
	pub next: PageId,
	/// The number of the last page.
	pub back: PageId,
	/// The orders of the first page. It is never empty.
	pub orders: Orders<Owner>,
}

/// A further page of a level's queue.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Page<Owner> {
	/// The number of the page before.
	pub previous: PageId,
	/// The number of the page after it, if it is not the last.
	pub next: PageId,
	/// Its orders. It is never empty.
	pub orders: Orders<Owner>,
}

/// A part of the index of the prices at which there are orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
	/// Which leaves are not empty.
	Root,
	/// Which of 4,096 neighbouring ticks have a level.
	Leaf(u32),
}

/// A market's book as it is stored.
///
/// The engine holds what it takes until it puts it back or drops it, and takes each thing once
/// meanwhile. After an error, what it has done must be undone by whoever called it.
pub trait Book {
	/// Whose orders there are.
	type Owner: Clone + Eq;

	/// The best price of a side.
	fn best(&self, side: Side) -> Option<Tick>;

	/// Changes the best price of a side.
	fn set_best(&mut self, side: Side, best: Option<Tick>);

	/// The id of the next order.
	fn next_id(&mut self) -> OrderId;

	/// Takes a level out, to change it.
	fn take_level(&mut self, side: Side, tick: Tick) -> Option<Level<Self::Owner>>;

	/// Puts a level back, or a new one in.
	fn put_level(&mut self, side: Side, tick: Tick, level: Level<Self::Owner>);

	/// Forgets a level that was taken.
	fn drop_level(&mut self, side: Side, tick: Tick);

	/// Looks at a level.
	fn with_level<R>(
		&self,
		side: Side,
		tick: Tick,
		look: impl FnOnce(Option<&Level<Self::Owner>>) -> R,
	) -> R;

	/// Takes a page out, to change it.
	fn take_page(&mut self, side: Side, tick: Tick, page: PageId) -> Option<Page<Self::Owner>>;

	/// Puts a page back, or a new one in.
	fn put_page(&mut self, side: Side, tick: Tick, page: PageId, content: Page<Self::Owner>);

	/// Forgets a page that was taken.
	fn drop_page(&mut self, side: Side, tick: Tick, page: PageId);

	/// Looks at a page.
	fn with_page<R>(
		&self,
		side: Side,
		tick: Tick,
		page: PageId,
		look: impl FnOnce(Option<&Page<Self::Owner>>) -> R,
	) -> R;

	/// Looks at a part of the index of a side.
	fn with_bits<R>(&self, side: Side, node: Node, look: impl FnOnce(&Bits) -> R) -> R;

	/// Changes a part of the index of a side.
	fn change_bits<R>(&mut self, side: Side, node: Node, change: impl FnOnce(&mut Bits) -> R) -> R;

	/// Whether both are one party, which does not trade with itself.
	fn is_same_party(&self, one: &Self::Owner, other: &Self::Owner) -> bool;

	/// Whether so much at a price is worth a place in the book. It is asked of what an order has left
	/// that has not traded, or that met one of its own party: that cost nothing, and could leave any
	/// number of small ones.
	fn is_enough(&self, tick: Tick, lots: Lots) -> bool;

	/// Whether `owner` may have one more order in the book.
	fn has_room(&self, owner: &Self::Owner) -> bool;

	/// How much of a reduce-only order of `owner` on this side would reduce what he holds.
	fn reducible(&self, owner: &Self::Owner, side: Side) -> Lots;
}

impl<Owner> Level<Owner> {
	/// A level with one order.
	pub(crate) fn new(order: Resting<Owner>) -> Self {
		let lots = order.lots;
		let orders = one(order);
		Self { lots, count: 1, front: 0, next: 0, back: 0, orders }
	}
}

/// A page with one order.
pub(crate) fn one<Owner>(order: Resting<Owner>) -> Orders<Owner> {
	BoundedVec::truncate_from(Vec::from([order]))
}
