//! Model prices, usage, tiers, and what a call costs.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_math::charge;
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

use crate::{
	launch::Units,
	units::{Credits, Moment},
};

/// A model's name as clients write it, for example `gpt-4o`, in UTF-8.
pub type ModelId = BoundedVec<u8, ConstU32<64>>;

/// A rate card in µCRED.
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
pub enum Rates {
	/// A model metered in tokens: µCRED per 1,000,000 tokens.
	#[codec(index = 0)]
	Tokens {
		/// Input tokens that the provider had not cached.
		input: Credits,
		/// Input tokens that the provider had cached.
		cached_input: Credits,
		/// Output tokens, reasoning included.
		output: Credits,
	},
	/// A model metered in units (an image, a second of audio): µCRED per unit.
	#[codec(index = 1)]
	Unit(Credits),
}

/// What one call used.
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
pub enum Usage {
	/// Tokens, each counted once.
	#[codec(index = 0)]
	Tokens {
		/// Input tokens that the provider had not cached.
		input: u32,
		/// Input tokens that the provider had cached.
		cached_input: u32,
		/// Output tokens, reasoning included.
		output: u32,
	},
	/// Units.
	#[codec(index = 1)]
	Units(u32),
}

impl Usage {
	/// What it takes from a quota.
	pub fn units(&self) -> Units {
		match *self {
			Self::Tokens { input, cached_input, output } => {
				// Three numbers of 32 bits: 64 are enough.
				[input, cached_input, output].map(Units::from).into_iter().sum()
			},
			Self::Units(units) => units.into(),
		}
	}
}

/// One version of a model's price.
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
pub struct Price {
	/// What users pay at full price.
	pub list: Rates,
	/// What the provider is owed.
	pub cost: Rates,
	/// From when this version applies.
	pub active_from: Moment,
}

/// A staking tier (whitepaper 5).
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
pub enum Tier {
	/// Full price.
	#[default]
	#[codec(index = 0)]
	Lv1,
	/// 1,000 LCO staked: pays 95 %.
	#[codec(index = 1)]
	Lv2,
	/// 10,000 LCO staked: pays 85 %.
	#[codec(index = 2)]
	Lv3,
	/// 50,000 LCO staked: pays 70 %.
	#[codec(index = 3)]
	Lv4,
	/// 100,000 LCO staked: pays the provider's cost.
	#[codec(index = 4)]
	Whale,
}

impl Tier {
	/// The percentage of the list price that this tier pays; `None` for the provider's cost.
	pub const fn pays_percent(self) -> Option<u8> {
		match self {
			Self::Lv1 => Some(100),
			Self::Lv2 => Some(95),
			Self::Lv3 => Some(85),
			Self::Lv4 => Some(70),
			Self::Whale => None,
		}
	}
}

/// The most that a provider may cost, in percent of the list price: the price of the lowest paying
/// tier, so that no tier is served at a loss.
pub const MAX_COST_PERCENT: u8 = 70;

impl Price {
	/// Whether both cards meter the same thing and every cost is at most
	/// [`MAX_COST_PERCENT`] of its list price.
	pub fn is_profitable(&self) -> bool {
		let within = |cost, list| charge::is_within_percent(cost, list, MAX_COST_PERCENT);
		match (self.list, self.cost) {
			(
				Rates::Tokens { input, cached_input, output },
				Rates::Tokens { input: cost_in, cached_input: cost_cached, output: cost_out },
			) => {
				within(cost_in, input)
					&& within(cost_cached, cached_input)
					&& within(cost_out, output)
			},
			(Rates::Unit(list), Rates::Unit(cost)) => within(cost, list),
			_ => false,
		}
	}

	/// µCRED that a user of `tier` pays for `usage`, rounded up once, in the protocol's favour;
	/// `None` if the usage is not of the kind that the price meters, or on overflow.
	pub fn charge(&self, usage: &Usage, tier: Tier) -> Option<Credits> {
		match tier.pays_percent() {
			Some(percent) => self.list.amount(usage, percent),
			None => self.cost(usage),
		}
	}

	/// µCRED that the provider is owed for `usage`, rounded up once; `None` as for
	/// [`Price::charge`].
	pub fn cost(&self, usage: &Usage) -> Option<Credits> {
		self.cost.amount(usage, 100)
	}
}

impl Rates {
	/// Whether everything that is metered costs something.
	pub fn is_never_free(&self) -> bool {
		match *self {
			Self::Tokens { input, cached_input, output } => input.min(cached_input).min(output) > 0,
			Self::Unit(rate) => rate > 0,
		}
	}

	fn amount(&self, usage: &Usage, percent: u8) -> Option<Credits> {
		match (*self, *usage) {
			(
				Self::Tokens { input, cached_input, output },
				Usage::Tokens { input: used_in, cached_input: used_cached, output: used_out },
			) => charge::tokens(
				[(used_in, input), (used_cached, cached_input), (used_out, output)],
				percent,
			),
			(Self::Unit(rate), Usage::Units(units)) => charge::units(units, rate, percent),
			_ => None,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_quota_counts_tokens_of_all_kinds_alike() {
		let tokens = |input, cached_input, output| Usage::Tokens { input, cached_input, output };
		assert_eq!(tokens(5, 3, 2).units(), 10);
		assert_eq!(tokens(u32::MAX, u32::MAX, u32::MAX).units(), 3 * Units::from(u32::MAX));
		assert_eq!([Usage::Units(0), Usage::Units(7)].map(|usage| usage.units()), [0, 7]);
	}

	#[test]
	fn one_rate_of_nothing_makes_something_free() {
		let tokens = |input, cached_input, output| Rates::Tokens { input, cached_input, output };
		let cards = [tokens(1, 1, 1), tokens(0, 1, 1), tokens(1, 0, 1), tokens(1, 1, 0)];
		assert_eq!(cards.map(|card| card.is_never_free()), [true, false, false, false]);
		assert!(Rates::Unit(1).is_never_free() && !Rates::Unit(0).is_never_free());
	}
}
