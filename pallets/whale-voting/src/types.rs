//! What is stored, and what is asked of others.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::storage_alias;
use lx_primitives::Moment;
use scale_info::TypeInfo;

/// Identifies a referendum.
pub type PollIndex = u32;

/// New code that waits until it may be applied.
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
pub struct Upgrade<Hash> {
	/// The hash of the code.
	pub code_hash: Hash,
	/// From when on anybody can apply it.
	pub due: Moment,
}

/// The upgrade that is due, as the system keeps it: the hash of its code, and whether that must be of a
/// later version. The system has no call by which it is taken back.
#[storage_alias]
pub(crate) type AuthorizedUpgrade<T: frame_system::Config> =
	StorageValue<frame_system::Pallet<T>, (<T as frame_system::Config>::Hash, bool)>;

/// The referenda, as far as voters must be able to read them.
pub trait Proposals {
	/// Whether the text of what `poll` decides is on the chain as it was submitted. True of a
	/// referendum that is over or never was: the voting pallet says so itself.
	fn is_readable(poll: PollIndex) -> bool;
}

/// All is readable: for tests.
impl Proposals for () {
	fn is_readable(_: PollIndex) -> bool {
		true
	}
}
