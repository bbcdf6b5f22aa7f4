use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;

use crate::{mock::*, Error, Event};

fn revoke() -> sp_runtime::DispatchResult {
	Compute::revoke_keys(signed(ALICE))
}

#[test]
fn revoking_begins_an_epoch_and_thaws_every_purse() {
	build_and_execute(|| {
		let other = admit_relay();
		open(ALICE, 10 * CRED);
		assert_ok!(Compute::top_up(signed(ALICE), other, CRED));
		wait(5);
		assert_ok!(revoke());
		let (key_epoch, thaw_at) = (1, Now::get() + THAW);
		assert_event(Event::KeysRevoked { who: ALICE, key_epoch, thaw_at });
		assert_eq!((account(ALICE).key_epoch, account(ALICE).epoch_since), (1, START + 5));
		assert_eq!(free_and_thawing(ALICE), (0, 10 * CRED));
		let elsewhere = purse_at(other, ALICE);
		assert_eq!((elsewhere.free, elsewhere.thawing, elsewhere.thaw_at), (0, CRED, thaw_at));
	});
}

#[test]
fn only_an_account_can_revoke() {
	build_and_execute(|| {
		assert_noop!(revoke(), Error::<Test>::NoAccount);
	});
}

#[test]
fn keys_are_not_revoked_again_while_what_they_were_served_is_collected() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_eq!(Compute::keys_collected_until(ALICE), None);
		assert_ok!(revoke());
		let until = Now::get() + THAW;
		assert_eq!(Compute::keys_collected_until(ALICE), Some(until));
		assert_noop!(revoke(), Error::<Test>::RevokedRecently);
		wait(THAW);
		assert_eq!(Now::get(), until);
		assert_noop!(revoke(), Error::<Test>::RevokedRecently);
		wait(1);
		assert_ok!(revoke());
		assert_eq!(account(ALICE).key_epoch, 2);
		assert_eq!(purse(ALICE).thaw_at, START + THAW, "what thaws already is not held back");
	});
}

#[test]
fn what_was_served_before_is_collected_for_a_delay() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(revoke());
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(THAW);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(1);
		assert_noop!(post(vec![line(ALICE, 1)]), Error::<Test>::Overcharge);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(wallet(&ALICE), WEALTH - 2 * CRED);
	});
}

#[test]
fn an_epoch_counts_no_higher_than_it_can() {
	build_and_execute(|| {
		open(ALICE, CRED);
		crate::Accounts::<Test>::mutate_extant(ALICE, |account| account.key_epoch = u32::MAX);
		assert!(account(ALICE).epoch_since + THAW < Now::get());
		assert_noop!(revoke(), sp_runtime::ArithmeticError::Overflow);
	});
}
