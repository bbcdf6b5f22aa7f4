use frame_support::{assert_noop, assert_ok};
use lx_primitives::{units::CRED, Credits, Moment};

use crate::{mock::*, Error, Event, FormerLimit, Purse};

fn set_limit(limit: Credits) -> sp_runtime::DispatchResult {
	Compute::set_daily_limit(signed(ALICE), 0, limit)
}

fn limited(daily_limit: Credits) -> Purse {
	Purse { daily_limit, ..Purse::new(0) }
}

#[test]
fn a_new_purse_has_no_limit_but_what_is_in_it() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_eq!(purse(ALICE).daily_limit, Credits::MAX);
		assert_ok!(post(vec![line(ALICE, 10 * CRED)]));
	});
}

#[test]
fn a_limit_is_set_for_one_purse() {
	build_and_execute(|| {
		assert_noop!(set_limit(CRED), Error::<Test>::NoAccount);
		let other = admit_relay();
		assert_ok!(Compute::top_up(signed(ALICE), other, 10 * CRED));
		assert_noop!(set_limit(CRED), Error::<Test>::NoPurse);
		open(ALICE, 10 * CRED);
		assert_ok!(set_limit(CRED));
		assert_event(Event::DailyLimitSet { who: ALICE, relay: 0, limit: CRED });
		assert_eq!(purse(ALICE).daily_limit, CRED);
		assert_eq!(purse_at(other, ALICE).daily_limit, Credits::MAX);
	});
}

#[test]
fn the_daily_limit_holds_across_batches() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, 3 * CRED);
		assert_ok!(post(vec![line(ALICE, 2 * CRED)]));
		assert_noop!(post(vec![line(ALICE, CRED + 1)]), Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn the_daily_limit_starts_again_with_the_day() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		wait(DAY - 1 - Now::get() % DAY);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		wait(1);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		assert_eq!(purse(ALICE).spent_today, CRED);
	});
}

#[test]
fn nothing_but_the_day_forgets_what_was_spent() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_ok!(Compute::cancel_thaw(signed(ALICE), 0));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		// Becoming final does not give the day's allowance back.
		finalise();
		assert_eq!(purse(ALICE).pending, 0);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn a_limit_of_zero_allows_nothing() {
	build_and_execute(|| {
		open_limited(ALICE, CRED, 0);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn a_raised_limit_holds_at_once() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		assert_ok!(set_limit(3 * CRED));
		assert!(purse(ALICE).former_limits.is_empty());
		assert_ok!(post(vec![line(ALICE, 3 * CRED)]));
	});
}

#[test]
fn what_was_served_under_a_higher_limit_is_collected_for_a_delay() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, 3 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(set_limit(CRED));
		assert_eq!(purse(ALICE).daily_limit, CRED);
		let former = FormerLimit { limit: 3 * CRED, until: Now::get() + THAW };
		assert_eq!(purse(ALICE).former_limits, vec![former]);
		wait(THAW);
		assert_noop!(post(vec![line(ALICE, 2 * CRED + 1)]), Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn toggling_holds_up_no_batch() {
	build_and_execute(|| {
		open(ALICE, 100 * CRED);
		open(BOB, 100 * CRED);
		for _ in 0..10 {
			assert_ok!(set_limit(0));
			wait(THAW);
			assert_ok!(post(vec![line(ALICE, CRED), line(BOB, CRED)]));
			assert_ok!(set_limit(Credits::MAX));
			assert_ok!(Compute::revoke_keys(signed(ALICE)));
			wait(THAW);
			assert_ok!(post(vec![line(ALICE, CRED), line(BOB, CRED)]));
			assert_ok!(Compute::cancel_thaw(signed(ALICE), 0));
		}
	});
}

#[test]
fn setting_the_same_limit_does_not_prolong_a_former_one() {
	let mut purse = limited(100);
	purse.set_daily_limit(50, 0, 10);
	purse.set_daily_limit(50, 9, 10);
	assert_eq!((purse.limit_at(10), purse.limit_at(11)), (100, 50));
}

#[test]
fn each_former_limit_has_a_time_of_its_own() {
	let mut purse = limited(100);
	purse.set_daily_limit(50, 0, 10);
	purse.set_daily_limit(40, 5, 10);
	let limits = [5, 10, 11, 15, 16].map(|now| purse.limit_at(now));
	assert_eq!(limits, [100, 100, 50, 50, 40]);
}

#[test]
fn a_limit_lowered_below_a_raised_one_is_remembered_at_the_raised_one() {
	let mut purse = limited(100);
	purse.set_daily_limit(50, 0, 10);
	purse.set_daily_limit(80, 2, 10);
	purse.set_daily_limit(10, 4, 10);
	let limits = [4, 10, 11, 14, 15].map(|now| purse.limit_at(now));
	assert_eq!(limits, [100, 100, 80, 80, 10]);
}

#[test]
fn toggling_a_limit_remembers_it_once() {
	let mut purse = limited(100);
	for now in 0..50 {
		purse.set_daily_limit(0, now, 10);
		purse.set_daily_limit(100, now, 10);
	}
	purse.set_daily_limit(0, 50, 10);
	assert_eq!(purse.former_limits, vec![FormerLimit { limit: 100, until: 60 }]);
}

#[test]
fn a_limit_lowered_again_and_again_ends_after_two_delays() {
	let stood_at = |time: Moment| 1_000 - Credits::from(time);
	let mut purse = limited(stood_at(0));
	for now in 0..100 {
		assert_eq!(purse.daily_limit, stood_at(now));
		purse.set_daily_limit(stood_at(now + 1), now, 10);
		assert!(purse.limit_at(now) >= stood_at(now.saturating_sub(10)));
		assert!(purse.limit_at(now) <= stood_at(now.saturating_sub(20)));
	}
}
