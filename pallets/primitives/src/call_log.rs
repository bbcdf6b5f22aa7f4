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
	units::{Credits, Moment},
};

/// Identifies a metered call; unique for ever.
pub type CallId = [u8; 16];

/// Identifies a registered relay.
pub type RelayId = u32;

/// The most account lines that one batch may hold.
pub const MAX_LINES: u32 = 1_000;

/// One metered call. It holds no prompt and no answer, only salted hashes of them.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Leaf<AccountId> {
	/// Identifies the call.
	pub call_id: CallId,
	/// Who pays.
	pub account: AccountId,
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
	/// When the call was served.
	pub time: Moment,
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

/// A relay's next piece of call log, as posted to the chain.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Batch<AccountId> {
	/// The relay that served the calls.
	pub relay: RelayId,
	/// Contiguous from 0 for each relay.
	pub sequence: u64,
	/// The hash of the relay's batch before this one; zero for the first.
	pub previous: H256,
	/// The relay's Merkle-sum root over the lines.
	pub root: Node,
	/// One line per account, each account once, in ascending order.
	pub lines: BoundedVec<Line<AccountId>, ConstU32<MAX_LINES>>,
}

impl<AccountId: Encode> Batch<AccountId> {
	/// The root that the lines really have; `None` without lines or if a sum overflows.
	pub fn computed_root(&self) -> Option<Node> {
		root(self.lines.iter().map(Line::node).collect())
	}

	/// What the relay and the attestors sign: bound to the chain, the relay, the place in the
	/// relay's log, and through the root to every line and leaf.
	pub fn hash(&self, genesis: &H256) -> H256 {
		let content = (b"lx/batch", genesis, self.relay, self.sequence, self.previous, self.root);
		H256(content.using_encoded(blake2_256))
	}
}

/// The root of one account's leaves; `None` without leaves or if a sum overflows.
pub fn leaves_root<AccountId: Encode>(leaves: &[Leaf<AccountId>]) -> Option<Node> {
	root(leaves.iter().map(Leaf::node).collect::<Vec<_>>())
}
