//! Triggers whose orders have more to meet than they may at a time.

use frame_support::assert_ok;
use lx_matching::{CancelReason, Lots, SelfTrade, Side, TimeInForce};
use lx_primitives::units::{CRED_ASSET, LCO, LCO_ASSET};
use sp_runtime::DispatchError;

use crate::{
	mock::*, DueMarkets, Error, Event, MarketStatus, OrderRequest, TriggerRequest, WeightInfo, When,
};

/// Which triggers have fired since events were taken last, and with how much they stay.
fn fired() -> Vec<(u64, Lots)> {
	let fired = |event: Event<Test>| match event {
		Event::TriggerFired { trigger, left, .. } => Some((trigger, left)),
		_ => None,
	};
	take_events().into_iter().filter_map(fired).collect()
}

/// Bob bids for 80 lots so often, and Alice's trigger to sell so many to two of them at first is due.
fn let_sell(bids: u32, lots: Lots) {
	trade(20_000);
	for _ in 0..bids {
		assert_ok!(place(BOB, bid(15_000, 80)));
	}
	let order = OrderRequest { max_matches: 2, lots, ..sell() };
	assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), order));
	trade(19_000);
	take_events();
}

#[test]
fn what_the_limit_has_cut_off_goes_on_at_once_if_there_is_weight() {
	build_and_execute(|| {
		let_sell(19, 1_510);
		let looks = <()>::next_trigger().saturating_mul(4);
		// After two of them it goes into another queue.
		let moves = <()>::set_trigger().saturating_mul(2);
		let others = looks.saturating_add(moves);
		let steps = [2, 16, 1].map(<()>::fire_trigger);
		let weight = steps.into_iter().fold(others, |sum, step| sum.saturating_add(step));
		assert_eq!(next_block(), weight);
		assert_eq!(fired(), [(1, 1_350), (1, 70), (1, 0)]);
		assert_eq!(depth(Side::Bid), [(15_000, 10, 1)]);
		// 1,510 lots at 15,000 ticks, less 0.2 %.
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT + 22_650_000 - 45_300, 0));
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
		assert!(DueMarkets::<Test>::get().is_empty());
	});
}

#[test]
fn or_else_in_the_next_blocks() {
	build_and_execute(|| {
		let_sell(19, 1_510);
		one_a_block();
		for left in [1_350, 70] {
			next_block();
			assert_eq!(fired(), [(1, left)]);
			check_invariants();
			let view = Orderbook::triggers(ALICE, 0).pop().unwrap();
			let expected = (1, When::AtOrBelow(19_000), left);
			assert_eq!((view.trigger, view.when, view.order.lots), expected);
			assert_eq!(
				holding(ALICE, CRED_ASSET).1,
				DEPOSIT,
				"it is free when the trigger is gone"
			);
			// It goes on, wherever the price goes.
			trade(20_000);
			take_events();
		}
		next_block();
		assert_eq!(fired(), [(1, 0)]);
		next_block();
		assert_eq!(fired(), []);
	});
}

/// Alice sells 1 LCO so often from another account. Her trigger to buy waits, and takes out only one of
/// these orders at first.
fn wait_to_cancel(asks: u32) {
	trade(20_000);
	for _ in 0..asks {
		assert_ok!(Orderbook::place(signed(ALICE), MARKET, None, 1, ask(20_100, 100)));
	}
	let order = OrderRequest {
		time_in_force: TimeInForce::ImmediateOrCancel,
		self_trade: SelfTrade::CancelMaker,
		max_matches: 1,
		..bid(20_100, 100)
	};
	assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_999), order));
}

#[test]
fn what_goes_on_lets_all_others_go_first() {
	build_and_execute(|| {
		wait_to_cancel(20);
		assert_ok!(set_trigger(BOB, When::AtOrAbove(20_050), sell()));
		assert_ok!(set_trigger(CAROL, When::AtOrBelow(19_500), sell()));
		trade(20_050);
		trade(19_500);
		take_events();
		next_block();
		// Alice's is the nearest to the old price, and 19 orders are left to it. It takes 16 at a time.
		assert_eq!(fired(), [(1, 100), (2, 0), (3, 0), (1, 100), (1, 0)]);
		assert_eq!(depth(Side::Ask), []);
	});
}

#[test]
fn what_goes_on_is_in_no_new_triggers_way() {
	build_and_execute(|| {
		wait_to_cancel(2);
		trade(19_000);
		trade(20_000);
		one_a_block();
		let new = || set_trigger(CAROL, When::AtOrBelow(19_000), sell());
		assert_eq!(new(), Err(Error::<Test>::AlreadyMet.into()));
		take_events();
		next_block();
		assert_eq!(fired(), [(1, 100)]);
		assert_ok!(new());
		next_block();
		assert_eq!(fired(), [(1, 0)]);
		next_block();
		assert_eq!(fired(), [], "a price from before it was set fires nothing");
		trade(19_000);
		take_events();
		next_block();
		// The number 2 was given to where the first one stands.
		assert_eq!(fired(), [(3, 0)]);
	});
}

#[test]
fn those_that_go_on_take_turns() {
	build_and_execute(|| {
		trade(20_000);
		for sub in [0, 1] {
			for _ in 0..19 {
				assert_ok!(Orderbook::place(signed(BOB), MARKET, None, sub, bid(15_000, 80)));
			}
		}
		for who in [ALICE, CAROL] {
			let order = OrderRequest { max_matches: 1, lots: 1_600, ..sell() };
			assert_ok!(set_trigger(who, When::AtOrBelow(19_000), order));
		}
		trade(19_000);
		take_events();
		next_block();
		let expected = [(1, 1_520), (2, 1_520), (1, 240), (2, 240), (1, 0), (2, 0)];
		assert_eq!(fired(), expected);
		assert_eq!(depth(Side::Bid), []);
	});
}

#[test]
fn what_goes_on_stays_until_the_market_is_active_again() {
	build_and_execute(|| {
		let_sell(6, 390);
		one_a_block();
		next_block();
		assert_eq!(fired(), [(1, 230)]);
		let set_status = |status| {
			assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), MARKET, status));
		};
		set_status(MarketStatus::PostOnly);
		check_invariants();
		next_block();
		assert_eq!(fired(), []);
		set_status(MarketStatus::Active);
		next_block();
		assert_eq!(fired(), [(1, 0)]);
	});
}

#[test]
fn what_is_left_may_be_worth_little() {
	build_and_execute(|| {
		// After two of them, 10 lots are left: 0.15 CRED.
		let_sell(3, 170);
		next_block();
		assert_eq!(fired(), [(1, 10), (1, 0)]);
		assert_eq!(depth(Side::Bid), [(15_000, 70, 1)]);
	});
}

#[test]
fn what_is_left_can_be_cleared() {
	build_and_execute(|| {
		let_sell(6, 390);
		one_a_block();
		next_block();
		assert_ok!(clear_trigger(ALICE, 1));
		assert_eq!(holding(ALICE, CRED_ASSET).1, 0);
		take_events();
		next_block();
		assert_eq!(fired(), []);
	});
}

#[test]
fn it_ends_when_nothing_more_is_to_be_met() {
	build_and_execute(|| {
		let_sell(3, 390);
		next_block();
		let events = take_events();
		let unfilled = |event: &Event<Test>| match event {
			Event::OrderCancelled { lots, reason: CancelReason::Unfilled, .. } => Some(*lots),
			_ => None,
		};
		assert_eq!(events.iter().find_map(unfilled), Some(150));
		assert!(matches!(events.last(), Some(Event::TriggerFired { left: 0, .. })));
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
	});
}

#[test]
fn one_that_may_meet_nobody_does_not_try_forever() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 80)));
		let order = OrderRequest { max_matches: 0, ..sell() };
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), order));
		trade(19_000);
		take_events();
		next_block();
		assert_eq!(fired(), [(1, 0)]);
		assert_eq!(depth(Side::Bid), [(15_000, 80, 1)]);
	});
}

#[test]
fn a_key_that_is_no_longer_trusted_goes_no_further() {
	build_and_execute(|| {
		trade(20_000);
		for _ in 0..6 {
			assert_ok!(place(BOB, bid(15_000, 80)));
		}
		for (asset, amount) in [(LCO_ASSET, 4 * LCO), (CRED_ASSET, DEPOSIT)] {
			assert_ok!(Clearing::deposit(signed(ALICE), 0, asset, amount));
		}
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let order = OrderRequest { max_matches: 2, lots: 390, ..sell() };
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order };
		assert_ok!(Orderbook::set_trigger(signed(BOT), MARKET, Some(ALICE), 0, request));
		trade(19_000);
		one_a_block();
		take_events();
		next_block();
		assert_eq!(fired(), [(1, 230)]);
		Now::set(START + 100);
		next_block();
		let failed = Event::TriggerFailed {
			market: MARKET,
			trigger: 1,
			account: id(ALICE),
			error: DispatchError::from(Error::<Test>::NotTrusted),
		};
		assert_eq!(take_events(), [failed]);
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
	});
}
