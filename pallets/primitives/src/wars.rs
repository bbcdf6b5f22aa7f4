//! The Compute Wars: what the champion of a week has in the next one.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::call_log::RelayId;

/// What a champion chooses.
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
pub enum Perk {
	/// The Ecosystem Fund pays the champion's calls at one relay, up to a cap.
	#[codec(index = 0)]
	FreeCalls {
		/// The relay.
		relay: RelayId,
	},
	/// Relays do not limit how many calls the champion makes at once.
	#[codec(index = 1)]
	NoConcurrencyLimit,
}

/// Who was first last week, and what that is worth this week.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reign<AccountId> {
	/// Who.
	pub champion: AccountId,
	/// The week that the perk is for.
	pub week: u32,
	/// What was chosen, once it was.
	pub perk: Option<Perk>,
}

impl<AccountId: PartialEq> Reign<AccountId> {
	/// The perk of `who`, if it is the champion and has chosen one.
	pub fn perk_of(&self, who: &AccountId) -> Option<Perk> {
		self.perk.filter(|_| self.champion == *who)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_the_champion_has_a_perk_and_only_a_chosen_one() {
		let perk = Perk::FreeCalls { relay: 3 };
		let reign = Reign { champion: 7, week: 1, perk: Some(perk) };
		assert_eq!((reign.perk_of(&7), reign.perk_of(&8)), (Some(perk), None));
		assert_eq!(Reign { perk: None, ..reign }.perk_of(&7), None);
	}
}
