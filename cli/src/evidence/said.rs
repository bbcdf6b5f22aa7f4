//! What a receipt says in words. Only the call in its proof is checked against the chain, so whatever it
//! says beside that has to say the same, or is not proven.

use codec::{DecodeAll, Encode};
use lx_primitives::{proof::CallProof, Header, Leaf};
use oracle_relay::attest::{
	proof::Proof,
	receipt::{text, tier, ucred, usage},
};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use super::{bytes, OnChain};
use crate::chain::compute::Taken;

/// What a receipt or a proof says of which the chain knows nothing, and that no signature covers.
const UNPROVEN: [&str; 6] = [
	"/created_at_ms",
	"/reserved_ucred",
	"/void_reason",
	"/metered/salt",
	"/batch/signatures",
	"/batch/posted_in",
];

/// What a proof says of its batch in words, and the batch's hash proves through the header.
const OF_HEADER: [&str; 3] = ["/batch/previous", "/batch/time_ms", "/batch/oldest_ms"];

const HEADER: &str = "/batch/header";
const RELAY_SIGNATURE: &str = "/batch/relay_signature";

/// The fields of a receipt or a proof that say something else than the call that it proves, or than what
/// the chain knows of its batch.
pub(super) fn contradictions(
	given: &Value,
	proof: &CallProof<AccountId32>,
	chain: &OnChain,
) -> Vec<String> {
	let mut known = of_call(&proof.leaf);
	known.push(("/genesis".into(), json!(chain.genesis)));
	let mut wrong = Vec::new();
	if let Some(batch) = &chain.batch {
		known.extend(of_batch(proof, batch));
		let is_impossible =
			|path: &&str| said(given, path).is_some_and(|state| !is_possible(state, batch));
		wrong
			.extend(["/state", "/batch/state"].into_iter().filter(is_impossible).map(String::from));
		match said(given, HEADER).map(|text| header(text, &chain.genesis, &batch.hash)) {
			Some(Some(header)) => known.extend(of_header(&header)),
			Some(None) => wrong.push(HEADER.into()),
			None => {},
		}
		let is_forged = |text: &Value| !is_signed(text, &batch.hash, chain.relay_key.as_ref());
		if said(given, RELAY_SIGNATURE).is_some_and(is_forged) {
			wrong.push(RELAY_SIGNATURE.into());
		}
	}
	let is_other =
		|(path, value): &(String, Value)| said(given, path).is_some_and(|said| said != value);
	wrong.extend(known.into_iter().filter(is_other).map(|(path, _)| path));
	wrong
}

/// What a receipt or a proof says and nothing proves.
pub(super) fn unproven(given: &Value) -> Vec<&'static str> {
	let of_header: &[&'static str] = match said(given, HEADER) {
		Some(_) => &[],
		None => &OF_HEADER,
	};
	let fields = UNPROVEN.iter().chain(of_header).copied();
	fields.filter(|path| said(given, path).is_some()).collect()
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
