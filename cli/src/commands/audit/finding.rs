//! What was found of a batch, and how it is told.

use std::collections::BTreeSet;

use lx_primitives::RelayId;
use pallet_compute::Fraud;
use serde_json::{json, Value};
use sp_core::crypto::AccountId32;

use crate::{
	amount::Unit,
	audit::{is_hidden, Wrong},
	chain::compute::Taken,
	output::{count, Reply},
};

/// What was found of a batch.
pub struct Finding {
	/// The batch's place.
	pub sequence: u64,
	/// What the chain has of it.
	pub taken: Taken,
	/// What is wrong with it.
	pub wrong: Vec<Wrong>,
	/// Later batches that have a call of it too, which are wrong.
	pub later: BTreeSet<u64>,
}

impl Finding {
	/// Whether it may yet be challenged.
	pub fn is_pending(&self) -> bool {
		self.taken.final_at.is_some()
	}

	/// Whether another look may prove that it is wrong, since the relay hides something now.
	pub fn is_hidden(&self) -> bool {
		is_hidden(&self.wrong)
	}

	/// The proof of what is wrong, unless it comes too late for a challenge.
	pub fn proof(&self) -> Option<&Fraud<AccountId32>> {
		self.taken.final_at?;
		self.wrong.iter().find_map(|wrong| match wrong {
			Wrong::Proven { fraud, .. } => Some(&**fraud),
			_ => None,
		})
	}

	/// What is said of it.
	pub fn reply(&self, relay: RelayId) -> Reply {
		let Self { sequence, taken, wrong, .. } = self;
		let (calls, charge) = (taken.root.calls, Unit::Cred.of(taken.root.charge));
		let counted = count(calls, "call", "calls");
		let stage = if self.is_pending() { "pending" } else { "final" };
		let mut text = format!("batch {sequence}: {counted}, {charge}, {stage}");
		if wrong.is_empty() {
			text += ": as it should be";
		}
		for wrong in wrong {
			text += &format!("\n  {}", tell(wrong));
		}
		let wrong: Vec<Value> = wrong.iter().map(|wrong| json!(tell(wrong))).collect();
		let hash = format!("{:?}", taken.hash);
		let told = json!({
			"relay": relay, "sequence": sequence, "hash": hash, "calls": calls, "charge": charge,
			"state": stage, "wrong": wrong,
		});
		Reply::new(text, told)
	}
}

fn tell(wrong: &Wrong) -> String {
	match wrong {
		Wrong::Hidden(what) => format!("hidden: {what}"),
		Wrong::Found { what, .. } => format!("wrong: {what}"),
		Wrong::Proven { what, .. } => format!("proven: {what}"),
	}
}
