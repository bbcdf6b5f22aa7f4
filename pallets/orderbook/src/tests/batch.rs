//! Several operations in one call.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::{CRED, CRED_ASSET};
use sp_runtime::DispatchResult;

use crate::{mock::*, Error, Event, Operation, OrderName, OrderRequest, WeightInfo};

fn batch(who: AccountId, operations: Vec<Operation>, all_or_nothing: bool) -> DispatchResult {
	let operations = operations.try_into().unwrap();
	let done = Orderbook::batch(signed(who), MARKET, None, 0, operations, all_or_nothing);
	done.map(drop).map_err(|failed| failed.error)
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

#[test]
fn what_fails_is_paid_for_and_so_is_looking() {
	build_and_execute(|| {
		let weight = |bids: [OrderRequest; 2]| {
			let operations = bids.map(Operation::Place).to_vec().try_into().unwrap();
			let done = Orderbook::batch(signed(ALICE), MARKET, None, 0, operations, false);
			done.unwrap().actual_weight
		};
		let order = bid(20_000, 100);
		let whole = OrderRequest { time_in_force: TimeInForce::FillOrKill, ..order };
		assert_eq!(weight([whole, whole]), Some(<()>::batch(2, 40)), "each may look at ten");
		for who in [BOB, CAROL] {
			assert_ok!(place(who, ask(20_000, 100)));
		}
		assert_eq!(weight([whole, order]), Some(<()>::batch(2, 3)), "one looked, and both traded");
	});
}
