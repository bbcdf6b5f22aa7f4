//! Orders that rest, and those that are not accepted.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{CancelReason, Side, TimeInForce, MAX_LOTS, TICKS};
use lx_primitives::{
	trading::Session,
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET},
};

use crate::{mock::*, Error, Event, OrderName, OrderRequest, MAX_MATCHES};

#[test]
fn an_order_that_rests_sets_aside_what_it_gives() {
	build_and_execute(|| {
		// 100 lots are 1 LCO; at 20,000 ticks it costs 2 CRED.
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 2 * CRED));
		assert_eq!(wallet(&ALICE, CRED_ASSET), (WEALTH - 2) * CRED, "it came from the wallet");
		assert_ok!(place(BOB, ask(30_000, 50)));
		assert_eq!(holding(BOB, LCO_ASSET), (0, LCO / 2));
		assert_eq!(depth(Side::Bid), [(20_000, 100, 1)]);
		assert_eq!(depth(Side::Ask), [(30_000, 50, 1)]);
		let rested = |order, account, side, tick, lots| Event::OrderRested {
			market: MARKET,
			order,
			account: id(account),
			client: None,
			side,
			tick,
			lots,
		};
		let expected =
			[rested(1, ALICE, Side::Bid, 20_000, 100), rested(2, BOB, Side::Ask, 30_000, 50)];
		assert_eq!(take_events(), expected);
	});
}

#[test]
fn a_cancelled_order_gives_it_back() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_noop!(cancel(BOB, 1), Error::<Test>::UnknownOrder);
		take_events();
		assert_ok!(cancel(ALICE, 1));
		let (market, order, account) = (MARKET, 1, id(ALICE));
		let reason = CancelReason::Requested;
		let cancelled =
			Event::OrderCancelled { market, order, account, lots: 100, left: 0, reason };
		assert_eq!(take_events(), [cancelled]);
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0));
		assert_eq!(depth(Side::Bid), []);
		assert_noop!(cancel(ALICE, 1), Error::<Test>::UnknownOrder);
	});
}

#[test]
fn what_is_wrong_is_refused_with_its_error() {
	build_and_execute(|| {
		let refused = |order: OrderRequest, error: Error<Test>| {
			assert_noop!(place(ALICE, order), error);
		};
		refused(bid(20_000, 0), Error::ZeroLots);
		refused(bid(20_000, MAX_LOTS + 1), Error::TooManyLots);
		refused(bid(TICKS, 100), Error::TickOutOfRange);
		refused(bid(9_999, 100), Error::BelowMinNotional);
		refused(ask(9_999, 100), Error::BelowMinNotional);
		let too_late = TimeInForce::GoodTilTime(START);
		refused(OrderRequest { time_in_force: too_late, ..bid(20_000, 100) }, Error::Expired);
		refused(OrderRequest { reduce_only: true, ..bid(20_000, 100) }, Error::NothingToReduce);
		let max_matches = MAX_MATCHES + 1;
		refused(OrderRequest { max_matches, ..bid(20_000, 100) }, Error::TooManyMatches);
		let time_in_force = TimeInForce::FillOrKill;
		refused(OrderRequest { time_in_force, ..bid(20_000, 100) }, Error::CannotFill);
		assert_noop!(
			Orderbook::place(signed(ALICE), 7, None, 0, bid(20_000, 100)),
			Error::<Test>::UnknownMarket
		);
		let all = (WEALTH * CRED / 20_000) as u64;
		assert_noop!(
			place(ALICE, bid(20_000, all + 1)),
			pallet_clearing::Error::<Test>::InsufficientWallet
		);
		assert_ok!(place(ALICE, bid(20_000, all)));
		assert_noop!(
			place(BOB, OrderRequest { time_in_force: TimeInForce::PostOnly, ..ask(20_000, 100) }),
			Error::<Test>::WouldTrade
		);
	});
}

#[test]
fn a_market_sell_is_worth_what_the_best_bid_pays() {
	build_and_execute(|| {
		let sell = OrderRequest { time_in_force: TimeInForce::ImmediateOrCancel, ..ask(0, 100) };
		assert_noop!(place(BOB, sell), Error::<Test>::BelowMinNotional);
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_ok!(place(BOB, sell));
		assert_eq!(depth(Side::Bid), []);
	});
}

#[test]
fn client_ids_name_orders_once() {
	build_and_execute(|| {
		let named = |client, tick| OrderRequest { client: Some(client), ..bid(tick, 100) };
		assert_ok!(place(ALICE, named(7, 20_000)));
		assert_noop!(place(ALICE, named(7, 21_000)), Error::<Test>::DuplicateClientId);
		assert_ok!(place(BOB, named(7, 21_000)));
		assert_ok!(Orderbook::cancel(signed(ALICE), MARKET, None, 0, OrderName::Client(7)));
		assert_noop!(
			Orderbook::cancel(signed(ALICE), MARKET, None, 0, OrderName::Client(7)),
			Error::<Test>::UnknownOrder
		);
		assert_ok!(place(ALICE, named(7, 20_000)));
	});
}

#[test]
fn so_many_open_orders_and_no_more() {
	build_and_execute(|| {
		for number in 0..MAX_OPEN {
			assert_ok!(place(ALICE, bid(20_000 + number, 100)));
		}
		assert_noop!(place(ALICE, bid(10_000, 100)), Error::<Test>::TooManyOrders);
		assert_ok!(place(BOB, ask(20_000 + MAX_OPEN - 1, 100)));
		assert_ok!(place(ALICE, bid(10_000, 100)));
		let done = Orderbook::cancel_all(signed(ALICE), MARKET, None, 0, Some(Side::Ask));
		assert_ok!(done);
		assert_eq!(depth(Side::Bid).len(), MAX_OPEN as usize);
		assert_ok!(Orderbook::cancel_all(signed(ALICE), MARKET, None, 0, None));
		assert_eq!((depth(Side::Bid), holding(ALICE, CRED_ASSET).1), (vec![], 0));
	});
}

#[test]
fn a_session_key_trades_and_a_stranger_does_not() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let for_alice = |who: AccountId| {
			Orderbook::place(signed(who), MARKET, Some(ALICE), 0, bid(20_000, 100))
		};
		assert_ok!(for_alice(BOT));
		assert_eq!(holding(ALICE, CRED_ASSET), (8 * CRED, 2 * CRED));
		assert_noop!(for_alice(BOB), Error::<Test>::NotTrusted);
		assert_ok!(Orderbook::cancel(signed(BOT), MARKET, Some(ALICE), 0, OrderName::Id(1)));
		Now::set(START + 100);
		assert_noop!(for_alice(BOT), Error::<Test>::NotTrusted);
		let sessions = Clearing::account(ALICE, 0).unwrap().sessions;
		assert_eq!(sessions.to_vec(), [Session { key: BOT, expires_at: START + 100 }]);
	});
}

#[test]
fn anyone_takes_an_expired_order_out_and_no_other() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(START + 100);
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..bid(20_000, 100) }));
		let expire = || Orderbook::expire(signed(BOT), MARKET, id(ALICE), 1);
		Now::set(START + 99);
		assert_noop!(expire(), Error::<Test>::NotExpired);
		Now::set(START + 100);
		assert_ok!(expire());
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0));
		assert_noop!(expire(), Error::<Test>::UnknownOrder);
		assert_noop!(
			Orderbook::expire(signed(BOT), MARKET, id(BOB), 1),
			Error::<Test>::UnknownOrder
		);
	});
}
