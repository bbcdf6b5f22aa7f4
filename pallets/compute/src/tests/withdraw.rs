use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event};

#[test]
fn thawed_credits_return_to_the_wallet() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, 4 * CRED));
		let (relay, amount, thaw_at) = (0, 4 * CRED, START + THAW);
		assert_event(Event::Thawing { who: ALICE, relay, amount, thaw_at });
		assert_eq!(free_and_thawing(ALICE), (6 * CRED, 4 * CRED));
		wait(THAW - 1);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::StillThawing);
		wait(1);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_event(Event::Withdrawn { who: ALICE, relay: 0, amount: 4 * CRED });
		assert_eq!(free_and_thawing(ALICE), (6 * CRED, 0));
		assert_eq!(wallet(&ALICE), WEALTH - 6 * CRED);
	});
}

#[test]
fn a_second_thaw_starts_the_delay_again_for_all() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		wait(THAW - 1);
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		wait(1);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::StillThawing);
		wait(THAW - 1);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(wallet(&ALICE), WEALTH - 8 * CRED);
	});
}

#[test]
fn thaw_is_bounded_by_what_is_free() {
	build_and_execute(|| {
		assert_noop!(Compute::thaw(signed(ALICE), 0, CRED), Error::<Test>::NoAccount);
		open(ALICE, CRED);
		assert_noop!(Compute::thaw(signed(ALICE), 0, 0), Error::<Test>::ZeroAmount);
		assert_noop!(Compute::thaw(signed(ALICE), 0, CRED + 1), Error::<Test>::InsufficientBalance);
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		assert_noop!(Compute::thaw(signed(ALICE), 0, 1), Error::<Test>::InsufficientBalance);
	});
}

#[test]
fn a_cancelled_thaw_is_free_again() {
	build_and_execute(|| {
		assert_noop!(Compute::cancel_thaw(signed(ALICE), 0), Error::<Test>::NoAccount);
		open(ALICE, CRED);
		assert_noop!(Compute::cancel_thaw(signed(ALICE), 0), Error::<Test>::NothingThawing);
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED / 2));
		assert_ok!(Compute::cancel_thaw(signed(ALICE), 0));
		assert_event(Event::ThawCancelled { who: ALICE, relay: 0, amount: CRED / 2 });
		assert_eq!(free_and_thawing(ALICE), (CRED, 0));
		wait(THAW);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::NothingThawing);
	});
}

#[test]
fn withdraw_needs_an_account() {
	build_and_execute(|| {
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::NoAccount);
	});
}

#[test]
fn what_thaws_can_still_be_charged_and_free_goes_first() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, 6 * CRED));
		assert_ok!(post(vec![line(ALICE, 3 * CRED)]));
		assert_eq!(free_and_thawing(ALICE), (CRED, 6 * CRED));
		assert_ok!(post(vec![line(ALICE, 6 * CRED)]));
		assert_eq!(free_and_thawing(ALICE), (0, CRED));
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(wallet(&ALICE), WEALTH - 9 * CRED);
	});
}

#[test]
fn an_emptied_account_is_closed() {
	build_and_execute(|| {
		open(ALICE, CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		wait(THAW);
		assert_eq!(System::sufficients(&ALICE), 2);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(Compute::account(ALICE), None);
		assert_eq!(System::sufficients(&ALICE), 1);
		assert_eq!(wallet(&ALICE), WEALTH);
	});
}

#[test]
fn an_account_with_pending_charges_stays_open() {
	build_and_execute(|| {
		open(ALICE, 2 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		ChallengeWindow::set(2 * THAW);
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(purse(ALICE).pending, CRED);
		finalise();
		assert_eq!(purse(ALICE).pending, 0);
		assert_eq!(Ledger::settled(&ALICE), CRED);
	});
}

#[test]
fn an_account_that_revoked_keys_is_remembered() {
	build_and_execute(|| {
		open(ALICE, CRED);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert!(account(ALICE).purses.is_empty());
		assert_ok!(Compute::top_up(signed(ALICE), 0, CRED));
		assert_eq!(account(ALICE).key_epoch, 1);
	});
}

#[test]
fn a_withdrawal_that_the_wallet_cannot_hold_waits() {
	build_and_execute(|| {
		open(ALICE, WEALTH);
		open(BOB, CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, MINIMUM - 1));
		wait(THAW);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), TokenError::BelowMinimum);
		give(&ALICE, MINIMUM);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(wallet(&ALICE), 2 * MINIMUM - 1);
	});
}

#[test]
fn a_withdrawal_does_not_burn_what_others_hold() {
	build_and_execute(|| {
		give(&REVENUE, MINIMUM);
		open(ALICE, CRED);
		open(BOB, MINIMUM);
		assert_ok!(post(vec![line(BOB, 1)]));
		finalise();
		assert_ok!(Compute::thaw(signed(ALICE), 0, CRED));
		wait(THAW);
		// All that would stay in the pallet is Bob's, and less than the asset's minimum.
		assert_eq!(wallet(&Compute::account_id()), CRED + MINIMUM - 1);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), TokenError::NotExpendable);
		assert_ok!(Compute::top_up(signed(CAROL), 0, MINIMUM));
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
	});
}
