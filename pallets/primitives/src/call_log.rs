//! The call log: what a relay metered, and the batch by which it posts it to the chain.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_io::hashing::blake2_256;
use sp_runtime::BoundedVec;

use crate::{
	launch::{LaunchId, Units},
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

/// The most lines that one batch may hold.
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

/// How a call is paid.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Payment {
	/// By its account, from what that has prepaid at the relay.
	#[default]
	#[codec(index = 0)]
	Purse,
	/// By the Ecosystem Fund, from what that has prepaid there for the account: a perk of the week's
	/// champion.
	#[codec(index = 1)]
	Perk,
	/// By its account, as with [`Payment::Purse`], but at the price of this launch, and in units of the
	/// quota that the account has of it.
	#[codec(index = 2)]
	Quota(LaunchId),
}

impl Payment {
	/// Whether somebody else pays than the call's account. Such a call scores and mints nothing.
	pub const fn is_sponsored(self) -> bool {
		matches!(self, Self::Perk)
	}

	/// The launch whose quota is used, if one is.
	pub const fn quota(self) -> Option<LaunchId> {
		match self {
			Self::Quota(launch) => Some(launch),
			Self::Purse | Self::Perk => None,
		}
	}
}

/// One metered call. It holds no prompt and no answer, only salted hashes of them.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Leaf<AccountId> {
	/// Identifies the call, and tells when it was made: the time of the finalised block at which it
	/// was priced.
	pub call_id: CallId,
	/// Whose call it is.
	pub account: AccountId,
	/// How it is paid.
	pub payment: Payment,
	/// Hash of the API key that made it.
	pub key: H256,
	/// The model that served it.
	pub model: ModelId,
	/// What was used.
	pub usage: Usage,
	/// The version of the model's price that applies; 0 where a launch's does.
	pub price_version: u32,
	/// The account's staking tier at the time of the call.
	pub tier: Tier,
	/// µCRED charged.
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

impl<AccountId> Leaf<AccountId> {
	/// The units of its quota that it uses: none without a quota.
	pub fn units(&self) -> Units {
		self.payment.quota().map_or(0, |_| self.usage.units())
	}
}

impl<AccountId: Encode> Leaf<AccountId> {
	/// The leaf as an entry of its line's tree.
	pub fn node(&self) -> Node {
		Node::entry(Domain::Leaf, self, self.charge, self.cost, 1, self.units())
	}
}

/// What a batch charges for those calls of one account that are paid in one way: the root of a tree of
/// its own over their leaves.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Line<AccountId> {
	/// Whose calls they are.
	pub account: AccountId,
	/// How they are paid.
	pub payment: Payment,
	/// The root of their leaves, with their sums.
	pub total: Node,
}

impl<AccountId> Line<AccountId> {
	/// What orders the lines of a batch: each has another, and they ascend.
	pub fn key(&self) -> (&AccountId, Payment) {
		(&self.account, self.payment)
	}
}

impl<AccountId: PartialEq> Line<AccountId> {
	/// Whether it is the line of this call.
	pub fn is_of(&self, leaf: &Leaf<AccountId>) -> bool {
		self.account == leaf.account && self.payment == leaf.payment
	}
}

impl<AccountId: Encode> Line<AccountId> {
	/// The line as an entry of the batch's tree.
	pub fn node(&self) -> Node {
		let Node { charge, cost, calls, units, .. } = self.total;
		Node::entry(Domain::Line, self, charge, cost, calls, units)
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
	/// One line for each account and way of payment, in ascending order of both: an account's own purse
	/// comes first, then a perk, then its quotas.
	pub lines: BoundedVec<Line<AccountId>, ConstU32<MAX_LINES>>,
}

impl<AccountId: Encode> Batch<AccountId> {
	/// The root that the lines really have; `None` without lines or if a sum overflows.
	pub fn computed_root(&self) -> Option<Node> {
		root(self.lines.iter().map(Line::node).collect())
	}
}

/// The root of the leaves of one line; `None` without leaves or if a sum overflows.
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
	fn lines_are_ordered_by_account_and_then_by_payment() {
		let line = |account, payment| Line { account, payment, total: Node::default() };
		let quota = Payment::Quota;
		let lines = [
			line(1, Payment::Purse),
			line(1, Payment::Perk),
			line(1, quota(3)),
			line(1, quota(4)),
			line(2, Payment::Purse),
		];
		assert!(lines.is_sorted_by(|low, high| low.key() < high.key()));
	}

	#[test]
	fn only_a_call_against_a_quota_uses_units() {
		let units = |payment| {
			let leaf = Leaf {
				call_id: CallId::default(),
				account: 1,
				payment,
				key: H256::zero(),
				model: ModelId::default(),
				usage: Usage::Units(5),
				price_version: 0,
				tier: Tier::Lv1,
				charge: 2,
				cost: 1,
				estimated: false,
				request_hash: H256::zero(),
				response_hash: H256::zero(),
			};
			leaf.node().units
		};
		assert_eq!([Payment::Purse, Payment::Perk, Payment::Quota(0)].map(units), [0, 0, 5]);
		assert!(!Payment::Quota(0).is_sponsored() && Payment::Perk.is_sponsored());
	}

	#[test]
	fn a_header_spans_the_calls_between_its_times() {
		let header = Header { oldest: 10, time: 20, ..Default::default() };
		let spans = |time| header.spans(&call_id(time, [9; 10]));
		assert_eq!([9, 10, 20, 21].map(spans), [false, true, true, false]);
	}
}
