//! Batches, and what can be proven against them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{
	merkle_sum::Node,
	proof::{CallProof, SumProof},
	Header, Line, Moment,
};
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};

use super::AttestorId;

/// The lines that one stored page of a batch holds.
pub const LINES_PER_PAGE: u32 = 100;

/// How many sequences beyond the next one the transaction pool keeps for a relay.
pub const LOOK_AHEAD: u64 = 16;

/// The most batches of one relay that may wait to become final.
pub const MAX_PENDING_BATCHES: u32 = 4_096;

/// A page of a batch's lines.
pub type LinePage<AccountId> = BoundedVec<Line<AccountId>, ConstU32<LINES_PER_PAGE>>;

/// A batch that is not final. Its lines are in [`LinePages`](crate::LinePages).
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
pub struct PostedBatch {
	/// What the relay and the attestors signed.
	pub hash: H256,
	/// The Merkle-sum root over the lines.
	pub root: Node,
	/// No call in it is older.
	pub oldest: Moment,
	/// No call in it is younger.
	pub time: Moment,
	/// When the challenge window ends.
	pub final_at: Moment,
	/// How many lines it has.
	pub lines: u32,
	/// How many of them, from the first on, are settled.
	pub settled_lines: u32,
}

/// What is remembered of a final batch, so that a call of it that is posted again can be proven.
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
pub struct SettledBatch {
	/// What the relay and the attestors signed.
	pub hash: H256,
	/// The Merkle-sum root over the lines.
	pub root: Node,
	/// How many lines it had.
	pub lines: u32,
	/// No call in it can be posted again after this moment. It is remembered until every batch that
	/// was posted by then is final.
	pub until: Moment,
}

/// What is wrong with a batch, with the proof. Anybody can have it from the relay's published leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
// It comes once, in a call.
#[allow(clippy::large_enum_variant)]
pub enum Fraud<AccountId> {
	/// It settles one call twice.
	#[codec(index = 0)]
	RepeatedCall {
		/// The call in one place.
		call: CallProof<AccountId>,
		/// The call in another place.
		again: CallProof<AccountId>,
	},
	/// It settles a call that an earlier batch of the relay has settled already.
	#[codec(index = 1)]
	SettledCall {
		/// The call in this batch.
		call: CallProof<AccountId>,
		/// The sequence of the earlier batch.
		earlier: u64,
		/// The call in the earlier batch.
		before: CallProof<AccountId>,
	},
	/// A call's charge or cost is not what the registry's price makes of its usage, or its launch's
	/// where it was served against a quota; or its tier is not the one that its payer had.
	#[codec(index = 2)]
	WrongPrice(CallProof<AccountId>),
	/// A call is older or younger than the batch says.
	#[codec(index = 3)]
	WrongTime(CallProof<AccountId>),
	/// A line is not the sum of its calls.
	#[codec(index = 4)]
	WrongSum(SumProof<AccountId>),
}

/// Why a challenge proves nothing.
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
pub enum Flaw {
	/// A proof does not lead to the batch's root.
	#[codec(index = 0)]
	NotInBatch,
	/// The two calls have different ids.
	#[codec(index = 1)]
	DifferentCalls,
	/// The two proofs are of the same place.
	#[codec(index = 2)]
	SamePlace,
	/// The other batch is not an earlier one that the chain remembers.
	#[codec(index = 3)]
	UnknownEarlier,
	/// The call is charged as the registry or its launch says, at its payer's tier.
	#[codec(index = 4)]
	RightPrice,
	/// The call is of the batch's time.
	#[codec(index = 5)]
	RightTime,
	/// Every node on the way is the sum of what is below it.
	#[codec(index = 6)]
	RightSum,
	/// A node's hash commits to something else than the proof shows.
	#[codec(index = 7)]
	WrongOpening,
}

/// A header and a signature over its hash.
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
pub struct SignedHeader {
	/// The header.
	pub header: Header,
	/// The signature.
	pub signature: sr25519::Signature,
}

/// Who signed.
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
pub enum Signer {
	/// The relay whose batches they are.
	#[codec(index = 0)]
	Relay,
	/// An attestor.
	#[codec(index = 1)]
	Attestor(AttestorId),
}

/// Two batches of one relay for one place, signed by the same signer, of which the chain could have
/// taken either at the same time.
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
pub struct Equivocation {
	/// Who signed both.
	pub by: Signer,
	/// One.
	pub first: SignedHeader,
	/// The other.
	pub second: SignedHeader,
}
