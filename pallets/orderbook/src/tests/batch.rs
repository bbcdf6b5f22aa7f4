//! Several operations in one call.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	weights::Weight,
};
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::{CRED, CRED_ASSET};
use sp_runtime::DispatchResult;

use crate::{
	mock::*, Call, Error, Event, Operation, Operations, OrderName, OrderRequest, WeightInfo,
};

fn batch(who: AccountId, operations: Vec<Operation>, all_or_nothing: bool) -> DispatchResult {
	let operations = operations.try_into().unwrap();
	bare(Orderbook::batch(signed(who), MARKET, None, 0, operations, all_or_nothing))
}

fn mixed() -> Vec<Operation> {
	let post_only = OrderRequest { time_in_force: TimeInForce::PostOnly, ..bid(30_000, 100) };
	vec![
		Operation::Place(bid(20_000, 100)),
		// It would trade, and the money that it has brought goes back.
		Operation::Place(post_only),
		Operation::Cancel(OrderName::Id(99)),
		Operation::Place(bid(21_000, 100)),
		Operation::Cancel(OrderName::Id(2)),
	]
}

#[test]
fn what_fails_changes_nothing_and_the_rest_is_done() {
	build_and_execute(|| {
		assert_ok!(place(BOB, ask(30_000, 100)));
		take_events();
		assert_ok!(batch(ALICE, mixed(), false));
		assert_eq!(depth(Side::Bid), [(21_000, 100, 1)]);
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 21 * CRED / 10));
		let failed: Vec<_> = take_events()
			.into_iter()
			.filter_map(|event| match event {
				Event::OperationFailed { index, error } => Some((index, error)),
				_ => None,
			})
			.collect();
		let would_trade = Error::<Test>::WouldTrade.into();
		let unknown = Error::<Test>::UnknownOrder.into();
		assert_eq!(failed, [(1, would_trade), (2, unknown)]);
	});
}

#[test]
fn all_or_nothing_is_nothing_if_one_fails() {
	build_and_execute(|| {
		assert_ok!(place(BOB, ask(30_000, 100)));
		assert_noop!(batch(ALICE, mixed(), true), Error::<Test>::WouldTrade);
		let mut sound = mixed();
		sound.drain(1..3);
		assert_ok!(batch(ALICE, sound, true));
		assert_eq!(depth(Side::Bid), [(21_000, 100, 1)]);
	});
}

#[test]
fn a_batch_trades_and_its_fees_are_paid_once() {
	build_and_execute(|| {
		for who in [BOB, CAROL, BOB] {
			assert_ok!(place(who, ask(20_000, 100)));
		}
		let bids = vec![Operation::Place(bid(20_000, 100)); 3];
		assert_ok!(batch(ALICE, bids, false));
		assert_eq!(holding(FUND, CRED_ASSET), (3 * 2 * CRED / 1_000, 0));
		assert_eq!(holding(BOB, CRED_ASSET), (4 * CRED - 4 * CRED / 1_000, 0));
	});
}

fn weight_of(who: AccountId, operations: Vec<Operation>) -> Weight {
	let operations: Operations = operations.try_into().unwrap();
	let call = Call::<Test>::batch {
		market: MARKET,
		owner: None,
		sub: 0,
		operations: operations.clone(),
		all_or_nothing: false,
	};
	let most = call.get_dispatch_info().call_weight;
	let done = Orderbook::batch(signed(who), MARKET, None, 0, operations, false);
	let weight = done.unwrap().actual_weight.unwrap();
	assert!(weight.all_lte(most), "{weight} of {most}");
	weight
}

#[test]
fn what_fails_is_paid_for_and_so_is_looking() {
	build_and_execute(|| {
		let order = bid(20_000, 100);
		let whole = OrderRequest { time_in_force: TimeInForce::FillOrKill, ..order };
		let whole = Operation::Place(whole);
		// Nobody sells. The wallet is asked each time.
		let expected = <()>::open_session()
			.saturating_add(<()>::draw().saturating_mul(2))
			.saturating_add(<()>::place(2));
		assert_eq!(weight_of(ALICE, vec![whole, whole]), expected);
		assert_ok!(place(BOB, ask(20_000, 100)));
		System::set_block_number(2);
		// The level is read and written, and both parts of the index.
		let expected = <()>::open_session()
			.saturating_add(<()>::pay_fees())
			.saturating_add(<()>::draw().saturating_mul(2))
			.saturating_add(<()>::place(2))
			.saturating_add(<()>::meet(2))
			.saturating_add(<()>::visit(3));
		assert_eq!(weight_of(ALICE, vec![whole, whole]), expected, "one looked and traded");
	});
}

#[test]
fn a_value_is_paid_for_once_in_a_batch_and_once_in_a_block() {
	build_and_execute(|| {
		let quotes = || vec![Operation::Place(bid(20_000, 50)); 4];
		let done = <()>::place(4).saturating_add(<()>::draw().saturating_mul(4));
		let fresh = <()>::open_session().saturating_add(done);
		// The market; the level, its part of the index, and the root.
		assert_eq!(weight_of(ALICE, quotes()), fresh.saturating_add(<()>::visit(3)));
		assert_eq!(weight_of(BOB, quotes()), another_session().saturating_add(done));
		System::set_block_number(2);
		// The index knows the price.
		assert_eq!(weight_of(CAROL, quotes()), fresh.saturating_add(<()>::visit(1)));
	});
}

#[test]
fn a_batch_of_nothing_weighs_no_more_than_it_says() {
	build_and_execute(|| {
		assert_eq!(weight_of(ALICE, vec![]), <()>::open_session());
		assert_eq!(weight_of(ALICE, vec![]), another_session());
	});
}

#[test]
fn an_order_that_ends_pays_for_being_taken_out() {
	build_and_execute(|| {
		let order = bid(20_000, 100);
		let ending =
			|order| OrderRequest { time_in_force: TimeInForce::GoodTilTime(soon()), ..order };
		assert_ok!(place(BOB, ask(20_000, 100)));
		// One that trades at once does not rest.
		let traded = weight_of(ALICE, vec![Operation::Place(ending(order))]);
		assert_ok!(place(BOB, ask(20_000, 100)));
		assert_eq!(weight_of(ALICE, vec![Operation::Place(order)]), traded);
		let good = weight_of(ALICE, vec![Operation::Place(order)]);
		let ends = weight_of(ALICE, vec![Operation::Place(ending(order)); 2]);
		Now::set(soon());
		let expired = Orderbook::expire(signed(BOT), MARKET, id(ALICE), 6).unwrap();
		assert_eq!(expired.pays_fee, Pays::No);
		let paid =
			ends.saturating_sub(good.saturating_add(<()>::place(1)).saturating_add(<()>::draw()));
		let free = expired.actual_weight.unwrap().saturating_mul(2);
		assert!(free.all_lte(paid), "{free} of {paid}");
	});
}
