//! A book that is not as it should be is found out.

use lx_matching::{
	check, desk::Desk, memory::Memory, Book, Context, Level, NewOrder, Node, SelfTrade, Side, Tick,
	TimeInForce, PAGE_SIZE,
};

const BID: Tick = 100;

/// Three pages of bids at one price, and a bid and an ask beside them.
fn book() -> Memory<u8> {
	let mut desk = Desk::default();
	let context = Context { now: 0, max_matches: None };
	let mut place = |side, tick| {
		let order = NewOrder {
			owner: 1,
			side,
			tick,
			lots: 2,
			time_in_force: TimeInForce::GoodTilCancelled,
			self_trade: SelfTrade::CancelTaker,
			reduce_only: false,
		};
		desk.place(order, context).unwrap();
	};
	(0..3 * PAGE_SIZE).for_each(|_| place(Side::Bid, BID));
	place(Side::Bid, BID - 1);
	place(Side::Ask, BID + 1);
	desk.book
}

/// What is said of the book after it was changed.
fn after(change: impl FnOnce(&mut Memory<u8>)) -> &'static str {
	let mut book = book();
	check(&book).unwrap();
	change(&mut book);
	check(&book).unwrap_err()
}

fn after_level(change: impl FnOnce(&mut Level<u8>)) -> &'static str {
	after(|book| {
		let mut level = book.take_level(Side::Bid, BID).unwrap();
		change(&mut level);
		book.put_level(Side::Bid, BID, level);
	})
}

#[test]
fn a_wrong_best_price() {
	let problem = "the best price is not the best one of the index";
	assert_eq!(after(|book| book.set_best(Side::Bid, Some(BID - 1))), problem);
	assert_eq!(after(|book| book.set_best(Side::Bid, None)), problem);
}

#[test]
fn a_crossed_book() {
	let crossed = after(|book| {
		let level = book.take_level(Side::Bid, BID - 1).unwrap();
		book.put_level(Side::Bid, BID + 1, level);
		book.change_bits(Side::Bid, Node::Leaf(0), |bits| {
			bits.remove(BID - 1);
			bits.insert(BID + 1);
		});
		book.set_best(Side::Bid, Some(BID + 1));
	});
	assert_eq!(crossed, "the book is crossed");
}

#[test]
fn a_price_without_a_level() {
	let missing = after(|book| {
		book.take_level(Side::Bid, BID - 1);
	});
	assert_eq!(missing, "the index has a price without a level");
}

#[test]
fn wrong_sums_of_a_level() {
	assert_eq!(after_level(|level| level.lots += 1), "a level's sum is not that of its orders");
	assert_eq!(after_level(|level| level.count += 1), "a level's count is not that of its orders");
	assert_eq!(after_level(|level| level.orders.clear()), "a level's first page is empty");
}

#[test]
fn pages_that_do_not_hang_together() {
	assert_eq!(after_level(|level| level.next = 7), "a page is missing");
	let skipped = after_level(|level| level.next = level.back);
	assert_eq!(skipped, "a page does not know the one before");
	let empty = after(|book| {
		let mut page = book.take_page(Side::Bid, BID, 1).unwrap();
		page.orders.clear();
		book.put_page(Side::Bid, BID, 1, page);
	});
	assert_eq!(empty, "a page is empty");
}
