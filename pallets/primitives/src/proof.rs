//! What anybody can prove about a batch from a few hashes.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

use crate::{
	call_log::{Leaf, Line},
	merkle_sum::{verify, Node},
};

/// The most siblings between a leaf and its line: 2^16 calls.
pub const MAX_LEAF_DEPTH: u32 = 16;

/// The most siblings between a line and its batch's root: enough for
/// [`MAX_LINES`](crate::call_log::MAX_LINES).
pub const MAX_LINE_DEPTH: u32 = 10;

/// A line's place in a batch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct LineProof<AccountId> {
	/// The line.
	pub line: Line<AccountId>,
	/// Its place in the batch.
	pub index: u32,
	/// Siblings from the line to the batch's root, lowest first.
	pub siblings: BoundedVec<Node, ConstU32<MAX_LINE_DEPTH>>,
}

impl<AccountId: Encode> LineProof<AccountId> {
	/// Whether the line is in the batch with this root and so many lines.
	pub fn is_in(&self, root: &Node, lines: u32) -> bool {
		verify(&self.line.node(), self.index, lines, &self.siblings, root)
	}
}

/// A call's place in a batch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CallProof<AccountId> {
	/// The call.
	pub leaf: Leaf<AccountId>,
	/// Its place among its account's.
	pub index: u32,
	/// Siblings from the leaf to the line's total, lowest first.
	pub siblings: BoundedVec<Node, ConstU32<MAX_LEAF_DEPTH>>,
	/// The line that charges it.
	pub line: LineProof<AccountId>,
}

impl<AccountId: Encode + PartialEq> CallProof<AccountId> {
	/// Whether the call is in the batch with this root and so many lines.
	pub fn is_in(&self, root: &Node, lines: u32) -> bool {
		let total = &self.line.line.total;
		self.leaf.account == self.line.line.account
			&& verify(&self.leaf.node(), self.index, total.calls, &self.siblings, total)
			&& self.line.is_in(root, lines)
	}

	/// Where in its batch the call is: its line's place, and its own.
	pub fn place(&self) -> (u32, u32) {
		(self.line.index, self.index)
	}
}

/// What a node's hash turns out to commit to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Opening<AccountId> {
	/// Two nodes below it.
	#[codec(index = 0)]
	Inner(Node, Node),
	/// A call.
	#[codec(index = 1)]
	Leaf(Leaf<AccountId>),
}

/// A step from a node to one below it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Step {
	/// The node on the left.
	pub left: Node,
	/// The node on the right.
	pub right: Node,
	/// Whether the way goes on to the right.
	pub is_right: bool,
}

/// The way from a line to a node that is not the sum of what its hash commits to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SumProof<AccountId> {
	/// The line.
	pub line: LineProof<AccountId>,
	/// From the line's total down.
	pub steps: BoundedVec<Step, ConstU32<MAX_LEAF_DEPTH>>,
	/// What the last node's hash commits to.
	pub opening: Opening<AccountId>,
}

/// What a [`SumProof`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumVerdict {
	/// It does not fit the line's hashes: it shows nothing.
	Unfounded,
	/// All nodes on the way are the sums of what is below them.
	Sound,
	/// A node is not: the line charges something else than its calls.
	Unsound,
}

impl<AccountId: Encode + PartialEq> SumProof<AccountId> {
	/// Follows the way down from the line, which is taken to be in the batch.
	pub fn judge(&self) -> SumVerdict {
		let mut node = self.line.line.total;
		let mut is_sound = true;
		for Step { left, right, is_right } in &self.steps {
			if !node.is_above(left, right) {
				return SumVerdict::Unfounded;
			}
			is_sound &= node.is_sound_above(left, right);
			node = if *is_right { *right } else { *left };
		}
		match self.judge_opening(&node) {
			SumVerdict::Sound if !is_sound => SumVerdict::Unsound,
			verdict => verdict,
		}
	}

	fn judge_opening(&self, node: &Node) -> SumVerdict {
		let (is_founded, is_sound) = match &self.opening {
			Opening::Inner(left, right) => {
				(node.is_above(left, right), node.is_sound_above(left, right))
			},
			Opening::Leaf(leaf) => {
				let entry = leaf.node();
				let is_its = leaf.account == self.line.line.account;
				(entry.hash == node.hash, entry == *node && is_its)
			},
		};
		match (is_founded, is_sound) {
			(false, _) => SumVerdict::Unfounded,
			(true, false) => SumVerdict::Unsound,
			(true, true) => SumVerdict::Sound,
		}
	}
}

#[cfg(test)]
mod tests;
