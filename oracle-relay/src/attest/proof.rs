//! Proofs that a call is in a batch.

use codec::Encode;
use lx_primitives::{merkle_sum::Node, proof::CallProof};
use serde_json::{json, Value};
use sp_core::crypto::AccountId32;

use super::AccountLeaf;
use crate::ledger::{batches::StoredBatch, LedgerError};

/// The way from a call to the root of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
	/// The proof, as the chain takes it.
	pub call: CallProof<AccountId32>,
	/// How many lines the batch has.
	pub lines: usize,
	/// The batch's root.
	pub root: Node,
}

impl Proof {
	/// Proves leaf `position` of `line`, whose leaves are `leaves`.
	pub fn new(
		batch: &StoredBatch,
		line: u32,
		position: u32,
		leaves: &[AccountLeaf],
	) -> Result<Self, LedgerError> {
		let lines = &batch.batch.lines;
		let call = CallProof::new(lines, line, leaves, position);
		let call = call.ok_or(LedgerError::Corrupt("batch"))?;
		Ok(Self { call, lines: lines.len(), root: batch.batch.header.root })
	}

	/// As JSON; nodes, and the whole, are SCALE-encoded, in hexadecimal.
	pub fn to_json(&self) -> Value {
		let text = |value: &[u8]| format!("0x{}", hex::encode(value));
		let nodes = |nodes: &[Node]| nodes.iter().map(|n| text(&n.encode())).collect::<Vec<_>>();
		let CallProof { index, siblings, line, .. } = &self.call;
		json!({
			"proof": text(&self.call.encode()),
			"leaf_index": index,
			"leaves": line.line.total.calls,
			"leaf_siblings": nodes(siblings),
			"line_index": line.index,
			"lines": self.lines,
			"line_siblings": nodes(&line.siblings),
			"root": text(&self.root.encode()),
		})
	}
}
