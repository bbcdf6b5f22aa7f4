use codec::Encode;
use lx_primitives::{
	call_log::{call_id, leaves_root},
	merkle_sum::root,
	FormerTier, Header, Line, Price, Rates, Tier, TIER_MEMORY,
};
use oracle_relay::attest::proof::Proof;

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

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// The proof of the call as relays write it.
fn shown() -> Value {
	Proof { call: evidence().proof, lines: 1, root: header().root }.to_json()
}

/// A receipt as relays write them.
fn receipt() -> Value {
	let (evidence, leaf) = (evidence(), leaf(2));
	json!({
		"object": "lx.receipt",
		"call_id": hex(leaf.call_id),
		"state": "FINAL",
		"account": leaf.account.to_string(),
		"model": "model",
		"created_at_ms": NOW,
		"reserved_ucred": 99,
		"charge_ucred": 8,
		"void_reason": null,
		"relay": 4,
		"genesis": GENESIS,
		"metered": {
			"usage": { "input": 2, "cached_input": 0, "output": 3 },
			"estimated": false,
			"price_version": 1,
			"tier": "Lv1",
			"charge_ucred": 8,
			"cost_ucred": 5,
			"salt": hex([6u8; 32]),
			"request_hash": leaf.request_hash,
			"response_hash": leaf.response_hash,
			"leaf": hex(leaf.encode()),
			"relay_signature": hex(evidence.signature.unwrap()),
		},
		"batch": { "sequence": 9, "hash": batch_hash(), "proof": shown() },
	})
}

/// A proof as relays write them.
fn proof() -> Value {
	let mut proof = shown();
	proof["object"] = "lx.proof".into();
	proof["call_id"] = hex(leaf(2).call_id).into();
	proof["batch"] = json!({
		"object": "lx.batch", "relay": 4, "sequence": 9, "hash": batch_hash(),
		"previous": H256::zero(), "time_ms": NOW, "oldest_ms": NOW, "state": "POSTED", "charge_ucred": 16,
		"cost_ucred": 10, "calls": 2, "line_count": 1, "header": hex(header().encode()),
		"relay_signature": hex(relay().sign(batch_hash().as_bytes())), "signatures": [],
		"posted_in": 3,
	});
	proof
}

/// Fails unless each of these fields of what was given is refused when it says something else.
fn assert_each_counts(given: &Value, fields: &[&str]) {
	assert_eq!(failures(&Evidence::read(given).unwrap(), &chain()), [""; 0]);
	for field in fields {
		let mut forged = given.clone();
		*forged.pointer_mut(field).unwrap() = json!("other");
		let failures = failures(&Evidence::read(&forged).unwrap(), &chain());
		assert!(matches!(&failures[..], [only] if only.ends_with(field)), "{field}: {failures:?}");
	}
}

#[test]
fn what_a_receipt_says_in_words_is_what_it_proves() {
	let fields = [
		"/object",
		"/call_id",
		"/state",
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
		"/batch/hash",
		"/batch/proof/leaf_index",
		"/batch/proof/leaves",
		"/batch/proof/leaf_siblings",
		"/batch/proof/line_index",
		"/batch/proof/lines",
		"/batch/proof/line_siblings",
		"/batch/proof/root",
	];
	assert_each_counts(&receipt(), &fields);
}

#[test]
fn what_a_proof_says_in_words_is_what_it_proves() {
	let fields = [
		"/object",
		"/call_id",
		"/leaf_index",
		"/leaves",
		"/lines",
		"/root",
		"/batch/object",
		"/batch/hash",
		"/batch/previous",
		"/batch/time_ms",
		"/batch/oldest_ms",
		"/batch/state",
		"/batch/header",
		"/batch/relay_signature",
		"/batch/charge_ucred",
		"/batch/cost_ucred",
		"/batch/calls",
		"/batch/line_count",
	];
	assert_each_counts(&proof(), &fields);
}

#[test]
fn a_state_holds_as_long_as_the_chain_may_have_come_to_it_since() {
	let mut pending = chain();
	pending.batch = pending.batch.map(|batch| Taken { final_at: Some(NOW), ..batch });
	for (state, before, after) in [
		("BATCHED", true, true),
		("FINAL", false, true),
		("VOID", false, false),
		("USAGE_FINAL", false, false),
	] {
		let mut receipt = receipt();
		receipt["state"] = state.into();
		let evidence = Evidence::read(&receipt).unwrap();
		let holds = |chain: &OnChain| failures(&evidence, chain).is_empty();
		assert_eq!((holds(&pending), holds(&chain())), (before, after), "{state}");
	}
}

/// What is named of what was given as not proven.
fn named(given: &Value) -> Vec<String> {
	Evidence::read(given).unwrap().unproven(&chain())
}

#[test]
fn what_nothing_proves_is_named() {
	assert_eq!(named(&receipt()), ["/created_at_ms", "/metered/salt", "/reserved_ucred"]);
	assert_eq!(named(&proof()), ["/batch/posted_in", "/batch/signatures"]);
	let mut headless = proof();
	headless["batch"]["header"] = Value::Null;
	let of_batch = ["oldest_ms", "posted_in", "previous", "signatures", "time_ms"];
	assert_eq!(named(&headless), of_batch.map(|field| format!("/batch/{field}")));
	let mut forged = receipt();
	for field in named(&receipt()) {
		*forged.pointer_mut(&field).unwrap() = json!("other");
	}
	assert_eq!(failures(&Evidence::read(&forged).unwrap(), &chain()), [""; 0]);
}

#[test]
fn what_relays_do_not_write_is_named_too() {
	for (within, name, value, path) in [
		("/metered", "model", json!("better"), "/metered/model"),
		("/batch/proof", "calls", json!(1), "/batch/proof/calls"),
		("/batch", "paid", json!({ "by": { "nobody": true } }), "/batch/paid/by/nobody"),
		("", "notes", json!(["free"]), "/notes"),
		// Names that look like a field that is checked, or like what this program says.
		("", "metered/tier", json!("Whale"), "/metered~1tier"),
		("", "a\n  proven: b", json!(1), "/a\\n  proven: b"),
	] {
		let mut forged = receipt();
		forged.pointer_mut(within).unwrap()[name] = value;
		let mut told = named(&forged);
		told.retain(|field| !named(&receipt()).contains(field));
		assert_eq!(told, [path]);
	}
}

#[test]
fn another_relay_is_refused_also_where_relays_do_not_name_it() {
	let mut receipt = receipt();
	receipt["batch"]["relay"] = json!(5);
	let mut proof = proof();
	proof["relay"] = json!(5);
	for (forged, field) in [(receipt, "/batch/relay"), (proof, "/relay")] {
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
	let file = receipt();
	let read = Evidence::read(&file).unwrap();
	assert_eq!(read.proof, evidence.proof);
	assert_eq!((read.relay, read.sequence), (4, 9));
	// No two signatures are alike.
	assert_eq!(read.signature.map(hex).unwrap(), file["metered"]["relay_signature"]);
	let read = Evidence::read(&proof()).unwrap();
	assert_eq!(read.proof, evidence.proof);
	assert_eq!((read.relay, read.sequence, read.signature), (4, 9, None));
}

#[test]
fn what_is_no_evidence_is_refused_with_what_it_is() {
	let of = |state: &str| json!({ "object": "lx.receipt", "state": state, "batch": null });
	let cut = json!({ "proof": "0x01", "batch": { "relay": 4, "sequence": 9 } });
	for (given, part) in [
		(json!({}), "neither a receipt nor a proof"),
		(json!(null), "neither a receipt nor a proof"),
		(json!([{ "state": "VOID" }]), "neither a receipt nor a proof"),
		(cut, "neither a receipt nor a proof"),
		(of("USAGE_FINAL"), "in no batch yet"),
		(of("VOID"), "the call is void"),
	] {
		let error = Evidence::read(&given).unwrap_err().to_string();
		assert!(error.contains(part), "{error}");
		assert!(!error.contains("a few seconds") || part == "in no batch yet", "{error}");
	}
}

#[test]
fn the_proof_of_another_call_is_none() {
	assert!(evidence().ensure_is_of(&leaf(2).call_id).is_ok());
	let error = evidence().ensure_is_of(&leaf(1).call_id).unwrap_err();
	assert!(error.to_string().contains("another call"), "{error}");
}

#[test]
fn a_receipt_of_a_replaced_batch_is_told_from_a_lie() {
	let mut given = receipt();
	given["state"] = json!("BATCHED");
	let read = |given: &Value| Evidence::read(given).unwrap();
	assert!(!read(&given).is_replaced(&chain()), "the chain has this batch");
	let other = |mut chain: OnChain| {
		let hash = H256::repeat_byte(5);
		chain.batch = chain.batch.map(|batch| Taken { hash, ..batch });
		chain
	};
	assert!(read(&given).is_replaced(&other(chain())));
	assert!(!read(&given).is_replaced(&OnChain { batch: None, ..chain() }));
	let unsigned = OnChain { relay_key: None, ..other(chain()) };
	assert!(!read(&given).is_replaced(&unsigned), "the relay has not signed this");
	assert!(!read(&given).is_replaced(&OnChain { price: None, ..other(chain()) }));
	given["charge_ucred"] = json!(9);
	assert!(!read(&given).is_replaced(&other(chain())), "it says another charge than its leaf");
	assert!(!read(&receipt()).is_replaced(&other(chain())), "it says that this batch was final");
}
