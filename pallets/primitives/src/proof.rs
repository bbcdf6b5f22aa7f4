//! What anybody can prove about a batch from a few hashes.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

use crate::{
	call_log::{leaves_root, Leaf, Line},
	merkle_sum::{prove, split, verify, Node},
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

impl<AccountId: Encode + Clone> LineProof<AccountId> {
	/// The place of line `index` of a batch with these lines; `None` if there is no such line.
	pub fn new(lines: &[Line<AccountId>], index: u32) -> Option<Self> {
		let siblings = prove(lines.iter().map(Line::node).collect(), index)?;
		let line = lines.get(usize::try_from(index).ok()?)?.clone();
		Some(Self { line, index, siblings: siblings.try_into().ok()? })
	}
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
	/// Its place in its line.
	pub index: u32,
	/// Siblings from the leaf to the line's total, lowest first.
	pub siblings: BoundedVec<Node, ConstU32<MAX_LEAF_DEPTH>>,
	/// The line that charges it.
	pub line: LineProof<AccountId>,
}

impl<AccountId: Encode + Clone> CallProof<AccountId> {
	/// The place of call `index` of the calls `leaves` that line number `line` of a batch with these
	/// lines charges; `None` if there is no such call or line.
	pub fn new(
		lines: &[Line<AccountId>],
		line: u32,
		leaves: &[Leaf<AccountId>],
		index: u32,
	) -> Option<Self> {
		let siblings = prove(leaves.iter().map(Leaf::node).collect(), index)?;
		let leaf = leaves.get(usize::try_from(index).ok()?)?.clone();
		let line = LineProof::new(lines, line)?;
		Some(Self { leaf, index, siblings: siblings.try_into().ok()?, line })
	}
}

impl<AccountId: Encode + PartialEq> CallProof<AccountId> {
	/// Whether the call is in the batch with this root and so many lines.
	pub fn is_in(&self, root: &Node, lines: u32) -> bool {
		let total = &self.line.line.total;
		self.line.line.is_of(&self.leaf)
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

impl<AccountId: Encode + PartialEq + Clone> SumProof<AccountId> {
	/// The proof that line `index` of a batch with these lines is not the sum of its calls `leaves`:
	/// one of them is of another account or paid in another way, or the line claims other sums than
	/// they have. `None` if none of that is so, or if the line does not commit to these calls.
	pub fn find(lines: &[Line<AccountId>], index: u32, leaves: &[Leaf<AccountId>]) -> Option<Self> {
		let line = LineProof::new(lines, index)?;
		let foreign = leaves.iter().position(|leaf| !line.line.is_of(leaf));
		let (steps, opening) = match foreign {
			Some(place) => (way_down(leaves, place)?, Opening::Leaf(leaves.get(place)?.clone())),
			None => (Vec::new(), opening_of(leaves)?),
		};
		let found = Self { line, steps: steps.try_into().ok()?, opening };
		(found.judge() == SumVerdict::Unsound).then_some(found)
	}
}

/// What the root of `leaves` commits to.
fn opening_of<AccountId: Encode + Clone>(leaves: &[Leaf<AccountId>]) -> Option<Opening<AccountId>> {
	match leaves {
		[only] => Some(Opening::Leaf(only.clone())),
		several => {
			let (left, right) = split(several)?;
			Some(Opening::Inner(leaves_root(left)?, leaves_root(right)?))
		},
	}
}

/// The steps from the root of `leaves` down to the one at `place`.
fn way_down<AccountId: Encode>(leaves: &[Leaf<AccountId>], place: usize) -> Option<Vec<Step>> {
	let (mut below, mut place) = (leaves, place);
	let mut steps = Vec::new();
	while let Some((left, right)) = split(below) {
		let beyond = place.checked_sub(left.len());
		let is_right = beyond.is_some();
		steps.push(Step { left: leaves_root(left)?, right: leaves_root(right)?, is_right });
		(below, place) = beyond.map_or((left, place), |beyond| (right, beyond));
	}
	Some(steps)
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
				let is_its = self.line.line.is_of(leaf);
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
