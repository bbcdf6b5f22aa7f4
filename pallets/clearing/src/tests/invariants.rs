//! A state that is not as it should be is found out.

use frame_support::{assert_ok, traits::fungibles::Mutate};
use lx_matching::{Place, Side};
use lx_primitives::{
	trading::{Holding, OpenOrder, Session, TradingAccount},
	units::{CRED, CRED_ASSET},
};
use sp_runtime::DispatchError;

use crate::{mock::*, Accounts};

/// What is said after Alice's account was changed.
fn after(change: impl FnOnce(&mut TradingAccount<AccountId>)) -> DispatchError {
	new_test_ext().execute_with(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 2 * CRED));
		assert_ok!(Clearing::do_try_state());
		Accounts::<Test>::mutate(ALICE, 0, |account| change(account.as_mut().unwrap()));
		Clearing::do_try_state().unwrap_err()
	})
}

fn order(id: u64, client: Option<u64>) -> OpenOrder {
	let place = Place { id, side: Side::Bid, tick: 1, page: 0 };
	OpenOrder { market: 0, place, client, maker_fee: 0 }
}

#[test]
fn a_ledger_that_owes_more_than_it_holds() {
	let problem = DispatchError::Other("the ledger holds less of an asset than it owes");
	assert_eq!(after(|account| account.credit(CRED_ASSET, 1).unwrap()), problem);
	new_test_ext().execute_with(|| {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 2 * CRED));
		// A gift is no fault.
		assert_ok!(<Assets as Mutate<_>>::mint_into(CRED_ASSET, &Clearing::account_id(), 5));
		assert_ok!(Clearing::do_try_state());
	});
}

#[test]
fn an_account_that_is_not_sound() {
	let nothing = Holding { asset: 7, ..Holding::default() };
	let twice = Holding { asset: CRED_ASSET, free: 1, ..Holding::default() };
	let key = || Session { key: BOT, expires_at: 1 };
	let said = [
		after(|account| account.holdings.clear()),
		after(|account| account.holdings.try_push(nothing).unwrap()),
		after(|account| {
			account.debit(CRED_ASSET, 1).unwrap();
			account.holdings.try_push(twice).unwrap();
		}),
		after(|account| account.orders = vec![order(1, None); 2].try_into().unwrap()),
		after(|account| {
			account.orders = vec![order(1, Some(5)), order(2, Some(5))].try_into().unwrap();
		}),
		after(|account| account.sessions = vec![key(), key()].try_into().unwrap()),
	];
	let expected = [
		"an account has nothing",
		"a holding is nothing",
		"an account names an asset twice",
		"an account names an order twice",
		"an account has two orders of one client id",
		"an account names a session key twice",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}
