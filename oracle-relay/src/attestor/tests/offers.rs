//! What a batch says without its calls.

use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALLS, MAX_CALL_AGE, MAX_LINES},
	merkle_sum::Node,
	Line, Payment,
};
use sp_core::{crypto::AccountId32, Pair, H256};

use super::{first_verdict, store, verdict};
use crate::attestor::{fixtures::*, refusal::Refusal};

#[tokio::test]
async fn a_right_batch_is_admitted_as_often_as_it_comes() {
	let (_folder, store) = store().await;
	let case = case(vec![leaf(ALICE, 1, 5), leaf(ALICE, 2, 0), leaf(BOB, 3, 7)]);
	assert_eq!(case.offer.header.root.charge, 3 * CHARGE);
	for _ in 0..2 {
		assert_eq!(verdict(&case, &FakeBook::new(), &store).await, None);
	}
}

#[tokio::test]
async fn the_relay_must_be_the_one_that_shows_it_and_active() {
	let mut other = case(vec![leaf(ALICE, 1, 0)]);
	other.offer.header.relay = 8;
	resign(&mut other);
	assert_eq!(first_verdict(&other, &FakeBook::new()).await, Some(Refusal::OtherRelay(8)));
	let case = case(vec![leaf(ALICE, 1, 0)]);
	let mut book = FakeBook::new();
	book.relay_mut().is_active = false;
	assert_eq!(first_verdict(&case, &book).await, Some(Refusal::InactiveRelay(RELAY)));
	book.record = None;
	assert_eq!(first_verdict(&case, &book).await, Some(Refusal::UnknownRelay(RELAY)));
}

#[tokio::test]
async fn it_must_be_the_chains_next() {
	let at = |sequence, previous| {
		let mut case = case(vec![leaf(ALICE, 1, 0)]);
		case.offer.header.sequence = sequence;
		case.offer.header.previous = previous;
		resign(&mut case);
		case
	};
	let book = FakeBook::new();
	let passed = Refusal::Passed { sequence: NEXT - 1, next: NEXT };
	assert_eq!(first_verdict(&at(NEXT - 1, LAST), &book).await, Some(passed));
	let early = Refusal::WrongSequence { sequence: NEXT + 1, next: NEXT };
	assert_eq!(first_verdict(&at(NEXT + 1, LAST), &book).await, Some(early));
	let previous = H256::repeat_byte(9);
	let astray = Refusal::WrongPrevious { previous, last: LAST };
	assert_eq!(first_verdict(&at(NEXT, previous), &book).await, Some(astray));
}

#[tokio::test]
async fn it_lives_from_its_time_until_its_lifetime_is_over() {
	let case = case(vec![leaf(ALICE, 1, 0)]);
	let at = |time| FakeBook { time, ..FakeBook::new() };
	let now = NOW - 1;
	let early = Refusal::FromTheFuture { time: NOW, now };
	assert_eq!(first_verdict(&case, &at(now)).await, Some(early));
	assert_eq!(first_verdict(&case, &at(NOW)).await, None);
	assert_eq!(first_verdict(&case, &at(NOW + BATCH_LIFETIME)).await, None);
	let now = NOW + BATCH_LIFETIME + 1;
	let late = Refusal::Expired { time: NOW, now };
	assert_eq!(first_verdict(&case, &at(now)).await, Some(late));
}

#[tokio::test]
async fn its_oldest_call_is_before_it_and_not_too_old() {
	let since = |oldest| {
		let mut case = case(vec![leaf(ALICE, 1, 0)]);
		case.offer.header.oldest = oldest;
		resign(&mut case);
		case
	};
	let book = FakeBook::new();
	let wrong = Refusal::WrongTimes { oldest: NOW + 1, time: NOW };
	assert_eq!(first_verdict(&since(NOW + 1), &book).await, Some(wrong));
	assert_eq!(first_verdict(&since(NOW - MAX_CALL_AGE), &book).await, None);
	let oldest = NOW - MAX_CALL_AGE - 1;
	let old = Refusal::CallsTooOld { oldest, now: NOW };
	assert_eq!(first_verdict(&since(oldest), &book).await, Some(old));
}

#[tokio::test]
async fn the_relay_must_have_signed_this_header() {
	let book = FakeBook::new();
	let mut forged = case(vec![leaf(ALICE, 1, 0)]);
	let hash = forged.offer.header.hash(&GENESIS);
	forged.offer.relay_signature = pair("//Mallory").sign(hash.as_bytes());
	let refusal = Some(Refusal::RelaySignature(RELAY));
	assert_eq!(first_verdict(&forged, &book).await, refusal);
	let mut changed = case(vec![leaf(ALICE, 1, 0)]);
	changed.offer.header.oldest -= 1;
	assert_eq!(first_verdict(&changed, &book).await, refusal);
	let mut elsewhere = case(vec![leaf(ALICE, 1, 0)]);
	let hash = elsewhere.offer.header.hash(&H256::repeat_byte(1));
	elsewhere.offer.relay_signature = pair("//Relay").sign(hash.as_bytes());
	assert_eq!(first_verdict(&elsewhere, &book).await, refusal);
}

#[tokio::test]
async fn lines_are_some_and_not_too_many() {
	let book = FakeBook::new();
	let mut empty = case(vec![leaf(ALICE, 1, 0)]);
	empty.offer.lines.clear();
	assert_eq!(first_verdict(&empty, &book).await, Some(Refusal::NoLines));
	let mut long = case(vec![leaf(ALICE, 1, 0)]);
	let total = long.offer.lines[0].total;
	let line = |number: u32| {
		let mut account = [0; 32];
		account[..4].copy_from_slice(&number.to_be_bytes());
		Line { account: AccountId32::new(account), payment: Payment::Purse, total }
	};
	long.offer.lines = (0..=MAX_LINES).map(line).collect();
	seal(&mut long);
	let count = MAX_LINES as usize + 1;
	assert_eq!(first_verdict(&long, &book).await, Some(Refusal::TooManyLines(count)));
	let mut large = case(vec![leaf(ALICE, 1, 0)]);
	large.offer.lines[0].total.calls = MAX_CALLS + 1;
	seal(&mut large);
	assert_eq!(first_verdict(&large, &book).await, Some(Refusal::TooManyCalls(MAX_CALLS + 1)));
}

#[tokio::test]
async fn lines_are_in_ascending_order_each_account_and_quota_once() {
	let book = FakeBook::new();
	let mut unordered = case(vec![leaf(ALICE, 1, 0), leaf(BOB, 2, 0)]);
	unordered.offer.lines.reverse();
	unordered.calls.reverse();
	seal(&mut unordered);
	assert_eq!(first_verdict(&unordered, &book).await, Some(Refusal::UnsortedLines));
	let mut doubled = case(vec![leaf(ALICE, 1, 0)]);
	doubled.offer.lines.push(doubled.offer.lines[0].clone());
	doubled.calls.push(doubled.calls[0].clone());
	seal(&mut doubled);
	assert_eq!(first_verdict(&doubled, &book).await, Some(Refusal::UnsortedLines));
	let mut reversed = case(vec![leaf(ALICE, 1, 0), scarce_leaf(ALICE, 2, 0)]);
	assert_eq!(first_verdict(&reversed, &book).await, None);
	reversed.offer.lines.reverse();
	reversed.calls.reverse();
	seal(&mut reversed);
	assert_eq!(first_verdict(&reversed, &book).await, Some(Refusal::UnsortedLines));
}

#[tokio::test]
async fn the_root_is_the_sum_of_the_lines() {
	let book = FakeBook::new();
	let changes: [fn(&mut Node); 4] = [
		|root| root.charge += 1,
		|root| root.cost -= 1,
		|root| root.calls += 1,
		|root| root.hash = H256::zero(),
	];
	for change in changes {
		let mut wrong = case(vec![leaf(ALICE, 1, 0), leaf(BOB, 2, 0)]);
		change(&mut wrong.offer.header.root);
		resign(&mut wrong);
		assert_eq!(first_verdict(&wrong, &book).await, Some(Refusal::WrongRoot));
	}
}
