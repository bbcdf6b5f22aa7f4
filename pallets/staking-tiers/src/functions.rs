//! What the calls do.

use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use lx_primitives::{
	traits::{Calendar, MayUnstake},
	Balance, Tier,
};
use sp_runtime::traits::{EnsureAdd, Zero};

use crate::{
	types::{Full, Staker},
	Config, Error, Event, HoldReason, Pallet, Stakers, Totals,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_stake(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut staker = Stakers::<T>::get(&who).unwrap_or_default();
		let before = staker.staked;
		// Nobody has what cannot be counted.
		let staked = before.checked_add(amount).ok_or(Error::<T>::InsufficientFunds)?;
		Self::ensure_worth_staking(staked)?;
		Self::set_stake(&mut staker, staked)?;
		T::Currency::hold(&HoldReason::Stake.into(), &who, amount)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Self::deposit_event(Event::Staked { who: who.clone(), amount, staked });
		Self::put(who, before, staker)
	}

	pub(crate) fn do_request_unstake(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let mut staker = Stakers::<T>::get(&who).unwrap_or_default();
		let before = staker.staked;
		ensure!(!before.is_zero(), Error::<T>::NothingStaked);
		let staked = before.checked_sub(amount).ok_or(Error::<T>::InsufficientStake)?;
		Self::ensure_worth_staking(staked)?;
		T::MayUnstake::may_unstake(&who, staked)?;
		let ready_at = T::Calendar::now().ensure_add(T::UnstakingDelay::get())?;
		staker.unstake(amount, ready_at).map_err(|Full| Error::<T>::TooManyRequests)?;
		Self::set_stake(&mut staker, staked)?;
		let requested = Event::UnstakeRequested { who: who.clone(), amount, ready_at, staked };
		Self::deposit_event(requested);
		Self::put(who, before, staker)
	}

	pub(crate) fn do_complete_unstake(who: T::AccountId) -> DispatchResult {
		let mut staker = Self::unstaking(&who)?;
		let now = T::Calendar::now();
		let amount = staker.take_ready(now);
		ensure!(!amount.is_zero(), Error::<T>::StillUnstaking);
		T::Currency::release(&HoldReason::Stake.into(), &who, amount, Precision::Exact)?;
		if staker.is_forgettable(now) {
			Stakers::<T>::remove(&who);
		} else {
			Stakers::<T>::insert(&who, staker);
		}
		Self::deposit_event(Event::Unstaked { who, amount });
		Ok(())
	}

	pub(crate) fn do_cancel_unstake(who: T::AccountId) -> DispatchResult {
		let mut staker = Self::unstaking(&who)?;
		let before = staker.staked;
		let amount = staker.take_unstaking();
		let staked = before.ensure_add(amount)?;
		Self::set_stake(&mut staker, staked)?;
		Self::deposit_event(Event::UnstakeCancelled { who: who.clone(), amount, staked });
		Self::put(who, before, staker)
	}

	/// An account that is unstaking something.
	fn unstaking(who: &T::AccountId) -> Result<Staker, Error<T>> {
		let staker = Stakers::<T>::get(who).ok_or(Error::<T>::NothingUnstaking)?;
		ensure!(!staker.unstaking.is_empty(), Error::<T>::NothingUnstaking);
		Ok(staker)
	}

	fn ensure_worth_staking(staked: Balance) -> Result<(), Error<T>> {
		let is_worth_it = staked.is_zero() || staked >= T::SmallestStake::get();
		ensure!(is_worth_it, Error::<T>::BelowSmallestStake);
		Ok(())
	}

	fn set_stake(staker: &mut Staker, staked: Balance) -> Result<(), Error<T>> {
		let set = staker.set_stake(staked, T::Calendar::now());
		set.map_err(|Full| Error::<T>::TooManyTierChanges)
	}

	/// Stores an account whose stake was `before`, and announces the tier that follows.
	fn put(who: T::AccountId, before: Balance, staker: Staker) -> DispatchResult {
		Totals::<T>::try_mutate(|totals| totals.restake(before, staker.staked))?;
		let (from, to) = (Tier::of_stake(before), Tier::of_stake(staker.staked));
		Stakers::<T>::insert(&who, staker);
		if from != to {
			Self::deposit_event(Event::TierChanged { who, from, to });
		}
		Ok(())
	}
}
