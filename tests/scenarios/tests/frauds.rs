//! Each kind of fraud that can be proven, on the real runtime: what the quorum signed is reversed, and
//! the relay pays for it.

use l_exchange_runtime::Runtime;
use lx_primitives::{
	call_log::call_id,
	merkle_sum::root,
	proof::SumProof,
	units::{CRED, CRED_ASSET, LCO, USDT},
	Header, Line,
};
use pallet_compute::{Attestors, Call, Equivocation, Error, Event, Fraud, SignedHeader, Signer};
use scenarios::{
	dispute::{Dispute, BOND, CALLERS, CHALLENGER, PURSE},
	money::{buy_credits, deposit},
	relay::{self, attestor_key, lines, proof, relay_key},
	Outcome, PAST_THE_WINDOW,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring::Bob;

#[test]
fn a_call_that_is_in_a_batch_twice() {
	let mut dispute = Dispute::new();
	let mut calls = dispute.calls();
	calls.push(calls[1].clone());
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	let fraud = Fraud::RepeatedCall { call: proof(&calls, 1), again: proof(&calls, 2) };
	dispute.expect_reversal(wrong, fraud);
}

#[test]
fn a_call_that_a_final_batch_has_settled() {
	let mut dispute = Dispute::new();
	let calls = dispute.calls();
	dispute.post(&calls);
	dispute.chain.wait(PAST_THE_WINDOW);
	assert_eq!(dispute.settled(), (200 * LCO, 8 * CRED), "what it was before");

	let again = [dispute.call(CALLERS[0]), calls[1].clone()];
	let wrong = dispute.chain.with(|| dispute.relay.batch(&again));
	let fraud = Fraud::SettledCall { call: proof(&again, 1), earlier: 0, before: proof(&calls, 1) };
	dispute.expect_reversal(wrong, fraud);
}

#[test]
fn a_charge_that_is_not_the_registrys() {
	let mut dispute = Dispute::new();
	let mut calls = dispute.calls();
	calls[0].charge += 1;
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	dispute.expect_reversal(wrong, Fraud::WrongPrice(proof(&calls, 0)));
}

#[test]
fn a_cost_that_is_not_the_registrys() {
	let mut dispute = Dispute::new();
	let mut calls = dispute.calls();
	calls[1].cost += 1;
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	dispute.expect_reversal(wrong, Fraud::WrongPrice(proof(&calls, 1)));
}

#[test]
fn a_call_that_is_younger_than_its_batch() {
	let mut dispute = Dispute::new();
	let mut calls = dispute.calls();
	let now = dispute.chain.with(relay::now);
	calls[1].call_id = call_id(now + 60_000, [7; 10]);
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	dispute.expect_reversal(wrong, Fraud::WrongTime(proof(&calls, 1)));
}

#[test]
fn a_line_that_is_not_the_sum_of_its_calls() {
	let mut dispute = Dispute::new();
	let first = dispute.call(CALLERS[0]);
	let calls = [first, dispute.call(CALLERS[0]), dispute.call(CALLERS[1])];
	let mut lines = lines(&calls);
	let line = lines.iter().position(|line| line.account == calls[0].account).unwrap();
	lines[line].total.charge += CRED;
	let oldest = dispute.chain.with(relay::now);
	let wrong = dispute.chain.with(|| dispute.relay.seal(lines.clone(), oldest));
	let fraud = SumProof::find(&lines, line as u32, &calls[..2]).unwrap();
	dispute.expect_reversal(wrong, Fraud::WrongSum(fraud));
}

/// A batch that the relay posts, and another one for its place.
fn two_batches(dispute: &mut Dispute) -> [Header; 2] {
	let calls = dispute.calls();
	let posted = dispute.post(&calls).header;
	let others = lines(&dispute.calls());
	let root = root(others.iter().map(Line::node).collect()).unwrap();
	[posted, Header { root, ..posted }]
}

/// Reports that `by` has signed both with its `key`.
fn report(
	dispute: &mut Dispute,
	(by, key): (Signer, sr25519::Pair),
	headers: [Header; 2],
) -> Outcome {
	let genesis = dispute.chain.with(relay::genesis_hash);
	let [first, second] = headers.map(|header| SignedHeader {
		header,
		signature: key.sign(header.hash(&genesis).as_bytes()),
	});
	let equivocation = Equivocation { by, first, second };
	let report = Call::<Runtime>::report_equivocation { equivocation };
	dispute.chain.submit(CHALLENGER, Some(CRED_ASSET), report)
}

#[test]
fn a_relay_that_signs_two_batches_for_one_place() {
	let mut dispute = Dispute::new();
	let had = dispute.credits(&CHALLENGER.to_account_id());
	let headers = two_batches(&mut dispute);
	report(&mut dispute, (Signer::Relay, relay_key()), headers).unwrap().unwrap();
	assert_eq!(dispute.purses(), [(PURSE, 0); 2], "what it posted is reversed");
	assert_eq!(dispute.challengers(), had + BOND / 2);
	dispute.expect_punished_relay();

	dispute.chain.wait(PAST_THE_WINDOW);
	assert_eq!(dispute.settled(), (0, 0));
	let again = report(&mut dispute, (Signer::Relay, relay_key()), headers).unwrap();
	assert_eq!(again, Err(Error::<Runtime>::AlreadyPunished.into()));
}

#[test]
fn an_attestor_that_signs_two_batches_for_one_place() {
	let mut dispute = Dispute::new();
	let bond = Call::<Runtime>::bond_attestor { attestor: 1 };
	deposit(&mut dispute.chain, Bob, 10_010 * USDT, b"for-the-attestor");
	buy_credits(&mut dispute.chain, Bob, 10_009 * USDT);
	dispute.chain.submit(Bob, Some(CRED_ASSET), bond).unwrap().unwrap();
	let had = dispute.credits(&CHALLENGER.to_account_id());
	let headers = two_batches(&mut dispute);
	report(&mut dispute, (Signer::Attestor(1), attestor_key(1)), headers).unwrap().unwrap();

	let reporter = CHALLENGER.to_account_id();
	assert!(dispute.has(Event::AttestorPunished { attestor: 1, slashed: BOND, reporter }));
	assert_eq!((dispute.challengers(), dispute.reserve()), (had + BOND / 2, BOND / 2));
	let attestor = dispute.chain.with(|| Attestors::<Runtime>::get(1)).unwrap();
	assert_eq!((attestor.bond, attestor.is_suspended), (0, true));

	// The batch was signed by the relay and by two, and stands; the next one needs another second.
	dispute.chain.wait(PAST_THE_WINDOW);
	assert_eq!(dispute.settled(), (200 * LCO, 8 * CRED));
	let calls = dispute.calls();
	let next = dispute.chain.with(|| dispute.relay.batch(&calls));
	assert!(dispute.post_batch(next.clone()).is_err(), "a suspended attestor's signature counts");
	let post = dispute.chain.with(|| relay::post(next, &[0, 2]));
	dispute.chain.submit_general(post).unwrap().unwrap();
}
