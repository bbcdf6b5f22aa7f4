//! What markets do.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	trading::{Source, MAX_HOLDINGS},
	traits::Clearing as _,
	units::{CRED, CRED_ASSET, LCO_ASSET, USDT_ASSET},
};

use sp_runtime::{DispatchError, DispatchResult};

use crate::{mock::*, Error, Event};

fn ensure_free_from(source: Source, amount: u128) -> DispatchResult {
	let id = id(ALICE, 0);
	let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&id);
	Clearing::ensure_free(&id, &mut account, CRED_ASSET, amount, source)?;
	Clearing::store(&id, account);
	Ok(())
}

fn ensure_free(amount: u128) -> DispatchResult {
	ensure_free_from(Source::Wallet, amount)
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
			Clearing::ensure_free(&id, &mut account, asset, 1, Source::Wallet),
			Error::<Test>::UnknownAsset
		);
	});
}

#[test]
fn where_the_wallet_is_not_reached_only_free_money_counts() {
	build_and_execute(|| {
		let short = DispatchError::from(Error::<Test>::InsufficientFunds);
		assert_noop!(ensure_free_from(Source::Account, CRED), short);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_ok!(ensure_free_from(Source::Account, CRED));
		assert_noop!(ensure_free_from(Source::Account, CRED + 1), short);
		as_market(&id(ALICE, 0), |account| account.lock(CRED_ASSET, 1).unwrap());
		assert_noop!(ensure_free_from(Source::Account, CRED), short);
		assert_eq!(wallet(&ALICE, CRED_ASSET), (WEALTH - 1) * CRED);
	});
}

#[test]
fn an_order_brings_no_dust() {
	build_and_execute(|| {
		let dust = DispatchError::from(Error::<Test>::BringsTooLittle);
		assert_noop!(ensure_free(1), dust);
		assert_noop!(ensure_free(LEAST_CRED - 1), dust);
		assert_ok!(ensure_free(LEAST_CRED));
		assert_ok!(ensure_free(LEAST_CRED + 1));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (LEAST_CRED + 1, 0));
	});
}

#[test]
fn a_place_that_is_kept_is_no_money_and_is_given_up_in_the_end() {
	build_and_execute(|| {
		assert_ok!(ensure_free(CRED));
		as_market(&id(ALICE, 0), |account| account.await_asset(LCO_ASSET).unwrap());
		assert_eq!(Clearing::account(ALICE, 0).unwrap().holdings.len(), 2);
		assert_ok!(Clearing::do_try_state());
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(Clearing::account(ALICE, 0).unwrap().holdings.len(), 1);
		// However many others come.
		as_market(&id(ALICE, 0), |account| {
			let others = 10..10 + MAX_HOLDINGS - 1;
			others.for_each(|asset| account.await_asset(asset).unwrap());
			account.await_asset(LCO_ASSET).unwrap();
			account.await_asset(99).unwrap_err();
			let others = 10..10 + MAX_HOLDINGS - 1;
			others.for_each(|asset| account.no_longer_await(asset).unwrap());
		});
		as_market(&id(ALICE, 0), |account| {
			account.no_longer_await(LCO_ASSET).unwrap();
			account.no_longer_await(LCO_ASSET).unwrap();
		});
		assert!(Clearing::account(ALICE, 0).is_none());
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
