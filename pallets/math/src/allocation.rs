//! How the quota of a launch is divided (protocol, section 6; whitepaper 4.1).
//!
//! First everybody gets a [`proportion`] of the quota, rounded down, and no more than was asked for.
//!
//! What is left is given out as water fills glasses. Everybody's glass is as wide as his weight, and as
//! high as it takes to hold what he still wants; the level rises evenly in all of them. So the k-th unit
//! of a weight W fills when the level reaches k / W. Units are given in the order in which they fill,
//! until none is left; of those that fill at one and the same level, in the order of the ids. A [`Cut`]
//! says how far that went: up to which level, and there up to which id. It tells what anybody gets,
//! without a look at the others.
//!
//! A [`Search`] finds the cut by halves. In each pass it is shown every [`Share`] once, in any order and
//! in pieces of any size, and counts what a cut in the middle would give out. So the work of any number
//! of shares can be cut into steps, and nothing is sorted or stored meanwhile but the search itself:
//! at most 195 passes find the level, and 256 more the id.
//!
//! What is given adds up exactly, and nobody gets more than he wants. Whoever divides his weight among
//! several gets no more in all: the glasses are no wider together, and each loses its last part of a
//! unit.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Every weight is below this. Three times all the planck that can ever exist are.
pub const MAX_WEIGHT: u128 = 1 << 65;

/// A level is counted in steps of 2^-130 units per weight. Two different ones at which units fill are
/// farther apart, since their difference is at least one divided by two weights: in one step lie only
/// equal ones.
const STEP_BITS: u32 = 130;

/// `total * weight / all`, rounded down, and at most `total`; nothing of no weight at all.
pub fn proportion(total: u64, weight: u128, all: u128) -> u64 {
	// 192 bits at most.
	let product = U256::from(total).saturating_mul(weight.into());
	let proportion = product.checked_div(all.into()).unwrap_or_default();
	u64::try_from(proportion).map_or(total, |proportion| proportion.min(total))
}

/// One who takes part in the second round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	id: U256,
	weight: u128,
	wanted: u64,
}

impl Share {
	/// Who has this id, unlike all others, and this weight, which is not zero and below
	/// [`MAX_WEIGHT`], and wants so many units more.
	pub fn new(id: [u8; 32], weight: u128, wanted: u64) -> Self {
		Self { id: U256::from_big_endian(&id), weight, wanted }
	}

	/// Units that are full when the water stands at `level`, rounded down.
	fn filled(&self, level: U256) -> u64 {
		// Saturates only where it is far above all that can be wanted.
		let full = level.saturating_mul(self.weight.into()) >> STEP_BITS;
		u64::try_from(full).map_or(self.wanted, |full| full.min(self.wanted))
	}
}

/// How far the units of the second round went.
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
pub struct Cut {
	/// The units up to this level are given.
	level: U256,
	/// Of those in the step above it, the ones of the ids up to this one.
	last: Option<U256>,
}

impl Cut {
	/// Everybody gets what he wants.
	pub const ALL: Self = Self { level: U256::MAX, last: None };

	/// The units that a share gets.
	pub fn given(&self, share: &Share) -> u64 {
		match self.last {
			Some(last) if share.id <= last => share.filled(self.level.saturating_add(U256::one())),
			_ => share.filled(self.level),
		}
	}
}

/// The search for the cut that gives out so many units.
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
pub struct Search {
	/// The units that there are.
	units: u64,
	/// The highest level that gives out too few, once it is known. Then ids are looked for.
	below: Option<U256>,
	/// No lower one gives out enough.
	low: U256,
	/// This one gives out enough.
	high: U256,
	/// What the one in the middle gives to the shares that were counted in this pass.
	given: u128,
}

impl Search {
	/// Begins to search for the cut that gives out `units`, which are no more than all shares want
	/// together. None of them has less weight than `least`.
	pub fn new(units: u64, least: u128) -> Self {
		// So high that each alone would get all the units, or has what he wants. Rounded up.
		let enough = (U256::from(units) << STEP_BITS).checked_div(least.into());
		let high = enough.unwrap_or(U256::MAX).saturating_add(U256::one());
		Self { units, below: None, low: U256::zero(), high, given: 0 }
	}

	/// Counts a share, each once in a pass.
	pub fn count(&mut self, share: &Share) {
		// So many shares that this saturates cannot be counted.
		self.given = self.given.saturating_add(self.tried().given(share).into());
	}

	/// Ends a pass in which every share was counted. Returns the cut once it is found; else another
	/// pass is needed.
	pub fn turn(&mut self) -> Option<Cut> {
		let given = core::mem::take(&mut self.given);
		if given == self.units.into() {
			return Some(self.tried());
		}
		match given > self.units.into() {
			true => self.high = self.middle(),
			false => self.low = self.middle().saturating_add(U256::one()),
		}
		if self.low < self.high {
			return None;
		}
		match self.below {
			Some(level) => Some(Cut { level, last: Some(self.high) }),
			None => {
				self.below = Some(self.high.saturating_sub(U256::one()));
				(self.low, self.high) = (U256::zero(), U256::MAX);
				None
			},
		}
	}

	/// The cut that is tried in this pass.
	fn tried(&self) -> Cut {
		match self.below {
			Some(level) => Cut { level, last: Some(self.middle()) },
			None => Cut { level: self.middle(), last: None },
		}
	}

	fn middle(&self) -> U256 {
		let half = self.high.saturating_sub(self.low) >> 1u32;
		self.low.saturating_add(half)
	}
}

#[cfg(test)]
mod tests;
