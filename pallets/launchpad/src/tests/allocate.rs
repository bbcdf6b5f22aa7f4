//! Dividing a quota.

use lx_primitives::{units::LCO, Balance, Units};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, Event, Stage};

/// What each of these gets of a quota: LCO staked, and units asked for.
fn divided(total: Units, requests: &[(Balance, Units)]) -> Vec<Units> {
	new_test_ext().execute_with(|| {
		let numbered = (100u64..).zip(requests);
		let subscribers: Vec<_> = numbered.map(|(who, (lco, units))| (who, *lco, *units)).collect();
		subscribers.iter().for_each(|(who, ..)| endow(*who));
		launched(total, &subscribers, CLOSING);
		Launchpad::do_try_state().unwrap();
		subscribers.iter().map(|(who, ..)| Launchpad::allocation(0, *who).unwrap()).collect()
	})
}

#[test]
fn where_there_is_enough_everybody_gets_what_he_asked_for() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 30), (BOB, 90_000, 70)], CLOSING - 1);
		assert!(matches!(stage(), Stage::Open { .. }));
		take_events();
		at(CLOSING);
		assert_eq!(allocations([ALICE, BOB]), [30, 70]);
		let expected = vec![
			Event::Closed { launch: 0, subscribers: 2 },
			Event::Allocated { launch: 0, units: 100 },
		];
		assert_eq!(take_events(), expected);
	});
}

#[test]
fn less_than_there_is_can_be_asked_for() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 30), (BOB, 90_000, 69)], CLOSING);
		assert_eq!(allocations([ALICE, BOB]), [30, 69]);
		assert!(take_events().contains(&Event::Allocated { launch: 0, units: 99 }));
	});
}

#[test]
fn a_share_is_that_of_the_weights() {
	// Lv4 counts three times: 10,000, 40,000 and 150,000.
	assert_eq!(divided(200, &[(10_000, 200), (40_000, 200), (50_000, 200)]), [10, 40, 150]);
	// One unit more fills first where the weight is greatest.
	assert_eq!(divided(201, &[(10_000, 200), (40_000, 200), (50_000, 200)]), [10, 40, 151]);
}

#[test]
fn what_some_do_not_want_is_for_the_others() {
	assert_eq!(divided(200, &[(10_000, 200), (40_000, 20), (50_000, 200)]), [11, 20, 169]);
	assert_eq!(divided(200, &[(10_000, 2), (40_000, 20), (50_000, 200)]), [2, 20, 178]);
}

#[test]
fn what_others_of_the_network_leave_is_for_those_who_ask() {
	build_and_execute(|| {
		// Nine tenths of the weight take no part.
		stake(99, 60_000 * LCO);
		launched(200, &[(ALICE, 10_000, 200), (BOB, 10_000, 15)], CLOSING - 1);
		assert_eq!(launch_of(0).tally.first, 20);
		at(CLOSING);
		assert_eq!(allocations([ALICE, BOB]), [185, 15]);
	});
}

#[test]
fn last_units_go_by_the_account_id() {
	assert_eq!(divided(5, &[(10_000, 5); 3]), [2, 2, 1]);
	assert_eq!(divided(2, &[(10_000, 2); 3]), [1, 1, 0]);
	build_and_execute(|| {
		// Not by the order in which they came.
		launched(5, &[(CAROL, 10_000, 5), (BOB, 10_000, 5), (ALICE, 10_000, 5)], CLOSING);
		assert_eq!(allocations([ALICE, BOB, CAROL]), [2, 2, 1]);
	});
}

#[test]
fn a_launch_may_have_nobody() {
	build_and_execute(|| {
		launched(100, &[], CLOSING);
		assert!(matches!(stage(), Stage::Allocated(_)));
		assert!(take_events().contains(&Event::Allocated { launch: 0, units: 0 }));
	});
}

fn lco() -> impl Strategy<Value = Balance> {
	prop_oneof![Just(10_000), 10_000..50_000u128, 50_000..200_000u128]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

	/// Two who could each take part alone get more by putting their stakes together, where that makes
	/// a higher tier.
	#[test]
	fn pooling_to_a_tier_gains(
		first in 10_000..50_000u128,
		second in 10_000..50_000u128,
		others in vec(lco(), 1..6),
		total in 500_000..1_000_000u64,
	) {
		prop_assume!(first + second >= 50_000);
		let others: Vec<_> = others.into_iter().map(|lco| (lco, total)).collect();
		let apart = [&[(first, total), (second, total)][..], &others].concat();
		let pooled = [&[(first + second, total)][..], &others].concat();
		let (apart, pooled) = (divided(total, &apart), divided(total, &pooled));
		prop_assert!(pooled[0] > apart[0] + apart[1]);
	}

	#[test]
	fn splitting_never_gains(
		whole in 20_000..300_000u128,
		asked in 1..2_000u64,
		percent in 1..100u128,
		of_asked in 1..100u64,
		others in vec((lco(), 1..2_000u64), 0..6),
		total in prop_oneof![1..20u64, 1..4_000u64],
	) {
		let asked = asked.min(total);
		let others: Vec<_> =
			others.into_iter().map(|(lco, units)| (lco, units.min(total))).collect();
		let moved = whole * percent / 100;
		let moved_units = asked * of_asked / 100;
		prop_assume!(moved >= 10_000 && whole - moved >= 10_000);
		prop_assume!(moved_units > 0 && moved_units < asked);
		let alone = [&[(whole, asked)][..], &others].concat();
		let parts = (whole - moved, asked - moved_units);
		let split = [&[parts][..], &others, &[(moved, moved_units)]].concat();
		let (alone, split) = (divided(total, &alone), divided(total, &split));
		let together = split[0] + split[split.len() - 1];
		prop_assert!(together <= alone[0], "{together} instead of {}", alone[0]);
	}
}
