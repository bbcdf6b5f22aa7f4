//! Triggers whose orders cannot be placed.

use frame_support::assert_ok;
use lx_matching::{Side, TimeInForce};
use lx_primitives::{
	units::{CRED_ASSET, LCO_ASSET},
	Balance,
};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event, OrderRequest, WeightInfo, When};

/// Which triggers have failed since events were taken last, and why.
fn failed() -> Vec<(u64, DispatchError)> {
	let failed = |event: Event<Test>| match event {
		Event::TriggerFailed { trigger, error, .. } => Some((trigger, error)),
		_ => None,
	};
	take_events().into_iter().filter_map(failed).collect()
}

#[test]
fn an_order_that_cannot_be_placed_fails_and_is_gone() {
	build_and_execute(|| {
		trade(20_000);
		let below = When::AtOrBelow(19_000);
		let too_much = OrderRequest { lots: 100 * WEALTH as u64 + 1, ..sell() };
		let until = TimeInForce::GoodTilTime;
		let late = OrderRequest { time_in_force: until(soon()), ..sell() };
		let nearly_late = OrderRequest { time_in_force: until(soon() + 1), ..sell() };
		// It was to be worth what somebody bids, and nobody does.
		let cheap = OrderRequest { tick: 0, ..sell() };
		for order in [too_much, late, nearly_late, cheap, sell()] {
			assert_ok!(set_trigger(ALICE, below, order));
		}
		trade(19_000);
		take_events();
		Now::set(soon());
		next_block();
		let expected: [(u64, DispatchError); 4] = [
			(1, pallet_clearing::Error::<Test>::InsufficientWallet.into()),
			(2, Error::<Test>::Expired.into()),
			(3, Error::<Test>::TooShortLived.into()),
			(4, Error::<Test>::BelowMinNotional.into()),
		];
		assert_eq!(failed(), expected);
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
		assert_eq!(holding(ALICE, CRED_ASSET), (5 * DEPOSIT, 0));
	});
}

#[test]
fn what_fails_before_it_has_met_anything_is_charged_for_nothing_more() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 100)));
		let post_only = OrderRequest { time_in_force: TimeInForce::PostOnly, ..sell() };
		let too_much = OrderRequest { lots: 100 * WEALTH as u64 + 1, ..sell() };
		let whole = TimeInForce::FillOrKill;
		// It has to look whether it can be filled.
		let whole = OrderRequest { time_in_force: whole, lots: 200, max_matches: 7, ..sell() };
		for (tick, order, met) in
			[(19_000, post_only, 0), (18_000, too_much, 0), (17_000, whole, 1)]
		{
			assert_ok!(set_trigger(ALICE, When::AtOrBelow(tick), order));
			trade(tick);
			take_events();
			let looks = <()>::next_trigger().saturating_mul(2);
			let step = <()>::fire_trigger(met).saturating_add(<()>::clear_trigger());
			assert_eq!(next_block(), looks.saturating_add(step));
			assert_eq!(failed().len(), 1);
		}
	});
}

#[test]
fn an_order_that_fails_at_its_end_leaves_nothing_behind() {
	// The fund holds more than there is, so not all invariants hold.
	new_test_ext().execute_with(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 100)));
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		pallet_clearing::Accounts::<Test>::mutate(FUND, 0, |fund| {
			let holdings = &mut fund.as_mut().unwrap().holdings;
			holdings.iter_mut().for_each(|holding| holding.free = Balance::MAX);
		});
		take_events();
		let looks = <()>::next_trigger().saturating_mul(2);
		let step = <()>::fire_trigger(1).saturating_add(<()>::clear_trigger());
		assert_eq!(next_block(), looks.saturating_add(step), "it had met one");
		let expected: [(u64, DispatchError); 1] = [(1, Error::<Test>::Overflow.into())];
		assert_eq!(failed(), expected);
		assert_eq!(depth(Side::Bid), [(15_000, 100, 1)]);
		assert_eq!(Orderbook::market(MARKET).unwrap().last, Some(19_000));
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT, 0));
		assert_eq!(holding(ALICE, LCO_ASSET), (0, 0));
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
		assert_ok!(Orderbook::do_try_state());
	});
}
