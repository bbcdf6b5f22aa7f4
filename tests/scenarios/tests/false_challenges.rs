//! A challenge that proves nothing costs whoever makes it, and one that comes too late does nothing.

use l_exchange_runtime::{Runtime, BLOCK_MILLIS};
use lx_primitives::{
	proof::CallProof,
	units::{CRED, LCO},
	Leaf,
};
use pallet_compute::{Batches, Error, Event, Flaw, Fraud, RelayStatus};
use scenarios::{
	dispute::{Dispute, BOND, CALLERS, CHALLENGER, PURSE, STAKE},
	relay::{self, proof},
	PAST_THE_WINDOW,
};
use sp_runtime::AccountId32;

/// Two calls of one account, and one of another.
fn three_calls(dispute: &mut Dispute) -> Vec<Leaf<AccountId32>> {
	let [first, second] = CALLERS;
	[first, first, second].map(|who| dispute.call(who)).to_vec()
}

/// Expects that `fraud` proves nothing against batch 0, for this reason, and costs its stake.
fn expect_dismissal(dispute: &mut Dispute, fraud: Fraud<AccountId32>, flaw: Flaw) {
	let (reserve, had) = (dispute.reserve(), dispute.credits(&CHALLENGER.to_account_id()));
	dispute.challenge(0, fraud).unwrap().unwrap();
	let challenger = CHALLENGER.to_account_id();
	let (relay, sequence, stake) = (0, 0, STAKE);
	assert!(dispute.has(Event::ChallengeFailed { challenger, relay, sequence, flaw, stake }));
	assert_eq!(dispute.reserve(), reserve + STAKE);
	assert_eq!(dispute.challengers(), had - STAKE);
	assert_eq!(dispute.registered().status, RelayStatus::Active);
}

#[test]
fn a_false_challenge_costs_its_stake_and_the_batch_stands() {
	let mut dispute = Dispute::new();
	let calls = dispute.calls();
	dispute.post(&calls);
	expect_dismissal(&mut dispute, Fraud::WrongPrice(proof(&calls, 0)), Flaw::RightPrice);
	dispute.chain.wait(PAST_THE_WINDOW);
	assert_eq!(dispute.settled(), (200 * LCO, 8 * CRED));
	assert_eq!(dispute.purses(), [(PURSE - 10 * CRED, 0); 2]);
	assert_eq!(dispute.registered().bond, BOND);
}

#[test]
fn a_forged_proof_proves_nothing() {
	let changes: [fn(&mut CallProof<AccountId32>); 7] = [
		|proof| proof.leaf.charge += 1,
		|proof| proof.index += 1,
		|proof| proof.siblings.clear(),
		|proof| proof.siblings.try_push(proof.line.line.total).unwrap(),
		|proof| proof.siblings[0].charge += 1,
		|proof| proof.line.index = 1 - proof.line.index,
		|proof| proof.line.siblings.clear(),
	];
	for change in changes {
		let mut dispute = Dispute::new();
		let calls = three_calls(&mut dispute);
		dispute.post(&calls);
		let mut forged = proof(&calls, 0);
		change(&mut forged);
		expect_dismissal(&mut dispute, Fraud::WrongPrice(forged), Flaw::NotInBatch);
	}
}

#[test]
fn an_inner_node_is_no_leaf() {
	let mut dispute = Dispute::new();
	let calls = three_calls(&mut dispute);
	dispute.post(&calls);
	// The line of two calls is shown as if it were a line of one: the second call with its sums.
	let mut one_for_two = proof(&calls, 1);
	one_for_two.siblings.clear();
	one_for_two.leaf.charge = one_for_two.line.line.total.charge;
	one_for_two.leaf.cost = one_for_two.line.line.total.cost;
	one_for_two.index = 0;
	expect_dismissal(&mut dispute, Fraud::WrongPrice(one_for_two), Flaw::NotInBatch);
}

#[test]
fn a_batch_is_challenged_in_its_window_or_not_at_all() {
	let mut dispute = Dispute::new();
	let mut calls = dispute.calls();
	calls[0].charge += 1;
	dispute.post(&calls);
	let fraud = Fraud::WrongPrice(proof(&calls, 0));
	let final_at = dispute.chain.with(|| Batches::<Runtime>::get(0, 0)).unwrap().final_at;
	let next = final_at - dispute.chain.with(relay::now);
	dispute.chain.wait(next - BLOCK_MILLIS);
	let had = dispute.credits(&CHALLENGER.to_account_id());

	// The first block in which it is too late settles it.
	let late = dispute.challenge(0, fraud.clone()).unwrap();
	assert_eq!(late, Err(Error::<Runtime>::WindowOver.into()));
	let settled = dispute.challenge(0, fraud).unwrap();
	assert_eq!(settled, Err(Error::<Runtime>::NotPending.into()));
	let paid = had - dispute.credits(&CHALLENGER.to_account_id());
	assert!(paid > 0 && paid < CRED, "it costs the fees: {paid}");
	assert_eq!((dispute.registered().bond, dispute.reserve()), (BOND, 0));
}
