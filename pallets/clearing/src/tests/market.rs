//! What markets do.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	traits::Clearing as _,
	units::{CRED, CRED_ASSET, USDT_ASSET},
};

use crate::{mock::*, Error, Event};

fn ensure_free(amount: u128) -> sp_runtime::DispatchResult {
	let id = id(ALICE, 0);
	let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&id);
	Clearing::ensure_free(&id, &mut account, CRED_ASSET, amount)?;
	Clearing::store(&id, account);
	Ok(())
}

#[test]
fn an_order_brings_what_it_lacks_from_the_wallet() {
	build_and_execute(|| {
		assert_ok!(ensure_free(3 * CRED));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (3 * CRED, 0));
		assert_ok!(ensure_free(2 * CRED));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (3 * CRED, 0), "there is enough");
		assert_ok!(ensure_free(5 * CRED));
		let (account, asset) = (id(ALICE, 0), CRED_ASSET);
		assert_eq!(last_event(), Event::Deposited { account, asset, amount: 2 * CRED });
		assert_eq!(wallet(&ALICE, CRED_ASSET), (WEALTH - 5) * CRED);
	});
}

#[test]
fn an_order_that_lacks_what_the_wallet_lacks_too_fails() {
	build_and_execute(|| {
		assert_noop!(ensure_free((WEALTH + 1) * CRED), Error::<Test>::InsufficientWallet);
		let (id, asset) = (id(ALICE, 0), USDT_ASSET);
		let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&id);
		assert_noop!(
			Clearing::ensure_free(&id, &mut account, asset, 1),
			Error::<Test>::UnknownAsset
		);
	});
}

#[test]
fn an_account_lives_as_long_as_something_is_in_it() {
	build_and_execute(|| {
		assert_ok!(ensure_free(CRED));
		as_market(&id(ALICE, 0), |account| account.lock(CRED_ASSET, CRED).unwrap());
		assert!(Clearing::account(ALICE, 0).is_some());
		as_market(&id(ALICE, 0), |account| account.spend(CRED_ASSET, CRED).unwrap());
		as_market(&id(BOB, 7), |account| account.credit(CRED_ASSET, CRED).unwrap());
		assert!(Clearing::account(ALICE, 0).is_none());
		assert_ok!(Clearing::withdraw_all(signed(BOB), 7));
		assert_eq!(wallet(&BOB, CRED_ASSET), (WEALTH + 1) * CRED);
	});
}
