use frame_support::{
	assert_noop, assert_ok,
	weights::{constants::ParityDbWeight, Weight},
};
use lx_primitives::{call_log::MAX_CALL_AGE, units::CRED, Credits};
use sp_runtime::{AccountId32, DispatchError};

use crate::{
	mock::*, Accounts, Batches, Error, Event, LinePages, Owed, Queue, QueueFront, QueueHead,
	QueueTail, Relays, Settled, SettledBatch, WeightInfo, LINES_PER_PAGE,
};

fn crowd(size: u8) -> Vec<AccountId> {
	let crowd = (0..size).map(|number| AccountId32::new([number + 100; 32])).collect::<Vec<_>>();
	for who in &crowd {
		give(who, 11 * CRED);
		open(who.clone(), 10 * CRED);
	}
	crowd
}

fn settled(crowd: &[AccountId]) -> usize {
	crowd.iter().filter(|who| Ledger::settled(who) > 0).count()
}

#[test]
fn a_batch_becomes_final_by_itself_when_its_window_is_over() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED), line(BOB, 3 * CRED)]));
		wait(WINDOW - 1);
		next_block();
		assert_eq!(purse(ALICE).pending, CRED);
		wait(1);
		next_block();
		let (charge, cost) = (4 * CRED, 4 * CRED * 6 / 10);
		assert_event(Event::BatchFinal { relay: 0, sequence: 0, charge, cost });
		assert_eq!((purse(ALICE).pending, purse(BOB).pending), (0, 0));
		assert_eq!((purse(ALICE).free, purse(BOB).free), (9 * CRED, 7 * CRED));
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (CRED, 3 * CRED));
		assert_eq!(Ledger::revenue(), (charge, cost));
		assert_eq!((wallet(&OPERATOR), wallet(&REVENUE)), (cost, charge - cost));
		assert_eq!(Batches::<Test>::iter().count(), 0);
		assert_eq!(LinePages::<Test>::iter().count(), 0);
		assert_eq!((QueueFront::<Test>::get(), QueueHead::<Test>::get()), (0, 1));
		assert_eq!(Relays::<Test>::get(0).unwrap().pending_batches, 0);
	});
}

#[test]
fn batches_become_final_in_the_order_of_posting() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		// A shorter window does not overtake.
		ChallengeWindow::set(1);
		assert_ok!(post(vec![line(ALICE, 2 * CRED)]));
		wait(1);
		next_block();
		assert_eq!(purse(ALICE).pending, 3 * CRED);
		wait(WINDOW - 1);
		next_block();
		assert_eq!(purse(ALICE).pending, 0);
		assert_eq!(QueueHead::<Test>::get(), 2);
	});
}

#[test]
fn an_account_that_cannot_be_settled_does_not_stop_the_queue() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		Failing::set(Some(ALICE));
		assert_ok!(post(vec![line(ALICE, CRED), line(BOB, CRED)]));
		finalise();
		assert_event(Event::UsageNotSettled {
			relay: 0,
			sequence: 0,
			account: ALICE,
			charge: CRED,
			error: DispatchError::Unavailable,
		});
		// What it did before it failed is undone; its charge is revenue all the same.
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (0, CRED));
		assert_eq!(purse(ALICE).pending, 0);
		assert_eq!(wallet(&OPERATOR) + wallet(&REVENUE), 2 * CRED);
	});
}

#[test]
fn revenue_that_cannot_be_reported_does_not_stop_the_queue() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		RevenueFails::set(true);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		finalise();
		let error = DispatchError::Unavailable;
		assert_event(Event::RevenueNotReported { relay: 0, sequence: 0, error });
		assert_eq!(Ledger::revenue(), (0, 0));
		assert_eq!(wallet(&OPERATOR) + wallet(&REVENUE), CRED);
	});
}

#[test]
fn payments_below_the_minimum_are_owed_until_they_reach_it() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		// Cost 9,000 and revenue 6,000 are both below 10,000.
		assert_ok!(post(vec![line(ALICE, 15_000)]));
		finalise();
		assert_event(Event::PaymentDeferred { who: OPERATOR, owed: 9_000 });
		assert_event(Event::PaymentDeferred { who: REVENUE, owed: 6_000 });
		assert_eq!((Owed::<Test>::get(OPERATOR), Owed::<Test>::get(REVENUE)), (9_000, 6_000));
		assert_noop!(Compute::claim(signed(ALICE), OPERATOR), sp_runtime::TokenError::BelowMinimum);
		// The next booking pays the operator; the revenue then makes the minimum too.
		assert_ok!(post(vec![line(ALICE, 15_000)]));
		finalise();
		assert_eq!((wallet(&OPERATOR), wallet(&REVENUE)), (18_000, 12_000));
		assert!(!Owed::<Test>::contains_key(OPERATOR));
		assert!(!Owed::<Test>::contains_key(REVENUE));
	});
}

#[test]
fn anyone_can_claim_for_one_who_is_owed() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_noop!(Compute::claim(signed(BOB), OPERATOR), Error::<Test>::NothingOwed);
		assert_ok!(post(vec![line(ALICE, 15_000)]));
		finalise();
		give(&OPERATOR, MINIMUM);
		assert_ok!(Compute::claim(signed(BOB), OPERATOR));
		assert_event(Event::Claimed { who: OPERATOR, amount: 9_000 });
		assert_eq!(wallet(&OPERATOR), MINIMUM + 9_000);
		assert_noop!(Compute::claim(signed(BOB), OPERATOR), Error::<Test>::NothingOwed);
	});
}

#[test]
fn the_last_charge_of_all_leaves_no_dust() {
	build_and_execute(|| {
		open(ALICE, 20_000);
		// The whole pallet: 12,000 of cost would leave 8,000, below the minimum, so both wait.
		assert_ok!(post(vec![line(ALICE, 20_000)]));
		finalise();
		assert_eq!((Owed::<Test>::get(OPERATOR), Owed::<Test>::get(REVENUE)), (12_000, 8_000));
		assert_eq!(wallet(&Compute::account_id()), 20_000);
		assert_ok!(Compute::top_up(signed(BOB), 0, MINIMUM));
		assert_ok!(Compute::claim(signed(BOB), OPERATOR));
		assert_eq!(wallet(&OPERATOR), 12_000);
	});
}

#[test]
fn a_block_spends_no_more_than_its_budget_and_the_rest_waits() {
	build_and_execute(|| {
		let crowd = crowd(120);
		let charges = || crowd.iter().map(|who| line(who.clone(), CRED)).collect();
		assert_ok!(post(charges()));
		assert_ok!(post(charges()));
		wait(WINDOW);
		// The look and nine lines.
		let told = ParityDbWeight::get().reads_writes(1, 1);
		let budget = <()>::forget_batch() + <()>::next_due() + <()>::settle_lines(9) + told * 9;
		FinalisationWeight::set(budget);
		for block in 1..=11 {
			assert!(next_block().all_lte(budget));
			assert_eq!(settled(&crowd), 9 * block);
			check_invariants();
		}
		// A page ends within the budget.
		assert_eq!(Batches::<Test>::get(0, 0).unwrap().settled_lines, 99);
		assert!(LinePages::<Test>::contains_key((0, 0, 0)));
		next_block();
		check_invariants();
		assert!(!LinePages::<Test>::contains_key((0, 0, 0)));
		let mut blocks = 12;
		while QueueHead::<Test>::get() < 2 {
			assert!(next_block().all_lte(budget));
			check_invariants();
			blocks += 1;
			assert!(blocks < 60);
		}
		assert_eq!(Ledger::revenue().0, 240 * CRED);
		assert!(crowd.iter().all(|who| Ledger::settled(who) == 2 * CRED));
	});
}

#[test]
fn a_budget_too_small_for_a_step_slows_settlement_and_does_not_stop_it() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED), line(BOB, CRED)]));
		wait(WINDOW);
		FinalisationWeight::set(Weight::zero());
		for _ in 0..3 {
			assert!(next_block().ref_time() > 0);
			check_invariants();
		}
		assert_eq!(QueueHead::<Test>::get(), 1);
		assert_eq!(Ledger::revenue().0, 2 * CRED);
	});
}

/// Queues copies of batch 0 of relay 0, as if they had been posted after it.
fn copy_batch(copies: u64) {
	let batch = Batches::<Test>::get(0, 0).unwrap();
	let page = LinePages::<Test>::get((0, 0, 0)).unwrap();
	for sequence in 1..=copies {
		Batches::<Test>::insert(0, sequence, batch);
		LinePages::<Test>::insert((0, sequence, 0), &page);
		Queue::<Test>::insert(sequence, (0, sequence));
	}
	QueueTail::<Test>::put(copies + 1);
	Relays::<Test>::mutate_extant(0, |relay| {
		relay.next_sequence += copies;
		relay.pending_batches += copies as u32;
	});
	for line in &page {
		let charge = line.total.charge * Credits::from(copies);
		Accounts::<Test>::mutate_extant(&line.account, |account| {
			account.purses[0].free -= charge;
			account.purses[0].pending += charge;
		});
	}
}

#[test]
fn a_thousand_queued_batches_stay_within_the_budget() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, 1_000)]));
		copy_batch(999);
		check_invariants();
		wait(WINDOW);
		let budget = Weight::from_parts(20_000_000_000, u64::MAX);
		FinalisationWeight::set(budget);
		let mut blocks = 0;
		while purse(ALICE).pending > 0 {
			assert!(next_block().all_lte(budget));
			blocks += 1;
		}
		assert!(blocks > 10, "took {blocks} blocks");
		next_block();
		assert_eq!(Ledger::settled(&ALICE), 1_000_000);
	});
}

#[test]
fn a_block_with_nothing_due_costs_only_the_look() {
	build_and_execute(|| {
		assert_eq!(next_block(), <()>::forget_batch() + <()>::next_due());
	});
}

#[test]
fn money_is_conserved_while_a_batch_is_half_settled() {
	build_and_execute(|| {
		let crowd = crowd(LINES_PER_PAGE as u8 + 50);
		assert_ok!(post(crowd.iter().map(|who| line(who.clone(), CRED)).collect()));
		let before = wallet(&Compute::account_id());
		wait(WINDOW);
		let told = ParityDbWeight::get().reads_writes(1, 1);
		let lines = <()>::settle_lines(60) + told * 60;
		FinalisationWeight::set(<()>::forget_batch() + <()>::next_due() + lines);
		next_block();
		assert_eq!(settled(&crowd), 60);
		let purses = Accounts::<Test>::iter_values().flat_map(|account| account.purses);
		let pending = purses.map(|purse| purse.pending).sum::<Credits>();
		assert_eq!(pending, 90 * CRED);
		assert_eq!(wallet(&Compute::account_id()), before);
	});
}

#[test]
fn a_final_batch_is_remembered_until_none_of_its_calls_can_be_posted_again() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		let posted = Batches::<Test>::get(0, 0).unwrap();
		finalise();
		let until = posted.time + MAX_CALL_AGE;
		let settled = SettledBatch { hash: posted.hash, root: posted.root, lines: 1, until };
		assert_eq!(Settled::<Test>::get(0, 0), Some(settled));
		wait(until - Now::get());
		next_block();
		assert!(Settled::<Test>::contains_key(0, 0));
		assert_eq!(Queue::<Test>::get(0), Some((0, 0)));
		wait(1);
		next_block();
		assert!(!Settled::<Test>::contains_key(0, 0));
		assert_eq!((Queue::<Test>::get(0), QueueFront::<Test>::get()), (None, 1));
		// The relay goes on from where it was.
		assert_eq!(Compute::next_batch(0), Some((1, posted.hash)));
		assert_ok!(post(vec![line(ALICE, CRED)]));
	});
}

#[test]
fn forgetting_leaves_weight_for_a_step_of_settlement() {
	build_and_execute(|| {
		open(ALICE, 100 * CRED);
		for _ in 0..10 {
			assert_ok!(post(vec![line(ALICE, CRED)]));
		}
		finalise();
		wait(MAX_CALL_AGE + 1);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(WINDOW);
		let told = ParityDbWeight::get().reads_writes(1, 1);
		let step = <()>::next_due() + <()>::finish_batch() + told;
		let budget = <()>::forget_batch() * 3 + step;
		FinalisationWeight::set(budget);
		assert!(next_block().all_lte(budget));
		assert_eq!((purse(ALICE).pending, QueueFront::<Test>::get()), (0, 3));
		assert!(next_block().all_lte(budget));
		assert_eq!((QueueHead::<Test>::get(), QueueFront::<Test>::get()), (11, 6));
	});
}
