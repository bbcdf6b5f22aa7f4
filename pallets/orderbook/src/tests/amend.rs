//! Orders that are changed.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{Lots, SelfTrade, Side, Tick, TimeInForce};
use lx_primitives::units::{CRED, CRED_ASSET};
use sp_runtime::DispatchResult;

use crate::{mock::*, Amendment, Error, MarketStatus, OrderName, OrderRequest};

fn amend(who: AccountId, id: u64, tick: Tick, lots: Lots) -> DispatchResult {
	amend_to_live(who, id, (tick, lots), TimeInForce::GoodTilCancelled)
}

fn amend_to_live(
	who: AccountId,
	id: u64,
	(tick, lots): (Tick, Lots),
	time_in_force: TimeInForce,
) -> DispatchResult {
	let self_trade = SelfTrade::CancelTaker;
	let amendment = Amendment { tick, lots, time_in_force, self_trade, max_matches: 10 };
	bare(Orderbook::amend(signed(who), MARKET, None, 0, OrderName::Id(id), amendment))
}

#[test]
fn less_keeps_its_place_and_frees_money() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 200)));
		assert_ok!(place(BOB, bid(20_000, 200)));
		assert_ok!(amend(ALICE, 1, 20_000, 100));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 2 * CRED));
		assert_ok!(place(CAROL, ask(20_000, 100)));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0), "it was the first");
	});
}

#[test]
fn more_goes_to_the_end_and_needs_more() {
	build_and_execute(|| {
		let named = OrderRequest { client: Some(5), ..bid(20_000, 100) };
		assert_ok!(place(ALICE, named));
		assert_ok!(place(BOB, bid(20_000, 100)));
		assert_ok!(amend(ALICE, 1, 20_000, 300));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 6 * CRED), "only what was missing came");
		assert_ok!(place(CAROL, ask(20_000, 100)));
		assert_eq!(holding(BOB, CRED_ASSET), (0, 0), "Bob is the first now");
		let orders = Orderbook::open_orders(ALICE, 0);
		assert_eq!((orders[0].order, orders[0].client, orders[0].lots), (1, Some(5), 300));
	});
}

#[test]
fn another_end_begins_anew() {
	build_and_execute(|| {
		let until = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, bid(20_000, 200)));
		assert_ok!(place(BOB, bid(20_000, 100)));
		assert_ok!(amend_to_live(ALICE, 1, (20_000, 100), until));
		assert_eq!(Orderbook::open_orders(ALICE, 0)[0].expires_at, Some(soon()));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 2 * CRED));
		assert_ok!(place(CAROL, ask(20_000, 100)));
		assert_eq!(holding(BOB, CRED_ASSET), (0, 0), "Bob is the first now");
		assert_noop!(amend_to_live(ALICE, 1, (20_000, 100), until), Error::<Test>::NoChange);
		// As much at the same price, without an end.
		assert_ok!(amend(ALICE, 1, 20_000, 100));
		assert_eq!(Orderbook::open_orders(ALICE, 0)[0].expires_at, None);
		let posted = || amend_to_live(ALICE, 1, (20_000, 100), TimeInForce::PostOnly);
		assert_noop!(posted(), Error::<Test>::NoChange);
	});
}

#[test]
fn less_with_the_end_that_it_has_keeps_its_place() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..bid(20_000, 200) }));
		assert_ok!(place(BOB, bid(20_000, 100)));
		assert_ok!(amend_to_live(ALICE, 1, (20_000, 100), time_in_force));
		assert_ok!(place(CAROL, ask(20_000, 100)));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0), "it was the first");
	});
}

#[test]
fn what_may_not_rest_begins_anew_and_is_gone() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 100)));
		let whole = || amend_to_live(ALICE, 1, (20_000, 100), TimeInForce::FillOrKill);
		assert_noop!(whole(), Error::<Test>::CannotFill);
		assert_ok!(amend_to_live(ALICE, 1, (20_000, 100), TimeInForce::ImmediateOrCancel));
		assert_eq!((depth(Side::Bid), holding(ALICE, CRED_ASSET)), (vec![], (2 * CRED, 0)));
	});
}

#[test]
fn only_what_keeps_its_place_goes_where_no_order_may_come() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 200)));
		let status = MarketStatus::CancelOnly;
		assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), MARKET, status));
		let until = TimeInForce::GoodTilTime(soon());
		let anew = || amend_to_live(ALICE, 1, (20_000, 100), until);
		assert_noop!(anew(), Error::<Test>::CancelOnlyMarket);
		assert_noop!(amend(ALICE, 1, 20_000, 200), Error::<Test>::NoChange);
		assert_ok!(amend(ALICE, 1, 20_000, 100));
		assert_eq!(depth(Side::Bid), [(20_000, 100, 1)]);
	});
}

#[test]
fn another_price_may_trade() {
	build_and_execute(|| {
		assert_ok!(place(BOB, ask(22_000, 100)));
		assert_ok!(place(ALICE, bid(20_000, 300)));
		assert_ok!(amend(ALICE, 2, 22_000, 300));
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![], vec![(22_000, 200, 1)]));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 44 * CRED / 10));
	});
}

#[test]
fn one_that_is_to_trade_at_once_brings_what_it_gives() {
	build_and_execute(|| {
		assert_ok!(place(BOB, ask(22_000, 200)));
		assert_ok!(place(ALICE, bid(20_000, 100)));
		let amendment = Amendment {
			tick: 22_000,
			lots: 1_000,
			time_in_force: TimeInForce::ImmediateOrCancel,
			self_trade: SelfTrade::CancelTaker,
			max_matches: 10,
		};
		assert_ok!(Orderbook::amend(signed(ALICE), MARKET, None, 0, OrderName::Id(2), amendment));
		// It could have cost 22 CRED and costs 4.4, of which it had set 2 aside.
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![], vec![]));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 0));
		assert_eq!(wallet(&ALICE, CRED_ASSET), WEALTH * CRED - 44 * CRED / 10);
	});
}

#[test]
fn what_cannot_be_changes_nothing() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_noop!(amend(ALICE, 1, 20_000, 100), Error::<Test>::NoChange);
		assert_noop!(amend(ALICE, 1, 20_000, 0), Error::<Test>::ZeroLots);
		assert_noop!(amend(ALICE, 1, 20_000, 49), Error::<Test>::BelowMinNotional);
		assert_noop!(amend(BOB, 1, 20_000, 50), Error::<Test>::UnknownOrder);
		assert_noop!(amend(ALICE, 2, 20_000, 50), Error::<Test>::UnknownOrder);
		let too_much = (WEALTH * CRED / 20_000) as u64 + 1;
		assert_noop!(
			amend(ALICE, 1, 20_000, too_much),
			pallet_clearing::Error::<Test>::InsufficientWallet
		);
	});
}
