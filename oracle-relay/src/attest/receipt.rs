//! Receipts: what a payer can hold a relay to.

use codec::Encode;
use lx_primitives::{units::Credits, Payment, Tier, Usage};
use serde_json::{json, Value};
use sp_core::H256;

use super::{proof::Proof, AccountLeaf, RelaySigner};
use crate::ledger::{batches::StoredBatch, calls::Call};

/// The receipt of a call. `batch` is the batch that holds it, with the proof of it.
pub fn receipt(
	signer: &RelaySigner,
	genesis: &H256,
	call: &Call,
	batch: Option<(&StoredBatch, Proof)>,
) -> Value {
	json!({
		"object": "lx.receipt",
		"call_id": text(call.call_id),
		"state": call.state,
		"account": call.account.to_string(),
		"model": call.model,
		"created_at_ms": call.created_at,
		"reserved_ucred": ucred(call.reserved),
		"charge_ucred": call.leaf.as_ref().map_or(0, |leaf| ucred(leaf.charge)),
		"void_reason": call.reason,
		"relay": signer.id(),
		"genesis": genesis,
		"metered": call.leaf.as_ref().map(|leaf| metered(signer, genesis, call, leaf)),
		"batch": batch.map(|(batch, proof)| json!({
			"sequence": batch.sequence,
			"hash": batch.hash,
			"proof": proof.to_json(),
		})),
	})
}

fn metered(signer: &RelaySigner, genesis: &H256, call: &Call, leaf: &AccountLeaf) -> Value {
	json!({
		"usage": usage(&leaf.usage),
		"estimated": leaf.estimated,
		"price_version": leaf.price_version,
		"tier": tier(leaf.tier),
		"payment": payment(leaf.payment),
		"quota": leaf.payment.quota(),
		"charge_ucred": ucred(leaf.charge),
		"cost_ucred": ucred(leaf.cost),
		"salt": text(call.salt),
		"request_hash": leaf.request_hash,
		"response_hash": leaf.response_hash,
		"leaf": text(leaf.encode()),
		"relay_signature": text(signer.sign_receipt(genesis, leaf).0),
	})
}

/// Bytes as they are written everywhere.
pub fn text(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// µCRED as a JSON number. The ledger holds no amount that does not fit.
pub fn ucred(amount: Credits) -> u64 {
	u64::try_from(amount).unwrap_or(u64::MAX)
}

/// Usage as JSON.
pub fn usage(usage: &Usage) -> Value {
	match usage {
		Usage::Tokens { input, cached_input, output } => {
			json!({"input": input, "cached_input": cached_input, "output": output})
		},
		Usage::Units(units) => json!({"units": units}),
	}
}

/// The name of a way of payment.
pub fn payment(payment: Payment) -> &'static str {
	match payment {
		Payment::Purse => "purse",
		Payment::Perk => "perk",
		Payment::Quota(_) => "quota",
	}
}

/// A tier's name.
pub fn tier(tier: Tier) -> &'static str {
	match tier {
		Tier::Lv1 => "Lv1",
		Tier::Lv2 => "Lv2",
		Tier::Lv3 => "Lv3",
		Tier::Lv4 => "Lv4",
		Tier::Whale => "Whale",
	}
}
