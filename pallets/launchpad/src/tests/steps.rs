//! The work of each block is bounded.

use frame_support::{
	assert_noop, assert_ok,
	weights::{Weight, WeightMeter},
};
use lx_primitives::{Balance, Units};

use crate::{mock::*, Error, Stage, WeightInfo, SUBSCRIBERS_PER_PAGE};

/// Enough for any one step, beside a look for snapshots.
fn smallest() -> Weight {
	LOOK() + LOOK() + <() as WeightInfo>::turn() + <() as WeightInfo>::count(SUBSCRIBERS_PER_PAGE)
}

/// What it takes to see that nothing is due.
const LOOK: fn() -> Weight = <() as WeightInfo>::next_due;

/// 250 subscribers, who want more than there is, with the weight for one step in each block from the
/// closing on.
fn slow() -> Vec<AccountId> {
	let many: Vec<_> = (1_000u64..1_250).map(|who| (who, 10_000 + u128::from(who), 100)).collect();
	many.iter().for_each(|(who, ..)| endow(*who));
	launched(20_000, &many, CLOSING - 1);
	StepWeight::set(Weight::zero());
	Now::set(CLOSING);
	many.into_iter().map(|(who, ..)| who).collect()
}

#[test]
fn a_block_takes_no_more_than_its_share() {
	build_and_execute(|| {
		let subscribers = slow();
		let mut blocks = 0;
		while !matches!(stage(), Stage::Allocated(_)) {
			assert!(next_block().all_lte(smallest()));
			Launchpad::do_try_state().unwrap();
			blocks += 1;
		}
		// Three pages in each of some twenty passes.
		assert!((40..100).contains(&blocks), "{blocks}");
		let given: Vec<Units> =
			subscribers.iter().map(|who| Launchpad::allocation(0, *who).unwrap()).collect();
		assert_eq!(given.iter().sum::<Units>(), 20_000);
		// As it is with all the weight that there is.
		new_test_ext().execute_with(|| {
			slow();
			StepWeight::set(Weight::MAX);
			next_block();
			let at_once = subscribers.iter().map(|who| Launchpad::allocation(0, *who).unwrap());
			assert_eq!(at_once.collect::<Vec<_>>(), given);
		});
		StepWeight::set(Weight::zero());
		Now::set(EXPIRY);
		for pages in [3, 2, 1, 0] {
			assert!(next_block().all_lte(smallest()));
			assert_eq!(stored().0, pages);
			Launchpad::do_try_state().unwrap();
		}
		assert_eq!(stage(), Stage::Over);
	});
}

#[test]
fn a_block_without_room_does_nothing() {
	build_and_execute(|| {
		slow();
		let before = stage();
		let mut meter = WeightMeter::with_limit(Weight::from_parts(1, 0));
		Launchpad::advance(&mut meter);
		assert_eq!((stage(), meter.consumed()), (before, Weight::zero()));
		let mut meter = WeightMeter::with_limit(LOOK() + LOOK());
		Launchpad::advance(&mut meter);
		assert_eq!((stage(), meter.consumed()), (before, LOOK() + LOOK()));
	});
}

#[test]
fn a_block_in_which_nothing_is_due_costs_a_look() {
	build_and_execute(|| {
		assert_eq!(next_block(), LOOK() + LOOK());
		assert_ok!(launch(1));
		assert_eq!(next_block(), LOOK() + LOOK());
	});
}

#[test]
fn one_launch_waits_for_another() {
	build_and_execute(|| {
		let subscribers = slow();
		// As long as the first is being divided, the second is not.
		assert_ok!(Launchpad::launch(
			RuntimeOrigin::root(),
			model("scarce"),
			10,
			crate::Terms {
				snapshot_at: CLOSING + NOTICE,
				opens_at: CLOSING + NOTICE,
				closes_at: CLOSING + NOTICE + 1,
				..terms()
			},
		));
		at(CLOSING + NOTICE);
		assert!(matches!(stage(), Stage::Filling(_)));
		// A snapshot does not wait: what is staked may change at any time.
		assert!(matches!(launch_of(1).stage, Stage::Open { .. }));
		assert_ok!(Launchpad::subscribe(RuntimeOrigin::signed(subscribers[0]), 1, 10));
		at(CLOSING + NOTICE + 1);
		assert!(matches!(stage(), Stage::Filling(_)));
		assert!(matches!(launch_of(1).stage, Stage::Open { .. }));
		StepWeight::set(Weight::MAX);
		next_block();
		assert!(matches!(stage(), Stage::Allocated(_)));
		assert!(matches!(launch_of(1).stage, Stage::Allocated(_)));
	});
}

#[test]
fn a_chain_that_is_late_keeps_the_deposits_of_those_it_needs() {
	build_and_execute(|| {
		let subscribers = slow();
		// It stood still, and divides what can be used no more.
		Now::set(EXPIRY + GRACE + 1);
		next_block();
		assert!(matches!(stage(), Stage::Filling(_)));
		assert_noop!(release(subscribers[0]), Error::<Test>::StillInUse);
		StepWeight::set(Weight::MAX);
		next_block();
		assert_eq!(stage(), Stage::Over);
		assert_ok!(release(subscribers[0]));
	});
}

/// A tenth of a second, as on the real chain: a tenth of its blocks.
const SHARE: Weight = Weight::from_parts(100_000_000_000, 0);

const MANY: AccountId = 100_000;

/// Makes blocks until something is done, none of them over its share: how many.
fn blocks_until(is_done: impl Fn() -> bool) -> u32 {
	let mut blocks = 0;
	while !is_done() {
		assert!(next_block().all_lte(SHARE + LOOK()));
		blocks += 1;
	}
	blocks
}

/// A hundred thousand, who have staked so many LCO and ask for so many units each, are given exactly what
/// there is, or what they ask for if that is less, within `most` blocks.
fn assert_served(
	total: Units,
	lco: fn(AccountId) -> Balance,
	asked: fn(AccountId) -> Units,
	most: u32,
) {
	new_test_ext().execute_with(|| {
		let all = 1_000..1_000 + MANY;
		let subscribers: Vec<_> = all.clone().map(|who| (who, lco(who), asked(who))).collect();
		subscribers.iter().for_each(|(who, ..)| endow(*who));
		launched(total, &subscribers, CLOSING - 1);
		StepWeight::set(SHARE);
		Now::set(CLOSING);
		let blocks = blocks_until(|| matches!(stage(), Stage::Allocated(_)));
		assert!(blocks <= most, "{blocks}");
		Launchpad::do_try_state().unwrap();
		let wanted: Units = all.clone().map(asked).sum();
		let given = all.clone().map(|who| Launchpad::allocation(0, who).unwrap());
		assert_eq!(given.sum::<Units>(), total.min(wanted));
		for who in all.step_by(997) {
			assert_ok!(claim(who));
		}
		Now::set(EXPIRY);
		let blocks = blocks_until(|| stage() == Stage::Over);
		assert!(blocks <= 2, "{blocks}");
		assert_eq!(stored(), (0, MANY as usize));
	});
}

const TOTAL: Units = 1_234_567_890;

#[test]
fn a_hundred_thousand_subscribers_are_served_in_few_blocks() {
	// Half of them ask for little, and leave much to the others.
	let asked = |who: AccountId| if who.is_multiple_of(2) { 1 + who % 100 } else { who * 31 };
	assert_served(TOTAL, |who| 10_000 + Balance::from(who * 7_919 % 120_000), asked, 40);
}

#[test]
fn a_hundred_thousand_with_the_same_stake_are_the_longest_to_serve() {
	assert_served(TOTAL, |_| 10_000, |_| 1_000_000, 80);
}

#[test]
fn where_there_is_enough_a_hundred_thousand_are_served_at_once() {
	assert_served(TOTAL, |_| 10_000, |who| 1 + who % 100, 1);
}
