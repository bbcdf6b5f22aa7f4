//! A state that is not as it should be is found out.

use frame_support::{assert_ok, storage::with_transaction, BoundedVec};
use lx_primitives::{Perk, Reign};
use sp_runtime::{DispatchError, TransactionOutcome};

use crate::{
	mock::*, CurrentReign, Ended, Entry, LastRound, LiveBoard, NextPrize, OldestScores, OpenRound,
	Round, Scores, Unclaimed, MAX_ENDED,
};

fn assert_caught(message: &'static str, corrupt: impl FnOnce()) {
	let found = with_transaction(|| {
		corrupt();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(ComputeWars::do_try_state()))
	});
	assert_eq!(found, Ok(Err(DispatchError::Other(message))));
}

fn set_board(entries: &[(AccountId, u128)]) {
	let entries = entries.iter().map(|(who, score)| Entry { who: *who, score: *score });
	LiveBoard::<Test>::put(entries.collect::<crate::Board<_>>());
}

#[test]
fn a_board_that_is_not_what_a_sort_gives() {
	build_and_execute(|| {
		pay_all([(ALICE, 5), (BOB, 3)]);
		let out_of_order = "the board is out of order";
		assert_caught(out_of_order, || set_board(&[(BOB, 3), (ALICE, 5)]));
		let other = "the board shows another score";
		assert_caught(other, || set_board(&[(ALICE, 6), (BOB, 3)]));
		assert_caught(other, || set_board(&[(ALICE, 5), (ALICE, 5)]));
		assert_caught(other, || set_board(&[(ALICE, 5), (BOB, 3), (CAROL, 0)]));
		assert_caught(other, || Scores::<Test>::remove(FIRST, ALICE));
		let missing = "a score above the cutoff is not on the board";
		assert_caught(missing, || set_board(&[(ALICE, 5)]));
		assert_caught(missing, || Scores::<Test>::insert(FIRST, CAROL, 1));
		assert_caught("the cutoff is not that of the board", || {
			Round::<Test>::put(OpenRound { week: FIRST, cutoff: 1 })
		});
		assert_caught("a board belongs to no round", Round::<Test>::kill);
	});
}

#[test]
fn scores_that_are_left_behind() {
	build_and_execute(|| {
		pay(ALICE, 5);
		let left = "scores are left of a week that is not looked at";
		assert_caught(left, || Scores::<Test>::insert(FIRST - 1, ALICE, 1));
		assert_caught(left, || Scores::<Test>::insert(FIRST + 1, ALICE, 1));
		assert_caught(left, || OldestScores::<Test>::put(FIRST + 1));
	});
}

#[test]
fn a_prize_that_cannot_be_paid() {
	build_and_execute(|| {
		pay_all([(ALICE, 5), (BOB, 3)]);
		assert_caught("a prize is due of no round", || NextPrize::<Test>::put(0));
		next_week();
		assert_caught("a prize is due of an empty rank", || NextPrize::<Test>::put(2));
		assert_caught("more is due than is left", || {
			NextPrize::<Test>::put(1);
			Unclaimed::<Test>::put(PRIZE / 5 - 1);
		});
		assert_caught("more is due than is left", || {
			NextPrize::<Test>::put(0);
			LastRound::<Test>::mutate(|last| last.as_mut().unwrap().prize += 2 * PRIZE);
		});
	});
}

#[test]
fn a_reign_that_is_not_sound() {
	build_and_execute(|| {
		pay(ALICE, 5);
		next_week();
		assert_ok!(choose(ALICE, Perk::FreeCalls { relay: RELAY }));
		assert_caught("the reign is of another week", || {
			let reign = Reign { champion: ALICE, week: FIRST, perk: None };
			CurrentReign::<Test>::put(reign);
		});
		let ended = |purses: Vec<(AccountId, u32)>| {
			Ended::<Test>::put(BoundedVec::truncate_from(purses));
		};
		assert_caught("a purse has ended twice", || ended(vec![(BOB, 1), (CAROL, 1), (BOB, 1)]));
		assert_caught("free calls have ended and go on", || ended(vec![(ALICE, RELAY)]));
		assert_caught("there is no place for free calls to end", || {
			ended((0..MAX_ENDED).map(|relay| (BOB, relay)).collect())
		});
	});
}
