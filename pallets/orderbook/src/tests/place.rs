//! Orders that rest, and those that are not accepted.

use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use lx_matching::{CancelReason, SelfTrade, Side, TimeInForce, MAX_LOTS, TICKS};
use lx_primitives::{
	trading::Session,
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET},
};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Amendment, Error, Event, Operation, OrderName, OrderRequest, MAX_MATCHES, MIN_LIFETIME,
};

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
			expires_at: None,
			reduce_only: false,
		};
		let expected =
			[rested(1, ALICE, Side::Bid, 20_000, 100), rested(2, BOB, Side::Ask, 30_000, 50)];
		assert_eq!(take_events(), expected);
		let time_in_force = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..bid(20_000, 100) }));
		let Some(Event::OrderRested { expires_at, .. }) = take_events().pop() else {
			panic!("it rests");
		};
		assert_eq!(expires_at, Some(START + MIN_LIFETIME));
	});
}

#[test]
fn an_order_that_ends_lives_long_enough_to_be_met() {
	build_and_execute(|| {
		let until = |moment| OrderRequest {
			time_in_force: TimeInForce::GoodTilTime(moment),
			..bid(20_000, 100)
		};
		let too_short = DispatchError::from(Error::<Test>::TooShortLived);
		assert_noop!(place(ALICE, until(START + 1)), too_short);
		assert_noop!(place(ALICE, until(START + MIN_LIFETIME - 1)), too_short);
		assert_ok!(place(ALICE, until(START + MIN_LIFETIME)));
		assert_ok!(place(ALICE, bid(20_000, 100)));
		let amend = |until, lots| {
			let amendment = Amendment {
				tick: 20_000,
				lots,
				time_in_force: TimeInForce::GoodTilTime(until),
				self_trade: SelfTrade::CancelTaker,
				max_matches: 10,
			};
			let name = OrderName::Id(2);
			bare(Orderbook::amend(signed(ALICE), MARKET, None, 0, name, amendment))
		};
		assert_noop!(amend(START + MIN_LIFETIME - 1, 200), too_short);
		assert_noop!(amend(START + MIN_LIFETIME - 1, 60), too_short);
		assert_noop!(amend(START, 60), Error::<Test>::Expired);
		assert_ok!(amend(START + MIN_LIFETIME, 200));
		// Less of it with the end that it has is no new order.
		Now::set(START + 1);
		assert_ok!(amend(START + MIN_LIFETIME, 60));
		assert_noop!(amend(START + MIN_LIFETIME, 61), too_short);
	});
}

/// Leaves 0.05 LCO in Bob's wallet, half of the smallest holding; the rest is in another account of his.
fn leave_bob_a_little() {
	let rest = WEALTH * LCO - LCO / 20;
	assert_ok!(Clearing::deposit(signed(BOB), 1, LCO_ASSET, rest));
}

#[test]
fn an_order_that_may_rest_brings_no_dust() {
	build_and_execute(|| {
		// 0.01 LCO, worth 1 CRED.
		let small = ask(1_000_000, 1);
		assert_ok!(place(ALICE, small));
		assert_eq!(holding(ALICE, LCO_ASSET), (LEAST_LCO - LCO / 100, LCO / 100));
		assert_eq!(wallet(&ALICE, LCO_ASSET), WEALTH * LCO - LEAST_LCO);
		leave_bob_a_little();
		assert_noop!(place(BOB, small), pallet_clearing::Error::<Test>::BringsTooLittle);
	});
}

#[test]
fn a_little_can_be_sold_at_once() {
	build_and_execute(|| {
		let sell = |lots, time_in_force| OrderRequest { time_in_force, ..ask(1_000_000, lots) };
		let at_once = |lots| place(BOB, sell(lots, TimeInForce::ImmediateOrCancel));
		let whole = |lots| place(BOB, sell(lots, TimeInForce::FillOrKill));
		leave_bob_a_little();
		assert_ok!(at_once(5));
		assert_eq!(wallet(&BOB, LCO_ASSET), LCO / 20, "nobody buys");
		assert!(Clearing::account(BOB, 0).is_none());
		assert_ok!(place(ALICE, bid(1_000_000, 3)));
		assert_ok!(at_once(5));
		assert_eq!(wallet(&BOB, LCO_ASSET), 2 * LCO / 100, "what is not sold never left it");
		assert_eq!(holding(BOB, LCO_ASSET), (0, 0));
		assert_eq!(holding(BOB, CRED_ASSET), (3 * CRED - 3 * CRED / 500, 0));
		assert_ok!(place(ALICE, bid(1_000_000, 2)));
		assert_noop!(at_once(3), pallet_clearing::Error::<Test>::InsufficientWallet);
		assert_ok!(whole(2));
		assert_eq!((wallet(&BOB, LCO_ASSET), holding(BOB, LCO_ASSET)), (0, (0, 0)));
	});
}

#[test]
fn what_a_market_order_does_not_pay_stays_in_the_wallet() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 100)));
		let buy =
			OrderRequest { time_in_force: TimeInForce::ImmediateOrCancel, ..bid(30_000, 300) };
		// It may cost up to 9 CRED, of which 1 is free in the account, and costs 2.
		assert_ok!(Clearing::deposit(signed(BOB), 0, CRED_ASSET, CRED));
		assert_ok!(place(BOB, buy));
		assert_eq!(wallet(&BOB, CRED_ASSET), (WEALTH - 2) * CRED);
		assert_eq!(holding(BOB, CRED_ASSET), (0, 0));
		assert_eq!(holding(BOB, LCO_ASSET), (LCO - LCO / 500, 0));
	});
}

#[test]
fn an_order_that_rests_keeps_a_place_for_what_it_receives() {
	build_and_execute(|| {
		let places = || Clearing::account(ALICE, 0).map_or(0, |account| account.holdings.len());
		assert_ok!(place(ALICE, bid(20_000, 200)));
		assert_ok!(place(ALICE, bid(19_000, 100)));
		assert_eq!(places(), 2);
		assert_ok!(cancel(ALICE, 2));
		assert_ok!(place(BOB, ask(20_000, 100)));
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(places(), 2, "more LCO may come");
		assert_ok!(cancel(ALICE, 1));
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(places(), 0);
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
			bare(Orderbook::place(signed(ALICE), 7, None, 0, bid(20_000, 100))),
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
			bare(Orderbook::cancel(signed(ALICE), MARKET, None, 0, OrderName::Client(7))),
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
			bare(Orderbook::place(signed(who), MARKET, Some(ALICE), 0, bid(20_000, 100)))
		};
		assert_ok!(for_alice(BOT));
		assert_eq!(holding(ALICE, CRED_ASSET), (8 * CRED, 2 * CRED));
		assert_eq!(wallet(&ALICE, CRED_ASSET), (WEALTH - 10) * CRED);
		assert_noop!(for_alice(BOB), Error::<Test>::NotTrusted);
		assert_ok!(Orderbook::cancel(signed(BOT), MARKET, Some(ALICE), 0, OrderName::Id(1)));
		Now::set(START + 100);
		assert_noop!(for_alice(BOT), Error::<Test>::NotTrusted);
		let sessions = Clearing::account(ALICE, 0).unwrap().sessions;
		assert_eq!(sessions.to_vec(), [Session { key: BOT, expires_at: START + 100 }]);
	});
}

#[test]
fn a_session_key_never_reaches_the_wallet() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 3 * CRED));
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let short = DispatchError::from(pallet_clearing::Error::<Test>::InsufficientFunds);
		let place = |order| bare(Orderbook::place(signed(BOT), MARKET, Some(ALICE), 0, order));
		assert_noop!(place(bid(20_000, 151)), short);
		assert_noop!(place(ask(20_000, 100)), short);
		assert_ok!(place(bid(20_000, 100)));
		let amendment = Amendment {
			tick: 20_000,
			lots: 151,
			time_in_force: TimeInForce::GoodTilCancelled,
			self_trade: SelfTrade::CancelTaker,
			max_matches: 10,
		};
		let amend = |lots| {
			let (name, amendment) = (OrderName::Id(1), Amendment { lots, ..amendment });
			bare(Orderbook::amend(signed(BOT), MARKET, Some(ALICE), 0, name, amendment))
		};
		assert_noop!(amend(151), short);
		assert_ok!(amend(150));
		let operations = vec![Operation::Place(bid(20_000, 100))].try_into().unwrap();
		assert_ok!(Orderbook::batch(signed(BOT), MARKET, Some(ALICE), 0, operations, false));
		let failed = Event::OperationFailed { index: 0, error: short };
		assert_eq!(take_events().pop(), Some(failed));
		assert_eq!(wallet(&ALICE, CRED_ASSET), (WEALTH - 3) * CRED);
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 3 * CRED));
	});
}

#[test]
fn anyone_takes_an_expired_order_out_for_nothing_and_no_other() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..bid(20_000, 100) }));
		let expire = || Orderbook::expire(signed(BOT), MARKET, id(ALICE), 1);
		Now::set(START + MIN_LIFETIME - 1);
		assert_noop!(bare(expire()), Error::<Test>::NotExpired);
		Now::set(START + MIN_LIFETIME);
		assert_eq!(expire().unwrap().pays_fee, Pays::No);
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0));
		assert_noop!(bare(expire()), Error::<Test>::UnknownOrder);
		assert_noop!(
			bare(Orderbook::expire(signed(BOT), MARKET, id(BOB), 1)),
			Error::<Test>::UnknownOrder
		);
	});
}
