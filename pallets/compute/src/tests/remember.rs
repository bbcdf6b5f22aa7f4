//! How long a final batch is remembered.

use frame_support::{assert_ok, weights::Weight};
use lx_primitives::{call_log::MAX_CALL_AGE, units::CRED, Leaf};

use super::challenges::{challenge, with_bonded_relay};
use crate::{
	mock::*, Batches, Event, Flaw, Fraud, Queue, QueueFront, QueueHead, Settled, SettledBatch,
	WeightInfo,
};

/// Makes blocks until nothing more is forgotten.
fn settle_all() {
	next_block();
	next_block();
}

#[test]
fn a_final_batch_is_remembered_as_long_as_its_calls_can_come_again() {
	with_bonded_relay(|| {
		let log = Log::new(vec![call(ALICE, 100)]);
		log.post();
		let posted = Batches::<Test>::get(0, 0).unwrap();
		finalise();
		let until = posted.time + MAX_CALL_AGE;
		let settled = SettledBatch { hash: posted.hash, root: posted.root, lines: 1, until };
		assert_eq!(Settled::<Test>::get(0, 0), Some(settled));
		wait(until - Now::get());
		settle_all();
		assert_eq!(Settled::<Test>::get(0, 0), Some(settled));
		wait(1);
		settle_all();
		assert_eq!(Settled::<Test>::get(0, 0), None);
		assert_eq!(Queue::<Test>::iter().count(), 0);
		assert_eq!(QueueFront::<Test>::get(), 1);
	});
}

#[test]
fn a_repeated_call_is_proven_at_the_last_moment_that_it_can_be_posted() {
	with_bonded_relay(|| {
		let once = call(ALICE, 100);
		let (first, second) = (Log::new(vec![once.clone()]), Log::new(vec![once]));
		first.post();
		wait(MAX_CALL_AGE);
		next_block();
		let mut batch = batch(second.lines());
		batch.header.oldest = START;
		assert_ok!(sign(batch).post());
		wait(WINDOW - 1);
		settle_all();
		let fraud =
			Fraud::SettledCall { call: second.call(0, 0), earlier: 0, before: first.call(0, 0) };
		assert_ok!(challenge(1, fraud));
		assert_eq!((purse(ALICE).pending, Ledger::settled(&ALICE)), (0, 1_000));
	});
}

#[test]
fn a_forgotten_batch_proves_nothing() {
	with_bonded_relay(|| {
		let first = Log::new(vec![call(ALICE, 100)]);
		first.post();
		finalise();
		wait(MAX_CALL_AGE + 1);
		settle_all();
		let second = Log::new(vec![call(ALICE, 100)]);
		second.post();
		let fraud =
			Fraud::SettledCall { call: second.call(0, 0), earlier: 0, before: first.call(0, 0) };
		assert_ok!(challenge(1, fraud));
		let (challenger, relay, sequence, stake) = (CAROL, 0, 1, STAKE);
		let flaw = Flaw::UnknownEarlier;
		assert_event(Event::ChallengeFailed { challenger, relay, sequence, flaw, stake });
	});
}

#[test]
fn the_place_of_a_reversed_batch_is_passed_and_forgotten() {
	with_bonded_relay(|| {
		let wrong = Log::new(vec![Leaf { charge: CRED, ..call(ALICE, 1) }]);
		assert_ok!(post(vec![line(BOB, CRED)]));
		wrong.post();
		assert_ok!(post(vec![line(BOB, CRED)]));
		assert_ok!(challenge(1, Fraud::WrongPrice(wrong.call(0, 0))));
		finalise();
		assert_eq!((QueueHead::<Test>::get(), Ledger::settled(&BOB)), (3, 2 * CRED));
		wait(MAX_CALL_AGE + 1);
		settle_all();
		assert_eq!((QueueFront::<Test>::get(), Queue::<Test>::iter().count()), (3, 0));
	});
}

#[test]
fn forgetting_many_stays_within_the_budget_and_leaves_room_to_settle() {
	with_bonded_relay(|| {
		for _ in 0..50 {
			assert_ok!(post(vec![line(ALICE, 1)]));
		}
		finalise();
		wait(MAX_CALL_AGE + 1);
		assert_ok!(post(vec![line(BOB, CRED)]));
		wait(WINDOW);
		let budget = <()>::forget_batch() * 20 + Weight::from_parts(1_000_000_000, 0);
		FinalisationWeight::set(budget);
		let mut blocks = 0;
		while QueueFront::<Test>::get() < 50 {
			assert!(next_block().all_lte(budget));
			check_invariants();
			blocks += 1;
		}
		assert!(blocks > 1, "took {blocks} blocks");
		next_block();
		assert_eq!(Ledger::settled(&BOB), CRED);
	});
}

#[test]
fn a_batch_is_remembered_while_one_posted_in_time_can_be_challenged() {
	with_bonded_relay(|| {
		let once = call(ALICE, 100);
		let (first, second) = (Log::new(vec![once.clone()]), Log::new(vec![once]));
		first.post();
		finalise();
		// The window is made longer, and the call comes again at the last moment.
		ChallengeWindow::set(10 * WINDOW);
		wait(START + MAX_CALL_AGE - Now::get());
		let mut batch = batch(second.lines());
		batch.header.oldest = START;
		assert_ok!(sign(batch).post());
		wait(10 * WINDOW - 1);
		settle_all();
		let fraud =
			Fraud::SettledCall { call: second.call(0, 0), earlier: 0, before: first.call(0, 0) };
		assert_ok!(challenge(1, fraud));
		assert!(!Batches::<Test>::contains_key(0, 1));
		settle_all();
		settle_all();
		assert_eq!(Settled::<Test>::iter().count(), 0);
	});
}
