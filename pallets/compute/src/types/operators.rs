//! Relays, attestors and the quorum.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{Credits, Moment};
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};

/// Identifies a registered attestor.
pub type AttestorId = u32;

/// The most members of the quorum, and so the most signatures of a batch.
pub const MAX_QUORUM: u32 = 16;

/// The members of a quorum.
pub type Members = BoundedVec<AttestorId, ConstU32<MAX_QUORUM>>;

/// The attestors' signatures over a batch's hash.
pub type Signatures = BoundedVec<(AttestorId, sr25519::Signature), ConstU32<MAX_QUORUM>>;

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
	/// May not post; what it has posted becomes final all the same, unless it is proven wrong.
	#[codec(index = 2)]
	Suspended,
	/// Leaving for good: may not post, and gets its bond when it is no longer accountable.
	#[codec(index = 3)]
	Retiring,
}

/// A relay.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Relay<AccountId> {
	/// Who registered it and bonded for it.
	pub operator: AccountId,
	/// Who is paid the providers' cost of the calls that it serves.
	pub payee: AccountId,
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
	/// It was punished for what it signed before this moment.
	pub accountable_from: Moment,
	/// It answers with its bond until then. Meaningless unless it is retiring.
	pub bonded_until: Moment,
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
	/// Its signatures do not count, because it has signed two batches for one place.
	pub is_suspended: bool,
	/// The place in the queue from which on no batch can carry its signature. Meaningless while it
	/// is a member of the quorum.
	pub signed_until: u64,
	/// It was punished for what it signed before this moment.
	pub accountable_from: Moment,
	/// It answers with its bond until then. Meaningless while it is a member of the quorum.
	pub bonded_until: Moment,
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
