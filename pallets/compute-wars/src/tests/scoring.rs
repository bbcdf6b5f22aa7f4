//! Who is on the board, and in which order.

use std::collections::BTreeSet;

use frame_support::{
	traits::{GetStorageVersion, Hooks},
	weights::Weight,
};
use lx_primitives::{traits::OnUsageSettled, Credits};
use sp_io::TestExternalities;

use crate::{mock::*, Entry, LiveBoard, Round, Scores, Standing, WeightInfo, RANKS};

#[test]
fn what_is_paid_in_a_week_adds_up() {
	build_and_execute(|| {
		pay_all([(ALICE, 5), (BOB, 7), (ALICE, 4)]);
		assert_eq!((score(FIRST, ALICE), score(FIRST, BOB), score(FIRST, CAROL)), (9, 7, 0));
		let (week, board) = ComputeWars::board().unwrap();
		let expected = [Entry { who: ALICE, score: 9 }, Entry { who: BOB, score: 7 }];
		assert_eq!((week, board.entries()), (FIRST, &expected[..]));
		let standing = |rank, score| Some(Standing { week: FIRST, score, rank });
		assert_eq!(ComputeWars::standing(BOB), standing(Some(2), 7));
		assert_eq!(ComputeWars::standing(CAROL), standing(None, 0));
	});
}

#[test]
fn of_equal_scores_the_first_to_reach_it_is_ahead() {
	build_and_execute(|| {
		pay_all([(ALICE, 5), (BOB, 5), (CAROL, 5)]);
		assert_eq!(ranked(), [ALICE, BOB, CAROL]);
		pay(CAROL, 1);
		assert_eq!(ranked(), [CAROL, ALICE, BOB]);
		pay(ALICE, 1);
		assert_eq!(ranked(), [CAROL, ALICE, BOB]);
		pay(BOB, 1);
		assert_eq!(ranked(), [CAROL, ALICE, BOB]);
	});
}

#[test]
fn to_pay_nothing_changes_nothing() {
	build_and_execute(|| {
		pay_all([(ALICE, 5), (BOB, 5), (ALICE, 0), (CAROL, 0)]);
		assert_eq!(ranked(), [ALICE, BOB]);
		assert!(!Scores::<Test>::contains_key(FIRST, CAROL));
	});
}

#[test]
fn a_hundred_are_listed_and_only_who_has_more_than_the_last_is_added() {
	build_and_execute(|| {
		(0..99).for_each(|place| pay(100 + place, Credits::from(200 - place)));
		assert_eq!(cutoff(), 0, "there is a place free");
		pay(199, 101);
		assert_eq!((ranked().len(), cutoff()), (RANKS as usize, 101));
		pay(ALICE, 101);
		assert_eq!(ComputeWars::standing(ALICE).unwrap().rank, None);
		assert_eq!(ranked().last(), Some(&199));
		pay(ALICE, 1);
		// It has 102, as account 198, who had it first.
		assert_eq!(&ranked()[98..], [198, ALICE]);
		assert_eq!(cutoff(), 102);
		// Who has left the board comes back as everybody does.
		pay(199, 1);
		assert_eq!(&ranked()[98..], [198, ALICE]);
		pay(199, 1);
		assert_eq!(&ranked()[97..], [197, 199, 198]);
	});
}

/// The keys that something reads of a stored state, and those that it writes.
fn touched(ext: &mut TestExternalities, act: impl FnOnce()) -> [BTreeSet<Vec<u8>>; 2] {
	ext.commit_all().unwrap();
	let recorder = Default::default();
	ext.execute_with_recorder(Clone::clone(&recorder), act);
	let read = recorder.recorded_keys().into_values().flatten();
	let written = ext.overlayed_changes().changes();
	[read.map(|(key, _)| key.to_vec()).collect(), written.map(|(key, _)| key.clone()).collect()]
}

#[test]
fn below_the_cutoff_one_read_is_all_beside_the_score() {
	let mut ext = new_test_ext();
	ext.execute_with(|| {
		next_block();
		fill_board();
	});
	let score = Scores::<Test>::hashed_key_for(FIRST, ALICE);
	let round = Round::<Test>::hashed_key().to_vec();
	let board = LiveBoard::<Test>::hashed_key().to_vec();
	let below = [BTreeSet::from([score.clone(), round.clone()]), BTreeSet::from([score.clone()])];
	// The second time it has a score, and reaches the cutoff.
	for paid in [100, 1] {
		assert_eq!(touched(&mut ext, || pay(ALICE, paid)), below);
	}
	let above = BTreeSet::from([score, round, board]);
	assert_eq!(touched(&mut ext, || pay(ALICE, 1)), [above.clone(), above]);
	ext.execute_with(check_invariants);
}

#[test]
fn one_of_the_board_moves_up_without_anybody_leaving() {
	build_and_execute(|| {
		fill_board();
		pay(199, 1_000);
		assert_eq!((ranked()[0], ranked().len(), cutoff()), (199, 100, 102));
		assert_eq!(ComputeWars::standing(199).unwrap().rank, Some(1));
		assert_eq!(ComputeWars::standing(100).unwrap().rank, Some(2));
	});
}

#[test]
fn a_score_does_not_overflow() {
	build_and_execute(|| {
		pay_all([(ALICE, Credits::MAX), (ALICE, 1)]);
		assert_eq!(score(FIRST, ALICE), Credits::MAX);
	});
}

#[test]
fn nothing_is_scored_before_the_clock_runs() {
	new_test_ext().execute_with(|| {
		Week::set(0);
		next_block();
		pay(ALICE, 5);
		assert_eq!((ComputeWars::board(), ComputeWars::standing(ALICE)), (None, None));
		assert_eq!(Scores::<Test>::iter().count(), 0);
		check_invariants();
		Week::set(FIRST);
		next_block();
		pay(ALICE, 5);
		assert_eq!((score(FIRST, ALICE), oldest()), (5, FIRST));
		assert!(take_events().is_empty(), "nothing was closed");
		check_invariants();
	});
}

#[test]
fn more_usage_weighs_more() {
	let weigh =
		|calls| <ComputeWars as OnUsageSettled<AccountId>>::settled_weight(calls).ref_time();
	assert!([0, 1, 100].map(weigh).is_sorted_by(|low, high| low < high));
}

#[test]
fn a_block_in_which_nothing_happens_costs_a_look() {
	build_and_execute(|| {
		pay(ALICE, 5);
		assert_eq!(next_block(), <() as WeightInfo>::next_step());
		let used = ComputeWars::on_idle(System::block_number(), Weight::MAX);
		assert_eq!(used, <() as WeightInfo>::prune(0));
	});
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(|| {
		assert_eq!(ComputeWars::in_code_storage_version(), 1);
		assert_eq!(ComputeWars::on_chain_storage_version(), 1);
	});
}
