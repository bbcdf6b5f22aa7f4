//! What can be asked.

use codec::{Decode, Encode};
use frame_support::assert_ok;
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::CRED;

use crate::{
	mock::*, Operation, Operations, OrderName, OrderRequest, Quote, MAX_BATCH, MIN_LIFETIME,
};

#[test]
fn depth_is_the_best_prices_first() {
	build_and_execute(|| {
		for tick in [20_000, 19_000, 21_000, 20_000] {
			assert_ok!(place(ALICE, bid(tick, 100)));
		}
		assert_eq!(depth(Side::Bid), [(21_000, 100, 1), (20_000, 200, 2), (19_000, 100, 1)]);
		assert_eq!(Orderbook::depth(MARKET, Side::Bid, 2).len(), 2);
		assert_eq!(Orderbook::depth(9, Side::Bid, 2), []);
	});
}

#[test]
fn a_quote_says_what_an_order_would_trade() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 100)));
		assert_ok!(place(ALICE, ask(21_000, 100)));
		let quote = |lots, worst| Orderbook::quote(MARKET, Side::Bid, lots, worst).unwrap();
		let some = |lots, notional, worst| Quote { lots, notional, worst };
		assert_eq!(quote(50, 30_000), some(50, CRED, Some(20_000)));
		assert_eq!(quote(150, 30_000), some(150, 2 * CRED + 105 * CRED / 100, Some(21_000)));
		assert_eq!(quote(500, 30_000).lots, 200);
		assert_eq!(quote(500, 20_000), some(100, 2 * CRED, Some(20_000)));
		assert_eq!(quote(500, 19_999), some(0, 0, None));
		assert_eq!(Orderbook::quote(9, Side::Bid, 1, 1), None);
	});
}

#[test]
fn a_quote_counts_no_order_whose_time_is_over() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(soon());
		for tick in [20_000, 21_000] {
			assert_ok!(place(ALICE, OrderRequest { time_in_force, ..ask(tick, 100) }));
		}
		assert_ok!(place(BOB, ask(21_000, 50)));
		let quote = || Orderbook::quote(MARKET, Side::Bid, 150, 30_000).unwrap();
		assert_eq!((quote().lots, quote().worst), (150, Some(21_000)));
		Now::set(soon());
		let notional = 105 * CRED / 100;
		assert_eq!(quote(), Quote { lots: 50, notional, worst: Some(21_000) });
		assert_eq!(depth(Side::Ask), [(20_000, 100, 1), (21_000, 150, 2)], "they still rest");
	});
}

#[test]
fn a_quote_looks_at_all_pages_of_a_price() {
	build_and_execute(|| {
		// An account may have fewer orders than two pages hold.
		for number in 0..36 {
			let who = [ALICE, BOB, CAROL][number % 3].clone();
			assert_ok!(place(who, ask(20_000, 50)));
		}
		let quote = |lots| Orderbook::quote(MARKET, Side::Bid, lots, 20_000).unwrap().lots;
		assert_eq!((quote(1_799), quote(1_800), quote(1_801)), (1_799, 1_800, 1_800));
	});
}

#[test]
fn open_orders_tell_what_is_left() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 300)));
		assert_ok!(place(BOB, bid(20_000, 100)));
		let orders = Orderbook::open_orders(ALICE, 0);
		assert_eq!(orders.len(), 1);
		assert_eq!((orders[0].order, orders[0].tick, orders[0].lots), (1, 20_000, 200));
		assert_eq!(Orderbook::open_orders(BOB, 0), []);
	});
}

#[test]
fn open_orders_tell_when_they_end() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..bid(20_000, 100) }));
		let orders = Orderbook::open_orders(ALICE, 0);
		let ends: Vec<_> = orders.iter().map(|order| order.expires_at).collect();
		assert_eq!(ends, [None, Some(soon())]);
	});
}

#[test]
fn the_metadata_has_the_limits() {
	let constants = Orderbook::pallet_constants_metadata();
	let value = |name: &str| {
		let found = constants.iter().find(|constant| constant.name == name);
		found.map(|constant| constant.value.clone())
	};
	assert_eq!(value("MaxBatch"), Some(MAX_BATCH.encode()));
	assert_eq!(value("MinLifetime"), Some(MIN_LIFETIME.encode()));
	assert_eq!(value("MaxLots"), Some(lx_matching::MAX_LOTS.encode()));
	let names: Vec<_> = constants.iter().map(|constant| constant.name).collect();
	let expected = [
		"MaxBatch",
		"MaxMatches",
		"MaxTriggers",
		"MaxTriggerMatches",
		"MinLifetime",
		"MaxLots",
		"Ticks",
		"MaxDepth",
	];
	assert_eq!(names, expected);
}

#[test]
fn a_batch_of_more_than_that_cannot_be_decoded() {
	let decoded = |count: u32| {
		let operations = vec![Operation::Cancel(OrderName::Id(1)); count as usize];
		Operations::decode(&mut &operations.encode()[..])
	};
	assert_eq!(decoded(MAX_BATCH).unwrap().len(), MAX_BATCH as usize);
	assert!(decoded(MAX_BATCH + 1).is_err());
}
