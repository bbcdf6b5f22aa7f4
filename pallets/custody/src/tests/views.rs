use frame_support::assert_ok;
use lx_primitives::units::USDT;

use crate::mock::*;

#[test]
fn the_reserves_show_what_they_must_cover() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 30 * USDT));
		let status = Custody::reserves();
		assert_eq!(status.attested, Some(1_000_000 * USDT));
		assert_eq!((status.issuance, status.pending), (70 * USDT, 30 * USDT));
	});
}

#[test]
fn deposits_that_wait_are_public() {
	with_reserves(|| {
		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_ok!(attest(BEN, "aa", USER, USDT));
		assert_ok!(attest(CAT, "aa", OTHER, USDT));
		let pending: Vec<_> = Custody::pending_deposits()
			.into_iter()
			.map(|pending| (pending.claim.account, pending.custodians))
			.collect();
		assert_eq!(pending, vec![(USER, vec![ANN, BEN]), (OTHER, vec![CAT])]);
		assert!(!Custody::is_credited(tron(), bytes("aa")));
		assert_ok!(attest(CAT, "aa", USER, USDT));
		assert!(Custody::is_credited(tron(), bytes("aa")));
		assert_eq!(Custody::pending_deposits(), vec![]);
	});
}

#[test]
fn open_withdrawals_are_public_in_pages() {
	let page = |from, limit| {
		let page = Custody::pending_withdrawals(from, limit);
		let ids: Vec<_> = page.withdrawals.into_iter().map(|(id, _)| id).collect();
		(ids, page.next)
	};
	with_reserves(|| {
		assert_eq!(page(0, 10), (vec![], None));
		deposit("aa", USER, 100 * USDT);
		for _ in 0..5 {
			assert_ok!(withdraw(USER, 10 * USDT));
		}
		assert_ok!(payout(ANN, 1, "out"));
		assert_ok!(payout(BEN, 1, "out"));
		assert_eq!(page(0, 10), (vec![0, 2, 3, 4], None));
		assert_eq!(page(0, 2), (vec![0, 2], Some(3)));
		assert_eq!(page(3, 2), (vec![3, 4], None));
		assert_eq!(page(3, u32::MAX), (vec![3, 4], None));
		assert_eq!(page(5, 2), (vec![], None));
		assert_eq!(page(u64::MAX, 2), (vec![], None));
		// At least one, or there would be no way on.
		assert_eq!(page(0, 0), (vec![0], Some(1)));
		assert_eq!(Custody::pending_withdrawals(3, 1).withdrawals[0].1.amount, 10 * USDT);
	});
}

#[test]
fn a_page_covers_a_bounded_number_of_ids() {
	new_test_ext().execute_with(|| {
		crate::Queue::<Test>::mutate(|queue| queue.next = 1_000);
		assert_eq!(Custody::pending_withdrawals(0, 10).next, Some(256));
		assert_eq!(Custody::pending_withdrawals(744, 10).next, None);
	});
}
