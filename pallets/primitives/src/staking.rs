//! Staking tiers: what they take, what they give, and which an account had when.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{EnsureAddAssign, EnsureSubAssign, Zero},
	ArithmeticError,
};

use crate::{
	call_log::MAX_CALL_AGE,
	pricing::Tier,
	units::{Balance, Moment, LCO},
};

/// How long the chain can tell which tier an account had, in ms: for as long as a call can be posted,
/// and as long again for whoever looks at it later.
pub const TIER_MEMORY: Moment = 2 * MAX_CALL_AGE;

impl Tier {
	/// All tiers, the lowest first.
	pub const ALL: [Self; 5] = [Self::Lv1, Self::Lv2, Self::Lv3, Self::Lv4, Self::Whale];

	/// The tier of an account that has staked so many planck.
	pub fn of_stake(staked: Balance) -> Self {
		let mut tiers = Self::ALL.into_iter().rev();
		tiers.find(|tier| staked >= tier.min_stake()).unwrap_or_default()
	}

	/// The planck that it takes.
	pub const fn min_stake(self) -> Balance {
		match self {
			Self::Lv1 => 0,
			Self::Lv2 => 1_000 * LCO,
			Self::Lv3 => 10_000 * LCO,
			Self::Lv4 => 50_000 * LCO,
			Self::Whale => 100_000 * LCO,
		}
	}

	/// Whether relays serve it through their high-concurrency channel.
	pub const fn has_high_concurrency(self) -> bool {
		!matches!(self, Self::Lv1)
	}

	/// What its stake counts for in a launch of a model: 0 for those who cannot take part.
	pub const fn launch_multiplier(self) -> u32 {
		match self {
			Self::Lv1 | Self::Lv2 => 0,
			Self::Lv3 => 1,
			Self::Lv4 | Self::Whale => 3,
		}
	}

	/// What `staked` planck count for in a launch of a model: nothing below the first tier that takes
	/// part.
	pub fn launch_weight(staked: Balance) -> Balance {
		// No more than three times what can ever exist.
		staked.saturating_mul(Self::of_stake(staked).launch_multiplier().into())
	}

	/// Whether it pays the fee of prediction markets.
	pub const fn pays_prediction_fee(self) -> bool {
		!matches!(self, Self::Lv4 | Self::Whale)
	}

	/// Whether it votes on the platform's decisions.
	pub const fn votes(self) -> bool {
		matches!(self, Self::Whale)
	}
}

/// A tier that an account had.
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
pub struct FormerTier {
	/// The tier.
	pub tier: Tier,
	/// From when on the account had another.
	pub until: Moment,
}

/// The tier that an account has, and those that it had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TierHistory {
	/// The tier now.
	pub current: Tier,
	/// The tiers before, the oldest first. Two that follow each other can be the same.
	pub former: Vec<FormerTier>,
}

impl TierHistory {
	/// The tier that was in force at `time`. Right for the last [`TIER_MEMORY`].
	pub fn at(&self, time: Moment) -> Tier {
		let former = self.former.iter().find(|former| time < former.until);
		former.map_or(self.current, |former| former.tier)
	}

	/// The same at the time `now`; nothing where it is too long ago to be told.
	pub fn told_at(&self, time: Moment, now: Moment) -> Option<Tier> {
		(now.saturating_sub(time) <= TIER_MEMORY).then(|| self.at(time))
	}
}

/// The stakers of one tier.
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
pub struct TierTotal {
	/// How many accounts: those that have staked something.
	pub stakers: u32,
	/// The planck that they have staked together.
	pub staked: Balance,
}

impl TierTotal {
	fn add(&mut self, staked: Balance) -> Result<(), ArithmeticError> {
		if staked.is_zero() {
			return Ok(());
		}
		self.stakers.ensure_add_assign(1)?;
		self.staked.ensure_add_assign(staked)
	}

	fn remove(&mut self, staked: Balance) -> Result<(), ArithmeticError> {
		if staked.is_zero() {
			return Ok(());
		}
		self.stakers.ensure_sub_assign(1)?;
		self.staked.ensure_sub_assign(staked)
	}
}

/// The stakers of every tier.
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
pub struct StakeTotals {
	/// Those that have staked something, and too little for another tier.
	pub lv1: TierTotal,
	/// Tier Lv2.
	pub lv2: TierTotal,
	/// Tier Lv3.
	pub lv3: TierTotal,
	/// Tier Lv4.
	pub lv4: TierTotal,
	/// Tier Whale.
	pub whale: TierTotal,
}

impl StakeTotals {
	/// The stakers of `tier`.
	pub const fn of(&self, tier: Tier) -> TierTotal {
		match tier {
			Tier::Lv1 => self.lv1,
			Tier::Lv2 => self.lv2,
			Tier::Lv3 => self.lv3,
			Tier::Lv4 => self.lv4,
			Tier::Whale => self.whale,
		}
	}

	/// All stakers.
	pub fn all(&self) -> TierTotal {
		let tiers = Tier::ALL.into_iter().map(|tier| self.of(tier));
		// All are parts of one asset's issuance, which does not overflow.
		tiers.fold(TierTotal::default(), |sum, tier| TierTotal {
			stakers: sum.stakers.saturating_add(tier.stakers),
			staked: sum.staked.saturating_add(tier.staked),
		})
	}

	/// What the stakes of the whole network count for in a launch of a model.
	pub fn launch_weight(&self) -> Balance {
		let weights = Tier::ALL.map(|tier| {
			// No more than three times what can ever exist.
			self.of(tier).staked.saturating_mul(tier.launch_multiplier().into())
		});
		weights.into_iter().fold(0, Balance::saturating_add)
	}

	/// An account that had staked `before` planck has staked `after`.
	pub fn restake(&mut self, before: Balance, after: Balance) -> Result<(), ArithmeticError> {
		self.of_mut(Tier::of_stake(before)).remove(before)?;
		self.of_mut(Tier::of_stake(after)).add(after)
	}

	fn of_mut(&mut self, tier: Tier) -> &mut TierTotal {
		match tier {
			Tier::Lv1 => &mut self.lv1,
			Tier::Lv2 => &mut self.lv2,
			Tier::Lv3 => &mut self.lv3,
			Tier::Lv4 => &mut self.lv4,
			Tier::Whale => &mut self.whale,
		}
	}
}

#[cfg(test)]
mod tests {
	use proptest::{collection::vec, prelude::*};

	use super::*;
	use crate::pricing::{Price, Rates, Usage};

	#[test]
	fn a_tier_begins_at_its_stake_and_no_planck_before() {
		assert_eq!(Tier::of_stake(0), Tier::Lv1);
		let mut below = Tier::Lv1;
		for tier in [Tier::Lv2, Tier::Lv3, Tier::Lv4, Tier::Whale] {
			let stake = tier.min_stake();
			let tiers = [stake - 1, stake, stake + 1].map(Tier::of_stake);
			assert_eq!(tiers, [below, tier, tier]);
			below = tier;
		}
		assert_eq!(Tier::of_stake(Balance::MAX), Tier::Whale);
		let stakes = Tier::ALL.map(|tier| tier.min_stake() / LCO);
		assert_eq!(stakes, [0, 1_000, 10_000, 50_000, 100_000]);
	}

	#[test]
	fn benefits_are_those_of_the_whitepaper() {
		assert_eq!(Tier::ALL.map(Tier::has_high_concurrency), [false, true, true, true, true]);
		assert_eq!(Tier::ALL.map(Tier::launch_multiplier), [0, 0, 1, 3, 3]);
		assert_eq!(Tier::ALL.map(Tier::pays_prediction_fee), [true, true, true, false, false]);
		assert_eq!(Tier::ALL.map(Tier::votes), [false, false, false, false, true]);
	}

	#[test]
	fn a_stake_weighs_in_launches_by_its_tier() {
		let weigh = |lco: Balance| Tier::launch_weight(lco * LCO) / LCO;
		let weights = [0, 1_000, 9_999, 10_000, 49_999, 50_000, 100_000].map(weigh);
		assert_eq!(weights, [0, 0, 0, 10_000, 49_999, 150_000, 300_000]);
		assert_eq!(Tier::launch_weight(10_000 * LCO - 1), 0);
		assert_eq!(Tier::launch_weight(Balance::MAX), Balance::MAX);
	}

	#[test]
	fn each_tier_pays_its_share_of_a_call_and_a_whale_the_cost() {
		let tokens = |input, cached_input, output| Rates::Tokens { input, cached_input, output };
		let price = Price {
			list: tokens(2_500_000, 1_250_000, 10_000_000),
			cost: tokens(1_500_000, 750_000, 6_000_000),
			active_from: 0,
		};
		let usage = Usage::Tokens { input: 1_001, cached_input: 200, output: 501 };
		// 7,762.5, 7,374.375, 6,598.125, 5,433.75, and a cost of 4,657.5.
		let charges = Tier::ALL.map(|tier| price.charge(&usage, tier));
		assert_eq!(charges, [7_763, 7_375, 6_599, 5_434, 4_658].map(Some));
		assert_eq!(charges[4], price.cost(&usage));
	}

	#[test]
	fn a_tier_is_in_force_until_the_next_begins() {
		let former = [(Tier::Lv1, 10), (Tier::Lv3, 20), (Tier::Lv3, 30)];
		let former = former.map(|(tier, until)| FormerTier { tier, until }).to_vec();
		let history = TierHistory { current: Tier::Lv2, former };
		let times = [0, 9, 10, 19, 20, 29, 30, Moment::MAX];
		let tiers = times.map(|time| history.at(time));
		let (one, two, three) = (Tier::Lv1, Tier::Lv2, Tier::Lv3);
		assert_eq!(tiers, [one, one, three, three, three, three, two, two]);
		assert_eq!(TierHistory::default().at(5), Tier::Lv1);
	}

	#[test]
	fn what_is_too_long_ago_is_not_told() {
		let former = [FormerTier { tier: Tier::Lv4, until: 10 }].to_vec();
		let history = TierHistory { current: Tier::Lv2, former };
		let told = |time, now| history.told_at(time, now);
		assert_eq!([told(9, 9), told(10, 9)], [Tier::Lv4, Tier::Lv2].map(Some));
		assert_eq!(told(9, 9 + TIER_MEMORY), Some(Tier::Lv4));
		assert_eq!(told(9, 10 + TIER_MEMORY), None);
		assert_eq!(told(0, Moment::MAX), None);
	}

	#[test]
	fn what_was_not_counted_cannot_be_taken_away() {
		let mut totals = StakeTotals::default();
		assert_eq!(totals.restake(LCO, 0), Err(ArithmeticError::Underflow));
		totals.lv1 = TierTotal { stakers: u32::MAX, staked: 1 };
		assert_eq!(totals.restake(0, LCO), Err(ArithmeticError::Overflow));
	}

	proptest! {
		#[test]
		fn totals_are_the_sums(
			changes in vec((0usize..4, prop_oneof![Just(0), 1u128..120_000]), 0..50),
		) {
			let (mut totals, mut stakes) = (StakeTotals::default(), [0u128; 4]);
			for (who, stake) in changes {
				let before = core::mem::replace(&mut stakes[who], stake * LCO);
				totals.restake(before, stakes[who]).unwrap();
			}
			let weights = stakes.map(Tier::launch_weight);
			prop_assert_eq!(totals.launch_weight(), weights.iter().sum::<Balance>());
			let mut expected = TierTotal::default();
			for tier in Tier::ALL {
				let of_tier = |stake: &&Balance| Tier::of_stake(**stake) == tier && **stake > 0;
				let stakers = stakes.iter().filter(of_tier).count() as u32;
				let staked: Balance = stakes.iter().filter(of_tier).sum();
				prop_assert_eq!(totals.of(tier), TierTotal { stakers, staked });
				expected.stakers += stakers;
				expected.staked += staked;
			}
			prop_assert_eq!(totals.all(), expected);
		}
	}
}
