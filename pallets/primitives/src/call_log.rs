//! The call log: what a relay metered, and the batch by which it posts it to the chain.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_io::hashing::blake2_256;
use sp_runtime::BoundedVec;

use crate::{
	merkle_sum::{root, Domain, Node},
	pricing::{ModelId, Tier, Usage},
	proof::MAX_LEAF_DEPTH,
	units::{Credits, Moment},
};

/// Identifies a metered call; unique for ever at its relay. Its first 6 bytes are the call's time in
/// milliseconds since 1970, big-endian, so that a repeated id betrays itself by its age.
pub type CallId = [u8; 16];

/// Identifies a registered relay.
pub type RelayId = u32;

/// The most account lines that one batch may hold.
pub const MAX_LINES: u32 = 1_000;

/// The most calls that one batch may settle, so that every proof of one is short.
pub const MAX_CALLS: u32 = 1 << MAX_LEAF_DEPTH;

/// How long after its time the chain takes a batch, in ms. Once that is over, its relay may sign
/// another one for the same place.
pub const BATCH_LIFETIME: Moment = 60_000;

/// How old a call may be when it is posted, in ms. The chain remembers a batch for as long after its
/// challenge window, so that a call posted twice can be proven.
pub const MAX_CALL_AGE: Moment = 24 * 60 * 60 * 1_000;

/// The id of a call made at `time`, which 10 random bytes make unique.
pub fn call_id(time: Moment, random: [u8; 10]) -> CallId {
	let [.., a, b, c, d, e, f] = time.to_be_bytes();
	let [g, h, i, j, k, l, m, n, o, p] = random;
	[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// When the call with this id was made.
pub fn call_time(id: &CallId) -> Moment {
	let [a, b, c, d, e, f, ..] = *id;
	Moment::from_be_bytes([0, 0, a, b, c, d, e, f])
}

/// One metered call. It holds no prompt and no answer, only salted hashes of them.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Leaf<AccountId> {
	/// Identifies the call, and tells when it was made: the time of the finalised block at which it
	/// was priced.
	pub call_id: CallId,
	/// Who pays.
	pub account: AccountId,
	/// Hash of the API key that made it.
	pub key: H256,
	/// The model that served it.
	pub model: ModelId,
	/// What was used.
	pub usage: Usage,
	/// The version of the model's price that applies.
	pub price_version: u32,
	/// The payer's staking tier at the time of the call.
	pub tier: Tier,
	/// µCRED charged to the payer.
	pub charge: Credits,
	/// µCRED owed to the provider.
	pub cost: Credits,
	/// The usage was counted by the relay, because the provider reported none.
	pub estimated: bool,
	/// Blake2-256 of the salt and the request body.
	pub request_hash: H256,
	/// Blake2-256 of the salt and the delivered response body.
	pub response_hash: H256,
}

impl<AccountId: Encode> Leaf<AccountId> {
	/// The leaf as an entry of its account's tree.
	pub fn node(&self) -> Node {
		Node::entry(Domain::Leaf, self, self.charge, self.cost, 1)
	}
}

/// What a batch charges to one account: the root of the account's own tree of leaves.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Line<AccountId> {
	/// Who pays.
	pub account: AccountId,
	/// The root of the account's leaves, with their sums.
	pub total: Node,
}

impl<AccountId: Encode> Line<AccountId> {
	/// The line as an entry of the batch's tree.
	pub fn node(&self) -> Node {
		Node::entry(Domain::Line, self, self.total.charge, self.total.cost, self.total.calls)
	}
}

/// What a relay and the attestors sign: a batch without its lines, to which the root commits.
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
pub struct Header {
	/// The relay that served the calls.
	pub relay: RelayId,
	/// Contiguous from 0 for each relay.
	pub sequence: u64,
	/// The hash of the relay's batch before this one; zero for the first.
	pub previous: H256,
	/// The time of the finalised block at which the batch was composed. No call in it is younger,
	/// and the chain takes it until [`BATCH_LIFETIME`] later.
	pub time: Moment,
	/// No call in it is older. The chain takes it until [`MAX_CALL_AGE`] later.
	pub oldest: Moment,
	/// The Merkle-sum root over the lines.
	pub root: Node,
}

impl Header {
	/// What is signed: bound to the chain, the relay, the place in the relay's log, and through the
	/// root to every line and leaf.
	pub fn hash(&self, genesis: &H256) -> H256 {
		H256((b"lx/batch", genesis, self).using_encoded(blake2_256))
	}

	/// Whether nobody may sign both: the chain could take either for the same place.
	pub fn conflicts_with(&self, other: &Self) -> bool {
		self.relay == other.relay
			&& self.sequence == other.sequence
			&& self != other
			&& self.time.abs_diff(other.time) <= BATCH_LIFETIME
	}

	/// Whether a call of this batch may have this id.
	pub fn spans(&self, call: &CallId) -> bool {
		(self.oldest..=self.time).contains(&call_time(call))
	}
}

/// A relay's next piece of call log, as posted to the chain.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Batch<AccountId> {
	/// What is signed.
	pub header: Header,
	/// One line per account, each account once, in ascending order.
	pub lines: BoundedVec<Line<AccountId>, ConstU32<MAX_LINES>>,
}

impl<AccountId: Encode> Batch<AccountId> {
	/// The root that the lines really have; `None` without lines or if a sum overflows.
	pub fn computed_root(&self) -> Option<Node> {
		root(self.lines.iter().map(Line::node).collect())
	}
}

/// The root of one account's leaves; `None` without leaves or if a sum overflows.
pub fn leaves_root<AccountId: Encode>(leaves: &[Leaf<AccountId>]) -> Option<Node> {
	root(leaves.iter().map(Leaf::node).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_id_tells_its_time() {
		for time in [0, 1_767_571_200_000, (1 << 48) - 1] {
			assert_eq!(call_time(&call_id(time, [0xff; 10])), time);
			assert_eq!(call_time(&call_id(time, [0; 10])), time);
		}
	}

	#[test]
	fn only_batches_that_the_chain_could_take_at_one_time_conflict() {
		let first = Header { time: 1_000_000, ..Default::default() };
		let at = |time| Header { time, oldest: 7, ..first };
		assert!(!first.conflicts_with(&first));
		assert!(first.conflicts_with(&at(first.time)));
		assert!(first.conflicts_with(&at(first.time + BATCH_LIFETIME)));
		assert!(at(first.time + BATCH_LIFETIME).conflicts_with(&first));
		assert!(!first.conflicts_with(&at(first.time + BATCH_LIFETIME + 1)));
		assert!(!first.conflicts_with(&Header { sequence: 1, ..first }));
		assert!(!first.conflicts_with(&Header { relay: 1, ..first }));
	}

	#[test]
	fn a_header_spans_the_calls_between_its_times() {
		let header = Header { oldest: 10, time: 20, ..Default::default() };
		let spans = |time| header.spans(&call_id(time, [9; 10]));
		assert_eq!([9, 10, 20, 21].map(spans), [false, true, true, false]);
	}
}
