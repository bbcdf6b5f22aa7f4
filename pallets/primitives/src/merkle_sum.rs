//! A Merkle tree whose every node also carries sums.
//!
//! A proof therefore shows not only that an entry is in the log but that the totals of the log
//! include it. Entries and inner nodes are hashed under different domains, so an inner node can
//! never pass for an entry; sums are unsigned and added with checks, so no entry can lower a total;
//! an odd node moves up unchanged, so no two lists share a root by duplicating their last entry.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_io::hashing::blake2_256;

use crate::{launch::Units, units::Credits};

/// What is hashed, so that a value of one kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Domain {
	/// A metered call.
	Leaf = 0,
	/// Two nodes joined.
	Inner = 1,
	/// An account's line of a batch.
	Line = 2,
}

/// A node: the hash of what is below it and the sums of it.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Node {
	/// Commits to everything below.
	pub hash: H256,
	/// µCRED charged to users.
	pub charge: Credits,
	/// µCRED owed to the providers.
	pub cost: Credits,
	/// Metered calls below.
	pub calls: u32,
	/// Units of quotas that they use.
	pub units: Units,
}

impl Node {
	/// The node of one entry.
	pub fn entry(
		domain: Domain,
		entry: &impl Encode,
		charge: Credits,
		cost: Credits,
		calls: u32,
		units: Units,
	) -> Self {
		Self { hash: hash(domain, entry), charge, cost, calls, units }
	}

	/// Whether `left` and `right` are what this node's hash commits to as the nodes below it.
	pub fn is_above(&self, left: &Self, right: &Self) -> bool {
		self.hash == hash(Domain::Inner, &(left, right))
	}

	/// Whether this node can stand above `left` and `right` in a tree in which every entry stands for
	/// one call: its sums are theirs, neither is empty, and the calls are divided as in every tree of
	/// so many.
	pub fn is_sound_above(&self, left: &Self, right: &Self) -> bool {
		Self::join(left, right).as_ref() == Some(self)
			&& left.calls > 0
			&& right.calls > 0
			&& left.calls == left_calls(self.calls)
	}

	/// The node above `left` and `right`; `None` if a sum overflows.
	pub fn join(left: &Self, right: &Self) -> Option<Self> {
		Some(Self {
			hash: hash(Domain::Inner, &(left, right)),
			charge: left.charge.checked_add(right.charge)?,
			cost: left.cost.checked_add(right.cost)?,
			calls: left.calls.checked_add(right.calls)?,
			units: left.units.checked_add(right.units)?,
		})
	}
}

fn hash(domain: Domain, value: &impl Encode) -> H256 {
	let mut bytes = Vec::with_capacity(1usize.saturating_add(value.size_hint()));
	bytes.push(domain as u8);
	value.encode_to(&mut bytes);
	H256(blake2_256(&bytes))
}

/// How many of a node's calls are on its left: the largest power of two below them all.
fn left_calls(calls: u32) -> u32 {
	calls.saturating_sub(1).checked_ilog2().map_or(0, |power| 1 << power)
}

/// The entries on the left and on the right below the root of `entries`; `None` if there are fewer
/// than two.
pub fn split<T>(entries: &[T]) -> Option<(&[T], &[T])> {
	let left = left_calls(u32::try_from(entries.len()).ok()?);
	entries.split_at_checked(usize::try_from(left).ok()?).filter(|(left, _)| !left.is_empty())
}

/// The root of `nodes`; `None` if there are none or a sum overflows.
pub fn root(nodes: Vec<Node>) -> Option<Node> {
	let mut level = nodes;
	while level.len() > 1 {
		level = parents(&level)?;
	}
	level.first().copied()
}

fn parents(level: &[Node]) -> Option<Vec<Node>> {
	level
		.chunks(2)
		.map(|pair| match pair {
			[left, right] => Node::join(left, right),
			[odd] => Some(*odd),
			_ => None,
		})
		.collect()
}

/// The siblings of entry `index`, lowest first; `None` if there is no such entry or a sum
/// overflows.
pub fn prove(nodes: Vec<Node>, index: u32) -> Option<Vec<Node>> {
	let mut position = usize::try_from(index).ok()?;
	if position >= nodes.len() {
		return None;
	}
	let mut level = nodes;
	let mut siblings = Vec::new();
	while level.len() > 1 {
		if let Some(sibling) = level.get(position ^ 1) {
			siblings.push(*sibling);
		}
		level = parents(&level)?;
		position >>= 1;
	}
	Some(siblings)
}

/// Whether `node` is entry `index` of the `count` entries below `root`.
///
/// The shape of the tree follows from `count`, so a proof that is too short, too long or for
/// another index fails.
pub fn verify(node: &Node, index: u32, count: u32, siblings: &[Node], root: &Node) -> bool {
	climb(node, index, count, siblings).as_ref() == Some(root)
}

fn climb(node: &Node, index: u32, count: u32, siblings: &[Node]) -> Option<Node> {
	if index >= count {
		return None;
	}
	let mut climber = *node;
	let (mut position, mut width) = (index, count);
	let mut remaining = siblings.iter();
	while width > 1 {
		let is_right = position & 1 == 1;
		// The last node of an odd level has no sibling and moves up as it is.
		if is_right || position.checked_add(1)? < width {
			let sibling = remaining.next()?;
			climber = if is_right {
				Node::join(sibling, &climber)?
			} else {
				Node::join(&climber, sibling)?
			};
		}
		position >>= 1;
		width = width.div_ceil(2);
	}
	remaining.next().is_none().then_some(climber)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn nodes(count: u32) -> Vec<Node> {
		let node = |i: u32| Node::entry(Domain::Leaf, &i, i.into(), 1, 1, Units::from(i) * 3);
		(0..count).map(node).collect()
	}

	#[test]
	fn an_empty_log_has_no_root() {
		assert_eq!(root(Vec::new()), None);
	}

	#[test]
	fn entries_are_split_as_the_root_has_them() {
		for count in 2..40 {
			let all = nodes(count);
			let (left, right) = split(&all).unwrap();
			let (left, right) = (root(left.to_vec()).unwrap(), root(right.to_vec()).unwrap());
			assert_eq!(Node::join(&left, &right), root(all), "{count}");
		}
		assert!(split(&nodes(1)).is_none() && split(&nodes(0)).is_none());
	}

	#[test]
	fn a_sum_that_overflows_has_no_root() {
		let one = Node::entry(Domain::Leaf, &0u8, 1, 0, 1, 1);
		let dear = Node::entry(Domain::Leaf, &1u8, u128::MAX, 0, 1, 0);
		let long = Node::entry(Domain::Leaf, &2u8, 0, 0, 1, Units::MAX);
		for huge in [dear, long] {
			assert_eq!(root(alloc::vec![huge, one]), None);
			assert_eq!(root(alloc::vec![huge]), Some(huge));
		}
	}

	#[test]
	fn an_inner_node_does_not_pass_for_an_entry() {
		let four = nodes(4);
		let top = root(four.clone()).unwrap();
		let left = Node::join(&four[0], &four[1]).unwrap();
		let right = Node::join(&four[2], &four[3]).unwrap();
		// As entry 0 of a two-entry log the proof would hold; the log has four.
		assert!(!verify(&left, 0, 4, &[right], &top));
		assert_ne!(Node::entry(Domain::Leaf, &(four[0], four[1]), 1, 2, 2, 0).hash, left.hash);
	}

	#[test]
	fn repeating_the_last_entry_changes_the_root() {
		let three = nodes(3);
		let mut four = three.clone();
		four.push(three[2]);
		assert_ne!(root(three), root(four));
	}

	/// Checks the node above `entries`, and every node below it.
	fn assert_sound(entries: &[Node]) {
		let top = root(entries.to_vec()).unwrap();
		if entries.len() == 1 {
			return;
		}
		let (low, high) = entries.split_at(left_calls(top.calls) as usize);
		let (left, right) = (root(low.to_vec()).unwrap(), root(high.to_vec()).unwrap());
		assert!(top.is_above(&left, &right) && top.is_sound_above(&left, &right));
		assert_sound(low);
		assert_sound(high);
	}

	#[test]
	fn an_honest_tree_is_sound_at_every_node() {
		for count in 1..130 {
			assert_sound(&nodes(count));
		}
	}

	#[test]
	fn a_node_with_other_sums_or_another_shape_is_not_sound() {
		let [a, b, c, d] = nodes(4).try_into().unwrap();
		let (left, right) = (Node::join(&a, &b).unwrap(), Node::join(&c, &d).unwrap());
		let top = Node::join(&left, &right).unwrap();
		assert!(top.is_sound_above(&left, &right));
		for wrong in [
			Node { charge: top.charge + 1, ..top },
			Node { cost: top.cost - 1, ..top },
			Node { units: top.units + 1, ..top },
			Node { units: top.units - 1, ..top },
			Node { calls: top.calls + 1, ..top },
			Node { calls: 1, ..top },
			Node { calls: 0, ..top },
		] {
			assert!(wrong.is_above(&left, &right), "the hash commits to the same two");
			assert!(!wrong.is_sound_above(&left, &right));
		}
		let three = Node::join(&left, &c).unwrap();
		let lopsided = Node::join(&three, &d).unwrap();
		assert!(!lopsided.is_sound_above(&three, &d));
		let empty = Node { calls: 0, ..a };
		let padded = Node::join(&b, &empty).unwrap();
		assert!(!padded.is_sound_above(&b, &empty));
		// A node of one call is an entry: it has nothing below it.
		let one = Node { calls: 1, ..b };
		let propped = Node::join(&empty, &one).unwrap();
		assert!(propped.is_above(&empty, &one) && !propped.is_sound_above(&empty, &one));
		let huge = Node { charge: u128::MAX, ..b };
		assert!(!Node { charge: 0, ..left }.is_sound_above(&huge, &b));
	}

	proptest! {
		#[test]
		fn every_entry_proves_itself_and_only_its_place(count in 1u32..70, pick in any::<u32>()) {
			let all = nodes(count);
			let index = pick % count;
			let top = root(all.clone()).unwrap();
			let proof = prove(all.clone(), index).unwrap();
			let node = all[index as usize];
			prop_assert!(verify(&node, index, count, &proof, &top));
			for other in (0..count).filter(|other| *other != index) {
				prop_assert!(!verify(&node, other, count, &proof, &top));
			}
			let mut longer = proof.clone();
			longer.push(node);
			prop_assert!(!verify(&node, index, count, &longer, &top));
			if let Some((_, shorter)) = proof.split_last() {
				prop_assert!(!verify(&node, index, count, shorter, &top));
			}
			prop_assert_eq!(top.charge, all.iter().map(|n| n.charge).sum::<u128>());
			prop_assert_eq!(top.calls, count);
		}

		#[test]
		fn a_changed_sum_breaks_the_proof(count in 2u32..70, pick in any::<u32>(), extra in 1u128..1000) {
			let all = nodes(count);
			let index = pick % count;
			let top = root(all.clone()).unwrap();
			let proof = prove(all.clone(), index).unwrap();
			let mut node = all[index as usize];
			node.charge += extra;
			prop_assert!(!verify(&node, index, count, &proof, &top));
			let mut cheaper = top;
			cheaper.charge += extra;
			prop_assert!(!verify(&all[index as usize], index, count, &proof, &cheaper));
		}
	}
}
