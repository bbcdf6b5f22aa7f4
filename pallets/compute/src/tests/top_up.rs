use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;
use sp_runtime::TokenError;

use crate::{mock::*, Accounts, Error, Event, Purse};

#[test]
fn top_up_moves_cred_into_the_api_balance() {
	build_and_execute(|| {
		assert_ok!(Compute::top_up(signed(ALICE), 0, 10 * CRED));
		assert_event(Event::ToppedUp { who: ALICE, relay: 0, amount: 10 * CRED });
		assert_ok!(Compute::top_up(signed(ALICE), 0, 5 * CRED));
		assert_eq!(account(ALICE).purses, vec![Purse { free: 15 * CRED, ..Purse::new(0) }]);
		assert_eq!(wallet(&ALICE), WEALTH - 15 * CRED);
		assert_eq!(wallet(&Compute::account_id()), 15 * CRED);
	});
}

#[test]
fn top_up_is_at_least_the_minimum() {
	build_and_execute(|| {
		assert_noop!(Compute::top_up(signed(ALICE), 0, 0), Error::<Test>::BelowMinimum);
		assert_noop!(Compute::top_up(signed(ALICE), 0, MINIMUM - 1), Error::<Test>::BelowMinimum);
		assert_ok!(Compute::top_up(signed(ALICE), 0, MINIMUM));
		assert_noop!(Compute::top_up(signed(ALICE), 0, MINIMUM - 1), Error::<Test>::BelowMinimum);
	});
}

#[test]
fn top_up_beyond_the_wallet_opens_no_account() {
	build_and_execute(|| {
		assert_noop!(Compute::top_up(signed(ALICE), 0, WEALTH + 1), TokenError::FundsUnavailable);
		assert!(!Accounts::<Test>::contains_key(ALICE));
		assert_eq!(System::sufficients(&ALICE), 1);
	});
}

#[test]
fn top_up_burns_no_dust() {
	build_and_execute(|| {
		let leaves_dust = WEALTH - MINIMUM + 1;
		assert_noop!(Compute::top_up(signed(ALICE), 0, leaves_dust), TokenError::NotExpendable);
		assert_ok!(Compute::top_up(signed(ALICE), 0, leaves_dust - 1));
		assert_eq!(wallet(&ALICE), MINIMUM);
	});
}

#[test]
fn top_up_with_the_whole_wallet_keeps_the_nonce() {
	build_and_execute(|| {
		frame_system::Account::<Test>::mutate(ALICE, |info| info.nonce = 7);
		assert_ok!(Compute::top_up(signed(ALICE), 0, WEALTH));
		assert_eq!(wallet(&ALICE), 0);
		assert_eq!(System::account_nonce(ALICE), 7);
		assert_eq!(System::sufficients(&ALICE), 1);
	});
}

#[test]
fn top_up_needs_a_signature() {
	build_and_execute(|| {
		let bad = sp_runtime::DispatchError::BadOrigin;
		assert_noop!(Compute::top_up(RuntimeOrigin::root(), 0, CRED), bad);
	});
}
