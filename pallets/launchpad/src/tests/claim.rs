//! Taking what was given.

use frame_support::{assert_noop, assert_ok, weights::Weight};
use lx_primitives::{Claim, Units};

use crate::{mock::*, Error, Event, Stage, MAX_CLAIMS};

#[test]
fn a_subscriber_claims_what_the_division_gave() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 100), (BOB, 30_000, 100)], CLOSING);
		take_events();
		assert_ok!(claim_at(ALICE, RELAY, 25));
		assert_eq!(claimed(ALICE), Some(Claim { relay: RELAY, units: 25, used: 0 }));
		assert_eq!(claimed(BOB), None);
		let expected = Event::Claimed { launch: 0, who: ALICE, relay: RELAY, units: 25 };
		assert_eq!(take_events(), vec![expected]);
		assert_eq!(allocations([ALICE, BOB]), [25, 75]);
		// In the last moment.
		Now::set(EXPIRY - 1);
		assert_ok!(claim_at(BOB, RELAY, 75));
		assert_eq!(claimed(BOB).unwrap().left(), 75);
	});
}

#[test]
fn a_quota_is_claimed_at_several_relays_and_never_twice() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 100)], CLOSING);
		assert_ok!(claim_at(ALICE, RELAY, 60));
		assert_noop!(claim_at(ALICE, OTHER, 41), Error::<Test>::ClaimTooLarge);
		assert_noop!(claim_at(ALICE, OTHER, Units::MAX), Error::<Test>::ClaimTooLarge);
		assert_ok!(claim_at(ALICE, OTHER, 30));
		assert_ok!(claim_at(ALICE, RELAY, 10));
		for relay in [RELAY, OTHER] {
			assert_noop!(claim_at(ALICE, relay, 1), Error::<Test>::ClaimTooLarge);
		}
		let units = [RELAY, OTHER].map(|relay| Launchpad::claimed(0, ALICE, relay).unwrap().units);
		assert_eq!(units, [70, 30]);
	});
}

#[test]
fn something_is_claimed_by_who_has_subscribed_at_a_relay_that_serves_calls() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 100)], CLOSING);
		assert_noop!(claim_at(ALICE, RELAY, 0), Error::<Test>::ZeroUnits);
		assert_noop!(claim_at(ALICE, NO_RELAY, 1), Error::<Test>::RelayNotActive);
		assert_noop!(claim_at(BOB, RELAY, 1), Error::<Test>::NotSubscribed);
		assert_ok!(claim_at(ALICE, NO_RELAY - 1, 1));
	});
}

#[test]
fn a_quota_is_claimed_at_so_many_relays() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 100)], CLOSING);
		for relay in 0..MAX_CLAIMS {
			assert_ok!(claim_at(ALICE, relay, 1));
		}
		assert_noop!(claim_at(ALICE, MAX_CLAIMS, 1), Error::<Test>::TooManyRelays);
		// More can still be claimed where something is.
		assert_ok!(claim_at(ALICE, MAX_CLAIMS - 1, 1));
	});
}

#[test]
fn nothing_is_claimed_before_the_quota_is_divided() {
	build_and_execute(|| {
		assert_noop!(claim(ALICE), Error::<Test>::UnknownLaunch);
		launched(100, &[(ALICE, 10_000, 100), (BOB, 10_000, 100)], OPENING);
		assert_noop!(claim(ALICE), Error::<Test>::NotAllocated);
		StepWeight::set(Weight::zero());
		at(CLOSING);
		assert!(matches!(stage(), Stage::Filling(_)));
		assert_noop!(claim(ALICE), Error::<Test>::NotAllocated);
		StepWeight::set(Weight::MAX);
		at(CLOSING);
		assert_ok!(claim(ALICE));
	});
}

#[test]
fn nothing_is_claimed_after_the_expiry() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 100)], CLOSING);
		assert_ok!(claim_at(ALICE, RELAY, 60));
		// Before the hook has run, and after.
		Now::set(EXPIRY);
		assert_noop!(claim_at(ALICE, RELAY, 40), Error::<Test>::Expired);
		at(EXPIRY);
		assert_noop!(claim_at(ALICE, RELAY, 40), Error::<Test>::Expired);
		assert_eq!(Launchpad::allocation(0, ALICE), None);
	});
}

#[test]
fn every_place_of_several_pages_is_claimed() {
	build_and_execute(|| {
		let many: Vec<_> = (1_000u64..1_250).map(|who| (who, 10_000, who - 990)).collect();
		many.iter().for_each(|(who, ..)| endow(*who));
		launched(20_000, &many, CLOSING);
		assert_eq!(stored(), (3, 250));
		for (who, ..) in &many {
			assert_ok!(claim(*who));
		}
		let given: u64 = many.iter().map(|(who, ..)| claimed(*who).unwrap().units).sum();
		assert_eq!(given, 20_000);
	});
}
