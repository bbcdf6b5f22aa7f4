//! Calls against quotas that are priced, made or summed up as they should not be.

use frame_support::assert_ok;
use lx_primitives::{
	call_log::call_id,
	merkle_sum::Node,
	proof::{LineProof, Opening, SumProof},
	units::CRED,
	Leaf, Line, Payment,
};

use super::{assert_proven, batch_since, challenge, set_up, with_bonded_relay, UNITS};
use crate::{mock::*, Event, Flaw, Fraud};

fn set_up_quota() {
	set_up();
	Launched::claim(&ALICE, 0, 150_000);
}

/// A batch with this call of Alice's, which is wrong, is reversed, and her quota is as it was.
fn assert_wrong(wrong: Leaf<AccountId>) {
	set_up_quota();
	let log = Log::new(vec![wrong, call(BOB, UNITS)]);
	assert_proven(batch_since(START - 1, &log), Fraud::WrongPrice(log.call(0, 0)));
	assert_eq!(Launched::claimed(&ALICE, 0).unwrap().used, 0);
}

#[test]
fn a_call_that_is_priced_as_its_launch_says_is_right() {
	with_bonded_relay(|| {
		Launched::claim(&ALICE, 0, 150_000);
		let log = Log::new(vec![scarce_call(ALICE, UNITS)]);
		log.post();
		assert_ok!(challenge(0, Fraud::WrongPrice(log.call(0, 0))));
		assert_event(Event::ChallengeFailed {
			challenger: CAROL,
			relay: 0,
			sequence: 0,
			flaw: Flaw::RightPrice,
			stake: STAKE,
		});
		assert_eq!(Launched::claimed(&ALICE, 0).unwrap().used, u64::from(UNITS));
	});
}

#[test]
fn a_scarce_model_is_served_against_quota_only() {
	build_and_execute(|| {
		assert_wrong(Leaf {
			payment: Payment::Purse,
			price_version: 1,
			..scarce_call(ALICE, UNITS)
		});
	});
}

#[test]
fn a_quota_is_for_its_own_model() {
	build_and_execute(|| assert_wrong(Leaf { model: model(), ..scarce_call(ALICE, UNITS) }));
}

#[test]
fn a_quota_has_the_price_of_its_launch() {
	let scarce = || scarce_call(ALICE, UNITS);
	build_and_execute(|| assert_wrong(Leaf { charge: scarce().charge - 1, ..scarce() }));
	build_and_execute(|| assert_wrong(Leaf { cost: scarce().cost + 1, ..scarce() }));
	build_and_execute(|| assert_wrong(Leaf { price_version: 1, ..scarce() }));
}

#[test]
fn a_quota_is_used_in_its_time() {
	let made_at = |time| Leaf { call_id: call_id(time, [1; 10]), ..scarce_call(ALICE, UNITS) };
	build_and_execute(|| assert_wrong(made_at(START - 1)));
	build_and_execute(|| {
		// It can still be posted, but not what was called from now on.
		QuotaExpiry::set(START);
		assert_wrong(made_at(START));
	});
}

/// A line of Alice's, with this payment, claims other units than its only call has.
fn assert_wrong_units(payment: Payment, units: u64) {
	build_and_execute(|| {
		set_up_quota();
		let only = scarce_call(ALICE, UNITS);
		let total = Node { units, ..only.node() };
		let lines = vec![Line { account: ALICE, payment, total }, line(BOB, CRED)];
		let line = LineProof::new(&lines, 0).unwrap();
		let sum = SumProof { line, steps: Default::default(), opening: Opening::Leaf(only) };
		assert_proven(batch(lines), Fraud::WrongSum(sum));
		assert_eq!(Launched::claimed(&ALICE, 0).unwrap().used, 0);
	});
}

#[test]
fn a_line_claims_the_units_of_its_calls() {
	assert_wrong_units(Payment::Quota(LAUNCH), u64::from(UNITS) - 1);
	assert_wrong_units(Payment::Quota(LAUNCH), u64::from(UNITS) + 1);
	// As if no quota had been used.
	assert_wrong_units(Payment::Purse, 0);
}
