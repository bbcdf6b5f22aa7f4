//! What proves nothing, and what cannot be challenged.

use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use lx_primitives::{
	call_log::call_id,
	merkle_sum::Node,
	proof::{CallProof, Opening, Step, SumProof},
	units::CRED,
	Leaf, Tier, TIER_MEMORY,
};
use sp_runtime::TokenError;

use super::challenges::{
	challenge, charge_at, lv4_until, too_late, with_bonded_relay, ODD_BOND, UNITS,
};
use crate::{mock::*, Batches, Error, Event, Flaw, Fraud, RelayStatus, Relays, Reversed};

/// The challenge of batch 0 costs the stake for this `flaw`, and nothing else changes.
fn assert_flawed(fraud: Fraud<AccountId>, flaw: Flaw) {
	let before = (wallet(&CAROL), wallet(&RESERVE));
	let (batch, purses) = (Batches::<Test>::get(0, 0), [ALICE, BOB].map(purse));
	assert_eq!(Compute::challenge_bond(), STAKE);
	assert_ok!(challenge(0, fraud));
	let (challenger, relay, sequence, stake) = (CAROL, 0, 0, STAKE);
	assert_event(Event::ChallengeFailed { challenger, relay, sequence, flaw, stake });
	assert_eq!((wallet(&CAROL) + STAKE, wallet(&RESERVE) - STAKE), before);
	assert_eq!((Batches::<Test>::get(0, 0), [ALICE, BOB].map(purse)), (batch, purses));
	let relay = Relays::<Test>::get(0).unwrap();
	assert_eq!((relay.status, relay.bond), (RelayStatus::Active, ODD_BOND));
}

/// A batch of five honest calls of Alice's and three of Bob's is posted.
fn with_honest_batch(test: impl FnOnce(Log)) {
	with_bonded_relay(|| {
		let calls = (1..=8).map(|units| call(if units < 6 { ALICE } else { BOB }, units));
		let log = Log::new(calls.collect());
		log.post();
		test(log);
	});
}

#[test]
fn honest_calls() {
	with_honest_batch(|log| {
		assert_flawed(Fraud::WrongPrice(log.call(0, 4)), Flaw::RightPrice);
		assert_flawed(Fraud::WrongTime(log.call(1, 2)), Flaw::RightTime);
		let repeated = |call, again| Fraud::RepeatedCall { call, again };
		assert_flawed(repeated(log.call(0, 1), log.call(0, 1)), Flaw::SamePlace);
		assert_flawed(repeated(log.call(0, 1), log.call(1, 1)), Flaw::DifferentCalls);
	});
}

#[test]
fn calls_at_the_ends_of_the_batchs_time_are_right() {
	with_bonded_relay(|| {
		let made_at = |time| Leaf { call_id: call_id(time, [1; 10]), ..call(ALICE, 1) };
		let log = Log::new(vec![made_at(START), made_at(START + 9)]);
		wait(9);
		let mut batch = batch(log.lines());
		batch.header.oldest = START;
		assert_ok!(sign(batch).post());
		assert_flawed(Fraud::WrongTime(log.call(0, 0)), Flaw::RightTime);
		assert_flawed(Fraud::WrongTime(log.call(0, 1)), Flaw::RightTime);
	});
}

#[test]
fn calls_at_the_tier_that_their_payer_had() {
	with_bonded_relay(|| {
		let [mut before, mut after] = [START, START + 1]
			.map(|time| Leaf { call_id: call_id(time, [1; 10]), ..call(ALICE, UNITS) });
		charge_at(&mut before, Tier::Lv4);
		charge_at(&mut after, Tier::Lv2);
		let log = Log::new(vec![before, after]);
		wait(1);
		let mut batch = batch(log.lines());
		batch.header.oldest = START;
		assert_ok!(sign(batch).post());
		lv4_until(START + 1);
		assert_flawed(Fraud::WrongPrice(log.call(0, 0)), Flaw::RightPrice);
		assert_flawed(Fraud::WrongPrice(log.call(0, 1)), Flaw::RightPrice);
	});
}

#[test]
fn nobody_is_punished_for_a_tier_that_is_too_long_ago_to_be_told() {
	with_bonded_relay(|| {
		ChallengeWindow::set(TIER_MEMORY + 2);
		let log = Log::new(vec![call(ALICE, UNITS)]);
		log.post();
		wait(TIER_MEMORY + 1);
		lv4_until(START + 1);
		assert_flawed(Fraud::WrongPrice(log.call(0, 0)), Flaw::RightPrice);
		Now::set(START + TIER_MEMORY);
		assert_ok!(challenge(0, Fraud::WrongPrice(log.call(0, 0))));
		assert!(!Batches::<Test>::contains_key(0, 0));
	});
}

#[test]
fn calls_of_other_batches() {
	with_honest_batch(|log| {
		let other = Log::new(vec![call(ALICE, 1)]);
		other.post();
		assert_flawed(Fraud::WrongPrice(other.call(0, 0)), Flaw::NotInBatch);
		let settled = |earlier, before: CallProof<AccountId>| Fraud::SettledCall {
			call: log.call(0, 0),
			earlier,
			before,
		};
		// Neither itself, nor a later one, nor one that never was.
		assert_flawed(settled(0, log.call(0, 0)), Flaw::UnknownEarlier);
		assert_flawed(settled(1, other.call(0, 0)), Flaw::UnknownEarlier);
		assert_flawed(settled(u64::MAX, log.call(0, 0)), Flaw::UnknownEarlier);
	});
}

#[test]
fn an_earlier_batch_with_other_calls() {
	with_bonded_relay(|| {
		let first = Log::new(vec![call(ALICE, 1), call(BOB, 1)]);
		first.post();
		let second = Log::new(vec![call(ALICE, 1)]);
		second.post();
		let settled = |before| Fraud::SettledCall { call: second.call(0, 0), earlier: 0, before };
		for (before, flaw) in
			[(first.call(0, 0), Flaw::DifferentCalls), (second.call(0, 0), Flaw::NotInBatch)]
		{
			assert_ok!(challenge(1, settled(before)));
			let (challenger, relay, sequence, stake) = (CAROL, 0, 1, STAKE);
			assert_event(Event::ChallengeFailed { challenger, relay, sequence, flaw, stake });
		}
		assert_eq!(wallet(&RESERVE), 2 * STAKE);
	});
}

#[test]
fn proofs_of_the_wrong_length_index_or_sum() {
	with_honest_batch(|log| {
		let wrong = |change: fn(&mut CallProof<AccountId>)| {
			let mut proof = log.call(0, 2);
			change(&mut proof);
			assert_flawed(Fraud::WrongPrice(proof), Flaw::NotInBatch);
		};
		wrong(|proof| assert!(proof.siblings.pop().is_some()));
		wrong(|proof| proof.siblings.try_push(proof.leaf.node()).unwrap());
		wrong(|proof| assert!(proof.line.siblings.pop().is_some()));
		wrong(|proof| proof.line.siblings.try_push(proof.leaf.node()).unwrap());
		wrong(|proof| proof.index = 3);
		wrong(|proof| proof.index = u32::MAX);
		wrong(|proof| proof.line.index = 1);
		wrong(|proof| proof.line.index = 2);
		wrong(|proof| proof.siblings[0].charge += 1);
		wrong(|proof| proof.line.line.total.charge += 1);
		wrong(|proof| proof.line.siblings[0].calls -= 1);
		wrong(|proof| proof.leaf.charge += 1);
		wrong(|proof| proof.leaf.account = BOB);
	});
}

#[test]
fn an_inner_node_that_is_passed_off_as_a_call_or_a_line() {
	with_bonded_relay(|| {
		let log = Log::new(vec![call(ALICE, 1), call(ALICE, 2)]);
		log.post();
		let [left, right] = [0, 1].map(|index| log.0[0][index].node());
		// A leaf cannot hash to the root of two, so its place in a log of one is no proof.
		let mut proof = log.call(0, 0);
		proof.siblings = Default::default();
		assert_flawed(Fraud::WrongPrice(proof), Flaw::NotInBatch);
		let mut nested = log.line(0);
		nested.line.total = left;
		let sum = SumProof {
			line: nested,
			steps: Default::default(),
			opening: Opening::Inner(left, right),
		};
		assert_flawed(Fraud::WrongSum(sum), Flaw::NotInBatch);
	});
}

#[test]
fn sums_that_are_right_or_that_do_not_belong() {
	with_bonded_relay(|| {
		let log = Log::new(vec![call(ALICE, 1), call(ALICE, 2), call(BOB, 3)]);
		log.post();
		let [left, right] = [0, 1].map(|index| log.0[0][index].node());
		let sum = |line, steps: Vec<Step>, opening| {
			let (line, steps) = (log.line(line), steps.try_into().unwrap());
			Fraud::WrongSum(SumProof { line, steps, opening })
		};
		let down = |is_right| Step { left, right, is_right };
		assert_flawed(sum(0, vec![], Opening::Inner(left, right)), Flaw::RightSum);
		let leaf = |index: usize| Opening::Leaf(log.0[0][index].clone());
		assert_flawed(sum(0, vec![down(false)], leaf(0)), Flaw::RightSum);
		assert_flawed(sum(0, vec![down(true)], leaf(1)), Flaw::RightSum);
		assert_flawed(sum(0, vec![down(true)], leaf(0)), Flaw::WrongOpening);
		assert_flawed(sum(0, vec![], Opening::Inner(right, left)), Flaw::WrongOpening);
		assert_flawed(sum(0, vec![], leaf(0)), Flaw::WrongOpening);
		let cheaper = Node { charge: 0, ..left };
		assert_flawed(sum(0, vec![], Opening::Inner(cheaper, right)), Flaw::WrongOpening);
		assert_flawed(sum(1, vec![down(false)], leaf(0)), Flaw::WrongOpening);
	});
}

#[test]
fn a_batch_is_challenged_within_its_window_only() {
	with_bonded_relay(|| {
		let wrong = || Leaf { charge: CRED, ..call(ALICE, 1) };
		let (first, second) = (Log::new(vec![wrong()]), Log::new(vec![wrong()]));
		first.post();
		wait(1);
		second.post();
		wait(WINDOW - 1);
		let fraud = |log: &Log| Fraud::WrongPrice(log.call(0, 0));
		// The window of the first is over, although no block has made it final.
		assert_noop!(challenge(0, fraud(&first)), too_late(Error::WindowOver));
		assert_ok!(challenge(1, fraud(&second)));
		next_block();
		assert_noop!(challenge(0, fraud(&first)), too_late(Error::NotPending));
		assert_noop!(challenge(1, fraud(&second)), too_late(Error::NotPending));
		assert_noop!(challenge(2, fraud(&first)), too_late(Error::NotPending));
		assert_eq!((Ledger::settled(&ALICE), purse(ALICE).free), (CRED, 9 * CRED));
	});
}

#[test]
fn a_challenge_needs_its_stake() {
	with_honest_batch(|log| {
		let poor = AccountId::new([55; 32]);
		give(&poor, STAKE + MINIMUM - 1);
		let attempt =
			|| Compute::challenge(signed(poor.clone()), 0, 0, Fraud::WrongPrice(log.call(0, 0)));
		assert_noop!(attempt(), TokenError::NotExpendable);
		give(&poor, 1);
		assert_ok!(attempt());
		assert_eq!(wallet(&poor), MINIMUM);
	});
}

#[test]
fn a_challenge_that_reverses_nothing_pays_for_less() {
	with_honest_batch(|log| {
		let fraud = Fraud::WrongPrice(log.call(0, 0));
		let call = crate::Call::<Test>::challenge { relay: 0, sequence: 0, fraud: fraud.clone() };
		let declared = call.get_dispatch_info().call_weight;
		let used = Compute::challenge(signed(CAROL), 0, 0, fraud).unwrap().actual_weight.unwrap();
		assert_eq!(used, Compute::challenge_weight(Reversed::NOTHING));
		assert!(used.ref_time() < declared.ref_time() / 2);
	});
}
