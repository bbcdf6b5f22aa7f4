//! Receipts and proofs as relays write them, and how they are read.

use codec::Encode;
use oracle_relay::attest::proof::Proof;

use super::*;

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// The proof of the call as relays write it.
fn shown() -> Value {
	Proof { call: evidence().proof, lines: 1, root: header().root }.to_json()
}

/// A receipt as relays write them.
pub(super) fn receipt() -> Value {
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
			"payment": "purse",
			"quota": null,
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
pub(super) fn proof() -> Value {
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
