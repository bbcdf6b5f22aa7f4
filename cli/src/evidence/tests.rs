mod said;
mod written;

use std::slice::from_ref;

use lx_primitives::{
	call_log::{call_id, leaves_root},
	merkle_sum::root,
	FormerTier, Header, Line, Payment, Price, Rates, Tier, TIER_MEMORY,
};

use super::*;

const NOW: u64 = 1_800_000_000_000;
const GENESIS: H256 = H256([7; 32]);

fn relay() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[3; 32])
}

fn leaf(number: u8) -> Leaf<AccountId32> {
	Leaf {
		call_id: call_id(NOW, [number; 10]),
		account: AccountId32::new([1; 32]),
		payment: Payment::Purse,
		key: H256::zero(),
		model: b"model".to_vec().try_into().unwrap(),
		usage: Usage::Tokens { input: 2, cached_input: 0, output: 3 },
		price_version: 1,
		tier: Tier::Lv1,
		charge: 8,
		cost: 5,
		estimated: false,
		request_hash: H256::zero(),
		response_hash: H256::zero(),
	}
}

fn lines() -> Vec<Line<AccountId32>> {
	let total = leaves_root(&[leaf(1), leaf(2)]).unwrap();
	vec![Line { account: leaf(1).account, payment: Payment::Purse, total }]
}

/// What the relay has signed of the batch.
fn header() -> Header {
	let root = root(lines().iter().map(Line::node).collect()).unwrap();
	Header { relay: 4, sequence: 9, previous: H256::zero(), time: NOW, oldest: NOW, root }
}

fn batch_hash() -> H256 {
	header().hash(&GENESIS)
}

fn evidence() -> Evidence {
	let proof = CallProof::new(&lines(), 0, &[leaf(1), leaf(2)], 1).unwrap();
	let hash = receipt_hash(&GENESIS, 4, &leaf(2));
	let signature = Some(relay().sign(hash.as_bytes()));
	Evidence { relay: 4, sequence: 9, proof, signature, given: Value::Null }
}

fn chain() -> OnChain {
	let (hash, root) = (batch_hash(), header().root);
	let rates = |rate| Rates::Tokens { input: rate, cached_input: rate, output: 2 * rate };
	let price = Price { list: rates(1_000_000), cost: rates(600_000), active_from: NOW };
	OnChain {
		genesis: GENESIS,
		batch: Some(Taken { hash, root, lines: 1, final_at: None }),
		price: Some(PriceSpan { price, replaced_at: None }),
		offer: None,
		tiers: TierHistory::default(),
		now: NOW,
		relay_key: Some(relay().public()),
		next_sequence: Some(10),
	}
}

/// What does not hold, of `evidence` against `chain`.
fn failures(evidence: &Evidence, chain: &OnChain) -> Vec<String> {
	let checks = evidence.check(chain);
	checks.into_iter().filter(|check| !check.holds).map(|check| check.what).collect()
}

#[test]
fn honest_evidence_holds_in_every_point() {
	let checks = evidence().check(&chain());
	assert!(checks.iter().all(|check| check.holds), "{checks:?}");
	let told = checks.iter().map(|check| check.what.as_str()).collect::<Vec<_>>().join("\n");
	for part in [
		"one of the 2 calls",
		"is final",
		"0.000008 CRED is what version 1",
		"at tier Lv1, the payer's",
		"signed",
	] {
		assert!(told.contains(part), "{part} in {told}");
	}
}

#[test]
fn a_free_call_is_said_to_be_free() {
	let mut evidence = evidence();
	evidence.proof.leaf.payment = Payment::Perk;
	let told = evidence.describe();
	assert!(told.contains("charged 0.000008 CRED to the Ecosystem Fund, for "), "{told}");
	let checks = evidence.check(&chain());
	assert!(checks.iter().any(|check| check.what.ends_with("mines nothing")), "{checks:?}");
}

#[test]
fn a_pending_batch_is_not_called_final() {
	let mut chain = chain();
	chain.batch = chain.batch.map(|batch| Taken { final_at: Some(NOW), ..batch });
	let checks = evidence().check(&chain);
	let told = checks.into_iter().map(|check| check.what).collect::<Vec<_>>().join("\n");
	assert!(told.contains("may still prove it wrong") && !told.contains("has mined"), "{told}");
}

#[test]
fn each_lie_fails_in_its_own_point() {
	let other_root = |mut chain: OnChain| {
		chain.batch = chain.batch.map(|batch| Taken { lines: 2, ..batch });
		chain
	};
	let cases = [
		(other_root(chain()), "one of the 2 calls"),
		(OnChain { batch: None, ..chain() }, "the chain has batch 9 of relay 4"),
		(OnChain { price: None, ..chain() }, "names price version 1"),
		(OnChain { tiers: whale(), ..chain() }, "charged at tier Lv1, and its payer had Whale"),
		(OnChain { relay_key: None, ..chain() }, "relay 4 has signed this call's leaf"),
	];
	for (chain, part) in cases {
		let failures = failures(&evidence(), &chain);
		assert!(matches!(&failures[..], [only] if only.contains(part)), "{part}: {failures:?}");
	}
}

#[test]
fn a_call_against_a_quota_is_checked_by_its_launch() {
	let leaf = Leaf { payment: Payment::Quota(6), price_version: 0, ..leaf(2) };
	let (account, payment) = (leaf.account.clone(), leaf.payment);
	let lines = [Line { account, payment, total: leaves_root(from_ref(&leaf)).unwrap() }];
	let proof = CallProof::new(&lines, 0, from_ref(&leaf), 0).unwrap();
	let evidence = Evidence { proof, signature: None, ..evidence() };
	let mut chain = chain();
	let root = root(lines.iter().map(Line::node).collect()).unwrap();
	chain.batch = chain.batch.map(|batch| Taken { root, ..batch });
	let PriceSpan { price, .. } = chain.price.take().unwrap();
	let names_launch = failures(&evidence, &chain);
	assert!(
		matches!(&names_launch[..], [only] if only.contains("names launch 6")),
		"{names_launch:?}"
	);
	let model = evidence.leaf().model.clone();
	chain.offer = Some(Offer { model, price, expires_at: NOW + 1 });
	let checks = evidence.check(&chain);
	assert!(checks.iter().all(|check| check.holds), "{checks:?}");
	assert!(checks.iter().any(|check| check.what.contains("price of launch 6")), "{checks:?}");
}

/// The tiers of somebody who was a whale at the call's time.
fn whale() -> TierHistory {
	let former = vec![FormerTier { tier: Tier::Whale, until: NOW + 1 }];
	TierHistory { current: Tier::Lv1, former }
}

#[test]
fn a_tier_of_long_ago_is_neither_wrong_nor_vouched_for() {
	let long_ago = OnChain { tiers: whale(), now: NOW + TIER_MEMORY + 1, ..chain() };
	assert_eq!(failures(&evidence(), &long_ago), [""; 0]);
	let checks = evidence().check(&long_ago);
	assert!(checks.iter().any(|check| check.what.contains("too long ago")), "{checks:?}");
}

#[test]
fn a_changed_charge_is_neither_in_the_batch_nor_priced_nor_signed() {
	let mut evidence = evidence();
	evidence.proof.leaf.charge += 1;
	assert_eq!(failures(&evidence, &chain()).len(), 3);
}

#[test]
fn a_call_whose_batch_is_not_posted_is_early_and_not_wrong() {
	let waiting = OnChain { batch: None, next_sequence: Some(9), ..chain() };
	assert!(evidence().is_early(&waiting));
	assert!(!evidence().is_early(&OnChain { next_sequence: Some(10), ..waiting.clone() }));
	assert!(!evidence().is_early(&OnChain { next_sequence: None, ..waiting }));
	assert!(!evidence().is_early(&chain()));
}

#[test]
fn the_proof_of_another_call_is_none() {
	assert!(evidence().ensure_is_of(&leaf(2).call_id).is_ok());
	let error = evidence().ensure_is_of(&leaf(1).call_id).unwrap_err();
	assert!(error.to_string().contains("another call"), "{error}");
}
