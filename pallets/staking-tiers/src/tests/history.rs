//! What an account's stake and tier were.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	traits::{Stakes, Tiers},
	units::LCO,
	Balance, FormerTier, Moment, Tier, TierHistory, TIER_MEMORY,
};

use crate::{mock::*, Error, FormerStake, Staker, LONGEST_WINDOW, MAX_FORMER};

fn tier_at(time: Moment) -> Tier {
	<StakingTiers as Tiers<_>>::tier_at(&ALICE, time)
}

fn lowest(from: Moment, to: Moment) -> Balance {
	<StakingTiers as Stakes<_>>::lowest_stake(&ALICE, from, to)
}

fn former() -> Vec<FormerStake> {
	StakingTiers::staker(ALICE).unwrap().former.to_vec()
}

#[test]
fn the_tier_at_a_time_is_the_one_that_was_in_force() {
	build_and_execute(|| {
		assert_eq!(tier_at(START), Tier::Lv1);
		assert_ok!(stake(ALICE, 10_000 * LCO));
		wait(10);
		assert_ok!(stake(ALICE, 90_000 * LCO));
		wait(10);
		assert_ok!(request(ALICE, 99_000 * LCO));
		let times = [0, START - 1, START, START + 9, START + 10, START + 19, START + 20, u64::MAX];
		let (one, two, three, whale) = (Tier::Lv1, Tier::Lv2, Tier::Lv3, Tier::Whale);
		let expected = [one, one, three, three, whale, whale, two, two];
		assert_eq!(times.map(tier_at), expected);
		assert_eq!(times.map(|time| StakingTiers::tier_at(ALICE, time)), expected);
		let history = <StakingTiers as Tiers<_>>::tier_history(&ALICE);
		assert_eq!(times.map(|time| history.at(time)), expected);
		let former = [(one, START), (three, START + 10), (whale, START + 20)];
		let former = former.map(|(tier, until)| FormerTier { tier, until }).to_vec();
		assert_eq!(history, TierHistory { current: two, former });
		let nothing = <StakingTiers as Tiers<_>>::tier_history(&BOB);
		assert_eq!(nothing, TierHistory::default());
	});
}

#[test]
fn what_changes_again_in_one_block_was_never_in_force() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 50_000 * LCO));
		assert_ok!(request(ALICE, 45_000 * LCO));
		assert_eq!((tier_at(START - 1), tier_at(START)), (Tier::Lv1, Tier::Lv2));
		assert_eq!(former(), [FormerStake { staked: 0, until: START }]);
		wait(1);
		assert_ok!(request(ALICE, 5_000 * LCO));
		assert_ok!(cancel(ALICE));
		assert_eq!(lowest(START, START + 1), 5_000 * LCO);
		assert_eq!((tier_at(START), tier_at(START + 1)), (Tier::Lv2, Tier::Lv4));
	});
}

#[test]
fn a_flash_stake_weighs_nothing() {
	build_and_execute(|| {
		// Announced at the start, and the stake is there only for the snapshot.
		wait(DAY);
		assert_ok!(stake(ALICE, 100_000 * LCO));
		assert_eq!(lowest(START, START + DAY), 0);
		wait(1);
		assert_ok!(request(ALICE, 100_000 * LCO));
		assert_eq!(lowest(START, START + DAY), 0);
		assert_eq!(lowest(START + DAY, START + DAY), 100_000 * LCO);
		assert_eq!(lowest(START + DAY, START + DAY + 1), 0);
	});
}

#[test]
fn the_lowest_stake_is_the_least_of_the_window_with_both_its_ends() {
	build_and_execute(|| {
		assert_eq!(lowest(0, u64::MAX), 0);
		assert_ok!(stake(ALICE, 50 * LCO));
		wait(10);
		assert_ok!(request(ALICE, 30 * LCO));
		wait(10);
		assert_ok!(stake(ALICE, 60 * LCO));
		// 50 from 0, 20 from 10, 80 from 20 on.
		let window = |from, to| lowest(START + from, START + to) / LCO;
		assert_eq!([window(0, 0), window(0, 9), window(0, 10), window(0, 25)], [50, 50, 20, 20]);
		assert_eq!([window(10, 19), window(19, 20), window(20, 20)], [20, 20, 80]);
		assert_eq!([window(20, DAY), window(DAY, 2 * DAY)], [80, 80]);
		assert_eq!(lowest(START - 1, START), 0);
		assert_eq!(lowest(START + 1, START), 0, "a window that ends before it begins");
		let view = StakingTiers::lowest_stake(ALICE, START, START + 9);
		assert_eq!(view, 50 * LCO);
	});
}

#[test]
fn many_small_changes_do_not_hide_what_was_staked_all_the_time() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 10_000 * LCO));
		for _ in 0..100 {
			wait(HOUR);
			assert_ok!(stake(ALICE, LCO));
		}
		assert_eq!(former().len() as u32, MAX_FORMER);
		let now = START + 100 * HOUR;
		assert_eq!(lowest(START, now), 10_000 * LCO);
		assert_eq!(lowest(START - 1, now), 0);
		// Never more than there was.
		for hours in 0..=100 {
			let found = lowest(START + hours * HOUR, now) / LCO;
			assert!((10_000..=10_000 + Balance::from(hours)).contains(&found));
		}
		assert_eq!(lowest(now, now), 10_100 * LCO);
	});
}

/// Changes the tier, until as many former stakes are known as may be.
fn fill_history() {
	assert_ok!(stake(ALICE, 1_000 * LCO));
	for number in 1..MAX_FORMER {
		wait(1);
		assert_ok!(if number % 2 == 1 { request(ALICE, 1) } else { cancel(ALICE) });
	}
	assert_eq!(former().len() as u32, MAX_FORMER);
	assert_eq!(tier(ALICE), Tier::Lv1);
}

#[test]
fn a_tier_that_changes_too_often_has_to_wait() {
	build_and_execute(|| {
		fill_history();
		wait(1);
		assert_noop!(cancel(ALICE), Error::<Test>::TooManyTierChanges);
		assert_noop!(stake(ALICE, LCO), Error::<Test>::TooManyTierChanges);
		assert_noop!(request(ALICE, LCO), Error::<Test>::TooManyTierChanges);
		// The second of the former stakes ended a millisecond after the start.
		Now::set(START + 1 + TIER_MEMORY - 1);
		assert_noop!(cancel(ALICE), Error::<Test>::TooManyTierChanges);
		wait(1);
		assert_ok!(cancel(ALICE));
		assert_eq!(tier(ALICE), Tier::Lv2);
		assert_eq!((tier_at(START + 1), tier_at(START + 2)), (Tier::Lv1, Tier::Lv2));
	});
}

#[test]
fn changes_within_a_tier_never_have_to_wait() {
	build_and_execute(|| {
		assert_ok!(stake(ALICE, 20_000 * LCO));
		for _ in 0..100 {
			wait(1);
			assert_ok!(stake(ALICE, LCO));
			wait(1);
			assert_ok!(request(ALICE, LCO));
			assert_ok!(cancel(ALICE));
		}
		let tiers = [tier_at(START - 1), tier_at(START), tier_at(START + 99), tier(ALICE)];
		assert_eq!(tiers, [Tier::Lv1, Tier::Lv3, Tier::Lv3, Tier::Lv3]);
	});
}

/// As many stakes as are remembered.
type Remembered = [Balance; MAX_FORMER as usize];

/// An account that had each of these stakes for a day, until now.
fn with_former(stakes: Remembered, now: Moment) -> Staker {
	let first = now - DAY * Moment::from(MAX_FORMER - 1);
	let until = (0..).map(|days| first + days * DAY);
	let former = stakes.into_iter().zip(until);
	let former = former.map(|(staked, until)| FormerStake { staked, until }).collect::<Vec<_>>();
	Staker { former: former.try_into().unwrap(), ..Default::default() }
}

#[test]
fn the_two_that_differ_least_become_one_and_the_lesser_counts() {
	let mut stakes: Remembered = core::array::from_fn(|number| (number as Balance + 1) * 1_000);
	// The third and the fourth differ by 200.
	stakes[2] = 3_800;
	let mut staker = with_former(stakes, START);
	assert!(staker.set_stake(7, START + 1).is_ok());
	let kept = staker.former.iter().map(|former| former.staked).take(5).collect::<Vec<_>>();
	assert_eq!(kept, [1_000, 2_000, 3_800, 5_000, 6_000]);
	assert_eq!(staker.former.len() as u32, MAX_FORMER);
	let last = FormerStake { staked: 0, until: START + 1 };
	assert_eq!((staker.former.last(), staker.staked), (Some(&last), 7));
}

#[test]
fn what_is_older_than_the_longest_window_goes_first() {
	let mut stakes: Remembered = [5_000; MAX_FORMER as usize];
	stakes[0] = 1;
	let mut staker = with_former(stakes, START);
	let second = staker.former[1].until;
	let mut later = staker.clone();
	// The first two differ most, and are the ones that nobody asks for.
	assert!(staker.set_stake(0, second + LONGEST_WINDOW).is_ok());
	assert_eq!(staker.former[0], FormerStake { staked: 1, until: second });
	// A millisecond before, they are still asked for.
	assert!(later.set_stake(0, second + LONGEST_WINDOW - 1).is_ok());
	assert_eq!(later.former[1].staked, 5_000);
	assert!(later.former[0].until < second);
}
