//! Scores of closed rounds do not stay.

use frame_support::{traits::Hooks, weights::Weight};
use sp_io::TestExternalities;

use crate::{mock::*, tick::MAX_PRUNED, WeightInfo};

const MOST: usize = MAX_PRUNED as usize;

fn weight(scores: u32) -> Weight {
	<() as WeightInfo>::prune(scores)
}

/// Does something in a block of its own: what is removed counts from the next one on.
fn in_block<R>(ext: &mut TestExternalities, act: impl FnOnce() -> R) -> R {
	let done = ext.execute_with(act);
	ext.commit_all().unwrap();
	done
}

fn idle(ext: &mut TestExternalities, remaining: Weight) -> Weight {
	in_block(ext, || ComputeWars::on_idle(System::block_number(), remaining))
}

/// A closed round with so many scores, and an open one with another.
fn closed_round(scores: usize) -> TestExternalities {
	let mut ext = new_test_ext();
	in_block(&mut ext, || {
		next_block();
		(0..scores as u64).for_each(|who| pay(who, 1));
		next_week();
		pay(ALICE, 1);
	});
	ext
}

#[test]
fn old_scores_go_so_many_a_block() {
	let mut ext = closed_round(2 * MOST + 200);
	for left in [MOST + 200, 200, 0] {
		let used = idle(&mut ext, Weight::MAX);
		assert!(used.all_lte(weight(MAX_PRUNED + 1)));
		in_block(&mut ext, || {
			assert_eq!(kept(FIRST), left);
			check_invariants();
		});
	}
	in_block(&mut ext, || {
		assert_eq!((oldest(), kept(FIRST + 1)), (FIRST + 1, 1));
		assert_eq!(score(FIRST + 1, ALICE), 1);
	});
	idle(&mut ext, Weight::MAX);
	in_block(&mut ext, || assert_eq!((oldest(), kept(FIRST + 1)), (FIRST + 1, 1)));
}

#[test]
fn only_as_many_go_as_there_is_weight_for() {
	let mut ext = closed_round(20);
	for too_little in [Weight::zero(), weight(0), weight(1) - Weight::from_parts(1, 0)] {
		assert_eq!(idle(&mut ext, too_little), Weight::zero());
		in_block(&mut ext, || assert_eq!(kept(FIRST), 20));
	}
	let used = idle(&mut ext, weight(7));
	assert!(used.all_lte(weight(7)));
	in_block(&mut ext, || assert_eq!((kept(FIRST), oldest()), (13, FIRST)));
}

#[test]
fn rounds_that_nobody_scored_in_are_passed_over_one_by_one() {
	let mut ext = closed_round(1);
	in_block(&mut ext, || {
		Week::mutate(|week| *week += 2);
		next_block();
	});
	for expected in [1, 2, 3, 3] {
		idle(&mut ext, Weight::MAX);
		in_block(&mut ext, || assert_eq!(oldest(), FIRST + expected));
	}
	in_block(&mut ext, || assert_eq!((kept(FIRST), kept(FIRST + 1)), (0, 0)));
}
