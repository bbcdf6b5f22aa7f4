//! What the pallet stores and tells.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec, DefaultNoBound};
use lx_math::prizes::SHARES;
use lx_primitives::{Balance, Credits, RelayId};
use scale_info::TypeInfo;

/// How many ranks a board has.
pub const RANKS: u32 = 100;

/// How many purses of former champions may wait to return what is left in them. Each waits for one
/// close, or for some more where balances thaw for longer than a week.
pub const MAX_ENDED: u32 = 8;

/// The round that is open.
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
pub struct OpenRound {
	/// Its week.
	pub week: u32,
	/// Only a score above it changes the board.
	pub cutoff: Credits,
}

/// A rank of a board.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Entry<AccountId> {
	/// Who.
	pub who: AccountId,
	/// µCRED of its final calls.
	pub score: Credits,
}

/// The highest scores of a round, the highest first.
#[derive(
	Clone,
	Debug,
	DefaultNoBound,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Board<AccountId>(BoundedVec<Entry<AccountId>, ConstU32<RANKS>>);

impl<AccountId: PartialEq> Board<AccountId> {
	/// Notes that the score of `who` has risen to `score`, which is more than the cutoff: it goes behind
	/// all that had as much before. If the board is full, its last entry goes.
	pub(crate) fn raise(&mut self, who: AccountId, score: Credits) {
		self.0.retain(|entry| entry.who != who);
		let place = self.0.partition_point(|entry| entry.score >= score);
		// There is a place for it, because the score is above the cutoff.
		let _ = self.0.force_insert_keep_left(place, Entry { who, score });
	}

	/// The rank of `who`, counted from 1.
	pub fn rank(&self, who: &AccountId) -> Option<u32> {
		let ranked = (1..).zip(&self.0).find(|(_, entry)| entry.who == *who);
		ranked.map(|(rank, _)| rank)
	}
}

impl<AccountId> Board<AccountId> {
	/// The entries in the order of their ranks.
	pub fn entries(&self) -> &[Entry<AccountId>] {
		&self.0
	}

	/// The score that it takes more than to change the board: none while there is a place free.
	pub fn cutoff(&self) -> Credits {
		self.0.last().filter(|_| self.0.is_full()).map_or(0, |last| last.score)
	}

	/// Those that get a part of the prize, in the order of their ranks.
	pub fn winners(&self) -> impl Iterator<Item = &AccountId> {
		self.0.iter().take(SHARES.len()).map(|entry| &entry.who)
	}
}

impl<AccountId> FromIterator<Entry<AccountId>> for Board<AccountId> {
	/// The first entries, as many as there is place for.
	fn from_iter<I: IntoIterator<Item = Entry<AccountId>>>(entries: I) -> Self {
		Self(BoundedVec::truncate_from(entries.into_iter().collect::<Vec<_>>()))
	}
}

/// The round that was closed last.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ClosedRound<AccountId> {
	/// Its week.
	pub week: u32,
	/// The planck that its winners shared.
	pub prize: Balance,
	/// Its board.
	pub board: Board<AccountId>,
}

/// Where an account stands in the open round.
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
pub struct Standing {
	/// The week of the round.
	pub week: u32,
	/// µCRED of the account's final calls.
	pub score: Credits,
	/// Its rank, counted from 1, if it is on the board.
	pub rank: Option<u32>,
}

/// A purse for free calls that have ended: whose, and at which relay.
pub type EndedCalls<AccountId> = (AccountId, RelayId);
