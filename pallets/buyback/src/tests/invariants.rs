//! State that is not as it should be is found out.

use frame_support::{assert_ok, traits::fungibles::Mutate};
use lx_primitives::{
	buyback::{Link, Receipt, MAX_SLICES},
	units::{CRED, CRED_ASSET},
};
use sp_core::H256;
use sp_runtime::DispatchError;

use crate::{mock::*, Average, CurrentRound, Head, PriceWatch, Receipts, Round};

/// What is said after the state was changed, in which a round is under way and two receipts are written.
fn after(change: impl FnOnce()) -> DispatchError {
	new_test_ext().execute_with(|| {
		friday_with(40);
		ask(20_000, 500).unwrap();
		run_slices();
		next_day();
		next_friday();
		next_day();
		earn(100, 0);
		next_friday();
		ask(20_000, 500).unwrap();
		blocks(1);
		assert_ok!(Buyback::do_try_state());
		change();
		Buyback::do_try_state().unwrap_err()
	})
}

fn after_receipt(number: u32, change: impl FnOnce(&mut Receipt)) -> DispatchError {
	after(|| Receipts::<Test>::mutate(number, |receipt| change(receipt.as_mut().unwrap())))
}

fn after_head(change: impl FnOnce(&mut Link)) -> DispatchError {
	after(|| Head::<Test>::mutate(|head| change(head.as_mut().unwrap())))
}

fn after_round(change: impl FnOnce(&mut Round)) -> DispatchError {
	after(|| CurrentRound::<Test>::mutate(|round| change(round.as_mut().unwrap())))
}

fn assert_said<const N: usize>(said: [(DispatchError, &'static str); N]) {
	for (said, expected) in said {
		assert_eq!(said, DispatchError::Other(expected));
	}
}

#[test]
fn receipts_that_are_missing_or_too_many() {
	assert_said([
		(after(|| Receipts::<Test>::remove(0)), "a receipt is missing"),
		(
			after(|| {
				let copy = Receipts::<Test>::get(1).unwrap();
				Receipts::<Test>::insert(2, copy);
			}),
			"a receipt is beyond the last one",
		),
	]);
}

#[test]
fn receipts_that_do_not_follow() {
	assert_said([
		(after_receipt(1, |it| it.number = 0), "its number is not the next one"),
		(after_receipt(0, |it| it.block += 1), "it does not commit to the one before"),
		(after_receipt(0, |it| it.previous = H256::zero()), "it does not commit to the one before"),
		(after_receipt(0, |it| it.profit += 5 * CRED), "its profit is not what the books say"),
		(after_receipt(0, |it| it.spent += 1), "its slices have spent something else"),
		(after_receipt(0, |it| it.slices[0].bought -= 1), "its slices have bought something else"),
		(after_receipt(1, |it| it.carried = 0), "it does not carry on what was left"),
		(after_receipt(1, |it| it.block += 1), "the receipts do not lead to the last one"),
	]);
}

#[test]
fn a_head_that_is_not_where_the_receipts_end() {
	assert_said([
		(after_head(|it| it.number = 1), "the receipts do not lead to the last one"),
		(after_head(|it| it.hash = H256::zero()), "the receipts do not lead to the last one"),
		(after_head(|it| it.left += 1), "the receipts do not lead to the last one"),
		(after_head(|it| it.loss += 1), "the receipts do not lead to the last one"),
		(after(Head::<Test>::kill), "a receipt is beyond the last one"),
	]);
}

#[test]
fn a_round_that_goes_on_from_something_else() {
	assert_said([
		(after_round(|it| it.day += 1), "a round is not on its week's Friday"),
		(after_round(|it| it.receipt.week += 1), "a round is not on its week's Friday"),
		(after_round(|it| it.receipt.block = 1), "the receipt of a round is written"),
		(after_round(|it| it.slices = MAX_SLICES), "too many slices"),
		(after_round(|it| it.receipt.number = 9), "its number is not the next one"),
		(after_round(|it| it.receipt.left += 1), "something else is left than was not spent"),
		(
			after_round(|it| {
				let slice = &mut it.receipt.slices[0];
				slice.burned -= 1;
				it.receipt.burned -= 1;
			}),
			"not all was burned",
		),
	]);
}

#[test]
fn a_fund_that_holds_too_little() {
	assert_said([(
		after(|| {
			let all = cred(&FUND);
			let (from, to) = (RuntimeOrigin::signed(FUND), USER);
			assert_ok!(Assets::transfer(from, CRED_ASSET, to, all));
		}),
		"the fund holds less than it has to spend",
	)]);
	// More is no harm: anybody may send it something.
	build_and_execute(|| {
		friday_with(40);
		assert_ok!(<Assets as Mutate<_>>::mint_into(CRED_ASSET, &FUND, 7));
	});
}

#[test]
fn a_price_that_is_watched_from_tomorrow_on() {
	let since = START + 100 * DAY;
	assert_said([(
		after(|| {
			PriceWatch::<Test>::mutate(|watch| watch.average = Some(Average { price: 1, since }));
		}),
		"a price is watched since a time to come",
	)]);
}
