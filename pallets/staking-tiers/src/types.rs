//! What is stored of an account.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{Balance, FormerTier, Moment, Tier, TierHistory, TIER_MEMORY};
use scale_info::TypeInfo;
use sp_runtime::traits::Zero;

/// The most parts of its stake that an account unstakes at a time.
pub const MAX_UNSTAKING: u32 = 8;

/// The most former stakes that are remembered of an account.
pub const MAX_FORMER: u32 = 16;

/// How far back [`Staker::lowest`] is asked for, in ms: 90 days of 24 hours. What is older is
/// forgotten first.
pub const LONGEST_WINDOW: Moment = 90 * 24 * 60 * 60 * 1_000;

/// A part of a stake that is being unstaked.
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
pub struct Unstaking {
	/// Planck.
	pub amount: Balance,
	/// From when on they can be taken out.
	pub ready_at: Moment,
}

impl Unstaking {
	fn is_ready(&self, now: Moment) -> bool {
		self.ready_at <= now
	}
}

/// What an account had staked.
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
pub struct FormerStake {
	/// Planck.
	pub staked: Balance,
	/// From when on it was something else.
	pub until: Moment,
}

impl FormerStake {
	fn tier(&self) -> Tier {
		Tier::of_stake(self.staked)
	}
}

/// What is known of an account.
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
pub struct Staker {
	/// Planck that are staked.
	pub staked: Balance,
	/// What is being unstaked, in the order in which it was asked for.
	pub unstaking: BoundedVec<Unstaking, ConstU32<MAX_UNSTAKING>>,
	/// What was staked before, the oldest first. Older than [`TIER_MEMORY`] it can be less than what
	/// really was, and never more.
	pub former: BoundedVec<FormerStake, ConstU32<MAX_FORMER>>,
}

/// There is no room for one more.
pub(crate) struct Full;

impl Staker {
	/// Planck that are held: what is staked and what is being unstaked. `None` on overflow.
	pub fn held(&self) -> Option<Balance> {
		let mut parts = self.unstaking.iter();
		parts.try_fold(self.staked, |sum, part| sum.checked_add(part.amount))
	}

	/// What was staked at `time`. Where that has changed at `time`, it is what was staked after it.
	pub fn at(&self, time: Moment) -> Balance {
		let former = self.former.iter().find(|former| time < former.until);
		former.map_or(self.staked, |former| former.staked)
	}

	/// The tiers, now and before.
	pub fn tiers(&self) -> TierHistory {
		let former = self.former.iter();
		let former =
			former.map(|former| FormerTier { tier: former.tier(), until: former.until }).collect();
		TierHistory { current: Tier::of_stake(self.staked), former }
	}

	/// The least that was staked at any time from `from` to `to`, both included; nothing if that is no
	/// time at all.
	pub fn lowest(&self, from: Moment, to: Moment) -> Balance {
		if to < from {
			return 0;
		}
		let mut lowest = Balance::MAX;
		for former in self.former.iter().filter(|former| from < former.until) {
			lowest = lowest.min(former.staked);
			if to < former.until {
				return lowest;
			}
		}
		lowest.min(self.staked)
	}

	/// Makes `staked` the stake from `now` on.
	pub(crate) fn set_stake(&mut self, staked: Balance, now: Moment) -> Result<(), Full> {
		let before = core::mem::replace(&mut self.staked, staked);
		// What changes again in one block was in force at no time.
		if self.former.last().is_some_and(|last| last.until >= now) {
			return Ok(());
		}
		if self.former.is_full() {
			self.merge(now)?;
		}
		let former = FormerStake { staked: before, until: now };
		self.former.try_push(former).map_err(|_| Full)
	}

	/// Makes room: of two former stakes that follow each other the lesser is remembered for both. They
	/// are two that nobody asks for any more, or those that differ the least. No tier of the last
	/// [`TIER_MEMORY`] is lost by it.
	fn merge(&mut self, now: Moment) -> Result<(), Full> {
		let recent = now.saturating_sub(TIER_MEMORY);
		let ancient = now.saturating_sub(LONGEST_WINDOW);
		let loss = |first: &FormerStake, second: &FormerStake| {
			let may_merge = second.until <= recent || first.tier() == second.tier();
			let loss = match second.until <= ancient {
				true => 0,
				false => first.staked.abs_diff(second.staked),
			};
			may_merge.then_some(loss)
		};
		let pairs = self.former.iter().zip(self.former.iter().skip(1)).enumerate();
		let losses =
			pairs.filter_map(|(place, (first, second))| Some((loss(first, second)?, place)));
		let (_, place) = losses.min().ok_or(Full)?;
		let first = self.former.remove(place);
		if let Some(second) = self.former.get_mut(place) {
			second.staked = second.staked.min(first.staked);
		}
		Ok(())
	}

	/// Notes that `amount` is being unstaked.
	pub(crate) fn unstake(&mut self, amount: Balance, ready_at: Moment) -> Result<(), Full> {
		let same = self.unstaking.last_mut().filter(|last| last.ready_at == ready_at);
		if let Some(last) = same {
			// Both are parts of one asset's issuance, which does not overflow.
			last.amount = last.amount.saturating_add(amount);
			return Ok(());
		}
		self.unstaking.try_push(Unstaking { amount, ready_at }).map_err(|_| Full)
	}

	/// Takes what is unstaked and ready.
	pub(crate) fn take_ready(&mut self, now: Moment) -> Balance {
		let ready = self.unstaking.iter().filter(|part| part.is_ready(now));
		let amount = sum(ready);
		self.unstaking.retain(|part| !part.is_ready(now));
		amount
	}

	/// Takes all that is being unstaked.
	pub(crate) fn take_unstaking(&mut self) -> Balance {
		sum(core::mem::take(&mut self.unstaking).iter())
	}

	/// Whether nothing is held, and nobody asks any more what was.
	pub(crate) fn is_forgettable(&self, now: Moment) -> bool {
		let since = now.saturating_sub(TIER_MEMORY);
		self.staked.is_zero()
			&& self.unstaking.is_empty()
			&& self.former.iter().all(|former| former.until <= since)
	}
}

fn sum<'a>(parts: impl Iterator<Item = &'a Unstaking>) -> Balance {
	// All are parts of one asset's issuance, which does not overflow.
	parts.fold(0, |sum, part| sum.saturating_add(part.amount))
}
