//! Triggers whose prices are reached.

use frame_support::{assert_ok, weights::Weight};
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::{CRED_ASSET, LCO, LCO_ASSET};

use crate::{
	mock::*, DueMarkets, Error, Event, MarketStatus, Operation, OrderName, OrderRequest,
	TriggerRequest, WeightInfo, When,
};

/// Which triggers have fired since events were taken last, and whose.
fn fired() -> Vec<(u64, AccountId)> {
	let fired = |event: Event<Test>| match event {
		Event::TriggerFired { trigger, account, .. } => Some((trigger, account.owner)),
		_ => None,
	};
	take_events().into_iter().filter_map(fired).collect()
}

/// The triggers alone.
fn fired_ids() -> Vec<u64> {
	fired().into_iter().map(|(trigger, _)| trigger).collect()
}

fn set_status(status: MarketStatus) {
	assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), MARKET, status));
}

#[test]
fn a_stop_loss_fires_at_its_price_and_not_one_tick_before() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 300)));
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_001);
		next_block();
		assert_eq!(fired(), []);
		trade(19_000);
		assert_eq!(fired(), [], "it waits for the next block");
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
		// 1 LCO at 1.5 CRED, less 0.2 %.
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT + 1_500_000 - 3_000, 0));
		assert_eq!(depth(Side::Bid), [(15_000, 200, 1)]);
		next_block();
		assert_eq!(fired(), [], "once");
	});
}

#[test]
fn a_take_profit_fires_at_its_price_and_not_one_tick_before() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), ask(22_000, 100)));
		trade(20_999);
		next_block();
		assert_eq!(fired(), []);
		trade(21_000);
		next_block();
		let (market, trigger, account) = (MARKET, 1, id(ALICE));
		// The first six are the trades.
		let placed = Event::TriggerFired { market, trigger, account, order: 7, left: 0 };
		assert_eq!(take_events().last(), Some(&placed));
		assert_eq!(depth(Side::Ask), [(22_000, 100, 1)]);
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT, 0));
	});
}

#[test]
fn a_jump_over_the_price_fires_too() {
	build_and_execute(|| {
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
		// The first trade of all.
		trade(18_000);
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
		trade(30_000);
		next_block();
		assert_eq!(fired(), [(2, ALICE)]);
	});
}

#[test]
fn at_one_price_the_first_set_is_the_first() {
	build_and_execute(|| {
		trade(20_000);
		// More than a page of them.
		for number in 0..20 {
			let who = if number % 2 == 0 { ALICE } else { CAROL };
			assert_ok!(set_trigger(who, When::AtOrBelow(19_000), sell()));
		}
		assert_ok!(clear_trigger(ALICE, 3));
		assert_ok!(clear_trigger(CAROL, 18));
		trade(19_000);
		next_block();
		let expected: Vec<u64> = (1..=20).filter(|id| *id != 3 && *id != 18).collect();
		assert_eq!(fired_ids(), expected);
	});
}

#[test]
fn the_nearest_to_the_old_price_is_the_first() {
	build_and_execute(|| {
		trade(20_000);
		for when in [
			When::AtOrBelow(18_000),
			When::AtOrBelow(19_000),
			When::AtOrBelow(18_500),
			When::AtOrAbove(20_500),
			When::AtOrAbove(21_200),
			When::AtOrBelow(17_999),
		] {
			assert_ok!(set_trigger(ALICE, when, sell()));
		}
		trade(22_000);
		trade(18_000);
		next_block();
		// By distance: 500, 1,000, 1,200, 1,500, 2,000; and one that was not reached.
		let expected: [u64; 5] = [4, 2, 5, 3, 1];
		assert_eq!(fired_ids(), expected);
		assert_eq!(Orderbook::triggers(ALICE, 0).len(), 1);
	});
}

#[test]
fn a_price_that_was_touched_and_left_within_a_block_fires() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
		trade(19_000);
		trade(21_000);
		trade(20_000);
		next_block();
		assert_eq!(fired().len(), 2);
	});
}

#[test]
fn a_spike_within_one_order_fires() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
		// One batch takes both, and the last price is the lower one.
		assert_ok!(place(CAROL, ask(21_000, 100)));
		assert_ok!(place(CAROL, bid(19_500, 100)));
		let take = |order| {
			Operation::Place(OrderRequest {
				time_in_force: TimeInForce::ImmediateOrCancel,
				..order
			})
		};
		let operations = vec![take(bid(21_000, 100)), take(ask(19_500, 100))];
		let operations = operations.try_into().unwrap();
		assert_ok!(Orderbook::batch(signed(BOB), MARKET, None, 0, operations, true));
		assert_eq!(Orderbook::market(MARKET).unwrap().last, Some(19_500));
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
	});
}

#[test]
fn what_is_undone_fires_nothing() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
		assert_ok!(place(CAROL, ask(21_000, 100)));
		let cancel = Operation::Cancel(OrderName::Id(99));
		let operations = vec![Operation::Place(bid(21_000, 100)), cancel].try_into().unwrap();
		let undone = Orderbook::batch(signed(BOB), MARKET, None, 0, operations, true);
		assert!(undone.is_err());
		next_block();
		assert_eq!(fired(), []);
		assert_eq!(Orderbook::market(MARKET).unwrap().last, Some(20_000));
	});
}

#[test]
fn a_price_from_before_it_was_set_fires_nothing() {
	build_and_execute(|| {
		trade(18_000);
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		next_block();
		assert_eq!(fired(), []);
		// While one is to fire, none can be set that the same price would fire.
		trade(18_500);
		trade(20_000);
		let met = Error::<Test>::AlreadyMet.into();
		assert_eq!(set_trigger(BOB, When::AtOrBelow(18_500), sell()), Err(met));
		assert_ok!(set_trigger(BOB, When::AtOrBelow(18_499), sell()));
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
		assert_ok!(set_trigger(BOB, When::AtOrBelow(19_000), sell()));
		next_block();
		assert_eq!(fired(), []);
	});
}

#[test]
fn what_a_block_has_no_weight_for_the_next_one_fires() {
	build_and_execute(|| {
		trade(20_000);
		for tick in [19_000, 19_000, 18_900, 18_800] {
			assert_ok!(set_trigger(ALICE, When::AtOrBelow(tick), sell()));
		}
		one_a_block();
		trade(18_800);
		// They have been met, wherever the price goes.
		trade(20_000);
		for expected in 1..=4 {
			let weight = next_block();
			assert!(weight.all_lte(TriggerBudget::get()));
			assert_eq!(fired(), [(expected, ALICE)]);
			check_invariants();
		}
		assert_eq!(next_block(), <()>::next_trigger());
		assert_eq!(fired(), []);
	});
}

#[test]
fn without_weight_nothing_fires_and_nothing_is_lost() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		one_a_block();
		let enough = TriggerBudget::get();
		for budget in [Default::default(), <()>::next_trigger(), Orderbook::largest_step()] {
			TriggerBudget::set(budget);
			assert!(next_block().all_lte(budget));
			assert_eq!(fired(), []);
		}
		TriggerBudget::set(enough);
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
	});
}

#[test]
fn a_block_that_has_less_weight_left_fires_less() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		take_events();
		let enough = <()>::next_trigger().saturating_add(Orderbook::largest_step());
		let too_little = enough.saturating_sub(Weight::from_parts(1, 0));
		assert_eq!(next_block_with(too_little), <()>::next_trigger());
		assert_eq!(next_block_with(Weight::zero()), Weight::zero());
		assert_eq!(fired(), []);
		next_block_with(enough);
		assert_eq!(fired(), [(1, ALICE)]);
	});
}

#[test]
fn a_keys_trigger_fires_with_what_is_free_alone() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 3 * DEPOSIT));
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let set = |tick| {
			let request = TriggerRequest { when: When::AtOrBelow(tick), order: sell() };
			Orderbook::set_trigger(signed(BOT), MARKET, Some(ALICE), 0, request)
		};
		for tick in [19_000, 18_000, 17_000] {
			assert_ok!(set(tick));
		}
		let failed = |event: &Event<Test>| match event {
			Event::TriggerFailed { trigger, error, .. } => Some((*trigger, *error)),
			_ => None,
		};
		let failed = || take_events().iter().find_map(failed);
		trade(19_000);
		next_block();
		let short = pallet_clearing::Error::<Test>::InsufficientFunds.into();
		assert_eq!(failed(), Some((1, short)), "all LCO is in the wallet");
		assert_eq!(wallet(&ALICE, LCO_ASSET), WEALTH * LCO);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, LCO_ASSET, LCO));
		trade(18_000);
		take_events();
		next_block();
		assert_eq!(fired(), [(2, ALICE)]);
		Now::set(START + 100);
		trade(17_000);
		take_events();
		next_block();
		assert_eq!(failed(), Some((3, Error::<Test>::NotTrusted.into())));
		assert_eq!(holding(ALICE, CRED_ASSET), (3 * DEPOSIT, 0));
	});
}

#[test]
fn a_block_is_charged_for_what_was_met() {
	build_and_execute(|| {
		trade(20_000);
		for _ in 0..3 {
			assert_ok!(place(BOB, bid(15_000, 80)));
		}
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		let looks = <()>::next_trigger().saturating_mul(2);
		assert_eq!(next_block(), looks.saturating_add(<()>::fire_trigger(2)));
	});
}

#[test]
fn what_fires_may_fire_others() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 300)));
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(16_000), sell()));
		assert_ok!(set_trigger(CAROL, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		next_block();
		assert_eq!(fired(), [(2, CAROL), (1, ALICE)]);
		assert_eq!(depth(Side::Bid), [(15_000, 100, 1)]);
	});
}

#[test]
fn what_is_due_can_still_be_cleared() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		assert_eq!(DueMarkets::<Test>::get().to_vec(), [MARKET]);
		assert_ok!(clear_trigger(ALICE, 1));
		assert!(DueMarkets::<Test>::get().is_empty());
		next_block();
		assert_eq!(fired(), []);
	});
}

#[test]
fn they_stay_until_the_market_is_active_again() {
	use MarketStatus::{Active, CancelOnly, Halted, PostOnly};
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		trade(19_000);
		take_events();
		for status in [Halted, CancelOnly, PostOnly] {
			set_status(status);
			assert_eq!(next_block(), <()>::next_trigger());
			check_invariants();
			assert_eq!(Orderbook::triggers(ALICE, 0).len(), 1);
		}
		set_status(Active);
		next_block();
		assert_eq!(fired(), [(1, ALICE)]);
	});
}

#[test]
fn markets_take_turns() {
	build_and_execute(|| {
		assert_ok!(Orderbook::open_market(RuntimeOrigin::root(), TERMS));
		assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), 1, MarketStatus::Active));
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order: sell() };
		for market in [0, 0, 1, 1] {
			assert_ok!(Orderbook::set_trigger(signed(ALICE), market, None, 0, request));
		}
		for market in [0, 1] {
			let place = |who, order| Orderbook::place(signed(who), market, None, 0, order);
			assert_ok!(place(CAROL, ask(19_000, 100)));
			assert_ok!(place(BOB, bid(19_000, 100)));
		}
		one_a_block();
		take_events();
		for expected in [(0, 1), (1, 1), (0, 2), (1, 2)] {
			next_block();
			let fired = take_events().into_iter().find_map(|event| match event {
				Event::TriggerFired { market, trigger, .. } => Some((market, trigger)),
				_ => None,
			});
			assert_eq!(fired, Some(expected));
			check_invariants();
		}
	});
}
