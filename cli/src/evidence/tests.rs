use codec::Encode;
use lx_primitives::{
	call_log::{call_id, leaves_root},
	merkle_sum::root,
	Line, Price, Rates, Tier,
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
	vec![Line { account: leaf(1).account, total }]
}

fn evidence() -> Evidence {
	let proof = CallProof::new(&lines(), 0, &[leaf(1), leaf(2)], 1).unwrap();
	let hash = receipt_hash(&GENESIS, 4, &leaf(2));
	let signature = Some(relay().sign(hash.as_bytes()));
	let (genesis, contradictions) = (Some(GENESIS), Vec::new());
	Evidence { relay: 4, sequence: 9, proof, signature, genesis, contradictions }
}

fn chain() -> OnChain {
	let root = root(lines().iter().map(Line::node).collect()).unwrap();
	let rates = |rate| Rates::Tokens { input: rate, cached_input: rate, output: 2 * rate };
	let price = Price { list: rates(1_000_000), cost: rates(600_000), active_from: NOW };
	OnChain {
		genesis: GENESIS,
		batch: Some(Taken { hash: H256::repeat_byte(8), root, lines: 1, final_at: None }),
		price: Some(PriceSpan { price, replaced_at: None }),
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
	for part in ["one of the 2 calls", "is final", "0.000008 CRED is what version 1", "signed"] {
		assert!(told.contains(part), "{part} in {told}");
	}
}

#[test]
fn a_pending_batch_is_not_called_final() {
	let mut chain = chain();
	chain.batch = chain.batch.map(|batch| Taken { final_at: Some(NOW), ..batch });
	let checks = evidence().check(&chain);
	assert!(checks.iter().any(|check| check.holds && check.what.contains("waits")), "{checks:?}");
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
		(OnChain { relay_key: None, ..chain() }, "relay 4 has signed"),
	];
	for (chain, part) in cases {
		let failures = failures(&evidence(), &chain);
		assert!(matches!(&failures[..], [only] if only.contains(part)), "{part}: {failures:?}");
	}
}

#[test]
fn a_changed_charge_is_neither_in_the_batch_nor_priced_nor_signed() {
	let mut evidence = evidence();
	evidence.proof.leaf.charge += 1;
	assert_eq!(failures(&evidence, &chain()).len(), 3);
}

/// A receipt as relays write them.
fn receipt() -> Value {
	let (evidence, leaf) = (evidence(), leaf(2));
	let hex = |bytes: Vec<u8>| format!("0x{}", hex::encode(bytes));
	json!({
		"call_id": hex(leaf.call_id.to_vec()),
		"account": leaf.account.to_string(),
		"model": "model",
		"charge_ucred": 8,
		"relay": 4,
		"genesis": GENESIS,
		"metered": {
			"usage": { "input": 2, "cached_input": 0, "output": 3 },
			"estimated": false,
			"price_version": 1,
			"tier": "Lv1",
			"charge_ucred": 8,
			"cost_ucred": 5,
			"request_hash": leaf.request_hash,
			"response_hash": leaf.response_hash,
			"leaf": hex(leaf.encode()),
			"relay_signature": hex(evidence.signature.unwrap().0.to_vec()),
		},
		"batch": { "sequence": 9, "proof": { "proof": hex(evidence.proof.encode()) } },
	})
}

#[test]
fn what_a_receipt_says_in_words_is_what_it_proves() {
	assert_eq!(failures(&Evidence::read(&receipt()).unwrap(), &chain()), [""; 0]);
	let fields = [
		"/call_id",
		"/account",
		"/model",
		"/charge_ucred",
		"/genesis",
		"/metered/usage",
		"/metered/estimated",
		"/metered/price_version",
		"/metered/tier",
		"/metered/charge_ucred",
		"/metered/cost_ucred",
		"/metered/request_hash",
		"/metered/response_hash",
		"/metered/leaf",
	];
	for field in fields {
		let mut forged = receipt();
		let other = if field == "/genesis" { json!(H256::zero()) } else { json!("other") };
		*forged.pointer_mut(field).unwrap() = other;
		let failures = failures(&Evidence::read(&forged).unwrap(), &chain());
		assert!(matches!(&failures[..], [only] if only.ends_with(field)), "{field}: {failures:?}");
	}
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
fn receipts_and_proofs_are_read() {
	let evidence = evidence();
	let proof = format!("0x{}", hex::encode(evidence.proof.encode()));
	let signature = format!("0x{}", hex::encode(evidence.signature.unwrap()));
	let receipt = json!({
		"relay": 4,
		"metered": { "relay_signature": signature },
		"batch": { "sequence": 9, "proof": { "proof": proof } },
	});
	let read = Evidence::read(&receipt).unwrap();
	assert_eq!(read.proof, evidence.proof);
	assert_eq!((read.relay, read.sequence, read.signature), (4, 9, evidence.signature));
	let alone = json!({ "proof": proof, "batch": { "relay": 4, "sequence": 9 } });
	let read = Evidence::read(&alone).unwrap();
	assert_eq!((read.relay, read.sequence, read.signature), (4, 9, None));
}

#[test]
fn what_is_no_evidence_is_refused() {
	let pending = json!({ "relay": 4, "metered": {}, "batch": null });
	let cut = json!({ "proof": "0x01", "batch": { "relay": 4, "sequence": 9 } });
	for given in [json!({}), json!(null), pending, cut] {
		let error = Evidence::read(&given).unwrap_err().to_string();
		assert!(error.contains("neither a receipt nor a proof"), "{error}");
	}
}

#[test]
fn the_proof_of_another_call_is_none() {
	assert!(evidence().ensure_is_of(&leaf(2).call_id).is_ok());
	let error = evidence().ensure_is_of(&leaf(1).call_id).unwrap_err();
	assert!(error.to_string().contains("another call"), "{error}");
}
