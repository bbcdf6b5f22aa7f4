//! What markets do.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	trading::{Source, MAX_HOLDINGS},
	traits::Clearing as _,
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET, USDT_ASSET},
	AssetId, Balance,
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
fn an_order_brings_the_smallest_holding_at_least() {
	build_and_execute(|| {
		assert_ok!(ensure_free(1));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (LEAST_CRED, 0));
		let (account, asset) = (id(ALICE, 0), CRED_ASSET);
		assert_eq!(last_event(), Event::Deposited { account, asset, amount: LEAST_CRED });
		// What is there takes no more room when it grows.
		assert_ok!(ensure_free(LEAST_CRED + 1));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (LEAST_CRED + 1, 0));
	});
}

/// Leaves so much of an asset in Alice's wallet; the rest is in another account of hers.
fn leave_in_wallet(asset: AssetId, amount: Balance) {
	assert_ok!(Clearing::deposit(signed(ALICE), 1, asset, wallet(&ALICE, asset) - amount));
}

#[test]
fn an_order_brings_no_dust() {
	build_and_execute(|| {
		leave_in_wallet(CRED_ASSET, LEAST_CRED - 1);
		let dust = DispatchError::from(Error::<Test>::BringsTooLittle);
		assert_noop!(ensure_free(1), dust);
		assert_noop!(ensure_free(LEAST_CRED - 1), dust);
		assert_noop!(ensure_free(LEAST_CRED), Error::<Test>::InsufficientWallet);
		// A place that is only kept has nothing in it.
		as_market(&id(ALICE, 0), |account| account.await_asset(CRED_ASSET).unwrap());
		assert_noop!(ensure_free(1), dust);
		assert_ok!(Clearing::withdraw(signed(ALICE), 1, CRED_ASSET, 1));
		assert_ok!(ensure_free(1));
		assert_eq!(
			(holding(ALICE, 0, CRED_ASSET), wallet(&ALICE, CRED_ASSET)),
			((LEAST_CRED, 0), 0)
		);
	});
}

/// Alice may give so much of an asset at once, and Bob gets some of it.
fn give_at_once(asset: AssetId, amount: Balance, given: Balance) -> DispatchResult {
	let alice = id(ALICE, 0);
	let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&alice);
	let lent = Clearing::lend(&alice, &mut account, asset, amount, Source::Wallet)?;
	account.debit(asset, given).unwrap();
	Clearing::settle(&alice, &mut account, asset, lent)?;
	Clearing::store(&alice, account);
	as_market(&id(BOB, 0), |account| account.credit(asset, given).unwrap());
	Ok(())
}

#[test]
fn what_is_given_at_once_comes_from_the_wallet_and_nothing_more() {
	build_and_execute(|| {
		assert_ok!(give_at_once(LCO_ASSET, LCO, 0));
		assert_eq!(wallet(&ALICE, LCO_ASSET), WEALTH * LCO);
		// However little it is.
		assert_ok!(give_at_once(LCO_ASSET, LCO / 2, LCO / 4));
		let (account, asset) = (id(ALICE, 0), LCO_ASSET);
		assert_eq!(last_event(), Event::Deposited { account, asset, amount: LCO / 4 });
		assert_eq!(wallet(&ALICE, LCO_ASSET), WEALTH * LCO - LCO / 4);
		assert!(Clearing::account(ALICE, 0).is_none());
		assert_eq!(holding(BOB, 0, LCO_ASSET), (LCO / 4, 0));
	});
}

#[test]
fn what_is_free_is_given_first() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, LCO_ASSET, 2 * LCO));
		assert_ok!(give_at_once(LCO_ASSET, 3 * LCO, LCO));
		assert_eq!(holding(ALICE, 0, LCO_ASSET), (LCO, 0));
		assert_eq!(wallet(&ALICE, LCO_ASSET), (WEALTH - 2) * LCO);
		assert_ok!(give_at_once(LCO_ASSET, 3 * LCO, 2 * LCO));
		assert_eq!(holding(ALICE, 0, LCO_ASSET), (0, 0));
		assert_eq!(wallet(&ALICE, LCO_ASSET), (WEALTH - 3) * LCO);
	});
}

#[test]
fn what_is_not_there_is_not_lent() {
	build_and_execute(|| {
		let too_much = (WEALTH + 1) * CRED;
		assert_noop!(give_at_once(CRED_ASSET, too_much, 0), Error::<Test>::InsufficientWallet);
		assert_noop!(give_at_once(USDT_ASSET, 1, 0), Error::<Test>::UnknownAsset);
		let (id, asset) = (id(ALICE, 0), CRED_ASSET);
		let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&id);
		assert_noop!(
			Clearing::lend(&id, &mut account, asset, 1, Source::Account),
			Error::<Test>::InsufficientFunds
		);
	});
}

#[test]
fn a_wallet_that_cannot_keep_the_rest_gives_all_that_was_lent() {
	build_and_execute(|| {
		leave_in_wallet(LCO_ASSET, LCO);
		// Less than the existential deposit would be left.
		assert_ok!(give_at_once(LCO_ASSET, LCO, LCO - 1));
		assert_eq!((wallet(&ALICE, LCO_ASSET), holding(ALICE, 0, LCO_ASSET)), (0, (1, 0)));
	});
}

#[test]
fn a_market_gives_back_what_is_free_and_leaves_no_dust() {
	build_and_execute(|| {
		assert_ok!(ensure_free(3 * CRED));
		let id = id(ALICE, 0);
		let give_back = |amount| {
			let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(&id);
			Clearing::give_back(&id, &mut account, CRED_ASSET, amount)?;
			Clearing::store(&id, account);
			DispatchResult::Ok(())
		};
		let too_much = DispatchError::from(Error::<Test>::InsufficientFunds);
		assert_noop!(give_back(3 * CRED + 1), too_much);
		let dust = DispatchError::from(Error::<Test>::BelowSmallestHolding);
		assert_noop!(give_back(3 * CRED - LEAST_CRED + 1), dust);
		assert_ok!(give_back(2 * CRED));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (CRED, 0));
		let (account, asset) = (id.clone(), CRED_ASSET);
		assert_eq!(last_event(), Event::Withdrawn { account, asset, amount: 2 * CRED });
		assert_ok!(give_back(CRED));
		assert!(Clearing::account(ALICE, 0).is_none());
		assert_eq!(wallet(&ALICE, CRED_ASSET), WEALTH * CRED);
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
