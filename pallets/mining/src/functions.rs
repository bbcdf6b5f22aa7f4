//! The work.

use frame_support::{ensure, traits::fungible::Mutate};
use lx_math::emission;
use lx_primitives::{Balance, Credits};
use sp_runtime::{
	traits::{EnsureAdd, EnsureSub},
	ArithmeticError, DispatchResult,
};

use crate::{Config, Cumulative, Error, Event, Pallet, TotalUnpaid, Unpaid};

impl<T: Config> Pallet<T> {
	/// Moves the emission on by `paid` µCRED, and rewards `who` with what that mined.
	///
	/// Reads and writes 5 values.
	pub(crate) fn do_settle(who: &T::AccountId, paid: Credits) -> DispatchResult {
		let before = Cumulative::<T>::get();
		let after = before.ensure_add(paid)?;
		let reward = emission::reward(before, paid);

		Cumulative::<T>::put(after);
		Self::deposit_event(Event::Mined { who: who.clone(), paid, reward });
		Self::announce_epoch(before, after);
		Ok(Self::pay(who, reward)?)
	}

	/// Pays the unpaid rewards of `who`, or says why the currency does not accept them.
	pub(crate) fn do_claim(who: &T::AccountId) -> DispatchResult {
		let unpaid = Unpaid::<T>::get(who);
		ensure!(unpaid > 0, Error::<T>::NothingUnpaid);
		T::Currency::mint_into(who, unpaid)?;
		Ok(Self::release(who, unpaid)?)
	}

	/// Mints `reward` together with what `who` has unpaid. What the currency refuses, on account of
	/// its minimum balance, stays unpaid and is tried again with the next reward.
	fn pay(who: &T::AccountId, reward: Balance) -> Result<(), ArithmeticError> {
		let unpaid = Unpaid::<T>::get(who);
		let due = unpaid.ensure_add(reward)?;
		if due == 0 {
			return Ok(());
		}
		match T::Currency::mint_into(who, due) {
			Ok(_) => Self::release(who, unpaid),
			Err(_) => Self::keep(who, unpaid, reward),
		}
	}

	/// Strikes off the `unpaid` rewards of `who`, which have been minted.
	fn release(who: &T::AccountId, unpaid: Balance) -> Result<(), ArithmeticError> {
		if unpaid > 0 {
			TotalUnpaid::<T>::put(TotalUnpaid::<T>::get().ensure_sub(unpaid)?);
			Unpaid::<T>::remove(who);
			Self::deposit_event(Event::Released { who: who.clone(), amount: unpaid });
		}
		Ok(())
	}

	/// Adds `reward` to the `unpaid` rewards of `who`.
	fn keep(who: &T::AccountId, unpaid: Balance, reward: Balance) -> Result<(), ArithmeticError> {
		if reward > 0 {
			TotalUnpaid::<T>::put(TotalUnpaid::<T>::get().ensure_add(reward)?);
			Unpaid::<T>::insert(who, unpaid.ensure_add(reward)?);
		}
		Ok(())
	}

	fn announce_epoch(before: Credits, after: Credits) {
		let epoch = emission::epoch(after);
		if epoch != emission::epoch(before) {
			Self::deposit_event(Event::EpochStarted { epoch });
		}
	}
}
