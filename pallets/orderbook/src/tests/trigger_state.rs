//! Triggers that are not as they should be are found out.

use frame_support::assert_ok;
use lx_matching::{Bits, Side};
use lx_primitives::units::{CRED_ASSET, LCO_ASSET};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Dated, DueList, DueMarkets, Market, Markets, TriggerIndex, TriggerLevels, TriggerList,
	Triggers, When,
};

/// A market that there is not.
const ELSEWHERE: u32 = 9;

/// What is said after the state was changed, in which Alice has a trigger on each side.
fn after(change: impl FnOnce()) -> DispatchError {
	new_test_ext().execute_with(|| {
		trade(20_000);
		assert_ok!(set_trigger(ALICE, When::AtOrBelow(19_000), sell()));
		assert_ok!(set_trigger(ALICE, When::AtOrAbove(21_000), sell()));
		assert_ok!(Orderbook::do_try_state());
		change();
		Orderbook::do_try_state().unwrap_err()
	})
}

fn after_market(change: impl FnOnce(&mut Market)) -> DispatchError {
	after(|| Markets::<Test>::mutate(MARKET, |market| change(&mut market.as_mut().unwrap().value)))
}

#[test]
fn accounts_and_books_that_do_not_agree() {
	let below = (MARKET, Side::Bid, 19_000u32);
	let said = [
		after(|| Triggers::<Test>::remove(ALICE, 0)),
		after(|| TriggerLevels::<Test>::remove(below)),
		after(|| {
			Triggers::<Test>::mutate(ALICE, 0, |list| {
				let first = list[0].clone();
				list.try_push(first).unwrap();
			});
		}),
		after(|| Triggers::<Test>::insert(BOB, 0, TriggerList::<AccountId>::default())),
		after(|| {
			let list = Triggers::<Test>::take(ALICE, 0);
			Triggers::<Test>::insert(BOB, 0, list);
		}),
		after(|| {
			Triggers::<Test>::mutate(ALICE, 0, |list| list[0].when = When::AtOrBelow(18_999));
		}),
	];
	let expected = [
		"a trigger waits for nobody",
		"an account's trigger waits nowhere",
		"an account names a trigger twice",
		"an account has a list of no triggers",
		"an account's trigger waits nowhere",
		"an account's trigger waits nowhere",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn deposits_that_are_not_set_aside() {
	let said = after(|| {
		pallet_clearing::Accounts::<Test>::mutate(ALICE, 0, |account| {
			account.as_mut().unwrap().unlock(CRED_ASSET, 1).unwrap();
		});
	});
	let expected = "an account has set aside too much or too little";
	assert_eq!(said, DispatchError::Other(expected));
}

#[test]
fn places_that_nothing_needs_or_that_are_missing() {
	let said = [
		after(|| {
			pallet_clearing::Accounts::<Test>::mutate(ALICE, 0, |account| {
				account.as_mut().unwrap().await_asset(LCO_ASSET).unwrap();
			});
		}),
		after(|| {
			pallet_clearing::Accounts::<Test>::mutate(FUND, 0, |fund| {
				fund.as_mut().unwrap().no_longer_await(CRED_ASSET).unwrap();
			});
		}),
		after(|| pallet_clearing::Accounts::<Test>::remove(FUND, 0)),
	];
	let expected = [
		"an account expects too much or too little",
		"an account expects too much or too little",
		"an account has no place for what it expects",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn parts_that_are_left_behind() {
	let said = [
		after(|| {
			let level = TriggerLevels::<Test>::get((MARKET, Side::Bid, 19_000u32)).unwrap();
			TriggerLevels::<Test>::insert((ELSEWHERE, Side::Bid, 19_000u32), level);
		}),
		after(|| {
			let value = Bits::default();
			let part = Dated { changed_in: 0, value };
			TriggerIndex::<Test>::insert((ELSEWHERE, Side::Bid, 0u32), part);
		}),
		after_market(|market| market.watch.rising.first = None),
	];
	let expected = [
		"triggers are in no index",
		"a part of the triggers' index is empty",
		"the best price is not the best one of the index",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn what_is_due_and_is_not_known_to_be() {
	let said = [
		after(|| DueMarkets::<Test>::put(DueList::truncate_from(vec![MARKET]))),
		after(|| {
			trade(19_000);
			DueMarkets::<Test>::kill();
		}),
		after_market(|market| market.watch.falling.reached = Some(19_500)),
		after_market(|market| market.watch.begun = 1),
	];
	let expected = [
		"other markets are due than those in which a trigger is to fire",
		"other markets are due than those in which a trigger is to fire",
		"a price is remembered that met no trigger",
		"other triggers have begun than are counted",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}
