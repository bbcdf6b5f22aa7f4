//! Money in, out, and between an owner's accounts.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::{CRED, CRED_ASSET, LCO, LCO_ASSET, USDT_ASSET};

use crate::{mock::*, Accounts, Error, Event};

#[test]
fn what_is_deposited_leaves_the_wallet_and_comes_back() {
	build_and_execute(|| {
		for (asset, unit) in [(CRED_ASSET, CRED), (LCO_ASSET, LCO)] {
			assert_ok!(Clearing::deposit(signed(ALICE), 0, asset, 100 * unit));
			assert_eq!(
				last_event(),
				Event::Deposited { account: id(ALICE, 0), asset, amount: 100 * unit }
			);
			assert_eq!(wallet(&ALICE, asset), (WEALTH - 100) * unit);
			assert_eq!(wallet(&Clearing::account_id(), asset), 100 * unit);
			assert_eq!(holding(ALICE, 0, asset), (100 * unit, 0));
			assert_ok!(Clearing::withdraw(signed(ALICE), 0, asset, 40 * unit));
			assert_eq!(wallet(&ALICE, asset), (WEALTH - 60) * unit);
			assert_ok!(Clearing::withdraw(signed(ALICE), 0, asset, 60 * unit));
			assert_eq!(wallet(&ALICE, asset), WEALTH * unit);
		}
		assert!(!Accounts::<Test>::contains_key(ALICE, 0), "nothing is left of the account");
	});
}

#[test]
fn a_whole_wallet_can_be_deposited() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, WEALTH * CRED));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, LCO_ASSET, WEALTH * LCO));
		assert_eq!((wallet(&ALICE, CRED_ASSET), wallet(&ALICE, LCO_ASSET)), (0, 0));
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(wallet(&ALICE, LCO_ASSET), WEALTH * LCO);
		assert_eq!(wallet(&ALICE, CRED_ASSET), WEALTH * CRED);
	});
}

#[test]
fn what_is_not_there_cannot_be_moved() {
	build_and_execute(|| {
		let deposit = |asset, amount| Clearing::deposit(signed(ALICE), 0, asset, amount);
		assert_noop!(deposit(CRED_ASSET, 0), Error::<Test>::ZeroAmount);
		assert_noop!(deposit(USDT_ASSET, CRED), Error::<Test>::UnknownAsset);
		assert_noop!(deposit(CRED_ASSET, WEALTH * CRED + 1), Error::<Test>::InsufficientWallet);
		let withdraw = |amount| Clearing::withdraw(signed(ALICE), 0, CRED_ASSET, amount);
		assert_noop!(withdraw(1), Error::<Test>::NoAccount);
		assert_ok!(deposit(CRED_ASSET, CRED));
		assert_noop!(withdraw(0), Error::<Test>::ZeroAmount);
		assert_noop!(withdraw(CRED + 1), Error::<Test>::InsufficientFunds);
		assert_noop!(Clearing::withdraw(signed(ALICE), 1, CRED_ASSET, 1), Error::<Test>::NoAccount);
		assert_noop!(Clearing::withdraw(signed(BOB), 0, CRED_ASSET, 1), Error::<Test>::NoAccount);
	});
}

#[test]
fn dust_is_neither_brought_nor_left() {
	build_and_execute(|| {
		let deposit = |amount| Clearing::deposit(signed(ALICE), 0, CRED_ASSET, amount);
		assert_noop!(deposit(LEAST_CRED - 1), Error::<Test>::BelowSmallestHolding);
		assert_ok!(deposit(LEAST_CRED));
		assert_ok!(deposit(1));
		let withdraw = |amount| Clearing::withdraw(signed(ALICE), 0, CRED_ASSET, amount);
		assert_noop!(withdraw(2), Error::<Test>::BelowSmallestHolding);
		assert_ok!(withdraw(1));
		let to_other = |amount| Clearing::move_funds(signed(ALICE), 0, 1, CRED_ASSET, amount);
		assert_noop!(to_other(1), Error::<Test>::BelowSmallestHolding);
		assert_ok!(to_other(LEAST_CRED));
		assert_ok!(Clearing::deposit(signed(ALICE), 1, CRED_ASSET, LEAST_CRED));
		let back = |amount| Clearing::move_funds(signed(ALICE), 1, 0, CRED_ASSET, amount);
		assert_noop!(back(LEAST_CRED - 1), Error::<Test>::BelowSmallestHolding);
		assert_ok!(back(LEAST_CRED));
	});
}

#[test]
fn only_what_is_free_comes_back() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
		as_market(&id(ALICE, 0), |account| account.lock(CRED_ASSET, 4 * CRED).unwrap());
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, CRED_ASSET, 6 * CRED + 1),
			Error::<Test>::InsufficientFunds
		);
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (0, 4 * CRED));
		assert_noop!(Clearing::withdraw_all(signed(ALICE), 0), Error::<Test>::NothingToWithdraw);
	});
}

#[test]
fn a_small_lock_keeps_the_smallest_holding() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		as_market(&id(ALICE, 0), |account| account.lock(CRED_ASSET, 1).unwrap());
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (LEAST_CRED - 1, 1));
	});
}

#[test]
fn dust_of_a_trade_can_be_taken_out() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		let all_but_dust = CRED - 5;
		as_market(&id(ALICE, 0), |account| account.debit(CRED_ASSET, all_but_dust).unwrap());
		as_market(&id(BOB, 0), |account| account.credit(CRED_ASSET, all_but_dust).unwrap());
		assert_ok!(Clearing::withdraw_all(signed(ALICE), 0));
		assert!(Clearing::account(ALICE, 0).is_none());
	});
}

#[test]
fn dust_of_a_trade_may_grow() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(BOB), 0, CRED_ASSET, CRED));
		as_market(&id(BOB, 0), |account| account.debit(CRED_ASSET, 5).unwrap());
		as_market(&id(ALICE, 0), |account| account.credit(CRED_ASSET, 5).unwrap());
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 1));
		assert_ok!(Clearing::deposit(signed(ALICE), 1, CRED_ASSET, LEAST_CRED + 1));
		assert_ok!(Clearing::move_funds(signed(ALICE), 1, 0, CRED_ASSET, 1));
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (7, 0));
	});
}

#[test]
fn what_cannot_be_paid_out_holds_up_nothing_else() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, LCO_ASSET, LCO));
		// A trade leaves the bot dust of LCO, of which its wallet has none.
		as_market(&id(ALICE, 0), |account| {
			account.debit(LCO_ASSET, 5).unwrap();
			account.debit(CRED_ASSET, CRED).unwrap();
		});
		as_market(&id(BOT, 0), |account| account.credit(LCO_ASSET, 5).unwrap());
		let all = || Clearing::withdraw_all(signed(BOT), 0);
		assert_noop!(all(), Error::<Test>::NothingToWithdraw);
		as_market(&id(BOT, 0), |account| account.credit(CRED_ASSET, CRED).unwrap());
		assert_ok!(all());
		assert_eq!(wallet(&BOT, CRED_ASSET), CRED);
		assert_eq!((wallet(&BOT, LCO_ASSET), holding(BOT, 0, LCO_ASSET)), (0, (5, 0)));
	});
}

#[test]
fn money_moves_between_an_owners_accounts() {
	build_and_execute(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
		assert_ok!(Clearing::move_funds(signed(ALICE), 0, 9, CRED_ASSET, 4 * CRED));
		let (owner, from, to, asset, amount) = (ALICE, 0, 9, CRED_ASSET, 4 * CRED);
		assert_eq!(last_event(), Event::Moved { owner, from, to, asset, amount });
		assert_eq!(holding(ALICE, 0, CRED_ASSET), (6 * CRED, 0));
		assert_eq!(holding(ALICE, 9, CRED_ASSET), (4 * CRED, 0));
		assert_noop!(
			Clearing::move_funds(signed(ALICE), 9, 9, CRED_ASSET, CRED),
			Error::<Test>::SameAccount
		);
		assert_noop!(
			Clearing::move_funds(signed(ALICE), 5, 9, CRED_ASSET, CRED),
			Error::<Test>::NoAccount
		);
		assert_noop!(
			Clearing::move_funds(signed(ALICE), 9, 0, CRED_ASSET, 4 * CRED + 1),
			Error::<Test>::InsufficientFunds
		);
		assert_noop!(
			Clearing::move_funds(signed(ALICE), 9, 0, CRED_ASSET, 0),
			Error::<Test>::ZeroAmount
		);
	});
}
