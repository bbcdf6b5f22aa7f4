use frame_support::{assert_ok, traits::fungibles::Mutate, BoundedVec};
use lx_primitives::units::{USDT, USDT_ASSET};
use sp_runtime::DispatchError;

use crate::{mock::*, types::Vote, Claims, Credited, Custodians, PaidWith, Queue, Withdrawals};

/// Checks that `corrupt` breaks a sound state, and in which way.
fn detects(corrupt: impl FnOnce(), message: &'static str) {
	new_test_ext().execute_with(|| {
		report_all(1_000_000 * USDT);
		deposit("aa", USER, 100 * USDT);
		assert_ok!(attest(ANN, "ab", USER, USDT));
		assert_ok!(withdraw(USER, 20 * USDT));
		assert_ok!(withdraw(USER, 20 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		assert_ok!(payout(ANN, 1, "out-2"));
		assert_ok!(Custody::do_try_state());
		corrupt();
		assert_eq!(Custody::do_try_state(), Err(DispatchError::Other(message)));
	});
}

#[test]
fn usdt_from_nowhere() {
	detects(
		|| {
			Assets::mint_into(USDT_ASSET, &OTHER, USDT).unwrap();
		},
		"USDT exists that was not deposited",
	);
}

#[test]
fn a_credited_deposit_that_is_still_claimed() {
	detects(
		|| Credited::<Test>::insert((tron(), bytes("ab")), ()),
		"a claim for a credited deposit",
	);
}

#[test]
fn claims_without_an_office_or_doubled() {
	detects(
		|| Claims::<Test>::insert(9, Claims::<Test>::get(0)),
		"a claim of a custodian that has left",
	);
	detects(
		|| {
			Claims::<Test>::mutate(0, |claims| {
				let again = claims[0].clone();
				claims.try_push(again).unwrap();
			})
		},
		"two claims for one deposit",
	);
}

#[test]
fn a_paid_withdrawal_that_is_open_or_unknown_or_paid_again() {
	detects(|| PaidWith::<Test>::insert((tron(), bytes("out-2")), 1), "a paid withdrawal is open");
	detects(
		|| PaidWith::<Test>::insert((tron(), bytes("out-2")), 2),
		"a payment for a withdrawal never requested",
	);
	detects(
		|| PaidWith::<Test>::insert((tron(), bytes("out-2")), 0),
		"two payments for one withdrawal",
	);
}

#[test]
fn a_queue_that_miscounts() {
	detects(
		|| Queue::<Test>::mutate(|queue| queue.open = 2),
		"the queue miscounts the open withdrawals",
	);
	detects(
		|| Queue::<Test>::mutate(|queue| queue.amount -= 1),
		"the queue's amount is not the sum of its withdrawals",
	);
	detects(|| Queue::<Test>::mutate(|queue| queue.head = 2), "a withdrawal is not in the queue");
}

#[test]
fn votes_that_nobody_could_cast() {
	let vote = |seat| {
		Withdrawals::<Test>::mutate(1, |withdrawal| {
			let vote = Vote { seat, reference: bytes("out-2") };
			withdrawal.as_mut().unwrap().votes.try_push(vote).unwrap();
		})
	};
	detects(|| vote(0), "a custodian has two votes");
	detects(|| vote(9), "a vote from a seat not given out");
}

#[test]
fn custodians_without_sense() {
	detects(
		|| Custodians::<Test>::mutate(|quorum| quorum.threshold = 1),
		"the threshold is not a majority",
	);
	detects(
		|| Custodians::<Test>::mutate(|quorum| quorum.members[0].account = BEN),
		"a custodian has two seats",
	);
	detects(
		|| Custodians::<Test>::mutate(|quorum| quorum.members[0].seat = 1),
		"two custodians share a seat",
	);
	detects(
		|| Custodians::<Test>::mutate(|quorum| quorum.members[0].seat = 3),
		"a seat was not given out",
	);
	detects(
		|| Custodians::<Test>::mutate(|quorum| quorum.members = BoundedVec::new()),
		"the threshold is not a majority",
	);
}
