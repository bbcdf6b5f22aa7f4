use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;

use crate::{mock::*, Error, Event, Ledger, PaidWith, Queue, Withdrawals};

/// The user withdraws twice: ids 0 and 1.
fn with_withdrawals(test: impl FnOnce()) {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 40 * USDT));
		assert_ok!(withdraw(USER, 30 * USDT));
		System::reset_events();
		test();
	});
}

#[test]
fn a_quorum_settles() {
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "out"));
		assert_eq!(pending(), 70 * USDT);
		assert_ok!(payout(CAT, 0, "out"));
		assert_eq!((issuance(), pending(), usdt(USER)), (30 * USDT, 30 * USDT, 30 * USDT));
		assert!(!Withdrawals::<Test>::contains_key(0));
		assert_eq!(PaidWith::<Test>::get((tron(), bytes("out"))), Some(0));
		assert_eq!(Ledger::<Test>::get().paid_out, 40 * USDT);
		assert_eq!(Queue::<Test>::get().open, 1);
		let attested =
			|custodian| Event::PayoutAttested { id: 0, custodian, reference: bytes("out") };
		assert_eq!(
			take_events(),
			vec![
				attested(ANN),
				attested(CAT),
				Event::WithdrawalPaid {
					id: 0,
					who: USER,
					amount: 40 * USDT,
					network: tron(),
					reference: bytes("out"),
				},
			]
		);
		assert_noop!(payout(BEN, 0, "out"), Error::<Test>::UnknownWithdrawal);
	});
}

#[test]
fn a_payment_settles_one_withdrawal() {
	with_withdrawals(|| {
		// Attested for both; the first quorum takes it.
		assert_ok!(payout(ANN, 1, "out"));
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		assert_noop!(payout(BEN, 1, "out"), Error::<Test>::ReferenceUsed);
		assert_noop!(payout(ANN, 1, "out"), Error::<Test>::ReferenceUsed);
		assert_ok!(payout(ANN, 1, "out-2"));
		assert_ok!(payout(BEN, 1, "out-2"));
		assert_eq!(pending(), 0);
	});
}

#[test]
fn one_custodian_settles_nothing() {
	with_withdrawals(|| {
		assert_ok!(payout(CAT, 0, "fake"));
		assert_noop!(payout(CAT, 0, "fake"), Error::<Test>::AlreadyAttested);
		assert_ok!(payout(CAT, 0, "fake-2"));
		assert_ok!(payout(CAT, 0, "fake"));
		assert_eq!(Withdrawals::<Test>::get(0).unwrap().votes.len(), 1);
		assert_eq!(pending(), 70 * USDT);
	});
}

#[test]
fn payments_that_differ_do_not_add_up() {
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(CAT, 0, "fake"));
		assert_eq!(pending(), 70 * USDT);
		assert_ok!(payout(CAT, 0, "out"));
		assert_eq!(pending(), 30 * USDT);
	});
}

#[test]
fn bad_attestations_are_refused() {
	with_withdrawals(|| {
		assert_noop!(payout(DAN, 0, "out"), Error::<Test>::NotCustodian);
		assert_noop!(payout(USER, 0, "out"), Error::<Test>::NotCustodian);
		assert_noop!(payout(ANN, 2, "out"), Error::<Test>::UnknownWithdrawal);
		for reference in ["", "o ut", "out\0"] {
			assert_noop!(payout(ANN, 0, reference), Error::<Test>::InvalidReference);
		}
	});
}

#[test]
fn a_deposit_reference_may_pay() {
	// One external transaction can hold a payment into custody and one out of it.
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "aa"));
		assert_ok!(payout(BEN, 0, "aa"));
		assert_eq!(pending(), 30 * USDT);
	});
}

#[test]
fn what_was_refunded_cannot_be_paid() {
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "out"));
		pass(TIMEOUT);
		assert_eq!((usdt(USER), pending()), (100 * USDT, 0));
		assert_noop!(payout(BEN, 0, "out"), Error::<Test>::UnknownWithdrawal);
	});
}

#[test]
fn what_was_paid_is_not_refunded() {
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		pass(TIMEOUT);
		assert_eq!((usdt(USER), pending()), (60 * USDT, 0));
	});
}

#[test]
fn votes_of_removed_custodians_never_count_again() {
	with_withdrawals(|| {
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(appoint(&[BEN, CAT, DAN], 2));
		assert_ok!(payout(BEN, 0, "out"));
		assert_eq!(pending(), 70 * USDT);
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_noop!(payout(BEN, 0, "out"), Error::<Test>::AlreadyAttested);
		assert_ok!(payout(ANN, 0, "out"));
		assert_eq!(pending(), 30 * USDT);
	});
}

#[test]
fn votes_of_removed_custodians_make_room() {
	with_withdrawals(|| {
		let account = |index: u8| AccountId::new([index; 32]);
		let five: Vec<_> = (20..25).map(account).collect();
		assert_ok!(appoint(&five, 3));
		for (index, custodian) in five.into_iter().enumerate() {
			assert_ok!(payout(custodian, 0, &format!("out-{index}")));
		}
		assert_eq!(Withdrawals::<Test>::get(0).unwrap().votes.len(), 5);
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_ok!(payout(ANN, 0, "out"));
		assert_eq!(Withdrawals::<Test>::get(0).unwrap().votes.len(), 1);
		assert_ok!(payout(BEN, 0, "out"));
		assert_eq!(pending(), 30 * USDT);
	});
}

#[test]
fn standing_votes_reach_a_lowered_threshold_when_one_is_repeated() {
	with_withdrawals(|| {
		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_eq!(pending(), 70 * USDT);
		assert_ok!(payout(ANN, 0, "out"));
		assert_eq!(pending(), 30 * USDT);
	});
}
