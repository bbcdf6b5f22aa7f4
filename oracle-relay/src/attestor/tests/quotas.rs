//! Calls that are served against quotas.

use lx_primitives::{Leaf, Line, Offer, Payment};
use sp_core::crypto::AccountId32;

use super::{first_verdict, objected};
use crate::attestor::{
	case::{line_of, Case},
	fixtures::*,
	refusal::Refusal,
};

/// An honest batch around one call against a quota that a test has changed.
fn with(change: impl FnOnce(&mut Leaf<AccountId32>)) -> Case {
	let mut changed = scarce_leaf(ALICE, 1, 5);
	change(&mut changed);
	case(vec![changed, leaf(ALICE, 2, 5), leaf(BOB, 3, 5)])
}

#[tokio::test]
async fn a_call_against_a_quota_is_signed_for_at_the_price_of_its_launch() {
	let book = FakeBook::new();
	let honest = with(|_| ());
	let [plain, scarce] = [Payment::Purse, Payment::Quota(LAUNCH)].map(|payment| {
		let mut lines = honest.offer.lines.iter();
		lines.find(|line| line.key() == (&account(ALICE), payment)).unwrap().total
	});
	assert_eq!((plain.units, scarce.units), (0, UNITS));
	assert_eq!((plain.charge, scarce.charge), (CHARGE, 22_000));
	assert_eq!(first_verdict(&honest, &book).await, None);
}

#[tokio::test]
async fn a_quota_has_the_price_of_its_launch() {
	let book = FakeBook::new();
	let call = scarce_leaf(ALICE, 1, 5).call_id;
	let listed = with(|leaf| leaf.charge = CHARGE);
	let refusal = Refusal::WrongCharge { call, charge: CHARGE, right: 22_000 };
	assert_eq!(first_verdict(&listed, &book).await, Some(refusal));
	let dear = with(|leaf| leaf.cost += 1);
	let refusal = Refusal::WrongCost { call, cost: 11_001, right: 11_000 };
	assert_eq!(first_verdict(&dear, &book).await, Some(refusal));
}

#[tokio::test]
async fn a_scarce_model_is_served_against_quota_only() {
	let call = scarce_leaf(ALICE, 1, 5).call_id;
	let open = with(|leaf| leaf.payment = Payment::Purse);
	let refusal = Refusal::WrongVersion { call, version: 0 };
	assert_eq!(first_verdict(&open, &FakeBook::new()).await, Some(refusal));
}

#[tokio::test]
async fn a_quota_is_for_its_model_and_its_time() {
	let mut book = FakeBook::new();
	let refusal = Some(Refusal::WrongLaunch(scarce_leaf(ALICE, 1, 5).call_id));
	let other_model = with(|leaf| leaf.model = model("model"));
	assert_eq!(first_verdict(&other_model, &book).await, refusal);
	let other_price = with(|leaf| leaf.price_version = 1);
	assert_eq!(first_verdict(&other_price, &book).await, refusal);
	let honest = with(|_| ());
	for (expires_at, expected) in [(NOW - 5, refusal.clone()), (NOW - 4, None)] {
		book.offers.insert(LAUNCH, Offer { expires_at, ..offer() });
		assert_eq!(first_verdict(&honest, &book).await, expected);
	}
	let mut late = offer();
	late.price.active_from = NOW - 4;
	book.offers.insert(LAUNCH, late);
	assert_eq!(first_verdict(&honest, &book).await, refusal);
	book.offers.clear();
	assert_eq!(first_verdict(&honest, &book).await, refusal);
}

#[tokio::test]
async fn no_more_is_used_than_the_chain_lets_it() {
	let mut book = FakeBook::new();
	let twice = || case(vec![scarce_leaf(ALICE, 1, 5), scarce_leaf(ALICE, 2, 5)]);
	book.usable.insert((account(ALICE), LAUNCH), 2 * UNITS);
	assert_eq!(first_verdict(&twice(), &book).await, None);
	book.usable.insert((account(ALICE), LAUNCH), 2 * UNITS - 1);
	let exceeded = |who, units, most| {
		Some(Refusal::QuotaExceeded { account: account(who), launch: LAUNCH, units, most })
	};
	let refusal = exceeded(ALICE, 2 * UNITS, 2 * UNITS - 1);
	assert_eq!(first_verdict(&twice(), &book).await, refusal);
	// Nobody uses the quota of another.
	let stolen = case(vec![scarce_leaf(BOB, 1, 5)]);
	assert_eq!(first_verdict(&stolen, &book).await, exceeded(BOB, UNITS, 0));
}

#[tokio::test]
async fn only_the_calls_of_a_line_that_is_too_long_are_objected_to() {
	let mut book = FakeBook::new();
	book.usable.clear();
	assert_eq!(objected(&with(|_| ()), &book).await, [scarce_leaf(ALICE, 1, 5).call_id]);
}

#[tokio::test]
async fn all_lines_of_an_account_are_covered_together() {
	let mut book = FakeBook::new();
	let both = case(vec![leaf(ALICE, 1, 5), scarce_leaf(ALICE, 2, 5)]);
	let charge = CHARGE + 22_000;
	book.payer_mut(ALICE).chargeable = charge;
	assert_eq!(first_verdict(&both, &book).await, None);
	book.payer_mut(ALICE).chargeable = charge - 1;
	let refusal = Refusal::NotCovered { account: account(ALICE), charge, most: charge - 1 };
	assert_eq!(first_verdict(&both, &book).await, Some(refusal));
	assert_eq!(objected(&both, &book).await.len(), 2);
}

#[tokio::test]
async fn what_a_sponsor_pays_is_covered_apart() {
	let mut book = FakeBook::new();
	let free = || Leaf { payment: Payment::Perk, ..leaf(ALICE, 3, 5) };
	let all = case(vec![leaf(ALICE, 1, 5), scarce_leaf(ALICE, 2, 5), free()]);
	book.payer_mut(ALICE).chargeable = CHARGE + 22_000;
	book.payer_mut(ALICE).sponsored = CHARGE;
	assert_eq!(first_verdict(&all, &book).await, None);
	book.payer_mut(ALICE).sponsored = CHARGE - 1;
	assert_eq!(objected(&all, &book).await, [free().call_id]);
}

#[tokio::test]
async fn a_line_names_a_quota_if_its_calls_do() {
	let book = FakeBook::new();
	let changed = |change: fn(&mut Line<AccountId32>)| {
		let mut case = with(|_| ());
		let mut lines = case.offer.lines.iter_mut();
		change(lines.find(|line| line.payment.quota().is_some()).unwrap());
		seal(&mut case);
		case
	};
	let other = changed(|line| line.payment = Payment::Quota(LAUNCH + 1));
	let refusal = Some(Refusal::WrongLine(account(ALICE)));
	assert_eq!(first_verdict(&other, &book).await, refusal);
	let fewer = changed(|line| line.total.units -= 1);
	assert_eq!(first_verdict(&fewer, &book).await, refusal);
	let nothing = changed(|line| line.total.units = 0);
	assert_eq!(first_verdict(&nothing, &book).await, Some(Refusal::WrongUnits));
	assert_eq!(line_of(&[leaf(ALICE, 1, 0), scarce_leaf(ALICE, 2, 0)]), None);
}
