//! What a receipt says in words. Only the call in its proof is checked against the chain, so whatever it
//! says beside that has to say the same.

use codec::Encode;
use lx_primitives::Leaf;
use oracle_relay::attest::receipt::{text, tier, ucred, usage};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, H256};

/// The fields of a receipt or a proof that say something else than the call that it proves.
pub(super) fn contradictions(given: &Value, leaf: &Leaf<AccountId32>) -> Vec<&'static str> {
	let proven = [
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
	];
	let is_other = |(path, value): &(&str, Value)| {
		given.pointer(path).is_some_and(|said| !said.is_null() && said != value)
	};
	proven.into_iter().filter(is_other).map(|(path, _)| path).collect()
}

/// The chain that a receipt says it is of.
pub(super) fn genesis(given: &Value) -> Option<H256> {
	given["genesis"].as_str()?.parse().ok()
}
