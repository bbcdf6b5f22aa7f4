//! What is wrong with a batch is proven, and what follows from that.

mod quotas;
mod reversal;
mod sums;

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchErrorWithPostInfo, DispatchResultWithPostInfo, WithPostDispatchInfo},
};
use lx_primitives::{
	call_log::call_id, traits::Prices, units::CRED, Batch, Credits, FormerTier, Leaf, Moment, Tier,
	TierHistory, Usage,
};

use crate::{
	mock::*, Batches, Error, Event, Fraud, LinePages, Owed, QueueHead, QueueTail, RelayStatus,
	Relays, Reversed,
};

/// A bond whose half is not whole.
pub const ODD_BOND: Credits = BOND + 1;

/// So many units of the model are charged a CRED.
pub const UNITS: u32 = 100_000;

/// Relay 0 holds a bond, and Alice and Bob have 10 CRED at it.
pub fn set_up() {
	RequiredBond::set(ODD_BOND);
	give(&OPERATOR, MINIMUM);
	readmit();
	open(ALICE, 10 * CRED);
	open(BOB, 10 * CRED);
}

/// Runs a test on a chain that is [set up](set_up).
pub fn with_bonded_relay(test: impl FnOnce()) {
	build_and_execute(|| {
		set_up();
		test();
	});
}

/// Relay 0 holds a bond again and may post.
pub fn readmit() {
	give(&OPERATOR, ODD_BOND);
	assert_ok!(Compute::bond_relay(signed(OPERATOR), 0));
	assert_ok!(Compute::set_relay_status(RuntimeOrigin::root(), 0, RelayStatus::Active));
}

/// What Alice and Bob have free and pending.
pub fn balances() -> [(Credits, Credits); 2] {
	[ALICE, BOB].map(purse).map(|purse| (purse.free, purse.pending))
}

/// Carol challenges a batch of relay 0.
pub fn challenge(sequence: u64, fraud: Fraud<AccountId>) -> DispatchResultWithPostInfo {
	Compute::challenge(signed(CAROL), 0, sequence, fraud)
}

/// A challenge that comes too late, and weighs no more than it did.
pub fn too_late(error: Error<Test>) -> DispatchErrorWithPostInfo {
	error.with_weight(Compute::challenge_weight(Reversed::NOTHING))
}

/// The next batch of relay 0, with calls since `oldest`.
pub fn batch_since(oldest: Moment, log: &Log) -> Batch<AccountId> {
	let mut batch = batch(log.lines());
	batch.header.oldest = oldest;
	batch
}

/// A call of Alice for which a µCRED too much is charged, beside one of Bob.
pub fn overcharged() -> Log {
	let dear = call(ALICE, UNITS);
	Log::new(vec![Leaf { charge: dear.charge + 1, ..dear }, call(BOB, UNITS)])
}

/// The proof that [`overcharged`] is.
pub fn wrong_price(log: &Log) -> Fraud<AccountId> {
	Fraud::WrongPrice(log.call(0, 0))
}

/// Relay 0 has lost its bond to Carol and the Risk Reserve Fund, and may not post.
pub fn assert_punished() {
	let relay = Relays::<Test>::get(0).unwrap();
	// One that was leaving for good still is.
	assert!(matches!(relay.status, RelayStatus::Suspended | RelayStatus::Retiring));
	assert_eq!(relay.bond, 0);
	assert_eq!(relay.accountable_from, Now::get() + 1);
	assert_eq!(wallet(&CAROL), WEALTH + ODD_BOND / 2);
	assert_eq!(wallet(&RESERVE), ODD_BOND / 2 + 1);
	assert_event(Event::RelayPunished { relay: 0, slashed: ODD_BOND, reporter: CAROL });
	assert_noop!(post(vec![line(ALICE, CRED)]), Error::<Test>::RelayNotActive);
}

/// Nothing is left of a batch of relay 0 but its place in the queue.
pub fn assert_gone(batch: &Batch<AccountId>) {
	let (header, sequence) = (batch.header, batch.header.sequence);
	assert!(!Batches::<Test>::contains_key(0, sequence));
	assert!(!LinePages::<Test>::contains_key((0, sequence, 0)));
	let (hash, charge) = (hash(&header), header.root.charge);
	assert_event(Event::BatchReversed { relay: 0, sequence, hash, charge });
	assert_eq!(Compute::next_batch(0), Some((sequence + 1, hash)));
}

/// Relay 0 posts a batch that is wrong, Carol proves it, and all is as if it had not been posted,
/// but for the bond.
fn assert_proven(wrong: Batch<AccountId>, fraud: Fraud<AccountId>) {
	let before = balances();
	let waiting = Batches::<Test>::iter_values().map(|batch| batch.root.charge).sum::<Credits>();
	let revenue = Ledger::revenue().0 + waiting;
	let sequence = wrong.header.sequence;
	assert_ok!(sign(wrong.clone()).post());
	assert!(balances().iter().zip(&before).all(|(after, before)| after.1 > before.1));

	let weight = challenge(sequence, fraud.clone()).unwrap().actual_weight;
	let uses = wrong.lines.iter().filter(|line| line.payment.quota().is_some()).count() as u32;
	let reversed = Reversed { lines: wrong.lines.len() as u32, uses };
	assert_eq!(weight, Some(Compute::challenge_weight(reversed)));
	assert_eq!(balances(), before);
	assert_punished();
	assert_gone(&wrong);
	assert_noop!(challenge(sequence, fraud), too_late(Error::NotPending));
	check_invariants();

	// The queue goes on; for this batch nothing is mined or paid.
	finalise();
	assert_eq!(QueueHead::<Test>::get(), QueueTail::<Test>::get());
	assert_eq!(Ledger::revenue().0, revenue);
	assert_eq!(Ledger::settled(&ALICE) + Ledger::settled(&BOB), revenue);
	let owed = Owed::<Test>::iter_values().sum::<Credits>();
	assert_eq!(wallet(&OPERATOR) - MINIMUM + wallet(&REVENUE) + owed, revenue);
}

#[test]
fn a_call_that_is_twice_in_a_line() {
	build_and_execute(|| {
		set_up();
		let twice = call(ALICE, UNITS);
		let other = call(ALICE, 2 * UNITS);
		let log = Log::new(vec![twice.clone(), other, twice, call(BOB, UNITS)]);
		let fraud = Fraud::RepeatedCall { call: log.call(0, 0), again: log.call(0, 2) };
		assert_proven(batch(log.lines()), fraud);
	});
}

#[test]
fn a_call_that_two_lines_charge() {
	build_and_execute(|| {
		set_up();
		let twice = call(ALICE, UNITS);
		let again = Leaf { call_id: twice.call_id, ..call(BOB, 3 * UNITS) };
		let log = Log::new(vec![call(ALICE, UNITS), twice, again]);
		let fraud = Fraud::RepeatedCall { call: log.call(1, 0), again: log.call(0, 1) };
		assert_proven(batch(log.lines()), fraud);
	});
}

/// A batch of calls of Alice and Bob, and a later one that settles Alice's call again.
fn settled_twice() -> (Log, Log) {
	let first = Log::new(vec![call(ALICE, UNITS), call(BOB, UNITS)]);
	let second = Log::new(vec![first.0[0][0].clone(), call(BOB, 2 * UNITS)]);
	(first, second)
}

fn settled_before((first, second): &(Log, Log)) -> Fraud<AccountId> {
	Fraud::SettledCall { call: second.call(0, 0), earlier: 0, before: first.call(0, 0) }
}

#[test]
fn a_call_that_a_pending_batch_has_settled() {
	build_and_execute(|| {
		set_up();
		let logs = settled_twice();
		logs.0.post();
		wait(1);
		assert_proven(batch_since(START, &logs.1), settled_before(&logs));
		// The earlier batch stands.
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (CRED, CRED));
	});
}

#[test]
fn a_call_that_a_final_batch_has_settled() {
	build_and_execute(|| {
		set_up();
		let logs = settled_twice();
		logs.0.post();
		finalise();
		assert_eq!(Ledger::settled(&ALICE), CRED);
		assert_proven(batch_since(START, &logs.1), settled_before(&logs));
		// What is final stays mined.
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (CRED, CRED));
	});
}

fn assert_wrong_price(change: impl FnOnce(&mut Leaf<AccountId>)) {
	build_and_execute(|| {
		set_up();
		let mut wrong = call(ALICE, UNITS);
		change(&mut wrong);
		let log = Log::new(vec![call(ALICE, UNITS), wrong, call(BOB, UNITS)]);
		assert_proven(batch(log.lines()), Fraud::WrongPrice(log.call(0, 1)));
	});
}

#[test]
fn a_charge_that_is_not_the_registrys() {
	assert_wrong_price(|leaf| leaf.charge += 1);
	assert_wrong_price(|leaf| leaf.charge -= 1);
}

#[test]
fn a_cost_that_is_not_the_registrys() {
	assert_wrong_price(|leaf| leaf.cost += 1);
	assert_wrong_price(|leaf| leaf.cost -= 1);
}

#[test]
fn a_price_that_the_registry_does_not_know() {
	assert_wrong_price(|leaf| leaf.price_version = 3);
	assert_wrong_price(|leaf| leaf.model = b"another".to_vec().try_into().unwrap());
	assert_wrong_price(|leaf| leaf.usage = Usage::Tokens { input: 1, cached_input: 1, output: 1 });
}

#[test]
fn a_price_that_was_not_in_force_when_the_call_was_made() {
	assert_wrong_price(|_| NextPriceAt::set(START));
	assert_wrong_price(|leaf| {
		NextPriceAt::set(START + 1);
		leaf.price_version = 2;
	});
}

/// Alice has the tier Lv4 until a time, and Lv2 from then on.
pub fn lv4_until(until: Moment) {
	let former = vec![FormerTier { tier: Tier::Lv4, until }];
	Staked::set(Some((ALICE, TierHistory { current: Tier::Lv2, former })));
}

/// Charges a call as the registry says, at a tier.
pub fn charge_at(leaf: &mut Leaf<AccountId>, tier: Tier) {
	let price = Registry::price_at(&model(), 1, START).unwrap();
	leaf.tier = tier;
	leaf.charge = price.charge(&leaf.usage, tier).unwrap();
}

#[test]
fn a_tier_that_the_payer_did_not_have_when_the_call_was_made() {
	assert_wrong_price(|leaf| charge_at(leaf, Tier::Lv2));
	// She has staked, and is charged as if she had not.
	assert_wrong_price(|_| lv4_until(START + 1));
	assert_wrong_price(|leaf| {
		lv4_until(START + 1);
		charge_at(leaf, Tier::Lv2);
	});
	assert_wrong_price(|leaf| {
		lv4_until(START);
		charge_at(leaf, Tier::Lv4);
	});
}

fn assert_wrong_time(time: Moment) {
	build_and_execute(|| {
		set_up();
		wait(20);
		let wrong = Leaf { call_id: call_id(time, [7; 10]), ..call(BOB, UNITS) };
		let log = Log::new(vec![call(ALICE, UNITS), wrong]);
		let fraud = Fraud::WrongTime(log.call(1, 0));
		assert_proven(batch_since(START + 10, &log), fraud);
	});
}

#[test]
fn a_call_that_is_older_than_the_batch_says() {
	assert_wrong_time(START + 9);
	assert_wrong_time(0);
}

#[test]
fn a_call_that_is_younger_than_the_batch() {
	assert_wrong_time(START + 21);
}
