//! Keys that trade for an account.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	trading::MAX_SESSIONS,
	units::{CRED, CRED_ASSET},
};

use crate::{mock::*, Error, Event};

fn add(key: AccountId, expires_at: u64) -> sp_runtime::DispatchResult {
	Clearing::add_session(signed(ALICE), 0, key, expires_at)
}

fn is_trusted(key: AccountId) -> bool {
	Clearing::account(ALICE, 0).unwrap().is_trusted(&key, Now::get())
}

#[test]
fn a_key_is_trusted_until_it_expires_or_is_removed() {
	build_and_execute(|| {
		assert_noop!(add(BOT, START + 1), Error::<Test>::NoAccount);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_ok!(add(BOT, START + 100));
		let account = id(ALICE, 0);
		let expires_at = START + 100;
		let added = Event::SessionAdded { account: account.clone(), key: BOT, expires_at };
		assert_eq!(last_event(), added);
		assert!(is_trusted(BOT));
		Now::set(START + 100);
		assert!(!is_trusted(BOT));
		assert_ok!(add(BOT, START + 200));
		assert!(is_trusted(BOT));
		assert_ok!(Clearing::remove_session(signed(ALICE), 0, BOT));
		assert_eq!(last_event(), Event::SessionRemoved { account, key: BOT });
		assert!(!is_trusted(BOT));
		assert_noop!(Clearing::remove_session(signed(ALICE), 0, BOT), Error::<Test>::NoSession);
	});
}

#[test]
fn a_session_is_neither_over_nor_too_long() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_noop!(add(BOT, START), Error::<Test>::WrongExpiry);
		assert_noop!(add(BOT, START + MAX_SESSION + 1), Error::<Test>::WrongExpiry);
		assert_ok!(add(BOT, START + MAX_SESSION));
	});
}

#[test]
fn a_key_can_take_nothing_out() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_ok!(add(BOT, START + 100));
		assert_noop!(
			Clearing::withdraw(signed(BOT), 0, CRED_ASSET, CRED),
			Error::<Test>::NoAccount
		);
		assert_noop!(
			Clearing::add_session(signed(BOT), 0, BOB, START + 100),
			Error::<Test>::NoAccount
		);
	});
}

#[test]
fn so_many_keys_and_no_more_but_expired_ones_make_room() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		let key = |number: u32| AccountId::new([100 + number as u8; 32]);
		for number in 0..MAX_SESSIONS {
			assert_ok!(add(key(number), START + 10 + u64::from(number)));
		}
		assert_noop!(add(BOT, START + 100), Error::<Test>::TooManySessions);
		// One that is there already is prolonged.
		assert_ok!(add(key(1), START + 500));
		Now::set(START + 10);
		assert_ok!(add(BOT, START + 100));
		assert!(!is_trusted(key(0)) && is_trusted(key(1)) && is_trusted(BOT));
	});
}

#[test]
fn an_empty_accounts_keys_are_forgotten() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_ok!(add(BOT, START + 100));
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert!(Clearing::account(ALICE, 0).is_none());
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert!(!is_trusted(BOT));
	});
}
