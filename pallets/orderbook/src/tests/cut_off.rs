//! Triggers whose orders have more to meet than they may at a time.

use frame_support::assert_ok;
use lx_matching::{CancelReason, Lots, Side};
use lx_primitives::units::{CRED_ASSET, LCO, LCO_ASSET};
use sp_runtime::DispatchError;

use crate::{mock::*, DueMarkets, Error, Event, OrderRequest, TriggerRequest, WeightInfo, When};

/// Which triggers have fired since events were taken last, and with how much they stay.
fn fired() -> Vec<(u64, Lots)> {
	let fired = |event: Event<Test>| match event {
		Event::TriggerFired { trigger, left, .. } => Some((trigger, left)),
		_ => None,
	};
	take_events().into_iter().filter_map(fired).collect()
}

/// Bob bids for 80 lots so often, and Alice's trigger to sell so many at most two of them at a time is
/// due.
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
		let_sell(6, 390);
		let looks = <()>::next_trigger().saturating_mul(4);
		let steps = [2, 2, 1].map(<()>::fire_trigger);
		let weight = steps.into_iter().fold(looks, |sum, step| sum.saturating_add(step));
		assert_eq!(next_block(), weight);
		assert_eq!(fired(), [(1, 230), (1, 70), (1, 0)]);
		assert_eq!(depth(Side::Bid), [(15_000, 90, 2)]);
		// 390 lots at 15,000 ticks, less 0.2 %.
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT + 5_850_000 - 11_700, 0));
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
		assert!(DueMarkets::<Test>::get().is_empty());
	});
}

#[test]
fn or_else_in_the_next_blocks() {
	build_and_execute(|| {
		let_sell(6, 390);
		one_a_block();
		for left in [230, 70] {
			next_block();
			assert_eq!(fired(), [(1, left)]);
			check_invariants();
			let waiting = Orderbook::triggers(ALICE, 0);
			assert_eq!((waiting[0].trigger, waiting[0].order.lots), (1, left));
			assert_eq!(
				holding(ALICE, CRED_ASSET).1,
				DEPOSIT,
				"it is free when the trigger is gone"
			);
			// It is due, wherever the price goes.
			trade(20_000);
			take_events();
		}
		next_block();
		assert_eq!(fired(), [(1, 0)]);
		next_block();
		assert_eq!(fired(), []);
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
