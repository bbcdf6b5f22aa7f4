//! Proofs that a call is in a batch.

use codec::Encode;
use lx_primitives::{
	merkle_sum::{prove, Node},
	Line,
};
use serde_json::{json, Value};

use super::AccountLeaf;
use crate::ledger::{batches::StoredBatch, LedgerError};

/// The way from a leaf to the root of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
	/// The leaf's place among its account's.
	pub leaf_index: u32,
	/// How many leaves the account has in the batch.
	pub leaves: u32,
	/// Siblings from the leaf to the line's total.
	pub leaf_siblings: Vec<Node>,
	/// The line's place in the batch.
	pub line_index: u32,
	/// How many lines the batch has.
	pub lines: u32,
	/// Siblings from the line to the batch's root.
	pub line_siblings: Vec<Node>,
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
		let corrupt = || LedgerError::Corrupt("batch");
		let lines: Vec<Node> = batch.posting.batch.lines.iter().map(Line::node).collect();
		let nodes: Vec<Node> = leaves.iter().map(AccountLeaf::node).collect();
		Ok(Self {
			leaf_index: position,
			leaves: u32::try_from(nodes.len()).map_err(|_| corrupt())?,
			leaf_siblings: prove(nodes, position).ok_or_else(corrupt)?,
			line_index: line,
			lines: u32::try_from(lines.len()).map_err(|_| corrupt())?,
			line_siblings: prove(lines, line).ok_or_else(corrupt)?,
			root: batch.posting.batch.root,
		})
	}

	/// As JSON; nodes are SCALE-encoded, in hexadecimal.
	pub fn to_json(&self) -> Value {
		let node = |node: &Node| format!("0x{}", hex::encode(node.encode()));
		json!({
			"leaf_index": self.leaf_index,
			"leaves": self.leaves,
			"leaf_siblings": self.leaf_siblings.iter().map(node).collect::<Vec<_>>(),
			"line_index": self.line_index,
			"lines": self.lines,
			"line_siblings": self.line_siblings.iter().map(node).collect::<Vec<_>>(),
			"root": node(&self.root),
		})
	}
}
