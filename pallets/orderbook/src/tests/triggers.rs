//! Triggers that are set and cleared.

use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use lx_matching::{TimeInForce, MAX_LOTS, TICKS};
use lx_primitives::units::{CRED, CRED_ASSET};

use crate::{
	mock::*, Call, Error, Event, MarketStatus, OrderRequest, TriggerRequest, TriggerView,
	WeightInfo, When, MAX_TRIGGERS, MAX_TRIGGER_MATCHES,
};

#[test]
fn a_trigger_sets_its_deposit_aside_and_gives_it_back() {
	build_and_execute(|| {
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, DEPOSIT));
		assert_eq!(wallet(&ALICE, CRED_ASSET), WEALTH * CRED - DEPOSIT, "it came from the wallet");
		let (market, trigger, account) = (MARKET, 1, id(ALICE));
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order: sell() };
		let set = Event::TriggerSet {
			market,
			trigger,
			account: account.clone(),
			request,
			deposit: DEPOSIT,
			set_by: ALICE,
		};
		assert_eq!(take_events(), [set]);
		let TriggerRequest { when, order } = request;
		let view = TriggerView { market, trigger, when, order, deposit: DEPOSIT, set_by: ALICE };
		assert_eq!(Orderbook::triggers(ALICE, 0), [view]);
		assert_ok!(clear_trigger(ALICE, 1));
		assert_eq!(take_events(), [Event::TriggerCleared { market, trigger, account }]);
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT, 0));
		assert_eq!(Orderbook::triggers(ALICE, 0), []);
		assert_noop!(clear_trigger(ALICE, 1), Error::<Test>::UnknownTrigger);
	});
}

#[test]
fn each_gives_back_the_deposit_of_when_it_was_set() {
	build_and_execute(|| {
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		TriggerDeposit::set(5 * DEPOSIT);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_eq!(holding(ALICE, CRED_ASSET), (0, 6 * DEPOSIT));
		assert_ok!(clear_trigger(ALICE, 1));
		assert_eq!(holding(ALICE, CRED_ASSET), (DEPOSIT, 5 * DEPOSIT));
		TriggerDeposit::set(0);
		assert_ok!(set_trigger(BOB, When::AtOrBelow(19_000), sell()));
		assert_ok!(clear_trigger(BOB, 3));
	});
}

#[test]
fn what_is_wrong_is_refused_with_its_error() {
	build_and_execute(|| {
		trade(20_000);
		let refused = |when, order, error: Error<Test>| {
			assert_noop!(set_trigger(ALICE, when, order), error);
		};
		let below = When::AtOrBelow(19_000);
		refused(When::AtOrBelow(20_000), sell(), Error::AlreadyMet);
		refused(When::AtOrBelow(20_001), sell(), Error::AlreadyMet);
		refused(When::AtOrAbove(20_000), sell(), Error::AlreadyMet);
		refused(When::AtOrAbove(19_999), sell(), Error::AlreadyMet);
		refused(When::AtOrAbove(TICKS), sell(), Error::TickOutOfRange);
		refused(When::AtOrBelow(0), sell(), Error::TickOutOfRange);
		refused(below, OrderRequest { tick: TICKS, ..sell() }, Error::TickOutOfRange);
		refused(below, OrderRequest { lots: 0, ..sell() }, Error::ZeroLots);
		refused(below, OrderRequest { lots: MAX_LOTS + 1, ..sell() }, Error::TooManyLots);
		let max_matches = MAX_TRIGGER_MATCHES + 1;
		refused(below, OrderRequest { max_matches, ..sell() }, Error::TooManyMatches);
		// At 19,000 ticks, where it is likely to sell, 52 lots are worth less than 1 CRED.
		refused(below, OrderRequest { lots: 52, ..sell() }, Error::BelowMinNotional);
		refused(below, bid(15_000, 66), Error::BelowMinNotional);
		refused(below, OrderRequest { reduce_only: true, ..sell() }, Error::NothingToReduce);
		let until = |moment| OrderRequest {
			time_in_force: TimeInForce::GoodTilTime(moment),
			..ask(15_000, 100)
		};
		refused(below, until(START), Error::Expired);
		refused(below, until(soon() - 1), Error::TooShortLived);
		let request = TriggerRequest { when: below, order: sell() };
		assert_noop!(
			bare(Orderbook::set_trigger(signed(ALICE), 7, None, 0, request)),
			Error::<Test>::UnknownMarket
		);
		TriggerDeposit::set(WEALTH * CRED + 1);
		assert_noop!(
			set_trigger(ALICE, below, sell()),
			pallet_clearing::Error::<Test>::InsufficientWallet
		);
		TriggerDeposit::set(DEPOSIT);
		// What sells at the market may have no worst price: it counts with the price that it waits for.
		assert_ok!(set_trigger(ALICE, below, OrderRequest { tick: 0, lots: 53, ..sell() }));
		assert_ok!(set_trigger(ALICE, below, bid(15_000, 67)));
		assert_ok!(set_trigger(ALICE, below, until(soon())));
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(1), sell()));
	});
}

#[test]
fn who_sets_a_trigger_pays_for_firing_it() {
	let declared = |order| {
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order };
		let (market, owner, sub) = (MARKET, None, 0);
		let call = Call::<Test>::set_trigger { market, owner, sub, request };
		call.get_dispatch_info().call_weight
	};
	let paid = |matches| {
		let looks = <()>::set_trigger().saturating_add(<()>::next_trigger());
		looks.saturating_add(<()>::fire_trigger(matches))
	};
	assert_eq!(declared(OrderRequest { max_matches: 3, ..sell() }), paid(3));
	let time_in_force = TimeInForce::FillOrKill;
	assert_eq!(declared(OrderRequest { max_matches: 3, time_in_force, ..sell() }), paid(6));
	// It will be refused, and pays no more than any does.
	assert_eq!(declared(OrderRequest { max_matches: u32::MAX, ..sell() }), paid(32));
}

#[test]
fn so_many_triggers_and_no_more() {
	build_and_execute(|| {
		for number in 0..MAX_TRIGGERS {
			assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000 + number), sell()));
		}
		assert_noop!(
			set_trigger(ALICE, When::AtOrAbove(21_000), sell()),
			Error::<Test>::TooManyTriggers
		);
		// Each account for itself.
		let request = TriggerRequest { when: When::AtOrAbove(21_000), order: sell() };
		assert_ok!(Orderbook::set_trigger(signed(ALICE), MARKET, None, 1, request));
		assert_ok!(set_trigger(BOB, When::AtOrAbove(21_000), sell()));
		assert_ok!(clear_trigger(ALICE, 5));
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
	});
}

#[test]
fn a_session_key_sets_and_clears_and_a_stranger_does_not() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order: sell() };
		let set = |who| bare(Orderbook::set_trigger(signed(who), MARKET, Some(ALICE), 0, request));
		let clear = |who, id| Orderbook::clear_trigger(signed(who), MARKET, Some(ALICE), 0, id);
		assert_noop!(set(BOB), Error::<Test>::NotTrusted);
		assert_ok!(set(BOT));
		assert_ok!(set(BOT));
		assert_eq!(holding(ALICE, CRED_ASSET), (10 * CRED - 2 * DEPOSIT, 2 * DEPOSIT));
		let set_by: Vec<_> =
			Orderbook::triggers(ALICE, 0).into_iter().map(|view| view.set_by).collect();
		assert_eq!(set_by, [BOT, BOT]);
		assert_noop!(clear(BOB, 1), Error::<Test>::NotTrusted);
		assert_noop!(clear_trigger(BOB, 1), Error::<Test>::UnknownTrigger);
		assert_ok!(clear(BOT, 1));
		Now::set(START + 100);
		assert_noop!(set(BOT), Error::<Test>::NotTrusted);
		assert_noop!(clear(BOT, 2), Error::<Test>::NotTrusted);
		// What the key has set is its owner's.
		assert_ok!(clear_trigger(ALICE, 2));
	});
}

#[test]
fn a_session_key_takes_no_deposit_from_the_wallet() {
	build_and_execute(|| {
		let too_little = DEPOSIT - 1;
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, too_little));
		assert_ok!(Clearing::add_session(signed(ALICE), 0, BOT, START + 100));
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order: sell() };
		assert_noop!(
			bare(Orderbook::set_trigger(signed(BOT), MARKET, Some(ALICE), 0, request)),
			pallet_clearing::Error::<Test>::InsufficientFunds
		);
		assert_ok!(Orderbook::set_trigger(signed(ALICE), MARKET, None, 0, request));
		assert_eq!(wallet(&ALICE, CRED_ASSET), WEALTH * CRED - DEPOSIT);
	});
}

#[test]
fn cancelling_all_orders_clears_no_trigger() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, bid(20_000, 100)));
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_ok!(Orderbook::cancel_all(signed(ALICE), MARKET, None, 0, None));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, DEPOSIT));
		assert_eq!(Orderbook::triggers(ALICE, 0).len(), 1);
	});
}

#[test]
fn where_no_order_may_come_no_trigger_may() {
	build_and_execute(|| {
		let set_status = |status| {
			assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), MARKET, status));
		};
		let below = When::AtOrBelow(19_000);
		set_status(MarketStatus::PostOnly);
		assert_ok!(set_trigger(ALICE, below, sell()));
		assert_ok!(set_trigger(ALICE, below, sell()));
		set_status(MarketStatus::CancelOnly);
		assert_noop!(set_trigger(ALICE, below, sell()), Error::<Test>::CancelOnlyMarket);
		assert_ok!(clear_trigger(ALICE, 1));
		set_status(MarketStatus::Halted);
		assert_noop!(set_trigger(ALICE, below, sell()), Error::<Test>::HaltedMarket);
		assert_noop!(clear_trigger(ALICE, 2), Error::<Test>::HaltedMarket);
	});
}
