//! The prices at which there are orders, and the best of them.

use crate::{
	bits,
	book::{Book, Node},
	Side, Tick,
};

/// Adds a price at which there was no order.
pub(crate) fn insert<B: Book>(book: &mut B, side: Side, tick: Tick) {
	let (leaf, place) = split(tick);
	let was_empty = book.change_bits(side, Node::Leaf(leaf), |bits| {
		let was_empty = bits.is_empty();
		bits.insert(place);
		was_empty
	});
	if was_empty {
		book.change_bits(side, Node::Root, |bits| bits.insert(leaf));
	}
	if book.best(side).is_none_or(|best| is_better(side, tick, best)) {
		book.set_best(side, Some(tick));
	}
}

/// Takes out a price at which there is no order any more.
pub(crate) fn remove<B: Book>(book: &mut B, side: Side, tick: Tick) {
	let (leaf, place) = split(tick);
	let is_empty = book.change_bits(side, Node::Leaf(leaf), |bits| {
		bits.remove(place);
		bits.is_empty()
	});
	if is_empty {
		book.change_bits(side, Node::Root, |bits| bits.remove(leaf));
	}
	if book.best(side) == Some(tick) {
		let next = worse(book, side, tick);
		book.set_best(side, next);
	}
}

/// The best price that is worse than `tick`.
pub(crate) fn worse<B: Book>(book: &B, side: Side, tick: Tick) -> Option<Tick> {
	let (leaf, place) = split(tick);
	let near = book.with_bits(side, Node::Leaf(leaf), |bits| match side {
		Side::Bid => bits.before(place),
		Side::Ask => bits.after(place),
	});
	if let Some(place) = near {
		return Some(join(leaf, place));
	}
	let leaf = book.with_bits(side, Node::Root, |bits| match side {
		Side::Bid => bits.before(leaf),
		Side::Ask => bits.after(leaf),
	})?;
	let place = book.with_bits(side, Node::Leaf(leaf), |bits| match side {
		Side::Bid => bits.last(),
		Side::Ask => bits.first(),
	})?;
	Some(join(leaf, place))
}

fn is_better(side: Side, tick: Tick, best: Tick) -> bool {
	match side {
		Side::Bid => tick > best,
		Side::Ask => tick < best,
	}
}

fn split(tick: Tick) -> (u32, u32) {
	(tick / bits::SIZE, tick % bits::SIZE)
}

pub(crate) fn join(leaf: u32, place: u32) -> Tick {
	leaf.saturating_mul(bits::SIZE).saturating_add(place)
}
