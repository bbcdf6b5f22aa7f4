//! Who votes, with how much, and what that does to the stake.

use core::marker::PhantomData;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, weights::Weight};
use lx_primitives::{
	traits::{MayUnstake, Stakes, Tiers},
	Balance, Tier,
};
use pallet_conviction_voting::{AccountVote, Status, VotingHooks};

use crate::{types::Proposals, weights::WeightInfo, Config, Error, Pallet, PollIndex, Standing};

/// State: 1 read of the voter's stake, twice, 1 read of the referendum and of its preimage's status,
/// 1 read and 1 write of `Standing`.
impl<T: Config> VotingHooks<T::AccountId, PollIndex, Balance> for Pallet<T> {
	fn on_before_vote(
		who: &T::AccountId,
		poll: PollIndex,
		vote: AccountVote<Balance>,
	) -> DispatchResult {
		ensure!(T::Tiers::tier(who).votes(), Error::<T>::NotWhale);
		let balance = vote.balance();
		ensure!(balance <= T::Stakes::staked(who), Error::<T>::VoteAboveStake);
		// Whoever cannot read it can still be against it.
		let is_nay = vote.as_standard() == Some(false);
		ensure!(is_nay || T::Proposals::is_readable(poll), Error::<T>::StalePreimage);
		// If the vote fails after this, the call that makes it is undone with it.
		Standing::<T>::try_mutate(who, |votes| {
			votes.retain(|(standing, _)| *standing != poll);
			votes.try_push((poll, balance)).map_err(|_| Error::<T>::TooManyVotes.into())
		})
	}

	fn on_remove_vote(who: &T::AccountId, poll: PollIndex, _: Status) {
		Standing::<T>::mutate_exists(who, |votes| {
			if let Some(standing) = votes {
				standing.retain(|(standing, _)| *standing != poll);
				if standing.is_empty() {
					*votes = None;
				}
			}
		});
	}

	/// Who has lost is free at once.
	fn lock_balance_on_unsuccessful_vote(_: &T::AccountId, _: PollIndex) -> Option<Balance> {
		None
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn on_vote_worst_case(who: &T::AccountId) {
		use crate::BenchmarkHelper;

		T::BenchmarkHelper::make_whale(who);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn on_remove_vote_worst_case(_: &T::AccountId) {}
}

/// State: 1 read of `Standing`.
impl<T: Config> MayUnstake<T::AccountId> for Pallet<T> {
	fn may_unstake(who: &T::AccountId, left: Balance) -> DispatchResult {
		let largest = Self::largest_vote(who);
		// Below that vote it would count more than all that backs it.
		let is_backed = largest.is_none_or(|largest| left >= largest.max(Tier::Whale.min_stake()));
		ensure!(is_backed, Error::<T>::VoteStands);
		Ok(())
	}

	fn may_unstake_weight() -> Weight {
		T::WeightInfo::may_unstake()
	}
}

impl<T: Config> Pallet<T> {
	/// The most that `who` has voted with where its vote stands.
	pub(crate) fn largest_vote(who: &T::AccountId) -> Option<Balance> {
		Standing::<T>::get(who).iter().map(|(_, balance)| *balance).max()
	}
}

/// What all who could vote could vote with: what whales have staked. It is never less than one whale's
/// stake, so that nothing passes where nobody could have voted.
pub struct Turnout<T>(PhantomData<T>);

impl<T: Config> Get<Balance> for Turnout<T> {
	fn get() -> Balance {
		T::Stakes::totals().whale.staked.max(Tier::Whale.min_stake())
	}
}
