use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;

use crate::{mock::*, Custodians, Error, Event};

fn attested() -> Option<u128> {
	Custody::reserves().attested
}

/// What stands of Ann's report.
fn reported() -> u128 {
	Custodians::<Test>::get().members[0].report.unwrap().amount
}

fn settle(id: u64) {
	for custodian in [ANN, BEN] {
		assert_ok!(payout(custodian, id, &format!("out-{id}")));
	}
}

/// The user has deposited 100 USDT and withdrawn 40 of them, which were paid.
fn with_a_payout(test: impl FnOnce()) {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 40 * USDT));
		settle(0);
		System::reset_events();
		test();
	});
}

#[test]
fn a_report_is_recorded_with_its_time() {
	build_and_execute(|| {
		assert_ok!(report(ANN, 7 * USDT));
		let reported = Custodians::<Test>::get().members[0].report.unwrap();
		assert_eq!((reported.amount, reported.at), (7 * USDT, START));
		assert_eq!(
			take_events(),
			vec![Event::ReservesReported { custodian: ANN, amount: 7 * USDT }]
		);
		pass(HOUR);
		assert_ok!(report(ANN, 5 * USDT));
		let reported = Custodians::<Test>::get().members[0].report.unwrap();
		assert_eq!((reported.amount, reported.at), (5 * USDT, START + HOUR));
	});
}

#[test]
fn only_custodians_report() {
	build_and_execute(|| {
		assert_noop!(report(DAN, USDT), Error::<Test>::NotCustodian);
	});
}

#[test]
fn the_attested_reserve_is_the_kth_largest_fresh_report() {
	build_and_execute(|| {
		assert_eq!(attested(), None);
		assert_ok!(report(ANN, 100));
		assert_eq!(attested(), None);
		assert_ok!(report(BEN, 90));
		assert_eq!(attested(), Some(90));
		// One custodian can neither raise it nor, with two others fresh, lower it.
		assert_ok!(report(CAT, u128::MAX));
		assert_eq!(attested(), Some(100));
		assert_ok!(report(CAT, 0));
		assert_eq!(attested(), Some(90));

		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_eq!(attested(), Some(0));
	});
}

#[test]
fn stale_reports_do_not_count() {
	build_and_execute(|| {
		assert_ok!(report(ANN, 100));
		pass(HOUR);
		assert_ok!(report(BEN, 90));
		pass(LIFETIME - HOUR);
		assert_eq!(attested(), Some(90));
		pass(1);
		assert_eq!(attested(), None);
		assert_ok!(report(CAT, 80));
		assert_eq!(attested(), Some(80));
	});
}

#[test]
fn a_settled_payout_leaves_every_report() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(report(ANN, 100 * USDT));
		assert_ok!(report(BEN, 100 * USDT));
		assert_ok!(report(CAT, 10 * USDT));
		assert_ok!(withdraw(USER, 40 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		assert_eq!(attested(), Some(100 * USDT));
		assert_ok!(payout(BEN, 0, "out"));
		// What is attested still covers what exists exactly: nothing can be minted against what has
		// left.
		let reports =
			Custodians::<Test>::get().members.into_iter().map(|m| m.report.unwrap().amount);
		assert_eq!(reports.collect::<Vec<_>>(), vec![60 * USDT, 60 * USDT, 0]);
		assert_eq!(issuance(), 60 * USDT);
		assert_ok!(attest(ANN, "ab", USER, MIN_BALANCE));
		assert_noop!(attest(BEN, "ab", USER, MIN_BALANCE), Error::<Test>::ReservesShort);
	});
}

#[test]
fn a_report_computed_before_a_payout_and_included_after_it_is_the_true_reserve() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 40 * USDT));
		// 40 were sent and count as long as the withdrawal is open.
		let (computed, paid_before) = (100 * USDT, paid_out());
		settle(0);
		take_events();
		for custodian in [ANN, BEN, CAT] {
			assert_ok!(report_as_of(custodian, computed, paid_before));
		}
		assert_eq!(attested(), Some(60 * USDT));
		assert_eq!(take_events()[0], Event::ReservesReported { custodian: ANN, amount: 60 * USDT });
		// Nothing can be minted against what has left.
		assert_eq!(issuance(), 60 * USDT);
		assert_ok!(attest(ANN, "ab", USER, MIN_BALANCE));
		assert_noop!(attest(BEN, "ab", USER, MIN_BALANCE), Error::<Test>::ReservesShort);
	});
}

#[test]
fn each_payout_leaves_a_report_once() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		for amount in [10, 20, 30] {
			assert_ok!(withdraw(USER, amount * USDT));
		}
		settle(0);
		// Computed after the first payout, included after the second, standing at the third.
		let (computed, paid_before) = (90 * USDT, paid_out());
		settle(1);
		assert_ok!(report_as_of(ANN, computed, paid_before));
		assert_eq!(reported(), 70 * USDT);
		settle(2);
		assert_eq!(reported(), 40 * USDT);
		// What is computed after all of them is taken as it is.
		assert_ok!(report_as_of(ANN, 40 * USDT, paid_out()));
		assert_eq!(reported(), 40 * USDT);
	});
}

#[test]
fn a_report_is_counted_down_to_nothing_at_least() {
	with_a_payout(|| {
		for (amount, left) in [(40 * USDT + 1, 1), (40 * USDT, 0), (40 * USDT - 1, 0), (0, 0)] {
			assert_ok!(report_as_of(ANN, amount, 0));
			assert_eq!(reported(), left);
		}
	});
}

#[test]
fn a_report_ahead_of_the_chain_is_refused() {
	build_and_execute(|| {
		// Nothing was ever paid out.
		assert_noop!(report_as_of(ANN, USDT, 1), Error::<Test>::PaidOutAhead);
		assert_ok!(report_as_of(ANN, USDT, 0));
	});
	with_a_payout(|| {
		for paid_out in [40 * USDT + 1, u128::MAX] {
			assert_noop!(report_as_of(ANN, u128::MAX, paid_out), Error::<Test>::PaidOutAhead);
		}
		assert_noop!(report_as_of(DAN, USDT, u128::MAX), Error::<Test>::NotCustodian);
		assert_ok!(report_as_of(ANN, 60 * USDT, 40 * USDT));
		assert_eq!(reported(), 60 * USDT);
		// A unit less, and a unit was paid out since.
		assert_ok!(report_as_of(ANN, 60 * USDT, 40 * USDT - 1));
		assert_eq!(reported(), 60 * USDT - 1);
	});
}
