//! What the chain knows of an account's stake.

use anyhow::Result;
use lx_primitives::{FormerTier, Tier, TierHistory};
use subxt::ext::scale_decode::DecodeAsType;

use super::state::State;

/// What an account has staked.
#[derive(Clone, Debug, Default, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Staker {
	/// Planck that count for the tier.
	pub staked: u128,
	/// What is being unstaked.
	pub unstaking: Vec<Unstaking>,
	/// What was staked before, the oldest first.
	pub former: Vec<FormerStake>,
}

/// A part of a stake that is being unstaked.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Unstaking {
	/// Planck.
	pub amount: u128,
	/// From when on they can be collected, in ms since 1970.
	pub ready_at: u64,
}

/// What an account had staked.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct FormerStake {
	/// Planck.
	pub staked: u128,
	/// From when on it was something else, in ms since 1970.
	pub until: u64,
}

impl Staker {
	/// The tier that follows.
	pub fn tier(&self) -> Tier {
		Tier::of_stake(self.staked)
	}

	/// The tiers, now and before.
	pub fn tiers(&self) -> TierHistory {
		let tier = |former: &FormerStake| FormerTier {
			tier: Tier::of_stake(former.staked),
			until: former.until,
		};
		TierHistory { current: self.tier(), former: self.former.iter().map(tier).collect() }
	}

	/// The next tier, and the planck that are missing for it; `None` for a whale.
	pub fn next_tier(&self) -> Option<(Tier, u128)> {
		let next = Tier::ALL.into_iter().find(|tier| tier.min_stake() > self.staked)?;
		Some((next, next.min_stake().saturating_sub(self.staked)))
	}

	/// Planck that are being unstaked.
	pub fn unstaking_amount(&self) -> u128 {
		self.unstaking.iter().fold(0, |sum, part| sum.saturating_add(part.amount))
	}

	/// When the first of what is being unstaked can be collected; `None` if nothing is.
	pub fn first_ready_at(&self) -> Option<u64> {
		self.unstaking.iter().map(|part| part.ready_at).min()
	}
}

impl State<'_> {
	/// What `account` has staked; nothing if the chain does not know it as a staker.
	pub async fn staker(&self, account: [u8; 32]) -> Result<Staker> {
		let found: Option<Staker> = self.map("StakingTiers", "Stakers", (account,)).await?;
		Ok(found.unwrap_or_default())
	}
}

#[cfg(test)]
mod tests {
	use lx_primitives::units::LCO;

	use super::*;

	#[test]
	fn the_next_tier_is_told_with_what_it_takes() {
		let next = |staked| Staker { staked, ..Default::default() }.next_tier();
		assert_eq!(next(0), Some((Tier::Lv2, 1_000 * LCO)));
		assert_eq!(next(1_000 * LCO - 1), Some((Tier::Lv2, 1)));
		assert_eq!(next(1_000 * LCO), Some((Tier::Lv3, 9_000 * LCO)));
		assert_eq!(next(100_000 * LCO), None);
	}

	#[test]
	fn the_first_part_that_is_ready_counts() {
		let part = |ready_at| Unstaking { amount: 2, ready_at };
		let staker = Staker { unstaking: vec![part(7), part(5)], ..Default::default() };
		assert_eq!((staker.unstaking_amount(), staker.first_ready_at()), (4, Some(5)));
		assert_eq!(Staker::default().first_ready_at(), None);
	}

	#[test]
	fn former_stakes_were_tiers() {
		let former = vec![FormerStake { staked: 50_000 * LCO, until: 5 }];
		let tiers = Staker { staked: 1_000 * LCO, former, ..Default::default() }.tiers();
		assert_eq!([4, 5].map(|time| tiers.at(time)), [Tier::Lv4, Tier::Lv2]);
		assert_eq!(Staker::default().tiers(), TierHistory::default());
	}
}
