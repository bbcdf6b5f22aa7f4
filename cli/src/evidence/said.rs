//! What a receipt says in words. Only the call in its proof is checked against the chain, so whatever it
//! says beside that has to say the same, or is not proven.

use std::collections::BTreeSet;

use codec::{DecodeAll, Encode};
use lx_primitives::{proof::CallProof, Header, Leaf};
use oracle_relay::attest::{
	proof::Proof,
	receipt::{payment, text, tier, ucred, usage},
};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use super::{bytes, is_receipt, Evidence, OnChain};
use crate::chain::compute::Taken;

/// What a proof says of its batch in words, and the batch's hash proves through the header.
const OF_HEADER: [&str; 3] = ["/batch/previous", "/batch/time_ms", "/batch/oldest_ms"];

const STATES: [&str; 2] = ["/state", "/batch/state"];
const HEADER: &str = "/batch/header";
const RELAY_SIGNATURE: &str = "/batch/relay_signature";
/// This one is checked by itself.
const RECEIPT_SIGNATURE: &str = "/metered/relay_signature";

/// The fields of a receipt or a proof that say something else than the call that it proves, or than what
/// the chain knows of its batch.
pub(super) fn contradictions(evidence: &Evidence, chain: &OnChain) -> Vec<String> {
	let given = &evidence.given;
	let mut wrong = Vec::new();
	if let Some(batch) = &chain.batch {
		let is_impossible =
			|path: &&str| said(given, path).is_some_and(|state| !is_possible(state, batch));
		wrong.extend(STATES.into_iter().filter(is_impossible).map(String::from));
		let is_other = |text: &Value| header(text, &chain.genesis, &batch.hash).is_none();
		if said(given, HEADER).is_some_and(is_other) {
			wrong.push(HEADER.into());
		}
		let is_forged = |text: &Value| !is_signed(text, &batch.hash, chain.relay_key.as_ref());
		if said(given, RELAY_SIGNATURE).is_some_and(is_forged) {
			wrong.push(RELAY_SIGNATURE.into());
		}
	}
	let is_other =
		|(path, value): &(String, Value)| said(given, path).is_some_and(|said| said != value);
	wrong.extend(known(evidence, chain).into_iter().filter(is_other).map(|(path, _)| path));
	wrong
}

/// The fields of a receipt or a proof that are not checked: the chain knows nothing of them, and no
/// signature covers them.
pub(super) fn unproven(evidence: &Evidence, chain: &OnChain) -> Vec<String> {
	let known = known(evidence, chain).into_iter().map(|(path, _)| path);
	let checked = STATES.into_iter().chain([HEADER, RELAY_SIGNATURE, RECEIPT_SIGNATURE]);
	let checked: BTreeSet<String> = known.chain(checked.map(String::from)).collect();
	let mut unproven = Vec::new();
	collect_others(&evidence.given, "", &checked, &mut unproven);
	unproven
}

/// Collects the fields within the one at `path` that say something and are not `checked`.
fn collect_others(given: &Value, path: &str, checked: &BTreeSet<String>, others: &mut Vec<String>) {
	match given {
		_ if checked.contains(path) || given.is_null() => {},
		Value::Object(fields) => {
			for (name, value) in fields {
				// Written so that no name passes for a path, or for a line of this program's own.
				let name = name.replace('~', "~0").replace('/', "~1");
				let path = format!("{path}/{}", name.escape_debug());
				collect_others(value, &path, checked, others);
			}
		},
		_ => others.push(path.into()),
	}
}

/// What the fields of a receipt or a proof have to say, as far as that is known.
fn known(evidence: &Evidence, chain: &OnChain) -> Vec<(String, Value)> {
	let given = &evidence.given;
	let object = if is_receipt(given) { "lx.receipt" } else { "lx.proof" };
	let of_place = [
		("/object", json!(object)),
		("/batch/object", json!("lx.batch")),
		("/genesis", json!(chain.genesis)),
		("/relay", json!(evidence.relay)),
		("/batch/relay", json!(evidence.relay)),
		("/batch/sequence", json!(evidence.sequence)),
	];
	let mut known = of_call(&evidence.proof.leaf);
	known.extend(of_place.map(|(path, value)| (String::from(path), value)));
	if let Some(batch) = &chain.batch {
		known.extend(of_batch(&evidence.proof, batch));
		let decode = |text| header(text, &chain.genesis, &batch.hash);
		known.extend(said(given, HEADER).and_then(decode).iter().flat_map(of_header));
	}
	known
}

/// What is said in a field, if anything is.
fn said<'a>(given: &'a Value, path: &str) -> Option<&'a Value> {
	given.pointer(path).filter(|said| !said.is_null())
}

fn of_call(leaf: &Leaf<AccountId32>) -> Vec<(String, Value)> {
	[
		("/call_id", json!(text(leaf.call_id))),
		("/account", json!(leaf.account.to_string())),
		("/model", json!(String::from_utf8_lossy(&leaf.model))),
		("/charge_ucred", json!(ucred(leaf.charge))),
		("/metered/usage", usage(&leaf.usage)),
		("/metered/estimated", json!(leaf.estimated)),
		("/metered/price_version", json!(leaf.price_version)),
		("/metered/tier", json!(tier(leaf.tier))),
		("/metered/payment", json!(payment(leaf.payment))),
		("/metered/quota", json!(leaf.payment.quota())),
		("/metered/charge_ucred", json!(ucred(leaf.charge))),
		("/metered/cost_ucred", json!(ucred(leaf.cost))),
		("/metered/request_hash", json!(leaf.request_hash)),
		("/metered/response_hash", json!(leaf.response_hash)),
		("/metered/leaf", json!(text(leaf.encode()))),
	]
	.into_iter()
	.map(|(path, value)| (String::from(path), value))
	.collect()
}

/// A receipt holds the proof in its batch, a proof is it.
fn of_batch(proof: &CallProof<AccountId32>, batch: &Taken) -> Vec<(String, Value)> {
	let Taken { hash, root, lines, .. } = *batch;
	let mut known = vec![
		("/batch/hash".into(), json!(hash)),
		("/batch/calls".into(), json!(root.calls)),
		("/batch/charge_ucred".into(), json!(ucred(root.charge))),
		("/batch/cost_ucred".into(), json!(ucred(root.cost))),
		("/batch/line_count".into(), json!(lines)),
	];
	let lines = usize::try_from(lines).unwrap_or(usize::MAX);
	let shown = Proof { call: proof.clone(), lines, root }.to_json();
	for (field, value) in shown.as_object().into_iter().flatten() {
		known.push((format!("/{field}"), value.clone()));
		known.push((format!("/batch/proof/{field}"), value.clone()));
	}
	known
}

fn of_header(Header { previous, time, oldest, .. }: &Header) -> Vec<(String, Value)> {
	let values = [json!(previous), json!(time), json!(oldest)];
	OF_HEADER.into_iter().map(String::from).zip(values).collect()
}

/// The header that is written here, if the batch's hash is its.
fn header(text: &Value, genesis: &H256, hash: &H256) -> Option<Header> {
	let header = Header::decode_all(&mut &bytes(text)?[..]).ok()?;
	(header.hash(genesis) == *hash).then_some(header)
}

/// Whether the relay's signature over a batch's hash is written here.
fn is_signed(text: &Value, hash: &H256, key: Option<&sr25519::Public>) -> bool {
	let signature = bytes(text).and_then(|bytes| bytes.try_into().ok());
	let signature = signature.map(sr25519::Signature::from_raw);
	let verifies =
		|signature| key.is_some_and(|key| sr25519::Pair::verify(&signature, hash.as_bytes(), key));
	signature.is_some_and(verifies)
}

/// Whether a call or a batch may have been in this state when it was written down, if the chain has the
/// batch now. Whoever wrote it may not have known yet that the batch is posted, or final.
fn is_possible(state: &Value, batch: &Taken) -> bool {
	match state.as_str() {
		Some("BATCHED" | "OPEN" | "POSTED") => true,
		Some("FINAL") => batch.final_at.is_none(),
		_ => false,
	}
}
