//! Asking for a part of a quota.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{units::LCO, Units};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event, Launches, Subscription, MAX_SUBSCRIBERS};

#[test]
fn a_subscriber_learns_what_is_certain_and_deposits_for_its_place() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO);
		stake(BOB, 50_000 * LCO);
		stake(CAROL, 40_000 * LCO);
		assert_ok!(launch(1_000));
		at(OPENING);
		take_events();
		assert_ok!(subscribe(ALICE, 1_000));
		assert_ok!(subscribe(BOB, 500));
		let subscribed = |who, units, weight: u128, first| {
			let weight = weight * LCO;
			Event::Subscribed { launch: 0, who, units, weight, first }
		};
		// 10,000 and three times 50,000 of 200,000 LCO.
		let expected =
			vec![subscribed(ALICE, 1_000, 10_000, 50), subscribed(BOB, 500, 150_000, 500)];
		assert_eq!(take_events(), expected);
		assert_eq!([ALICE, BOB, CAROL].map(held), [DEPOSIT, DEPOSIT, 0]);
		assert_eq!(free(ALICE), WEALTH - DEPOSIT);
		let subscription = Subscription::new(1, DEPOSIT);
		assert_eq!(Launchpad::subscription(0, BOB), Some(subscription));
		let tally = launch_of(0).tally;
		assert_eq!((tally.subscribers, tally.first, tally.wanted), (2, 550, 950));
		assert_eq!(tally.least, 10_000 * LCO);
		assert_eq!(Launchpad::allocation(0, ALICE), None);
	});
}

#[test]
fn one_subscribes_within_the_window() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO);
		assert_noop!(subscribe(ALICE, 1), Error::<Test>::UnknownLaunch);
		assert_ok!(launch(1_000));
		assert_noop!(subscribe(ALICE, 1), Error::<Test>::NotOpen);
		for time in [SNAPSHOT, OPENING - 1] {
			at(time);
			assert_noop!(subscribe(ALICE, 1), Error::<Test>::NotOpen);
		}
		at(OPENING);
		assert_ok!(subscribe(ALICE, 1));
		// The last moment, and the first after it, before the hook has run and after.
		stake(BOB, 10_000 * LCO);
		Now::set(CLOSING - 1);
		assert_noop!(subscribe(BOB, 1), Error::<Test>::NoWeight);
		Now::set(CLOSING);
		assert_noop!(subscribe(BOB, 1), Error::<Test>::WindowOver);
		for time in [CLOSING, EXPIRY] {
			at(time);
			assert_noop!(subscribe(BOB, 1), Error::<Test>::WindowOver);
		}
	});
}

#[test]
fn only_lv3_and_higher_subscribe() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO - 1);
		stake(BOB, 10_000 * LCO);
		stake(CAROL, 10_000 * LCO);
		assert_ok!(launch(1_000));
		at(OPENING);
		assert_noop!(subscribe(ALICE, 1), Error::<Test>::TierTooLow);
		assert_noop!(subscribe(99, 1), Error::<Test>::TierTooLow);
		// Who is no shareholder any more takes no part.
		stake(CAROL, 10_000 * LCO - 1);
		assert_noop!(subscribe(CAROL, 1), Error::<Test>::TierTooLow);
		assert_ok!(subscribe(BOB, 1));
	});
}

#[test]
fn what_was_not_there_all_the_time_weighs_nothing() {
	build_and_execute(|| {
		stake(BOB, 60_000 * LCO);
		stake(CAROL, 10_000 * LCO);
		assert_ok!(launch(1_000));
		// Announced in this block already.
		wait(1);
		stake(ALICE, 1_000_000 * LCO);
		stake(BOB, 20_000 * LCO);
		at(SNAPSHOT - 1);
		stake(BOB, 60_000 * LCO);
		stake(CAROL, 10_000 * LCO - 1);
		at(OPENING);
		stake(CAROL, 10_000 * LCO);
		assert_noop!(subscribe(ALICE, 1), Error::<Test>::NoWeight);
		assert_noop!(subscribe(CAROL, 1), Error::<Test>::NoWeight);
		take_events();
		assert_ok!(subscribe(BOB, 1_000));
		// At the tier of the least that it had.
		let weight = 20_000 * LCO;
		let first: Units = 1_000 * 20_000 / (3 * 1_060_000);
		let subscribed = Event::Subscribed { launch: 0, who: BOB, units: 1_000, weight, first };
		assert_eq!(take_events(), vec![subscribed]);
	});
}

#[test]
fn one_subscribes_once() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO);
		assert_ok!(launch(1_000));
		assert_ok!(launch(1_000));
		at(OPENING);
		assert_ok!(subscribe(ALICE, 1));
		assert_noop!(subscribe(ALICE, 2), Error::<Test>::AlreadySubscribed);
		assert_ok!(Launchpad::subscribe(RuntimeOrigin::signed(ALICE), 1, 2));
		assert_eq!(held(ALICE), 2 * DEPOSIT);
	});
}

#[test]
fn a_request_is_for_something_that_there_is() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO);
		stake(BOB, 10_000 * LCO);
		assert_ok!(launch(1_000));
		at(OPENING);
		assert_noop!(subscribe(ALICE, 0), Error::<Test>::ZeroUnits);
		assert_noop!(subscribe(ALICE, 1_001), Error::<Test>::RequestTooLarge);
		assert_noop!(subscribe(ALICE, Units::MAX), Error::<Test>::RequestTooLarge);
		assert_ok!(subscribe(ALICE, 1_000));
		assert_ok!(subscribe(BOB, 1));
	});
}

#[test]
fn a_place_takes_a_deposit() {
	build_and_execute(|| {
		stake(9, 10_000 * LCO);
		assert_ok!(launch(1_000));
		at(OPENING);
		assert_noop!(subscribe(9, 1), Error::<Test>::InsufficientFunds);
		assert_eq!(stored(), (0, 0));
		endow(9);
		assert_ok!(subscribe(9, 1));
		assert_eq!(stored(), (1, 1));
	});
}

#[test]
fn the_subscribers_are_bounded() {
	new_test_ext().execute_with(|| {
		stake(ALICE, 10_000 * LCO);
		assert_ok!(launch(1_000));
		at(OPENING);
		let full = |subscribers| {
			Launches::<Test>::mutate_extant(0, |launch| launch.tally.subscribers = subscribers);
		};
		full(MAX_SUBSCRIBERS);
		assert_noop!(subscribe(ALICE, 1), Error::<Test>::TooManySubscribers);
		full(MAX_SUBSCRIBERS - 1);
		assert_ok!(subscribe(ALICE, 1));
	});
}

#[test]
fn every_call_of_a_subscriber_needs_a_signature() {
	build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let refused = [
				Launchpad::subscribe(origin.clone(), 0, 1),
				Launchpad::claim(origin.clone(), 0, RELAY, 1),
				Launchpad::release(origin, 0, ALICE),
			];
			assert_eq!(refused, [Err(DispatchError::BadOrigin); 3]);
		}
	});
}
