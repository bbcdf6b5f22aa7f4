use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;
use sp_runtime::DispatchError;

use crate::{mock::*, Claims, Custodians, Error, Event, NextSeat};

fn seats() -> Vec<(AccountId, u32)> {
	let members = Custodians::<Test>::get().members;
	members.into_iter().map(|member| (member.account, member.seat)).collect()
}

#[test]
fn who_stays_keeps_its_seat_and_who_comes_gets_a_new_one() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_ok!(attest(CAT, "ab", USER, USDT));
		take_events();
		assert_ok!(appoint(&[DAN, CAT, BEN], 3));
		assert_eq!(seats(), vec![(DAN, 3), (CAT, 2), (BEN, 1)]);
		assert_eq!(Custodians::<Test>::get().threshold, 3);
		let reports = Custodians::<Test>::get().members.into_iter().map(|m| m.report.is_some());
		assert_eq!(reports.collect::<Vec<_>>(), vec![false, true, true]);
		assert!(!Claims::<Test>::contains_key(0));
		assert!(Claims::<Test>::contains_key(2));
		assert_eq!(
			take_events(),
			vec![Event::CustodiansSet { custodians: vec![DAN, CAT, BEN], threshold: 3 }]
		);

		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_eq!(seats(), vec![(ANN, 4), (BEN, 1), (CAT, 2)]);
		assert_eq!(NextSeat::<Test>::get(), 5);
	});
}

#[test]
fn only_the_admin_appoints() {
	build_and_execute(|| {
		let members = frame_support::BoundedVec::truncate_from(vec![CAT]);
		for origin in [RuntimeOrigin::signed(CAT), RuntimeOrigin::none()] {
			assert_noop!(
				Custody::set_custodians(origin, members.clone(), 1),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn the_threshold_is_a_majority() {
	build_and_execute(|| {
		let account = |index: u8| AccountId::new([20 + index; 32]);
		for count in 1..=5u8 {
			let members: Vec<_> = (0..count).map(account).collect();
			for threshold in 0..=u32::from(count) + 1 {
				let is_allowed = threshold <= u32::from(count) && 2 * threshold > u32::from(count);
				if is_allowed {
					assert_ok!(appoint(&members, threshold));
				} else {
					assert_noop!(appoint(&members, threshold), Error::<Test>::InvalidThreshold);
				}
			}
		}
		assert_noop!(appoint(&[], 0), Error::<Test>::InvalidThreshold);
		assert_noop!(appoint(&[ANN], u32::MAX), Error::<Test>::InvalidThreshold);
	});
}

#[test]
fn a_custodian_has_one_voice() {
	build_and_execute(|| {
		assert_noop!(appoint(&[ANN, BEN, ANN], 2), Error::<Test>::DuplicateCustodian);
		assert_noop!(appoint(&[DAN, DAN], 2), Error::<Test>::DuplicateCustodian);
	});
}

#[test]
fn a_custodian_can_sign_while_it_owns_nothing_and_its_nonce_stays() {
	build_and_execute(|| {
		assert_eq!(System::providers(&ANN), 1);
		System::inc_account_nonce(&ANN);
		assert_ok!(appoint(&[BEN, CAT, DAN], 2));
		assert_eq!(System::providers(&DAN), 1);
		assert_eq!(System::account_nonce(&ANN), 1);
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_eq!(System::account_nonce(&ANN), 1);
	});
}

#[test]
fn a_consumer_reference_does_not_prevent_a_removal() {
	build_and_execute(|| {
		assert_ok!(System::inc_consumers(&CAT));
		assert_ok!(appoint(&[ANN, BEN], 2));
		assert_noop!(report(CAT, USDT), Error::<Test>::NotCustodian);
	});
}

#[test]
fn a_removed_custodian_takes_its_report_along() {
	with_reserves(|| {
		assert_ok!(appoint(&[ANN, DAN, CAT], 3));
		assert_eq!(Custody::reserves().attested, None);
		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_eq!(Custody::reserves().attested, None);
		assert_ok!(report(BEN, 5 * USDT));
		assert_eq!(Custody::reserves().attested, Some(5 * USDT));
	});
}
