use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;
use sp_core::Pair;

use crate::{mock::*, Error, Event};

#[test]
fn authorise_replaces_relays_and_limit() {
	build_and_execute(|| {
		assert_ok!(Compute::register_relay(signed(CAROL), pair(101).public()));
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[1]), CRED));
		assert_event(Event::Authorised { who: ALICE, relays: relays(&[1]), daily_limit: CRED });
		assert_eq!(account(ALICE).relays, relays(&[1]));
		assert_eq!(account(ALICE).daily_limit, CRED);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::RelayNotAuthorised);
	});
}

#[test]
fn only_known_relays_can_be_authorised() {
	build_and_execute(|| {
		open(ALICE, CRED);
		let stranger = Compute::authorise(signed(ALICE), relays(&[0, 1]), CRED);
		assert_noop!(stranger, Error::<Test>::UnknownRelay);
	});
}

#[test]
fn authorise_and_revoke_need_an_account() {
	build_and_execute(|| {
		let none = Error::<Test>::NoAccount;
		assert_noop!(Compute::authorise(signed(ALICE), relays(&[0]), CRED), none);
		assert_noop!(Compute::revoke_keys(signed(ALICE)), Error::<Test>::NoAccount);
	});
}

#[test]
fn revoking_ends_every_authorisation() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_event(Event::KeysRevoked { who: ALICE, key_epoch: 1 });
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::RelayNotAuthorised);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_eq!(account(ALICE).key_epoch, 2);
	});
}

#[test]
fn the_daily_limit_holds_across_batches() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[0]), 3 * CRED));
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
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[0]), CRED));
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
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[0]), CRED));
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[0]), CRED));
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
		open(ALICE, CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[0]), 0));
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::DailyLimitExceeded);
		assert_ok!(post(vec![line(ALICE, 0)]));
	});
}
