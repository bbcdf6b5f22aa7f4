//! Unstaking: asking for it, taking back, taking out.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{units::LCO, Tier, TIER_MEMORY};

use crate::{mock::*, Error, Event, Stakers, Unstaking, MAX_UNSTAKING};

/// What Alice is unstaking.
fn unstaking() -> Vec<Unstaking> {
	StakingTiers::staker(ALICE).map_or(Vec::new(), |staker| staker.unstaking.to_vec())
}

#[test]
fn the_tier_drops_at_the_request_and_the_coins_are_free_seven_days_later() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 10_000 * LCO));
		wait(HOUR);
		take_events();
		assert_ok!(request(ALICE, 9_500 * LCO));
		let (who, from, to) = (ALICE, Tier::Lv3, Tier::Lv1);
		let (amount, ready_at) = (9_500 * LCO, START + HOUR + DELAY);
		let expected = vec![
			Event::UnstakeRequested { who, amount, ready_at, staked: 500 * LCO },
			Event::TierChanged { who, from, to },
		];
		assert_eq!(take_events(), expected);
		assert_eq!((tier(ALICE), held(ALICE)), (Tier::Lv1, 10_000 * LCO));
		wait(DELAY - 1);
		assert_noop!(complete(ALICE), Error::<Test>::StillUnstaking);
		wait(1);
		assert_ok!(complete(ALICE));
		assert_eq!(take_events(), vec![Event::Unstaked { who, amount }]);
		assert_eq!((staked(ALICE), held(ALICE)), (500 * LCO, 500 * LCO));
		assert_eq!(free(ALICE), WEALTH - 500 * LCO);
		assert_noop!(complete(ALICE), Error::<Test>::NothingUnstaking);
	});
}

#[test]
fn each_part_waits_its_own_seven_days() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 10 * LCO));
		assert_ok!(request(ALICE, 2 * LCO));
		assert_ok!(request(ALICE, LCO));
		wait(DAY);
		assert_ok!(request(ALICE, 4 * LCO));
		let parts = [(3 * LCO, START + DELAY), (4 * LCO, START + DAY + DELAY)];
		assert_eq!(unstaking(), parts.map(|(amount, ready_at)| Unstaking { amount, ready_at }));
		wait(DELAY - DAY);
		assert_ok!(complete(ALICE));
		assert_eq!((staked(ALICE), held(ALICE)), (3 * LCO, 7 * LCO));
		assert_noop!(complete(ALICE), Error::<Test>::StillUnstaking);
		assert_ok!(request(ALICE, 3 * LCO));
		wait(DAY);
		assert_ok!(complete(ALICE));
		assert_eq!((staked(ALICE), held(ALICE)), (0, 3 * LCO));
		wait(DELAY - DAY);
		assert_ok!(complete(ALICE));
		assert_eq!(free(ALICE), WEALTH);
		assert!(!Stakers::<Test>::contains_key(ALICE), "an account that has nothing is forgotten");
	});
}

#[test]
fn parts_that_are_ready_are_taken_out_together() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 10 * LCO));
		for _ in 0..3 {
			wait(1);
			assert_ok!(request(ALICE, LCO));
		}
		wait(DELAY);
		take_events();
		assert_ok!(complete(ALICE));
		assert_eq!(take_events(), vec![Event::Unstaked { who: ALICE, amount: 3 * LCO }]);
		assert!(unstaking().is_empty());
	});
}

#[test]
fn what_is_being_unstaked_can_be_staked_again() {
	build_and_execute(|| {
		assert_noop!(cancel(ALICE), Error::<Test>::NothingUnstaking);
		assert_ok!(stake(ALICE, 50_000 * LCO));
		assert_noop!(cancel(ALICE), Error::<Test>::NothingUnstaking);
		assert_ok!(request(ALICE, 50_000 * LCO));
		assert_eq!((tier(ALICE), staked(ALICE)), (Tier::Lv1, 0));
		// Also when it is ready.
		wait(DELAY);
		take_events();
		assert_ok!(cancel(ALICE));
		let (who, amount, from, to) = (ALICE, 50_000 * LCO, Tier::Lv1, Tier::Lv4);
		let expected = vec![
			Event::UnstakeCancelled { who, amount, staked: amount },
			Event::TierChanged { who, from, to },
		];
		assert_eq!(take_events(), expected);
		assert_eq!((tier(ALICE), held(ALICE)), (Tier::Lv4, 50_000 * LCO));
		assert_noop!(complete(ALICE), Error::<Test>::NothingUnstaking);
	});
}

#[test]
fn what_cannot_be_unstaked_is_not() {
	build_and_execute(|| {
		assert_noop!(request(ALICE, LCO), Error::<Test>::NothingStaked);
		assert_noop!(complete(ALICE), Error::<Test>::NothingUnstaking);
		assert_ok!(stake(ALICE, 2 * LCO));
		assert_noop!(request(ALICE, 0), Error::<Test>::ZeroAmount);
		assert_noop!(request(ALICE, 2 * LCO + 1), Error::<Test>::InsufficientStake);
		assert_noop!(request(ALICE, u128::MAX), Error::<Test>::InsufficientStake);
		// Less than the smallest stake would be left.
		assert_noop!(request(ALICE, LCO + 1), Error::<Test>::BelowSmallestStake);
		assert_ok!(request(ALICE, LCO));
		assert_noop!(request(ALICE, 1), Error::<Test>::BelowSmallestStake);
		assert_ok!(request(ALICE, LCO));
		assert_noop!(request(ALICE, 1), Error::<Test>::NothingStaked);
	});
}

#[test]
fn what_stands_behind_a_vote_stays() {
	build_and_execute(|| {
		let whale = Tier::Whale.min_stake();
		assert_ok!(stake(ALICE, whale + 2 * LCO));
		Kept::set(whale);
		assert_noop!(request(ALICE, 2 * LCO + 1), VOTE_STANDS);
		assert_ok!(request(ALICE, 2 * LCO));
		assert_noop!(request(ALICE, 1), VOTE_STANDS);
		assert_noop!(request(ALICE, whale), VOTE_STANDS);
		assert_eq!((tier(ALICE), staked(ALICE)), (Tier::Whale, whale));
		Kept::set(0);
		assert_ok!(request(ALICE, whale));
		assert_eq!(tier(ALICE), Tier::Lv1);
	});
}

#[test]
fn so_many_parts_and_no_more_but_those_that_are_ready_make_room() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000 * LCO));
		for _ in 0..MAX_UNSTAKING {
			assert_ok!(request(ALICE, LCO));
			wait(1);
		}
		assert_noop!(request(ALICE, LCO), Error::<Test>::TooManyRequests);
		wait(DELAY - u64::from(MAX_UNSTAKING));
		assert_noop!(request(ALICE, LCO), Error::<Test>::TooManyRequests);
		assert_ok!(complete(ALICE));
		assert_eq!(unstaking().len() as u32, MAX_UNSTAKING - 1);
		assert_ok!(request(ALICE, LCO));
	});
}

#[test]
fn an_account_is_known_as_long_as_its_tier_is_asked_for() {
	build_and_execute(|| {
		UnstakingDelay::set(HOUR);
		assert_ok!(stake(ALICE, 10_000 * LCO));
		wait(DAY);
		assert_ok!(request(ALICE, 10_000 * LCO));
		wait(HOUR);
		assert_ok!(complete(ALICE));
		assert_eq!(free(ALICE), WEALTH);
		assert_eq!(StakingTiers::tier_at(ALICE, START + DAY - 1), Tier::Lv3);
		// With the next stake it goes, when it is old enough.
		assert_ok!(stake(ALICE, LCO));
		assert_ok!(request(ALICE, LCO));
		wait(TIER_MEMORY - 1);
		assert_ok!(complete(ALICE));
		assert!(Stakers::<Test>::contains_key(ALICE));
		assert_ok!(stake(ALICE, LCO));
		assert_ok!(request(ALICE, LCO));
		wait(TIER_MEMORY);
		assert_ok!(complete(ALICE));
		assert!(!Stakers::<Test>::contains_key(ALICE));
	});
}
