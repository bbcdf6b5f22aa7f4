use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;

use crate::{mock::*, Custodians, Error, Event};

fn attested() -> Option<u128> {
	Custody::reserves().attested
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
