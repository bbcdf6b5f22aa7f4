//! Using a quota.

use frame_support::{assert_ok, assert_storage_noop};
use lx_primitives::{traits::Quotas, Claim, LaunchId, QuotaError, RelayId, Units};

use crate::mock::*;

/// A quota that cannot be used is not, and it is known before.
fn assert_refused(who: AccountId, launch: LaunchId, units: Units, error: QuotaError) {
	assert_eq!(Launchpad::may_redeem(&who, launch, RELAY, units), Err(error));
	assert_storage_noop!(assert_eq!(Launchpad::redeem(&who, launch, RELAY, units), Err(error)));
}

/// What can be used is told, and that is what can be.
fn assert_usable(who: AccountId, units: Units) {
	assert_usable_at(RELAY, who, units);
}

fn assert_usable_at(relay: RelayId, who: AccountId, units: Units) {
	assert_eq!(Launchpad::usable(0, who, relay), units);
	assert!(units == 0 || Launchpad::may_redeem(&who, 0, relay, units).is_ok());
	assert!(Launchpad::may_redeem(&who, 0, relay, units + 1).is_err());
}

fn redeem(who: AccountId, units: Units) -> Result<(), QuotaError> {
	Launchpad::redeem(&who, 0, RELAY, units)
}

fn used(who: AccountId) -> Units {
	claimed(who).unwrap().used
}

/// Alice and Bob are given 50 units each. Alice has claimed all of hers at one relay, and Bob nothing.
fn allocated() {
	launched(100, &[(ALICE, 10_000, 60), (BOB, 10_000, 60)], CLOSING);
	assert_ok!(claim(ALICE));
}

#[test]
fn no_more_is_used_than_was_claimed() {
	build_and_execute(|| {
		allocated();
		assert_usable(ALICE, 50);
		assert_refused(ALICE, 0, 51, QuotaError::Exceeded);
		assert_refused(ALICE, 0, Units::MAX, QuotaError::Exceeded);
		assert_eq!(Launchpad::may_redeem(&ALICE, 0, RELAY, 50), Ok(()));
		assert_ok!(redeem(ALICE, 30));
		assert_refused(ALICE, 0, 21, QuotaError::Exceeded);
		assert_usable(ALICE, 20);
		assert_ok!(redeem(ALICE, 20));
		assert_refused(ALICE, 0, 1, QuotaError::Exceeded);
		assert_usable(ALICE, 0);
		assert_eq!(claimed(ALICE), Some(Claim { relay: RELAY, units: 50, used: 50 }));
		assert_eq!(launch_of(0).redeemed, 50);
	});
}

#[test]
fn no_relay_uses_what_was_claimed_at_another() {
	build_and_execute(|| {
		allocated();
		assert_usable_at(OTHER, ALICE, 0);
		assert_eq!(Launchpad::may_redeem(&ALICE, 0, OTHER, 1), Err(QuotaError::Missing));
		assert_ok!(claim_at(BOB, RELAY, 20));
		assert_ok!(claim_at(BOB, OTHER, 5));
		assert_usable(BOB, 20);
		assert_usable_at(OTHER, BOB, 5);
		assert_ok!(Launchpad::redeem(&BOB, 0, OTHER, 5));
		assert_refused(BOB, 0, 21, QuotaError::Exceeded);
		assert_usable(BOB, 20);
		assert_usable_at(OTHER, BOB, 0);
		assert_ok!(redeem(BOB, 20));
		// What one relay gives back is not the other's.
		Launchpad::restore(&BOB, 0, OTHER, 3);
		assert_usable(BOB, 0);
		assert_usable_at(OTHER, BOB, 3);
		assert_eq!(launch_of(0).redeemed, 22);
	});
}

#[test]
fn what_is_claimed_later_is_used_with_the_rest() {
	build_and_execute(|| {
		allocated();
		assert_ok!(claim_at(BOB, RELAY, 10));
		assert_ok!(redeem(BOB, 10));
		assert_refused(BOB, 0, 1, QuotaError::Exceeded);
		assert_ok!(claim_at(BOB, RELAY, 40));
		assert_usable(BOB, 40);
		assert_eq!(claimed(BOB), Some(Claim { relay: RELAY, units: 50, used: 10 }));
	});
}

#[test]
fn nobody_uses_the_quota_of_another() {
	build_and_execute(|| {
		allocated();
		assert_refused(CAROL, 0, 1, QuotaError::Missing);
		assert_refused(ALICE, 1, 1, QuotaError::Missing);
		// Not claimed.
		assert_refused(BOB, 0, 1, QuotaError::Missing);
		[BOB, CAROL].into_iter().for_each(|who| assert_usable(who, 0));
		assert_ok!(claim(BOB));
		assert_ok!(redeem(BOB, 50));
		assert_eq!((used(ALICE), used(BOB)), (0, 50));
	});
}

#[test]
fn what_was_used_in_time_is_posted_within_the_grace() {
	build_and_execute(|| {
		allocated();
		at(EXPIRY + GRACE);
		assert_ok!(redeem(ALICE, 1));
		assert_usable(ALICE, 49);
		at(EXPIRY + GRACE + 1);
		assert_usable(ALICE, 0);
		assert_refused(ALICE, 0, 1, QuotaError::Expired);
		assert_ok!(release(ALICE));
		assert_refused(ALICE, 0, 1, QuotaError::Missing);
	});
}

#[test]
fn what_is_given_back_can_be_used_again() {
	build_and_execute(|| {
		allocated();
		assert_ok!(redeem(ALICE, 50));
		Launchpad::restore(&ALICE, 0, RELAY, 20);
		assert_eq!((used(ALICE), launch_of(0).redeemed), (30, 30));
		assert_refused(ALICE, 0, 21, QuotaError::Exceeded);
		assert_ok!(redeem(ALICE, 20));
		// When it was released meanwhile, it is left of the launch.
		at(EXPIRY + GRACE + 1);
		assert_ok!(release(ALICE));
		Launchpad::restore(&ALICE, 0, RELAY, 10);
		assert_eq!((claimed(ALICE), launch_of(0).redeemed), (None, 40));
	});
}

#[test]
fn an_offer_has_a_price_from_its_closing_to_its_expiry() {
	build_and_execute(|| {
		allocated();
		let offer = Launchpad::offer(0).unwrap();
		let price_at = |time| offer.price_at(&model("scarce"), 0, time).map(|price| price.list);
		let list = Some(terms().list);
		let prices = [CLOSING - 1, CLOSING, EXPIRY - 1, EXPIRY].map(price_at);
		assert_eq!(prices, [None, list, list, None]);
		assert_eq!(Launchpad::redeemable(), vec![(0, offer.clone())]);
		at(EXPIRY);
		assert!(Launchpad::redeemable().is_empty());
		assert_eq!(Launchpad::offer(0), Some(offer), "what was served in it has a price");
		assert_eq!(Launchpad::offer(1), None);
	});
}

#[test]
fn nothing_can_be_used_before_the_quota_is_divided() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 60)], OPENING);
		assert_refused(ALICE, 0, 1, QuotaError::Missing);
		assert!(Launchpad::redeemable().is_empty());
		at(CLOSING);
		assert_eq!(Launchpad::redeemable().len(), 1);
		assert_refused(ALICE, 0, 1, QuotaError::Missing);
		assert_eq!(redeem(ALICE, 0), Err(QuotaError::Missing));
	});
}
