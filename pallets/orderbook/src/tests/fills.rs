//! Trades, their prices and their fees.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{CancelReason, SelfTrade, Side, TimeInForce};
use lx_primitives::{
	trading::MAX_HOLDINGS,
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET},
};

use crate::{mock::*, Error, Event, MarketStatus, OrderRequest};

#[test]
fn both_get_what_they_traded_less_their_fees() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 1_000)));
		take_events();
		// 4 LCO at 2 CRED each, though Bob would pay 3.
		assert_ok!(place(BOB, OrderRequest { client: Some(7), ..bid(30_000, 400) }));
		let (maker_fee, taker_fee) = (8 * CRED / 1_000, 4 * LCO / 500);
		assert_eq!(holding(ALICE, CRED_ASSET), (8 * CRED - maker_fee, 0));
		assert_eq!(holding(ALICE, LCO_ASSET), (0, 6 * LCO));
		assert_eq!(holding(BOB, LCO_ASSET), (4 * LCO - taker_fee, 0));
		assert_eq!(holding(BOB, CRED_ASSET), (4 * CRED, 0), "what was not needed is free");
		assert_eq!(holding(FUND, CRED_ASSET), (maker_fee, 0));
		assert_eq!(holding(FUND, LCO_ASSET), (taker_fee, 0));
		let filled = Event::OrderFilled {
			market: MARKET,
			maker: 1,
			maker_account: id(ALICE),
			maker_left: 600,
			maker_fee,
			taker: 2,
			taker_account: id(BOB),
			taker_client: Some(7),
			taker_side: Side::Bid,
			taker_fee,
			tick: 20_000,
			lots: 400,
		};
		assert_eq!(take_events(), [filled]);
	});
}

#[test]
fn a_seller_who_takes_is_paid_by_the_resting_bid() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 1_000)));
		assert_ok!(place(BOB, ask(10_000, 400)));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 12 * CRED));
		assert_eq!(holding(ALICE, LCO_ASSET), (4 * LCO - 4 * LCO / 1_000, 0));
		assert_eq!(holding(BOB, CRED_ASSET), (8 * CRED - 16 * CRED / 1_000, 0));
		assert_eq!(holding(BOB, LCO_ASSET), (0, 0));
	});
}

#[test]
fn a_fee_is_rounded_up() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(10_001, 101)));
		assert_ok!(place(BOB, bid(10_001, 101)));
		// 1,010,101 µCRED at 10 basis points.
		assert_eq!(holding(FUND, CRED_ASSET), (1_011, 0));
		assert_eq!(holding(ALICE, CRED_ASSET), (1_010_101 - 1_011, 0));
	});
}

#[test]
fn a_maker_pays_the_fee_of_when_it_came() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 100)));
		let dearer = crate::Terms { maker_fee: 500, ..TERMS };
		assert_ok!(Orderbook::change_terms(RuntimeOrigin::root(), MARKET, dearer));
		assert_ok!(place(ALICE, ask(20_000, 100)));
		assert_ok!(place(BOB, bid(20_000, 200)));
		let fees = 2 * CRED / 1_000 + 2 * CRED / 20;
		assert_eq!(holding(ALICE, CRED_ASSET), (4 * CRED - fees, 0));
	});
}

#[test]
fn a_large_order_sweeps_levels_and_rests() {
	build_and_execute(|| {
		for (who, tick) in [(ALICE, 22_000), (CAROL, 20_000), (ALICE, 20_000), (CAROL, 21_000)] {
			assert_ok!(place(who, ask(tick, 100)));
		}
		assert_ok!(place(BOB, bid(21_000, 500)));
		assert_eq!(depth(Side::Ask), [(22_000, 100, 1)]);
		assert_eq!(depth(Side::Bid), [(21_000, 200, 1)]);
		let spent = 2 * 2 * CRED + 21 * CRED / 10;
		let locked = 2 * 21 * CRED / 10;
		// It set aside 21,000 ticks for all of it: what was cheaper is free.
		assert_eq!(holding(BOB, CRED_ASSET), (5 * 21 * CRED / 10 - spent - locked, locked));
	});
}

#[test]
fn at_the_limit_of_matches_the_rest_is_cancelled() {
	build_and_execute(|| {
		for _ in 0..5 {
			assert_ok!(place(ALICE, ask(20_000, 100)));
		}
		take_events();
		assert_ok!(place(BOB, OrderRequest { max_matches: 3, ..bid(20_000, 500) }));
		let reason = CancelReason::MatchLimit;
		let (market, order, account) = (MARKET, 6, id(BOB));
		let cancelled =
			Event::OrderCancelled { market, order, account, lots: 200, left: 0, reason };
		assert_eq!(take_events().last(), Some(&cancelled));
		assert_eq!(depth(Side::Ask), [(20_000, 200, 2)]);
		assert_eq!((depth(Side::Bid), holding(BOB, CRED_ASSET).1), (vec![], 0));
	});
}

#[test]
fn nobody_trades_with_himself() {
	for (self_trade, bids, asks) in [
		(SelfTrade::CancelTaker, vec![], vec![(20_000, 300, 2)]),
		(SelfTrade::CancelMaker, vec![(20_000, 300, 1)], vec![]),
		(SelfTrade::CancelBoth, vec![], vec![(20_000, 200, 1)]),
		(SelfTrade::Decrement, vec![(20_000, 200, 1)], vec![]),
	] {
		build_and_execute(|| {
			assert_ok!(place(ALICE, ask(20_000, 100)));
			assert_ok!(place(BOB, ask(20_000, 200)));
			let order = OrderRequest { self_trade, ..bid(20_000, 500) };
			assert_ok!(place(ALICE, order));
			assert_eq!((depth(Side::Bid), depth(Side::Ask)), (bids, asks), "{self_trade:?}");
		});
	}
}

#[test]
fn one_owners_accounts_do_not_trade_with_each_other() {
	build_and_execute(|| {
		let place_other = |self_trade, lots| {
			let order = OrderRequest { self_trade, ..bid(20_000, lots) };
			assert_ok!(Orderbook::place(signed(ALICE), MARKET, None, 1, order));
		};
		assert_ok!(place(ALICE, ask(20_000, 300)));
		place_other(SelfTrade::CancelTaker, 100);
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![(20_000, 300, 1)], vec![]));
		place_other(SelfTrade::Decrement, 100);
		assert_eq!(holding(ALICE, LCO_ASSET), (LCO, 2 * LCO), "what it does not sell is free");
		place_other(SelfTrade::CancelMaker, 100);
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![], vec![(20_000, 100, 1)]));
		assert_eq!(holding(ALICE, LCO_ASSET), (3 * LCO, 0));
		assert_eq!(Orderbook::market(MARKET).unwrap().last, None, "there was no trade");
	});
}

#[test]
fn decrementing_leaves_no_dust() {
	build_and_execute(|| {
		let decrement = |order| OrderRequest { self_trade: SelfTrade::Decrement, ..order };
		// 40 lots at 20,000 ticks are 0.8 CRED, less than the market takes.
		assert_ok!(place(ALICE, ask(20_000, 140)));
		take_events();
		assert_ok!(place(ALICE, decrement(bid(20_000, 100))));
		let cancelled = |order, lots, left, reason| Event::OrderCancelled {
			market: MARKET,
			order,
			account: id(ALICE),
			lots,
			left,
			reason,
		};
		let expected = [
			cancelled(1, 100, 40, CancelReason::SelfTrade),
			cancelled(2, 100, 0, CancelReason::SelfTrade),
			cancelled(1, 40, 0, CancelReason::Dust),
		];
		assert_eq!(take_events(), expected);
		assert_ok!(place(ALICE, ask(20_000, 100)));
		assert_ok!(place(ALICE, decrement(bid(20_000, 140))));
		let dust = cancelled(4, 40, 0, CancelReason::Dust);
		assert_eq!(take_events().pop(), Some(dust));
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![], vec![]));
		assert_eq!(holding(ALICE, CRED_ASSET).1, 0);
		assert_eq!(holding(ALICE, LCO_ASSET).1, 0);
		// 50 lots are enough.
		assert_ok!(place(ALICE, ask(20_000, 150)));
		assert_ok!(place(ALICE, decrement(bid(20_000, 100))));
		assert_eq!(depth(Side::Ask), [(20_000, 50, 1)]);
	});
}

#[test]
fn what_has_not_traded_rests_only_if_it_is_enough() {
	build_and_execute(|| {
		let sell = |tick| OrderRequest { self_trade: SelfTrade::CancelMaker, ..ask(tick, 100) };
		// It is worth 2 CRED where it would sell, and less than 1 CRED at its own price.
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_ok!(place(ALICE, sell(9_999)));
		let (market, account, reason) = (MARKET, id(ALICE), CancelReason::Dust);
		let dust = Event::OrderCancelled { market, order: 2, account, lots: 100, left: 0, reason };
		assert_eq!(take_events().pop(), Some(dust));
		assert_eq!((depth(Side::Ask), depth(Side::Bid)), (vec![], vec![]));
		assert_eq!(holding(ALICE, LCO_ASSET), (LCO, 0));
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_ok!(place(ALICE, sell(10_000)));
		assert_eq!(depth(Side::Ask), [(10_000, 100, 1)]);
		assert_ok!(cancel(ALICE, 4));
		// What a trade has left stays.
		assert_ok!(place(BOB, bid(20_000, 50)));
		assert_ok!(place(ALICE, sell(5_000)));
		assert_eq!(depth(Side::Ask), [(5_000, 50, 1)]);
	});
}

#[test]
fn a_maker_without_room_for_another_asset_is_in_nobodys_way() {
	build_and_execute(|| {
		let fill = |asset: u32| {
			pallet_clearing::Accounts::<Test>::mutate(ALICE, 0, |account| {
				account.as_mut().unwrap().await_asset(asset).unwrap();
			});
		};
		let empty = |asset: u32| {
			pallet_clearing::Accounts::<Test>::mutate(ALICE, 0, |account| {
				account.as_mut().unwrap().no_longer_await(asset).unwrap();
			});
		};
		assert_ok!(place(ALICE, ask(20_000, 100)));
		let others = || 10..10 + MAX_HOLDINGS - 2;
		others().for_each(fill);
		assert_ok!(place(BOB, bid(20_000, 50)));
		assert_ok!(place(BOB, bid(20_000, 50)));
		assert_eq!(holding(ALICE, CRED_ASSET).0, 2 * CRED - 2 * CRED / 1_000);
		// Without a place there is no order.
		fill(10 + MAX_HOLDINGS);
		assert_noop!(place(ALICE, bid(20_000, 50)), Error::<Test>::TooManyAssets);
		others().for_each(empty);
		empty(10 + MAX_HOLDINGS);
		assert_ok!(place(ALICE, bid(20_000, 50)));
	});
}

#[test]
fn the_fund_is_in_nobodys_way() {
	build_and_execute(|| {
		let places = |sub| Clearing::account(FUND, sub).map_or(0, |fund| fund.holdings.len());
		assert_eq!(places(0), 2, "they are kept from the beginning");
		// Another market has an account of its own.
		assert_ok!(Orderbook::open_market(RuntimeOrigin::root(), TERMS));
		assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), 1, MarketStatus::Active));
		assert_eq!(places(1), 2);
		assert_ok!(Orderbook::place(signed(ALICE), 1, None, 0, ask(20_000, 100)));
		assert_ok!(Orderbook::place(signed(BOB), 1, None, 0, bid(20_000, 100)));
		let fees = Clearing::account(FUND, 1).unwrap();
		assert_eq!(fees.holding(CRED_ASSET).free, 2 * CRED / 1_000);
		assert_eq!(fees.holding(LCO_ASSET).free, LCO / 500);
		assert_eq!(holding(FUND, CRED_ASSET), (0, 0));
		// Though nothing is left, the places are.
		pallet_clearing::Accounts::<Test>::mutate(FUND, 1, |fund| {
			let fund = fund.as_mut().unwrap();
			fund.debit(CRED_ASSET, 2 * CRED / 1_000).unwrap();
			fund.debit(LCO_ASSET, LCO / 500).unwrap();
		});
		assert_eq!(places(1), 2);
		pallet_clearing::Accounts::<Test>::insert(FUND, 1, fees);
	});
}

#[test]
fn an_expired_maker_is_taken_out_and_paid_back() {
	build_and_execute(|| {
		let time_in_force = TimeInForce::GoodTilTime(soon());
		assert_ok!(place(ALICE, OrderRequest { time_in_force, ..ask(20_000, 100) }));
		assert_ok!(place(CAROL, ask(21_000, 100)));
		Now::set(soon());
		assert_ok!(place(BOB, bid(21_000, 100)));
		assert_eq!(holding(ALICE, LCO_ASSET), (LCO, 0));
		assert_eq!(holding(BOB, LCO_ASSET).0, LCO - LCO / 500);
	});
}

#[test]
fn a_mass_cancel_and_a_sweep_behind_it() {
	build_and_execute(|| {
		for tick in 0..10 {
			assert_ok!(place(ALICE, ask(20_000 + tick, 100)));
		}
		assert_ok!(place(CAROL, ask(1_000_000, 100)));
		assert_ok!(Orderbook::cancel_all(signed(ALICE), MARKET, None, 0, None));
		assert_ok!(place(BOB, bid(1_000_000, 100)));
		assert_eq!(holding(CAROL, CRED_ASSET).0, 100 * CRED - 100 * CRED / 1_000);
	});
}
