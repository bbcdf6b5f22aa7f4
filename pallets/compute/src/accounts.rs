//! API balances, and every movement of CRED.

use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Zero},
	storage::with_storage_layer,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use lx_primitives::{traits::Calendar, Credits, Line, Moment, RelayId};
use sp_runtime::traits::{AccountIdConversion, EnsureAdd, EnsureAddAssign};

use crate::{Accounts, ApiAccount, AuthorisedRelays, Config, Error, Event, Owed, Pallet, Relays};

impl<T: Config> Pallet<T> {
	/// The account that holds all CRED of the pallet.
	pub fn account_id() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	pub(crate) fn do_top_up(who: T::AccountId, amount: Credits) -> DispatchResult {
		ensure!(
			amount >= T::Assets::minimum_balance(T::CredAsset::get()),
			Error::<T>::BelowMinimum
		);
		let mut account = Accounts::<T>::get(&who).unwrap_or_else(|| {
			// Before the transfer: it may take the wallet's last CRED, and the system account must
			// not be reaped, or its nonce would start again.
			frame_system::Pallet::<T>::inc_sufficients(&who);
			ApiAccount::default()
		});
		account.free.ensure_add_assign(amount)?;
		Self::transfer(&who, &Self::account_id(), amount)?;
		Accounts::<T>::insert(&who, account);
		Self::deposit_event(Event::ToppedUp { who, amount });
		Ok(())
	}

	pub(crate) fn do_thaw(who: T::AccountId, amount: Credits) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let thaw_at = T::Calendar::now().ensure_add(T::ThawDelay::get())?;
		Self::mutate(&who, |account| {
			account.free =
				account.free.checked_sub(amount).ok_or(Error::<T>::InsufficientBalance)?;
			account.thawing.ensure_add_assign(amount)?;
			account.thaw_at = thaw_at;
			Ok(())
		})?;
		Self::deposit_event(Event::Thawing { who, amount, thaw_at });
		Ok(())
	}

	pub(crate) fn do_cancel_thaw(who: T::AccountId) -> DispatchResult {
		let mut amount = 0;
		Self::mutate(&who, |account| {
			amount = Self::take_thawing(account)?;
			account.free.ensure_add_assign(amount)?;
			Ok(())
		})?;
		Self::deposit_event(Event::ThawCancelled { who, amount });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: T::AccountId) -> DispatchResult {
		let mut account = Accounts::<T>::get(&who).ok_or(Error::<T>::NoAccount)?;
		let amount = Self::take_thawing(&mut account)?;
		ensure!(T::Calendar::now() >= account.thaw_at, Error::<T>::StillThawing);
		Self::transfer(&Self::account_id(), &who, amount)?;
		if account.is_closed() {
			Accounts::<T>::remove(&who);
			frame_system::Pallet::<T>::dec_sufficients(&who);
		} else {
			Accounts::<T>::insert(&who, account);
		}
		Self::deposit_event(Event::Withdrawn { who, amount });
		Ok(())
	}

	pub(crate) fn do_authorise(
		who: T::AccountId,
		relays: AuthorisedRelays,
		daily_limit: Credits,
	) -> DispatchResult {
		// An id that is not given yet would be an authorisation of a stranger.
		ensure!(relays.iter().all(Relays::<T>::contains_key), Error::<T>::UnknownRelay);
		let (now, delay) = (T::Calendar::now(), T::ThawDelay::get());
		Self::mutate(&who, |account| {
			account.name_relays(&relays, now, delay).map_err(|_| Error::<T>::TooManyAuthorised)?;
			account.set_daily_limit(daily_limit, now, delay);
			Ok(())
		})?;
		Self::deposit_event(Event::Authorised { who, relays, daily_limit });
		Ok(())
	}

	pub(crate) fn do_revoke_keys(who: T::AccountId) -> DispatchResult {
		let (now, delay) = (T::Calendar::now(), T::ThawDelay::get());
		let mut key_epoch = 0;
		Self::mutate(&who, |account| {
			account.key_epoch.ensure_add_assign(1)?;
			account.name_relays(&[], now, delay).map_err(|_| Error::<T>::TooManyAuthorised)?;
			key_epoch = account.key_epoch;
			Ok(())
		})?;
		Self::deposit_event(Event::KeysRevoked { who, key_epoch });
		Ok(())
	}

	pub(crate) fn do_claim(who: T::AccountId) -> DispatchResult {
		let amount = Owed::<T>::take(&who);
		ensure!(!amount.is_zero(), Error::<T>::NothingOwed);
		Self::transfer(&Self::account_id(), &who, amount)?;
		Self::deposit_event(Event::Claimed { who, amount });
		Ok(())
	}

	/// The account of `line` after `relay` has charged it, `now` and on the day `today`. Free
	/// balance is taken first.
	pub(crate) fn charged(
		relay: RelayId,
		line: &Line<T::AccountId>,
		now: Moment,
		today: u32,
	) -> Result<ApiAccount, Error<T>> {
		let mut account = Accounts::<T>::get(&line.account).ok_or(Error::<T>::NoAccount)?;
		ensure!(account.may_charge(relay, now), Error::<T>::RelayNotAuthorised);
		let charge = line.total.charge;
		let from_free = charge.min(account.free);
		let from_thawing = charge.saturating_sub(from_free);
		account.free = account.free.saturating_sub(from_free);
		account.thawing =
			account.thawing.checked_sub(from_thawing).ok_or(Error::<T>::Overcharge)?;
		account.pending = account.pending.checked_add(charge).ok_or(Error::<T>::Overcharge)?;
		if today > account.spent_day {
			account.spent_day = today;
			account.spent_today = 0;
		}
		// Saturates only beyond every balance that can exist.
		account.spent_today = account.spent_today.saturating_add(charge);
		ensure!(account.spent_today <= account.limit_at(now), Error::<T>::DailyLimitExceeded);
		Ok(account)
	}

	/// Pays `who` this `amount` and what is still owed to them. What cannot be paid stays owed.
	pub(crate) fn pay(who: &T::AccountId, amount: Credits) {
		let earlier = Owed::<T>::get(who);
		let due = earlier.saturating_add(amount);
		if due.is_zero() {
			return;
		}
		if with_storage_layer(|| Self::transfer(&Self::account_id(), who, due)).is_ok() {
			if !earlier.is_zero() {
				Owed::<T>::remove(who);
			}
		} else {
			Owed::<T>::insert(who, due);
			Self::deposit_event(Event::PaymentDeferred { who: who.clone(), owed: due });
		}
	}

	/// Takes a bond from `operator`, whose wallet stays alive.
	pub(crate) fn take_bond(operator: &T::AccountId, bond: Credits) -> DispatchResult {
		if bond.is_zero() {
			return Ok(());
		}
		let (asset, to) = (T::CredAsset::get(), Self::account_id());
		T::Assets::transfer(asset, operator, &to, bond, Preservation::Preserve).map(drop)
	}

	/// Moves CRED: all that `from` has, or so much that the asset's minimum stays. Anything between
	/// would burn the rest as dust.
	fn transfer(from: &T::AccountId, to: &T::AccountId, amount: Credits) -> DispatchResult {
		let asset = T::CredAsset::get();
		let preservation = if T::Assets::balance(asset, from) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Assets::transfer(asset, from, to, amount, preservation).map(drop)
	}

	fn take_thawing(account: &mut ApiAccount) -> Result<Credits, Error<T>> {
		ensure!(!account.thawing.is_zero(), Error::<T>::NothingThawing);
		Ok(core::mem::take(&mut account.thawing))
	}

	fn mutate(
		who: &T::AccountId,
		change: impl FnOnce(&mut ApiAccount) -> DispatchResult,
	) -> DispatchResult {
		Accounts::<T>::try_mutate(who, |account| {
			change(account.as_mut().ok_or(Error::<T>::NoAccount)?)
		})
	}
}
