//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{merkle_sum::Node, Credits, Line, Moment, RelayId};
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};

/// Identifies a registered attestor.
pub type AttestorId = u32;

/// The most relays that one account may authorise.
pub const MAX_AUTHORISED: u32 = 8;

/// The most members of the quorum, and so the most signatures of a batch.
pub const MAX_QUORUM: u32 = 16;

/// The lines that one stored page of a batch holds.
pub const LINES_PER_PAGE: u32 = 100;

/// The most models that the registry holds, delisted ones included.
pub const MAX_MODELS: u32 = 1_000;

/// How many sequences beyond the next one the transaction pool keeps for a relay.
pub const LOOK_AHEAD: u64 = 16;

/// The most batches of one relay that may wait to become final.
pub const MAX_PENDING_BATCHES: u32 = 4_096;

/// The relays that an account has authorised.
pub type AuthorisedRelays = BoundedVec<RelayId, ConstU32<MAX_AUTHORISED>>;

/// The members of a quorum.
pub type Members = BoundedVec<AttestorId, ConstU32<MAX_QUORUM>>;

/// The attestors' signatures over a batch's hash.
pub type Signatures = BoundedVec<(AttestorId, sr25519::Signature), ConstU32<MAX_QUORUM>>;

/// A page of a batch's lines.
pub type LinePage<AccountId> = BoundedVec<Line<AccountId>, ConstU32<LINES_PER_PAGE>>;

/// An account's API balance and what may be charged to it: all that one charge touches.
#[derive(
	Clone,
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
pub struct ApiAccount {
	/// µCRED that may be charged.
	pub free: Credits,
	/// µCRED on the way out; it may still be charged.
	pub thawing: Credits,
	/// When what thaws may be withdrawn.
	pub thaw_at: Moment,
	/// µCRED charged by batches that are not final.
	pub pending: Credits,
	/// The relays that may charge the account.
	pub relays: AuthorisedRelays,
	/// The most µCRED that may be charged in a day.
	pub daily_limit: Credits,
	/// The day that [`ApiAccount::spent_today`] is of.
	pub spent_day: u32,
	/// µCRED charged on [`ApiAccount::spent_day`].
	pub spent_today: Credits,
	/// API keys granted in an earlier epoch are revoked.
	pub key_epoch: u32,
}

impl ApiAccount {
	/// Whether nothing is lost by forgetting the account. One that has revoked keys is remembered:
	/// a revoked key must never work again.
	pub(crate) fn is_closed(&self) -> bool {
		self.free == 0 && self.thawing == 0 && self.pending == 0 && self.key_epoch == 0
	}
}

/// A model of the price registry.
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
pub struct ModelInfo {
	/// The version of the price that applies, counted from 1.
	pub version: u32,
	/// Whether the model is offered.
	pub listed: bool,
}

/// Whether a relay may post.
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
pub enum RelayStatus {
	/// Bonded and waiting to be admitted.
	#[codec(index = 0)]
	Registered,
	/// May post batches.
	#[codec(index = 1)]
	Active,
	/// May not post; what it has posted becomes final all the same.
	#[codec(index = 2)]
	Suspended,
	/// Leaving for good: may not post, and gets its bond when nothing of it is pending.
	#[codec(index = 3)]
	Retiring,
}

/// A relay.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Relay<AccountId> {
	/// Who registered it, bonded for it and is paid the providers' cost.
	pub operator: AccountId,
	/// Signs its batches.
	pub key: sr25519::Public,
	/// µCRED that it stands to lose.
	pub bond: Credits,
	/// Whether it may post.
	pub status: RelayStatus,
	/// The sequence of its next batch.
	pub next_sequence: u64,
	/// The hash of its last batch; zero before the first.
	pub last_batch: H256,
	/// How many of its batches are not final.
	pub pending_batches: u32,
}

/// One who checks and signs batches.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Attestor<AccountId> {
	/// Who registered it and bonded for it.
	pub operator: AccountId,
	/// Signs the batches.
	pub key: sr25519::Public,
	/// µCRED that it stands to lose.
	pub bond: Credits,
	/// The place in the queue from which on no batch can carry its signature. Meaningless while it
	/// is a member of the quorum.
	pub signed_until: u64,
}

/// The attestors whose signatures count, and how many of them a batch needs.
#[derive(
	Clone,
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
pub struct AttestorQuorum {
	/// Who may sign, in ascending order.
	pub members: Members,
	/// How many of them must; 0 only before the first quorum exists, and then none suffices.
	pub threshold: u32,
}

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
	/// When the challenge window ends.
	pub final_at: Moment,
	/// How many lines it has.
	pub lines: u32,
	/// How many of them, from the first on, are settled.
	pub settled_lines: u32,
}
