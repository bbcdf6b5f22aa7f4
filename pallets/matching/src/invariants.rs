//! What must be true of a book.

use alloc::vec::Vec;

use crate::{
	book::{Book, Level, Node},
	index, Bits, Lots, Resting, Side, Tick, TICKS,
};

/// A level that was checked: its price and its orders, the oldest first.
pub type Checked<Owner> = (Tick, Vec<Resting<Owner>>);

/// Checks a whole book, and gives the levels of its bids and of its asks, the best first.
///
/// That is: bids are below asks; the index has exactly the prices with orders; each level's sum and
/// count are those of its orders; its pages are linked both ways, and none of them is empty.
#[allow(clippy::type_complexity)]
pub fn check<B: Book>(
	book: &B,
) -> Result<(Vec<Checked<B::Owner>>, Vec<Checked<B::Owner>>), &'static str> {
	let (bids, asks) = (check_side(book, Side::Bid)?, check_side(book, Side::Ask)?);
	if let (Some((bid, _)), Some((ask, _))) = (bids.first(), asks.first()) {
		ensure(bid < ask, "the book is crossed")?;
	}
	Ok((bids, asks))
}

/// Checks one side of a book by itself, and gives its levels, the best first.
pub fn check_side<B: Book>(book: &B, side: Side) -> Result<Vec<Checked<B::Owner>>, &'static str> {
	let mut levels = Vec::new();
	let mut next = book.best(side);
	ensure(next == extreme(book, side), "the best price is not the best one of the index")?;
	while let Some(tick) = next {
		ensure(tick < TICKS, "a price is out of range")?;
		levels.push((tick, orders(book, side, tick)?));
		next = index::worse(book, side, tick);
	}
	Ok(levels)
}

/// The best price by the index alone.
fn extreme<B: Book>(book: &B, side: Side) -> Option<Tick> {
	let end = |bits: &Bits| match side {
		Side::Bid => bits.last(),
		Side::Ask => bits.first(),
	};
	let leaf = book.with_bits(side, Node::Root, end)?;
	let place = book.with_bits(side, Node::Leaf(leaf), end)?;
	Some(index::join(leaf, place))
}

fn orders<B: Book>(
	book: &B,
	side: Side,
	tick: Tick,
) -> Result<Vec<Resting<B::Owner>>, &'static str> {
	let level = book.with_level(side, tick, |level| level.cloned());
	let level: Level<_> = level.ok_or("the index has a price without a level")?;
	let mut orders = level.orders.to_vec();
	ensure(!orders.is_empty(), "a level's first page is empty")?;
	let (mut page, mut next) = (level.front, level.next);
	while page != level.back {
		let content = book.with_page(side, tick, next, |content| content.cloned());
		let content = content.ok_or("a page is missing")?;
		ensure(!content.orders.is_empty(), "a page is empty")?;
		ensure(content.previous == page, "a page does not know the one before")?;
		orders.extend(content.orders);
		(page, next) = (next, content.next);
	}
	let lots = orders.iter().try_fold(0, |sum: Lots, order| sum.checked_add(order.lots));
	ensure(lots == Some(level.lots), "a level's sum is not that of its orders")?;
	ensure(orders.len() == level.count as usize, "a level's count is not that of its orders")?;
	ensure(orders.iter().all(|order| order.lots > 0), "an order is for nothing")?;
	Ok(orders)
}

fn ensure(is_so: bool, or: &'static str) -> Result<(), &'static str> {
	if is_so {
		Ok(())
	} else {
		Err(or)
	}
}
