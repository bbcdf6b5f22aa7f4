use frame_support::{assert_noop, assert_ok};
use lx_primitives::{units::CRED, Credits, Moment, RelayId};
use sp_core::Pair;

use crate::{mock::*, ApiAccount, Authorisation, Error, Event, FormerLimit, MAX_AUTHORISED};

fn standing(relay: RelayId) -> Authorisation {
	Authorisation { relay, until: None }
}

fn leaving(relay: RelayId, until: Moment) -> Authorisation {
	Authorisation { relay, until: Some(until) }
}

fn authorise(ids: &[RelayId], daily_limit: Credits) -> sp_runtime::DispatchResult {
	Compute::authorise(signed(ALICE), relays(ids), daily_limit)
}

/// Registers relays with the ids from 1 on.
fn register_relays(count: u8) {
	for number in 0..count {
		assert_ok!(Compute::register_relay(signed(CAROL), pair(101 + number).public()));
	}
}

#[test]
fn authorise_replaces_relays_and_limit() {
	build_and_execute(|| {
		register_relays(1);
		open(ALICE, 10 * CRED);
		assert_ok!(authorise(&[1], CRED));
		assert_event(Event::Authorised { who: ALICE, relays: relays(&[1]), daily_limit: CRED });
		assert_eq!(account(ALICE).relays, vec![standing(1), leaving(0, START + THAW)]);
		assert_eq!(account(ALICE).daily_limit, CRED);
		wait(THAW + 1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::RelayNotAuthorised);
	});
}

#[test]
fn only_known_relays_can_be_authorised() {
	build_and_execute(|| {
		open(ALICE, CRED);
		assert_noop!(authorise(&[0, 1], CRED), Error::<Test>::UnknownRelay);
	});
}

#[test]
fn authorise_and_revoke_need_an_account() {
	build_and_execute(|| {
		assert_noop!(authorise(&[0], CRED), Error::<Test>::NoAccount);
		assert_noop!(Compute::revoke_keys(signed(ALICE)), Error::<Test>::NoAccount);
	});
}

#[test]
fn a_relay_named_twice_is_held_once() {
	build_and_execute(|| {
		register_relays(1);
		open(ALICE, CRED);
		assert_ok!(authorise(&[1, 0, 1], CRED));
		assert_eq!(account(ALICE).relays, vec![standing(1), standing(0)]);
	});
}

#[test]
fn revoking_ends_every_authorisation() {
	build_and_execute(|| {
		register_relays(1);
		open(ALICE, 10 * CRED);
		assert_ok!(authorise(&[0, 1], CRED));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_event(Event::KeysRevoked { who: ALICE, key_epoch: 1 });
		let until = START + THAW;
		assert_eq!(account(ALICE).relays, vec![leaving(0, until), leaving(1, until)]);
		assert_eq!(account(ALICE).daily_limit, CRED);
		wait(THAW + 1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::RelayNotAuthorised);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_eq!(account(ALICE).key_epoch, 2);
		assert!(account(ALICE).relays.is_empty());
	});
}

#[test]
fn a_relay_that_was_taken_off_collects_for_a_delay() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(authorise(&[], Credits::MAX));
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(THAW);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::RelayNotAuthorised);
	});
}

#[test]
fn taking_a_relay_off_again_changes_nothing_about_its_time() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(authorise(&[], CRED));
		wait(THAW / 2);
		assert_ok!(authorise(&[], CRED));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_eq!(account(ALICE).relays, vec![leaving(0, START + THAW)]);
	});
}

#[test]
fn a_relay_that_is_named_again_stands_again() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		wait(THAW / 2);
		assert_ok!(authorise(&[0], Credits::MAX));
		assert_eq!(account(ALICE).relays, vec![standing(0)]);
		wait(10 * THAW);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		// Taken off once more, it has a whole delay again.
		assert_ok!(authorise(&[], Credits::MAX));
		assert_eq!(account(ALICE).relays, vec![leaving(0, Now::get() + THAW)]);
	});
}

#[test]
fn relays_that_still_collect_take_up_room() {
	build_and_execute(|| {
		register_relays(8);
		open(ALICE, 10 * CRED);
		let all = (0..MAX_AUTHORISED).collect::<Vec<_>>();
		assert_ok!(authorise(&all, CRED));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_noop!(authorise(&[8], 2 * CRED), Error::<Test>::TooManyAuthorised);
		wait(THAW);
		assert_noop!(authorise(&[8], 2 * CRED), Error::<Test>::TooManyAuthorised);
		// One of them may come back.
		assert_ok!(authorise(&[7], CRED));
		assert_eq!(account(ALICE).relays.len(), all.len());
		wait(1);
		assert_ok!(authorise(&[8, 7], CRED));
		assert_eq!(account(ALICE).relays, vec![standing(8), standing(7)]);
	});
}

#[test]
fn toggling_holds_up_no_batch() {
	build_and_execute(|| {
		open(ALICE, 100 * CRED);
		open(BOB, 100 * CRED);
		let sign_next = || sign(batch(vec![line(ALICE, CRED), line(BOB, CRED)]));
		for _ in 0..10 {
			let signed_before = sign_next();
			assert_ok!(authorise(&[], 0));
			wait(THAW);
			assert_ok!(signed_before.post());
			assert_ok!(authorise(&[0], Credits::MAX));
			let signed_before = sign_next();
			assert_ok!(Compute::revoke_keys(signed(ALICE)));
			assert_ok!(signed_before.post());
			assert_ok!(authorise(&[0], Credits::MAX));
		}
	});
}

#[test]
fn the_daily_limit_holds_across_batches() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, 3 * CRED);
		assert_ok!(post(vec![line(ALICE, 2 * CRED)]));
		let over = post(vec![line(ALICE, CRED + 1)]);
		assert_noop!(over, Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn the_daily_limit_starts_again_with_the_day() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		wait(DAY - 1);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		wait(1);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		assert_eq!(account(ALICE).spent_today, CRED);
	});
}

#[test]
fn a_new_authorisation_does_not_forget_what_was_spent() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_ok!(authorise(&[0], CRED));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		// Becoming final does not give the day's allowance back.
		ChallengeWindow::set(1);
		finalise();
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn a_limit_of_zero_allows_only_free_calls() {
	build_and_execute(|| {
		open_limited(ALICE, CRED, 0);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, 0)]));
	});
}

#[test]
fn a_raised_limit_holds_at_once() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, CRED);
		assert_ok!(authorise(&[0], 3 * CRED));
		assert!(account(ALICE).former_limits.is_empty());
		assert_ok!(post(vec![line(ALICE, 3 * CRED)]));
	});
}

#[test]
fn what_was_served_under_a_higher_limit_is_collected_for_a_delay() {
	build_and_execute(|| {
		open_limited(ALICE, 10 * CRED, 3 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(authorise(&[0], CRED));
		assert_eq!(account(ALICE).daily_limit, CRED);
		let former = FormerLimit { limit: 3 * CRED, until: START + THAW };
		assert_eq!(account(ALICE).former_limits, vec![former]);
		wait(THAW);
		assert_noop!(post(vec![line(ALICE, 2 * CRED + 1)]), Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
	});
}

#[test]
fn setting_the_same_limit_does_not_prolong_a_former_one() {
	let mut account = ApiAccount { daily_limit: 100, ..Default::default() };
	account.set_daily_limit(50, 0, 10);
	account.set_daily_limit(50, 9, 10);
	assert_eq!((account.limit_at(10), account.limit_at(11)), (100, 50));
}

#[test]
fn each_former_limit_has_a_time_of_its_own() {
	let mut account = ApiAccount { daily_limit: 100, ..Default::default() };
	account.set_daily_limit(50, 0, 10);
	account.set_daily_limit(40, 5, 10);
	let limits = [5, 10, 11, 15, 16].map(|now| account.limit_at(now));
	assert_eq!(limits, [100, 100, 50, 50, 40]);
}

#[test]
fn a_limit_lowered_below_a_raised_one_is_remembered_at_the_raised_one() {
	let mut account = ApiAccount { daily_limit: 100, ..Default::default() };
	account.set_daily_limit(50, 0, 10);
	account.set_daily_limit(80, 2, 10);
	account.set_daily_limit(10, 4, 10);
	let limits = [4, 10, 11, 14, 15].map(|now| account.limit_at(now));
	assert_eq!(limits, [100, 100, 80, 80, 10]);
}

#[test]
fn toggling_a_limit_remembers_it_once() {
	let mut account = ApiAccount { daily_limit: 100, ..Default::default() };
	for now in 0..50 {
		account.set_daily_limit(0, now, 10);
		account.set_daily_limit(100, now, 10);
	}
	account.set_daily_limit(0, 50, 10);
	assert_eq!(account.former_limits, vec![FormerLimit { limit: 100, until: 60 }]);
}

#[test]
fn a_limit_lowered_again_and_again_ends_after_two_delays() {
	let stood_at = |time: Moment| 1_000 - Credits::from(time);
	let mut account = ApiAccount { daily_limit: stood_at(0), ..Default::default() };
	for now in 0..100 {
		assert_eq!(account.daily_limit, stood_at(now));
		account.set_daily_limit(stood_at(now + 1), now, 10);
		assert!(account.limit_at(now) >= stood_at(now.saturating_sub(10)));
		assert!(account.limit_at(now) <= stood_at(now.saturating_sub(20)));
	}
}
